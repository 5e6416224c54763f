"""The ledger of paid calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.records import Platform
from store.store import Store

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_call_counts_with_its_reservation_until_it_is_settled(store: Store) -> None:
    entry = store.spending.reserve(Platform.X, "search", "post_read", 0.5, NINE)
    assert store.spending.spent(Platform.X, NINE) == pytest.approx(0.5)
    store.spending.settle(entry, 0.035)
    assert store.spending.spent(Platform.X, NINE) == pytest.approx(0.035)


def test_only_the_time_and_the_platform_asked_for_count(store: Store) -> None:
    store.spending.reserve(Platform.X, "search", "post_read", 0.5, NINE - timedelta(days=1))
    store.spending.reserve(Platform.REDDIT, "comments", "post_read", 0.25, NINE)
    assert store.spending.spent(Platform.X, NINE) == 0
    assert store.spending.spent(Platform.X, NINE - timedelta(days=2), NINE) == pytest.approx(0.5)
    assert store.spending.spent(Platform.REDDIT, NINE) == pytest.approx(0.25)


def test_it_says_what_each_source_cost(store: Store) -> None:
    for usd in (0.5, 0.25):
        store.spending.settle(store.spending.reserve(Platform.X, "search", "post_read", 9.0, NINE), usd)
    store.spending.reserve(Platform.X, "mentions", "owned_read", 0.1, NINE)
    assert store.spending.by_source(NINE, NINE + timedelta(hours=1)) == [
        ("search", "post_read", 2, pytest.approx(0.75)),
        ("mentions", "owned_read", 1, pytest.approx(0.1)),
    ]
