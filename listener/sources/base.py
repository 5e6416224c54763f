"""What every way in looks like to the collector: a source yields pages, and each page says where to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from config.settings import Brand, Settings
from config.settings import Source as SourceSettings
from listener.platforms.base import PlatformClient
from listener.platforms.page import PlatformPage
from listener.spending import Call, Spending
from store.records import Platform, Post
from store.sources import CoverageState

Cursor = Mapping[str, object]
FIRST_LOOK_BACK = timedelta(hours=24)  # how far a new source looks back: older posts are not answered anyway
SeenBy = Callable[[str, Platform, Sequence[str]], set[str]]  # a source's name, a platform, its ids


@dataclass(frozen=True, slots=True)
class Stretch:
    """A line for the coverage ledger."""

    state: CoverageState
    started_at: datetime
    ended_at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A paid call that waits to be settled."""

    entry: int
    call: Call


@dataclass(frozen=True, slots=True)
class Page:
    """What one request brought, and what to write down with it in the same transaction.

    ``read`` counts the entries of the answer, ``skipped`` those that could not be understood. ``cursor`` is where the
    source goes on once this page is stored. Posts from before ``since`` were there before the source began to listen.
    """

    cursor: Cursor
    posts: tuple[Post, ...] = ()
    read: int = 0
    skipped: int = 0
    last: bool = False
    ledger: tuple[Stretch, ...] = ()
    covered_until: datetime | None = None
    since: datetime | None = None
    receipt: Receipt | None = None


class Source(Protocol):
    """A configured way in. Platform errors and ``BudgetSpent`` end a run, after a page that keeps what was reached."""

    name: str
    platform: Platform

    def read(self, cursor: Cursor, now: datetime) -> Iterator[Page]:
        """Yield pages from where ``cursor`` stopped; the collector stores each before it asks for the next."""
        ...


@runtime_checkable
class XReader(Protocol):
    """What the sources on X need of their client."""

    def search(
        self,
        query: str,
        *,
        since_id: str | None = None,
        until_id: str | None = None,
        next_token: str | None = None,
        max_results: int = 100,
    ) -> PlatformPage:
        """Return one page of recent search."""
        ...

    def count(self, query: str) -> int:
        """Return how many posts of the last seven days a query finds."""
        ...

    def mentions(
        self,
        *,
        since_id: str | None = None,
        until_id: str | None = None,
        next_token: str | None = None,
        max_results: int = 100,
    ) -> PlatformPage:
        """Return one page of the posts that name our account."""
        ...


@runtime_checkable
class RedditReader(Protocol):
    """What the sources on Reddit need of their client."""

    def comments(self, subreddits: Sequence[str], after: str | None = None) -> PlatformPage:
        """Return one page of the newest comments."""
        ...

    def new(self, subreddits: Sequence[str], after: str | None = None) -> PlatformPage:
        """Return one page of the newest submissions."""
        ...

    def search(self, query: str, after: str | None = None, subreddits: Sequence[str] = ()) -> PlatformPage:
        """Return one page of the newest submissions that match."""
        ...

    def inbox_mentions(self, after: str | None = None) -> PlatformPage:
        """Return one page of the comments that name our account."""
        ...

    def look(self, external_ids: Sequence[str]) -> dict[str, Post]:
        """Return those of the posts that still stand."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a source is made from."""

    source: SourceSettings
    settings: Settings
    client: PlatformClient
    spending: Spending
    seen_by: SeenBy

    @property
    def brands(self) -> tuple[Brand, ...]:
        """The brands that the source listens for."""
        names = self.source.brands or [brand.name for brand in self.settings.brands]
        return tuple(self.settings.brand(name) for name in names)

    def x(self) -> XReader:
        """The client, as a reader of X."""
        assert isinstance(self.client, XReader)
        return self.client

    def reddit(self) -> RedditReader:
        """The client, as a reader of Reddit."""
        assert isinstance(self.client, RedditReader)
        return self.client
