"""Budgets: money is set aside before a call, and a spent budget stops the call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.errors import BudgetSpent
from config.settings import Settings
from listener.spending import ANSWERS, Spending, day_of
from store.records import Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import BRAND


def make(store: Store, clock: FrozenClock, day: float = 1.0, month: float = 10.0, **source: float) -> Spending:
    x = {"day_budget_usd": day, "month_budget_usd": month, "answers_usd": 0.05}
    sources = [{"name": "search", "kind": "x_search", **source}]
    given = {"brands": [BRAND], "sources": sources, "platforms": {"x": x}}
    return Spending(store, Settings.model_validate(given), clock)


def today_usd(store: Store, clock: FrozenClock, platform: Platform = Platform.X) -> float:
    return store.spending.spent(platform, day_of(clock.now()))


def test_a_call_is_set_aside_and_settled(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock)
    entry = spending.reserve(Platform.X, "search", "post_read", 100)
    assert today_usd(store, clock) == pytest.approx(0.5)
    spending.settle(entry, Platform.X, "post_read", 3)
    assert today_usd(store, clock) == pytest.approx(0.015)


def test_a_call_that_could_go_over_the_day_is_not_made(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock)
    for _ in range(2):
        spending.reserve(Platform.X, "search", "post_read", 100)
    with pytest.raises(BudgetSpent, match="today") as caught:
        spending.reserve(Platform.X, "search", "post_read", 1)
    assert caught.value.until == datetime(2026, 3, 3, tzinfo=UTC)
    assert today_usd(store, clock) == pytest.approx(1.0)
    clock.advance(hours=15)
    assert today_usd(store, clock) == 0
    assert spending.reserve(Platform.X, "search", "post_read", 100) is not None


def test_the_month_counts_as_well(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock, day=5.0, month=1.0)
    for _ in range(2):
        spending.reserve(Platform.X, "search", "post_read", 100)
        clock.advance(days=1)
    with pytest.raises(BudgetSpent, match="this month") as caught:
        spending.reserve(Platform.X, "search", "post_read", 1)
    assert caught.value.until == datetime(2026, 4, 1, tzinfo=UTC)


def test_reddit_is_free(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock, day=0)
    assert spending.reserve(Platform.REDDIT, "comments", "post_read", 100) is None
    spending.settle(None, Platform.REDDIT, "post_read", 100)
    assert today_usd(store, clock, Platform.REDDIT) == 0


def test_owned_reads_are_cheaper(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock)
    assert spending.price(Platform.X, "owned_read") < spending.price(Platform.X, "post_read")


def test_a_call_that_was_never_settled_goes_on_counting(store: Store, clock: FrozenClock) -> None:
    make(store, clock).reserve(Platform.X, "search", "post_read", 100)
    clock.advance(hours=1)
    assert today_usd(store, clock) == pytest.approx(0.5)
    assert store.spending.spent(Platform.X, clock.now() - timedelta(minutes=30)) == 0


def test_what_is_read_never_holds_back_an_answer_and_answers_never_deafen_us(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock, day=0.5, month=0.5)
    spending.reserve(Platform.X, "search", "post_read", 100)
    with pytest.raises(BudgetSpent, match="X today"):
        spending.reserve(Platform.X, "mentions", "owned_read", 1)
    for _ in range(3):
        spending.reserve(Platform.X, ANSWERS, "post_create")
    with pytest.raises(BudgetSpent, match=r"answers on X today is \$0\.05.*answers_usd"):
        spending.reserve(Platform.X, ANSWERS, "post_create")
    clock.advance(days=30)
    assert spending.reserve(Platform.X, "search", "post_read", 100) is not None


def test_a_source_may_have_a_budget_of_its_own(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock, day_budget_usd=0.1, month_budget_usd=0.15)
    spending.reserve(Platform.X, "search", "post_read", 20)
    with pytest.raises(BudgetSpent, match='the source "search" today') as caught:
        spending.reserve(Platform.X, "search", "post_read", 1)
    assert caught.value.until == datetime(2026, 3, 3, tzinfo=UTC)
    assert spending.reserve(Platform.X, "mentions", "owned_read", 100) is not None
    clock.advance(days=1)
    spending.reserve(Platform.X, "search", "post_read", 10)
    with pytest.raises(BudgetSpent, match='the source "search" this month') as caught:
        spending.reserve(Platform.X, "search", "post_read", 1)
    assert caught.value.until == datetime(2026, 4, 1, tzinfo=UTC)


def test_the_last_money_pays_for_what_it_can(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock, day=0.5 + 0.12)
    assert spending.reserve_up_to(Platform.X, "search", "post_read", 100, least=10)[1] == 100
    assert spending.reserve_up_to(Platform.X, "search", "post_read", 100, least=10)[1] == 24
    with pytest.raises(BudgetSpent):
        spending.reserve_up_to(Platform.X, "search", "post_read", 100, least=10)
    assert spending.reserve_up_to(Platform.REDDIT, "new", "post_read", 100, least=10) == (None, 100)


def test_asking_whose_keys_ours_are_is_written_down_once_a_day(store: Store, clock: FrozenClock) -> None:
    spending = make(store, clock, day=0)
    for _ in range(3):
        spending.note_account_read(Platform.X)
        spending.note_account_read(Platform.REDDIT)
    assert store.spending.by_source(clock.now(), clock.now() + timedelta(hours=1)) == [
        ("account", "user_read", 1, pytest.approx(0.01))
    ]
    clock.advance(days=1)
    spending.note_account_read(Platform.X)
    assert today_usd(store, clock) == pytest.approx(0.01)
