"""What a source remembers between its runs, and the ledger of the time that it covered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.records import Platform
from store.store import Store

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


@pytest.fixture
def ledger(store: Store) -> Store:
    store.sources.ensure("mentions", "x_mentions", Platform.X)
    return store


def stretches(store: Store) -> list[tuple[str, float, float]]:
    found = store.sources.coverage("mentions", at(-10_000), at(10_000))
    return [
        (c.state, (c.started_at - NINE).total_seconds() / 60, (c.ended_at - NINE).total_seconds() / 60) for c in found
    ]


def test_a_source_is_made_on_first_sight_and_then_remembered(ledger: Store) -> None:
    ledger.sources.move("mentions", {"read_until": "5"}, at(1))
    state = ledger.sources.ensure("mentions", "x_mentions", Platform.X)
    assert state.cursor == {"read_until": "5"}
    assert state.covered_until == at(1)


def test_another_kind_under_an_old_name_starts_afresh(ledger: Store) -> None:
    ledger.sources.move("mentions", {"read_until": "5"}, at(1))
    state = ledger.sources.ensure("mentions", "reddit_inbox", Platform.REDDIT)
    assert (state.cursor, state.covered_until) == ({}, None)


def test_covered_until_never_goes_back(ledger: Store) -> None:
    ledger.sources.move("mentions", {}, at(5))
    ledger.sources.move("mentions", {}, at(3))
    ledger.sources.move("mentions", {})
    [state] = ledger.sources.all()
    assert state.covered_until == at(5)


def test_a_failure_is_remembered_until_a_run_ends_well(ledger: Store) -> None:
    ledger.sources.started("mentions", at(1))
    ledger.sources.failed("mentions", "X answered 503", at(9))
    state = ledger.sources.state("mentions")
    assert state is not None
    assert (state.last_run_at, state.last_error, state.resting_until) == (at(1), "X answered 503", at(9))
    ledger.sources.succeeded("mentions", at(2))
    state = ledger.sources.state("mentions")
    assert state is not None
    assert (state.last_ok_at, state.last_error, state.resting_until) == (at(2), None, None)


def test_stretches_that_touch_are_one_row(ledger: Store) -> None:
    for minute in range(100):
        ledger.sources.record("mentions", "covered", at(minute - 2), at(minute + 1))
    assert stretches(ledger) == [("covered", -2, 100)]


def test_stretches_apart_stay_apart_until_the_middle_comes(ledger: Store) -> None:
    ledger.sources.record("mentions", "covered", at(0), at(1))
    ledger.sources.record("mentions", "covered", at(5), at(6))
    assert stretches(ledger) == [("covered", 0, 1), ("covered", 5, 6)]
    ledger.sources.record("mentions", "covered", at(1), at(5))
    assert stretches(ledger) == [("covered", 0, 6)]


def test_a_gap_shrinks_as_it_is_filled_and_what_is_lost_is_said(ledger: Store) -> None:
    ledger.sources.record("mentions", "gap", at(0), at(60))
    ledger.sources.record("mentions", "filled", at(40), at(60))
    assert stretches(ledger) == [("gap", 0, 40), ("filled", 40, 60)]
    ledger.sources.record("mentions", "lost", at(0), at(10))
    assert stretches(ledger) == [("lost", 0, 10), ("gap", 10, 40), ("filled", 40, 60)]
    assert [gap.started_at for gap in ledger.sources.open_gaps("mentions")] == [at(10)]
    ledger.sources.record("mentions", "filled", at(10), at(40))
    assert stretches(ledger) == [("lost", 0, 10), ("filled", 10, 60)]


def test_filling_the_middle_leaves_two_gaps(ledger: Store) -> None:
    ledger.sources.record("mentions", "gap", at(0), at(60))
    ledger.sources.record("mentions", "filled", at(20), at(30))
    assert stretches(ledger) == [("gap", 0, 20), ("filled", 20, 30), ("gap", 30, 60)]


def test_only_what_was_a_gap_is_filled(ledger: Store) -> None:
    ledger.sources.record("mentions", "gap", at(0), at(30))
    ledger.sources.record("mentions", "gap", at(40), at(60))
    ledger.sources.record("mentions", "lost", at(0), at(10))
    ledger.sources.record("mentions", "filled", at(-5), at(50))
    assert stretches(ledger) == [("lost", 0, 10), ("filled", 10, 30), ("filled", 40, 50), ("gap", 50, 60)]


def test_an_empty_stretch_is_no_row(ledger: Store) -> None:
    ledger.sources.record("mentions", "covered", at(3), at(3))
    ledger.sources.record("mentions", "gap", at(3), at(2))
    assert stretches(ledger) == []


def test_only_what_reaches_into_the_time_is_returned(ledger: Store) -> None:
    ledger.sources.record("mentions", "covered", at(0), at(10))
    assert len(ledger.sources.coverage("mentions", at(9), at(20))) == 1
    assert ledger.sources.coverage("mentions", at(10), at(20)) == []
