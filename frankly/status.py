"""What ``frankly status`` tells: the keys are an interface for other programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table

from config.types import format_duration
from config.version import running_version
from frankly.app import App
from listener.deletions import overdue
from listener.spending import day_of
from responders.pausing import why_paused
from store.records import Platform, SourceState


def gather(app: App) -> dict[str, Any]:
    """Collect the report; every key is there whatever the store holds."""
    overview = app.store.overview
    now = app.clock.now()
    gaps, lost = overview.open_gaps(), overview.lost_seconds()
    states = {state.name: state for state in app.store.sources.all()}
    return {
        "version": running_version(),
        "database": str(app.settings.database_path),
        "mentions": overview.mentions(),
        "cases": overview.cases(),
        "outbox": overview.outbox(),
        "sources": [
            {
                **_source(source.name, source.kind, states.get(source.name)),
                "open_gaps": gaps.get(source.name, 0),
                "lost_seconds": lost.get(source.name, 0),
            }
            for source in app.settings.sources
        ],
        "spending_today_usd": overview.spent_usd(now.replace(hour=0, minute=0, second=0, microsecond=0)),
        "deletion_checks_due": {
            platform.value: overdue(app.store, app.settings, app.clock, platform) for platform in Platform
        },
        "ended_unchecked_today": {
            platform.value: app.store.compliance.emptied(platform, day_of(now), now)["unchecked"]
            for platform in Platform
        },
        "sending": {"x": app.settings.platforms.x.sending, "reddit": app.settings.platforms.reddit.sending},
        "paused": why_paused(app.store, app.settings),
        "heartbeat_age_seconds": heartbeat_age(app),
    }


def heartbeat_age(app: App) -> float | None:
    """Return how long ago the daemon last gave a sign of life, in seconds; None: never."""
    beat = app.store.switches.get("heartbeat")
    if beat is None:
        return None
    age: timedelta = datetime.now(UTC) - datetime.fromisoformat(beat[0]["real_at"])
    return round(age.total_seconds(), 1)


def _source(name: str, kind: str, state: SourceState | None) -> dict[str, Any]:
    times = {
        key: getattr(state, key).isoformat() if state and getattr(state, key) else None
        for key in ("last_run_at", "last_ok_at", "covered_until", "resting_until")
    }
    return {
        "name": name,
        "kind": kind,
        **times,
        "last_error": state.last_error if state else None,
    }


def show(report: dict[str, Any], console: Console) -> None:
    """Print the report for a person."""
    age = report["heartbeat_age_seconds"]
    console.print(f"frankly {report['version']}  {report['database']}")
    console.print(f"daemon    {'has never run here' if age is None else f'last sign of life {age:g} s ago'}")
    console.print(f"sending   {_sending(report)}")
    for name in ("mentions", "cases", "outbox"):
        console.print(f"{name:9} {', '.join(f'{key} {value}' for key, value in report[name].items())}")
    spent = ", ".join(f"{name} ${usd:.2f}" for name, usd in report["spending_today_usd"].items())
    console.print(f"spent     {spent or 'nothing'} today")
    due = ", ".join(f"{name} {number}" for name, number in report["deletion_checks_due"].items() if number)
    console.print(f"deletions {due or 'no posts'} wait to be looked up again")
    ended = sum(report["ended_unchecked_today"].values())
    if ended:
        console.print(f"          {ended} texts ended today unchecked; a higher deletion_checks_usd keeps more")
    if not report["sources"]:
        console.print("sources   none configured")
        return
    table = Table("source", "kind", "covered until", "open gaps", "lost", "last error")
    for source in report["sources"]:
        covered = source["covered_until"] or "never"
        lost = format_duration(timedelta(seconds=source["lost_seconds"])) if source["lost_seconds"] else ""
        gaps, error = str(source["open_gaps"]), source["last_error"] or ""
        table.add_row(source["name"], source["kind"], covered, gaps, lost, error)
    console.print(table)


def _sending(report: dict[str, Any]) -> str:
    if report["paused"]:
        return f"paused: {report['paused']}"
    return ", ".join(f"{name} {mode.replace('_', ' ')}" for name, mode in report["sending"].items())
