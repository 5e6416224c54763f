"""How long a source waits: as long as it was asked to, and longer with each failure in a row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from listener.patience import LONGEST, a_little_after, back_off
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import MakeCollector

SEARCH = "/2/tweets/search/recent"
MINUTE = timedelta(minutes=1)


def test_each_failure_doubles_the_wait_up_to_the_longest() -> None:
    waits = [back_off(MINUTE, failures, 0.5) for failures in range(1, 9)]
    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (15, 30, 60, 120)]
    assert waits[-1] == LONGEST == back_off(MINUTE, 10_000, 0.5)


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
def test_chance_spreads_the_waits_and_never_comes_too_early(chance: float) -> None:
    assert timedelta(seconds=12) <= back_off(MINUTE, 1, chance) <= timedelta(seconds=18)
    now = FrozenClock().now()
    assert now + MINUTE <= a_little_after(now + MINUTE, now, chance) <= now + timedelta(seconds=66)
    day = timedelta(days=1)
    assert a_little_after(now + day, now, chance) <= now + day + timedelta(seconds=30)


def test_a_source_that_fails_waits_longer_each_time_and_forgets_it_when_all_is_well(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    collector = make_collector("x_search", chance=lambda: 0.5)
    servers.x.faults.add(FaultKind.STATUS, "GET", SEARCH, status=503, times=3)
    for seconds in (15, 30, 60):
        assert "503" in (collector.run("x_search").error or "")
        clock.advance(seconds=seconds - 1)
        assert "rests until" in (collector.run("x_search").error or "")
        clock.advance(seconds=1)
    assert collector.run("x_search").error is None
    state = store.sources.state("x_search")
    assert state is not None
    assert (state.failures, state.resting_until) == (0, None)
    assert "source.resting" not in [event.kind for event in store.events.latest(10)]


def test_a_rest_that_a_clock_counted_which_was_ahead_ends_once_it_is_right(
    servers: RehearsalServers, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    collector = make_collector("x_search")
    servers.x.faults.add(FaultKind.STATUS, "GET", SEARCH, status=503)
    clock.advance(days=365)
    assert collector.run("x_search").error is not None
    assert "rests until" in (collector.run("x_search").error or "")
    clock.advance(days=-365)
    assert collector.run("x_search").error is None


def test_wrong_keys_ask_for_no_patience(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    collector = make_collector("x_search")
    servers.x.faults.add(FaultKind.UNAUTHORIZED, "GET", SEARCH)
    assert "keys" in (collector.run("x_search").error or "")
    assert collector.run("x_search").error is None


def test_a_rate_limit_without_a_time_waits_a_minute(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    collector = make_collector("x_search")
    servers.x.faults.add(FaultKind.RATE_LIMITED_WITHOUT_RESET, "GET", SEARCH)
    collector.run("x_search")
    state = store.sources.state("x_search")
    assert state is not None
    assert state.resting_until is not None
    assert clock.now() + MINUTE <= state.resting_until <= clock.now() + timedelta(seconds=66)
