"""Keeps the ledger of what was really heard: nothing that was missed is missed in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from listener.sources.base import Stretch
from listener.spans import joined, without
from store.records import Event
from store.store import Store

_READ_LATE = timedelta(minutes=5)  # what passed longer ago than this was not read as it was said


class Stretched(Protocol):
    """A stretch of the ledger, as any reader of it has it."""

    @property
    def state(self) -> str:
        """``covered``, ``gap``, ``filled`` or ``lost``."""
        ...

    @property
    def started_at(self) -> datetime:
        """Its first moment."""
        ...

    @property
    def ended_at(self) -> datetime:
        """The moment after its last."""
        ...


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """How much of a time one source was heard, in whole seconds. The four parts make up the time since it began.

    What is a gap or lost is not heard, whatever else the ledger says of it. ``unread_seconds`` are those that the
    ledger says nothing of: nobody ran the source, or not yet.
    """

    source: str
    heard_seconds: int
    open_gaps: int
    open_seconds: int
    lost_gaps: int
    lost_seconds: int
    unread_seconds: int


def coverage_of(
    source: str, stretches: Iterable[Stretched], since: datetime, until: datetime, began: datetime | None
) -> SourceCoverage:
    """Add up the stretches of one source within a time; ``began`` is when it was first listened to."""
    by_state: dict[str, list[tuple[datetime, datetime]]] = {}
    for stretch in stretches:
        cut = (max(stretch.started_at, since), min(stretch.ended_at, until))
        by_state.setdefault(stretch.state, []).append(cut)
    lost = joined(by_state.get("lost", []))
    gaps = without(by_state.get("gap", []), lost)
    heard = without([*by_state.get("covered", []), *by_state.get("filled", [])], [*lost, *gaps])
    whole = [(max(began, since), until)] if began is not None else []
    return SourceCoverage(
        source=source,
        heard_seconds=_seconds(heard),
        open_gaps=len(gaps),
        open_seconds=_seconds(gaps),
        lost_gaps=len(lost),
        lost_seconds=_seconds(lost),
        unread_seconds=_seconds(without(whole, [*lost, *gaps, *heard])),
    )


def coverage(store: Store, since: datetime, until: datetime) -> list[SourceCoverage]:
    """Return how much of a time each source was heard that ever ran, by name."""
    began = store.service.listening_since()
    names = [state.name for state in store.sources.all()]
    return [
        coverage_of(name, store.sources.coverage(name, since, until), since, until, began.get(name)) for name in names
    ]


def _seconds(spans: Iterable[tuple[datetime, datetime]]) -> int:
    return round(sum((end - start).total_seconds() for start, end in spans))


def write_down(store: Store, source: str, ledger: Sequence[Stretch], at: datetime) -> None:
    """Add stretches to a source's ledger, with an event for each that was not heard. Call it inside a transaction."""
    for stretch in ledger:
        if stretch.ended_at <= stretch.started_at:
            continue
        if stretch.state in ("covered", "filled") and at - stretch.started_at > _READ_LATE:
            for started_at, ended_at in _read_now(store, source, stretch):
                store.sources.read_late(source, started_at, ended_at, at)
        store.sources.record(source, stretch.state, stretch.started_at, stretch.ended_at, stretch.detail)
        if stretch.state in ("gap", "lost"):
            seconds = round((stretch.ended_at - stretch.started_at).total_seconds())
            detail: dict[str, object] = {
                "source": source,
                "from": stretch.started_at.isoformat(),
                "until": stretch.ended_at.isoformat(),
                "seconds": seconds,
                "why": stretch.detail,
            }
            store.events.add(Event(at=at, kind=f"coverage.{stretch.state}", actor="daemon", detail=detail))


def _read_now(store: Store, source: str, stretch: Stretch) -> list[tuple[datetime, datetime]]:
    """Return what of a stretch had not been read before."""
    whole = [(stretch.started_at, stretch.ended_at)]
    known = store.sources.coverage(source, stretch.started_at, stretch.ended_at)
    if stretch.state == "filled":
        return without(whole, without(whole, [(one.started_at, one.ended_at) for one in known if one.state == "gap"]))
    return without(whole, [(one.started_at, one.ended_at) for one in known if one.state in ("covered", "filled")])


def give_up_gaps(store: Store, source: str, at: datetime, why: str) -> None:
    """Write down that nobody will read a source's open gaps any more. Call it inside a transaction."""
    gaps = store.sources.open_gaps(source)
    write_down(store, source, [Stretch("lost", gap.started_at, gap.ended_at, why) for gap in gaps], at)
