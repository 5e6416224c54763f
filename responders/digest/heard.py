"""From counts to figures: what was heard, beside the days before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from responders.digest.days import HOUR, Span
from responders.digest.records import Aside, Compared, Hour, SentimentShare, Spike, Trend
from store.metrics import Slice
from store.records import Sentiment

SPIKE_TIMES = 3  # an hour is a spike from three times its usual mentions …
SPIKE_MORE = 10  # … and ten more than usual: small numbers jump without meaning anything
SPIKE_HOURS = 3  # without days to compare with, at least so many other hours must have been heard


@dataclass(frozen=True, slots=True)
class HeardDay:
    """A day's slices; those kept apart are not in ``slices``."""

    span: Span
    slices: tuple[Slice, ...]
    asides: tuple[Slice, ...]
    heard: bool

    @property
    def mentions(self) -> int:
        """How many mentions count."""
        return total(self.slices)

    @property
    def complaints(self) -> int:
        """How many of them complain."""
        return total(s for s in self.slices if s.complaint)


def heard_day(span: Span, slices: Sequence[Slice], share: float | None, enough: float) -> HeardDay:
    """Sort a day's slices. Without any source a day with mentions was heard: they were replayed."""
    return HeardDay(
        span=span,
        slices=tuple(s for s in slices if s.aside is None),
        asides=tuple(s for s in slices if s.aside is not None),
        heard=share >= enough if share is not None else bool(slices),
    )


def total(slices: Iterable[Slice]) -> int:
    """Add up the mentions of slices."""
    return sum(s.mentions for s in slices)


def compared(value: int, before: Sequence[float], *, heard: bool) -> Compared:
    """Put a count beside its median on the days before. Where too little was heard, few are no sign of fewer."""
    usual = float(median(before)) if before else None
    if usual is not None and value < usual and not heard:
        usual = None
    return Compared(value, usual, len(before))


def trend(days: Sequence[HeardDay]) -> tuple[Trend, ...]:
    """Return the days in order, the digest's own last."""
    return tuple(Trend(day.span.day, day.mentions, day.complaints, day.heard) for day in days)


def sentiments(today: HeardDay, before: Sequence[HeardDay]) -> tuple[SentimentShare, ...]:
    """Return the share of each sentiment, worst first."""
    found = []
    for sentiment in Sentiment:
        count, share = _share(today, sentiment)
        usual = [s for _, s in (_share(day, sentiment) for day in before) if s is not None]
        found.append(SentimentShare(sentiment, count, share, median(usual) if usual else None))
    return tuple(found)


def _share(day: HeardDay, sentiment: Sentiment) -> tuple[int, float | None]:
    known = total(s for s in day.slices if s.sentiment is not None)
    count = total(s for s in day.slices if s.sentiment == sentiment)
    return count, count / known if known else None


def asides(today: HeardDay) -> tuple[Aside, ...]:
    """Return what is kept apart, by reason, most first."""
    counts: Counter[tuple[str, str]] = Counter()
    for s in today.asides:
        counts[(s.aside or "", s.rule or "")] += s.mentions
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Aside(reason, rule, mentions) for (reason, rule), mentions in ordered)


def hours(today: HeardDay, before: Sequence[HeardDay], unheard: Collection[int]) -> tuple[Hour, ...]:
    """Return the day hour by hour, as it was heard."""
    labels = today.span.hour_labels()
    mentions, complaints = _by_hour(today, len(labels))
    earlier = [dict(zip(day.span.hour_labels(), _by_hour(day)[0], strict=True)) for day in before]
    found = []
    for index, label in enumerate(labels):
        usual = [day[label] for day in earlier if label in day]
        found.append(
            Hour(
                label, mentions[index], complaints[index], float(median(usual)) if usual else None, index not in unheard
            )
        )
    return tuple(found)


def _by_hour(day: HeardDay, count: int | None = None) -> tuple[list[int], list[int]]:
    size = len(day.span.hour_labels()) if count is None else count
    mentions, complaints = [0] * size, [0] * size
    for s in day.slices:
        hour = day.span.hour_of(s.starts_at)
        mentions[hour] += s.mentions
        complaints[hour] += s.mentions if s.complaint else 0
    return mentions, complaints


def spikes(today: HeardDay, day_hours: Sequence[Hour], fully_heard: Collection[int]) -> tuple[Spike, ...]:
    """Return the stretches of hours with far more mentions than usual.

    Usual is the median of the same hour on the days before, and at least the median of this day's other hours that
    were heard from end to end, of those with mentions where there are enough. Where neither is known an hour is no
    spike.
    """
    usual = [_usual(hour, index, day_hours, fully_heard) for index, hour in enumerate(day_hours)]
    high = [
        hour.mentions >= SPIKE_TIMES * often and hour.mentions >= often + SPIKE_MORE
        for hour, often in zip(day_hours, usual, strict=True)
    ]
    found = []
    index = 0
    while index < len(high):
        end = index
        while end < len(high) and high[end]:
            end += 1
        if end > index:
            found.append(_spike(today, day_hours, usual, index, end))
        index = max(end, index + 1)
    return tuple(found)


def _usual(hour: Hour, index: int, day_hours: Sequence[Hour], fully_heard: Collection[int]) -> float:
    others = [day_hours[other].mentions for other in fully_heard if other != index]
    awake = [mentions for mentions in others if mentions]  # a silent night does not make a spike of every morning
    middle = median(awake if len(awake) >= SPIKE_HOURS else others) if len(others) >= SPIKE_HOURS else None
    return max((often for often in (hour.usual, middle) if often is not None), default=inf)


def _spike(today: HeardDay, day_hours: Sequence[Hour], usual: Sequence[float], start: int, end: int) -> Spike:
    topics: Counter[str] = Counter()
    for s in today.slices:
        if start <= today.span.hour_of(s.starts_at) < end and s.topic:
            topics[s.topic] += s.mentions
    topic, mentions = min(topics.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
    after = today.span.start + end * HOUR
    return Spike(
        start=day_hours[start].label,
        end=f"{after.astimezone(today.span.zone):%H:%M}",
        mentions=sum(hour.mentions for hour in day_hours[start:end]),
        usual=float(sum(usual[start:end])),
        complaints=sum(hour.complaints for hour in day_hours[start:end]),
        topic=topic,
        topic_mentions=mentions,
    )
