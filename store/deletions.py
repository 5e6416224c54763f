"""Taking away what must not be kept: posts deleted on their platform, texts past their time, forgotten authors.

Of an emptied mention its id and outcome stay, as a tombstone, so that it is neither collected nor answered again.
``store/emptying.py`` says what goes, the author among it when nothing else of theirs is left. Digests hold no words,
and the full-text index follows the table; ``purge`` afterwards rids the index's old segments and the write-ahead log
of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from store.database import Database, from_text, to_text
from store.emptying import Emptying, Why
from store.events import Events
from store.records import Event, Platform
from store.switches import Switches

_AT_ONCE = 500
_OWED = "purge owed"
_NOBODY = "external_id = 'gone:' || id, handle = '', name = '', audience = 0"


@dataclass(frozen=True, slots=True)
class Rounds:
    """Which mentions are to be looked up again: those last seen to stand before a moment that depends on the post."""

    young_since: datetime  # posted since then: a young one
    young: datetime  # never earlier than ``others``
    others: datetime
    waiting_since: datetime  # a case that waits for its customer counts as open when something happened since then


@dataclass(frozen=True, slots=True)
class Check:
    """A mention that is to be looked up again."""

    mention_id: int
    version_id: str  # the platform's newest id of it
    checked_at: datetime  # when it was last seen to stand


# As in the index mentions_with_text, or SQLite would not use it.
_WITH_TEXT = "m.platform = :platform AND m.deleted_at IS NULL AND m.redacted_at IS NULL AND m.replayed = 0"
_OPEN = "(c.status IN ('open', 'snoozed') OR (c.status = 'pending' AND c.last_activity_at >= :waiting_since))"
_IN_OPEN_CASE = (
    f"EXISTS (SELECT 1 FROM case_mentions j JOIN cases c ON c.id = j.case_id WHERE j.mention_id = m.id AND {_OPEN})"
)
# A mention without its text is looked up while its open case still names its author.
_DUE = f"""
SELECT m.id FROM mentions m WHERE {_WITH_TEXT} AND m.checked_at < :young
  AND (m.checked_at < :others OR m.posted_at >= :young_since)
UNION
SELECT m.id FROM cases c JOIN case_mentions j ON j.case_id = c.id JOIN mentions m ON m.id = j.mention_id
WHERE {_OPEN} AND m.platform = :platform AND m.deleted_at IS NULL AND m.replayed = 0 AND m.checked_at < :others
"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What forgetting an author took away."""

    authors: int
    mentions: int
    withdrawn: int  # answers that had not been sent
    notes: int


