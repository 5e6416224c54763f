"""Days and hours as the brand's people live them: 23 or 25 hours long where the clocks change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.settings import Brand

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A day in a time zone, or the part of it that has passed."""

    day: date
    zone: ZoneInfo
    start: datetime
    end: datetime  # of the whole day
    by: datetime  # what happened before this counts

    @property
    def running(self) -> bool:
        """Whether the day is not over."""
        return self.by < self.end

    def earlier(self, days: int) -> Span:
        """Return an earlier day; of a running day as much of it as has passed today, by the clock on the wall."""
        day = self.day - timedelta(days=days)
        start, end = bounds(day, self.zone)
        by = end
        if self.running:
            clock = self.by.astimezone(self.zone).time()
            by = min(end, datetime.combine(day, clock, self.zone).astimezone(UTC))
        return Span(day, self.zone, start, end, by)

    def hour_labels(self) -> list[str]:
        """Return the local label of each hour that has begun; one that comes twice says so."""
        labels: list[str] = []
        moment = self.start
        while moment < self.by:
            label = f"{moment.astimezone(self.zone):%H:%M}"
            labels.append(f"{label} (again)" if label in labels else label)
            moment += HOUR
        return labels

    def hour_of(self, moment: datetime) -> int:
        """Return which hour of the day a moment lies in, from 0."""
        return (moment - self.start) // HOUR


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first moment of a local day and of the next, in UTC."""
    midnights = (datetime.combine(d, time(), zone) for d in (day, day + timedelta(days=1)))
    start, end = (midnight.astimezone(UTC) for midnight in midnights)
    return start, end


def span(brand: Brand, day: date, now: datetime) -> Span:
    """Return a brand's day as far as it has passed."""
    zone = ZoneInfo(brand.time_zone)
    start, end = bounds(day, zone)
    return Span(day, zone, start, end, min(end, now))


def final_at(brand: Brand, day: date, at: time) -> datetime:
    """Return when the digest of a day is due: the configured time on the next morning."""
    return datetime.combine(day + timedelta(days=1), at, ZoneInfo(brand.time_zone)).astimezone(UTC)
