"""Promise 4: a public reply is sent at most once, told by the platform's own log after a real kill."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.clock import SystemClock
from config.credentials import load_credentials
from config.errors import StoreError
from config.loading import load_settings
from frankly import pipeline
from frankly.app import App
from frankly.rehearsal.servers import RehearsalServers
from listener.spending import Spending
from responders.channels.platform import PlatformChannel
from responders.outbox import Sender
from store.records import OutboxMessage, OutboxState, Platform, Role
from tests.journey.process import configure, reading, running, wait_until
from tests.promises.whole import POST_PATHS, TO_PEOPLE, Whole

TEXT = "We are on it. ^AB"


def approve(folder: Path, post_id: str) -> int:
    """Do at the desk what an agent does, in this process, beside the daemon; returns the message's id."""
    settings = load_settings(folder / "frankly.toml", {})
    with reading(folder) as store:
        app = App(settings, load_credentials({}), store)
        mention = store.mentions.find(post_id)
        assert mention is not None
        case = store.cases.of_mention(mention.id)
        assert case is not None
        agent = store.agents.add("ana", "Ana Bell", "AB", Role.AGENT, None, SystemClock().now())
        draft = app.answering.draft(case.id, f"agent:{agent.id}")
        return app.answering.approve(app.answering.edit(draft.id, agent, TEXT).id, agent).id


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("platform", list(Platform))
def test_promise_4_a_daemon_killed_while_a_reply_is_on_its_way_never_sends_it_again(
    tmp_path: Path, servers: RehearsalServers, platform: Platform, arrived: bool
) -> None:
    port = configure(tmp_path, servers)
    (tmp_path / "routes.toml").write_text(TO_PEOPLE)
    extra = {**servers.credentials(), "FRANKLY_ANSWERS__SETTLE_AFTER": "1s"}
    server = servers.x if platform is Platform.X else servers.reddit
    thread = servers.world.add_post(Platform.REDDIT, "local", "x", title="A week", subreddit="Harrowdale").id
    with running(tmp_path, port, extra) as daemon, reading(tmp_path) as store:
        wait_until(lambda: len([one for one in store.sources.all() if one.last_ok_at]) == 2, "both sources are read")
        place = {} if platform is Platform.X else {"reply_to": thread}
        text = "@BriskBroadband u/BriskBB_Care Brisk Broadband is down"
        post = servers.world.add_post(platform, "cora", text, **place)
        wait_until(lambda: store.mentions.find(post.id) is not None, "the post is heard")
        mention = store.mentions.find(post.id)
        assert mention is not None
        wait_until(lambda: store.cases.of_mention(mention.id) is not None, "a case is open")
        # Either the reply stands and the answer is slow, or the request is lost after it left.
        server.faults.add("slow" if arrived else "drop", "POST", POST_PATHS[platform], seconds=60)
        message_id = approve(tmp_path, post.id)
        server.wait_for("POST", POST_PATHS[platform], timeout=30)
        daemon.kill()
        daemon.wait()
        left = store.outbox.get(message_id).state
        assert left in (OutboxState.SENDING, OutboxState.UNCERTAIN)
        assert left is OutboxState.SENDING or not arrived
    with running(tmp_path, port, extra), reading(tmp_path) as store:
        ends = OutboxState.SENT if arrived else OutboxState.PARKED
        wait_until(lambda: store.outbox.get(message_id).state is ends, f"the answer is {ends}")
        message = store.outbox.get(message_id)
        told = [event.kind for event in store.events.of_case(message.case_id) if event.outbox_id == message_id]
    posts = [one for one in server.log if one.method == "POST" and one.path.startswith(POST_PATHS[platform])]
    assert len(posts) == 1
    standing = [(reply.id, reply.parent, reply.text) for reply in server.replies()]
    assert standing == ([(message.external_id, post.id, TEXT)] if arrived else [])
    assert told.index("outbox.sending") < told.index("outbox.uncertain") < told.index(f"outbox.{ends}")


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_4_a_result_that_could_not_be_written_down_is_looked_for_without_a_restart(
    whole: Whole, platform: Platform
) -> None:
    """The store cannot be written at the moment in which the platform accepts the reply."""
    post = whole.complain(platform)
    whole.clock.advance(minutes=1)
    whole.hear()
    message = whole.answer(post, whole.agent())
    database = whole.store.database

    class Guard(PlatformChannel):
        def send(self, message: OutboxMessage) -> str:
            """Send, and find the store unwritable right after."""
            external_id = super().send(message)
            database.execute("PRAGMA query_only = ON")
            return external_id

    app = whole.app
    spending = Spending(app.store, app.settings, app.clock)
    channels = {name: Guard(client, spending) for name, client in app.clients().items()}
    sender = Sender(app.store, app.settings, app.clock, channels)
    with pytest.raises(StoreError):
        pipeline.send(sender)
    database.execute("PRAGMA query_only = OFF")
    assert whole.store.outbox.get(message.id).state is OutboxState.SENDING
    for _ in range(2):
        pipeline.send(sender)
        whole.clock.advance(minutes=2)
    [(external_id, parent, _)] = whole.replies(platform)
    sent = whole.store.outbox.get(message.id)
    assert (sent.state, sent.external_id, parent) == (OutboxState.SENT, external_id, post.id)
    assert len(whole.posted(platform)) == 1
