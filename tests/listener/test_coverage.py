"""What the coverage ledger adds up to, by source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from listener.coverage import SourceCoverage, coverage, write_down
from listener.sources.base import Stretch
from store.records import Platform
from store.store import Store

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def ledger(store: Store, *stretches: tuple[str, float, float]) -> None:
    store.sources.ensure("search", "x_search", Platform.X)
    for state, start, end in stretches:
        store.sources.record("search", state, at(start), at(end))  # type: ignore[arg-type]


def test_the_parts_make_up_the_time_since_the_source_began(store: Store) -> None:
    ledger(store, ("covered", 0, 30), ("gap", 10, 20), ("lost", 30, 33), ("covered", 33, 50))
    ledger(store, ("filled", 10, 14))
    [found] = coverage(store, at(-60), at(60))
    assert found == SourceCoverage(
        source="search",
        heard_seconds=(30 - 6 + 17) * 60,
        open_gaps=1,
        open_seconds=6 * 60,
        lost_gaps=1,
        lost_seconds=3 * 60,
        unread_seconds=10 * 60,
    )


def test_only_what_lies_in_the_time_counts(store: Store) -> None:
    ledger(store, ("covered", 0, 30), ("lost", 30, 90))
    [found] = coverage(store, at(20), at(40))
    assert (found.heard_seconds, found.lost_seconds, found.unread_seconds) == (600, 600, 0)


def test_a_source_that_never_read_anything_has_nothing_to_say(store: Store) -> None:
    ledger(store)
    assert coverage(store, at(0), at(60)) == [SourceCoverage("search", 0, 0, 0, 0, 0, 0)]


def late(store: Store, by: float) -> list[tuple[datetime, datetime]]:
    return [(one.started_at, one.ended_at) for one in store.service.late_reads(at(0), at(by))]


def test_what_was_read_only_after_a_moment_is_known(store: Store) -> None:
    ledger(store, ("covered", 0, 20))
    with store.transaction():
        write_down(store, "search", [Stretch("covered", at(18), at(22))], at(22))  # in time
        write_down(
            store, "search", [Stretch("covered", at(20), at(90))], at(91)
        )  # what was read before is not read late
    assert late(store, 60) == [(at(22), at(90))]
    assert late(store, 92) == []


def test_a_gap_that_is_filled_only_after_a_moment_is_known(store: Store) -> None:
    ledger(store, ("covered", 0, 20), ("gap", 20, 40), ("covered", 40, 60))
    with store.transaction():
        write_down(store, "search", [Stretch("filled", at(10), at(30))], at(50))
        write_down(store, "search", [Stretch("filled", at(10), at(60))], at(70))
    assert late(store, 60) == [(at(30), at(40))]
    assert late(store, 50) == [(at(20), at(30)), (at(30), at(40))]
