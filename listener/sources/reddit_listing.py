"""Reading a listing of Reddit from its top until a page holds nothing new.

Reddit inserts posts out of order and its listings have no ids to count on: so what was read is known by a seen-set,
never by a mark. Each page leaves in the cursor, as a gap, whatever lies below it; a crash, an error or ``max_pages``
stops there, and the next runs go on below. A listing ends after 1,000 items, and it looks just the same when the
anchor of the next page was deleted or pushed out by newer posts: all of that is found out and written down as lost,
not taken for an end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from listener.platforms.page import PlatformPage
from listener.sources.base import FIRST_LOOK_BACK, Cursor, Page, SeenBy, Stretch
from listener.sources.run import pages_of
from store.database import from_text, to_text
from store.records import Platform, Post

SLACK = timedelta(hours=1)  # how far out of order a listing may be before its end is believed
_GRAIN = timedelta(seconds=1)  # of the times that Reddit gives
_LISTING_END = 900  # a listing is cut at 1,000 items, less those that were deleted
Fetch = Callable[[str | None], PlatformPage]


@dataclass(frozen=True, slots=True)
class Gap:
    """What lies below ``after`` in the listing: posted between ``since`` and ``until``."""

    after: str
    since: datetime
    until: datetime
    read: int  # items known to stand above it: read with it, or posted since

    def to_json(self) -> dict[str, object]:
        """Return it as a cursor keeps it."""
        return {"after": self.after, "since": to_text(self.since), "until": to_text(self.until), "read": self.read}


class RedditListing:
    """A source on Reddit."""

    platform = Platform.REDDIT

    def __init__(
        self,
        name: str,
        fetch: Fetch,
        *,
        seen_by: SeenBy,
        look: Callable[[Sequence[str]], dict[str, Post]],
        max_pages: int,
    ) -> None:
        self.name = name
        self.fetch = fetch
        self.max_pages = max_pages
        self._seen_by = seen_by
        self._look = look

    def read(self, cursor: Cursor, now: datetime) -> Iterator[Page]:
        """Return what is new, then what earlier runs left open."""
        return pages_of(_Run(self, cursor, now))

    def all_known(self, posts: Sequence[Post]) -> bool:
        """Tell whether this source read a whole page before. A page of deleted posts alone says nothing.

        What another source read does not count: below it may stand what neither has.
        """
        ids = [post.external_id for post in posts]
        return bool(ids) and self._seen_by(self.name, self.platform, ids) == set(ids)

    def still_there(self, anchor: str) -> bool:
        """Tell whether the post that a page was asked below still stands."""
        return anchor in self._look([anchor])


class _Run:
    """One run of a source: what is still open below, and what the ledger is to be told."""

    def __init__(self, source: RedditListing, cursor: Cursor, now: datetime) -> None:
        self._source = source
        self._now = now
        self._covered = str(cursor.get("covered_until") or "")
        self._began = str(cursor.get("began") or to_text(now - FIRST_LOOK_BACK))
        self._since = from_text(self._covered or self._began)
        self._gaps = sorted(gaps_of(cursor), key=lambda gap: gap.since)
        self._older: list[Gap] = []
        self._open: Gap | None = None
        self._left = source.max_pages
        self._read_something = False
        self._closed = False
        self._lost: list[Stretch] = []

    @property
    def reached_something(self) -> bool:
        """Whether the top of the listing was read, so that the rest must be kept as a gap."""
        return self._read_something and not self._closed

    def fresh(self) -> Iterator[Page]:
        """Read from the top; whatever does not fit into the run becomes a gap."""
        top = Gap(after="", since=self._since, until=self._now, read=0)
        gap: Gap | None = top
        while gap is not None and self._left > 0:
            page, gap = self._below(gap)
            self._open = gap
            self._read_something = True
            self._push_down(page)
            yield replace(page, cursor=self._cursor())
        yield self.close()

    def gaps(self) -> Iterator[Page]:
        """Go on with older gaps, oldest first. One page is always read, or busy days would keep them for ever."""
        self._left = max(self._left, 1)
        for older in self._older:
            gap: Gap | None = older
            while gap is not None and self._left > 0:
                before = gap
                page, gap = self._below(gap)
                place = self._gaps.index(before)
                self._gaps[place : place + 1] = [] if gap is None else [gap]
                bottom = self._lost_below(gap, before)
                filled = Stretch("filled", bottom, before.until)
                yield replace(page, cursor=self._cursor(), ledger=(*self._flushed(), filled))

    def _push_down(self, page: Page) -> None:
        """Count what was posted since the last run: it stands above every older gap, and moves it towards the end."""
        new = page.read - sum(post.posted_at <= self._since for post in page.posts)
        self._gaps = [replace(gap, read=gap.read + new) for gap in self._gaps]

    def close(self) -> Page:
        """End the reading from the top: what was not read becomes a gap."""
        self._older = list(self._gaps)
        bottom = self._lost_below(self._open, Gap("", self._since, self._now, 0))
        # A run that crashed left its gap in the cursor alone.
        unsaid = [gap for gap in self._older if gap.until > self._since]
        bottom = max([bottom, *(gap.until for gap in unsaid)])
        ledger = [*self._flushed(), Stretch("covered", bottom, self._now)]
        ledger += [Stretch("gap", gap.since, gap.until) for gap in unsaid]
        if self._open is not None:
            self._gaps.append(self._open)
            ledger.append(Stretch("gap", self._open.since, self._open.until))
            self._open = None
        self._closed = True
        return Page(cursor=self._cursor(), last=True, ledger=tuple(ledger), covered_until=self._now)

    def _below(self, gap: Gap) -> tuple[Page, Gap | None]:
        """Read one page of a gap and return it with what remains below it."""
        self._left -= 1
        answer = self._source.fetch(gap.after or None)
        if gap not in self._gaps and answer.answered_at is not None:
            # A clock of ours that is ahead would call a time heard that has not come yet.
            self._now = min(self._now, max(answer.answered_at, self._since))
        read = gap.read + answer.read
        oldest = min((post.posted_at for post in answer.posts), default=gap.until)
        # Reddit tells whole seconds: below the last post of a page others of its second may stand.
        until = min(max(oldest + _GRAIN, gap.since), gap.until)
        page = Page(
            cursor={},
            posts=answer.posts,
            read=answer.read,
            skipped=answer.skipped,
            since=from_text(self._began),
        )
        if self._ends(gap, answer):
            return page, None
        if answer.next is None:
            if self._cut_short(gap, answer, read):
                self._lost.append(Stretch("lost", gap.since, until))
            return page, None
        return page, Gap(after=answer.next, since=gap.since, until=until, read=read)

    def _ends(self, gap: Gap, answer: PlatformPage) -> bool:
        """Whether everything below was read before: nothing new on the page, or all of it older than the gap."""
        if not answer.posts:
            return False
        newest = max(post.posted_at for post in answer.posts)
        return newest < gap.since - SLACK or self._source.all_known(answer.posts)

    def _cut_short(self, gap: Gap, answer: PlatformPage, read: int) -> bool:
        """Whether a listing stopped without having come to its end."""
        # How far down the gap begins is only known when everything above it was read.
        unread_above = gap in self._gaps and any(other.until > gap.until for other in self._gaps)
        anchor_gone = answer.read == 0 and bool(gap.after) and not self._source.still_there(gap.after)
        return read >= _LISTING_END or unread_above or anchor_gone

    def _lost_below(self, gap: Gap | None, before: Gap) -> datetime:
        """Return down to where a gap was really read."""
        if gap is not None:
            return gap.until
        return max((stretch.ended_at for stretch in self._lost), default=before.since)

    def _flushed(self) -> list[Stretch]:
        lost, self._lost = self._lost, []
        return lost

    def _cursor(self) -> Cursor:
        still_open = [self._open] if self._open is not None else []
        return {
            "began": self._began,
            "covered_until": to_text(self._now) if self._closed else self._covered,
            "gaps": [gap.to_json() for gap in (*self._gaps, *still_open)],
        }


def gaps_of(cursor: Cursor) -> list[Gap]:
    """Return the gaps that a cursor holds."""
    gaps = cursor.get("gaps")
    return [
        Gap(after=gap["after"], since=from_text(gap["since"]), until=from_text(gap["until"]), read=gap["read"])
        for gap in (gaps if isinstance(gaps, list) else [])
    ]
