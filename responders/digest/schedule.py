"""Which digests are due: what the daemon asks, so that a missed morning is caught up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from config.clock import Clock
from config.settings import Brand, Settings
from responders.digest.days import bounds, final_at
from responders.digest.deliver import NOWHERE
from store.store import Store

CAUGHT_UP = 7  # days back
TRIED_AGAIN = timedelta(minutes=15)


def due_digests(store: Store, settings: Settings, clock: Clock) -> list[tuple[Brand, date]]:
    """Return the days whose digest time has passed and that have no digest that went out, oldest first.

    A day whose digest was made and did not go out is due as well. Never older than seven days, and never before the
    first mention was heard.
    """
    now = clock.now()
    due = []
    for brand in settings.brands:
        zone = ZoneInfo(brand.time_zone)
        today = now.astimezone(zone).date()
        for back in range(CAUGHT_UP, 0, -1):
            day = today - timedelta(days=back)
            if now < final_at(brand, day, settings.digest.at) or _done(store, brand, day, now):
                continue
            if store.metrics.heard_before(brand.name, bounds(day, zone)[1]):
                due.append((brand, day))
    return due


def _done(store: Store, brand: Brand, day: date, now: datetime) -> bool:
    """A digest is done when it was made and went out, or has nowhere to go; what failed is tried again later."""
    stored = store.digests.get(brand.name, day)
    if stored is None:
        return False
    if stored.sent_at is not None or stored.problem == NOWHERE:
        return True
    if stored.tried_at is None:
        return False  # somebody looked at it at the desk before it was sent
    # Without a problem the attempt never came to an end: nobody knows whether it arrived, so it is not sent again.
    return stored.problem is None or stored.tried_at + TRIED_AGAIN > now
