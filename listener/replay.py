"""Feeds recorded posts through the path of live ones. They are marked, and never answered in public."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.clock import Clock
from config.settings import Settings
from listener.matching import Matcher
from listener.recorded import BadRow, NotTaken, Reading, read_file
from store.records import Platform, Post
from store.store import Store

SOURCE = "replay"
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What became of the rows: ``rows`` = ``stored`` + ``known`` + ``passed_over`` + ``bad``."""

    rows: int
    stored: int
    known: int
    passed_over: int
    bad: int


def replay(
    paths: Iterable[Path],
    store: Store,
    settings: Settings,
    clock: Clock,
    *,
    column_map: Mapping[str, str] | None = None,
    platform: Platform = Platform.X,
    take_all_brand: str | None = None,
    speed: float | None = None,
    on_bad_row: Callable[[str], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
    wait: Callable[[float], None] = time.sleep,
) -> ReplayReport:
    """Replay files into the store.

    The brands' terms decide what is a mention, unless ``take_all_brand`` takes every row. With ``speed`` rows are
    released as far apart as they were posted, that many times as fast. ``UsageError`` for a file that cannot be read or
    lacks a column; a bad row is told through ``on_bad_row`` and skipped.
    """
    run = _Replay(store, settings, clock, take_all_brand, progress)
    pace = _Pace(speed, wait)
    handles = [h for brand in settings.brands for h in (*brand.handles.x, *brand.handles.reddit)]
    reading = Reading(platform, column_map or {}, clock.now(), tuple(handles))
    for path in paths:
        for row in read_file(path, reading):
            if isinstance(row, BadRow):
                on_bad_row(f"{row.place} {row.reason}")
                run.bad += row.rows
                progress(row.rows)
            elif isinstance(row, NotTaken):
                run.passed_over += row.rows
                progress(row.rows)
            else:
                if pace.must_wait(row.posted_at):
                    run.flush()
                    pace.wait_for(row.posted_at)
                run.take(row)
    run.flush()
    return run.report()


class _Replay:
    """Rows on their way into the store, some hundred to a transaction."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        clock: Clock,
        take_all_brand: str | None,
        progress: Callable[[int], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._all = take_all_brand
        self._progress = progress
        self._matcher = Matcher(settings.brands)
        self._own = {
            Platform.X: {handle.casefold() for brand in settings.brands for handle in brand.handles.x},
            Platform.REDDIT: {handle.casefold() for brand in settings.brands for handle in brand.handles.reddit},
        }
        self._batch: list[Post] = []
        self.stored = self.known = self.passed_over = self.bad = 0

    def take(self, post: Post) -> None:
        """Take a post into the batch."""
        self._batch.append(post)
        if len(self._batch) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Store the batch."""
        if not self._batch:
            return
        branded = [(post, self._brand_of(post)) for post in self._batch]
        found = [(post, brand) for post, brand in branded if brand is not None]
        with self._store.transaction():
            added = self._store.mentions.add_all(found, source=SOURCE, at=self._clock.now(), replayed=True)
        stored = sum(mention_id is not None for mention_id in added)
        self.stored += stored
        self.known += len(found) - stored
        self.passed_over += len(self._batch) - len(found)
        self._progress(len(self._batch))
        self._batch.clear()

    def _brand_of(self, post: Post) -> str | None:
        if self._all is not None:
            return self._all
        if post.author.handle.casefold() in self._own[post.platform] or post.author.is_bot:
            return None
        match = self._matcher.match(post.text)
        return None if match is None else match.brand

    def report(self) -> ReplayReport:
        """Return what became of the rows."""
        rows = self.stored + self.known + self.passed_over + self.bad
        return ReplayReport(rows, self.stored, self.known, self.passed_over, self.bad)


class _Pace:
    """Spaces rows in real time as they were posted, ``speed`` times as fast; a row out of order is let through."""

    def __init__(self, speed: float | None, wait: Callable[[float], None]) -> None:
        self._speed = speed
        self._wait = wait
        self._last: datetime | None = None

    def must_wait(self, posted_at: datetime) -> bool:
        """Tell whether a row is later than the one before; the first sets the beginning."""
        if self._speed is None:
            return False
        if self._last is None:
            self._last = posted_at
        return posted_at > self._last

    def wait_for(self, posted_at: datetime) -> None:
        """Wait as long as it was between this row and the one before."""
        assert self._speed is not None
        assert self._last is not None
        self._wait((posted_at - self._last).total_seconds() / self._speed)
        self._last = posted_at
