"""Corrections: what an agent says the classifier got wrong. They stand beside the assessment, never over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.database import Database, from_text, to_text


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of one assessment, as an agent would have it."""

    id: int
    mention_id: int
    assessment_id: int
    agent_id: int
    field: str  # sentiment, complaint, kind, severity or topic
    was: str | None
    corrected: str
    at: datetime


class Corrections:
    """What agents corrected."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, mention_id: int, agent_id: int, field: str, was: str | None, corrected: str, at: datetime) -> int:
        """Remember a correction of a mention's newest assessment; ``KeyError`` when it has none."""
        assessment_id = self._db.value("SELECT max(id) FROM assessments WHERE mention_id = ?", (mention_id,))
        if assessment_id is None:
            raise KeyError(mention_id)
        return self._db.insert(
            "corrections",
            {
                "mention_id": mention_id,
                "assessment_id": assessment_id,
                "agent_id": agent_id,
                "field": field,
                "was": was,
                "corrected": corrected,
                "at": to_text(at),
            },
        )

    def of_mention(self, mention_id: int) -> list[Correction]:
        """Return the corrections of a mention, oldest first: the last one of a field counts."""
        rows = self._db.rows("SELECT * FROM corrections WHERE mention_id = ? ORDER BY id", (mention_id,))
        return [Correction(**{**row, "at": from_text(row["at"])}) for row in rows]
