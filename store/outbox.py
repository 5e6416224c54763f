"""The outbox: approved answers and every attempt to deliver them. A message moves only along ``ARROWS``."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.errors import StoreError
from store.database import Database, from_text, optional_text, optional_time, to_text
from store.records import OutboxMessage, OutboxState, Platform

_S = OutboxState

# Drawn and explained in responders/outbox.py.
ARROWS: dict[OutboxState, frozenset[OutboxState]] = {
    _S.HELD: frozenset({_S.QUEUED, _S.WITHDRAWN, _S.PARKED}),
    _S.QUEUED: frozenset({_S.SENDING, _S.WITHDRAWN, _S.PARKED}),
    _S.SENDING: frozenset({_S.SENT, _S.REFUSED, _S.UNCERTAIN, _S.QUEUED}),
    _S.UNCERTAIN: frozenset({_S.SENT, _S.PARKED}),
    _S.PARKED: frozenset({_S.WITHDRAWN, _S.SENT}),
    _S.SENT: frozenset(),
    _S.REFUSED: frozenset(),
    _S.WITHDRAWN: frozenset({_S.SENT}),
}
_ON_ITS_WAY_OR_OUT = "dry_run = 0 AND state IN ('held', 'queued', 'sending', 'uncertain', 'sent')"
_TO_AUTHOR = f"""
FROM outbox o JOIN mentions m ON m.id = o.mention_id JOIN authors a ON a.id = m.author_id
WHERE a.platform = ? AND a.external_id = ? AND o.automated = 1
  AND o.{_ON_ITS_WAY_OR_OUT} AND o.id <> ?
"""


class AlreadyAnswered(StoreError):
    """An answer to the same post is on its way or out."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to send a message."""

    id: int
    outbox_id: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None  # sent, refused, uncertain, postponed, dry_run; None: the attempt never came to an end
    detail: str


