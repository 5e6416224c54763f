"""Time comes from a clock that is handed in, so that tests and the rehearsal can set its pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time: aware, UTC."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PacedClock:
    """A clock that reads ``start`` at the moment ``anchor`` of the real one and runs ``speed`` times as fast.

    Several processes that are given the same three values agree on the time.
    """

    start: datetime
    anchor: datetime
    speed: float

    def now(self) -> datetime:
        """Return the paced moment."""
        passed = datetime.now(UTC) - self.anchor
        return self.start + timedelta(seconds=passed.total_seconds() * self.speed)
