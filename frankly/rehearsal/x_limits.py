"""X's rate limits: a budget per endpoint and kind of caller, in windows of 15 minutes of the world's time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
DAY = timedelta(hours=24)
# Endpoint -> (per app, per user), requests in a window; the documented figures.
BUDGETS: Mapping[str, tuple[int, int]] = {
    "search": (450, 300),
    "counts": (300, 300),
    "mentions": (450, 300),
    "user_tweets": (10_000, 900),
    "me": (75, 75),
    "user_by_name": (300, 900),
    "users": (300, 900),
    "tweets": (3_500, 5_000),
    "create": (100, 100),
    "delete": (50, 50),
}
CREATES_PER_DAY = 10_000


class Limits:
    """Counts requests. ``budgets`` may be changed while it runs."""

    def __init__(self) -> None:
        self.budgets = dict(BUDGETS)
        self._used: dict[tuple[str, bool], tuple[datetime, int]] = {}

    def take(self, endpoint: str, *, user: bool, now: datetime) -> tuple[bool, dict[str, str]]:
        """Count one request; return whether it may pass, and the headers that go with either answer."""
        allowed, headers = self._count("x-rate-limit-", (endpoint, user), self.budgets[endpoint][user], WINDOW, now)
        if endpoint == "create":
            today, more = self._count("x-app-limit-24hour-", ("day", user), CREATES_PER_DAY, DAY, now)
            allowed, headers = allowed and today, headers | more
        return allowed, headers

    def _count(
        self, prefix: str, key: tuple[str, bool], limit: int, window: timedelta, now: datetime
    ) -> tuple[bool, dict[str, str]]:
        start, used = self._used.get(key, (now, 0))
        if now >= start + window:
            start, used = now, 0
        allowed = used < limit
        self._used[key] = (start, used + allowed)
        return allowed, _headers(prefix, limit, limit - used - allowed, start + window)


def spent_day(now: datetime) -> dict[str, str]:
    """Return the headers of a 429 whose window of 15 minutes ends soon and whose day has just begun."""
    quarter = _headers("x-rate-limit-", 100, 97, now + WINDOW)
    return quarter | _headers("x-user-limit-24hour-", 17, 0, now + DAY)


def _headers(prefix: str, limit: int, left: int, reset: datetime) -> dict[str, str]:
    return {
        f"{prefix}limit": str(limit),
        f"{prefix}remaining": str(left),
        # Rounded up: one who comes back at this second is let in.
        f"{prefix}reset": str(int(reset.timestamp()) + 1),
    }
