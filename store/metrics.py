"""What was heard: the figures of a day as set-based queries over stored rows, each as of a moment.

A mention counts on the day it was posted if it was stored by the end of that day (``by``); its assessment is the
newest one of that moment, its decision likewise, and what agents corrected by then stands over both. So nothing
that happens later changes a past day. Replayed mentions came from a file, long after they were posted: they count
on their day whenever they were stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from store.database import Database, from_text, to_text
from store.records import OTHER_TOPIC, Platform, Sentiment, Severity

RELEVANT_FROM = 0.05  # below this a text counts as about something else (docs/training.md, "Our own posts")

_FIXED = """
fixed AS MATERIALIZED (
  SELECT mention_id,
    max(CASE field WHEN 'sentiment' THEN corrected END) AS sentiment,
    max(CASE field WHEN 'complaint' THEN lower(corrected) IN ('1', 'true', 'yes') END) AS complaint,
    max(CASE field WHEN 'severity' THEN corrected END) AS severity,
    max(CASE field WHEN 'kind' THEN corrected END) AS kind,
    max(CASE field WHEN 'topic' THEN corrected END) AS topic
  FROM (SELECT mention_id, field, corrected, max(id) FROM corrections WHERE at < :by GROUP BY mention_id, field)
  GROUP BY mention_id
)
"""


# The bare columns of the inner query are those of the row with the highest id (SQLite, "Bare columns in an aggregate
# query"). That no newer row exists is seen in the index alone; max(id) would look each row up twice.
# Praise and thanks that a rule ignores only need no answer: they are opinions and stay in the figures.
def _judged(which: str) -> str:
    """Return the query of what is known of some mentions by then, as ``day``; ``which`` is a condition on them."""
    return f"""
WITH {_FIXED}, judged AS (
  SELECT m.id, m.platform, m.summoned,
    substr(m.posted_at, 1, 14) || (substr(m.posted_at, 15, 2) / 15) AS quarter,
    m.deleted_at IS NULL AND m.text <> '' AS readable,
    a.id AS assessment_id,
    coalesce(f.sentiment, a.sentiment) AS sentiment,
    coalesce(f.complaint, a.complaint) AS complaint,
    coalesce(f.severity, a.severity) AS severity,
    coalesce(f.kind, a.kind) AS kind,
    coalesce(nullif(coalesce(f.topic, a.topic), '{OTHER_TOPIC}'), '') AS topic,
    a.complaint_score, a.negative_score, a.relevant_score, coalesce(a.unsure, 0) AS unsure,
    d.action, d.rule
  FROM mentions m
  LEFT JOIN assessments a ON a.mention_id = m.id AND (m.replayed = 1 OR a.assessed_at < :by) AND NOT EXISTS (
    SELECT 1 FROM assessments n WHERE n.mention_id = m.id AND n.id > a.id AND (m.replayed = 1 OR n.assessed_at < :by))
  LEFT JOIN decisions d ON d.mention_id = m.id AND (m.replayed = 1 OR d.decided_at < :by) AND NOT EXISTS (
    SELECT 1 FROM decisions n WHERE n.mention_id = m.id AND n.id > d.id AND (m.replayed = 1 OR n.decided_at < :by))
  LEFT JOIN fixed f ON f.mention_id = m.id
  WHERE m.brand = :brand AND (m.replayed = 1 OR m.collected_at < :by) AND {which}
), day AS (
  SELECT id, quarter, platform, readable, assessment_id, sentiment, complaint, topic,
    complaint_score, negative_score, unsure,
    CASE severity WHEN 'critical' THEN 3 WHEN 'high' THEN 2 WHEN 'medium' THEN 1 WHEN 'low' THEN 0 END AS severity,
    CASE WHEN kind = 'spam' THEN 'spam'
      WHEN relevant_score < {RELEVANT_FROM} AND NOT (unsure OR summoned OR coalesce(complaint, 0)) THEN 'irrelevant'
      WHEN action = 'ignore' AND coalesce(kind, '') NOT IN ('praise', 'thanks') THEN 'ignored' END AS aside,
    rule
  FROM judged
)
"""


_JUDGED = _judged("m.posted_at >= :start AND m.posted_at < :by")
_LATE = _judged("""
  m.posted_at >= :earliest AND m.posted_at < :start AND m.replayed = 0
  AND (m.collected_at >= :start OR m.posted_at >= :lately AND (
    SELECT min(assessed_at) FROM assessments WHERE mention_id = m.id AND assessed_at < :by) >= :start)
