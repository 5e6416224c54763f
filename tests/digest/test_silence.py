"""Which holes in listening are worth naming."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from config.settings import Rehearsal, Source
from responders.digest.silence import SHORTEST, sources_of
from tests.digest.seed import settings

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
