"""What the classifier understood and what the rules decided: added beside the older, never over it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from store.database import Database, optional_text, to_text
from store.records import Action, Assessment, Decision, Kind, Mention, Post, Priority, Sentiment, Severity


class Assessments:
    """Assessments and routing decisions of mentions."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, results: Sequence[tuple[Mention, Assessment]], at: datetime) -> None:
        """Store a batch and move its mentions on to routing. Call it inside a transaction."""
        for mention, assessment in results:
            self._db.execute(
                """
                INSERT INTO assessments (mention_id, version_id, model, revision, sentiment, negative_score,
                  neutral_score, positive_score, complaint, complaint_score, severity, severity_reasons, kind, topic,
                  language, relevant_score, offensive_score, sarcasm_score, unsure, assessed_at)
                VALUES (:mention_id, :version_id, :model, :revision, :sentiment, :negative_score, :neutral_score,
                  :positive_score, :complaint, :complaint_score, :severity, :severity_reasons, :kind, :topic, :language,
                  :relevant_score, :offensive_score, :sarcasm_score, :unsure, :assessed_at)
                ON CONFLICT (mention_id, version_id, model, revision) DO NOTHING
                """,
                {
                    **_row(assessment),
                    "mention_id": mention.id,
                    "version_id": _version(mention.post),
                    "assessed_at": to_text(at),
                },
            )
            # An edit may have arrived while the classifier was reading: then the mention stays where it is.
            self._db.execute(
                "UPDATE mentions SET stage = 'assessed' WHERE id = ? AND version_id = ? AND edited_at IS ? "
                "AND stage = 'collected'",
                (mention.id, mention.post.reply_target, optional_text(mention.post.edited_at)),
            )

    def current(self, mention_ids: Sequence[int]) -> dict[int, Assessment]:
        """Return the newest assessment of each of the mentions that has one."""
        marks = ", ".join("?" for _ in mention_ids)
        rows = self._db.rows(
            f"SELECT * FROM assessments WHERE id IN "
            f"(SELECT max(id) FROM assessments WHERE mention_id IN ({marks}) GROUP BY mention_id)",
            tuple(mention_ids),
        )
        return {row["mention_id"]: assessment_of(row) for row in rows}

    def telling(self, case_ids: Sequence[int]) -> dict[int, tuple[int, Assessment]]:
        """Return, for each of the cases, the mention that says most about it, as (its id, its newest assessment).

        That is the newest of those mentions, not deleted, that are as severe as the case (a case keeps the gravest
        severity of all that joined it), else the newest one that was assessed. A case without one is left out.
        """
        marks = ", ".join("?" for _ in case_ids)
        rows = self._db.rows(
            "SELECT latest.case_id, a.* FROM "
            "(SELECT cm.case_id, max(a.id) AS id FROM case_mentions cm "
            "JOIN assessments a ON a.mention_id = cm.mention_id "
            f"WHERE cm.case_id IN ({marks}) GROUP BY cm.case_id, cm.mention_id) AS latest "
            "JOIN assessments a ON a.id = latest.id JOIN mentions m ON m.id = a.mention_id "
            "JOIN cases c ON c.id = latest.case_id ORDER BY m.deleted_at IS NULL AND a.severity IS c.severity, m.id",
            tuple(case_ids),
        )
        return {row["case_id"]: (row["mention_id"], assessment_of(row)) for row in rows}

    def history(self, mention_id: int) -> list[tuple[int, str, Assessment]]:
        """Return every assessment of a mention as (id, time in words of the store, assessment), oldest first."""
        rows = self._db.rows("SELECT * FROM assessments WHERE mention_id = ? ORDER BY id", (mention_id,))
        return [(row["id"], row["assessed_at"], assessment_of(row)) for row in rows]

    def decide(self, mention: Mention, decision: Decision, at: datetime) -> bool:
        """Write down what routing decided and move the mention on. Call it inside a transaction.

        False, and nothing is written, when the mention does not wait for the rules any more with the text that was
        judged: it was routed by somebody else, edited (and is assessed and routed again) or taken away meanwhile.
        """
        waited = self._db.execute(
            "UPDATE mentions SET stage = 'routed' WHERE id = ? AND version_id = ? AND edited_at IS ? "
            "AND stage = 'assessed'",
            (mention.id, mention.post.reply_target, optional_text(mention.post.edited_at)),
        )
        if waited == 0:
            return False
        self._db.insert(
            "decisions",
            {
                "mention_id": mention.id,
                "rule": decision.rule,
                "action": decision.action,
                "reason": decision.reason,
                "queue": decision.queue,
                "priority": decision.priority,
                "template": decision.template,
                "decided_at": to_text(at),
            },
        )
        return True

    def decision(self, mention_id: int) -> Decision | None:
        """Return the latest routing decision for a mention."""
        row = self._db.row("SELECT * FROM decisions WHERE mention_id = ? ORDER BY id DESC LIMIT 1", (mention_id,))
        if row is None:
            return None
        return Decision(
            rule=row["rule"],
            action=Action(row["action"]),
            reason=row["reason"],
            queue=row["queue"],
            priority=Priority(row["priority"]),
            template=row["template"],
        )


def _version(post: Post) -> str:
    """Name the version of a post that was read: on Reddit an edited one keeps its id."""
    return post.reply_target if post.edited_at is None else f"{post.reply_target} {to_text(post.edited_at)}"


def _row(assessment: Assessment) -> dict[str, object]:
    scores = assessment.sentiment_scores or {}
    return {
        "model": assessment.model,
        "revision": assessment.revision,
        "sentiment": assessment.sentiment,
        "negative_score": scores.get("negative"),
        "neutral_score": scores.get("neutral"),
        "positive_score": scores.get("positive"),
        "complaint": None if assessment.complaint is None else int(assessment.complaint),
        "complaint_score": assessment.complaint_score,
        "severity": assessment.severity,
        "severity_reasons": json.dumps(assessment.severity_reasons, ensure_ascii=False),
        "kind": assessment.kind,
        "topic": assessment.topic,
        "language": assessment.language,
        "relevant_score": assessment.relevant_score,
        "offensive_score": assessment.offensive_score,
        "sarcasm_score": assessment.sarcasm_score,
        "unsure": int(assessment.unsure),
    }


def assessment_of(row: dict[str, Any]) -> Assessment:
    """Make the record from a row of ``assessments``."""
    scores = None
    if row["negative_score"] is not None:
        scores = {name.value: row[f"{name}_score"] for name in Sentiment}
    return Assessment(
        model=row["model"],
        revision=row["revision"],
        sentiment=Sentiment(row["sentiment"]) if row["sentiment"] else None,
        sentiment_scores=scores,
        complaint=None if row["complaint"] is None else bool(row["complaint"]),
        complaint_score=row["complaint_score"],
        severity=Severity(row["severity"]) if row["severity"] else None,
        severity_reasons=tuple(json.loads(row["severity_reasons"])),
        kind=Kind(row["kind"]) if row["kind"] else None,
        topic=row["topic"],
        language=row["language"],
        relevant_score=row["relevant_score"],
        offensive_score=row["offensive_score"],
        sarcasm_score=row["sarcasm_score"],
        unsure=bool(row["unsure"]),
    )
