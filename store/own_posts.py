"""What our own accounts posted, by whatever way: only ids and times, never words.

Those that the outbox sent are among them; they are told apart by their id. The others were written by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.database import Database, from_text, to_text
from store.records import Platform, Post

_BY_HAND = "NOT EXISTS (SELECT 1 FROM outbox o WHERE o.platform = w.platform AND o.external_id = w.external_id)"
# The mention that a post of ours answers, whichever of its versions.
_ANSWERED = """
coalesce(
  (SELECT id FROM mentions WHERE platform = w.platform AND external_id = w.in_reply_to),
  (SELECT id FROM mentions WHERE platform = w.platform AND version_id = w.in_reply_to AND version_id <> external_id),
  (SELECT v.mention_id FROM mention_versions v JOIN mentions m ON m.id = v.mention_id
    WHERE v.version_id = w.in_reply_to AND m.platform = w.platform))
"""
# While a message is on its way nobody knows yet whether the post that stands there is that message.
_UNDECIDED = """
EXISTS (SELECT 1 FROM outbox o WHERE o.mention_id = found.mention_id AND o.state IN ('sending', 'uncertain'))
"""


@dataclass(frozen=True, slots=True)
class ByHand:
    """An answer that somebody gave on the platform's own page, and the case of the post that it answers."""

    platform: Platform
    external_id: str
    posted_at: datetime
    mention_id: int
    case_id: int


class OwnPosts:
    """The posts of our accounts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, posts: Sequence[Post], at: datetime) -> int:
        """Remember posts of ours; returns how many were new."""
        sql = (
            "INSERT INTO own_posts (platform, external_id, in_reply_to, posted_at, noticed_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING"
        )
        rows = [(p.platform, p.external_id, p.in_reply_to, to_text(p.posted_at), to_text(at)) for p in posts]
        return sum(self._db.execute(sql, row) for row in rows)

    def among(self, platform: Platform, external_ids: Sequence[str]) -> set[str]:
        """Return those of the platform's ids that are posts of ours: sent from here, or read back."""
        marks = ", ".join("?" for _ in external_ids)
        rows = self._db.rows(
            f"SELECT external_id FROM own_posts WHERE platform = ? AND external_id IN ({marks}) "
            f"UNION SELECT external_id FROM outbox WHERE platform = ? AND external_id IN ({marks})",
            (platform, *external_ids, platform, *external_ids),
        )
        return {row["external_id"] for row in rows}

    def by_hand_since(self, since: datetime) -> list[ByHand]:
        """Return the answers by hand posted since a moment that no case knows of yet, oldest first."""
        rows = self._db.rows(
            f"""
            SELECT found.*, j.case_id FROM (
              SELECT w.platform, w.external_id, w.posted_at, {_ANSWERED} AS mention_id FROM own_posts w
              WHERE w.case_id IS NULL AND w.in_reply_to IS NOT NULL AND w.posted_at >= ? AND {_BY_HAND}) AS found
            JOIN case_mentions j ON j.mention_id = found.mention_id
            WHERE NOT {_UNDECIDED} ORDER BY found.posted_at, found.external_id
            """,
            (to_text(since),),
        )
        return [
            ByHand(
                platform=Platform(row["platform"]),
                external_id=row["external_id"],
                posted_at=from_text(row["posted_at"]),
                mention_id=row["mention_id"],
                case_id=row["case_id"],
            )
            for row in rows
        ]

    def credit(self, answer: ByHand) -> bool:
        """Write down which case an answer by hand belongs to; False when that was known."""
        sql = "UPDATE own_posts SET case_id = ? WHERE platform = ? AND external_id = ? AND case_id IS NULL"
        return self._db.execute(sql, (answer.case_id, answer.platform, answer.external_id)) == 1

    def answers_by_hand(self, mention_id: int) -> bool:
        """Tell whether an answer that was written by hand stands under a mention."""
        sql = f"""
        WITH versions (platform, id) AS (
          SELECT platform, external_id FROM mentions WHERE id = :mention
          UNION SELECT platform, version_id FROM mentions WHERE id = :mention
          UNION SELECT m.platform, v.version_id FROM mention_versions v JOIN mentions m ON m.id = v.mention_id
            WHERE v.mention_id = :mention)
        SELECT 1 FROM versions v JOIN own_posts w ON w.platform = v.platform AND w.in_reply_to = v.id
        WHERE {_BY_HAND} LIMIT 1
        """
        return self._db.value(sql, {"mention": mention_id}) is not None
