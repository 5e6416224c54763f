"""The simulated Reddit, seen through the real praw."""

from __future__ import annotations

from datetime import timedelta

import praw
import prawcore
import pytest
import requests
from praw.exceptions import RedditAPIException

from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import Post, World
from store.records import Platform
from tests.rehearsal.conftest import SetClock, reddit_client

US = "BriskBB_Care"


def thread(world: World, title: str = "Brisk Broadband down again?", subreddit: str = "Harrowdale") -> Post:
    return world.add_post(Platform.REDDIT, "bob", "Is it just me?", title=title, subreddit=subreddit)


def comments(world: World, clock: SetClock, number: int) -> list[str]:
    """Add a thread with ``number`` comments a second apart; return their ids, the newest first."""
    root = world.add_post(
        Platform.REDDIT, "bob", "text", title="t", subreddit="Harrowdale", posted_at=clock.now() - timedelta(days=1)
    )
    return [
        world.add_post(
            Platform.REDDIT, "eve", f"comment {i}", reply_to=root.id, posted_at=clock.now() - timedelta(seconds=i)
        ).id
        for i in range(number)
    ]


def test_the_account_behind_the_keys_is_the_brands(reddit: praw.Reddit) -> None:
    assert reddit.user.me().name == US


def test_comments_of_several_communities_come_newest_first(world: World, clock: SetClock, reddit: praw.Reddit) -> None:
    here, there = thread(world), thread(world, subreddit="askHarrowdale")
    other = thread(world, subreddit="cooking")
    for root in (here, there, other):
        clock.move(seconds=1)
        world.add_post(Platform.REDDIT, "eve", f"in {root.subreddit}", reply_to=root.id)
    found = list(reddit.subreddit("Harrowdale+askHarrowdale").comments(limit=100))
    assert [comment.body for comment in found] == ["in askHarrowdale", "in Harrowdale"]
    assert found[0].author.name == "eve"
    assert found[0].link_id == found[0].parent_id == there.id
    assert found[0].submission.title == there.title
    assert found[0].created_utc == clock.now().timestamp() - 1
    assert found[0].edited is False


def test_new_posts_of_a_community(world: World, reddit: praw.Reddit) -> None:
    thread(world, "One")
    thread(world, "Two", "cooking")
    assert [post.title for post in reddit.subreddit("Harrowdale").new(limit=100)] == ["One"]


def test_paging_walks_a_listing_to_its_cap_of_a_thousand(world: World, clock: SetClock, reddit: praw.Reddit) -> None:
    ids = comments(world, clock, 1_010)
    read = [comment.fullname for comment in reddit.subreddit("Harrowdale").comments(limit=None)]
    assert read == ids[:1_000]


def test_before_gives_what_came_since_and_no_further_page(world: World, clock: SetClock, reddit: praw.Reddit) -> None:
    ids = comments(world, clock, 10)
    listing = reddit.subreddit("Harrowdale").comments(limit=3, params={"before": ids[5]})
    assert [comment.fullname for comment in listing] == ids[2:5]


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_lost_anchor_looks_like_the_end(world: World, clock: SetClock, reddit: praw.Reddit, side: str) -> None:
    ids = comments(world, clock, 10)
    world.delete_post(ids[5])
    assert list(reddit.subreddit("Harrowdale").comments(limit=3, params={side: ids[5]})) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"brisk broadband"', 2),
        ("title:lumenet", 1),
        ("brisk AND walk", 1),
        ("brisk NOT walk", 2),
        ("lumenet OR walk", 2),
    ],
)
def test_search_finds_submissions_only(world: World, reddit: praw.Reddit, query: str, found: int) -> None:
    root = thread(world)
    world.add_post(Platform.REDDIT, "eve", "Brisk Broadband is fine here", reply_to=root.id)
    world.add_post(Platform.REDDIT, "al", "", title="Lumenet or Brisk Broadband?", subreddit="cooking")
    world.add_post(Platform.REDDIT, "cy", "a brisk walk", title="Fitness", subreddit="cooking")
    assert len(list(reddit.subreddit("all").search(query, sort="new", time_filter="day", limit=100))) == found


def test_search_looks_no_further_back_than_asked(world: World, clock: SetClock, reddit: praw.Reddit) -> None:
    thread(world)
    clock.move(hours=25)
    assert list(reddit.subreddit("all").search("brisk", time_filter="day")) == []
    assert len(list(reddit.subreddit("all").search("brisk", time_filter="week"))) == 1


