"""How long a source waits before it asks again. Chance spreads the sources, so that not all come back at once."""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST = timedelta(minutes=15)
_LATER_AT_MOST = timedelta(seconds=30)


def back_off(every: timedelta, failures: int, chance: float) -> timedelta:
    """Return how long to rest after so many failures in a row, at least one.

    A quarter of the source's own turn after the first, twice as long after each further one, up to ``LONGEST``; a
    fifth less or more by ``chance`` (0 to 1).
    """
    whole = min(every / 4 * (1 << min(failures - 1, 16)), LONGEST)
    return whole * (0.8 + 0.4 * chance)


def a_little_after(retry_at: datetime, now: datetime, chance: float) -> datetime:
    """Return a moment soon after the one that a platform named: never before it, and at most half a minute later."""
    return retry_at + min((retry_at - now) / 10, _LATER_AT_MOST) * chance
