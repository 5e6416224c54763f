"""Which escalations people were told of. That telling begins is on disk before it does, so nothing is told twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.database import Database, to_text
from store.records import Platform


@dataclass(frozen=True, slots=True)
class Escalation:
    """A case that was escalated, and nobody was told of it yet."""

    event_id: int
    case_id: int
    brand: str
    platform: Platform
    failed_before: bool


class Alerts:
    """The alerts of escalated cases."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def waiting(self, since: datetime, tried_before: datetime) -> list[Escalation]:
        """Return the escalations since a moment that are to be told, oldest first.

        One that could not be told waits until its last try is older than the other moment. One whose telling never
        came to an end is left out, as are closed cases and those of replayed posts.
        """
        rows = self._db.rows(
            """
            SELECT e.id, e.case_id, c.brand, c.platform, a.problem FROM events e
            JOIN cases c ON c.id = e.case_id LEFT JOIN alerts a ON a.event_id = e.id
            WHERE e.kind = 'case.escalated' AND e.at >= ? AND c.status <> 'resolved' AND c.replayed = 0
              AND (a.event_id IS NULL OR (a.sent_at IS NULL AND a.problem IS NOT NULL AND a.tried_at <= ?))
            ORDER BY e.at, e.id  -- as the index has them: by id alone every event would be walked
            """,
            (to_text(since), to_text(tried_before)),
        )
        return [
            Escalation(row["id"], row["case_id"], row["brand"], Platform(row["platform"]), row["problem"] is not None)
            for row in rows
        ]

    def begin(self, escalations: Sequence[Escalation], at: datetime) -> list[Escalation]:
        """Write down that telling begins; returns those of the escalations that nobody else is telling."""
        sql = (
            "INSERT INTO alerts (event_id, tried_at) VALUES (?, ?) ON CONFLICT (event_id) DO UPDATE "
            "SET tried_at = excluded.tried_at, problem = NULL WHERE sent_at IS NULL AND problem IS NOT NULL"
        )
        return [one for one in escalations if self._db.execute(sql, (one.event_id, to_text(at)))]

    def end(self, escalations: Sequence[Escalation], sent_at: datetime | None, problem: str | None) -> None:
        """Write down what became of it."""
        for one in escalations:
            self._db.execute(
                "UPDATE alerts SET sent_at = ?, problem = ? WHERE event_id = ?",
                (None if sent_at is None else to_text(sent_at), problem, one.event_id),
            )
