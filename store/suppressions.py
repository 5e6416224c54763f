"""Suppressions: authors who asked not to be written to, or whom the operator never writes to."""

from __future__ import annotations

from store.database import Database, from_text, to_text
from store.records import Platform, Suppression


class Suppressions:
    """Whom frankly never writes to again."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, suppression: Suppression) -> bool:
        """Remember an author; False when they were known (the first reason stays)."""
        done = self._db.execute(
            "INSERT INTO suppressions (platform, author_external_id, reason, actor, at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (
                suppression.platform,
                suppression.author_external_id,
                suppression.reason,
                suppression.actor,
                to_text(suppression.at),
            ),
        )
        return done == 1

    def get(self, platform: Platform, author_external_id: str) -> Suppression | None:
        """Return why an author is not written to, or None when they may be."""
        row = self._db.row(
            "SELECT * FROM suppressions WHERE platform = ? AND author_external_id = ?", (platform, author_external_id)
        )
        if row is None:
            return None
        return Suppression(
            platform=Platform(row["platform"]),
            author_external_id=row["author_external_id"],
            reason=row["reason"],
            actor=row["actor"],
            at=from_text(row["at"]),
        )
