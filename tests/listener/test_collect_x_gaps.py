"""Collecting from X end to end: what a run leaves unread stays known, and a later one reads it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import BRAND, MakeCollector
from tests.listener.on_x import SEARCH, TWO_BRANDS, mentions, post, spans


@pytest.mark.parametrize("kind", ["x_search", "x_mentions"])
def test_a_run_that_stops_early_leaves_a_gap_that_the_next_ones_read(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock, kind: str
) -> None:
    written = {
        post(servers, f"@BriskBroadband {n}", posted_at=clock.now() - timedelta(minutes=400 - n)) for n in range(350)
    }
    collector = make_collector(kind, max_pages=2)
    assert collector.run(kind).stored == 200
    [(start, end)] = spans(store, "gap", kind)
    assert (start, end) == (-24 * 60, -250)
    fresh = post(servers, "@BriskBroadband and now?", posted_at=clock.now() + timedelta(minutes=2))
    clock.advance(minutes=3)
    second = collector.run(kind)
    assert second.stored == 101  # what is new comes first, the gap gets the rest
    assert spans(store, "gap", kind) == [(-24 * 60, -350)]
    clock.advance(minutes=3)
    assert collector.run(kind).stored == 50
    assert set(mentions(store)) == {*written, fresh}
    assert spans(store, "gap", kind) == []
    assert spans(store, "filled", kind) == [(-24 * 60, -250)]
    [(_, covered_until)] = spans(store, "covered", kind)
    assert covered_until == 5.5
    clock.advance(minutes=3)
    assert collector.run(kind).read == 0


def test_a_gap_is_read_even_when_what_is_new_takes_every_page(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(150):
        post(servers, f"Brisk {n}", posted_at=clock.now() - timedelta(minutes=200 - n))
    collector = make_collector("x_search", max_pages=1)
    assert collector.run("x_search").stored == 100
    post(servers, "Brisk now")
    clock.advance(minutes=3)
    assert collector.run("x_search").stored == 51


def test_an_error_in_the_middle_leaves_a_gap_and_says_why(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {post(servers, f"Brisk {n}", posted_at=clock.now() - timedelta(minutes=400 - n)) for n in range(250)}
    servers.x.faults.add(FaultKind.PARTIAL_ERRORS, "GET", SEARCH)  # spends itself on the first page
    servers.x.faults.add(FaultKind.STATUS, "GET", SEARCH, status=503)
    collector = make_collector("x_search")
    report = collector.run("x_search")
    assert report.stored == 99
    assert report.error is not None
    assert "503" in report.error
    state = store.sources.state("x_search")
    assert state is not None
    assert state.last_error == report.error
    assert len(spans(store, "gap")) == 1
    clock.advance(minutes=1)
    again = collector.run("x_search")
    assert again.error is None
    # The hundredth of the first page was left out by X with an error of its own.
    assert len(set(mentions(store)) & written) >= 249
    assert spans(store, "gap") == []


def test_an_error_on_the_first_page_moves_nothing(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    identifier = post(servers, "Brisk is down")
    servers.x.faults.add(FaultKind.NOT_JSON, "GET", SEARCH)
    collector = make_collector("x_search")
    assert collector.run("x_search").error is not None
    state = store.sources.state("x_search")
    assert state is not None
    assert (state.cursor, state.covered_until, state.last_ok_at) == ({}, None, None)
    clock.advance(minutes=5)
    assert collector.run("x_search").error is None
    assert set(mentions(store)) == {identifier}


def test_a_crash_between_pages_leaves_the_cursor_behind_and_loses_nothing(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {post(servers, f"Brisk {n}", posted_at=clock.now() - timedelta(minutes=400 - n)) for n in range(250)}
    collector = make_collector("x_search")
    add, calls = store.mentions.add, 0

    def crash(*args: object, **given: object) -> int | None:
        nonlocal calls
        calls += 1
        if calls == 150:
            raise MemoryError
        return add(*args, **given)  # type: ignore[arg-type]

    store.mentions.add = crash  # type: ignore[method-assign]
    with pytest.raises(MemoryError):
        collector.run("x_search")
    store.mentions.add = add  # type: ignore[method-assign]
    assert len(mentions(store)) == 100  # whole pages only
    state = store.sources.state("x_search")
    assert state is not None
    assert state.cursor == {}
    clock.advance(minutes=1)
    assert collector.run("x_search").stored == 150
    assert set(mentions(store)) == written
    assert spans(store, "gap") == []


def test_a_stale_cursor_starts_again_and_writes_down_what_is_lost(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    collector = make_collector("x_search")
    collector.run("x_search")
    post(servers, "Brisk, nobody will ever read this", posted_at=clock.now() + timedelta(hours=1))
    kept = post(servers, "Brisk is down", posted_at=clock.now() + timedelta(days=5))
    clock.advance(days=9)
    report = collector.run("x_search")
    assert (report.stored, report.error) == (1, None)
    assert set(mentions(store)) == {kept}
    [(start, end)] = spans(store, "lost")
    assert start == pytest.approx(-2.5)
    assert end == pytest.approx(2 * 24 * 60 + 5)
    assert "coverage.lost" in [event.kind for event in store.events.latest(10)]
    assert collector.run("x_search").error is None


def test_a_listing_that_ends_at_800_mentions_is_no_end(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(850):
        post(servers, f"@BriskBroadband {n}", posted_at=clock.now() - timedelta(minutes=900 - n))
    report = make_collector("x_mentions").run("x_mentions")
    assert report.stored == 800
    [(start, end)] = spans(store, "lost", "x_mentions")
    assert (start, end) == (-24 * 60, -850)


def test_a_gap_that_newer_mentions_pushed_out_of_the_listing_is_lost_not_filled(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(300):
        post(servers, f"@BriskBroadband {n}", posted_at=clock.now() - timedelta(minutes=400 - n))
    collector = make_collector("x_mentions", max_pages=2)
    assert collector.run("x_mentions").stored == 200
    for n in range(800):
        post(servers, f"@BriskBroadband again {n}", posted_at=clock.now() + timedelta(seconds=n))
    clock.advance(minutes=20)
    collector.run("x_mentions")
    assert spans(store, "lost", "x_mentions") == [(-24 * 60, -300)]
    assert spans(store, "filled", "x_mentions") == []


def test_a_gap_that_newer_mentions_pushed_half_out_of_the_listing_is_lost_from_there_on(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(400):
        post(servers, f"@BriskBroadband {n}", posted_at=clock.now() - timedelta(minutes=500 - n))
    assert make_collector("x_mentions", max_pages=2).run("x_mentions").stored == 200
    for n in range(500):
        post(servers, f"@BriskBroadband again {n}", posted_at=clock.now() + timedelta(seconds=n))
    clock.advance(minutes=20)
    assert make_collector("x_mentions", max_pages=9).run("x_mentions").stored == 600  # of 700; X keeps 800 in all
    assert spans(store, "lost", "x_mentions") == [(-24 * 60, -400)]
    assert spans(store, "filled", "x_mentions") == [(-400, -300)]
    assert spans(store, "gap", "x_mentions") == []


def test_the_gaps_of_several_queries_are_kept_apart_and_all_read(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {
        post(servers, f"{name} {n}", posted_at=clock.now() - timedelta(minutes=300 - n))
        for n in range(150)
        for name in ("Brisk", "Rival Fibre")
    }
    collector = make_collector("x_search", max_pages=1, brands=TWO_BRANDS)
    assert collector.run("x_search").stored == 200  # a page of each, whatever max_pages says
    assert spans(store, "gap") == [(-24 * 60, -250)]
    clock.advance(minutes=1)
    assert collector.run("x_search").stored == 50
    assert spans(store, "gap") == [(-24 * 60, -250)]  # until each of the queries has read it
    clock.advance(minutes=1)
    assert collector.run("x_search").error is None
    assert set(mentions(store)) == written
    assert spans(store, "filled") == [(-24 * 60, -250)]
    assert store.sources.open_gaps("x_search") == []
    assert spans(store, "lost") == []


def test_queries_that_the_operator_changed_read_the_gaps_that_the_old_ones_left(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {
        post(servers, f"{word} {n}", posted_at=clock.now() - timedelta(minutes=400 - n))
        for n in range(150)
        for word in ("Brisk", "BriskNet")
    }
    make_collector("x_search", max_pages=1).run("x_search")
    assert spans(store, "gap") == [(-24 * 60, -350)]
    clock.advance(minutes=1)
    more = {**BRAND, "terms": [*BRAND["terms"], "BriskNet"]}
    assert make_collector("x_search", brands=[more]).run("x_search").error is None
    assert len(set(mentions(store)) & written) == 100 + 2 * 50  # the new word is heard from the gap on
    assert (spans(store, "gap"), spans(store, "lost")) == ([], [])
    assert spans(store, "filled") == [(-24 * 60, -350)]


def test_a_source_that_becomes_another_kind_gives_its_gaps_up(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(150):
        post(servers, f"@BriskBroadband {n}", posted_at=clock.now() - timedelta(minutes=300 - n))
    make_collector("x_search", max_pages=1).run("x_search")
    assert len(spans(store, "gap")) == 1
    other = {"name": "x_search", "kind": "x_mentions"}
    make_collector("x_search", sources=[other]).run("x_search")
    assert (spans(store, "gap"), len(spans(store, "lost"))) == ([], 1)
    [event] = [event for event in store.events.latest(20) if event.kind == "coverage.lost"]
    assert event.detail["why"] == "the source is x_mentions now"
