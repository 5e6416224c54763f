"""The client of Reddit when something is in the way: waits, limits, keys, the network."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from config.credentials import load_credentials
from config.errors import (
    CredentialsRefused,
    PlatformError,
    PlatformUnavailable,
    RateLimited,
)
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from listener.platforms.clients import open_client
from listener.platforms.reddit import RedditClient
from store.records import Platform
from tests.conftest import FrozenClock
from tests.listener.conftest import MakeSettings
from tests.listener.on_reddit import COMMENTS, SUBREDDITS, posts_to, submission


@pytest.mark.parametrize(
    ("kind", "asked", "seconds"),
    [
        (FaultKind.RATELIMIT_SECONDS, 2, 3),
        (FaultKind.RATELIMIT_SECONDS, 9, 10),
        (FaultKind.RATELIMIT_MINUTES, 180, 181),
    ],
)
def test_patience_between_replies_is_not_slept_through(
    servers: RehearsalServers,
    reddit_client: RedditClient,
    clock: FrozenClock,
    kind: FaultKind,
    asked: float,
    seconds: float,
) -> None:
    target = submission(servers)
    servers.reddit.faults.add(kind, "POST", "/api/comment", seconds=asked, times=3)
    with pytest.raises(RateLimited) as limited:
        reddit_client.reply(target, "On it. ^KB")
    assert limited.value.retry_at == clock.now() + timedelta(seconds=seconds)
    assert posts_to(servers) == 1


def test_a_used_up_window_is_not_even_asked(
    servers: RehearsalServers, reddit_client: RedditClient, clock: FrozenClock
) -> None:
    servers.reddit.faults.add(FaultKind.RATE_LIMITED, "GET", COMMENTS, seconds=300)
    for _ in range(3):
        with pytest.raises(RateLimited) as limited:
            reddit_client.comments(SUBREDDITS)
        assert limited.value.retry_at == clock.now() + timedelta(seconds=300)
    assert len([entry for entry in servers.reddit.log if entry.path.startswith(COMMENTS)]) == 1
    clock.advance(seconds=301)
    assert reddit_client.comments(SUBREDDITS).posts == ()


def test_a_rate_limit_without_a_time_waits_a_minute(
    servers: RehearsalServers, reddit_client: RedditClient, clock: FrozenClock
) -> None:
    servers.reddit.faults.add(FaultKind.RATE_LIMITED_WITHOUT_RESET, "GET", COMMENTS)
    servers.reddit_app.rate_headers = {}
    with pytest.raises(RateLimited) as limited:
        reddit_client.comments(SUBREDDITS)
    assert limited.value.retry_at == clock.now() + timedelta(seconds=60)


@pytest.mark.parametrize("used", ["59.5", "", "many"])
def test_limit_headers_that_praw_cannot_read_do_no_harm(
    servers: RehearsalServers, reddit_client: RedditClient, used: str
) -> None:
    submission(servers)
    servers.reddit_app.rate_headers = {
        "x-ratelimit-remaining": "599.0",
        "x-ratelimit-used": used,
        "x-ratelimit-reset": used,
    }
    assert len(reddit_client.new(SUBREDDITS).posts) == 1


@pytest.mark.parametrize("kind", [FaultKind.UNAUTHORIZED, FaultKind.UNAUTHORIZED_WITHOUT_HEADER])
def test_a_lapsed_token_is_renewed_for_a_read(
    servers: RehearsalServers, reddit_client: RedditClient, kind: FaultKind
) -> None:
    submission(servers)
    servers.reddit.faults.add(kind, "GET", "/r/Harrowdale/new")
    assert len(reddit_client.new(SUBREDDITS).posts) == 1


@pytest.mark.parametrize("kind", [FaultKind.UNAUTHORIZED, FaultKind.UNAUTHORIZED_WITHOUT_HEADER])
def test_keys_that_are_refused_say_so(servers: RehearsalServers, reddit_client: RedditClient, kind: FaultKind) -> None:
    servers.reddit.faults.add(kind, "GET", "/r/Harrowdale/new", times=9)
    with pytest.raises(CredentialsRefused):
        reddit_client.new(SUBREDDITS)


@pytest.mark.parametrize("kind", [FaultKind.UNAUTHORIZED, FaultKind.UNAUTHORIZED_WITHOUT_HEADER])
def test_a_lapsed_token_does_not_send_a_reply_again(
    servers: RehearsalServers, reddit_client: RedditClient, kind: FaultKind
) -> None:
    target = submission(servers)
    servers.reddit.faults.add(kind, "POST", "/api/comment")
    with pytest.raises(CredentialsRefused):
        reddit_client.reply(target, "On it. ^KB")
    assert posts_to(servers) == 1


@pytest.mark.parametrize("variable", ["FRANKLY_REDDIT_CLIENT_SECRET", "FRANKLY_REDDIT_REFRESH_TOKEN"])
def test_wrong_keys_are_named(
    servers: RehearsalServers, make_settings: MakeSettings, clock: FrozenClock, variable: str
) -> None:
    credentials = load_credentials({**servers.credentials(), variable: "wrong"})
    client = open_client(Platform.REDDIT, make_settings(), credentials, clock)
    with pytest.raises(CredentialsRefused) as refused:
        client.account()
    assert "rehearsal-" not in str(refused.value)


def test_a_token_call_that_fails_leaves_no_doubt_about_the_reply(
    servers: RehearsalServers, reddit_client: RedditClient
) -> None:
    target = submission(servers)
    servers.reddit.faults.add(FaultKind.STATUS, "POST", "/api/v1/access_token", status=500, times=9)
    with pytest.raises(PlatformUnavailable):
        reddit_client.reply(target, "On it. ^KB")
    assert posts_to(servers) == 0


def test_a_reply_that_never_left_is_not_uncertain(servers: RehearsalServers, reddit_client: RedditClient) -> None:
    target = submission(servers)
    reddit_client.account()
    servers.reddit.stop()
    with pytest.raises(PlatformUnavailable):
        reddit_client.reply(target, "On it. ^KB")


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        (FaultKind.STATUS, 400, "[]"),
        (FaultKind.STATUS, 400, '{"reason": "BAD", "fields": ["a", "b"]}'),
        (FaultKind.STATUS, 404, ""),
        (FaultKind.STATUS, 200, "[]"),
        (FaultKind.STATUS, 200, '{"data": {}}'),
        (FaultKind.STATUS, 200, ""),
        (FaultKind.STATUS, 418, ""),
        (FaultKind.NOT_JSON, 0, ""),
    ],
)
def test_whatever_else_goes_wrong_is_tried_again_later(
    servers: RehearsalServers, reddit_client: RedditClient, kind: FaultKind, status: int, body: str
) -> None:
    servers.reddit.faults.add(kind, "GET", "/r/Harrowdale/new", status=status, body=body, times=3)
    with pytest.raises(PlatformUnavailable):
        reddit_client.new(SUBREDDITS)


@pytest.fixture
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sleeps in this thread fails; the servers have threads of their own."""
    here, sleep = threading.get_ident(), time.sleep

    def refuse(seconds: float) -> None:
        assert threading.get_ident() != here, f"a library slept {seconds} s in the caller's thread"
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", refuse)


@pytest.mark.usefixtures("no_sleep")
@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.CUT_BODY, FaultKind.STATUS, FaultKind.RATE_LIMITED])
def test_a_read_is_sent_once_and_no_library_waits(
    servers: RehearsalServers, reddit_client: RedditClient, kind: FaultKind
) -> None:
    submission(servers)
    reddit_client.account()
    servers.reddit.clear_log()
    servers.reddit.faults.add(kind, "GET", "/r/Harrowdale/new", status=503, times=3, seconds=600)
    with pytest.raises(PlatformError):
        reddit_client.new(SUBREDDITS)
    assert len([entry for entry in servers.reddit.log if "/new" in entry.path]) == 1


@pytest.mark.usefixtures("no_sleep")
def test_a_token_that_ran_out_is_renewed_at_once(servers: RehearsalServers, reddit_client: RedditClient) -> None:
    submission(servers)
    reddit_client.account()
    servers.reddit.faults.add(FaultKind.UNAUTHORIZED, "GET", "/r/Harrowdale/new")
    assert len(reddit_client.new(SUBREDDITS).posts) == 1
