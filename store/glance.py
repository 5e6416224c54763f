"""What the desk shows at a glance: every query here is asked every few seconds by every open page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.database import Database, optional_time, to_text
from store.records import Coverage
from store.sources import coverage_of


@dataclass(frozen=True, slots=True)
class Preview:
    """What a row of the queue shows of a case: its newest mention, and how many there are."""

    mention_id: int
    text: str
    deleted: bool
    mentions: int


class Glance:
    """Counts and latest facts, each from an index."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def open_by_queue(self) -> dict[str, int]:
        """Return how many open cases wait in each queue."""
        rows = self._db.rows(
            "SELECT queue, count(*) AS n FROM cases WHERE status = 'open' GROUP BY queue ORDER BY queue"
        )
        return {row["queue"]: row["n"] for row in rows}

    def overdue(self, at: datetime) -> int:
        """Return how many cases wait longer than was promised."""
        # Named, because SQLite prefers the index by status, and would look at every open case.
        return int(
            self._db.value(
                "SELECT count(*) FROM cases INDEXED BY cases_unanswered "
                "WHERE first_response_at IS NULL AND status IN ('open', 'snoozed') AND due_at < ?",
                (to_text(at),),
            )
        )

    def last_heard_at(self) -> datetime | None:
        """Return when the newest mention was stored."""
        return optional_time(self._db.value("SELECT collected_at FROM mentions ORDER BY id DESC LIMIT 1"))

    def newest_mention_id(self) -> int:
        """Return the id of the newest mention: how many were ever stored, because ids have no holes."""
        return int(self._db.value("SELECT coalesce(max(id), 0) FROM mentions"))

    def waiting(self) -> dict[str, int]:
        """Return how many mentions wait for the classifier and for the rules."""
        rows = self._db.rows(
            "SELECT stage, count(*) AS n FROM mentions WHERE stage IN ('collected', 'assessed') GROUP BY stage"
        )
        found = {row["stage"]: row["n"] for row in rows}
        return {"assess": found.get("collected", 0), "route": found.get("assessed", 0)}

    def previews(self, case_ids: Sequence[int]) -> dict[int, Preview]:
        """Return what the queue shows of each of these cases."""
        marks = ", ".join("?" for _ in case_ids)
        rows = self._db.rows(
            "SELECT newest.case_id, m.id, m.text, m.deleted_at, newest.n FROM "
            "(SELECT case_id, max(mention_id) AS mention_id, count(*) AS n FROM case_mentions "
            f"WHERE case_id IN ({marks}) GROUP BY case_id) AS newest JOIN mentions m ON m.id = newest.mention_id",
            tuple(case_ids),
        )
        return {
            row["case_id"]: Preview(
                mention_id=row["id"], text=row["text"], deleted=row["deleted_at"] is not None, mentions=row["n"]
            )
            for row in rows
        }

    def gaps(self, limit: int) -> list[Coverage]:
        """Return the newest stretches of time that were not heard: to be filled yet, or lost."""
        rows = self._db.rows(
            "SELECT id, source, started_at, ended_at, state, detail FROM coverage WHERE state IN ('gap', 'lost') "
            "ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return [coverage_of(row) for row in rows]
