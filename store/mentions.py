"""Mentions and their authors: stored once, edited in place, emptied when they are deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from store.database import Database, from_text, optional_text, optional_time, to_text
from store.events import Events
from store.records import Author, Event, Mention, Platform, Post, Version

# Every query that makes a Mention selects these; the author's columns carry a prefix.
SELECT_MENTION = """
SELECT m.*, a.external_id AS author_external_id, a.handle AS author_handle, a.name AS author_name,
  a.is_bot AS author_is_bot
FROM mentions m JOIN authors a ON a.id = m.author_id
"""
# The condition of the index mentions_waiting, word for word: SQLite does not conclude it from one of its stages.
_WAITING = "m.stage IN ('collected', 'assessed')"


@dataclass(frozen=True, slots=True)
class _Known:
    """What is already stored of a post that was read again."""

    mention_id: int
    author: tuple[object, ...]
    sighted: bool  # by the source that reads it now
    replayed: bool  # known from a file only
    emptied: bool = False  # deleted, expired or forgotten: nothing of it comes back


class Mentions:
    """What was said about the brands."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._events = Events(database)

    def add(self, post: Post, *, brand: str, source: str, at: datetime, replayed: bool = False) -> int | None:
        """Store a post as a mention and return its id, or None when it was known.

        A known post whose version is newer is updated in place, its old text kept as a version, and goes
        through assessment again; so does one that was replayed and is heard live now. Call it inside a transaction.
        """
        return self.add_all([(post, brand)], source=source, at=at, replayed=replayed)[0]

    def add_all(
        self, found: Sequence[tuple[Post, str]], *, source: str, at: datetime, replayed: bool = False
    ) -> list[int | None]:
        """Do what ``add`` does for some hundred posts with their brands, and look up only once what is known."""
        known = self._known([post for post, _ in found], source)
        results: list[int | None] = []
        for post, brand in found:
            key = (str(post.platform), post.external_id)
            before = known.get(key)
            if before is None:
                mention_id = self._insert(post, brand, source, to_text(at), replayed)
                known[key] = _Known(mention_id, _author_values(post.author), sighted=True, replayed=replayed)
                results.append(mention_id)
                continue
            if before.replayed and not replayed and not before.emptied:
                self._hear_live(before.mention_id, post, brand, source, at)
                known[key] = replace(before, replayed=False)
            else:
                self._see_again(before, post, source, at)
            results.append(None)
        return results

    def _known(self, posts: Sequence[Post], source: str) -> dict[tuple[str, str], _Known]:
        found: dict[tuple[str, str], _Known] = {}
        for platform in {post.platform for post in posts}:
            ids = [post.external_id for post in posts if post.platform is platform]
            marks = ", ".join("?" for _ in ids)
            rows = self._db.rows(
                f"""
                SELECT m.platform, m.external_id, m.id, m.replayed, m.deleted_at, m.redacted_at, a.handle, a.name,
                  a.audience, a.is_bot,
                  EXISTS (SELECT 1 FROM sightings s WHERE s.mention_id = m.id AND s.source = ?) AS sighted
                FROM mentions m JOIN authors a ON a.id = m.author_id
                WHERE m.platform = ? AND m.external_id IN ({marks})
                """,
                (source, platform, *ids),
            )
            for row in rows:
                author = (row["handle"], row["name"], row["audience"], row["is_bot"])
                emptied = row["deleted_at"] is not None or row["redacted_at"] is not None
                key = (row["platform"], row["external_id"])
                found[key] = _Known(row["id"], author, bool(row["sighted"]), bool(row["replayed"]), emptied)
        return found

    def _insert(self, post: Post, brand: str, source: str, at: str, replayed: bool) -> int:
        mention_id = self._db.insert("mentions", self._columns(post, brand, source, at, replayed))
        self._sight(mention_id, source, at)
        return mention_id

    def _columns(self, post: Post, brand: str, source: str, at: str, replayed: bool) -> dict[str, object]:
        return {
            "platform": post.platform,
            "external_id": post.external_id,
            "version_id": post.reply_target,
            "author_id": self._author(post.platform, post.author, at),
            "brand": brand,
            "source": source,
            "text": post.text,
            "posted_at": to_text(post.posted_at),
            "edited_at": optional_text(post.edited_at),
            "collected_at": at,
            "conversation_id": post.conversation_id,
            "in_reply_to": post.in_reply_to,
            "url": post.url,
            "language": post.language,
            "community": post.community,
            "audience": post.author.audience,
            "summoned": int(post.summoned),
            "summons": " ".join(post.summons),
            "reply_settings": post.reply_settings,
            "replayed": int(replayed),
            "stage": "collected",
            "checked_at": at,
        }

    def _hear_live(self, mention_id: int, post: Post, brand: str, source: str, at: datetime) -> None:
        """Put the live post in the place of one from a file, which may lack or make up what the platform tells.

        It is read and routed like a new one. Its case, if nobody else has that, goes to the author and conversation
        that it really has.
        """
        row = {**self._columns(post, brand, source, to_text(at), False), "id": mention_id}
        self._db.execute(f"UPDATE mentions SET {', '.join(f'{name} = :{name}' for name in row)} WHERE id = :id", row)
        self._db.execute(
            "UPDATE OR IGNORE cases SET brand = :brand, author_id = :author_id, conversation_id = :conversation_id "
            "WHERE replayed = 1 AND id IN (SELECT case_id FROM case_mentions WHERE mention_id = :id)",
            row,
        )
        # What was read stood in the file: the live post has the same id, and must be read all the same.
        self._db.execute(
            "UPDATE assessments SET version_id = version_id || ' replayed' WHERE mention_id = ?", (mention_id,)
        )
        self._sight(mention_id, source, to_text(at))
        self._events.add(Event(at=at, kind="mention.heard", actor="daemon", mention_id=mention_id, brand=brand))

    def _sight(self, mention_id: int, source: str, at: str) -> None:
        self._db.execute(
            "INSERT INTO sightings (mention_id, source, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (mention_id, source, at),
        )

    def _see_again(self, before: _Known, post: Post, source: str, at: datetime) -> None:
        if not before.sighted:
            self._sight(before.mention_id, source, to_text(at))
        if before.emptied:
            return
        if before.author != _author_values(post.author):
            self._author(post.platform, post.author, to_text(at))
        self.follow_edit(before.mention_id, post, at)

    def _author(self, platform: Platform, author: Author, at: str) -> int:
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
                (platform, author.external_id, *_author_values(author), at),
            )
        )

    def follow_edit(self, mention_id: int, post: Post, at: datetime) -> None:
        """Take over a newer version of a mention, unless that was emptied. Call it inside a transaction.

        One that leaves the words alone needs no new judgement, but on X it is the one to answer.
        """
        known = self._db.row(
            "SELECT version_id, text, edited_at, brand FROM mentions "
            "WHERE id = ? AND deleted_at IS NULL AND redacted_at IS NULL",
            (mention_id,),
        )
        if known is None or post.edited_at is None:
            return
        newer = known["edited_at"] is None or (optional_text(post.edited_at) or "") > known["edited_at"]
        if not newer:
            return
        self._db.execute(
            "UPDATE mentions SET version_id = ?, edited_at = ?, summoned = ?, summons = ? WHERE id = ?",
            (
                post.reply_target,
                optional_text(post.edited_at),
                int(post.summoned),
                " ".join(post.summons),
                mention_id,
            ),
        )
        if known["text"] != post.text:
            self._keep_version(mention_id, known, at)
            self._db.execute("UPDATE mentions SET text = ?, stage = 'collected' WHERE id = ?", (post.text, mention_id))
        elif known["version_id"] == post.reply_target:
            return
        event = Event(at=at, kind="mention.edited", actor="daemon", mention_id=mention_id, brand=known["brand"])
        self._events.add(event)

    def _keep_version(self, mention_id: int, known: Mapping[str, Any], at: datetime) -> None:
        self._db.insert(
            "mention_versions",
            {
                "mention_id": mention_id,
                "version_id": known["version_id"],
                "text": known["text"],
                "seen_at": to_text(at),
            },
        )

    def brand_of_conversation(self, post: Post) -> str | None:
        """Return the brand that a post goes on about without naming it, or None.

        That is so when it answers a post of ours, or when its author has a mention in the same conversation.
        """
        found: str | None = self._db.value(
            """
            SELECT m.brand FROM outbox o JOIN mentions m ON m.id = o.mention_id
            WHERE o.platform = :platform AND o.external_id = :in_reply_to
            UNION ALL
            SELECT c.brand FROM own_posts w JOIN cases c ON c.id = w.case_id
            WHERE w.platform = :platform AND w.external_id = :in_reply_to
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

    def versions_in(self, case_id: int) -> dict[int, list[Version]]:
        """Return what the mentions of a case said before they were edited, oldest first, by mention."""
        rows = self._db.rows(
            "SELECT v.mention_id, v.text, v.seen_at FROM case_mentions c "
            "JOIN mention_versions v ON v.mention_id = c.mention_id WHERE c.case_id = ? ORDER BY v.id",
            (case_id,),
        )
        found: dict[int, list[Version]] = {}
        for row in rows:
            found.setdefault(row["mention_id"], []).append(Version(row["text"], from_text(row["seen_at"])))
        return found

    def unassessed(self, limit: int) -> list[Mention]:
        """Return mentions that wait for the classifier, oldest first."""
        return self._found(f"WHERE {_WAITING} AND m.stage = 'collected' ORDER BY m.id LIMIT ?", (limit,))

    def unrouted(self, limit: int) -> list[Mention]:
        """Return mentions that wait for the rules, oldest first."""
        return self._found(f"WHERE {_WAITING} AND m.stage = 'assessed' ORDER BY m.id LIMIT ?", (limit,))

    def waiting_of(self, platform: Platform, author_external_id: str) -> list[Mention]:
        """Return an author's mentions that the rules have not seen, those that were set aside among them."""
        where = "WHERE a.platform = ? AND a.external_id = ? AND m.stage <> 'routed' AND m.text <> '' ORDER BY m.id"
        return self._found(where, (platform, author_external_id))

    def known(self, platform: Platform, external_ids: Sequence[str], *, since: datetime | None = None) -> set[str]:
        """Return those of the platform's ids that any source read first before now, or since a moment.

        They are mentions, or were passed over.
        """
        marks, start = ", ".join("?" for _ in external_ids), optional_text(since) or ""
        rows = self._db.rows(
            f"SELECT external_id FROM mentions WHERE platform = ? AND collected_at >= ? AND external_id IN ({marks}) "
            "UNION SELECT external_id FROM seen_posts "
            f"WHERE platform = ? AND external_id IN ({marks}) GROUP BY external_id HAVING min(seen_at) >= ?",
            (platform, start, *external_ids, platform, *external_ids, start),
        )
        return {row["external_id"] for row in rows}

    def seen_by(self, source: str, platform: Platform, external_ids: Sequence[str]) -> set[str]:
        """Return those of the platform's ids that this source has read, as mentions or as passed over."""
        marks = ", ".join("?" for _ in external_ids)
        rows = self._db.rows(
            "SELECT m.external_id FROM mentions m JOIN sightings s ON s.mention_id = m.id AND s.source = ? "
            f"WHERE m.platform = ? AND m.external_id IN ({marks}) UNION "
            f"SELECT external_id FROM seen_posts WHERE platform = ? AND source = ? AND external_id IN ({marks})",
            (source, platform, *external_ids, platform, source, *external_ids),
        )
        return {row["external_id"] for row in rows}

    def pass_over(self, platform: Platform, source: str, external_ids: Sequence[str], at: datetime) -> None:
        """Remember posts that a source read and that are no mention, so that it reads a listing only once."""
        for external_id in external_ids:
            self._db.execute(
                "INSERT INTO seen_posts (platform, source, external_id, seen_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                (platform, source, external_id, to_text(at)),
            )

    def forget_passed_over(self, before: datetime) -> int:
        """Drop what was passed over long ago; returns how many."""
        return self._db.execute("DELETE FROM seen_posts WHERE seen_at < ?", (to_text(before),))

    def set_stage(self, mention_ids: Sequence[int], stage: str) -> None:
        """Move mentions on to a stage of the journey."""
        for mention_id in mention_ids:
            self._db.execute("UPDATE mentions SET stage = ? WHERE id = ?", (stage, mention_id))

    def _found(self, rest: str, values: Sequence[object]) -> list[Mention]:
        return [mention_of(row) for row in self._db.rows(SELECT_MENTION + rest, values)]


def _author_values(author: Author) -> tuple[object, ...]:
    return author.handle, author.name, author.audience, int(author.is_bot)


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
        summons=tuple(row["summons"].split()),
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
