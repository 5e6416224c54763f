"""Misbehaviour on command, and what the real clients make of it."""

from __future__ import annotations

import threading

import praw
import prawcore
import pytest
import requests
import tweepy
from praw.exceptions import RedditAPIException

from frankly.rehearsal.faults import FaultKind, FaultQueue
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import Post, World
from frankly.rehearsal.x_errors import DELETED_TARGET, DUPLICATE, NOT_ALLOWED_HERE, NOT_SUMMONED
from store.records import Platform


@pytest.fixture
def call(world: World) -> Post:
    return world.add_post(Platform.X, "ann", "@BriskBroadband help")


@pytest.fixture
def comment(world: World) -> Post:
    root = world.add_post(Platform.REDDIT, "bob", "text", title="Brisk?", subreddit="Harrowdale")
    return world.add_post(Platform.REDDIT, "eve", "help", reply_to=root.id)


def test_a_fault_strikes_the_requests_it_fits_and_no_more() -> None:
    queue = FaultQueue()
    queue.add("slow", "POST", "/2/tweets", times=2)
    assert queue.take("GET", "/2/tweets") is None
    assert queue.take("POST", "/2/users") is None
    assert [queue.take("POST", "/2/tweets/1") is None for _ in range(3)] == [False, False, True]


def test_faults_wait_in_line_and_can_be_forgotten() -> None:
    queue = FaultQueue()
    queue.add(FaultKind.DROP)
    queue.add(FaultKind.NOT_JSON)
    first = queue.take("GET", "/")
    assert first is not None
    assert first.kind is FaultKind.DROP
    queue.clear()
    assert queue.waiting() == []


def test_a_fault_that_the_platform_does_not_have_is_an_error(servers: RehearsalServers) -> None:
    with pytest.raises(ValueError, match="gremlins"):
        servers.x.faults.add("gremlins")
    with pytest.raises(ValueError, match="no fault 'empty_things'"):
        servers.x.faults.add("empty_things")
    with pytest.raises(ValueError, match="no fault 'not_summoned'"):
        servers.reddit.faults.add("not_summoned")


def test_a_reply_may_be_stored_though_no_answer_comes(servers: RehearsalServers, x: tweepy.Client, call: Post) -> None:
    servers.x.faults.add("drop_after_accept", "POST", "/2/tweets")
    with pytest.raises(requests.ConnectionError):
        x.create_tweet(text="Sorry", in_reply_to_tweet_id=call.id)
    assert [(reply.parent, reply.text) for reply in servers.x.replies()] == [(call.id, "Sorry")]
    entry = servers.x.log[-1]
    assert (entry.method, entry.path, entry.status, entry.fault) == ("POST", "/2/tweets", 0, "drop_after_accept")


def test_a_dropped_request_leaves_nothing(servers: RehearsalServers, x: tweepy.Client, call: Post) -> None:
    servers.x.faults.add("drop", "POST")
    with pytest.raises(requests.ConnectionError):
        x.create_tweet(text="Sorry", in_reply_to_tweet_id=call.id)
    assert servers.x.replies() == []


def test_a_reply_may_be_stored_though_x_answers_503(servers: RehearsalServers, x: tweepy.Client, call: Post) -> None:
    servers.x.faults.add("error_after_accept", "POST")
    with pytest.raises(tweepy.TwitterServerError):
        x.create_tweet(text="Sorry", in_reply_to_tweet_id=call.id)
    assert len(servers.x.replies()) == 1


def test_a_slow_answer_outlasts_the_clients_patience(servers: RehearsalServers, call: Post) -> None:
    servers.x.faults.add("slow", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{servers.x_url}/2/users/me", timeout=0.2)
    assert servers.x.log[-1].fault == "slow"


def test_stopping_waits_for_no_slow_answer(world: World) -> None:
    before = set(threading.enumerate())
    with RehearsalServers(world) as servers:
        servers.x.faults.add("slow", seconds=1_000_000)
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{servers.x_url}/2/users/me", timeout=0.2)
        theirs = set(threading.enumerate()) - before
    assert theirs
    for thread in theirs:
        thread.join(timeout=60)
    assert [thread.name for thread in theirs if thread.is_alive()] == []


def test_a_body_that_is_cut_short_is_noticed(servers: RehearsalServers, x: tweepy.Client) -> None:
    servers.x.faults.add("cut_body")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        x.get_me(user_auth=True)


def test_a_reply_may_be_stored_though_the_answer_makes_no_sense(
    servers: RehearsalServers, x: tweepy.Client, call: Post
) -> None:
    servers.x.faults.add("not_json", "POST")
    with pytest.raises(requests.JSONDecodeError):
        x.create_tweet(text="Sorry", in_reply_to_tweet_id=call.id)
    assert servers.x.log[-1].status == 201
    assert len(servers.x.replies()) == 1


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        ("duplicate", DUPLICATE),
        ("not_summoned", NOT_SUMMONED),
        ("locked", NOT_ALLOWED_HERE),
        ("deleted", DELETED_TARGET),
    ],
)
def test_x_can_be_told_to_refuse_a_reply(
    servers: RehearsalServers, x: tweepy.Client, call: Post, fault: str, detail: str
) -> None:
    servers.x.faults.add(fault, "POST")
    with pytest.raises(tweepy.Forbidden) as refused:
        x.create_tweet(text="Sorry", in_reply_to_tweet_id=call.id)
    assert refused.value.response.json()["detail"] == detail
    assert servers.x.replies() == []


