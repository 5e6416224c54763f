"""Both platforms' JSON into posts: whatever is on the wire, nothing is raised and nothing is half understood."""

from __future__ import annotations

import copy
import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from listener.platforms import reddit_posts, x_posts
from listener.platforms.x_ids import id_at, is_id, time_of
from store.records import Platform, Post

TWEET: dict[str, Any] = {
    "id": "2028394880824246272",
    "text": "@BriskBroadband down &lt;again&gt; &amp; nobody answers",
    "author_id": "2244994945",
    "conversation_id": "2028394880824246270",
    "created_at": "2026-03-02T09:00:00.000Z",
    "edit_history_tweet_ids": ["2028394880824246272"],
    "in_reply_to_user_id": "42",
    "lang": "en",
    "reply_settings": "mentionedUsers",
    "referenced_tweets": [{"type": "replied_to", "id": "2028394880824246270"}],
    "entities": {"mentions": [{"start": 0, "end": 15, "username": "BriskBroadband", "id": "42"}]},
}
X_PAGE: dict[str, Any] = {
    "data": [TWEET],
    "includes": {
        "users": [
            {
                "id": "2244994945",
                "name": "Maria",
                "username": "maria_h",
                "public_metrics": {"followers_count": 512, "tweet_count": 9},
            }
        ]
    },
    "meta": {"result_count": 1, "newest_id": "2028394880824246272", "oldest_id": "2028394880824246272"},
}
REDDIT_COMMENT: dict[str, Any] = {
    "kind": "t1",
    "data": {
        "name": "t1_abc",
        "id": "abc",
        "author": "Maria_H",
        "author_fullname": "t2_5",
        "body": "u/BriskBB_Care it is down",
        "created_utc": 1772442000.0,
        "edited": 1772442300.0,
        "link_id": "t3_xyz",
        "parent_id": "t1_abb",
        "permalink": "/r/isp/comments/xyz/title/abc/",
        "subreddit": "isp",
        "locked": False,
    },
}
REDDIT_PAGE: dict[str, Any] = {"kind": "Listing", "data": {"after": "t1_abc", "children": [REDDIT_COMMENT]}}
OWN = {"own_id": "42", "own_handles": ["BriskBroadband"]}


def one(**changes: Any) -> Post | None:
    """The post made from the tweet above with some keys changed (None: taken away)."""
    tweet = {key: value for key, value in {**TWEET, **changes}.items() if value is not None}
    posts, _, _ = x_posts.posts_of({**X_PAGE, "data": [tweet]}, **OWN)  # type: ignore[arg-type]
    return posts[0] if posts else None


def comment(**changes: Any) -> Post | None:
    data = {key: value for key, value in {**REDDIT_COMMENT["data"], **changes}.items() if value is not None}
    posts, _, _ = reddit_posts.posts_of({"data": {"children": [{"data": data}]}}, own_names=["BriskBB_Care"])
    return posts[0] if posts else None


def test_a_post_of_x_is_understood_whole() -> None:
    post = one()
    assert post is not None
    assert post.text == "@BriskBroadband down <again> & nobody answers"
    assert (post.external_id, post.version_id) == ("2028394880824246272", "2028394880824246272")
    assert (post.author.external_id, post.author.handle, post.author.audience) == ("2244994945", "maria_h", 512)
    assert post.posted_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (post.conversation_id, post.in_reply_to) == ("2028394880824246270", "2028394880824246270")
    assert (post.reply_settings, post.language, post.summoned) == ("mentionedUsers", "en", True)
    assert post.edited_at is None


def test_every_way_of_turning_to_us_is_kept() -> None:
    quote = {"referenced_tweets": [{"type": "quoted", "id": "7"}, {"type": "replied_to", "id": "8"}]}
    link = {"expanded_url": "https://x.com/BriskBroadband/status/7"}
    post = one(**quote, in_reply_to_user_id="42", entities={"mentions": [{"id": "42"}], "urls": [link]})
    assert post is not None
    assert post.summons == ("mentioned", "quoted", "replied")
    bare = one(**quote, in_reply_to_user_id="42", entities={})
    assert bare is not None
    assert (bare.summons, bare.summoned) == (("replied",), False)  # X takes no reply through its API to that
    answer = comment(body="nothing works", type="comment_reply")
    assert answer is not None
    assert (answer.summons, answer.summoned) == (("replied",), False)


@pytest.mark.parametrize(
    ("changes", "summoned"),
    [
        ({"entities": None}, False),  # X accepts no answer to a reply that does not name us
        ({"entities": None, "referenced_tweets": None}, False),
        ({"entities": {"mentions": [{"username": "briskbroadband"}]}}, True),
        ({"entities": {"mentions": [{"username": "BriskFan", "id": "43"}]}}, False),
        (
            {
                "referenced_tweets": [{"type": "quoted", "id": "77"}],
                "entities": {"urls": [{"expanded_url": "https://twitter.com/BriskBroadband/status/77"}]},
            },
            True,
        ),
        (
            {
                "referenced_tweets": [{"type": "quoted", "id": "77"}],
                "entities": {"urls": [{"expanded_url": "https://x.com/somebody/status/77"}]},
            },
            False,
        ),
    ],
)
def test_a_summons_is_a_mention_or_a_quote_of_ours(changes: dict[str, Any], summoned: bool) -> None:
    post = one(**changes)
    assert post is not None
    assert post.summoned is summoned


