"""Budgets: money is set aside before a call, and a spent budget stops the call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.errors import BudgetSpent
from config.settings import Settings
from listener.spending import Spending
from store.records import Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import BRAND


def make(store: Store, clock: FrozenClock, day: float = 1.0, month: float = 10.0) -> Spending:
    x = {"day_budget_usd": day, "month_budget_usd": month}
    return Spending(store, Settings.model_validate({"brands": [BRAND], "platforms": {"x": x}}), clock)


def test_a_call_is_set_aside_and_settled(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock)
    entry = spending.reserve(Platform.X, "search", "post_read", 100)
    assert spending.today_usd(Platform.X) == pytest.approx(0.5)
    spending.settle(entry, Platform.X, "post_read", 3)
    assert spending.today_usd(Platform.X) == pytest.approx(0.015)


def test_a_call_that_could_go_over_the_day_is_not_made(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock)
    for _ in range(2):
        spending.reserve(Platform.X, "search", "post_read", 100)
    with pytest.raises(BudgetSpent, match="today"):
        spending.reserve(Platform.X, "search", "post_read", 1)
    assert spending.today_usd(Platform.X) == pytest.approx(1.0)
    assert spending.rests_until() == datetime(2026, 3, 3, tzinfo=UTC)
    clock.advance(hours=15)
    assert spending.today_usd(Platform.X) == 0
    assert spending.reserve(Platform.X, "search", "post_read", 100) is not None


def test_the_month_counts_as_well(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock, day=5.0, month=1.0)
    for _ in range(2):
        spending.reserve(Platform.X, "search", "post_read", 100)
        clock.advance(days=1)
    with pytest.raises(BudgetSpent, match="this month"):
        spending.reserve(Platform.X, "search", "post_read", 1)
    assert spending.rests_until() == datetime(2026, 4, 1, tzinfo=UTC)


def test_reddit_is_free(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock, day=0)
    assert spending.reserve(Platform.REDDIT, "comments", "post_read", 100) is None
    spending.settle(None, Platform.REDDIT, "post_read", 100)
    assert spending.today_usd(Platform.REDDIT) == 0


def test_owned_reads_are_cheaper(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock)
    assert spending.price(Platform.X, "owned_read") < spending.price(Platform.X, "post_read")


def test_a_call_that_was_never_settled_goes_on_counting(store: Store, clock: FrozenClock) -> None:
    make(store, clock).reserve(Platform.X, "search", "post_read", 100)
    clock.advance(hours=1)
    assert make(store, clock).today_usd(Platform.X) == pytest.approx(0.5)
    assert store.spending.spent(Platform.X, clock.now() - timedelta(minutes=30)) == 0
