"""Keeps the ledger of what was really heard: nothing that was missed is missed in silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from listener.sources.base import Stretch
from store.records import Event
from store.store import Store


def write_down(store: Store, source: str, ledger: Sequence[Stretch], at: datetime) -> None:
    """Add stretches to a source's ledger, with an event for each that was not heard. Call it inside a transaction."""
    for stretch in ledger:
        if stretch.ended_at <= stretch.started_at:
            continue
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


def give_up_gaps(store: Store, source: str, at: datetime, why: str) -> None:
    """Write down that nobody will read a source's open gaps any more. Call it inside a transaction."""
    gaps = store.sources.open_gaps(source)
    write_down(store, source, [Stretch("lost", gap.started_at, gap.ended_at, why) for gap in gaps], at)
