"""Backups must not keep what had to go: those that frankly made are emptied like the store.

Rewriting a copy of a large store takes a while, so the rounds do it twice a day, which is within the time that the
platforms give. ``frankly forget`` does it at once.
"""

from __future__ import annotations

import fnmatch
import os
import time
from datetime import timedelta
from pathlib import Path

from config.clock import Clock
from config.errors import StoreError
from config.settings import Settings
from store.copies import empty_alike
from store.database import PART
from store.store import Store

BACKUPS = "frankly-*.sqlite3"
CLEANED_EVERY = timedelta(hours=12)
_CLEANED = "backups cleaned"
_BROKEN_OFF_SECONDS = 3600.0  # a part of a backup that nobody wrote to for so long belongs to a process that was killed


def clean_backups(store: Store, settings: Settings, clock: Clock, *, every: timedelta = CLEANED_EVERY) -> list[str]:
    """Empty each backup in the backups folder like the store, unless that was done a moment ago.

    Returns a sentence for each that could not be: it is for a person to look at.
    """
    done = store.switches.get(_CLEANED)
    if done is not None and clock.now() - done[1] < every:
        return []
    folder = settings.folder / settings.backups
    try:
        names = sorted(os.listdir(folder)) if folder.exists() else []
    except OSError as error:  # glob would find nothing in it, without a word
        return [f"the backups folder {folder} cannot be read ({error.strerror}); its backups were not emptied"]
    problems = _remove_broken_off(folder)
    files = [folder / name for name in fnmatch.filter(names, BACKUPS)]
    for file in files:
        try:
            empty_alike(store.database, file, clock.now())
        except StoreError as error:
            problems.append(f"{error}; it may still hold what was deleted")
    store.switches.put(_CLEANED, {"files": len(files)}, clock.now())
    return problems


def _remove_broken_off(folder: Path) -> list[str]:
    """Remove parts of backups that were never finished, with the journals beside them; their times are the system's."""
    problems = []
    for part in folder.glob(f".{BACKUPS}{PART}*"):
        try:
            if time.time() - part.stat().st_mtime > _BROKEN_OFF_SECONDS:
                part.unlink()
        except OSError as error:
            problems.append(f"{part} is half a backup and cannot be removed ({error.strerror}); remove it yourself")
    return problems
