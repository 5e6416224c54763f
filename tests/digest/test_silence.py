"""Which holes in listening are worth naming."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from config.settings import Rehearsal, Source
from responders.digest.silence import SHORTEST, sources_of
from responders.digest.writing import document, subject, summary
from store.store import Store
from tests.digest.conftest import digest_of
from tests.digest.seed import Seed, settings

START = datetime(2026, 3, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCES = [
    Source(name="x mentions", kind="x_mentions", every=timedelta(seconds=20)),
    Source(name="x search", kind="x_search", every=timedelta(minutes=4)),
]


def test_three_missed_turns_are_named_and_no_less_than_five_minutes() -> None:
    found = sources_of(settings(sources=SOURCES), "Acme", [])
    assert found == {"x mentions": SHORTEST, "x search": timedelta(minutes=12)}


def test_in_a_simulated_day_three_turns_last_as_long_as_it_is_played_fast() -> None:
    start = datetime(2026, 3, 5, 6, tzinfo=UTC)
    played = settings(sources=SOURCES).model_copy(update={"rehearsal": Rehearsal(start=start, anchor=start, speed=100)})
    assert sources_of(played, "Acme", [])["x mentions"] == timedelta(minutes=100)


def test_what_was_read_only_after_the_day_is_told_and_counts_as_not_heard(store: Store, seed: Seed) -> None:
    for back in range(1, 8):
        seed.covered(START - back * 24 * HOUR, START - (back - 1) * 24 * HOUR)
    seed.covered(START, START + 48 * HOUR)
    seed.mention(START + HOUR)
    store.sources.read_late("x mentions", START + 10 * HOUR, START + 24.5 * HOUR, START + 24.5 * HOUR)
    digest = digest_of(store)
    (silence,) = digest.listening.silences
    assert (silence.started_at, silence.ended_at, silence.state) == (START + 10 * HOUR, START + 24 * HOUR, "late")
    assert [hour.label for hour in digest.hours if not hour.heard] == [f"{hour:02}:00" for hour in range(10, 24)]
    assert not digest.trend[-1].heard
    said = "Read only after the day, and not counted here: what was said from 10:00 to midnight (x mentions)."
    assert said in [line.text for line in summary(digest)]
    (section,) = (one for one in document(digest).sections if one.key == "not-heard")
    assert "read only after the end of the day; it counts as heard late" in str(section)
    assert digest.listening.sources[0].heard_seconds == 24 * 3600  # in time or later
    next_day = digest_of(store, (START + 24 * HOUR).date(), START + 56 * HOUR)
    assert (next_day.trend[-2].heard, next_day.mentions.days) == (False, 6)


def test_what_was_read_before_the_day_ended_or_a_moment_after_it_was_heard(store: Store, seed: Seed) -> None:
    seed.covered(START, START + 24.5 * HOUR)
    store.sources.read_late("x mentions", START + 10 * HOUR, START + 12 * HOUR, START + 12 * HOUR)
    store.sources.read_late("x mentions", START + 24 * HOUR - SHORTEST / 2, START + 24.5 * HOUR, START + 24.5 * HOUR)
    digest = digest_of(store)
    assert digest.listening.silences == ()
    assert digest.trend[-1].heard


def test_a_day_that_was_hardly_heard_has_no_fewer_mentions_than_usual(store: Store, seed: Seed) -> None:
    for back in range(1, 8):
        begun = START - back * 24 * HOUR
        seed.covered(begun, begun + 24 * HOUR)
        for hour in range(4):
            seed.mention(begun + hour * HOUR, author=f"{back}-{hour}")
    seed.covered(START, START + HOUR)
    seed.mention(START, author="ann")
    digest = digest_of(store)
    assert (digest.mentions.value, digest.mentions.usual, digest.mentions.days) == (1, None, 7)
    assert summary(digest)[0].text == "1 mention; too little of this day was heard to compare it with others."
    assert subject(digest).endswith("(not all heard)")
    for hour in range(1, 6):
        seed.mention(START + hour * HOUR, author=f"0-{hour}")
    assert summary(digest_of(store))[0].text == "6 mentions, 2 more than usual (median of 7 days: 4)."
