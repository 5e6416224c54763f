"""The real praw against the simulated Reddit: what comes back, what every fault becomes, and one POST, never three."""

from __future__ import annotations

from datetime import timedelta

import praw
import pytest
from prawcore.exceptions import ServerError
from prawcore.sessions import FiniteRetryStrategy

from config.credentials import Credentials, load_credentials
from config.errors import (
    PlatformError,
    PostRefused,
    PostUncertain,
)
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.wire import Answer, Request
from listener.platforms.clients import open_client
from listener.platforms.reddit import RedditClient
from store.records import Platform
from tests.conftest import FrozenClock
from tests.listener.conftest import FATE_UNKNOWN, MakeSettings
from tests.listener.on_reddit import SUBREDDITS, comment, posts_to, submission


@pytest.fixture
def hasty(
    make_settings: MakeSettings, credentials: Credentials, clock: FrozenClock, servers: RehearsalServers
) -> RedditClient:
    """A client that waits only a moment for an answer."""
    settings = make_settings(reddit={"timeout": timedelta(seconds=0.3)})
    client = open_client(Platform.REDDIT, settings, credentials, clock)
    assert isinstance(client, RedditClient)
    return client


def test_it_knows_whose_keys_it_has(reddit_client: RedditClient) -> None:
    assert reddit_client.account().handle == "BriskBB_Care"


def test_it_says_who_it_is(servers: RehearsalServers, reddit_client: RedditClient) -> None:
    agents: list[str] = []
    handle = servers.reddit_app.handle

    def listening(request: Request) -> Answer:
        agents.append(request.headers["user-agent"])
        return handle(request)

    setattr(servers.reddit_app, "handle", listening)  # noqa: B010 the server's log keeps no headers
    reddit_client.account()
    assert len(agents) == 2  # the token and the account
    assert all(agent.startswith("linux:frankly:") for agent in agents)
    assert all("(by /u/BriskBB_Care)" in agent for agent in agents)


def test_a_comment_is_read_with_its_thread(
    servers: RehearsalServers, reddit_client: RedditClient, clock: FrozenClock
) -> None:
    thread = submission(servers)
    identifier = comment(servers, thread, "u/BriskBB_Care anyone awake?")
    [post] = reddit_client.comments(SUBREDDITS).posts
    assert (post.external_id, post.conversation_id, post.in_reply_to) == (identifier, thread, thread)
    assert (post.author.handle, post.community) == ("maria_h", "Harrowdale")
    assert post.summoned
    assert post.posted_at == clock.now()
    assert post.url.startswith("https://www.reddit.com/r/Harrowdale/comments/")


def test_a_submission_is_its_title_and_its_text(servers: RehearsalServers, reddit_client: RedditClient) -> None:
    identifier = submission(servers)
    [post] = reddit_client.new(SUBREDDITS).posts
    assert (post.external_id, post.conversation_id) == (identifier, identifier)
    assert post.text == "Brisk Broadband is down\n\nAnyone else?"


def test_a_locked_post_and_an_edited_one_say_so(
    servers: RehearsalServers, reddit_client: RedditClient, clock: FrozenClock
) -> None:
    locked = submission(servers)
    servers.world.lock_thread(locked)
    clock.advance(minutes=3)
    servers.world.edit_post(locked, "Anyone else? Edit: back again")
    post = reddit_client.look([locked])[locked]
    assert post.reply_settings == "locked"
    assert post.edited_at == clock.now()
    assert post.text.endswith("back again")


@pytest.mark.parametrize("by_moderator", [True, False])
def test_a_deleted_or_removed_post_is_absent(
    servers: RehearsalServers, reddit_client: RedditClient, by_moderator: bool
) -> None:
    thread, kept = submission(servers, "gone"), submission(servers)
    lost = comment(servers, kept)
    for identifier in (thread, lost):
        servers.world.delete_post(identifier, by_moderator=by_moderator)
    assert set(reddit_client.look([thread, kept, lost])) == {kept}
    page = reddit_client.new(SUBREDDITS)
    assert [post.external_id for post in page.posts] == [kept]
    assert page.skipped == 0


def test_a_listing_goes_on_where_it_stopped(servers: RehearsalServers, reddit_client: RedditClient) -> None:
    thread = submission(servers)
    written = [comment(servers, thread, f"Brisk {number}") for number in range(150)]
    first = reddit_client.comments(SUBREDDITS)
    second = reddit_client.comments(SUBREDDITS, first.next)
    assert len(first.posts) == 100
    assert second.next is None
    assert {post.external_id for post in (*first.posts, *second.posts)} == set(written)


def test_search_finds_submissions_and_the_inbox_finds_our_name(
    servers: RehearsalServers, reddit_client: RedditClient
) -> None:
    thread = submission(servers)
    named = comment(servers, thread, "hey u/BriskBB_Care, look at this")
    assert [post.external_id for post in reddit_client.search('"Brisk Broadband"').posts] == [thread]
    [mention] = reddit_client.inbox_mentions().posts
    assert (mention.external_id, mention.conversation_id) == (named, thread)


def test_a_reply_stands_under_the_post_it_answers(servers: RehearsalServers, reddit_client: RedditClient) -> None:
    thread = submission(servers)
    target = comment(servers, thread)
    identifiers = [reddit_client.reply(target, "On it. ^KB"), reddit_client.reply(thread, "We are on it. ^KB")]
    replies = servers.reddit.replies()
    assert [reply.id for reply in replies] == identifiers
    assert [reply.parent for reply in replies] == [target, thread]
    assert posts_to(servers) == 2


