"""The journey test: a post on a platform, the real daemon, an agent in a real browser, a reply on the platform.

The oracle is the platform's own log: one reply, with the right text, under the right post.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from frankly.rehearsal.servers import RehearsalServers
from store.records import OutboxState, Platform, Role
from tests.browser import PATIENCE_MS
from tests.journey.process import add_agent, configure, frankly, reading, running, wait_until

COMPLAINT = "@BriskBroadband your router caught fire last night and nobody at support answers. Third time I write!"
ANSWER = "That must have been frightening, and we are sorry. A colleague is calling you today. ^RA"


@pytest.mark.browser
def test_a_complaint_is_answered_once_by_somebody_who_read_it(
    tmp_path: Path, servers: RehearsalServers, browser: Browser
) -> None:
    port = configure(tmp_path, servers)
    bystander = servers.world.add_post(Platform.X, "bystander", "@BriskBroadband what are your opening hours?")
    post = servers.world.add_post(Platform.X, "singed_sam", COMPLAINT)
    with running(tmp_path, port, servers.credentials()) as daemon:
        link = add_agent(tmp_path, "robin", "RA", Role.AGENT)
        context = browser.new_context()
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(link)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("singed_sam").first.click()  # it appears by itself when it was heard
        expect(page.get_by_text("router caught fire")).to_be_visible()
        expect(page.get_by_text("danger or law").first).to_be_visible()
        page.get_by_role("button", name="Claim", exact=True).click()
        page.get_by_label("The words of the answer").fill(ANSWER)
        page.get_by_role("button", name="Approve").click()
        servers.x.wait_for("POST", "/2/tweets", timeout=30)
        expect(page.get_by_text("sent", exact=True).first).to_be_visible()
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(20) == 0
        context.close()
    replies = servers.x.replies()
    assert [(reply.text, reply.parent) for reply in replies if reply.parent == post.id] == [(ANSWER, post.id)]
    assert [entry.status for entry in servers.x.log if entry.method == "POST" and entry.path == "/2/tweets"] == [201]
    assert not [reply for reply in replies if reply.parent == bystander.id]
    with reading(tmp_path) as store:
        mention = store.mentions.find(post.id)
        assert mention is not None
        case = store.cases.of_mention(mention.id)
        assert case is not None
        assert case.first_response_at is not None
    assert COMPLAINT[:20] not in (tmp_path / "daemon.log").read_text()
    story = frankly(tmp_path, "explain", post.id)
    assert "danger or law" in story.stdout
    assert "an answer stands on its platform" in story.stdout


THANKS_RULES = """
[[rules]]
name = "thanks, sure or not"
when = { words = ["thank you"], unsure = UNSURE }
action = "auto_reply"
template = "thanks"
queue = "care"
"""


def test_a_dry_run_goes_the_whole_way_and_sends_nothing(tmp_path: Path, servers: RehearsalServers) -> None:
    """Promise 5, told by the platform's own log."""
    port = configure(tmp_path, servers, sending="dry_run")
    both = THANKS_RULES.replace("UNSURE", "true") + THANKS_RULES.replace("or not", "now").replace("UNSURE", "false")
    (tmp_path / "routes.toml").write_text(both)
    servers.world.add_post(Platform.X, "grateful_greta", "@BriskBroadband thank you, Marek was brilliant!")
    with running(tmp_path, port, servers.credentials()), reading(tmp_path) as store:
        wait_until(lambda: store.overview.outbox()["sent"] == 1, "the answer has gone as far as a dry run goes")
        (message,) = store.outbox.in_state(OutboxState.SENT)
    assert message.dry_run
    assert message.external_id is None
    assert [entry for entry in servers.x.log if entry.method == "POST"] == []


def test_reddit_comments_become_cases_too(tmp_path: Path, servers: RehearsalServers) -> None:
    port = configure(tmp_path, servers)
    thread = servers.world.add_post(Platform.REDDIT, "local", "What a week", title="Any news?", subreddit="Harrowdale")
    comment = servers.world.add_post(
        Platform.REDDIT, "burnt_bo", "Brisk Broadband sent me a router that caught fire.", reply_to=thread.id
    )
    with running(tmp_path, port, servers.credentials()), reading(tmp_path) as store:
        wait_until(lambda: store.mentions.find(comment.id) is not None, "the comment is heard")
        mention = store.mentions.find(comment.id)
        assert mention is not None
        wait_until(lambda: store.cases.of_mention(mention.id) is not None, "a case is open")
        case = store.cases.of_mention(mention.id)
    assert case is not None
    assert case.queue == "urgent care"