""")
_CUBE = """
SELECT quarter, platform, topic, sentiment, complaint, aside, CASE WHEN aside = 'ignored' THEN rule END AS rule,
  assessment_id IS NOT NULL AS judged, unsure, count(*) AS mentions
FROM {day}
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""
_TABLE = """
CREATE TEMP TABLE digest_day (
  id INTEGER PRIMARY KEY, quarter, platform, readable, assessment_id, sentiment, complaint, topic, complaint_score,
  negative_score, unsure, severity, aside, rule)
"""
# The complaints that may be quoted, in the order in which they are.
_COMPLAINTS = """
CREATE INDEX temp.digest_complaints ON digest_day (severity DESC, complaint_score DESC, id, topic)
WHERE aside IS NULL AND readable AND complaint = 1
"""
_PICK = "SELECT id, severity, assessment_id FROM temp.digest_day WHERE aside IS NULL AND readable "


@dataclass(frozen=True, slots=True)
class Slice:
    """How many mentions share a quarter of an hour and everything else that is said of them here."""

    starts_at: datetime
    platform: Platform
    topic: str  # empty: none
    sentiment: Sentiment | None
    complaint: bool
    aside: str | None  # why it is kept apart: spam, irrelevant, ignored
    rule: str | None  # that ignored it
    judged: bool  # the classifier had read it by then
    unsure: bool
    mentions: int


@dataclass(frozen=True, slots=True)
class Picked:
    """A mention that is worth quoting; what it says is asked for with ``words``."""

    mention_id: int
    platform: Platform
    posted_at: datetime
    severity: Severity | None
    reasons: str  # a JSON list of sentences


@dataclass(frozen=True, slots=True)
class Words:
    """What a stranger wrote, and who they are. Gone once the post is deleted or its retention ends."""

    text: str
    author: str
    url: str


@dataclass(frozen=True, slots=True)
class Late:
    """Mentions of earlier days that were first stored, or first read by the classifier, on this one."""

    mentions: int
    complaints: int


