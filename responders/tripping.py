"""The pause that trips by itself: where a platform refuses answer after answer, and where complaints jump.

A person then looks and lets sending go on. What they have seen by then does not trip it again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

from config.clock import Clock
from config.settings import Settings
from responders.pausing import RESUMED, pause_sending
from store.records import Platform
from store.store import Store

_ACTOR = "daemon"
_HOUR = timedelta(hours=1)
_DAYS = 14  # that tell what is usual
_DAYS_NEEDED = 7
_USUAL = "usual complaints"  # a switch: counting two weeks takes a moment, so it is done once an hour


class Trip:
    """Pauses all sending where something is badly wrong."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._limits = settings.pause
        self._clock = clock

    def on_refusals(self, platform: Platform) -> str | None:
        """Pause when a platform refused the last answers, one after the other; returns why, or None."""
        limit = self._limits.refusals
        running = self._store.outbox.refused_running(platform, self._resumed_at())
        if not limit or running < limit:
            return None
        return self._pause(f"{platform} refused {running} answers running; see why, then let sending go on")

    def on_complaints(self) -> str | None:
        """Pause when far more complain than usual at this hour; returns why, or None.

        What is usual is the median of the same hour on the two weeks before; in the first week nothing is.
        """
        now = self._clock.now()
        resumed_at = self._resumed_at()
        just_seen = resumed_at is not None and resumed_at > now - _HOUR
        if not self._limits.complaints_times or just_seen or self._store.switches.paused() is not None:
            return None
        count = self._store.pulse.complaints(now - _HOUR, now)
        if count < self._limits.complaints_more:
            return None
        usual = self._usual(now)
        if usual is None or count < max(usual * self._limits.complaints_times, usual + self._limits.complaints_more):
            return None
        return self._pause(
            f"{count} complaints in the last hour, where {usual:g} are usual; see what happened, then let sending go on"
        )

    def _usual(self, now: datetime) -> float | None:
        hour = f"{now:%Y-%m-%dT%H}"
        known = self._store.switches.get(_USUAL)
        if known is None or known[0]["hour"] != hour:
            known = ({"hour": hour, "usual": self._count_usual(now)}, now)
            self._store.switches.put(_USUAL, known[0], now)
        usual: float | None = known[0]["usual"]
        return usual

    def _count_usual(self, now: datetime) -> float | None:
        heard_since = self._store.pulse.heard_since()
        ends = [now - timedelta(days=day) for day in range(1, _DAYS + 1)]
        heard = [end for end in ends if heard_since is not None and end - _HOUR >= heard_since]
        if len(heard) < _DAYS_NEEDED:
            return None
        return float(median(self._store.pulse.complaints(end - _HOUR, end) for end in heard))

    def _resumed_at(self) -> datetime | None:
        resumed = self._store.switches.get(RESUMED)
        return None if resumed is None else resumed[1]

    def _pause(self, why: str) -> str | None:
        with self._store.transaction():
            if self._store.switches.paused() is not None:
                return None
            pause_sending(self._store, self._clock, _ACTOR, why)
        return why
