"""Backups must not keep what had to go: those that frankly made are emptied like the store.

Rewriting a copy of a large store takes a while, so the rounds do it twice a day, which is within the time that the
platforms give. ``frankly forget`` does it at once.
"""

from __future__ import annotations

from datetime import timedelta

from config.clock import Clock
from config.errors import StoreError
from config.settings import Settings
from store.copies import empty_alike
from store.store import Store

BACKUPS = "frankly-*.sqlite3"
CLEANED_EVERY = timedelta(hours=12)
_CLEANED = "backups cleaned"


def clean_backups(store: Store, settings: Settings, clock: Clock, *, every: timedelta = CLEANED_EVERY) -> list[str]:
    """Empty each backup in the backups folder like the store, unless that was done a moment ago.

    Returns a sentence for each that could not be: it is for a person to look at.
    """
    done = store.switches.get(_CLEANED)
    if done is not None and clock.now() - done[1] < every:
        return []
    problems = []
    files = sorted((settings.folder / settings.backups).glob(BACKUPS))
    for file in files:
        try:
            empty_alike(store.database, file, clock.now())
        except StoreError as error:
            problems.append(f"{error}; it may still hold what was deleted")
    store.switches.put(_CLEANED, {"files": len(files)}, clock.now())
    return problems