def test_the_inbox_keeps_mentions_and_answers_until_they_are_read(world: World, reddit: praw.Reddit) -> None:
    root = thread(world)
    called = world.add_post(Platform.REDDIT, "eve", f"hey u/{US}, help", reply_to=root.id)
    ours = world.answer(Platform.REDDIT, called.id, "On our way.")
    back = world.add_post(Platform.REDDIT, "eve", "thank you", reply_to=ours.id)
    assert [item.fullname for item in reddit.inbox.mentions()] == [called.id]
    unread = list(reddit.inbox.unread())
    assert {(item.fullname, item.subject) for item in unread} == {
        (called.id, "username mention"),
        (back.id, "comment reply"),
    }
    reddit.inbox.mark_read(unread)
    assert list(reddit.inbox.unread()) == []
    assert [item.new for item in reddit.inbox.all()] == [False, False]


def test_a_reply_stands_under_its_comment_and_in_our_history(
    world: World, servers: RehearsalServers, reddit: praw.Reddit
) -> None:
    root = thread(world)
    comment = world.add_post(Platform.REDDIT, "eve", "slow since Monday", reply_to=root.id)
    made = reddit.comment(comment.id[3:]).reply("Sorry. Please *restart* the router.")
    assert made.parent_id == comment.id
    assert [found.parent_id for found in reddit.redditor(US).comments.new(limit=100)] == [comment.id]
    assert [reply.text for reply in servers.reddit.replies()] == ["Sorry. Please *restart* the router."]
    assert reddit.submission(root.id[3:]).reply("To all: fixed.").parent_id == root.id


def refusal(reddit: praw.Reddit, comment: str, text: str = "Sorry") -> str:
    with pytest.raises(RedditAPIException) as refused:
        reddit.comment(comment[3:]).reply(text)
    return str(refused.value.items[0].error_type)


def test_reddit_says_why_it_takes_no_reply(world: World, reddit: praw.Reddit) -> None:
    root = thread(world)
    comment = world.add_post(Platform.REDDIT, "eve", "hello", reply_to=root.id)
    assert refusal(reddit, comment.id, " ") == "NO_TEXT"
    assert refusal(reddit, comment.id, "x" * 10_001) == "TOO_LONG"
    assert refusal(reddit, "t1_unknown") == "NO_THING_ID"
    world.lock_thread(root.id)
    assert refusal(reddit, comment.id) == "THREAD_LOCKED"
    world.delete_post(comment.id)
    assert refusal(reddit, comment.id) == "DELETED_COMMENT"
    assert world.replies(Platform.REDDIT) == []


def test_deleted_and_removed_things_keep_their_place_without_their_words(world: World, reddit: praw.Reddit) -> None:
    root, other = thread(world), thread(world, "Other")
    deleted = world.add_post(Platform.REDDIT, "eve", "secret", reply_to=root.id)
    removed = world.add_post(Platform.REDDIT, "mal", "rude", reply_to=root.id)
    world.delete_post(deleted.id)
    world.delete_post(removed.id, by_moderator=True)
    world.delete_post(other.id, by_moderator=True)
    found = list(reddit.info(fullnames=[deleted.id, removed.id, other.id, "t1_unknown"]))
    assert [(item.fullname, item.author) for item in found] == [
        (deleted.id, None),
        (removed.id, None),
        (other.id, None),
    ]
    assert [found[0].body, found[1].body, found[2].selftext] == ["[deleted]", "[removed]", "[removed]"]
    assert found[2].removed_by_category == "moderator"
    assert list(reddit.subreddit("Harrowdale").comments()) == []


def test_an_edit_keeps_the_id_and_says_when(world: World, clock: SetClock, reddit: praw.Reddit) -> None:
    root = thread(world)
    comment = world.add_post(Platform.REDDIT, "eve", "it is down", reply_to=root.id)
    world.edit_post(comment.id, "EDIT: it is back", at=clock.now() + timedelta(minutes=3))
    assert next(iter(reddit.info(fullnames=[comment.id]))).body == "it is down"
    clock.move(minutes=3)
    found = next(iter(reddit.info(fullnames=[comment.id])))
    assert (found.body, found.edited) == ("EDIT: it is back", clock.now().timestamp())


