"""Everything stored, as rows with keys that do not change without a line in the changelog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from store.database import Database

_QUERIES = {
    "mentions": """
        SELECT m.id, m.platform, m.external_id, m.brand, m.source, a.handle AS author,
          a.external_id AS author_external_id, m.text, m.posted_at, m.edited_at, m.collected_at, m.deleted_at,
          m.conversation_id, m.in_reply_to, m.url,
          m.community, m.audience, m.summoned, m.replayed, m.stage, s.sentiment, s.negative_score, s.neutral_score,
          s.positive_score, s.complaint, s.complaint_score, s.severity, s.severity_reasons, s.kind, s.topic, s.language,
          s.relevant_score, s.offensive_score, s.sarcasm_score, s.unsure, s.model, s.revision,
          d.rule, d.action, d.reason,
          (SELECT case_id FROM case_mentions c WHERE c.mention_id = m.id LIMIT 1) AS case_id
        FROM mentions m JOIN authors a ON a.id = m.author_id
        LEFT JOIN assessments s ON s.id = (SELECT max(id) FROM assessments x WHERE x.mention_id = m.id)
        LEFT JOIN decisions d ON d.id = (SELECT max(id) FROM decisions y WHERE y.mention_id = m.id)
        ORDER BY m.id""",
    "cases": """
        SELECT c.id, c.brand, c.platform, a.handle AS author, a.external_id AS author_external_id, c.conversation_id,
          c.status, c.queue, c.priority, c.severity, c.topic, c.replayed, c.opened_at, c.first_post_at,
          c.last_activity_at, c.due_at, c.first_response_at, c.breached_at, g.username AS assignee, c.claimed_at,
          c.snoozed_until, c.resolved_at,
          (SELECT count(*) FROM case_mentions n WHERE n.case_id = c.id) AS mentions
        FROM cases c JOIN authors a ON a.id = c.author_id LEFT JOIN agents g ON g.id = c.assignee_id
        ORDER BY c.id""",
    "replies": """
        SELECT id, platform, target_id, mention_id, case_id, text, state, approved_by, approved_at, automated,
          held_until, external_id, sent_at, dry_run, reason
        FROM outbox ORDER BY id""",
    "events": """
        SELECT id, at, kind, actor, mention_id, case_id, outbox_id, brand, detail FROM events ORDER BY id""",
}
SUBJECTS = tuple(_QUERIES)
_FLAGS = {"summoned", "replayed", "complaint", "unsure", "automated", "dry_run"}


class Exports:
    """The rows of a subject, read one by one so that memory does not grow with the store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def rows(self, subject: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of one of ``SUBJECTS``; every row has the same keys."""
        columns, rows = self._db.stream(_QUERIES[subject])
        for values in rows:
            row = dict(zip(columns, values, strict=True))
            yield {key: bool(value) if key in _FLAGS and value is not None else value for key, value in row.items()}

    def columns(self, subject: str) -> list[str]:
        """Return the keys of a subject's rows, in order."""
        return self._db.stream(_QUERIES[subject])[0]