def test_our_own_posts_are_read_back(
    servers: RehearsalServers, reddit_client: RedditClient, clock: FrozenClock
) -> None:
    target = comment(servers, submission(servers))
    reply_id = reddit_client.reply(target, "On it. ^KB")
    by_hand = servers.world.answer(Platform.REDDIT, target, "Sorted, Maria?").id
    newer, older = reddit_client.own_posts(clock.now() - timedelta(minutes=1)).posts
    assert (older.external_id, older.in_reply_to, older.text) == (reply_id, target, "On it. ^KB")
    assert (newer.external_id, newer.in_reply_to, newer.author.handle) == (by_hand, target, "BriskBB_Care")
    assert reddit_client.own_posts(clock.now() + timedelta(minutes=1)).posts == ()


def test_our_own_posts_are_those_of_the_keys_whatever_name_was_set(
    servers: RehearsalServers, make_settings: MakeSettings, clock: FrozenClock
) -> None:
    credentials = load_credentials({**servers.credentials(), "FRANKLY_REDDIT_USERNAME": "old_router"})
    client = open_client(Platform.REDDIT, make_settings(), credentials, clock)
    target = comment(servers, submission(servers), by="old_router")
    reply_id = client.reply(target, "On it. ^KB")
    assert [post.external_id for post in client.own_posts(clock.now() - timedelta(minutes=1)).posts] == [reply_id]


@pytest.mark.parametrize(("kind", "status"), [*FATE_UNKNOWN, (FaultKind.EMPTY_THINGS, 0)])
def test_a_reply_whose_fate_is_unknown_is_uncertain_and_was_sent_once(
    servers: RehearsalServers, hasty: RedditClient, kind: FaultKind, status: int
) -> None:
    target = submission(servers)
    servers.reddit.faults.add(kind, "POST", "/api/comment", status=status, seconds=0.8, times=5)
    with pytest.raises(PostUncertain):
        hasty.reply(target, "On it. ^KB")
    assert posts_to(servers) == 1


def test_promise_4_praw_by_itself_sends_a_reply_three_times_and_ours_once(
    servers: RehearsalServers, reddit_client: RedditClient, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why ``reddit_transport`` is there: once praw sends only once by itself, it may go."""
    monkeypatch.setattr(FiniteRetryStrategy, "sleep", lambda _: None)
    keys, url = credentials.reddit, servers.reddit_url
    assert keys is not None
    plain = praw.Reddit(
        client_id=keys.client_id.get_secret_value(),
        client_secret=keys.client_secret.get_secret_value(),
        refresh_token=keys.refresh_token.get_secret_value(),
        user_agent="linux:frankly-test:0 (by /u/BriskBB_Care)",
        oauth_url=url,
        reddit_url=url,
        check_for_updates=False,
        check_for_async=False,
    )
    target = submission(servers)
    servers.reddit.faults.add(FaultKind.STATUS, "POST", "/api/comment", status=503, times=9)
    with pytest.raises(ServerError):
        plain.submission(target.removeprefix("t3_")).reply("On it. ^KB")
    assert posts_to(servers) == 3
    with pytest.raises(PostUncertain):
        reddit_client.reply(target, "On it. ^KB")
    assert posts_to(servers) == 4


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{}",
        "3",
        "null",
        '{"json": []}',
        '{"json": {"errors": [], "data": {"things": [{}]}}}',
        '{"json": {"errors": [], "data": {"things": {"0": 1}}}}',
        '{"json": {"errors": [], "data": {"things": [{"data": {"id": ["x"]}}]}}}',
    ],
)
def test_any_shape_of_acceptance_without_an_id_is_uncertain(
    servers: RehearsalServers, reddit_client: RedditClient, body: str
) -> None:
    target = submission(servers)
    servers.reddit.faults.add(FaultKind.STATUS, "POST", "/api/comment", status=200, body=body, times=3)
    with pytest.raises(PostUncertain):
        reddit_client.reply(target, "On it. ^KB")
    assert posts_to(servers) == 1


@pytest.mark.parametrize(
    ("kind", "words"), [(FaultKind.LOCKED, "THREAD_LOCKED"), (FaultKind.DELETED, "DELETED_COMMENT")]
)
def test_a_refused_reply_carries_the_words_of_reddit(
    servers: RehearsalServers, reddit_client: RedditClient, kind: FaultKind, words: str
) -> None:
    target = submission(servers)
    servers.reddit.faults.add(kind, "POST", "/api/comment")
    with pytest.raises(PostRefused) as refused:
        reddit_client.reply(target, "On it. ^KB")
    assert words in refused.value.detail
    assert posts_to(servers) == 1


@pytest.mark.parametrize("body", ["", "[]", '{"reason": "BAD", "fields": ["a", "b"]}', '{"fields": []}', "<html>"])
@pytest.mark.parametrize("status", [400, 403, 404, 302, 307, 413])
def test_any_shape_of_a_refusal_is_a_refusal(
    servers: RehearsalServers, reddit_client: RedditClient, body: str, status: int
) -> None:
    target = submission(servers)
    servers.reddit.faults.add(
        FaultKind.STATUS, "POST", "/api/comment", status=status, body=body, headers={"Location": "/api/comment"}
    )
    with pytest.raises(PostRefused):
        reddit_client.reply(target, "On it. ^KB")
    assert posts_to(servers) == 1


def test_no_error_tells_a_secret_or_a_text(servers: RehearsalServers, reddit_client: RedditClient) -> None:
    target = submission(servers)
    for kind in (FaultKind.DROP, FaultKind.LOCKED, FaultKind.UNAUTHORIZED, FaultKind.NOT_JSON):
        servers.reddit.faults.add(kind, "POST", "/api/comment")
        with pytest.raises(PlatformError) as raised:
            reddit_client.reply(target, "my very own words")
        assert "rehearsal-" not in str(raised.value)
        assert "my very own words" not in str(raised.value)
