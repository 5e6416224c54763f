"""Full-text search over what was said and what was noted, for the desk.

Results are newest first, not best first: ranking by bm25 would read every match of a common word.
"""

from __future__ import annotations

from dataclasses import dataclass

from store.database import Database
from store.mentions import SELECT_MENTION, mention_of
from store.records import Mention

# Around what matched in a snippet; the desk turns them into markup after everything else was escaped.
MARK_START = "\x02"
MARK_END = "\x03"
_MOST_WORDS = 16
_SNIPPET = f"snippet({{table}}, 0, '{MARK_START}', '{MARK_END}', '…', 32)"


@dataclass(frozen=True, slots=True)
class Found:
    """A mention that matched, with the words around the match and the case it belongs to."""

    mention: Mention
    snippet: str  # matches stand between MARK_START and MARK_END
    case_id: int | None


@dataclass(frozen=True, slots=True)
class FoundNote:
    """A note that matched."""

    case_id: int
    snippet: str


class Search:
    """What the search field of the desk asks."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def mentions(self, query: str, limit: int, before_id: int | None = None) -> list[Found]:
        """Return mentions whose text holds every word of the query (the last one may be unfinished)."""
        match = match_expression(query)
        if not match:
            return []
        rows = self._db.rows(
            f"SELECT rowid AS id, {_SNIPPET.format(table='mentions_search')} AS snippet FROM mentions_search "
            "WHERE mentions_search MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
            (match, before_id or 2**62, limit),
        )
        return self._with_cases({row["id"]: row["snippet"] for row in rows})

    def by_handle(self, handle: str, limit: int) -> list[Found]:
        """Return the newest mentions of the author with that handle, on whichever platform."""
        wanted = handle.strip().removeprefix("@").removeprefix("u/")
        if not wanted:
            return []
        rows = self._db.rows(
            "SELECT m.id, m.text FROM authors a JOIN mentions m ON m.author_id = a.id "
            "WHERE a.handle = ? COLLATE NOCASE ORDER BY m.posted_at DESC LIMIT ?",
            (wanted, limit),
        )
        return self._with_cases({row["id"]: row["text"] for row in rows})

    def notes(self, query: str, limit: int) -> list[FoundNote]:
        """Return the newest notes that hold every word of the query."""
        match = match_expression(query)
        if not match:
            return []
        rows = self._db.rows(
            f"SELECT n.case_id, {_SNIPPET.format(table='notes_search')} AS snippet FROM notes_search "
            "JOIN notes n ON n.id = notes_search.rowid WHERE notes_search MATCH ? ORDER BY notes_search.rowid DESC "
            "LIMIT ?",
            (match, limit),
        )
        return [FoundNote(case_id=row["case_id"], snippet=row["snippet"]) for row in rows]

    def _with_cases(self, snippets: dict[int, str]) -> list[Found]:
        marks = ", ".join("?" for _ in snippets)
        mentions = {
            row["id"]: mention_of(row)
            for row in self._db.rows(SELECT_MENTION + f"WHERE m.id IN ({marks})", tuple(snippets))
        }
        cases = {
            row["mention_id"]: row["case_id"]
            for row in self._db.rows(
                f"SELECT mention_id, max(case_id) AS case_id FROM case_mentions WHERE mention_id IN ({marks}) "
                "GROUP BY mention_id",
                tuple(snippets),
            )
        }
        return [
            Found(mention=mentions[mention_id], snippet=snippet, case_id=cases.get(mention_id))
            for mention_id, snippet in snippets.items()
            if mention_id in mentions  # it may have been removed between the two queries
        ]


def match_expression(query: str) -> str:
    """Return an FTS5 expression that means the words of a text and nothing else, empty where there are none.

    Each word becomes a string in FTS5's quotes, so that its operators (AND, NEAR, *, ^, :, brackets) are only words.
    """
    words = [word for word in query.replace("\x00", " ").split() if any(sign.isalnum() for sign in word)]
    quoted = ['"' + word.replace('"', '""') + '"' for word in words[:_MOST_WORDS]]
    return " ".join(quoted) + "*" if quoted else ""
