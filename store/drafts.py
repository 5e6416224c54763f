"""Drafts: answers that are being written, one for each mention. An approved draft moves to the outbox."""

from __future__ import annotations

import json
from typing import Any

from store.database import Database, from_text, to_text
from store.records import Draft, Mode


class Drafts:
    """The answers that nobody has approved yet."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, draft: Draft) -> Draft:
        """Store a draft, over the older one for the same mention if there is one; its id is given here."""
        draft_id = self._db.value(
            """
            INSERT INTO drafts (case_id, mention_id, text, template, author, mode, mode_reasons, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (mention_id) DO UPDATE SET case_id = excluded.case_id, text = excluded.text,
              template = excluded.template, author = excluded.author, mode = excluded.mode,
              mode_reasons = excluded.mode_reasons, updated_at = excluded.updated_at
            RETURNING id
            """,
            (
                draft.case_id,
                draft.mention_id,
                draft.text,
                draft.template,
                draft.author,
                draft.mode,
                json.dumps(draft.mode_reasons, ensure_ascii=False),
                to_text(draft.updated_at),
            ),
        )
        return self.get(draft_id)

    def get(self, draft_id: int) -> Draft:
        """Return a draft; ``KeyError`` when there is none (any more)."""
        found = self._one("WHERE id = ?", draft_id)
        if found is None:
            raise KeyError(draft_id)
        return found

    def of_case(self, case_id: int) -> Draft | None:
        """Return the newest draft of a case."""
        return self._one("WHERE case_id = ? ORDER BY mention_id DESC LIMIT 1", case_id)

    def of_mention(self, mention_id: int) -> Draft | None:
        """Return the draft of an answer to a mention."""
        return self._one("WHERE mention_id = ?", mention_id)

    def remove_of_case(self, case_id: int) -> None:
        """Take the drafts of a case away: one was approved, or the answer was given in another way."""
        self._db.execute("DELETE FROM drafts WHERE case_id = ?", (case_id,))

    def _one(self, rest: str, value: int) -> Draft | None:
        row = self._db.row(f"SELECT * FROM drafts {rest}", (value,))
        return None if row is None else _draft(row)


def _draft(row: dict[str, Any]) -> Draft:
    return Draft(
        id=row["id"],
        case_id=row["case_id"],
        mention_id=row["mention_id"],
        text=row["text"],
        template=row["template"],
        author=row["author"],
        mode=Mode(row["mode"]),
        mode_reasons=tuple(json.loads(row["mode_reasons"])),
        updated_at=from_text(row["updated_at"]),
    )
