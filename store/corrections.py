"""Corrections: what an agent says the classifier got wrong. They stand beside the assessment, never over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.assessments import assessment_of
from store.database import Database, from_text, to_text
from store.records import Assessment

FIELDS = ("sentiment", "complaint", "kind", "severity", "topic")

# The mentions that agents had before them in a time, and those of them that they corrected: of each field the last word
# counts. The digest's agreement and the evaluation's labels both start from here. ``:brand`` NULL means all of them.
# A plus before ``m.brand`` keeps SQLite from reading every mention of the brand to find the few that were touched.
REVIEWED = """
corrected AS (
  SELECT DISTINCT k.mention_id FROM corrections k JOIN mentions m ON m.id = k.mention_id
  WHERE (:brand IS NULL OR +m.brand = :brand) AND k.at >= :start AND k.at < :by AND k.was IS NOT k.corrected
    AND NOT EXISTS (
      SELECT 1 FROM corrections n
      WHERE n.mention_id = k.mention_id AND n.field = k.field AND n.id > k.id AND n.at < :by)
), seen AS (
  SELECT j.mention_id FROM events e JOIN case_mentions j ON j.case_id = e.case_id AND j.joined_at <= e.at
  JOIN cases c ON c.id = e.case_id
  WHERE e.at >= :start AND e.at < :by AND e.actor >= 'agent:' AND e.actor < 'agent;'
    AND (:brand IS NULL OR c.brand = :brand)
  UNION SELECT mention_id FROM corrected
)
"""
# A text that was edited after the correction is not the text that was corrected.
_ANSWERED = f"""
WITH {REVIEWED}
SELECT m.id AS of_mention, m.brand AS of_brand, m.author_id AS of_author, k.corrected AS corrected_to,
  CASE WHEN k.at < m.edited_at THEN '' ELSE m.text END AS of_text, a.*
FROM seen s JOIN mentions m ON m.id = s.mention_id
LEFT JOIN corrections k ON k.id = (
  SELECT max(id) FROM corrections WHERE mention_id = m.id AND field = :field AND at < :by)
JOIN assessments a ON a.id = coalesce(
  k.assessment_id, (SELECT max(id) FROM assessments WHERE mention_id = m.id AND assessed_at < :by))
ORDER BY m.id
"""


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of one assessment, as an agent would have it."""

    id: int
    mention_id: int
    assessment_id: int
    agent_id: int
    field: str  # one of FIELDS
    was: str | None
    corrected: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A mention that agents had before them: what the classifier said, and what they corrected in one field."""

    mention_id: int
    author_id: int
    brand: str
    text: str  # empty when it is gone
    assessment: Assessment
    corrected: str | None  # None: they let it stand


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

    def reviewed(
        self, field: str, by: datetime, *, brand: str | None = None, start: datetime | None = None
    ) -> list[Reviewed]:
        """Return the mentions that agents had before them by then, since ``start``, with their last word on a field."""
        bounds = {"field": field, "brand": brand, "start": to_text(start) if start else "", "by": to_text(by)}
        return [
            Reviewed(
                mention_id=row["of_mention"],
                author_id=row["of_author"],
                brand=row["of_brand"],
                text=row["of_text"],
                assessment=assessment_of(row),
                corrected=row["corrected_to"],
            )
            for row in self._db.rows(_ANSWERED, bounds)
        ]
