"""What was done in a stretch of time for the platforms' rules: counts over sweeps, events and rows, by platform."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from store.database import Database, from_text, to_text
from store.emptying import REASONS, Why
from store.records import Platform

_UNSEEN = "CAST(json_extract(e.detail, '$.unseen_seconds') AS INTEGER)"


@dataclass(frozen=True, slots=True)
class Sweeps:
    """The looks for deleted posts."""

    sweeps: int
    stopped_early: int
    looked_up: int
    postponed: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The texts that are stored now."""

    texts: int
    late: int  # not seen to stand within the time that their platform gives
    oldest_at: datetime | None  # when the first of them was collected


@dataclass(frozen=True, slots=True)
class QuotedBefore:
    """A digest that had gone out when posts that it names were deleted."""

    brand: str
    day: date
    mentions: int


class Compliance:
    """The figures of the compliance report. ``start`` is inside, ``end`` is not."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def sweeps(self, platform: Platform, start: datetime, end: datetime) -> Sweeps:
        """Return how often posts were looked up, and how many."""
        row = self._db.row(
            """
            SELECT count(*) AS sweeps, count(problem) AS stopped_early, coalesce(sum(looked_up), 0) AS looked_up,
              coalesce(sum(postponed), 0) AS postponed
            FROM sweeps WHERE platform = :platform AND at >= :start AND at < :end
            """,
            _bounds(platform, start, end),
        )
        assert row is not None  # a count always has a row
        return Sweeps(**row)

    def emptied(self, platform: Platform, start: datetime, end: datetime) -> dict[Why, int]:
        """Return how many mentions were emptied for each reason."""
        rows = self._db.rows(
            """
            SELECT json_extract(e.detail, '$.why') AS why, count(*) AS n
            FROM events e JOIN mentions m ON m.id = e.mention_id
            WHERE e.at >= :start AND e.at < :end AND e.kind IN ('mention.deleted', 'mention.redacted')
              AND m.platform = :platform
            GROUP BY 1
            """,
            _bounds(platform, start, end),
        )
        counts = Counter({row["why"]: row["n"] for row in rows})
        return {why: counts[words] for why, words in REASONS.items()}

    def unseen_seconds(self, platform: Platform, start: datetime, end: datetime) -> list[int]:
        """Return, for each post found deleted, how long before it was last seen to stand; shortest first."""
        rows = self._db.rows(
            f"""
            SELECT {_UNSEEN} AS seconds FROM events e JOIN mentions m ON m.id = e.mention_id
            WHERE e.at >= :start AND e.at < :end AND e.kind = 'mention.deleted' AND m.platform = :platform
              AND {_UNSEEN} IS NOT NULL
            ORDER BY 1
            """,
            _bounds(platform, start, end),
        )
        return [row["seconds"] for row in rows]

    def purges(self, start: datetime, end: datetime) -> list[int]:
        """Return how long emptied words stood in the files, in seconds, for each purge; shortest first."""
        rows = self._db.rows(
            "SELECT CAST(json_extract(detail, '$.seconds') AS INTEGER) AS seconds FROM events "
            "WHERE at >= ? AND at < ? AND kind = 'store.purged' ORDER BY 1",
            (to_text(start), to_text(end)),
        )
        return [row["seconds"] for row in rows]

    def forgotten(self, platform: Platform, start: datetime, end: datetime) -> tuple[int, int]:
        """Return how often an author was forgotten, and how many mentions of theirs that took."""
        row = self._db.row(
            """
            SELECT count(*) AS requests, coalesce(sum(json_extract(detail, '$.mentions')), 0) AS mentions
            FROM events WHERE at >= :start AND at < :end AND kind = 'author.forgotten'
              AND json_extract(detail, '$.platform') = :platform
            """,
            _bounds(platform, start, end),
        )
        assert row is not None  # a count always has a row
        return row["requests"], row["mentions"]

    def opted_out(self, platform: Platform, start: datetime, end: datetime) -> int:
        """Return how many authors asked not to be written to."""
        sql = "SELECT count(*) FROM suppressions WHERE platform = :platform AND at >= :start AND at < :end"
        return int(self._db.value(sql, _bounds(platform, start, end)))

    def read(self, platform: Platform, start: datetime, end: datetime) -> tuple[int, int]:
        """Return how many posts were read for the first time: those stored, and those that are no mention."""
        stored = (
            "SELECT count(*) FROM mentions WHERE platform = :platform AND collected_at >= :start "
            "AND collected_at < :end AND replayed = 0"
        )
        passed_over = (
            "SELECT count(DISTINCT external_id) FROM seen_posts "
            "WHERE platform = :platform AND seen_at >= :start AND seen_at < :end"
        )
        bounds = _bounds(platform, start, end)
        return int(self._db.value(stored, bounds)), int(self._db.value(passed_over, bounds))

    def answers(self, platform: Platform, start: datetime, end: datetime) -> dict[str, int]:
        """Return how many answers stand now as what, of those approved in the time; dry runs apart."""
        rows = self._db.rows(
            """
            SELECT CASE WHEN dry_run = 1 THEN 'dry_run' WHEN state <> 'sent' THEN state
              WHEN automated = 1 THEN 'sent_by_rules' ELSE 'sent_by_agents' END AS stands, count(*) AS n
            FROM outbox WHERE platform = :platform AND approved_at >= :start AND approved_at < :end GROUP BY 1
            """,
            _bounds(platform, start, end),
        )
        return {row["stands"]: row["n"] for row in rows}

    def kept(self, platform: Platform, seen_before: datetime) -> Kept:
        """Return which texts are stored now; those last seen to stand before a moment are late."""
        row = self._db.row(
            """
            SELECT count(*) AS texts, coalesce(sum(checked_at < :seen_before), 0) AS late, min(collected_at) AS oldest
            FROM mentions WHERE platform = :platform AND deleted_at IS NULL AND redacted_at IS NULL AND replayed = 0
            """,
            {"platform": platform, "seen_before": to_text(seen_before)},
        )
        assert row is not None  # a count always has a row
        return Kept(row["texts"], row["late"], from_text(row["oldest"]) if row["oldest"] else None)

    def quoted_before(self, start: datetime, end: datetime) -> list[QuotedBefore]:
        """Return the digests that had been sent when posts named in them were deleted or forgotten, oldest first."""
        rows = self._db.rows(
            """
            SELECT d.brand, d.day, count(DISTINCT m.id) AS mentions
            FROM digests d, json_tree(d.content) AS found JOIN mentions m ON m.id = found.value
            WHERE found.key = 'mention_id' AND d.sent_at <= m.deleted_at AND m.deleted_at >= ? AND m.deleted_at < ?
            GROUP BY d.id ORDER BY d.day, d.brand
            """,
            (to_text(start), to_text(end)),
        )
        return [QuotedBefore(row["brand"], date.fromisoformat(row["day"]), row["mentions"]) for row in rows]


def _bounds(platform: Platform, start: datetime, end: datetime) -> dict[str, object]:
    return {"platform": platform, "start": to_text(start), "end": to_text(end)}