def test_x_can_be_told_any_status_and_body(servers: RehearsalServers, x: tweepy.Client) -> None:
    servers.x.faults.add("status", status=402, body='{"title":"CreditsDepleted"}', headers={"x-a": "b"})
    with pytest.raises(tweepy.HTTPException) as refused:
        x.search_recent_tweets("brisk")
    answer = refused.value.response
    assert (answer.status_code, answer.json(), answer.headers["x-a"]) == (402, {"title": "CreditsDepleted"}, "b")


def test_x_can_be_told_to_reject_the_keys(servers: RehearsalServers, x: tweepy.Client) -> None:
    servers.x.faults.add("unauthorized")
    with pytest.raises(tweepy.Unauthorized):
        x.search_recent_tweets("brisk")


@pytest.mark.parametrize(("fault", "known"), [("rate_limited", True), ("rate_limited_without_reset", False)])
def test_x_can_ask_for_patience_with_and_without_a_time(
    servers: RehearsalServers, x: tweepy.Client, fault: str, known: bool
) -> None:
    servers.x.faults.add(fault, seconds=60)
    with pytest.raises(tweepy.TooManyRequests) as refused:
        x.search_recent_tweets("brisk")
    assert (refused.value.reset_time is not None) is known


def test_x_can_close_for_a_day_while_the_quarter_hour_is_free(servers: RehearsalServers, x: tweepy.Client) -> None:
    servers.x.faults.add("rate_limited_for_a_day", "POST")
    with pytest.raises(tweepy.TooManyRequests) as refused:
        x.create_tweet(text="hello")
    headers = refused.value.response.headers
    left = headers["x-rate-limit-remaining"], headers["x-user-limit-24hour-remaining"]
    assert left == ("97", "0")
    assert int(headers["x-user-limit-24hour-reset"]) - int(headers["x-rate-limit-reset"]) > 80_000


def test_x_can_call_a_cursor_stale(servers: RehearsalServers, x: tweepy.Client, call: Post) -> None:
    servers.x.faults.add("stale_since_id")
    with pytest.raises(tweepy.BadRequest, match="larger than"):
        x.search_recent_tweets("brisk", since_id=call.id)


def test_x_can_lose_one_of_several(servers: RehearsalServers, world: World, x: tweepy.Client, call: Post) -> None:
    other = world.add_post(Platform.X, "ben", "@BriskBroadband hello")
    servers.x.faults.add("partial_errors")
    answer = x.get_tweets([call.id, other.id])
    assert [str(post.id) for post in answer.data] == [call.id]
    assert answer.errors[0]["resource_id"] == other.id


def test_x_can_list_posts_late(servers: RehearsalServers, world: World, x: tweepy.Client) -> None:
    posts = [world.add_post(Platform.X, f"ann{number}", "@BriskBroadband help") for number in range(3)][::-1]
    servers.x.faults.add("late", "GET", "/2/users/")
    me = world.brands[Platform.X].external_id
    listed = [[str(post.id) for post in x.get_users_mentions(me).data] for _ in range(2)]
    assert listed == [[posts[1].id], [post.id for post in posts]]


def test_reddit_can_list_comments_late(
    servers: RehearsalServers, world: World, reddit: praw.Reddit, comment: Post
) -> None:
    second = world.add_post(Platform.REDDIT, "kim", "same here", reply_to=comment.id)
    servers.reddit.faults.add("late", "GET", "/r/")
    listed = [[one.fullname for one in reddit.subreddit("Harrowdale").comments()] for _ in range(2)]
    assert listed == [[comment.id], [second.id, comment.id]]


