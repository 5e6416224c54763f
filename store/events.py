"""Events: every change of state leaves one (who, what, when, why). They are only ever added."""

from __future__ import annotations

import json
from typing import Any

from store.database import Database, from_text, to_text
from store.records import Event

KINDS = {
    "mention.set_aside": "a mention broke a step of the journey and was set aside",
    "mention.edited": "a post was edited on its platform",
    "mention.heard": "a live source brought a post that was known from a file only",
    "mention.deleted": "a post was deleted on its platform, and its text here",
    "mention.redacted": "the text of a post was removed here: retention or forgetting",
    "mention.corrected": "an agent corrected what the classifier said",
    "case.opened": "a case was opened",
    "case.joined": "a further mention joined a case",
    "case.live": "a case of replayed posts got its first live one, and is owed an answer from then on",
    "case.raised": "an edited post made a case more urgent or more severe",
    "case.claimed": "an agent took a case",
    "case.released": "a case was given back",
    "case.assigned": "a case was given to an agent",
    "case.escalated": "a case was made urgent",
    "case.snoozed": "a case rests until a time",
    "case.pending": "a case waits for the customer",
    "case.resolved": "a case was closed",
    "case.reopened": "a case was opened again",
    "case.breached": "a promise was broken",
    "case.answered": "an agent's first response was delivered",
    "case.by_hand": "an agent said that they answered on the platform's own page",
    "case.not_by_hand": "an agent took back that they had answered on the platform's own page",
    "case.acknowledged": "an automated reply was delivered",
    "case.noted": "an agent wrote a note",
    "draft.made": "an answer was drafted",
    "draft.edited": "an answer was rewritten",
    "draft.overridden": "an agent approved an answer in spite of a guardrail, for a reason",
    "outbox.held": "an answer was approved and is held for a moment",
    "outbox.queued": "an answer is ready to be sent",
    "outbox.sending": "an answer is leaving",
    "outbox.sent": "an answer stands on its platform",
    "outbox.refused": "a platform refused an answer",
    "outbox.uncertain": "nobody knows whether an answer arrived",
    "outbox.parked": "an answer needs a person",
    "outbox.withdrawn": "an answer was taken back",
    "outbox.postponed": "an answer waits for its platform",
    "answer.noticed": "an answer that was written by hand on the platform's own page was noticed",
    "author.suppressed": "an author is never written to again",
    "author.forgotten": "everything an author wrote was removed",
    "store.purged": "what was emptied was erased from the files of the store",
    "agent.added": "an agent was added",
    "agent.changed": "an agent was changed",
    "agent.signed_in": "an agent signed in",
    "pause.on": "all sending was stopped",
    "pause.off": "sending goes on",
    "source.resting": "a source rests: rate limit or spent budget",
    "coverage.gap": "a stretch of time was not heard",
    "coverage.lost": "a stretch of time cannot be heard any more",
    "alert.sent": "people were told that a case was escalated",
    "alert.unsent": "nobody could be told that a case was escalated; it is tried again",
    "digest.made": "a digest was made",
    "digest.sent": "a digest was sent",
    "digest.unsent": "a digest could not be sent",
    "daemon.started": "the daemon started",
    "daemon.stopped": "the daemon stopped",
}


class Events:
    """The log of everything that happened."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, event: Event) -> int:
        """Append an event; call it inside the transaction of the change it tells of."""
        if event.kind not in KINDS:
            raise ValueError(f"unknown kind of event: {event.kind}; add it to store/events.py")
        return self._db.insert(
            "events",
            {
                "at": to_text(event.at),
                "kind": event.kind,
                "actor": event.actor,
                "mention_id": event.mention_id,
                "case_id": event.case_id,
                "outbox_id": event.outbox_id,
                "brand": event.brand,
                "detail": json.dumps(event.detail, ensure_ascii=False),
            },
        )

    def of_case(self, case_id: int) -> list[Event]:
        """Return what happened to a case, oldest first."""
        return self._found("SELECT * FROM events WHERE case_id = ? ORDER BY id", case_id)

    def of_mention(self, mention_id: int) -> list[Event]:
        """Return what happened to a mention, oldest first."""
        return self._found("SELECT * FROM events WHERE mention_id = ? ORDER BY id", mention_id)

    def latest(self, limit: int) -> list[Event]:
        """Return the newest events, newest first."""
        return self._found("SELECT * FROM events ORDER BY id DESC LIMIT ?", limit)

    def _found(self, sql: str, value: int) -> list[Event]:
        return [_event(row) for row in self._db.rows(sql, (value,))]


def _event(row: dict[str, Any]) -> Event:
    return Event(
        id=row["id"],
        at=from_text(row["at"]),
        kind=row["kind"],
        actor=row["actor"],
        mention_id=row["mention_id"],
        case_id=row["case_id"],
        outbox_id=row["outbox_id"],
        brand=row["brand"],
        detail=json.loads(row["detail"]),
    )
