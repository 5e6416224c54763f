"""Money is reserved before a paid call and settled after it; a spent budget stops the call, not the daemon.

There are three purses for a day. Reading has one. Seeing whether stored posts still stand has its own: neither can it
deafen us, nor a busy day keep what its authors took back. Answers have theirs (and reading back our own posts is part
of answering), so that no day or month of much reading holds back a reply that somebody approved: the month's budget is
for the two others. A source may have budgets of its own within them. Days and months are UTC, as X bills them. Reddit
is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from config.clock import Clock
from config.errors import BudgetSpent
from config.settings import Settings
from store.records import Platform
from store.store import Store

# Names in the ledger, where others have that of their source.
ANSWERS = "answers"
OWN_POSTS = "own posts"
DELETION_CHECKS = "deletions"
ACCOUNT = "account"
_ANSWERING = (ANSWERS, OWN_POSTS)
_NOT_READING = (*_ANSWERING, DELETION_CHECKS, ACCOUNT)
Call = Literal["post_read", "owned_read", "user_read", "count", "post_create", "post_create_with_link"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent on something in a day or month, and what of it is spent or set aside."""

    what: str  # in words: "X today", "the source x search this month"
    setting: str
    usd: float
    spent_usd: float
    until: datetime  # when it begins anew

    @property
    def left_usd(self) -> float:
        """What may still be spent."""
        return max(0.0, self.usd - self.spent_usd)


class Spending:
    """The operator's budgets for paid calls."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._x = settings.platforms.x
        self._sources = {source.name: source for source in settings.sources}
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
            self._require(source, usd)
            return self._store.spending.reserve(platform, source, call, usd, self._clock.now())

    def reserve_up_to(
        self, platform: Platform, source: str, call: Call, most: int, *, least: int
    ) -> tuple[int | None, int]:
        """Set aside as many units as can be paid, and return them with the entry. ``BudgetSpent`` under ``least``."""
        price = self.price(platform, call)
        if price == 0:
            return None, most
        with self._store.transaction():
            left = min(budget.left_usd for budget in self._budgets_of(source))
            units = max(least, min(most, int((left + 1e-9) / price)))
            return self.reserve(platform, source, call, units), units

    def require(self, platform: Platform, source: str, calls: Mapping[Call, int]) -> None:
        """Make sure that several calls can be paid together, before the first of them. ``BudgetSpent`` if not."""
        usd = sum(self.price(platform, call) * units for call, units in calls.items())
        if usd > 0:
            self._require(source, usd)

    def settle(self, entry: int | None, platform: Platform, call: Call, units: int) -> None:
        """Write down what a call did cost. Call it in the transaction that stores what it brought."""
        if entry is not None:
            self._store.spending.settle(entry, self.price(platform, call) * units)

    def note_account_read(self, platform: Platform) -> None:
        """Write down that X told whose keys ours are: billed once a day, and never refused, as all else hangs on it."""
        usd, now = self.price(platform, "user_read"), self._clock.now()
        if usd == 0:
            return
        with self._store.transaction():
            if not self._store.spending.spent(platform, day_of(now), source=ACCOUNT):
                entry = self._store.spending.reserve(platform, ACCOUNT, "user_read", usd, now)
                self._store.spending.settle(entry, usd)

    def first_read(self, external_ids: Iterable[str]) -> int:
        """Return how many of the posts were not asked about here before on this UTC day: X bills a post once a day."""
        today = day_of(self._clock.now())
        if today != self._day:
            self._day, self._read_today = today, set()
        new = set(external_ids) - self._read_today
        self._read_today |= new
        return len(new)

    def budgets(self) -> list[Budget]:
        """Return every budget there is: the purses, the month, and those of single sources."""
        found = [self._reading(), self._checks(), self._answers(), self._month()]
        return [*found, *(budget for name in self._sources for budget in self._own(name))]

    def _budgets_of(self, source: str) -> list[Budget]:
        """Return the budgets that a call in the name of a source must fit into."""
        if source in _ANSWERING:
            return [self._answers()]
        if source == DELETION_CHECKS:
            return [self._checks(), self._month()]
        return [*self._own(source), self._reading(), self._month()]

    def _require(self, source: str, usd: float) -> None:
        for budget in self._budgets_of(source):
            if budget.spent_usd + usd > budget.usd + 1e-9:
                raise BudgetSpent(
                    f"the budget for {budget.what} is ${budget.usd:.2f}; ${budget.spent_usd:.2f} is spent, and the "
                    f"next call can cost ${usd:.2f}: raise {budget.setting}, or wait",
                    budget.until,
                )

    def _reading(self) -> Budget:
        return self._today("X today", "day_budget_usd", self._day_usd() - self._day_usd(*_NOT_READING))

    def _checks(self) -> Budget:
        return self._today("deletion checks on X today", "deletion_checks_usd", self._day_usd(DELETION_CHECKS))

    def _answers(self) -> Budget:
        return self._today("answers on X today", "answers_usd", self._day_usd(*_ANSWERING))

    def _today(self, what: str, setting: str, spent: float) -> Budget:
        usd: float = getattr(self._x, setting)
        return Budget(what, f"platforms.x.{setting}", usd, spent, day_of(self._clock.now()) + timedelta(days=1))

    def _month(self) -> Budget:
        spent = self._month_usd() - self._month_usd(*_ANSWERING)
        setting = "platforms.x.month_budget_usd"
        return Budget("X this month", setting, self._x.month_budget_usd, spent, next_month(self._clock.now()))

    def _own(self, name: str) -> Iterator[Budget]:
        """Yield the budgets of a source that has some of its own."""
        source, tomorrow = self._sources.get(name), day_of(self._clock.now()) + timedelta(days=1)
        if source is not None and source.day_budget_usd is not None:
            what, setting = f'the source "{name}" today', "its day_budget_usd"
            yield Budget(what, setting, source.day_budget_usd, self._day_usd(name), tomorrow)
        if source is not None and source.month_budget_usd is not None:
            what, setting = f'the source "{name}" this month', "its month_budget_usd"
            until = next_month(self._clock.now())
            yield Budget(what, setting, source.month_budget_usd, self._month_usd(name), until)

    def _day_usd(self, *sources: str) -> float:
        return self._since(day_of(self._clock.now()), sources)

    def _month_usd(self, *sources: str) -> float:
        return self._since(month_of(self._clock.now()), sources)

    def _since(self, since: datetime, sources: tuple[str, ...]) -> float:
        ledger = self._store.spending
        if not sources:
            return ledger.spent(Platform.X, since)
        return sum(ledger.spent(Platform.X, since, source=source) for source in sources)


def day_of(moment: datetime) -> datetime:
    """Return the UTC midnight that a moment's day began with."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def is_midnight(moment: datetime) -> bool:
    """Tell whether a source waits for the money of another day until then, and not for a platform's rate limit."""
    return moment == day_of(moment)


def month_of(moment: datetime) -> datetime:
    """Return the UTC midnight that a moment's month began with."""
    return day_of(moment).replace(day=1)


def next_month(moment: datetime) -> datetime:
    """Return the UTC midnight that the month after a moment's begins with."""
    return month_of(month_of(moment) + timedelta(days=32))
