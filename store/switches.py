"""Small facts of the whole installation: is sending paused, is the daemon alive, until when is a channel resting."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from store.database import Database, from_text, to_text


class Switches:
    """Named JSON values with the time of their last change."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, name: str, value: dict[str, Any], at: datetime) -> None:
        """Set a value."""
        self._db.execute(
            "INSERT INTO switches VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
            "value = excluded.value, changed_at = excluded.changed_at",
            (name, json.dumps(value, ensure_ascii=False), to_text(at)),
        )

    def get(self, name: str) -> tuple[dict[str, Any], datetime] | None:
        """Return a value and when it was set, or None."""
        row = self._db.row("SELECT value, changed_at FROM switches WHERE name = ?", (name,))
        return None if row is None else (json.loads(row["value"]), from_text(row["changed_at"]))

    def remove(self, name: str) -> None:
        """Take a value away."""
        self._db.execute("DELETE FROM switches WHERE name = ?", (name,))

    def paused(self) -> str | None:
        """Return why all sending is paused, or None when it is not."""
        found = self.get("paused")
        return None if found is None else str(found[0].get("reason") or "no reason given")