def test_a_comment_can_be_refreshed_to_see_its_replies(world: World, reddit: praw.Reddit) -> None:
    comment = world.add_post(Platform.REDDIT, "eve", "help", reply_to=thread(world).id)
    world.answer(Platform.REDDIT, comment.id, "Here.")
    replies = reddit.comment(comment.id[3:]).refresh().replies
    assert [(reply.author.name, reply.body) for reply in replies] == [(US, "Here.")]


def test_communities_and_accounts_can_be_looked_up(world: World, reddit: praw.Reddit) -> None:
    thread(world)
    assert reddit.subreddit("harrowdale").subscribers > 0
    assert reddit.redditor("bob").comment_karma >= 0
    with pytest.raises(prawcore.NotFound):
        _ = reddit.subreddit("nowhere").subscribers


@pytest.mark.parametrize("variable", ["FRANKLY_REDDIT_CLIENT_ID", "FRANKLY_REDDIT_CLIENT_SECRET"])
def test_wrong_client_keys_are_refused(servers: RehearsalServers, variable: str) -> None:
    with pytest.raises(prawcore.ResponseException, match="401"):
        reddit_client(servers, **{variable: "wrong"}).user.me()


def test_a_wrong_refresh_token_is_refused(servers: RehearsalServers) -> None:
    with pytest.raises(prawcore.ResponseException, match="400"):
        reddit_client(servers, FRANKLY_REDDIT_REFRESH_TOKEN="wrong").user.me()


def test_a_worthless_token_is_renewed_by_the_client(servers: RehearsalServers, reddit: praw.Reddit) -> None:
    reddit.user.me()
    servers.reddit_app.revoke_tokens()
    assert reddit.user.me(use_cache=False).name == US
    statuses = [(entry.path, entry.status) for entry in servers.reddit.log]
    assert statuses[2:] == [("/api/v1/me", 401), ("/api/v1/access_token", 200), ("/api/v1/me", 200)]


def test_the_other_grants_are_known(servers: RehearsalServers) -> None:
    keys = servers.reddit_app.keys

    def ask(**form: str) -> str:
        answer = requests.post(
            f"{servers.reddit_url}/api/v1/access_token",
            data=form,
            auth=(keys.client_id, keys.client_secret),
            headers={"User-Agent": "linux:test:v0"},
            timeout=5,
        )
        return str(answer.json().get("error", answer.json().get("token_type")))

    assert ask(grant_type="client_credentials") == "bearer"
    assert ask(grant_type="password", username=US, password=keys.password) == "bearer"
    assert ask(grant_type="password", username=US, password="wrong") == "invalid_grant"
    assert ask(grant_type="magic") == "unsupported_grant_type"


def test_an_application_without_a_user_may_read_but_not_write(servers: RehearsalServers, world: World) -> None:
    comment = world.add_post(Platform.REDDIT, "eve", "hello", reply_to=thread(world).id)
    servers.reddit_app._tokens["app"] = False
    headers = {"Authorization": "bearer app", "User-Agent": "linux:test:v0"}
    read = requests.get(f"{servers.reddit_url}/r/Harrowdale/comments", headers=headers, timeout=5)
    form = {"thing_id": comment.id, "text": "hi"}
    written = requests.post(f"{servers.reddit_url}/api/comment", data=form, headers=headers, timeout=5)
    assert (read.status_code, written.status_code) == (200, 403)


@pytest.mark.parametrize("agent", ["", "python-requests/2.32"])
def test_a_program_that_does_not_say_its_name_is_turned_away(servers: RehearsalServers, agent: str) -> None:
    answer = requests.get(f"{servers.reddit_url}/api/v1/me", headers={"User-Agent": agent}, timeout=5)
    assert answer.status_code == 429


def test_a_request_to_close_the_connection_is_answered_in_kind(servers: RehearsalServers) -> None:
    headers = {"User-Agent": "linux:test:v0", "Connection": "close"}
    answer = requests.get(f"{servers.reddit_url}/api/v1/me", headers=headers, timeout=5)
    assert answer.headers["Connection"] == "close"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_log_keeps_the_form_but_not_the_secrets(
    servers: RehearsalServers, world: World, reddit: praw.Reddit
) -> None:
    comment = world.add_post(Platform.REDDIT, "eve", "hello", reply_to=thread(world).id)
    reddit.comment(comment.id[3:]).reply("Hi")
    token, reply = servers.reddit.log
    assert token.form["refresh_token"] == "***"
    assert (reply.method, reply.form["thing_id"], reply.form["text"]) == ("POST", comment.id, "Hi")