def test_an_edit_chain_is_one_post_under_its_first_id() -> None:
    first, second = id_at(datetime(2026, 3, 2, 9, tzinfo=UTC)), id_at(datetime(2026, 3, 2, 9, 20, tzinfo=UTC))
    post = one(id=str(second), edit_history_tweet_ids=[str(first), str(second)], created_at="2026-03-02T09:20:00.000Z")
    assert post is not None
    assert (post.external_id, post.version_id) == (str(first), str(second))
    assert post.posted_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert post.edited_at == datetime(2026, 3, 2, 9, 20, tzinfo=UTC)


def test_a_long_post_is_read_to_its_end() -> None:
    post = one(note_tweet={"text": "Brisk " + "long " * 200})
    assert post is not None
    assert len(post.text) > 1_000


def test_a_retweet_is_nobodys_own_word() -> None:
    tweet = {**TWEET, "referenced_tweets": [{"type": "retweeted", "id": "5"}]}
    assert x_posts.posts_of({"data": [tweet]}) == ([], 1, 0)


def test_an_author_who_is_not_included_is_known_by_id() -> None:
    posts, _, _ = x_posts.posts_of({"data": [TWEET]})
    assert posts[0].author.handle == "2244994945"


def test_a_comment_is_understood_whole() -> None:
    post = comment()
    assert post is not None
    assert (post.platform, post.external_id, post.conversation_id) == (Platform.REDDIT, "t1_abc", "t3_xyz")
    assert (post.in_reply_to, post.community, post.summoned) == ("t1_abb", "isp", True)
    assert (post.author.external_id, post.author.handle) == ("maria_h", "Maria_H")
    assert post.posted_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert post.edited_at == datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    assert post.url == "https://www.reddit.com/r/isp/comments/xyz/title/abc/"


@pytest.mark.parametrize(
    ("text", "summoned"),
    [("u/BriskBB_Care?", True), ("/u/briskbb_care", True), ("u/BriskBB_Care2", False), ("xu/BriskBB_Care", False)],
)
def test_a_name_in_a_comment_is_a_summons(text: str, summoned: bool) -> None:
    post = comment(body=text)
    assert post is not None
    assert post.summoned is summoned


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "[deleted]"},
        {"body": "[removed]"},
        {"author": "[deleted]"},
        {"removed_by_category": "moderator"},
    ],
)
def test_the_shell_of_a_deleted_post_is_neither_a_post_nor_an_error(changes: dict[str, Any]) -> None:
    page = {"data": {"children": [{"data": {**REDDIT_COMMENT["data"], **changes}}]}}
    assert reddit_posts.posts_of(page) == ([], 1, 0)


def test_an_author_that_is_null_is_a_deleted_one() -> None:
    page = {"data": {"children": [{"data": {**REDDIT_COMMENT["data"], "author": None}}]}}
    assert reddit_posts.posts_of(page) == ([], 1, 0)


@pytest.mark.parametrize("changes", [{"locked": True}, {"archived": True}])
def test_a_closed_thread_is_locked(changes: dict[str, Any]) -> None:
    post = comment(**changes)
    assert post is not None
    assert post.reply_settings == "locked"


@pytest.mark.parametrize("value", ["", "0", "-1", "12a", "9" * 30, "²", 12, None, ["1"]])
def test_what_is_no_id_is_none(value: object) -> None:
    assert not is_id(value)


def test_an_id_tells_its_time() -> None:
    moment = datetime(2026, 3, 2, 9, 0, 0, 123_000, tzinfo=UTC)
    assert time_of(id_at(moment)) == moment
    assert id_at(datetime(1990, 1, 1, tzinfo=UTC)) == 1


def test_what_no_database_can_hold_is_taken_out() -> None:
    post = one(text="Brisk\x00 is \ud800 down")
    assert post is not None
    assert post.text.encode("utf-8")
    assert "\x00" not in post.text


JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    1e308,
    float("nan"),
    "",
    "\x00",
    "\ud800",
    "x" * 9_999,
    [],
    {},
    [None],
    {"a": 1},
)


def mutated(value: Any, chance: random.Random) -> Any:
    """A copy of a JSON value with some of its parts replaced by junk, taken away or doubled."""
    whole = copy.deepcopy(value)
    for _ in range(chance.randrange(1, 5)):
        places: list[tuple[Any, Any]] = []
        waiting = [whole]
        while waiting:
            one = waiting.pop()
            inside = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
            for key, part in inside:
                places.append((one, key))
                waiting.append(part)
        if places:
            container, key = chance.choice(places)
            container[key] = copy.deepcopy(chance.choice((*JUNK, whole if chance.random() < 0.1 else TWEET)))
    return whole


@pytest.mark.parametrize("seed", range(20))
def test_mutated_bodies_never_raise_and_never_lose_count(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(250):
        for parse, page in ((x_posts.posts_of, X_PAGE), (reddit_posts.posts_of, REDDIT_PAGE)):
            body = mutated(page, chance)
            posts, read, skipped = parse(body if isinstance(body, dict) else {})
            assert len(posts) + skipped <= read
            for post in posts:
                assert isinstance(post, Post)
                post.text.encode("utf-8")
                assert post.posted_at.tzinfo is not None
                assert json.dumps([post.external_id, post.author.handle, post.conversation_id, post.url])
