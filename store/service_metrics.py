"""What was done about it: cases, replies, promises, corrections, coverage and money of a day, each as of a moment.

``Metrics.reading`` (``store/metrics.py``) must be open: these figures belong to the same view of the store.
What counts as a reply stands in ``store/service_tables.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from store.corrections import REVIEWED
from store.database import Database, from_text, optional_time, to_text
from store.records import Platform, Priority, Sentiment, Severity
from store.service_tables import CASES, NOTHING_OWED_WHEN_DUE, REPLIES

RECOVERY_DAYS = 14


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A case whose author was owed an answer at that moment."""

    case_id: int
    mention_id: int  # the first that nobody answered
    platform: Platform
    priority: Priority
    severity: Severity | None
    since: datetime
    due_at: datetime | None  # of the first response; a second one has no promise
    again: bool  # answered before, and wrote again
    acknowledged_at: datetime | None  # of the newest automated reply since, which answers nobody


@dataclass(frozen=True, slots=True)
class PromiseCount:
    """The first responses of one priority that were due on the day."""

    priority: Priority
    due: int  # left_out ones not among them
    kept: int
    left_out: int  # closed, or settled by an automated reply, before they were due


@dataclass(frozen=True, slots=True)
class FirstResponse:
    """One case that an agent answered for the first time on the day."""

    platform: Platform
    audience: int | None  # followers at the time of the post; None where the platform does not say
    seconds: int  # from the post to the reply


@dataclass(frozen=True, slots=True)
class OpenedCount:
    """The cases that were opened on the day, and what had become of them by its end."""

    opened: int
    answered: int  # by an agent
    settled: int  # by an automated reply alone: nobody was owed more
    closed: int  # without either


@dataclass(frozen=True, slots=True)
class CorrectionCount:
    """How often agents made the same correction."""

    field: str
    was: str | None
    corrected: str
    times: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Mentions that agents had before them on the day, and how many of those they corrected."""

    seen: int
    corrected: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a source's coverage that touches the day."""

    source: str
    platform: Platform
    started_at: datetime
    ended_at: datetime
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class LateRead:
    """A stretch that touches the day and was read only after it."""

    source: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """What one source's calls of one kind cost."""

    platform: str
    source: str
    call: str
    calls: int
    usd: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """An answer that was refused, became uncertain or was parked on the day, and where it then stood."""

    outbox_id: int
    case_id: int
    platform: Platform
    what: str
    stands: str
    at: datetime