class Outbox:
    """The answers on their way out, and those that went."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, message: OutboxMessage, target_key: str) -> int:
        """Store an approved answer and return its id.

        ``AlreadyAnswered`` when an answer to the same post is on its way or out: promise 4 is kept by the
        database itself, whatever the code above does.
        """
        row = {
            "platform": message.platform,
            "target_key": target_key,
            "target_id": message.target_id,
            "mention_id": message.mention_id,
            "case_id": message.case_id,
            "text": message.text,
            "state": message.state,
            "approved_by": message.approved_by,
            "approved_at": to_text(message.approved_at),
            "automated": int(message.automated),
            "held_until": optional_text(message.held_until),
            "dry_run": 0,
            "reason": message.reason,
            "settle_checks": 0,
        }
        try:
            return self._db.insert("outbox", row)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname != "SQLITE_CONSTRAINT_UNIQUE":
                raise
            raise AlreadyAnswered("there is already an answer to this post; look at the case") from error

    def get(self, message_id: int) -> OutboxMessage:
        """Return a message; ``KeyError`` when there is none."""
        found = self._found("WHERE id = ?", message_id)
        if not found:
            raise KeyError(message_id)
        return found[0]

    def of_case(self, case_id: int) -> list[OutboxMessage]:
        """Return the answers of a case, oldest first."""
        return self._found("WHERE case_id = ? ORDER BY id", case_id)

    def of_mention(self, mention_id: int) -> list[OutboxMessage]:
        """Return the answers to a mention, oldest first."""
        return self._found("WHERE mention_id = ? ORDER BY id", mention_id)

    def in_state(self, state: OutboxState, limit: int = 100) -> list[OutboxMessage]:
        """Return messages in a state, oldest first."""
        return self._found("WHERE state = ? ORDER BY id LIMIT ?", state, limit)

    def count_by_state(self) -> dict[str, int]:
        """Return how many messages stand in each state."""
        rows = self._db.rows("SELECT state, count(*) AS n FROM outbox GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    def hold_over(self, now: datetime) -> list[OutboxMessage]:
        """Return the held messages that can no longer be taken back."""
        return self._found("WHERE state = 'held' AND held_until <= ? ORDER BY id", to_text(now))

    def next_queued(self, now: datetime) -> OutboxMessage | None:
        """Return the message that has waited longest and may be tried now."""
        found = self._found(
            "WHERE state = 'queued' AND (next_try_at IS NULL OR next_try_at <= ?) ORDER BY id LIMIT 1", to_text(now)
        )
        return found[0] if found else None

    def to_settle(self, now: datetime) -> list[OutboxMessage]:
        """Return the uncertain messages that it is time to look for."""
        return self._found(
            "WHERE state = 'uncertain' AND (next_try_at IS NULL OR next_try_at <= ?) ORDER BY id", to_text(now)
        )

    def given_up(self, mention_id: int, earliest: datetime, latest: datetime) -> OutboxMessage | None:
        """Return the answer that left between two moments and was looked for in vain, or None.

        One that a person wrote and made a draft again counts as theirs, by whatever way it came to stand there.
        """
        found = self._found(
            "WHERE mention_id = ? AND (state = 'parked' OR (state = 'withdrawn' AND automated = 1)) AND EXISTS ("
            "SELECT 1 FROM deliveries d WHERE d.outbox_id = outbox.id AND d.outcome = 'uncertain' "
            "AND d.started_at <= ? AND d.finished_at >= ?) ORDER BY id DESC LIMIT 1",
            mention_id,
            to_text(latest),
            to_text(earliest),
        )
        return found[0] if found else None

    def move(
        self,
        message: OutboxMessage,
        to: OutboxState,
        *,
        reason: str = "",
        next_try_at: datetime | None = None,
        external_id: str | None = None,
        sent_at: datetime | None = None,
        dry_run: bool = False,
    ) -> bool:
        """Move a message along an arrow; False when somebody moved it first. ``ValueError``: there is no such arrow."""
        if to not in ARROWS[message.state]:
            raise ValueError(f"an outbox message cannot go from {message.state} to {to}")
        done = self._db.execute(
            "UPDATE outbox SET state = ?, reason = ?, next_try_at = ?, external_id = ?, sent_at = ?, dry_run = ? "
            "WHERE id = ? AND state = ?",
            (
                to,
                reason,
                optional_text(next_try_at),
                external_id,
                optional_text(sent_at),
                int(dry_run),
                message.id,
                message.state,
            ),
        )
        return done == 1

    def postpone(self, message: OutboxMessage, next_try_at: datetime, reason: str) -> None:
        """Leave a message where it is and try it later."""
        self._db.execute(
            "UPDATE outbox SET next_try_at = ?, reason = ? WHERE id = ? AND state = ?",
            (to_text(next_try_at), reason, message.id, message.state),
        )

    def looked_for(self, message: OutboxMessage, next_try_at: datetime) -> None:
        """Count one more look for an uncertain message that did not find it."""
        self._db.execute(
            "UPDATE outbox SET settle_checks = settle_checks + 1, next_try_at = ? WHERE id = ?",
            (to_text(next_try_at), message.id),
        )

    def start_delivery(self, message_id: int, at: datetime) -> int:
        """Write down that an attempt begins, before anything leaves."""
        return self._db.insert("deliveries", {"outbox_id": message_id, "started_at": to_text(at), "detail": ""})

    def finish_delivery(self, delivery_id: int, outcome: str, at: datetime, detail: str = "") -> None:
        """Write down how an attempt ended."""
        self._db.execute(
            "UPDATE deliveries SET outcome = ?, finished_at = ?, detail = ? WHERE id = ?",
            (outcome, to_text(at), detail, delivery_id),
        )

    def deliveries(self, message_id: int) -> list[Delivery]:
        """Return the attempts to send a message, oldest first."""
        rows = self._db.rows("SELECT * FROM deliveries WHERE outbox_id = ? ORDER BY id", (message_id,))
        return [
            Delivery(
                id=row["id"],
                outbox_id=row["outbox_id"],
                started_at=from_text(row["started_at"]),
                finished_at=optional_time(row["finished_at"]),
                outcome=row["outcome"],
                detail=row["detail"],
            )
            for row in rows
        ]

    # What the gate asks. ``but`` is the message under judgement: it must not stand in its own way. A dry run answered
    # nobody, so nothing counts it once it is over.

    def answer_to(self, platform: Platform, target_key: str, but: int = 0) -> OutboxMessage | None:
        """Return the answer to a post that is on its way, out, or parked."""
        found = self._found(
            "WHERE platform = ? AND target_key = ? AND state NOT IN ('refused', 'withdrawn') AND dry_run = 0 "
            "AND id <> ?",
            platform,
            target_key,
            but,
        )
        return found[0] if found else None

    def automated_since(self, platform: Platform, since: datetime, but: int = 0) -> int:
        """Count the automated answers approved since a moment that went out or are on their way."""
        sql = (
            f"SELECT count(*) FROM outbox WHERE platform = ? AND automated = 1 AND {_ON_ITS_WAY_OR_OUT} "
            "AND approved_at >= ? AND id <> ?"
        )
        return int(self._db.value(sql, (platform, to_text(since), but)))

    def last_automated_to(self, platform: Platform, author_external_id: str, but: int = 0) -> datetime | None:
        """Return when the last automated answer to an author was approved."""
        sql = f"SELECT max(o.approved_at) {_TO_AUTHOR}"
        return optional_time(self._db.value(sql, (platform, author_external_id, but)))

    def automated_in(self, platform: Platform, author_external_id: str, conversation_id: str, but: int = 0) -> int:
        """Count the automated answers to an author in one conversation."""
        sql = f"SELECT count(*) {_TO_AUTHOR} AND m.conversation_id = ?"
        return int(self._db.value(sql, (platform, author_external_id, but, conversation_id)))

    def in_conversation(self, platform: Platform, conversation_id: str, but: int = 0) -> int:
        """Count all our answers in one conversation (on Reddit: under one submission)."""
        sql = (
            "SELECT count(*) FROM outbox o JOIN mentions m ON m.id = o.mention_id WHERE m.platform = ? "
            f"AND m.conversation_id = ? AND o.{_ON_ITS_WAY_OR_OUT} AND o.id <> ?"
        )
        return int(self._db.value(sql, (platform, conversation_id, but)))

    def in_community(self, platform: Platform, community: str, since: datetime, but: int = 0) -> int:
        """Count all our answers in one community (a subreddit) approved since a moment."""
        sql = (
            "SELECT count(*) FROM outbox o JOIN mentions m ON m.id = o.mention_id WHERE o.platform = ? "
            f"AND o.approved_at >= ? AND m.community = ? COLLATE NOCASE AND o.{_ON_ITS_WAY_OR_OUT} AND o.id <> ?"
        )
        return int(self._db.value(sql, (platform, to_text(since), community, but)))

    def refused_running(self, platform: Platform, since: datetime | None) -> int:
        """Count the answers that a platform refused since it took one, and since a moment."""
        sql = """
        SELECT count(*) FROM deliveries d JOIN outbox o ON o.id = d.outbox_id
        WHERE o.platform = :platform AND d.outcome = 'refused' AND d.started_at > :since AND d.id > coalesce((
          SELECT max(t.id) FROM deliveries t JOIN outbox p ON p.id = t.outbox_id
          WHERE p.platform = :platform AND t.outcome = 'sent'), 0)
        """
        return int(self._db.value(sql, {"platform": platform, "since": optional_text(since) or ""}))

    def texts_since(self, platform: Platform, since: datetime, but: int = 0) -> list[str]:
        """Return what we said since a moment, newest first: nobody is to hear the same words as the one before."""
        sql = (
            f"SELECT text FROM outbox WHERE platform = ? AND {_ON_ITS_WAY_OR_OUT} AND approved_at >= ? AND id <> ? "
            "ORDER BY id DESC LIMIT 500"
        )
        return [row["text"] for row in self._db.rows(sql, (platform, to_text(since), but))]

    def replaced_since(self, mention_id: int, moment: datetime) -> bool:
        """Tell whether an edit of a post was seen since a moment: what was written before that answers another text."""
        sql = "SELECT 1 FROM mention_versions WHERE mention_id = ? AND seen_at > ?"
        return self._db.value(sql, (mention_id, to_text(moment))) is not None

    def is_ours(self, platform: Platform, external_id: str) -> bool:
        """Tell whether a post on the platform is one of ours: sent from here, or written there by hand."""
        sql = (
            "SELECT 1 FROM outbox WHERE platform = :platform AND state = 'sent' AND external_id = :id "
            "UNION ALL SELECT 1 FROM own_posts WHERE platform = :platform AND external_id = :id LIMIT 1"
        )
        return self._db.value(sql, {"platform": platform, "id": external_id}) is not None

    def _found(self, rest: str, *values: object) -> list[OutboxMessage]:
        return [_message(row) for row in self._db.rows(f"SELECT * FROM outbox {rest}", values)]


def _message(row: dict[str, Any]) -> OutboxMessage:
    return OutboxMessage(
        id=row["id"],
        platform=Platform(row["platform"]),
        target_id=row["target_id"],
        mention_id=row["mention_id"],
        case_id=row["case_id"],
        text=row["text"],
        state=OutboxState(row["state"]),
        approved_by=row["approved_by"],
        approved_at=from_text(row["approved_at"]),
        automated=bool(row["automated"]),
        held_until=optional_time(row["held_until"]),
        external_id=row["external_id"],
        sent_at=optional_time(row["sent_at"]),
        dry_run=bool(row["dry_run"]),
        reason=row["reason"],
        settle_checks=row["settle_checks"],
    )
