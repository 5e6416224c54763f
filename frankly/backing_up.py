"""Backups: a consistent copy of the database, made while everything goes on."""

from __future__ import annotations

from pathlib import Path

from config.errors import UsageError
from frankly.app import App


def back_up(app: App, target: Path | None) -> Path:
    """Copy the database to a new file and return its path."""
    if target is None:
        folder = app.settings.folder / app.settings.backups
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"frankly-{app.clock.now():%Y%m%dT%H%M%S}.sqlite3"
    if target.exists():
        raise UsageError(f"{target} exists already; a backup never writes over a file, name a new one")
    app.store.database.back_up(target)
    return target
