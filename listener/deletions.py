"""Honours deletions: posts are looked up again by the hundred, and what is gone is emptied here, everywhere.

Texts also end by age, where a platform asks for that (Reddit: ``text_kept``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from config.clock import Clock
from config.errors import BudgetSpent, PlatformError
from config.settings import Settings
from listener.platforms.base import PlatformClient
from listener.spending import Spending
from store.deletions import Forgotten
from store.records import Platform
from store.store import Store

LOOK_AT_ONCE = 100
CHECK_EVERY = timedelta(hours=12)  # half of the time that X gives

PASSED_OVER_KEPT = timedelta(days=60)  # ids of posts that were no mention, so that listings are read only once


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep of a platform found."""

    platform: Platform
    checked: int
    deleted: int
    error: str | None = None


class Deletions:
    """Sweeps the store for what its platforms no longer show."""

    def __init__(
        self, store: Store, settings: Settings, clock: Clock, clients: Mapping[Platform, PlatformClient]
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._clients = clients
        self._spending = Spending(store, settings, clock)

    def sweep(self, platform: Platform, *, limit: int = 1_000, every: timedelta = CHECK_EVERY) -> SweepReport:
        """Look up mentions not seen to stand for a while, at most ``limit``; empty those that are gone."""
        checked = deleted = 0
        error: str | None = None
        before = self._clock.now() - every
        try:
            while checked < limit:
                batch = self._store.deletions.to_check(platform, before, min(LOOK_AT_ONCE, limit - checked))
                if not batch:
                    break
                deleted += self._check(platform, batch)
                checked += len(batch)
        except (PlatformError, BudgetSpent) as problem:
            error = str(problem)
        self._purge()
        return SweepReport(platform, checked, deleted, error)

    def _check(self, platform: Platform, batch: list[tuple[int, str]]) -> int:
        entry = self._spending.reserve(platform, "deletions", "post_read", len(batch))
        try:
            standing = self._clients[platform].look([external_id for _, external_id in batch])
        except PlatformError:
            self._spending.settle(entry, platform, "post_read", 0)
            raise
        now = self._clock.now()
        gone = [mention_id for mention_id, external_id in batch if external_id not in standing]
        with self._store.transaction():
            self._spending.settle(entry, platform, "post_read", len(standing))
            for mention_id in gone:
                self._store.deletions.empty_mention(mention_id, now, "deleted")
            self._store.deletions.checked([mention_id for mention_id, _ in batch], now)
        return len(gone)

    def expire(self) -> int:
        """Empty the texts that were kept as long as Reddit allows; returns how many."""
        now = self._clock.now()
        self._store.mentions.forget_passed_over(now - PASSED_OVER_KEPT)
        before = now - self._settings.platforms.reddit.text_kept
        expired = 0
        while True:
            with self._store.transaction():
                batch = self._store.deletions.expire_text(Platform.REDDIT, before, now)
            expired += batch
            if batch == 0:
                break
        self._purge()
        return expired

    def _purge(self) -> None:
        """Rid the files of what was emptied, now or in a round whose purge could not be finished."""
        if self._store.deletions.purge_owed():
            self._store.deletions.purge()


def forget(store: Store, clock: Clock, platform: Platform, author: str) -> Forgotten:
    """Remove everything an author wrote, named by handle or by the platform's id. A suppression of theirs stays."""
    with store.transaction():
        forgotten = store.deletions.forget_author(platform, author, clock.now())
    store.deletions.purge()
    return forgotten
