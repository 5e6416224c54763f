"""X's lists of posts: recent search, its counts, the mentions of an account, the posts of an account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from frankly.rehearsal import x_errors as errors
from frankly.rehearsal.query import QueryError
from frankly.rehearsal.wire import Answer, Request
from frankly.rehearsal.world import UNIX_EPOCH, Post, World, base36, snowflake, snowflake_time
from frankly.rehearsal.x_errors import Refused
from frankly.rehearsal.x_json import XJson, mentioned, wire_time
from frankly.rehearsal.x_query import read_x_query
from store.records import Platform

SEARCH_WINDOW = timedelta(days=7)
STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
MENTIONS_KEPT = 800
POSTS_KEPT = 3_200
PAGE_PREFIX = "b26v89"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which ids and times a list is cut to: after ``since``, before ``until``."""

    since: int
    until: int | None
    start: datetime | None
    end: datetime | None

    def holds(self, post: Post) -> bool:
        """Whether the post is inside; lists are walked from the newest, so ``since`` ends the walk."""
        if self.until is not None and post.number >= self.until:
            return False
        return self.end is None or post.posted_at < self.end

    def passed(self, post: Post) -> bool:
        """Whether this post and all older ones are outside."""
        return post.number <= self.since or (self.start is not None and post.posted_at < self.start)


def stale_since_id(given: str, now: datetime) -> Answer:
    """Return X's refusal of a ``since_id`` older than the search window."""
    oldest = now - SEARCH_WINDOW
    message = (
        f"'since_id' must be a tweet id created after {oldest:%Y-%m-%dT%H:%MZ}. Please use a 'since_id'"
        f" that is larger than {snowflake(oldest)}"
    )
    return errors.invalid("since_id", given, message)


class XTimelines:
    """Lists of posts, the newest first, a page at a time."""

    def __init__(self, world: World) -> None:
        self._world = world

    def search(self, request: Request) -> Answer:
        """GET /2/tweets/search/recent"""
        return self._page(request, self._found(request), (10, 100))

    def counts(self, request: Request) -> Answer:
        """GET /2/tweets/counts/recent"""
        step = STEPS.get(request.query.get("granularity", "hour"))
        if step is None:
            message = f"The `granularity` query parameter is not one of {', '.join(STEPS)}"
            raise Refused(errors.invalid("granularity", request.query["granularity"], message))
        counts = Counter(post.posted_at - (post.posted_at - UNIX_EPOCH) % step for post in self._found(request))
        data = [
            {"start": wire_time(start), "end": wire_time(start + step), "tweet_count": number}
            for start, number in sorted(counts.items())
        ]
        return Answer(200, {"data": data, "meta": {"total_tweet_count": sum(counts.values())}})

    def mentions(self, request: Request, identifier: str) -> Answer:
        """GET /2/users/:id/mentions: the 800 newest; an older ``since_id`` is silently ignored."""
        self._known(identifier)

        def names(post: Post) -> bool:
            accounts = [account.external_id for _, account in mentioned(self._world, post)]
            return identifier in accounts and post.author.external_id != identifier

        return self._page(request, self._walk(request, "pagination_token", names, MENTIONS_KEPT), (5, 100))

    def tweets(self, request: Request, identifier: str) -> Answer:
        """GET /2/users/:id/tweets: the 3,200 newest."""
        self._known(identifier)
        without_replies = "replies" in request.query.get("exclude", "")

        def wrote(post: Post) -> bool:
            return post.author.external_id == identifier and not (without_replies and post.parent)

        return self._page(request, self._walk(request, "pagination_token", wrote, POSTS_KEPT), (5, 100))

    def _known(self, identifier: str) -> None:
        if self._world.account_by_id(Platform.X, identifier) is None:
            raise Refused(Answer(200, {"errors": [errors.not_found("id", identifier, "user")]}))

    def _found(self, request: Request) -> Iterator[Post]:
        now = self._world.now()
        try:
            query = read_x_query(request.query.get("query", ""))
        except QueryError as problem:
            raise Refused(errors.invalid("query", request.query.get("query", ""), str(problem))) from None
        since = request.query.get("since_id", "")
        if since.isdigit() and snowflake_time(int(since)) < now - SEARCH_WINDOW:
            raise Refused(stale_since_id(since, now))
        start = _time(request, "start_time")
        if start is not None and start < now - SEARCH_WINDOW:
            message = f"Invalid 'start_time':'{wire_time(start)}'. 'start_time' must be in the last 7 days"
            raise Refused(errors.invalid("start_time", request.query["start_time"], message))
        indexed, oldest = now - self._world.search_lag, now - SEARCH_WINDOW

        def matches(post: Post) -> bool:
            return oldest <= post.posted_at and post.visible_at <= indexed and query.matches(post)

        return self._walk(request, "next_token", matches)

    def _walk(
        self, request: Request, token_name: str, wanted: Callable[[Post], bool], kept: int | None = None
    ) -> Iterator[Post]:
        """Walk the wanted posts inside the bounds; only the ``kept`` newest wanted ones count at all."""
        bounds = _bounds(request, token_name)
        top = None if bounds.until is None or kept else snowflake_time(bounds.until)
        seen = 0
        for post in self._world.newest_first(Platform.X, before=top):
            if bounds.passed(post) or (kept is not None and seen >= kept):
                return
            if (kept is None and not bounds.holds(post)) or not wanted(post):
                continue
            seen += 1
            if bounds.holds(post):
                yield post

    def _page(self, request: Request, posts: Iterator[Post], sizes: tuple[int, int]) -> Answer:
        size = _number(request, "max_results", sizes, 10)
        page = list(islice(posts, size + 1))
        more, page = len(page) > size, page[:size]
        if not page:
            return Answer(200, {"meta": {"result_count": 0}})
        meta: dict[str, Any] = {
            "newest_id": str(max(post.number for post in page)),
            "oldest_id": str(min(post.number for post in page)),
            "result_count": len(page),
        }
        if more:
            meta["next_token"] = PAGE_PREFIX + base36(page[-1].number)
        if "pagination_token" in request.query:
            meta["previous_token"] = PAGE_PREFIX + base36(page[0].number)
        json = XJson(self._world, request.query)
        body: dict[str, Any] = {"data": [json.tweet(post) for post in page], "meta": meta}
        includes = json.includes(page)
        return Answer(200, {**body, "includes": includes} if includes else body)


