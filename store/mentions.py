"""Mentions and their authors: stored once, edited in place, emptied when they are deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from store.database import Database, from_text, optional_text, optional_time, to_text
from store.records import Author, Mention, Platform, Post

# Every query that makes a Mention selects these; the author's columns carry a prefix.
SELECT_MENTION = """
SELECT m.*, a.external_id AS author_external_id, a.handle AS author_handle, a.name AS author_name,
  a.is_bot AS author_is_bot
FROM mentions m JOIN authors a ON a.id = m.author_id
"""


class Mentions:
    """What was said about the brands."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, post: Post, *, brand: str, source: str, at: datetime, replayed: bool = False) -> int | None:
        """Store a post as a mention and return its id, or None when it was known.

        A known post whose version is newer is updated in place, its old text kept as a version, and goes
        through assessment again. Call it inside a transaction.
        """
        author_id = self._author(post.platform, post.author, at)
        done = self._db.execute(
            """
            INSERT INTO mentions (platform, external_id, version_id, author_id, brand, source, text, posted_at,
              edited_at, collected_at, conversation_id, in_reply_to, url, language, community, audience, summoned,
              reply_settings, replayed, stage, checked_at)
            VALUES (:platform, :external_id, :version_id, :author_id, :brand, :source, :text, :posted_at, :edited_at,
              :at, :conversation_id, :in_reply_to, :url, :language, :community, :audience, :summoned, :reply_settings,
              :replayed, 'collected', :at)
            ON CONFLICT (platform, external_id) DO NOTHING
            """,
            {
                "platform": post.platform,
                "external_id": post.external_id,
                "version_id": post.reply_target,
                "author_id": author_id,
                "brand": brand,
                "source": source,
                "text": post.text,
                "posted_at": to_text(post.posted_at),
                "edited_at": optional_text(post.edited_at),
                "at": to_text(at),
                "conversation_id": post.conversation_id,
                "in_reply_to": post.in_reply_to,
                "url": post.url,
                "language": post.language,
                "community": post.community,
                "audience": post.author.audience,
                "summoned": int(post.summoned),
                "reply_settings": post.reply_settings,
                "replayed": int(replayed),
            },
        )
        mention_id = self.id_of(post.platform, post.external_id)
        assert mention_id is not None  # it was there, or has just been put there
        self._db.execute(
            "INSERT INTO sightings (mention_id, source, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (mention_id, source, to_text(at)),
        )
        if done == 1:
            return mention_id
        self._take_edit(mention_id, post, at)
        return None

    def _author(self, platform: Platform, author: Author, at: datetime) -> int:
        """Store or refresh an author; a forgotten one stays forgotten by having no row until they write again."""
        return int(
            self._db.value(
                """
                INSERT INTO authors (platform, external_id, handle, name, audience, is_bot, first_seen_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (platform, external_id) DO UPDATE SET
                  handle = excluded.handle, name = excluded.name, audience = excluded.audience, is_bot = excluded.is_bot
                RETURNING id
                """,
                (
                    platform,
                    author.external_id,
                    author.handle,
                    author.name,
                    author.audience,
                    int(author.is_bot),
                    to_text(at),
                ),
            )
        )

    def _take_edit(self, mention_id: int, post: Post, at: datetime) -> None:
        known = self._db.row(
            "SELECT version_id, text, edited_at, deleted_at, redacted_at FROM mentions WHERE id = ?", (mention_id,)
        )
        assert known is not None
        changed = known["text"] != post.text and post.edited_at is not None
        newer = known["edited_at"] is None or (
            post.edited_at is not None and to_text(post.edited_at) > known["edited_at"]
        )
        emptied = known["deleted_at"] is not None or known["redacted_at"] is not None
        if emptied or not (changed and newer):
            return
        self._db.insert(
            "mention_versions",
            {
                "mention_id": mention_id,
                "version_id": known["version_id"],
                "text": known["text"],
                "seen_at": to_text(at),
            },
        )
        self._db.execute(
            "UPDATE mentions SET version_id = ?, text = ?, edited_at = ?, summoned = ?, stage = 'collected' "
            "WHERE id = ?",
            (post.reply_target, post.text, optional_text(post.edited_at), int(post.summoned), mention_id),
        )

    def id_of(self, platform: Platform, external_id: str) -> int | None:
        """Return our id of a platform's post, or None."""
        found: int | None = self._db.value(
            "SELECT id FROM mentions WHERE platform = ? AND external_id = ?", (platform, external_id)
        )
        return found

    def brand_of_conversation(self, post: Post) -> str | None:
        """Return the brand that a post goes on about without naming it, or None.

        That is so when it answers a post of ours, or when its author has a mention in the same conversation.
        """
        found: str | None = self._db.value(
            """
            SELECT m.brand FROM outbox o JOIN mentions m ON m.id = o.mention_id
            WHERE o.platform = :platform AND o.external_id = :in_reply_to
            UNION ALL
            SELECT m.brand FROM mentions m JOIN authors a ON a.id = m.author_id
            WHERE m.platform = :platform AND m.conversation_id = :conversation AND a.platform = :platform
              AND a.external_id = :author
            LIMIT 1
            """,
            {
                "platform": post.platform,
                "in_reply_to": post.in_reply_to,
                "conversation": post.conversation_id,
                "author": post.author.external_id,
            },
        )
        return found

    def get(self, mention_id: int) -> Mention:
        """Return a mention; ``KeyError`` when there is none."""
        found = self._found("WHERE m.id = ?", (mention_id,))
        if not found:
            raise KeyError(mention_id)
        return found[0]

    def find(self, key: str) -> Mention | None:
        """Return the mention with our id, with the platform's id, or at an address; ours goes first."""
        for condition in ("CAST(m.id AS TEXT)", "m.external_id", "m.version_id", "m.url"):
            found = self._found(f"WHERE {condition} = ? LIMIT 1", (key,))
            if found:
                return found[0]
        return None

    def of_case(self, case_id: int) -> list[Mention]:
        """Return the mentions of a case, oldest post first."""
        return self._found(
            "JOIN case_mentions c ON c.mention_id = m.id WHERE c.case_id = ? ORDER BY m.posted_at, m.id", (case_id,)
        )

    def unassessed(self, limit: int) -> list[Mention]:
        """Return mentions that wait for the classifier, oldest first."""
        return self._found("WHERE m.stage = 'collected' ORDER BY m.id LIMIT ?", (limit,))

    def unrouted(self, limit: int) -> list[Mention]:
        """Return mentions that wait for the rules, oldest first."""
        return self._found("WHERE m.stage = 'assessed' ORDER BY m.id LIMIT ?", (limit,))

    def known(self, platform: Platform, external_ids: Sequence[str]) -> set[str]:
        """Return those of the platform's ids that were read before, as mentions or as passed over."""
        marks = ", ".join("?" for _ in external_ids)
        rows = self._db.rows(
            f"SELECT external_id FROM mentions WHERE platform = ? AND external_id IN ({marks}) "
            f"UNION SELECT external_id FROM seen_posts WHERE platform = ? AND external_id IN ({marks})",
            (platform, *external_ids, platform, *external_ids),
        )
        return {row["external_id"] for row in rows}

    def pass_over(self, platform: Platform, external_ids: Sequence[str], at: datetime) -> None:
        """Remember posts that were read and are no mention, so that a listing is read only once."""
        for external_id in external_ids:
            self._db.execute(
                "INSERT INTO seen_posts VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (platform, external_id, to_text(at))
            )

    def forget_passed_over(self, before: datetime) -> int:
        """Drop what was passed over long ago; returns how many."""
        return self._db.execute("DELETE FROM seen_posts WHERE seen_at < ?", (to_text(before),))

    def set_stage(self, mention_ids: Sequence[int], stage: str) -> None:
        """Move mentions on to a stage of the journey."""
        for mention_id in mention_ids:
            self._db.execute("UPDATE mentions SET stage = ? WHERE id = ?", (stage, mention_id))

    def count_by_stage(self) -> dict[str, int]:
        """Return how many mentions stand at each stage."""
        rows = self._db.rows("SELECT stage, count(*) AS n FROM mentions GROUP BY stage")
        return {row["stage"]: row["n"] for row in rows}

    def _found(self, rest: str, values: Sequence[object]) -> list[Mention]:
        return [mention_of(row) for row in self._db.rows(SELECT_MENTION + rest, values)]


def mention_of(row: dict[str, Any]) -> Mention:
    """Make the record from a row selected with ``SELECT_MENTION``."""
    post = Post(
        platform=Platform(row["platform"]),
        external_id=row["external_id"],
        version_id=row["version_id"],
        author=Author(
            external_id=row["author_external_id"],
            handle=row["author_handle"],
            name=row["author_name"],
            audience=row["audience"],
            is_bot=bool(row["author_is_bot"]),
        ),
        text=row["text"],
        posted_at=from_text(row["posted_at"]),
        conversation_id=row["conversation_id"],
        in_reply_to=row["in_reply_to"],
        url=row["url"],
        edited_at=optional_time(row["edited_at"]),
        language=row["language"],
        community=row["community"],
        summoned=bool(row["summoned"]),
        reply_settings=row["reply_settings"],
    )
    return Mention(
        id=row["id"],
        post=post,
        brand=row["brand"],
        source=row["source"],
        collected_at=from_text(row["collected_at"]),
        replayed=bool(row["replayed"]),
        deleted_at=optional_time(row["deleted_at"]),
    )
