"""Cases: one brand, one author, one conversation. Every claim is one conditional UPDATE, so two agents cannot win."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.database import Database, from_text, optional_text, optional_time, to_text
from store.records import Author, Case, CaseStatus, Note, Platform, Priority, Severity

_SELECT = """
SELECT c.*, a.external_id AS author_external_id, a.handle AS author_handle, a.name AS author_name,
  a.audience AS author_audience, a.is_bot AS author_is_bot
FROM cases c JOIN authors a ON a.id = c.author_id
"""
_WAITING = "first_response_at IS NULL AND status IN ('open', 'snoozed')"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list; what is None (or False) does not matter."""

    status: CaseStatus | None = None
    queue: str | None = None
    brand: str | None = None
    platform: Platform | None = None
    priority: Priority | None = None
    severity: Severity | None = None
    topic: str | None = None
    assignee_id: int | None = None
    unassigned: bool = False
    overdue_at: datetime | None = None  # unanswered although due before this moment


class Cases:
    """The cases, their mentions and their notes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, case_id: int) -> Case:
        """Return a case; ``KeyError`` when there is none."""
        found = self._found("WHERE c.id = ?", (case_id,))
        if not found:
            raise KeyError(case_id)
        return found[0]

    def queue(self, wanted: CaseFilter, limit: int = 50, offset: int = 0) -> list[Case]:
        """Return cases in the order of work: priority first, then what is due soonest, then what nothing is due for."""
        where, values = _conditions(wanted)
        order = "ORDER BY c.priority_rank DESC, c.due_at IS NULL, c.due_at, c.id LIMIT ? OFFSET ?"
        return self._found(f"WHERE {where} {order}", (*values, limit, offset))

    def count(self, wanted: CaseFilter) -> int:
        """Return how many cases there are of a kind."""
        where, values = _conditions(wanted)
        return int(self._db.value(f"SELECT count(*) FROM cases c WHERE {where}", values))

    def count_by_status(self) -> dict[str, int]:
        """Return how many cases stand at each status."""
        rows = self._db.rows("SELECT status, count(*) AS n FROM cases GROUP BY status")
        return {row["status"]: row["n"] for row in rows}

    def of_mention(self, mention_id: int) -> Case | None:
        """Return the case that a mention belongs to."""
        found = self._found("JOIN case_mentions m ON m.case_id = c.id WHERE m.mention_id = ?", (mention_id,))
        return found[0] if found else None

    def of_thread(self, mention_id: int) -> Case | None:
        """Return the case that a mention would join: the same brand, author and conversation."""
        found = self._found(
            "JOIN mentions m ON m.brand = c.brand AND m.platform = c.platform AND m.author_id = c.author_id "
            "AND m.conversation_id = c.conversation_id WHERE m.id = ?",
            (mention_id,),
        )
        return found[0] if found else None

    def open(self, mention_id: int, case: Case) -> int:
        """Store a new case for a mention and return its id. Its author and conversation are the mention's."""
        case_id = int(
            self._db.value(
                """
                INSERT INTO cases (brand, platform, author_id, conversation_id, status, queue, priority, priority_rank,
                  severity, topic, replayed, opened_at, first_post_at, last_activity_at, due_at)
                SELECT brand, platform, author_id, conversation_id, 'open', :queue, :priority, :rank, :severity, :topic,
                  replayed, :opened_at, posted_at, posted_at, :due_at
                FROM mentions WHERE id = :mention_id RETURNING id
                """,
                {
                    "mention_id": mention_id,
                    "queue": case.queue,
                    "priority": case.priority,
                    "rank": case.priority.rank,
                    "severity": case.severity,
                    "topic": case.topic,
                    "opened_at": to_text(case.opened_at),
                    "due_at": optional_text(case.due_at),
                },
            )
        )
        self.join(case_id, mention_id, case.opened_at)
        return case_id

    def join(self, case_id: int, mention_id: int, at: datetime) -> bool:
        """Put a mention into a case; False when it was in it."""
        sql = "INSERT INTO case_mentions (case_id, mention_id, joined_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        return self._db.execute(sql, (case_id, mention_id, to_text(at))) == 1

    def update(self, case: Case) -> None:
        """Store what routing may change: queue, priority, severity, topic, times, the promise, and that it is live."""
        self._db.execute(
            """
            UPDATE cases SET queue = :queue, priority = :priority, priority_rank = :rank, severity = :severity,
              topic = :topic, first_post_at = :first_post_at, last_activity_at = :last_activity_at, due_at = :due_at,
              breached_at = :breached_at, replayed = :replayed
            WHERE id = :id
            """,
            {
                "id": case.id,
                "queue": case.queue,
                "priority": case.priority,
                "rank": case.priority.rank,
                "severity": case.severity,
                "topic": case.topic,
                "first_post_at": to_text(case.first_post_at),
                "last_activity_at": to_text(case.last_activity_at),
                "due_at": optional_text(case.due_at),
                "breached_at": optional_text(case.breached_at),
                "replayed": int(case.replayed),
            },
        )

    def claim(self, case_id: int, agent_id: int, at: datetime) -> bool:
        """Give a free case to an agent, or renew the hold they have; False when another agent holds it."""
        done = self._db.execute(
            "UPDATE cases SET assignee_id = ?, claimed_at = ? "
            "WHERE id = ? AND (assignee_id IS NULL OR assignee_id = ?)",
            (agent_id, to_text(at), case_id, agent_id),
        )
        return done == 1

    def assign(self, case_id: int, agent_id: int | None, at: datetime | None) -> None:
        """Give a case to an agent whoever holds it; None frees it."""
        self._db.execute(
            "UPDATE cases SET assignee_id = ?, claimed_at = ? WHERE id = ?", (agent_id, optional_text(at), case_id)
        )

    def set_status(
        self, case_id: int, status: CaseStatus, *, resolved_at: datetime | None = None, until: datetime | None = None
    ) -> bool:
        """Move a case to a status; False when it stood there already with the same time."""
        done = self._db.execute(
            "UPDATE cases SET status = ?, resolved_at = ?, snoozed_until = ? "
            "WHERE id = ? AND (status <> ? OR snoozed_until IS NOT ?)",
            (status, optional_text(resolved_at), optional_text(until), case_id, status, optional_text(until)),
        )
        return done == 1

    def set_first_response(self, case_id: int, at: datetime) -> bool:
        """Write down the first response; False when one was known.

        It may have been noticed only after the promise ran out: if it came in time, the promise was kept.
        """
        done = self._db.execute(
            "UPDATE cases SET first_response_at = :at, breached_at = CASE WHEN :at > due_at THEN breached_at END "
            "WHERE id = :id AND first_response_at IS NULL",
            {"at": to_text(at), "id": case_id},
        )
        return done == 1

    def clear_first_response(self, case_id: int, since: datetime) -> None:
        """Forget a first response of a moment or later: it was not given after all."""
        self._db.execute(
            "UPDATE cases SET first_response_at = NULL WHERE id = ? AND first_response_at >= ?",
            (case_id, to_text(since)),
        )

    def set_breached(self, case_id: int, at: datetime) -> bool:
        """Write down that the promise is broken, once; False when it was known or an answer came first."""
        done = self._db.execute(
            f"UPDATE cases SET breached_at = ? WHERE id = ? AND breached_at IS NULL AND {_WAITING}",
            (to_text(at), case_id),
        )
        return done == 1

    def newly_breached(self, now: datetime) -> list[Case]:
        """Return the unanswered cases whose promise has run out and is not yet marked."""
        where = f"WHERE {_WAITING} AND c.due_at < ? AND c.breached_at IS NULL ORDER BY c.id"
        return self._found(where, (to_text(now),))

    def stale_holds(self, before: datetime) -> list[Case]:
        """Return the open cases that were claimed before a moment and not touched by their holder since."""
        where = "WHERE c.status = 'open' AND c.assignee_id IS NOT NULL AND c.claimed_at < ? ORDER BY c.id"
        return self._found(where, (to_text(before),))

    def held_by(self, agent_id: int) -> list[Case]:
        """Return the cases that an agent holds and that are not resolved."""
        where = "WHERE c.status IN ('open', 'pending', 'snoozed') AND c.assignee_id = ? ORDER BY c.id"
        return self._found(where, (agent_id,))

    def sleepers_due(self, now: datetime) -> list[Case]:
        """Return the snoozed cases whose time has come."""
        return self._found("WHERE c.status = 'snoozed' AND c.snoozed_until <= ? ORDER BY c.id", (to_text(now),))

    def news_since(self, case_id: int, mention_id: int, approved_at: datetime) -> bool:
        """Tell whether a case holds words that an answer to one of its mentions, approved then, does not answer.

        That is a post that joined later or is newer than the answered one, or one whose edit was seen later.
        """
        sql = """
        SELECT 1 FROM case_mentions c JOIN mentions m ON m.id = c.mention_id JOIN mentions answered ON answered.id = ?
        WHERE c.case_id = ? AND m.deleted_at IS NULL AND (
          (m.id <> answered.id AND (c.joined_at > ? OR (m.posted_at, m.id) > (answered.posted_at, answered.id)))
          OR EXISTS (SELECT 1 FROM mention_versions v WHERE v.mention_id = m.id AND v.seen_at > ?))
        LIMIT 1
        """
        approved = to_text(approved_at)
        return self._db.value(sql, (mention_id, case_id, approved, approved)) is not None

    def wrote_since(self, case_id: int, moment: datetime) -> bool:
        """Tell whether the customers of a case posted or edited something after a moment."""
        sql = """
        SELECT 1 FROM case_mentions c JOIN mentions m ON m.id = c.mention_id
        WHERE c.case_id = :case AND m.deleted_at IS NULL AND (m.posted_at > :moment OR m.edited_at > :moment) LIMIT 1
        """
        return self._db.value(sql, {"case": case_id, "moment": to_text(moment)}) is not None

    def notes(self, case_id: int) -> list[Note]:
        """Return the internal notes of a case, oldest first."""
        rows = self._db.rows("SELECT * FROM notes WHERE case_id = ? ORDER BY id", (case_id,))
        return [
            Note(
                id=row["id"],
                case_id=row["case_id"],
                agent_id=row["agent_id"],
                text=row["text"],
                written_at=from_text(row["written_at"]),
            )
            for row in rows
        ]

    def add_note(self, case_id: int, agent_id: int, text: str, at: datetime) -> Note:
        """Store an internal note."""
        row = {"case_id": case_id, "agent_id": agent_id, "text": text, "written_at": to_text(at)}
        return Note(id=self._db.insert("notes", row), case_id=case_id, agent_id=agent_id, text=text, written_at=at)

    def _found(self, rest: str, values: Sequence[object]) -> list[Case]:
        return [case_of(row) for row in self._db.rows(_SELECT + rest, values)]


