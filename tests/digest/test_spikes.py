"""A spike stands out from what was heard: hours that nobody listened to are no measure of what is usual."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from responders.digest.document import Line, Table
from responders.digest.writing import document, summary
from store.store import Store
from tests.digest.conftest import digest_of
from tests.digest.seed import Seed

START = datetime(2026, 3, 5, tzinfo=UTC)
SIX = START + timedelta(hours=6, seconds=4)
NOON = START + timedelta(hours=12, minutes=13)
HOUR = timedelta(hours=1)


def _mentions(seed: Seed, hour: int, count: int) -> None:
    for index in range(count):
        seed.mention(START + timedelta(hours=hour, seconds=index * 10 + 5), author=f"{hour}-{index}")


def _first_day(seed: Seed, busy: dict[int, int], last: int = 11) -> None:
    """Four to six mentions an hour from the moment the daemon began to listen, save in busy hours."""
    for hour in range(6, last + 1):
        _mentions(seed, hour, busy.get(hour, 4 + hour % 3))
    _mentions(seed, 12, 1)


def test_on_a_first_day_the_hour_that_stands_out_is_the_spike(store: Store, seed: Seed) -> None:
    _first_day(seed, {10: 60})
    seed.covered(SIX, NOON)
    digest = digest_of(store, now=NOON)
    (spike,) = digest.spikes
    assert (spike.start, spike.end, spike.mentions, spike.usual) == ("10:00", "11:00", 60, 5)
    spoken = "A spike from 10:00 to 11:00: 60 mentions where the day's other hours make 5 likely (median)"
    assert any(spoken in said.text for said in summary(digest))


def test_beside_days_before_a_spike_is_measured_by_them(store: Store, seed: Seed) -> None:
    _first_day(seed, {10: 60})
    for index in range(6):
        seed.mention(START + timedelta(hours=10 - 24, seconds=index), author=f"before-{index}")
    seed.covered(START - 24 * HOUR, NOON)
    digest = digest_of(store, now=NOON)
    assert any("A spike from 10:00 to 11:00: 60 mentions where 6 are usual" in said.text for said in summary(digest))


def test_a_first_day_that_is_busy_throughout_has_no_spike(store: Store, seed: Seed) -> None:
    _first_day(seed, {hour: 20 + hour % 3 for hour in range(6, 12)})
    seed.covered(SIX, NOON)
    assert digest_of(store, now=NOON).spikes == ()


def test_a_few_hours_are_nothing_to_compare_with(store: Store, seed: Seed) -> None:
    _first_day(seed, {8: 60}, last=8)
    seed.covered(SIX, START + 9 * HOUR)
    assert digest_of(store, now=START + 9 * HOUR).spikes == ()


def test_a_morning_after_a_silent_night_is_no_spike(store: Store, seed: Seed) -> None:
    for hour in range(7, 12):
        _mentions(seed, hour, 20 + hour % 3)
    seed.covered(START, NOON)
    assert digest_of(store, now=NOON).spikes == ()


def test_a_storm_over_a_quiet_brand_is_a_spike(store: Store, seed: Seed) -> None:
    _mentions(seed, 9, 60)
    _mentions(seed, 10, 40)
    seed.covered(START, NOON)
    (spike,) = digest_of(store, now=NOON).spikes
    assert (spike.start, spike.end, spike.usual) == ("09:00", "11:00", 0)


def test_the_hour_under_way_does_not_lower_what_is_usual(store: Store, seed: Seed) -> None:
    for hour, count in ((6, 5), (7, 11), (8, 30), (9, 30)):
        _mentions(seed, hour, count)
    seed.covered(SIX, START + 10 * HOUR + timedelta(minutes=2))
    assert digest_of(store, now=START + 10 * HOUR + timedelta(minutes=2)).spikes == ()


def test_hours_in_which_the_only_source_was_silent_do_not_lower_what_is_usual(store: Store, seed: Seed) -> None:
    for hour in range(8, 16):
        _mentions(seed, hour, 20)
    seed.covered(START - HOUR, START)
    seed.covered(START, START + 8 * HOUR, "lost")
    seed.covered(START + 8 * HOUR, START + 16 * HOUR)
    seed.covered(START + 16 * HOUR, START + 24 * HOUR, "lost")
    assert digest_of(store).spikes == ()


def test_one_silent_source_does_not_blind_the_others(store: Store, seed: Seed) -> None:
    _first_day(seed, {10: 60})
    seed.covered(SIX, NOON)
    seed.covered(SIX, NOON, "lost", source="reddit comments")
    assert [spike.start for spike in digest_of(store, now=NOON).spikes] == ["10:00"]


def test_hours_before_the_first_source_listened_were_not_heard(store: Store, seed: Seed) -> None:
    _first_day(seed, {})
    seed.covered(SIX, NOON)
    digest = digest_of(store, now=NOON)
    assert [hour.label for hour in digest.hours if not hour.heard] == [f"{hour:02}:00" for hour in range(6)]
    assert digest.listening.silences == ()
    (said,) = (section.blocks for section in document(digest).sections if section.key == "not-heard")
    line, sources = said
    assert line == Line("Every source was listened to since it began: 51 % of the day.")
    assert isinstance(sources, Table)
    assert [cell.text for cell in sources.rows[0]] == ["x mentions", "6 h 13 min", "\u2013", "\u2013"]


def test_a_replayed_day_is_its_own_measure(store: Store, seed: Seed) -> None:
    for hour in range(24):
        _mentions(seed, hour, 60 if hour == 15 else 5)
    (spike,) = digest_of(store).spikes
    assert (spike.start, spike.usual) == ("15:00", 5)
    seed.covered(START + 48 * HOUR, START + 50 * HOUR)
    assert all(hour.heard for hour in digest_of(store).hours)
