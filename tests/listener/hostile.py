"""Hostile bodies: answers of the simulated platforms, changed at random as trees and as bytes. A seed repeats them."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from frankly.rehearsal.reddit_json import RedditJson, listing
from frankly.rehearsal.wire import Request
from frankly.rehearsal.world import World
from frankly.rehearsal.x import X
from store.records import Platform
from tests.conftest import FrozenClock

# Values that a careful reader stumbles over: wrong kinds, ends of ranges, and characters that nobody can store or show.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, -1e308, float("inf"), float("nan"), 10**30, -(10**30), 1 << 63, 253402300800,
    "", " ", "0", "-1", "²", "٣", "9" * 5_000, "1" * 19, "9223372036854775808", "t1_", "t3_zzzz", "null", "[deleted]",
    "\x00", "\ud800", "a\udfffb", "\u202e", "\U0010ffff", "é" * 3_000, "{{ 7 * 7 }}", "'; DROP TABLE mentions; --",
    "<script>alert(1)</script>", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "Z",
    "https://[::1", "http://x.com/BriskBroadband/status/" + "9" * 40, "/r/a/comments/" + "z" * 40,
    [], {}, [[]], [None], {"": ""}, {"id": {}}, [[[[[[[[[[]]]]]]]]]], {"data": {"children": [None]}},
)  # fmt: skip
HEADERS = ("x-rate-limit-remaining", "x-rate-limit-reset", "x-app-limit-24hour-remaining", "x-app-limit-24hour-reset",
           "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-used", "retry-after", "content-type",
           "www-authenticate", "location", "date")  # fmt: skip
HEADER_VALUES = (
    "",
    "0",
    "-1",
    "59.5",
    "nan",
    "inf",
    "1e400",
    "\xb2",
    "9" * 11,
    "9" * 400,
    "soon",
    "0, 0",
    "\xff\xfe",
    "Mon, 02 Mar 99999999999999999999 09:00:00 GMT",
    "Mon, 02 Mar 0100 09:00:00 -9999",
)
STATUSES = (200,) * 24 + (201, 204, 206, 301, 400, 401, 402, 403, 404, 408, 418, 429, 451, 500, 503, 520, 999)


def x_bodies(clock: FrozenClock) -> dict[str, Any]:
    """Answers of the simulated X by the kind of request: a page of search, a look-up, an account, a count."""
    world = World(clock)
    first = world.add_post(Platform.X, "maria_h", "@BriskBroadband third week without internet &amp; nobody answers")
    world.add_post(Platform.X, "ed", "Same here, @BriskBroadband #outage https://example.com/a", reply_to=first.id)
    world.edit_post(first.id, "@BriskBroadband third week, still nothing")
    clock.advance(minutes=5)
    server = X(world)
    from listener.platforms.x_posts import EXPANSIONS, TWEET_FIELDS, USER_FIELDS  # what our client asks for

    fields = {
        "tweet.fields": ",".join(TWEET_FIELDS),
        "user.fields": ",".join(USER_FIELDS),
        "expansions": ",".join(EXPANSIONS),
    }
    me = world.brands[Platform.X].external_id
    gone = world.add_post(Platform.X, "ann", "Brisk").id
    world.delete_post(gone)
    asked = {
        "search": ("/2/tweets/search/recent", {"query": "Brisk OR @BriskBroadband", "max_results": "10", **fields}),
        "mentions": (f"/2/users/{me}/mentions", {"max_results": "10", **fields}),
        "look": ("/2/tweets", {"ids": f"{first.id},{gone}", **fields}),
        "count": ("/2/tweets/counts/recent", {"query": "Brisk"}),
    }
    headers = {"authorization": f"Bearer {server.keys.bearer_token}"}
    return {
        kind: server.handle(Request("GET", path, query, headers, b"", tuple(query.items()))).body
        for kind, (path, query) in asked.items()
    }


def reddit_bodies(clock: FrozenClock) -> dict[str, Any]:
    """Answers of the simulated Reddit: a listing of comments and submissions, the inbox, one that says no."""
    world = World(clock)
    thread = world.add_post(Platform.REDDIT, "old_router", "Since nine.", title="Brisk is down", subreddit="Harrowdale")
    comment = world.add_post(Platform.REDDIT, "maria_h", "u/BriskBB_Care Brisk again", reply_to=thread.id)
    world.add_post(Platform.REDDIT, "ed", "Brisk is fine here", reply_to=comment.id)
    removed = world.add_post(Platform.REDDIT, "ann", "Brisk is a scam", reply_to=thread.id)
    world.edit_post(comment.id, "u/BriskBB_Care Brisk again, and again")
    world.delete_post(removed.id, by_moderator=True)
    clock.advance(minutes=5)
    wire = RedditJson(world)
    posts = list(world.newest_first(Platform.REDDIT))
    account = world.brands[Platform.REDDIT]
    return {
        "comments": listing([wire.thing(post) for post in posts], after=thread.id),
        "inbox": listing([wire.message(comment, "username mention", unread=True, to=account)]),
        "error": {"json": {"errors": [["RATELIMIT", "Take a break for 9 minutes.", "ratelimit"]]}},
    }


class Mutator:
    """Changes answers at random; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def status(self) -> int:
        """Mostly 200."""
        return self._random.choice(STATUSES)

    def headers(self) -> dict[str, str]:
        """Mostly none."""
        if self._random.random() < 0.7:
            return {}
        chosen = self._random.sample(HEADERS, self._random.randint(1, 4))
        return {name: self._random.choice(HEADER_VALUES) for name in chosen}

    def body(self, seed: Any) -> bytes:
        """Return the bytes of an answer with one to five changes to its tree, to its bytes, or to both."""
        tree = copy.deepcopy(seed)
        way = self._random.random()
        if way < 0.8:
            for _ in range(self._random.randint(1, 5)):
                tree = self._changed(tree)
        body = json.dumps(tree).encode("utf-8", "surrogatepass")
        return self._spoilt(body) if way > 0.6 else body

    def _changed(self, tree: Any) -> Any:
        """Change one place of a tree: another value, nothing, twice, a part from elsewhere, or the bare word."""
        places = list(_places(tree))
        if not places:
            return self._random.choice(VALUES)
        holder, key = self._random.choice(places)
        change = self._random.randrange(5)
        if change == 0:
            del holder[key]
        elif change == 1:
            other, where = self._random.choice(places)
            holder[key] = copy.deepcopy(other[where]) if where in _keys(other) else None
        elif change == 2 and isinstance(holder, list):
            holder.insert(0, copy.deepcopy(holder[key]))
        elif change == 3:
            holder[key] = [holder[key]] if self._random.random() < 0.5 else str(holder[key])
        else:
            holder[key] = copy.deepcopy(self._random.choice(VALUES))
        return tree

    def _spoilt(self, body: bytes) -> bytes:
        """Change bytes: cut, flip, double, put in what is no UTF-8, or nest deeper than a reader can follow."""
        place = self._random.randrange(len(body) + 1)
        change = self._random.randrange(6)
        if change == 0:
            return body[:place]
        if change == 1:
            return body[:place] + bytes([self._random.randrange(256)]) + body[place + 1 :]
        if change == 2:
            return body[:place] + body[place // 2 :]
        if change == 3:
            return body[:place] + self._random.randbytes(9) + body[place:]
        if change == 4:
            return body[:place] + b"[" * 5_000 + body[place:]
        return b"\xef\xbb\xbf" + body.decode("utf-8", "replace").encode("utf-16-le")


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a tree as its holder and key."""
    if isinstance(tree, dict | list):
        for key in list(_keys(tree)):
            yield tree, key
            yield from _places(tree[key])
