"""Empties in a copy of the store what was emptied in the store since it was copied.

A copy holds the events up to its making, so those that came later say what to do. It is done with the copy's own rows:
a draft that was long sent here may still stand there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from config.errors import StoreError
from store.database import Database, migrations_of
from store.deletions import Deletions
from store.emptying import REASONS
from store.switches import Switches

_FOLLOWED = "emptied like the store"  # the last event when the copy was made, and up to which it was followed
_AT_ONCE = 500
_WHY = {words: why for why, words in REASONS.items()}


def empty_alike(live: Database, path: Path, at: datetime) -> int:
    """Empty a copy like the store it was made of; returns how many mentions were. ``StoreError``: it is no such copy.

    A copy of an older version is brought to the newest schema on the way.
    """
    migrations_of(path)
    copy = Database(path)
    try:
        copy.migrate()
        with copy.transaction():
            emptied = _follow(live, copy, at)
        if Deletions(copy).purge_owed_since() is not None:
            Deletions(copy).purge()
        copy.execute("PRAGMA journal_mode = DELETE")  # one file again, nothing beside it
        return emptied
    finally:
        copy.close()


def _follow(live: Database, copy: Database, at: datetime) -> int:
    switches, deletions = Switches(copy), Deletions(copy)
    known = switches.get(_FOLLOWED)
    newest = copy.value("SELECT coalesce(max(id), 0) FROM events")
    mark = known[0] if known else {"made": newest, "followed": newest}
    _require_copy(live, copy, mark["made"])
    rows = live.rows(
        "SELECT mention_id, json_extract(detail, '$.why') AS why FROM events "
        "WHERE id > ? AND kind IN ('mention.deleted', 'mention.redacted') ORDER BY id",
        (mark["followed"],),
    )
    for row in rows:
        deletions.empty_mention(row["mention_id"], at, _WHY[row["why"]])
    authors, notes = _emptied(live, copy, "authors", "handle"), _emptied(live, copy, "notes", "text")
    deletions.empty_like(authors=authors, notes=notes, at=at)
    followed = live.value("SELECT coalesce(max(id), 0) FROM events")
    switches.put(_FOLLOWED, {"made": mark["made"], "followed": followed}, at)
    return len(rows)


def _require_copy(live: Database, copy: Database, event_id: int) -> None:
    """Ids mean the same in both only while the store was not replaced by another copy since."""
    sql = "SELECT at, kind FROM events WHERE id = ?"
    if copy.row(sql, (event_id,)) != live.row(sql, (event_id,)):
        raise StoreError(f"{copy.path} is no copy of the store as it is now; make a new one and remove it")


def _emptied(live: Database, copy: Database, table: str, column: str) -> list[int]:
    """Return the rows whose words stand in the copy and no longer in the store."""
    standing = [row["id"] for row in copy.rows(f"SELECT id FROM {table} WHERE {column} <> ''")]
    found: list[int] = []
    for ids in _batches(standing):
        marks = ", ".join("?" for _ in ids)
        rows = live.rows(f"SELECT id FROM {table} WHERE {column} = '' AND id IN ({marks})", ids)
        found += [row["id"] for row in rows]
    return found


def _batches(ids: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
