"""Taking away what must not be kept: posts deleted on their platform, texts past their time, forgotten authors.

Of an emptied mention its id and outcome stay, as a tombstone, so that it is neither collected nor answered again.
``store/emptying.py`` says what goes, the author among it when nothing else of theirs is left. Digests hold no words,
and the full-text index follows the table; ``purge`` afterwards rids the index's old segments and the write-ahead log
of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

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
    young: datetime
    in_case: datetime  # of a case that is not resolved
    old: datetime  # all others


@dataclass(frozen=True, slots=True)
class Check:
    """A mention that is to be looked up again."""

    mention_id: int
    version_id: str  # the platform's newest id of it
    checked_at: datetime  # when it was last seen to stand


# Three ways to be due, each along an index of its own.
_STANDING = "m.platform = :platform AND m.replayed = 0 AND m.deleted_at IS NULL"
_DUE = f"""
SELECT m.id FROM mentions m WHERE {_STANDING} AND m.posted_at >= :young_since AND m.checked_at < :young
UNION
SELECT m.id FROM cases c JOIN case_mentions j ON j.case_id = c.id JOIN mentions m ON m.id = j.mention_id
WHERE c.status IN ('open', 'pending', 'snoozed') AND {_STANDING} AND m.checked_at < :in_case
UNION
SELECT id FROM (
  SELECT m.id FROM mentions m WHERE {_STANDING} AND m.checked_at < :old
  ORDER BY m.checked_at LIMIT :limit
)
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
        if not self.purge_owed():
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
        authors = self._db.rows(
            "SELECT id FROM authors WHERE platform = ? AND (external_id = ? OR handle = ? COLLATE NOCASE)",
            (platform, name, name.removeprefix("@").removeprefix("u/")),
        )
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
            self._events.add(Event(at=at, kind="author.forgotten", actor="operator", detail={"mentions": mentions}))
        return Forgotten(authors=len(authors), mentions=mentions, withdrawn=withdrawn, notes=notes)

    def expire_text(self, platform: Platform, before: datetime, at: datetime) -> int:
        """Empty what was collected before a moment and return how many mentions that were. Replayed ones stay.

        A mention whose answer is still being written or sent is left until that is done.
        """
        rows = self._db.rows(
            """
            SELECT m.id FROM mentions m WHERE m.platform = ? AND m.collected_at < ? AND m.replayed = 0
              AND m.deleted_at IS NULL AND m.redacted_at IS NULL
              AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.mention_id = m.id
                              AND o.state IN ('held', 'queued', 'sending', 'uncertain'))
            ORDER BY m.id LIMIT ?
            """,
            (platform, to_text(before), _AT_ONCE),
        )
        for row in rows:
            self.empty_mention(row["id"], at, "retention")
        return len(rows)

    def to_check(self, platform: Platform, rounds: Rounds, limit: int) -> list[Check]:
        """Return mentions not seen to stand for too long, the longest unseen first; never replayed ones."""
        rows = self._db.rows(
            f"SELECT id, version_id, checked_at FROM mentions WHERE id IN ({_DUE}) "
            "ORDER BY checked_at, id LIMIT :limit",
            _bounds(platform, rounds, limit),
        )
        return [Check(row["id"], row["version_id"], from_text(row["checked_at"])) for row in rows]

    def count_to_check(self, platform: Platform, rounds: Rounds) -> int:
        """Return how many mentions were not seen to stand for too long."""
        return int(self._db.value(f"SELECT count(*) FROM ({_DUE})", _bounds(platform, rounds, -1)))

    def checked(self, mention_ids: Sequence[int], at: datetime) -> None:
        """Write down that mentions were seen to stand."""
        marks = ", ".join("?" for _ in mention_ids)
        self._db.execute(f"UPDATE mentions SET checked_at = ? WHERE id IN ({marks})", (to_text(at), *mention_ids))

    def purge_owed(self) -> bool:
        """Tell whether something was emptied since the last ``purge`` that came to its end."""
        return self._switches.get(_OWED) is not None

    def purge(self) -> None:
        """Rewrite the full-text indexes and empty the write-ahead log, so that no deleted word lingers in the files.

        It stays owed while somebody reads an older state of the file, and after a crash.
        """
        for index in ("mentions_search", "notes_search"):
            self._db.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
        if self._db.checkpoint():
            self._switches.remove(_OWED)


def _bounds(platform: Platform, rounds: Rounds, limit: int) -> dict[str, object]:
    times = {name: to_text(moment) for name, moment in asdict(rounds).items()}
    return {"platform": platform, "limit": limit, **times}
