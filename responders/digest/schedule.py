"""Which digests are due: what the daemon asks, so that a missed morning is caught up."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from config.clock import Clock
from config.settings import Brand, Settings
from responders.digest.days import final_at
from store.store import Store

CAUGHT_UP = 7  # days back


def due_digests(store: Store, settings: Settings, clock: Clock) -> list[tuple[Brand, date]]:
    """Return the days whose digest time has passed and that have no digest, oldest first.

    With digests going out by mail, a day whose digest was made and not sent is due as well. Never older than seven
    days, and never before the first mention was heard.
    """
    now = clock.now()
    due = []
    for brand in settings.brands:
        first = store.metrics.first_heard(brand.name)
        if first is None:
            continue
        zone = ZoneInfo(brand.time_zone)
        begun, today = first.astimezone(zone).date(), now.astimezone(zone).date()
        for back in range(CAUGHT_UP, 0, -1):
            day = today - timedelta(days=back)
            if day >= begun and now >= final_at(brand, day, settings.digest.at) and not _done(store, brand, day):
                due.append((brand, day))
    return due


def _done(store: Store, brand: Brand, day: date) -> bool:
    return store.digests.get(brand.name, day) is not None