class Deletions:
    """The broom of the store. Call the methods inside a transaction, ``purge`` outside of one."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._emptying = Emptying(database)
        self._events = Events(database)
        self._switches = Switches(database)

    def empty_mention(self, mention_id: int, at: datetime, why: Why) -> int:
        """Empty a mention everywhere and return how many unsent answers were withdrawn. Safe to repeat."""
        withdrawn = self._emptying.empty(mention_id, at, why)
        if withdrawn is None:
            return 0
        self._owe_purge(why, at)
        if why in ("deleted", "forgotten"):  # an open case still needs to know whom it is with
            self._empty_lone_author(mention_id)
        return withdrawn

    def _owe_purge(self, why: Why, at: datetime) -> None:
        """The time is that of the oldest words that are still in the files."""
        if self.purge_owed_since() is None:
            self._switches.put(_OWED, {"why": why}, at)

    def _empty_lone_author(self, mention_id: int) -> None:
        """Take away who wrote a mention when nothing else of theirs is kept."""
        self._db.execute(
            f"""
            UPDATE authors SET {_NOBODY}
            WHERE id = (SELECT author_id FROM mentions WHERE id = ?)
              AND NOT EXISTS (SELECT 1 FROM mentions m WHERE m.author_id = authors.id AND m.deleted_at IS NULL)
            """,
            (mention_id,),
        )

    def forget_author(self, platform: Platform, name: str, at: datetime) -> Forgotten:
        """Empty everything of an author, named by the platform's id or by handle. A suppression of theirs stays."""
        authors = self._authors(platform, name)
        mentions = withdrawn = notes = 0
        for author in authors:
            theirs = "text <> '' AND case_id IN (SELECT id FROM cases WHERE author_id = ?)"
            notes += self._db.value(f"SELECT count(*) FROM notes WHERE {theirs}", (author["id"],))
            rows = self._db.rows("SELECT id FROM mentions WHERE author_id = ? AND deleted_at IS NULL", (author["id"],))
            withdrawn += sum(self.empty_mention(row["id"], at, "forgotten") for row in rows)
            mentions += len(rows)
            self._db.execute(f"UPDATE notes SET text = '' WHERE {theirs}", (author["id"],))
            self._db.execute(f"UPDATE authors SET {_NOBODY} WHERE id = ?", (author["id"],))
        if authors:
            self._owe_purge("forgotten", at)
            detail: dict[str, object] = {"platform": platform, "mentions": mentions}
            self._events.add(Event(at=at, kind="author.forgotten", actor="operator", detail=detail))
        return Forgotten(authors=len(authors), mentions=mentions, withdrawn=withdrawn, notes=notes)

    def knows_author(self, platform: Platform, name: str) -> bool:
        """Tell whether somebody of that name or id, who was not forgotten, wrote what is kept."""
        return bool(self._authors(platform, name))

    def _authors(self, platform: Platform, name: str) -> list[dict[str, Any]]:
        return self._db.rows(
            "SELECT id FROM authors WHERE platform = ? AND (external_id = ? OR handle = ? COLLATE NOCASE)",
            (platform, name, name.removeprefix("@").removeprefix("u/")),
        )

    def expire_text(
        self, platform: Platform, collected_before: datetime, at: datetime, *, waiting_since: datetime | None = None
    ) -> int:
        """Empty what was collected before a moment and return how many mentions that were. Replayed ones stay.

        Those of open cases stay as well when ``waiting_since`` says (as in ``Rounds``) which these are. A mention
        whose answer is on its way is left until that is done.
        """
        times = {"before": collected_before}
        if waiting_since is None:
            return self._expire("m.collected_at < :before", times, platform, at, "retention")
        spared = f"m.collected_at < :before AND NOT {_IN_OPEN_CASE}"
        return self._expire(spared, {**times, "waiting_since": waiting_since}, platform, at, "retention")

    def expire_unchecked(self, platform: Platform, seen_before: datetime, at: datetime) -> int:
        """Empty what was last seen to stand before a moment and return how many mentions that were."""
        return self._expire("m.checked_at < :before", {"before": seen_before}, platform, at, "unchecked")

    def _expire(self, condition: str, times: Mapping[str, datetime], platform: Platform, at: datetime, why: Why) -> int:
        rows = self._db.rows(
            f"""
            SELECT m.id FROM mentions m WHERE {_WITH_TEXT} AND {condition}
              AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.mention_id = m.id
                              AND o.state IN ('held', 'queued', 'sending', 'uncertain'))
            ORDER BY m.id LIMIT :limit
            """,
            {"platform": platform, "limit": _AT_ONCE, **_written(times)},
        )
        for row in rows:
            self.empty_mention(row["id"], at, why)
        return len(rows)

    def let_authors_go(self, platform: Platform, at: datetime, waiting_since: datetime) -> int:
        """Take away the authors of whom no text is kept and no case is open, with the addresses of their posts."""
        gone = self._db.rows(
            f"""
            SELECT a.id FROM authors a WHERE a.platform = :platform AND a.handle <> ''
              AND NOT EXISTS (SELECT 1 FROM mentions m WHERE m.author_id = a.id
                AND (m.replayed = 1 OR (m.deleted_at IS NULL AND m.redacted_at IS NULL)))
              AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.author_id = a.id AND {_OPEN})
            """,
            {"platform": platform, **_written({"waiting_since": waiting_since})},
        )
        self.empty_like(authors=[row["id"] for row in gone], notes=[], at=at)
        return len(gone)

    def empty_like(self, *, authors: Sequence[int], notes: Sequence[int], at: datetime) -> None:
        """Empty authors, with the addresses of their posts, and notes."""
        for author in authors:
            self._db.execute(f"UPDATE authors SET {_NOBODY} WHERE id = ?", (author,))
            self._db.execute("UPDATE mentions SET url = '' WHERE author_id = ?", (author,))
        for note in notes:
            self._db.execute("UPDATE notes SET text = '' WHERE id = ?", (note,))
        if authors or notes:
            self._owe_purge("retention", at)

    def to_check(self, platform: Platform, rounds: Rounds, limit: int) -> list[Check]:
        """Return mentions not seen to stand for too long; never replayed ones.

        Those of open cases come first, then the newest, in case the money does not reach all of them.
        """
        rows = self._db.rows(
            f"SELECT m.id, m.version_id, m.checked_at FROM mentions m WHERE m.id IN ({_DUE}) "
            f"ORDER BY {_IN_OPEN_CASE} DESC, m.posted_at DESC, m.id LIMIT :limit",
            {**_bounds(platform, rounds), "limit": limit},
        )
        return [Check(row["id"], row["version_id"], from_text(row["checked_at"])) for row in rows]

    def count_to_check(self, platform: Platform, rounds: Rounds) -> int:
        """Return how many mentions were not seen to stand for too long."""
        return int(self._db.value(f"SELECT count(*) FROM ({_DUE})", _bounds(platform, rounds)))

    def checked(self, mention_ids: Sequence[int], at: datetime) -> None:
        """Write down that mentions were seen to stand."""
        marks = ", ".join("?" for _ in mention_ids)
        self._db.execute(f"UPDATE mentions SET checked_at = ? WHERE id IN ({marks})", (to_text(at), *mention_ids))

    def swept(
        self, platform: Platform, at: datetime, *, looked_up: int, deleted: int, postponed: int, problem: str | None
    ) -> None:
        """Write down what one sweep did."""
        row = {"looked_up": looked_up, "deleted": deleted, "postponed": postponed, "problem": problem}
        self._db.insert("sweeps", {"platform": platform, "at": to_text(at), **row})

    def purge_owed_since(self) -> datetime | None:
        """Return when the first words were emptied that no ``purge`` has erased yet, or None."""
        owed = self._switches.get(_OWED)
        return None if owed is None else owed[1]

    def purge(self) -> bool:
        """Rewrite the full-text indexes and empty the write-ahead log, so that no deleted word lingers in the files.

        False, and still owed, while somebody reads an older state of the file.
        """
        for index in ("mentions_search", "notes_search"):
            self._db.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
        done = self._db.checkpoint()
        if done:
            self._switches.remove(_OWED)
        return done


def _bounds(platform: Platform, rounds: Rounds) -> dict[str, object]:
    return {"platform": platform, **_written(asdict(rounds))}


def _written(times: Mapping[str, datetime]) -> dict[str, object]:
    return {name: to_text(moment) for name, moment in times.items()}