def _conditions(wanted: CaseFilter) -> tuple[str, list[object]]:
    where, values = ["1"], []
    for column in ("status", "queue", "brand", "platform", "priority", "severity", "topic", "assignee_id"):
        value: object = getattr(wanted, column)
        if value is not None:
            where.append(f"c.{column} = ?")
            values.append(value)
    if wanted.unassigned:
        where.append("c.assignee_id IS NULL")
    if wanted.overdue_at is not None:
        where.append(f"{_WAITING} AND c.due_at < ?")
        values.append(to_text(wanted.overdue_at))
    return " AND ".join(where), values


def case_of(row: dict[str, Any]) -> Case:
    """Make the record from a row of ``cases`` joined with its author."""
    return Case(
        id=row["id"],
        brand=row["brand"],
        platform=Platform(row["platform"]),
        author=Author(
            external_id=row["author_external_id"],
            handle=row["author_handle"],
            name=row["author_name"],
            audience=row["author_audience"],
            is_bot=bool(row["author_is_bot"]),
        ),
        conversation_id=row["conversation_id"],
        status=CaseStatus(row["status"]),
        queue=row["queue"],
        priority=Priority(row["priority"]),
        severity=Severity(row["severity"]) if row["severity"] else None,
        topic=row["topic"],
        opened_at=from_text(row["opened_at"]),
        first_post_at=from_text(row["first_post_at"]),
        last_activity_at=from_text(row["last_activity_at"]),
        due_at=optional_time(row["due_at"]),
        first_response_at=optional_time(row["first_response_at"]),
        breached_at=optional_time(row["breached_at"]),
        assignee_id=row["assignee_id"],
        claimed_at=optional_time(row["claimed_at"]),
        snoozed_until=optional_time(row["snoozed_until"]),
        resolved_at=optional_time(row["resolved_at"]),
        replayed=bool(row["replayed"]),
    )
