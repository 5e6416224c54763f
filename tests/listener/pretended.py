"""Small platforms in memory for the property tests: listings that lag, end early, grow stale and break off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.errors import PlatformUnavailable, StaleCursor
from listener.platforms.base import Account
from listener.platforms.page import PlatformPage
from listener.platforms.x_ids import id_at
from store.records import Author, Platform, Post
from tests.conftest import FrozenClock

WINDOW = timedelta(days=7)
INDEX = timedelta(seconds=30)


class Killed(BaseException):
    """The process ends here."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A post, and from when on the platform's listings show it."""

    post: Post
    visible_at: datetime


class Pretended:
    """What both platforms share: the posts, and a request that is to break off."""

    platform: Platform
    page_size = 3

    def __init__(self, clock: FrozenClock) -> None:
        self.clock = clock
        self.shown: list[Shown] = []
        self.breaks_at: int | None = None  # requests until one is answered with an error
        self.dies = False

    def account(self) -> Account:
        return Account("1", "briskcare")

    def add(self, text: str, late: timedelta = timedelta()) -> None:
        """Let somebody write; the listings show it a while later."""
        now = self.clock.now()
        number = len(self.shown)
        identifier = str(id_at(now) + number) if self.platform is Platform.X else f"t1_{number + 1_000}"
        post = Post(self.platform, identifier, Author("7", "maria"), f"{text} {number}", now, identifier)
        self.shown.append(Shown(post, now + late))

    def _request(self) -> None:
        if self.breaks_at is None:
            return
        self.breaks_at -= 1
        if self.breaks_at < 0:
            self.breaks_at = None
            if self.dies:
                raise Killed
            raise PlatformUnavailable("the platform answered 503")


class PretendedX(Pretended):
    """Recent search and the mentions of an account, newest first, between two ids."""

    platform = Platform.X
    mentions_kept = 12

    def search(
        self,
        query: str,
        *,
        since_id: str | None = None,
        until_id: str | None = None,
        next_token: str | None = None,
        max_results: int = 100,
    ) -> PlatformPage:
        self._request()
        oldest = id_at(self.clock.now() - WINDOW)
        if int(since_id or 0) < oldest:
            raise StaleCursor("too old", str(oldest))
        word = "Rival" if "Rival" in query else "Brisk"
        listed = [one for one in self._listed(INDEX) if word in one.text and int(one.external_id) > oldest]
        return self._page(listed, since_id, until_id, next_token)

    def count(self, query: str) -> int:
        word = "Rival" if "Rival" in query else "Brisk"
        return sum(word in one.text for one in self._listed(INDEX))

    def mentions(
        self,
        *,
        since_id: str | None = None,
        until_id: str | None = None,
        next_token: str | None = None,
        max_results: int = 100,
    ) -> PlatformPage:
        self._request()
        return self._page(self._listed()[: self.mentions_kept], since_id, until_id, next_token)

    def _listed(self, lag: timedelta = timedelta()) -> list[Post]:
        shown = [one.post for one in self.shown if one.visible_at <= self.clock.now() - lag]
        return sorted(shown, key=lambda post: int(post.external_id), reverse=True)

    def _page(
        self, listed: Sequence[Post], since_id: str | None, until_id: str | None, token: str | None
    ) -> PlatformPage:
        below = min(int(until_id or 1 << 63), int(token or 1 << 63))
        inside = [post for post in listed if int(since_id or 0) < int(post.external_id) < below]
        page = inside[: self.page_size]
        oldest = page[-1].external_id if page else None
        more = oldest if len(inside) > self.page_size else None
        return PlatformPage(tuple(page), len(page), 0, more, oldest)


class PretendedReddit(Pretended):
    """A listing of comments, newest first, that ends after some, and pages that hang on an anchor."""

    platform = Platform.REDDIT
    kept = 20

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__(clock)
        self.gone: set[str] = set()

    def comments(self, subreddits: Sequence[str], after: str | None = None) -> PlatformPage:
        self._request()
        shown = [one.post for one in self.shown if one.post.external_id not in self.gone]
        listed = shown[::-1][: self.kept]
        names = [post.external_id for post in listed]
        if after is not None and after not in names:
            return PlatformPage((), 0, 0, None)
        rest = listed[names.index(after) + 1 :] if after is not None else listed
        page = rest[: self.page_size]
        return PlatformPage(tuple(page), len(page), 0, page[-1].external_id if len(rest) > self.page_size else None)

    def look(self, external_ids: Sequence[str]) -> dict[str, Post]:
        return {
            one.post.external_id: replace(one.post)
            for one in self.shown
            if one.post.external_id in external_ids and one.post.external_id not in self.gone
        }

    def new(self, subreddits: Sequence[str], after: str | None = None) -> PlatformPage:
        return self.comments(subreddits, after)

    def search(self, query: str, after: str | None = None, subreddits: Sequence[str] = ()) -> PlatformPage:
        return self.comments(subreddits, after)

    def inbox_mentions(self, after: str | None = None) -> PlatformPage:
        return self.comments((), after)
