"""Digests as they were made. The first one of a day stays; what strangers wrote is never in it.

``content`` holds figures and the ids of mentions; their words are looked up when it is read
(``Metrics.words``), so a post that is deleted is gone from every digest as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from store.database import Database, from_text, optional_time, to_text


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """One brand's digest of one day of its own time zone."""

    id: int
    brand: str
    day: date
    content: str  # JSON
    made_at: datetime
    tried_at: datetime | None = None  # when sending it last began
    problem: str | None = None  # why that did not send it; None while it is not known
    sent_at: datetime | None = None


class Digests:
    """The digests that were made."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def save(self, brand: str, day: date, content: str, at: datetime, remake: bool = False) -> StoredDigest:
        """Store a digest and return what now stands: the first one, unless it is made again on purpose."""
        change = "UPDATE SET content = excluded.content, made_at = excluded.made_at" if remake else "NOTHING"
        self._db.execute(
            "INSERT INTO digests (brand, day, content, made_at) VALUES (?, ?, ?, ?) "
            f"ON CONFLICT (brand, day) DO {change}",
            (brand, day.isoformat(), content, to_text(at)),
        )
        found = self.get(brand, day)
        assert found is not None  # it was there, or has just been put there
        return found

    def get(self, brand: str, day: date) -> StoredDigest | None:
        """Return the digest of a day, if one was made."""
        row = self._db.row("SELECT * FROM digests WHERE brand = ? AND day = ?", (brand, day.isoformat()))
        return None if row is None else _digest(row)

    def latest(self, brand: str | None = None, limit: int = 100) -> list[StoredDigest]:
        """Return the digests of a brand, or of all, newest day first."""
        rows = self._db.rows(
            "SELECT * FROM digests WHERE ? IS NULL OR brand = ? ORDER BY day DESC, brand LIMIT ?", (brand, brand, limit)
        )
        return [_digest(row) for row in rows]

    def mark_trying(self, brand: str, day: date, at: datetime, problem: str | None = None) -> bool:
        """Write down that sending begins; False when it was sent, or is being sent, so that nobody sends it twice.

        With a problem it only gets ready to: that is why it was not sent, should nothing more be heard of it.
        """
        done = self._db.execute(
            "UPDATE digests SET tried_at = ?, problem = ? WHERE brand = ? AND day = ? AND sent_at IS NULL "
            "AND (tried_at IS NULL OR problem IS NOT NULL)",
            (to_text(at), problem, brand, day.isoformat()),
        )
        return done == 1

    def mark_sent(self, brand: str, day: date, at: datetime, problem: str | None = None) -> None:
        """Write down that a digest went out, and what was wrong with a part of it."""
        self._db.execute(
            "UPDATE digests SET sent_at = ?, problem = ? WHERE brand = ? AND day = ?",
            (to_text(at), problem, brand, day.isoformat()),
        )

    def mark_unsent(self, brand: str, day: date, problem: str) -> None:
        """Write down why a digest did not go out."""
        self._db.execute(
            "UPDATE digests SET problem = ? WHERE brand = ? AND day = ?", (problem, brand, day.isoformat())
        )


def _digest(row: dict[str, Any]) -> StoredDigest:
    return StoredDigest(
        id=row["id"],
        brand=row["brand"],
        day=date.fromisoformat(row["day"]),
        content=row["content"],
        made_at=from_text(row["made_at"]),
        tried_at=optional_time(row["tried_at"]),
        problem=row["problem"],
        sent_at=optional_time(row["sent_at"]),
    )
