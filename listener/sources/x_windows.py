"""Reading X between two ids, newest first, without ever losing a stretch in silence.

X lists only roughly in order, and late: so each run begins some minutes below what was read before, and posts are told
apart by their key. Pages come newest first: a run that stops early (pages, budget, rate limit, an error) leaves a hole
below what it read. The hole is kept in the cursor as a gap with both its ids, and later runs read it, oldest first.
The mark ``read_until`` moves only when a run closes; a crash in between reads the same pages again.

A source may have several queries, and each leaves its own gaps. In the ledger they are one: a time is heard when every
query has read it. When the operator changes the terms, the queries of today take over the gaps of those that are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from config.errors import PlatformError, StaleCursor
from listener.platforms.page import PlatformPage
from listener.platforms.x_ids import id_at, time_of
from listener.sources.base import FIRST_LOOK_BACK, Cursor, Page, Receipt, Stretch
from listener.sources.run import pages_of
from listener.spans import joined, without
from listener.spending import Call, Spending
from store.records import Platform
from store.sources import CoverageState

OVERLAP = timedelta(minutes=2)
INDEX_DELAY = timedelta(seconds=30)  # search leaves out the newest half minute
STALE_MARGIN = timedelta(minutes=5)  # the oldest id that X names moves on while we ask again
PAGE_SIZE = 100
_NEARLY_ALL = 0.9  # of what a listing keeps, some is not shown: its author was suspended or deleted it


class Fetch(Protocol):
    """One listing of X, a page at a time."""

    def __call__(
        self, *, since_id: str | None, until_id: str | None, next_token: str | None, max_results: int
    ) -> PlatformPage:
        """Return the page after ``next_token`` of the posts between two ids."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """Ids still to be read by one query: above ``since``, below ``until`` (None: up to now)."""

    query: str  # as X is asked; empty for a listing that takes none
    since: int
    until: int | None
    read: int = 0  # posts known to stand above ``until``: read with the window, or posted since

    @property
    def top(self) -> int:
        """``until`` of a window that has one; 0 for one that reaches up to now."""
        return self.until or 0


class XWindows:
    """A source on X: ``fetches`` by query.

    ``smallest_page`` is the smallest that X gives: the last money of a budget pays for a page that is not a full one.
    ``kept`` is how many posts a listing holds, where it ends early.
    """

    platform = Platform.X

    def __init__(
        self,
        name: str,
        fetches: Mapping[str, Fetch],
        *,
        call: Call,
        spending: Spending,
        max_pages: int,
        smallest_page: int,
        kept: int | None = None,
    ) -> None:
        self.name = name
        self._fetches = fetches
        self._call = call
        self._spending = spending
        self._max_pages = max_pages
        self._smallest_page = smallest_page
        self._kept = kept

    def read(self, cursor: Cursor, now: datetime) -> Iterator[Page]:
        """Return what is new, then what earlier runs left open."""
        return pages_of(_Run(self, cursor, now))

    def fetch(self, window: Window, token: str | None) -> tuple[PlatformPage, Receipt | None]:
        """Ask for one page of a window and pay for it."""
        entry, size = self._spending.reserve_up_to(
            self.platform, self.name, self._call, PAGE_SIZE, least=self._smallest_page
        )
        until = None if window.until is None else str(window.until)
        fetch = self._fetches[window.query]
        try:
            page = fetch(since_id=str(window.since), until_id=until, next_token=token, max_results=size)
        except PlatformError:
            self._spending.settle(entry, self.platform, self._call, 0)
            raise
        return page, None if entry is None else Receipt(entry, self._call)

    def windows(self, since: int, until: int | None) -> list[Window]:
        """Return a window between two ids for each query."""
        return [Window(query, since, until) for query in self._fetches]

    def gaps(self, cursor: Cursor) -> list[Window]:
        """Return the gaps that a cursor holds, oldest first; those of a query that is gone as gaps of all of today."""
        found: list[Window] = []
        for window in windows_of(cursor):
            found += [window] if window.query in self._fetches else self.windows(window.since, window.until)
        return sorted(dict.fromkeys(found), key=lambda gap: gap.since)

    @property
    def max_pages(self) -> int:
        """Pages that a run may read."""
        return self._max_pages

    @property
    def kept(self) -> int | None:
        """How many posts the listing reaches back."""
        return self._kept


class _Run:
    """One run of a source: which windows are open, and what the ledger is to be told."""

    def __init__(self, source: XWindows, cursor: Cursor, now: datetime) -> None:
        self._source = source
        self._before = cursor
        self._mark = now - INDEX_DELAY
        read_until = cursor.get("read_until")
        self._bottom = time_of(str(read_until)) - OVERLAP if read_until else now - FIRST_LOOK_BACK
        self._fresh = source.windows(id_at(self._bottom), None)
        self._ledger: list[Stretch] = []
        self._gaps = source.gaps(cursor)
        self._older: list[Window] = []
        self._read_until = int(str(read_until)) if read_until else 0
        self._left = max(source.max_pages, len(self._fresh))
        self._read_fresh = False
        self._closed = False

    @property
    def reached_something(self) -> bool:
        """Whether pages of the fresh windows were read, so that the rest must be kept as gaps."""
        return self._read_fresh and not self._closed

    def fresh(self) -> Iterator[Page]:
        """Read what came since the last run, a page of each query at least; what does not fit becomes a gap."""
        windows = list(self._fresh)
        for place, window in enumerate(windows, start=1):
            yield from self._descend(window, self._fresh, spare=len(windows) - place)
        yield self.close()

    def gaps(self) -> Iterator[Page]:
        """Go on with older gaps, oldest first. One page is always read, or busy days would keep them for ever."""
        self._left = max(self._left, 1)
        for gap in self._older:
            yield from self._descend(gap, self._gaps, filling=True)

    def close(self) -> Page:
        """End the fresh windows: the mark moves up, and what was not read in them becomes gaps."""
        top = id_at(self._mark)
        bounded = [replace(window, until=window.until or top) for window in self._fresh]
        left = [window for window in bounded if window.since < window.top]
        for window in left:
            self._note("gap", window.since, window.top)
            self._bottom = max(self._bottom, time_of(window.top))
        self._note("covered", id_at(self._bottom), top)
        self._older = list(self._gaps)
        self._gaps += left
        self._closed = True
        return Page(cursor=self._cursor(), last=True, ledger=self._flushed(), covered_until=self._mark)

    def _descend(self, window: Window, among: list[Window], *, filling: bool = False, spare: int = 0) -> Iterator[Page]:
        """Read a window downwards until it ends or only the spared pages are left; ``among`` keeps what remains."""
        asked, rest, token = window, window, None
        while self._left > spare:
            self._left -= 1
            try:
                answer, receipt = self._source.fetch(asked, token)
            except StaleCursor as stale:
                higher = self._give_up_below(rest, stale.oldest_id)
                self._swap(among, rest, higher)
                if higher is None:
                    yield Page(cursor=self._cursor(), ledger=self._flushed())
                    return
                asked, rest, token = higher, higher, None
                continue
            self._read_fresh = True
            if not filling and answer.answered_at is not None:
                # A clock of ours that is ahead would put the mark above posts that are yet to be made.
                self._mark = min(self._mark, max(answer.answered_at - INDEX_DELAY, self._bottom))
            lowest = int(answer.oldest) if answer.oldest else rest.until
            remaining = replace(rest, until=lowest, read=rest.read + answer.read)
            ended = answer.next is None
            if ended:
                self._tell_end(rest, remaining, filling=filling)
            self._swap(among, rest, None if ended else remaining)
            if not filling:
                self._push_down(window.query, answer)
            yield Page(
                cursor=self._cursor(),
                posts=answer.posts,
                read=answer.read,
                skipped=answer.skipped,
                ledger=self._flushed(),
                receipt=receipt,
            )
            if ended:
                return
            # The token belongs to the window as it was asked; only a later run asks below ``until``.
            rest, token = remaining, answer.next

    def _push_down(self, query: str, answer: PlatformPage) -> None:
        """Count what was posted since the last run: it stands above the query's older gaps."""
        new = answer.read - sum(int(post.external_id) <= self._read_until for post in answer.posts)
        self._gaps = [replace(gap, read=gap.read + new) if gap.query == query else gap for gap in self._gaps]

    def _give_up_below(self, window: Window, oldest_id: str) -> Window | None:
        """X no longer reaches back so far: go on from where it does, and write down what is lost."""
        reach = id_at(time_of(oldest_id) + STALE_MARGIN)
        top = window.until or reach
        self._note("lost", window.since, min(reach, top), "X's search no longer reaches back so far")
        if window.until is None:
            self._bottom = max(self._bottom, time_of(reach))
        return replace(window, since=reach) if window.until is None or reach < window.until else None

    def _tell_end(self, before: Window, after: Window, *, filling: bool) -> None:
        """Put into the ledger what was lost where a listing ends before its window does; X does not say so."""
        if not after.until or not self._beyond_reach(before if filling else None, after.read):
            return
        self._note("lost", after.since, after.until, f"X lists only the newest {self._source.kept} mentions")
        if not filling:
            self._bottom = max(self._bottom, time_of(after.until))

    def _beyond_reach(self, gap: Window | None, read: int) -> bool:
        """Whether a window, perhaps an older gap, may go on below the last post that its listing keeps."""
        if self._source.kept is None:
            return False
        # How far down a gap begins is only known when everything above it was read.
        unread_above = gap is not None and any(other.top > gap.top and other.query == gap.query for other in self._gaps)
        return unread_above or read >= self._source.kept * _NEARLY_ALL

    def _swap(self, among: list[Window], old: Window, new: Window | None) -> None:
        """Put what remains of a window in its place. What no query leaves open any more is filled, if it was a gap."""
        before = self._open()
        place = among.index(old)
        among[place : place + 1] = [] if new is None else [new]
        for start, end in without(before, self._open()):
            self._note("filled", start, end)

    def _open(self) -> list[tuple[int, int]]:
        return joined((gap.since, gap.top) for gap in self._gaps)

    def _note(self, state: CoverageState, since: int, until: int, detail: str = "") -> None:
        self._ledger.append(Stretch(state, time_of(since), time_of(until), detail))

    def _flushed(self) -> tuple[Stretch, ...]:
        ledger, self._ledger = tuple(self._ledger), []
        return ledger

    def _cursor(self) -> Cursor:
        if not self._closed:
            return self._before  # a crash from here on reads the same pages again
        return {"read_until": str(id_at(self._mark)), "gaps": [asdict(gap) for gap in self._gaps]}


def windows_of(cursor: Cursor) -> list[Window]:
    """Return the gaps that a cursor holds."""
    gaps = cursor.get("gaps")
    return [Window(**gap) for gap in gaps] if isinstance(gaps, list) else []