class ServiceMetrics:
    """The figures of what was done. Ask after ``gather``.

    A plus before ``m.brand`` keeps SQLite from reading every mention of the brand to find the few that were touched.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def gather(self, brand: str, start: datetime, by: datetime) -> None:
        """Lay out the cases that matter to the day, as they stood at its end, and our agents' replies of late."""
        self._db.execute("DROP TABLE IF EXISTS temp.digest_cases")
        self._db.execute(CASES, _bounds(brand, start, by))
        self._db.execute("DROP TABLE IF EXISTS temp.digest_replies")
        since = to_text(by - timedelta(days=RECOVERY_DAYS))
        self._db.execute(REPLIES, {"brand": brand, "by": to_text(by), "since": since})
        self._db.execute("CREATE INDEX temp.digest_replies_by_author ON digest_replies (author_id, at)")

    def waiting(self, limit: int) -> list[WaitingCase]:
        """Return who was owed an answer, the most overdue first."""
        rows = self._db.rows(
            "SELECT c.*, m.posted_at AS since, CASE WHEN c.acknowledged_at > c.nothing_owed_at THEN c.acknowledged_at "
            "END AS acknowledged FROM temp.digest_cases c JOIN mentions m ON m.id = c.owed_mention_id "
            "ORDER BY CASE WHEN c.answered_at IS NULL THEN c.due_at END NULLS LAST, m.posted_at, c.id LIMIT ?",
            (limit,),
        )
        return [_waiting(row) for row in rows]

    def waiting_by_audience(self) -> dict[tuple[Platform, int | None], int]:
        """Count who was owed an answer, by platform and followers."""
        rows = self._db.rows(
            "SELECT platform, audience, count(*) AS cases FROM temp.digest_cases "
            "WHERE owed_mention_id IS NOT NULL GROUP BY 1, 2"
        )
        return {(Platform(row["platform"]), row["audience"]): row["cases"] for row in rows}

    def promises(self, brand: str, start: datetime, by: datetime) -> list[PromiseCount]:
        """Count the first responses that were due, by priority, the most urgent first.

        One that was due before its post was heard counts when that was; one that nobody owed when it was due is left
        out, though its case may have been opened again since. A case whose author wrote again after it was
        closed is promised anew; that it was broken before stands in its event.
        """
        rows = self._db.rows(
            f"""
            SELECT priority, sum(NOT let_go) AS due, sum(kept) AS kept, sum(let_go) AS left_out FROM (
              SELECT priority, kept, NOT kept AND nothing_owed AS let_go FROM (
                SELECT t.priority, coalesce(t.answered_at <= t.due_at, 0) AS kept,
                  t.promised_at <= t.due_at AND coalesce({NOTHING_OWED_WHEN_DUE}, 0) AS nothing_owed
                FROM temp.digest_cases t
                WHERE t.due_at < :by AND max(t.due_at, t.promised_at) >= :start AND t.promised_at < :by)
              UNION ALL
              SELECT priority, 0, 0 FROM (
                SELECT DISTINCT c.id, json_extract(e.detail, '$.priority') AS priority,
                  max(json_extract(e.detail, '$.due_at'), c.opened_at) AS known_due_at
                FROM events e JOIN cases c ON c.id = e.case_id
                WHERE e.at >= :start AND e.kind = 'case.breached' AND c.brand = :brand AND c.replayed = 0
                  AND c.due_at <> json_extract(e.detail, '$.due_at'))
              WHERE known_due_at >= :start AND known_due_at < :by)
            GROUP BY priority
            """,
            _bounds(brand, start, by),
        )
        counts = [PromiseCount(Priority(row["priority"]), row["due"], row["kept"], row["left_out"]) for row in rows]
        return sorted(counts, key=lambda count: -count.priority.rank)

    def first_responses(self, start: datetime) -> list[FirstResponse]:
        """Return the cases that an agent answered for the first time on the day, the quickest first."""
        rows = self._db.rows(
            """
            SELECT platform, audience,
              CAST(round((julianday(answered_at) - julianday(first_post_at)) * 86400) AS INTEGER) AS seconds
            FROM temp.digest_cases WHERE answered_at >= ? ORDER BY seconds, id
            """,
            (to_text(start),),
        )
        return [FirstResponse(**{**row, "platform": Platform(row["platform"])}) for row in rows]

    def opened(self, start: datetime) -> OpenedCount:
        """Count the cases that were opened on the day."""
        row = self._db.row(
            """
            SELECT count(*) AS opened, count(answered_at) AS answered, count(settled_at) AS settled,
              coalesce(sum(coalesce(answered_at, settled_at) IS NULL AND closed_at IS NOT NULL), 0) AS closed
            FROM temp.digest_cases WHERE opened_at >= ?
            """,
            (to_text(start),),
        )
        assert row is not None  # a count always has a row
        return OpenedCount(**row)

    def automated(self, brand: str, start: datetime, by: datetime) -> int:
        """Count the automated replies that were delivered on the day."""
        return int(
            self._db.value(
                """
                SELECT count(*) FROM outbox o JOIN cases c ON c.id = o.case_id
                WHERE o.platform IN ('x', 'reddit') AND o.state = 'sent' AND o.sent_at >= :start AND o.sent_at < :by
                  AND o.dry_run = 0 AND o.automated = 1 AND c.brand = :brand AND c.replayed = 0
                """,
                _bounds(brand, start, by),
            )
        )

    def recovery(self, start: datetime, by: datetime) -> list[tuple[Sentiment, Sentiment]]:
        """Return, for each author who wrote on the day after an agent's reply, their sentiment before it and now.

        Before: their newest post of the case from before the reply. Now: their newest post of the day.
        """
        # Only the newest post of each author who had a reply is looked up, by index: the day may be a million posts.
        rows = self._db.rows(
            """
            WITH newest AS (
              SELECT r.author_id, (
                SELECT m.id FROM mentions m CROSS JOIN temp.digest_day d ON d.id = m.id
                WHERE m.author_id = r.author_id AND m.posted_at >= :start AND m.posted_at > r.first_at
                  AND d.sentiment IS NOT NULL AND d.aside IS NULL
                ORDER BY m.posted_at DESC, m.id DESC LIMIT 1) AS mention_id
              FROM (SELECT author_id, min(at) AS first_at FROM temp.digest_replies GROUP BY author_id) r
            ), wrote AS (
              SELECT n.author_id, d.sentiment AS now, r.case_id, max(r.at) AS at
              FROM newest n JOIN mentions m ON m.id = n.mention_id JOIN temp.digest_day d ON d.id = m.id
              JOIN temp.digest_replies r ON r.author_id = n.author_id AND r.at < m.posted_at
              GROUP BY n.author_id
            ), compared AS (
              SELECT w.author_id, w.now, (
                SELECT coalesce(
                  (SELECT corrected FROM corrections WHERE mention_id = m.id AND field = 'sentiment' AND at < :by
                    ORDER BY id DESC LIMIT 1),
                  (SELECT sentiment FROM assessments WHERE mention_id = m.id AND assessed_at < :by
                    ORDER BY id DESC LIMIT 1))
                FROM case_mentions j JOIN mentions m ON m.id = j.mention_id
                WHERE j.case_id = w.case_id AND m.posted_at < w.at ORDER BY m.posted_at DESC, m.id DESC LIMIT 1
              ) AS before
              FROM wrote w)
            SELECT before, now FROM compared WHERE before IS NOT NULL ORDER BY author_id
            """,
            {"start": to_text(start), "by": to_text(by)},
        )
        return [(Sentiment(row["before"]), Sentiment(row["now"])) for row in rows]

    def corrections(self, brand: str, start: datetime, by: datetime) -> list[CorrectionCount]:
        """Count what agents changed, the most frequent first; of each field of a mention the day's last word."""
        rows = self._db.rows(
            """
            SELECT k.field, k.was, k.corrected, count(*) AS times
            FROM corrections k JOIN mentions m ON m.id = k.mention_id
            WHERE +m.brand = :brand AND k.at >= :start AND k.at < :by AND k.was IS NOT k.corrected AND NOT EXISTS (
              SELECT 1 FROM corrections n
              WHERE n.mention_id = k.mention_id AND n.field = k.field AND n.id > k.id AND n.at < :by)
            GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3
            """,
            _bounds(brand, start, by),
        )
        return [CorrectionCount(**row) for row in rows]

    def agreement(self, brand: str, start: datetime, by: datetime) -> Agreement:
        """Count the mentions of the cases that agents touched on the day, and those they corrected."""
        row = self._db.row(
            f"""
            WITH {REVIEWED}
            SELECT (SELECT count(*) FROM seen) AS seen, (SELECT count(*) FROM corrected) AS corrected
            """,
            _bounds(brand, start, by),
        )
        assert row is not None  # a count always has a row
        return Agreement(**row)

    def coverage(self, start: datetime, by: datetime) -> list[Stretch]:
        """Return every stretch of coverage that touches the time, by source and time."""
        rows = self._db.rows(
            """
            SELECT v.source, s.platform, v.started_at, v.ended_at, v.state, v.detail
            FROM sources s JOIN coverage v ON v.source = s.name
            WHERE v.started_at < ? AND v.ended_at > ? ORDER BY v.source, v.started_at, v.id
            """,
            (to_text(by), to_text(start)),
        )
        return [
            Stretch(
                source=row["source"],
                platform=Platform(row["platform"]),
                started_at=from_text(row["started_at"]),
                ended_at=from_text(row["ended_at"]),
                state=row["state"],
                detail=row["detail"],
            )
            for row in rows
        ]

    def late_reads(self, start: datetime, by: datetime) -> list[LateRead]:
        """Return every stretch that touches the time and was read only after it."""
        rows = self._db.rows(
            "SELECT source, started_at, ended_at FROM late_reads "
            "WHERE started_at < :by AND ended_at > :start AND read_at >= :by ORDER BY source, started_at",
            {"start": to_text(start), "by": to_text(by)},
        )
        return [LateRead(row["source"], from_text(row["started_at"]), from_text(row["ended_at"])) for row in rows]

    def listening_since(self) -> dict[str, datetime]:
        """Return when each source was first listened to."""
        rows = self._db.rows("SELECT source, min(started_at) AS since FROM coverage GROUP BY source ORDER BY source")
        return {row["source"]: from_text(row["since"]) for row in rows}

    def spent(self, start: datetime, by: datetime) -> list[Spent]:
        """Add up what was spent on the day by the whole installation; a call under way counts as reserved."""
        rows = self._db.rows(
            """
            SELECT platform, source, call, count(*) AS calls, sum(coalesce(settled_usd, reserved_usd)) AS usd
            FROM spending WHERE platform IN ('x', 'reddit') AND at >= ? AND at < ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """,
            (to_text(start), to_text(by)),
        )
        return [Spent(**{**row, "usd": round(row["usd"], 6)}) for row in rows]

    def troubles(self, brand: str, start: datetime, by: datetime) -> list[Trouble]:
        """Return the answers that did not simply go out, oldest first."""
        rows = self._db.rows(
            """
            SELECT o.id AS outbox_id, o.case_id, o.platform, substr(e.kind, 8) AS what, max(e.at) AS at, (
              SELECT substr(l.kind, 8) FROM events l
              WHERE l.outbox_id = o.id AND l.at < :by AND l.kind >= 'outbox.' AND l.kind < 'outbox/'
              ORDER BY l.id DESC LIMIT 1) AS stands
            FROM events e JOIN outbox o ON o.id = e.outbox_id JOIN cases c ON c.id = o.case_id
            WHERE e.at >= :start AND e.at < :by AND c.brand = :brand
              AND e.kind IN ('outbox.refused', 'outbox.uncertain', 'outbox.parked')
            GROUP BY o.id, e.kind ORDER BY 5, 1, 4
            """,
            _bounds(brand, start, by),
        )
        return [Trouble(**{**row, "platform": Platform(row["platform"]), "at": from_text(row["at"])}) for row in rows]

    def set_aside(self, brand: str, start: datetime, by: datetime) -> int:
        """Count the mentions that broke a step, read or not."""
        return int(
            self._db.value(
                "SELECT count(DISTINCT m.id) FROM events e JOIN mentions m ON m.id = e.mention_id "
                "WHERE e.at >= :start AND e.at < :by AND e.kind = 'mention.set_aside' AND +m.brand = :brand",
                _bounds(brand, start, by),
            )
        )


def _waiting(row: dict[str, Any]) -> WaitingCase:
    again = row["answered_at"] is not None
    return WaitingCase(
        case_id=row["id"],
        mention_id=row["owed_mention_id"],
        platform=Platform(row["platform"]),
        priority=Priority(row["priority"]),
        severity=Severity(row["severity"]) if row["severity"] else None,
        since=from_text(row["since"]),
        due_at=None if again else optional_time(row["due_at"]),
        again=again,
        acknowledged_at=optional_time(row["acknowledged"]),
    )


def _bounds(brand: str, start: datetime, by: datetime) -> dict[str, object]:
    return {"brand": brand, "start": to_text(start), "by": to_text(by)}
