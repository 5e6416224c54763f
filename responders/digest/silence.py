"""What was not heard: the stretches that no source listened to, recorded or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from config.settings import Settings
from listener.coverage import SourceCoverage, coverage_of
from listener.spans import joined, without
from responders.digest.days import HOUR, Span
from responders.digest.records import Silence
from store.service_metrics import LateRead, Stretch

SHORTEST = timedelta(minutes=5)  # a hole that nobody recorded is named from here on, or from three missed turns
HEARD = ("covered", "filled")  # a filled gap was read after all
HEARD_ENOUGH = 0.8  # a day that was listened to for less is no day to compare with


def sources_of(settings: Settings, brand: str, stretches: Iterable[Stretch]) -> dict[str, timedelta]:
    """Return the sources that listen for a brand in a span of ``stretches``, with the shortest hole worth naming.

    A source that is recorded there and no longer configured may have listened for any brand, so it stays; in a span
    that knows nothing of it, it was gone.
    """
    shortest = {stretch.source: SHORTEST for stretch in stretches}
    pace = settings.rehearsal.speed if settings.rehearsal else 1.0  # a turn takes real time, the digest's may be played
    for source in settings.sources:
        if source.brands and brand not in source.brands:
            shortest.pop(source.name, None)
        else:
            shortest[source.name] = max(SHORTEST, 3 * pace * source.every)
    return dict(sorted(shortest.items()))


def as_of(
    span: Span, sources: Mapping[str, timedelta], stretches: Sequence[Stretch], late: Sequence[LateRead]
) -> list[Stretch]:
    """Return the stretches as they stood at the end of a span: what was read only after it is ``late``.

    What is too short to be named stays as it is: a source that is read once an hour is not silent every midnight.
    """
    found = []
    for stretch in stretches:
        whole = [(stretch.started_at, stretch.ended_at)]
        after = []
        if stretch.state in HEARD:
            cut = [
                (max(one.started_at, span.start), min(one.ended_at, span.by))
                for one in late
                if one.source == stretch.source
            ]
            shortest = sources.get(stretch.source, SHORTEST)
            after = [(start, end) for start, end in joined(cut) if end - start >= shortest]
        in_time = without(whole, after)
        found += [replace(stretch, started_at=start, ended_at=end) for start, end in in_time]
        found += [
            replace(stretch, started_at=start, ended_at=end, state="late") for start, end in without(whole, in_time)
        ]
    return found


def silences(
    span: Span, sources: Mapping[str, timedelta], since: Mapping[str, datetime], stretches: Sequence[Stretch]
) -> list[Silence]:
    """Return the silent stretches of a day, by source and time."""
    found: list[Silence] = []
    for name, shortest in sources.items():
        began = max(span.start, since.get(name, span.start))
        mine = [stretch for stretch in stretches if stretch.source == name]
        found += [
            Silence(name, max(s.started_at, span.start), min(s.ended_at, span.by), s.state, s.detail)
            for s in mine
            if s.state != "covered"
        ]
        found += [
            Silence(name, start, end, "unrecorded", "")
            for start, end in _holes(began, span.by, mine)
            if end - start >= shortest
        ]
    return sorted(found, key=lambda silence: (silence.source, silence.started_at, silence.ended_at))


def sums(
    span: Span, sources: Mapping[str, timedelta], since: Mapping[str, datetime], stretches: Sequence[Stretch]
) -> list[SourceCoverage]:
    """Return for each source how much of a day was heard, is still to be read, or is lost."""
    return [
        coverage_of(name, [one for one in stretches if one.source == name], span.start, span.by, since.get(name))
        for name in sources
        if since.get(name, span.by) < span.by
    ]


def heard_share(
    span: Span, sources: Mapping[str, timedelta], since: Mapping[str, datetime], stretches: Sequence[Stretch]
) -> float | None:
    """Return what share of the day was listened to, as the mean over its sources; None when there was none."""
    listening = [name for name in sources if since.get(name, span.by) < span.by]
    if not listening:
        return None
    day = span.by - span.start
    shares = []
    for name in listening:
        covered = [stretch for stretch in stretches if stretch.source == name and stretch.state in HEARD]
        silent = sum((end - start for start, end in _holes(span.start, span.by, covered)), timedelta())
        shares.append(1 - silent / day)
    return sum(shares) / len(shares)


def heard_hours(span: Span, since: Mapping[str, datetime], silent: Iterable[Silence]) -> frozenset[int]:
    """Return the hours of a day that are over and that some source listened to throughout.

    Before its first coverage a source had not begun to listen. A day on which none had begun was replayed from a
    file: every hour of it counts.
    """
    over = range(span.hour_of(span.by))
    begun = {name: at for name, at in since.items() if at < span.by}
    deaf: dict[str, set[int]] = {name: set() for name in begun}
    for one in silent:
        if one.state != "filled":
            deaf.setdefault(one.source, set()).update(hours_of(span, one.started_at, one.ended_at))
    return frozenset(
        hour
        for hour in over
        if not begun
        or any(at < span.start + hour * HOUR + SHORTEST and hour not in deaf[name] for name, at in begun.items())
    )


def unheard_hours(span: Span, since: Mapping[str, datetime], silent: Iterable[Silence]) -> frozenset[int]:
    """Return the hours of a day in which a source was silent, or in which none had begun to listen yet."""
    found = {hour for one in silent if one.state != "filled" for hour in hours_of(span, one.started_at, one.ended_at)}
    first = min(since.values(), default=span.start)
    if span.start + SHORTEST < first < span.by:
        found |= set(hours_of(span, span.start, first - SHORTEST))
    return frozenset(found)


def hours_of(span: Span, start: datetime, end: datetime) -> range:
    """Return the hours of a day that a stretch of it touches."""
    return range(span.hour_of(start), span.hour_of(end - timedelta(microseconds=1)) + 1)


def _holes(start: datetime, end: datetime, stretches: Sequence[Stretch]) -> list[tuple[datetime, datetime]]:
    """Return what the stretches leave open between two moments."""
    holes = []
    for stretch in sorted(stretches, key=lambda stretch: stretch.started_at):
        if stretch.started_at > start:
            holes.append((start, min(stretch.started_at, end)))
        start = max(start, stretch.ended_at)
    if start < end:
        holes.append((start, end))
    return [(begun, ended) for begun, ended in holes if begun < ended]
