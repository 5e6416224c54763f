"""Reddit's listings: comments and posts of communities, search, the inbox, an account's comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import islice
from typing import Any

from frankly.rehearsal import reddit_errors as errors
from frankly.rehearsal.query import QueryError, Test, phrase_in, read_query, words
from frankly.rehearsal.reddit_errors import Refused
from frankly.rehearsal.reddit_json import RedditJson, listing
from frankly.rehearsal.wire import Answer, Request
from frankly.rehearsal.world import Post, World
from store.records import Platform

LISTING_KEPT = 1_000
PAGE_LIMIT = 100
PERIODS = {"hour": 1, "day": 24, "week": 168, "month": 720, "year": 8_760}
USERNAME = re.compile(r"(?<![\w/])/?u/([\w-]+)", re.IGNORECASE)


class RedditListings:
    """Listings, the newest first, 100 at most on a page and 1,000 in all."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._read: set[str] = set()

    def comments(self, request: Request, subreddits: str) -> Answer:
        """GET /r/a+b/comments"""
        inside = _in(subreddits)
        return self._listed(request, (p for p in self._newest() if p.id.startswith("t1_") and inside(p)))

    def submissions(self, request: Request, subreddits: str) -> Answer:
        """GET /r/a+b/new"""
        inside = _in(subreddits)
        return self._listed(request, (p for p in self._newest() if p.id.startswith("t3_") and inside(p)))

    def search(self, request: Request, subreddits: str) -> Answer:
        """GET /r/a/search: submissions only; Reddit has no search for comments."""
        everywhere = request.query.get("restrict_sr", "").lower() not in ("true", "1", "on")
        inside = _in("all" if everywhere else subreddits)
        try:
            matches = read_query(request.query.get("q", ""), _search_term).matches
        except QueryError:
            return Answer(200, listing([]))
        hours = PERIODS.get(request.query.get("t", "all"))
        since = self._world.now() - timedelta(hours=hours) if hours else None
        found = (p for p in self._newest() if p.id.startswith("t3_") and inside(p) and matches(p))
        return self._listed(request, (p for p in found if since is None or p.posted_at >= since))

    def user_comments(self, request: Request, name: str) -> Answer:
        """GET /user/:name/comments"""
        account = self._world.account(Platform.REDDIT, name)
        if account is None:
            return errors.not_found()
        mine = (p for p in self._newest() if p.id.startswith("t1_") and p.author == account)
        return self._listed(request, mine)

    def info(self, request: Request) -> Answer:
        """GET /api/info: only what is found comes back."""
        json, found = RedditJson(self._world), []
        for name in request.query.get("id", "").split(",")[:PAGE_LIMIT]:
            post = self._world.find(name)
            if post is not None:
                found.append(json.thing(post))
        return Answer(200, listing(found))

    def thread(self, request: Request, submission: str, comment: str | None) -> Answer:
        """GET /comments/:id: the submission and its comments as a tree, or one comment's branch."""
        post = self._world.find(f"t3_{submission}")
        if post is None:
            return errors.not_found()
        json = RedditJson(self._world)
        one = self._world.find(f"t1_{comment}") if comment else None
        roots = ([one] if one else []) if comment else self._world.children(post.id)
        tree = [self._branch(json, root) for root in roots]
        return Answer(200, [listing([json.thing(post)]), listing(tree)])

    def _branch(self, json: RedditJson, post: Post) -> dict[str, Any]:
        thing = json.thing(post)
        children = [self._branch(json, child) for child in self._world.children(post.id)]
        if children:
            thing["data"]["replies"] = listing(children)
        return thing

    def inbox(self, request: Request, box: str) -> Answer:
        """GET /message/mentions, /message/inbox and /message/unread"""
        subjects = {post.id: subject for post in self._newest() if (subject := self._subject(post))}
        posts = [post for post in self._newest() if post.id in subjects]
        if box == "mentions":
            posts = [post for post in posts if subjects[post.id] == "username mention"]
        elif box == "unread":
            posts = [post for post in posts if post.id not in self._read]
        json, me = RedditJson(self._world), self._world.brands[Platform.REDDIT]

        def write(post: Post) -> dict[str, Any]:
            return json.message(post, subjects[post.id], unread=post.id not in self._read, to=me)

        return self._listed(request, posts, write)

    def mark_read(self, request: Request) -> Answer:
        """POST /api/read_message"""
        self._read |= set(request.form.get("id", "").split(","))
        return Answer(200, {})

    def _subject(self, post: Post) -> str:
        """Return under which heading a post stands in the brand's inbox, or nothing."""
        me = self._world.brands[Platform.REDDIT]
        if post.author == me or not post.id.startswith("t1_"):
            return ""
        parent = self._world.find(post.parent)
        if parent is not None and parent.author == me:
            return "comment reply" if parent.id.startswith("t1_") else "post reply"
        named = [name.lower() for name in USERNAME.findall(post.text_at(self._world.now()))]
        return "username mention" if me.name.lower() in named else ""

    def _newest(self) -> Iterable[Post]:
        return self._world.newest_first(Platform.REDDIT)

    def _listed(
        self,
        request: Request,
        posts: Iterable[Post],
        write: Callable[[Post], dict[str, Any]] | None = None,
    ) -> Answer:
        """Cut a page out of a listing, next to its anchor."""
        limit = _limit(request)
        kept = list(islice(posts, LISTING_KEPT))
        page, more = _beside_anchor(request, kept, limit)
        write = write or RedditJson(self._world).thing
        return Answer(200, listing([write(post) for post in page], page[-1].id if more and page else None))


def _beside_anchor(request: Request, posts: list[Post], limit: int) -> tuple[list[Post], bool]:
    """Return the page, and whether older ones follow.

    An anchor that is gone from the listing gives an empty page, which looks like the end. A page asked
    for with ``before`` never names a next one.
    """
    names = [post.id for post in posts]
    after, before = request.query.get("after"), request.query.get("before")
    if before:
        if before not in names:
            return [], False
        newer = posts[: names.index(before)]
        return newer[-limit:], False
    if after:
        if after not in names:
            return [], False
        posts = posts[names.index(after) + 1 :]
    return posts[:limit], len(posts) > limit


def _limit(request: Request) -> int:
    given = request.query.get("limit", "25")
    if not given.isdigit():
        raise Refused(errors.plain(400, "Bad Request"))
    return max(1, min(int(given), PAGE_LIMIT))


def _in(subreddits: str) -> Test:
    names = {name.lower() for name in subreddits.split("+")}
    return lambda post: "all" in names or post.subreddit.lower() in names


def _search_term(term: str) -> Test:
    """Read one term: a word or phrase anywhere, or in ``title:``, ``selftext:``, ``subreddit:``, ``author:``."""
    name, colon, value = term.partition(":")
    if colon and name in ("subreddit", "author"):
        wanted = value.strip('"').lower()
        return lambda post: wanted == (post.subreddit if name == "subreddit" else post.author.name).lower()
    if colon and name in ("title", "selftext"):
        phrase = words(value)
        return lambda post: phrase_in(phrase, words(post.title if name == "title" else post.text))
    phrase = words(term)
    return lambda post: phrase_in(phrase, words(f"{post.title} {post.text}"))
