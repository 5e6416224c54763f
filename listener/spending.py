"""Money is reserved before a paid call and settled after it; a spent budget stops the call, not the daemon.

Seeing whether stored posts still stand has a day's budget of its own: neither can it deafen us, nor a busy day keep
what its authors took back. The month's budget is for everything. Days and months are UTC, as X bills them.
Reddit is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from config.clock import Clock
from config.errors import BudgetSpent
from config.settings import Settings
from store.records import Platform
from store.store import Store

DELETION_CHECKS = "deletions"  # the sweep's name in the ledger, where others have that of their source
Call = Literal["post_read", "owned_read", "post_create", "post_create_with_link"]


class Spending:
    """The operator's budgets for paid calls."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._x = settings.platforms.x
        self._clock = clock
        self._day = day_of(clock.now())
        self._read_today: set[str] = set()

    def price(self, platform: Platform, call: Call) -> float:
        """Return what one unit of a call costs, in dollars."""
        if platform is not Platform.X:
            return 0.0
        price: float = getattr(self._x.prices, f"{call}_usd")
        return price

    def reserve(self, platform: Platform, source: str, call: Call, units: int = 1) -> int | None:
        """Set aside what a call can cost at most; None where it is free. ``BudgetSpent`` when that is too much."""
        usd = self.price(platform, call) * units
        if usd == 0:
            return None
        with self._store.transaction():
            self._require(platform, source, usd)
            return self._store.spending.reserve(platform, source, call, usd, self._clock.now())

    def require(self, platform: Platform, source: str, calls: Mapping[Call, int]) -> None:
        """Make sure that several calls can be paid together, before the first of them. ``BudgetSpent`` if not."""
        usd = sum(self.price(platform, call) * units for call, units in calls.items())
        if usd > 0:
            self._require(platform, source, usd)

    def _require(self, platform: Platform, source: str, usd: float) -> None:
        now = self._clock.now()
        for spent, setting, words in (
            (self._spent_today(platform, source, now), _day_setting(source), "today"),
            (self._store.spending.spent(platform, month_of(now)), "month_budget_usd", "this month"),
        ):
            budget: float = getattr(self._x, setting)
            if spent + usd > budget + 1e-9:
                raise BudgetSpent(
                    f"the budget for X {words} is ${budget:.2f}; ${spent:.2f} is spent, and the next call can cost "
                    f"${usd:.2f}: raise platforms.x.{setting}, or wait"
                )

    def _spent_today(self, platform: Platform, source: str, now: datetime) -> float:
        ledger, today = self._store.spending, day_of(now)
        checks = ledger.spent(platform, today, source=DELETION_CHECKS)
        return checks if source == DELETION_CHECKS else ledger.spent(platform, today) - checks

    def settle(self, entry: int | None, platform: Platform, call: Call, units: int) -> None:
        """Write down what a call did cost. Call it in the transaction that stores what it brought."""
        if entry is not None:
            self._store.spending.settle(entry, self.price(platform, call) * units)

    def first_read(self, external_ids: Iterable[str]) -> int:
        """Return how many of the posts were not asked about here before on this UTC day: X bills a post once a day."""
        today = day_of(self._clock.now())
        if today != self._day:
            self._day, self._read_today = today, set()
        new = set(external_ids) - self._read_today
        self._read_today |= new
        return len(new)

    def today_usd(self, platform: Platform) -> float:
        """Return what was spent since midnight UTC."""
        return self._store.spending.spent(platform, day_of(self._clock.now()))

    def rests_until(self) -> datetime:
        """Return when a spent budget allows calls again: tomorrow, or next month when that one is spent."""
        now = self._clock.now()
        dearest = self.price(Platform.X, "post_read")
        month_left = self._x.month_budget_usd - self._store.spending.spent(Platform.X, month_of(now))
        if month_left < dearest:
            return month_of(month_of(now) + timedelta(days=32))
        return day_of(now) + timedelta(days=1)


def _day_setting(source: str) -> str:
    return "deletion_checks_usd" if source == DELETION_CHECKS else "day_budget_usd"


def day_of(moment: datetime) -> datetime:
    """Return the UTC midnight that a moment's day began with."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def is_midnight(moment: datetime) -> bool:
    """Tell whether a source waits for the money of another day until then, and not for a platform's rate limit."""
    return moment == day_of(moment)


def month_of(moment: datetime) -> datetime:
    """Return the UTC midnight that a moment's month began with."""
    return day_of(moment).replace(day=1)