def _bounds(request: Request, token_name: str) -> Bounds:
    ids = [name for name in ("since_id", "until_id") if name in request.query]
    times = [name for name in ("start_time", "end_time") if name in request.query]
    if ids and times:
        message = f"Invalid use of '{ids[0]}' in conjunction with '{times[0]}'"
        raise Refused(errors.invalid(ids[0], request.query[ids[0]], message))
    for name in ids:
        if not request.query[name].isdigit():
            message = f"The `{name}` query parameter value [{request.query[name]}] is not a valid id"
            raise Refused(errors.invalid(name, request.query[name], message))
    tops = [int(request.query["until_id"])] if "until_id" in request.query else []
    token = _read_token(request, token_name)
    tops += [] if token is None else [token]
    return Bounds(
        since=int(request.query.get("since_id", "0")),
        until=min(tops, default=None),
        start=_time(request, "start_time"),
        end=_time(request, "end_time"),
    )


def _time(request: Request, name: str) -> datetime | None:
    given = request.query.get(name)
    if given is None:
        return None
    try:
        return datetime.fromisoformat(given).astimezone(UTC)
    except ValueError:
        message = f"The `{name}` query parameter value [{given}] is not a valid time"
        raise Refused(errors.invalid(name, given, message)) from None


def _number(request: Request, name: str, limits: tuple[int, int], default: int) -> int:
    given = request.query.get(name, str(default))
    low, high = limits
    if not given.isdigit() or not low <= int(given) <= high:
        message = f"The `{name}` query parameter value [{given}] is not between {low} and {high}"
        raise Refused(errors.invalid(name, given, message))
    return int(given)


def _read_token(request: Request, name: str) -> int | None:
    given = request.query.get(name)
    if given is None:
        return None
    try:
        return int(given.removeprefix(PAGE_PREFIX), 36)
    except ValueError:
        message = f"The `{name}` query parameter value [{given}] is not valid"
        raise Refused(errors.invalid(name, given, message)) from None
