"""``frankly restore``: a backup takes the place of the store, and what stood there is kept beside it.

A backup that is merely copied over the store's file would be mixed with the write-ahead log of the old one.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from config.clock import Clock
from config.errors import UsageError
from config.settings import Settings
from frankly.lock import only_one
from responders.pausing import pause_sending
from store.database import copy_whole, part_of
from store.store import Store

_WHY_PAUSED = "a backup was restored; look whether its queued answers were sent since, then resume"


def restore(settings: Settings, backup: Path) -> Path | None:
    """Put a copy of the backup in the store's place, with sending paused; returns where the old store is kept."""
    database = settings.database_path.resolve()  # SQLite keeps its log beside the file that a link leads to
    if not backup.is_file():
        raise UsageError(f"there is no file {backup}; `frankly backup` writes to {settings.folder / settings.backups}")
    if database.exists() and backup.samefile(database):
        raise UsageError(f"{backup} is the store itself; name a backup")
    clock = settings.clock()
    part = part_of(database)
    with only_one(settings.database_path):
        _remove(part)  # one that was killed left it
        try:
            copy_whole(backup, part)
            _pause(part, clock)
            kept = _set_aside(database, clock.now())
            part.rename(database)
        finally:
            _remove(part)
    return kept


def _pause(database: Path, clock: Clock) -> None:
    """Hold back what the backup has queued: it may have been sent after the backup was made."""
    store = Store.open(database)
    try:
        pause_sending(store, clock, "operator", _WHY_PAUSED)
    finally:
        store.close()


def _set_aside(database: Path, at: datetime) -> Path | None:
    """Rename the old store with its log, which is part of it; the rest SQLite makes anew."""
    kept = database.with_name(f"{database.name}.before-{at:%Y%m%dT%H%M%S%f}")
    had = database.exists()
    for ending in ("", "-wal", "-journal"):
        if _beside(database, ending).exists():
            _beside(database, ending).rename(_beside(kept, ending))
    _beside(database, "-shm").unlink(missing_ok=True)
    return kept if had else None


def _remove(database: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        _beside(database, ending).unlink(missing_ok=True)


def _beside(database: Path, ending: str) -> Path:
    return database.with_name(database.name + ending)
