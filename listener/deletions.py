"""Honours deletions: posts are looked up again by the hundred, and what is gone is emptied here, everywhere.

A text is kept only as long as its post is seen to stand, within the time that its platform gives. A look costs money
on X, so texts also end by age (``text_kept``), and what the money does not reach (``deletion_checks_usd``) ends after
``unchecked_kept``. Open cases are looked up first, then what is newest. Most deletions come early: young posts are
looked up twice a day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.clock import Clock
from config.errors import BudgetSpent, PlatformError, PostsUnclear
from config.settings import Settings
from listener.platforms.base import PlatformClient
from listener.spending import DELETION_CHECKS, Spending, day_of
from store.deletions import Check, Forgotten, Rounds
from store.records import Event, Platform, Post
from store.store import Store

LOOK_AT_ONCE = 100
CHECK_YOUNG_EVERY = timedelta(hours=12)
YOUNG = timedelta(days=2)
WAITED_FOR = timedelta(days=7)  # a case that waits for its customer for longer does not keep their words
REDDIT_GIVES = timedelta(hours=24)  # a look is free there
_IN_GOOD_TIME = 5 / 6  # of the time that a platform gives: the rest is for rounds that fail
_UNCLEAR_AT_ONCE = 3  # posts that nobody understands, more than those understood: then it is the platform's day

PASSED_OVER_KEPT = timedelta(days=60)  # ids of posts that were no mention, so that listings are read only once


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep of a platform found; ``postponed`` ones could not be told to stand or to be gone."""

    platform: Platform
    checked: int
    deleted: int
    error: str | None = None
    postponed: int = 0
    exit_code: int = 0  # what the error asks a command to end with