@pytest.mark.parametrize(("fault", "left"), [("deleted_meanwhile", []), ("edited_meanwhile", ["it works"])])
def test_a_post_can_change_right_after_it_was_looked_at(
    servers: RehearsalServers, x: tweepy.Client, call: Post, fault: str, left: list[str]
) -> None:
    servers.x.faults.add(fault, "GET", "/2/tweets", body="@BriskBroadband it works")
    assert [str(post.id) for post in x.get_tweets([call.id]).data] == [call.id]
    after = x.get_users_mentions(servers.world.brands[Platform.X].external_id).data or []
    assert [post.text.removeprefix("@BriskBroadband ") for post in after] == left


def test_a_comment_can_change_right_after_it_was_looked_at(
    servers: RehearsalServers, reddit: praw.Reddit, comment: Post
) -> None:
    servers.reddit.faults.add("edited_meanwhile", "GET", "/api/info", body="solved")
    looks = [next(iter(reddit.info(fullnames=[comment.id]))).body for _ in range(2)]
    assert looks == ["help", "solved"]


def test_prawcore_sends_a_dropped_reply_again(servers: RehearsalServers, reddit: praw.Reddit, comment: Post) -> None:
    """Why frankly has to forbid it: the log shows two replies for one call."""
    servers.reddit.faults.add("error_after_accept", "POST", "/api/comment")
    reddit.comment(comment.id[3:]).reply("Sorry")
    assert [entry.status for entry in servers.reddit.log if entry.path == "/api/comment/"] == [503, 200]
    assert len(servers.reddit.replies()) == 2


def test_reddit_can_store_a_reply_and_hide_it(servers: RehearsalServers, reddit: praw.Reddit, comment: Post) -> None:
    servers.reddit.faults.add("empty_things", "POST", "/api/comment")
    assert reddit.comment(comment.id[3:]).reply("Sorry") is None
    assert [reply.parent for reply in servers.reddit.replies()] == [comment.id]


@pytest.mark.parametrize(
    ("fault", "seconds", "kind", "words"),
    [
        ("ratelimit_seconds", 40, "RATELIMIT", "40 seconds"),
        ("ratelimit_minutes", 180, "RATELIMIT", "3 minutes"),
        ("locked", 0, "THREAD_LOCKED", "locked"),
        ("deleted", 0, "DELETED_COMMENT", "deleted"),
        ("too_old", 0, "TOO_OLD", "too late"),
    ],
)
def test_reddit_can_be_told_to_refuse_a_reply(
    servers: RehearsalServers, reddit: praw.Reddit, comment: Post, fault: str, seconds: float, kind: str, words: str
) -> None:
    servers.reddit.faults.add(fault, "POST", "/api/comment", seconds=seconds)
    with pytest.raises(RedditAPIException) as refused:
        reddit.comment(comment.id[3:]).reply("Sorry")
    assert refused.value.items[0].error_type == kind
    assert words in str(refused.value.items[0].message)
    assert servers.reddit.replies() == []


def test_reddit_can_be_told_to_reject_the_token_with_and_without_the_header(servers: RehearsalServers) -> None:
    for fault, has_header in (("unauthorized", True), ("unauthorized_without_header", False)):
        servers.reddit.faults.add(fault, "GET")
        answer = requests.get(f"{servers.reddit_url}/api/v1/me", headers={"User-Agent": "a:b:c"}, timeout=5)
        assert (answer.status_code, "www-authenticate" in answer.headers) == (401, has_header)


@pytest.mark.parametrize(("fault", "named"), [("rate_limited", True), ("rate_limited_without_reset", False)])
def test_reddit_can_ask_for_patience(servers: RehearsalServers, reddit: praw.Reddit, fault: str, named: bool) -> None:
    servers.reddit.faults.add(fault, "GET", seconds=1)
    with pytest.raises(prawcore.TooManyRequests) as refused:
        reddit.user.me()
    assert ("x-ratelimit-reset" in refused.value.response.headers) is named


def test_reddit_can_answer_what_is_not_json(servers: RehearsalServers, reddit: praw.Reddit) -> None:
    servers.reddit.faults.add("not_json", "GET")
    with pytest.raises(prawcore.exceptions.BadJSON):
        reddit.user.me()


def test_the_token_call_can_fail_as_well(servers: RehearsalServers, reddit: praw.Reddit) -> None:
    servers.reddit.faults.add("status", "POST", "/api/v1/access_token", status=500)
    with pytest.raises(prawcore.ResponseException, match="500"):
        reddit.user.me()
