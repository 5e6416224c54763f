"""``frankly coverage``: what each source has heard, what it still has to read, and what is lost."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table

from frankly.app import App
from listener.coverage import SourceCoverage, coverage
from responders.desk.words import length

_UNREAD = {"gap": "to be read", "lost": "lost for good"}


def gather(app: App, since: datetime, until: datetime) -> dict[str, Any]:
    """Collect the report for a time: the sums of each source, and each stretch that was not heard, oldest first."""
    configured = {source.name for source in app.settings.sources}
    sources = coverage(app.store, since, until)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "sources": [{**asdict(source), "configured": source.source in configured} for source in sources],
        "not_heard": [
            {
                "source": stretch.source,
                "state": stretch.state,
                "started_at": stretch.started_at.isoformat(),
                "ended_at": stretch.ended_at.isoformat(),
                "seconds": round((stretch.ended_at - stretch.started_at).total_seconds()),
                "why": stretch.detail,
            }
            for source in sources
            for stretch in app.store.sources.coverage(source.source, since, until)
            if stretch.state in _UNREAD
        ],
    }


def show(report: dict[str, Any], console: Console) -> None:
    """Print the report for a person."""
    if not report["sources"]:
        console.print("No source has run yet.")
        return
    table = Table("source", "heard", "open gaps", "lost", "not read yet")
    for row in report["sources"]:
        name = row.pop("source")
        configured = row.pop("configured")
        part = SourceCoverage(name, **row)
        table.add_row(
            name if configured else f"{name} (not configured)",
            _long(part.heard_seconds),
            _counted(part.open_gaps, part.open_seconds),
            _counted(part.lost_gaps, part.lost_seconds),
            _long(part.unread_seconds),
        )
    console.print(table)
    for gap in report["not_heard"]:
        why = f" ({gap['why']})" if gap["why"] else ""
        span = f"{gap['started_at'][:16]} to {gap['ended_at'][:16]} UTC, {_long(gap['seconds'])}"
        console.print(f"{gap['source']}: {span}, {_UNREAD[gap['state']]}{why}", soft_wrap=True)


def _counted(number: int, seconds: int) -> str:
    return f"{number}, {_long(seconds)}" if number else "none"


def _long(seconds: int) -> str:
    return length(timedelta(seconds=seconds))