@dataclass(slots=True)
class _Tally:
    checked: int = 0
    deleted: int = 0
    postponed: int = 0
    edited: dict[str, int] = field(default_factory=dict)  # a version of X's that we do not know, and our mention


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

    def sweep(self, platform: Platform, *, limit: int = 10_000) -> SweepReport:
        """Look up mentions not seen to stand for a while, at most ``limit``; empty those that are gone."""
        tally = _Tally()
        error, code = None, 0
        due = self._store.deletions.to_check(platform, rounds(self._settings, platform, self._clock.now()), limit)
        try:
            for start in range(0, len(due), LOOK_AT_ONCE):
                self._check_all(platform, due[start : start + LOOK_AT_ONCE], tally)
            self._read_edited(platform, tally.edited)
        except (PlatformError, BudgetSpent) as problem:
            error, code = str(problem), problem.exit_code
        self._store.deletions.swept(
            platform,
            self._clock.now(),
            looked_up=tally.checked,
            deleted=tally.deleted,
            postponed=tally.postponed,
            problem=error,
        )
        erase(self._store, self._clock)
        return SweepReport(platform, tally.checked, tally.deleted, error, tally.postponed, code)

    def _check_all(self, platform: Platform, batch: Sequence[Check], tally: _Tally) -> None:
        """Check a batch, and its halves apart where the money or one post that nobody understands forbids the whole."""
        try:
            self._check(platform, batch, tally)
        except (BudgetSpent, PostsUnclear) as problem:
            if len(batch) > 1:
                middle = len(batch) // 2
                self._check_all(platform, batch[:middle], tally)
                self._check_all(platform, batch[middle:], tally)
            elif isinstance(problem, BudgetSpent) or tally.postponed >= tally.checked + _UNCLEAR_AT_ONCE:
                raise
            else:
                self._store.deletions.checked([batch[0].mention_id], self._clock.now())
                tally.postponed += 1

    def _check(self, platform: Platform, batch: Sequence[Check], tally: _Tally) -> None:
        now = self._clock.now()
        # X does not bill a post again that it gave before on the same day.
        paid = {check.version_id for check in batch if check.checked_at < day_of(now)}
        standing = self._look(platform, [check.version_id for check in batch], paid)
        with self._store.transaction():
            for check in batch:
                post = standing.get(check.version_id)
                if post is None:
                    self._store.deletions.empty_mention(check.mention_id, now, "deleted")
                elif post.reply_target == check.version_id:
                    self._store.mentions.follow_edit(check.mention_id, post, now)
                else:
                    tally.edited[post.reply_target] = check.mention_id
            self._store.deletions.checked([check.mention_id for check in batch], now)
        tally.checked += len(batch)
        tally.deleted += len(batch) - len(standing)

    def _read_edited(self, platform: Platform, edited: Mapping[str, int]) -> None:
        """Read the newest versions. Of an older one X gives the old words."""
        if not edited:
            return
        newest = self._look(platform, list(edited), set(edited))
        with self._store.transaction():
            for version_id, post in newest.items():
                self._store.mentions.follow_edit(edited[version_id], post, self._clock.now())

    def _look(self, platform: Platform, version_ids: Sequence[str], paid: set[str]) -> dict[str, Post]:
        """Look posts up, of which some must be paid for."""
        entry = self._spending.reserve(platform, DELETION_CHECKS, "post_read", len(paid))
        try:
            standing = self._clients[platform].look(version_ids)
        except PlatformError:
            self._spending.settle(entry, platform, "post_read", 0)
            raise
        self._spending.settle(entry, platform, "post_read", len(paid & standing.keys()))
        return standing

    def expire(self) -> int:
        """Empty the texts that were kept long enough, or unseen for too long; returns how many."""
        now = self._clock.now()
        self._store.mentions.forget_passed_over(now - PASSED_OVER_KEPT)
        x, reddit, deletions = self._settings.platforms.x, self._settings.platforms.reddit, self._store.deletions
        waiting = now - WAITED_FOR
        expired = self._drain(lambda: deletions.expire_text(Platform.REDDIT, now - reddit.text_kept, now))
        expired += self._drain(lambda: deletions.expire_text(Platform.X, now - x.text_kept, now, waiting_since=waiting))
        expired += self._drain(lambda: deletions.expire_unchecked(Platform.X, now - x.unchecked_kept, now))
        with self._store.transaction():
            for platform in Platform:
                deletions.let_authors_go(platform, now, waiting)
        erase(self._store, self._clock)
        return expired

    def _drain(self, batch: Callable[[], int]) -> int:
        """Work in batches, each a transaction of its own, until nothing is left."""
        total = 0
        while True:
            with self._store.transaction():
                done = batch()
            total += done
            if done == 0:
                return total


def erase(store: Store, clock: Clock) -> None:
    """Rid the files of what was emptied, now or in a round whose purge could not be finished."""
    since = store.deletions.purge_owed_since()
    if since is not None and store.deletions.purge():
        seconds = round((clock.now() - since).total_seconds())
        store.events.add(Event(at=clock.now(), kind="store.purged", actor="daemon", detail={"seconds": seconds}))


def time_given(settings: Settings, platform: Platform) -> timedelta:
    """Return within what time a stored post must be seen to stand again."""
    return settings.platforms.x.unchecked_kept if platform is Platform.X else REDDIT_GIVES


def overdue(store: Store, settings: Settings, clock: Clock, platform: Platform) -> int:
    """Return how many stored posts wait to be looked up again."""
    return store.deletions.count_to_check(platform, rounds(settings, platform, clock.now()))


def rounds(settings: Settings, platform: Platform, now: datetime) -> Rounds:
    """Return which posts are to be looked up by now."""
    others = time_given(settings, platform) * _IN_GOOD_TIME
    return Rounds(
        young_since=now - YOUNG,
        young=now - min(others, CHECK_YOUNG_EVERY),
        others=now - others,
        waiting_since=now - WAITED_FOR,
    )


def forget(store: Store, clock: Clock, platform: Platform, author: str) -> Forgotten:
    """Remove everything an author wrote, named by handle or by the platform's id. A suppression of theirs stays."""
    with store.transaction():
        forgotten = store.deletions.forget_author(platform, author, clock.now())
    erase(store, clock)
    return forgotten