class Metrics:
    """The figures of what was heard. Ask inside ``reading``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @contextmanager
    def reading(self, brand: str, start: datetime, by: datetime) -> Iterator[None]:
        """Hold one view of the store, with the day's mentions gathered, so that all figures agree with each other."""
        begun = not self._db.tables.conn.in_transaction
        if begun:
            self._db.execute("BEGIN")
        try:
            self._db.execute("DROP TABLE IF EXISTS temp.digest_day")
            self._db.execute(_TABLE)
            self._db.execute(f"INSERT INTO temp.digest_day {_JUDGED} SELECT * FROM day", _bounds(brand, start, by))
            self._db.execute(_COMPLAINTS)
            yield
        finally:
            if begun and self._db.tables.conn.in_transaction:
                self._db.execute("ROLLBACK")  # nothing but temporary tables was written, and they go with it

    def of_day(self) -> list[Slice]:
        """Count the gathered day in slices."""
        return [_slice(row) for row in self._db.rows(_CUBE.format(day="temp.digest_day"))]

    def of_earlier_day(self, brand: str, start: datetime, by: datetime) -> list[Slice]:
        """Count another day in the same slices, as of its own end."""
        return [_slice(row) for row in self._db.rows(_JUDGED + _CUBE.format(day="day"), _bounds(brand, start, by))]

    def quotable(self, topic: str, limit: int) -> list[Picked]:
        """Return the mentions of a topic that say most: complaints first, the most severe, the surest."""
        order = "severity DESC, complaint_score DESC, id LIMIT ?"
        found = self._picked(f"AND complaint = 1 AND topic = ? ORDER BY {order}", topic, limit)
        if len(found) == limit:
            return found
        return self._picked(f"AND topic = ? ORDER BY complaint DESC, {order}", topic, limit)

    def most_severe(self, limit: int) -> list[Picked]:
        """Return the complaints that are worst for their authors, worst first."""
        return self._picked("AND complaint = 1 ORDER BY severity DESC, complaint_score DESC, id LIMIT ?", limit)

    def worst(self) -> list[Picked]:
        """Return the complaint with the most negative words, if there is one."""
        return self._picked("AND +complaint = 1 ORDER BY negative_score DESC, severity DESC, id LIMIT ?", 1)

    def _picked(self, rest: str, *values: str | int) -> list[Picked]:
        """Pick mentions in an order, one for each author and wording: a copied sentence is worth one quote."""
        *before, limit = values
        rows = self._db.rows(
            "SELECT p.*, m.platform, m.posted_at, m.author_id, m.text, coalesce(a.severity_reasons, '[]') AS reasons "
            f"FROM ({_PICK} {rest}) p JOIN mentions m ON m.id = p.id LEFT JOIN assessments a ON a.id = p.assessment_id",
            (*before, 20 * int(limit)),
        )
        return [_picked(row) for row in _distinct(rows)][: int(limit)]

    def words(self, mention_ids: list[int], as_of: datetime) -> dict[int, Words]:
        """Return what each post said then and who wrote it; those that are gone are left out."""
        marks = ", ".join("?" for _ in mention_ids)
        rows = self._db.rows(
            f"""
            SELECT m.id, m.url, u.handle, coalesce((
                SELECT v.text FROM mention_versions v WHERE v.mention_id = m.id AND v.seen_at >= ? ORDER BY v.id LIMIT 1
              ), m.text) AS said
            FROM mentions m JOIN authors u ON u.id = m.author_id
            WHERE m.id IN ({marks}) AND m.deleted_at IS NULL AND m.text <> ''
            """,
            (to_text(as_of), *mention_ids),
        )
        return {row["id"]: Words(row["said"], row["handle"], row["url"]) for row in rows if row["said"]}

    def late(self, brand: str, start: datetime, by: datetime) -> Late:
        """Count what of the 30 days before was heard only on this day, or of the two before was read only then."""
        row = self._db.row(
            f"{_LATE} SELECT count(*) AS mentions, coalesce(sum(complaint), 0) AS complaints FROM day "
            "WHERE aside IS NULL",
            {
                **_bounds(brand, start, by),
                "earliest": to_text(start - timedelta(days=30)),
                "lately": to_text(start - timedelta(days=2)),
            },
        )
        assert row is not None  # a count always has a row
        return Late(row["mentions"], row["complaints"])

    def heard_before(self, brand: str, moment: datetime) -> bool:
        """Tell whether any post about the brand was stored before a moment, replayed ones aside.

        An older post may be heard later than a newer one, so the oldest does not tell when listening began.
        """
        found = self._db.row(
            "SELECT 1 AS heard FROM mentions WHERE brand = ? AND replayed = 0 AND collected_at < ? LIMIT 1",
            (brand, to_text(moment)),
        )
        return found is not None


def _distinct(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    authors, wordings = set(), set()
    for row in rows:
        wording = " ".join(row["text"].casefold().split())
        if row["author_id"] not in authors and wording not in wordings:
            authors.add(row["author_id"])
            wordings.add(wording)
            yield row


def _picked(row: dict[str, Any]) -> Picked:
    return Picked(
        mention_id=row["id"],
        platform=Platform(row["platform"]),
        posted_at=from_text(row["posted_at"]),
        severity=None if row["severity"] is None else list(Severity)[row["severity"]],
        reasons=row["reasons"],
    )


def _bounds(brand: str, start: datetime, by: datetime) -> dict[str, object]:
    return {"brand": brand, "start": to_text(start), "by": to_text(by)}


def _slice(row: dict[str, object]) -> Slice:
    quarter = str(row["quarter"])
    return Slice(
        starts_at=from_text(f"{quarter[:14]}{int(quarter[14]) * 15:02d}:00+00:00"),
        platform=Platform(str(row["platform"])),
        topic=str(row["topic"]),
        sentiment=Sentiment(str(row["sentiment"])) if row["sentiment"] else None,
        complaint=row["complaint"] == 1,
        aside=None if row["aside"] is None else str(row["aside"]),
        rule=None if row["rule"] is None else str(row["rule"]),
        judged=row["judged"] == 1,
        unsure=row["unsure"] == 1,
        mentions=int(str(row["mentions"])),
    )
