"""Empties one mention, in every table that its words can have reached. Its id and what became of it stay.

What belongs to the post goes with it: its earlier versions, its draft, the words of its answer and why, what was said
about it in events. What belongs to its case stays while another post of the case stands, except where it quotes this
one; a case of which none stands is closed. When retention ends, the post itself still stands: then only its text and
what quotes that goes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from store.cases import Cases
from store.database import Database, from_text, to_text
from store.events import Events
from store.quoting import quotes
from store.records import CaseStatus, Event

Why = Literal["deleted", "retention", "unchecked", "forgotten"]
REASONS: dict[Why, str] = {
    "deleted": "the post was deleted on its platform",
    "retention": "the text was kept as long as it may be",
    "unchecked": "the post could not be looked up again in time",
    "forgotten": "its author was forgotten",
}
# What an event may still say of a post that is gone: our own labels. Whatever else there is may be in anybody's words.
_LABELS = {"why", "was", "to", "until", "retry_at", "due_at", "mode", "template", "field", "corrected", "priority",
           "findings"}  # fmt: skip
_UNSENT = "('held', 'queued', 'parked')"


@dataclass(frozen=True, slots=True)
class _Leaving:
    """A mention that is being emptied."""

    mention_id: int
    said: tuple[str, ...]  # what the post says and said before
    at: datetime
    why: Why

    @property
    def wholly(self) -> bool:
        """Tell whether the post is gone as well, and not only our right to keep its text."""
        return self.why in ("deleted", "forgotten")

    def takes(self, writing: str, *, its_own: bool) -> bool:
        """Tell whether something that was written about the post or its case goes with it."""
        return bool(writing) and ((its_own and self.wholly) or quotes(writing, self.said))


class Emptying:
    """Takes words away. Call it inside a transaction; ``Deletions.purge`` then rids the files of them."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._cases = Cases(database)
        self._events = Events(database)

    def empty(self, mention_id: int, at: datetime, why: Why) -> int | None:
        """Empty a mention and return how many unsent answers were withdrawn; None when it was empty before."""
        row = self._db.row("SELECT text, checked_at FROM mentions WHERE id = ?", (mention_id,))
        if row is None:
            return None
        versions = self._db.rows("SELECT text FROM mention_versions WHERE mention_id = ?", (mention_id,))
        leaving = _Leaving(mention_id, (row["text"], *(version["text"] for version in versions)), at, why)
        if not self._empty_post(leaving):
            return None
        withdrawn = self._empty_answers(leaving)
        self._empty_labels(leaving)
        self._empty_writings(leaving)
        self._tell(leaving, row["checked_at"])
        return withdrawn

    def _empty_post(self, leaving: _Leaving) -> bool:
        # To everybody else the post of a forgotten author is a deleted one: nobody reads or answers it again.
        # While only its text goes, an open case still needs to know where the post stands.
        column, more = ("deleted_at", ", url = ''") if leaving.wholly else ("redacted_at", "")
        done = self._db.execute(
            f"UPDATE mentions SET text = '', in_reply_to = NULL, language = NULL, audience = 0{more}, {column} = ?, "
            "stage = CASE WHEN stage IN ('collected', 'assessed') THEN 'set_aside' ELSE stage END "
            f"WHERE id = ? AND {column} IS NULL",
            (to_text(leaving.at), leaving.mention_id),
        )
        self._db.execute("DELETE FROM mention_versions WHERE mention_id = ?", (leaving.mention_id,))
        return done == 1

    def _empty_labels(self, leaving: _Leaving) -> None:
        """A reason can tell words of the post: those that a rule looked for."""
        self._db.execute("UPDATE assessments SET severity_reasons = '[]' WHERE mention_id = ?", (leaving.mention_id,))
        if leaving.wholly:
            why = REASONS[leaving.why]
            reason = f"{why[0].upper()}{why[1:]}."
            self._db.execute("UPDATE decisions SET reason = ? WHERE mention_id = ?", (reason, leaving.mention_id))

    def _empty_answers(self, leaving: _Leaving) -> int:
        """Nothing leaves for an emptied mention; what has left keeps its state, without its words.

        Retention takes only the post's words: an answer on its way to a post that still stands may go on.
        """
        rows = self._db.rows(
            f"SELECT id, case_id, mention_id, text, state, state IN {_UNSENT} AS unsent FROM outbox "
            "WHERE mention_id = :id OR case_id IN (SELECT case_id FROM case_mentions WHERE mention_id = :id)",
            {"id": leaving.mention_id},
        )
        withdrawn = 0
        for row in rows:
            its_own = row["mention_id"] == leaving.mention_id
            if leaving.takes(row["text"], its_own=its_own):
                withdrawn += self._empty_answer(row, leaving)
            elif its_own and not row["unsent"]:
                self._db.execute("UPDATE outbox SET text = '' WHERE id = ?", (row["id"],))
            if its_own and leaving.wholly:
                self._empty_words_of_the_platform(row["id"], leaving)
        return withdrawn

    def _empty_answer(self, row: dict[str, Any], leaving: _Leaving) -> int:
        if not row["unsent"]:
            self._db.execute("UPDATE outbox SET text = '' WHERE id = ?", (row["id"],))
            return 0
        reason = REASONS[leaving.why]
        self._db.execute(
            "UPDATE outbox SET text = '', state = 'withdrawn', reason = ? WHERE id = ?", (reason, row["id"])
        )
        event = Event(
            at=leaving.at,
            kind="outbox.withdrawn",
            actor="daemon",
            mention_id=row["mention_id"],
            case_id=row["case_id"],
            outbox_id=row["id"],
            detail={"why": reason},
        )
        self._events.add(event)
        if row["state"] != "parked":  # that was shown: whoever closed the case then knew of it
            self._reopen(row["case_id"], leaving)
        return 1

    def _reopen(self, case_id: int, leaving: _Leaving) -> None:
        """Open a case again of which another post stands: whoever closed it believed that the answer would go out."""
        was = self._db.value(
            """
            SELECT c.status FROM cases c WHERE c.id = ? AND c.status IN ('resolved', 'pending') AND EXISTS (
              SELECT 1 FROM case_mentions j JOIN mentions m ON m.id = j.mention_id
              WHERE j.case_id = c.id AND m.deleted_at IS NULL)
            """,
            (case_id,),
        )
        if was is not None and self._cases.set_status(case_id, CaseStatus.OPEN):
            self._tell_of_case("case.reopened", case_id, was, leaving)

    def _empty_words_of_the_platform(self, outbox_id: int, leaving: _Leaving) -> None:
        """Why a platform refused an answer is told in its words, which can name the author or repeat the answer."""
        self._db.execute(
            "UPDATE outbox SET reason = ? WHERE id = ? AND reason <> ''", (REASONS[leaving.why], outbox_id)
        )
        self._db.execute("UPDATE deliveries SET detail = '' WHERE outbox_id = ?", (outbox_id,))

    def _empty_writings(self, leaving: _Leaving) -> None:
        """Empty what we wrote about the post or its case: drafts, notes, and the reasons that events carry."""
        cases = self._db.rows(
            """
            SELECT j.case_id, NOT EXISTS (SELECT 1 FROM case_mentions k JOIN mentions m ON m.id = k.mention_id
              WHERE k.case_id = j.case_id AND m.deleted_at IS NULL) AS over
            FROM case_mentions j WHERE j.mention_id = ?
            """,
            (leaving.mention_id,),
        )
        self._empty_drafts("mention_id", leaving.mention_id, leaving)
        self._empty_events("mention_id", leaving.mention_id, leaving, over=True)
        for case in cases:
            self._empty_drafts("case_id", case["case_id"], leaving)
            self._empty_notes(case["case_id"], leaving, over=bool(case["over"]))
            self._empty_events("case_id", case["case_id"], leaving, over=bool(case["over"]))
            if case["over"]:
                self._close(case["case_id"], leaving)

    def _close(self, case_id: int, leaving: _Leaving) -> None:
        """Resolve a case of which no post stands any more: nobody waits for an answer to it."""
        was = self._cases.get(case_id).status
        if self._cases.set_status(case_id, CaseStatus.RESOLVED, resolved_at=leaving.at):
            self._tell_of_case("case.resolved", case_id, was, leaving)

    def _tell_of_case(self, kind: str, case_id: int, was: str, leaving: _Leaving) -> None:
        detail: dict[str, object] = {"was": was, "why": REASONS[leaving.why]}
        self._events.add(Event(at=leaving.at, kind=kind, actor="daemon", case_id=case_id, detail=detail))

    def _empty_drafts(self, column: str, value: int, leaving: _Leaving) -> None:
        for row in self._db.rows(f"SELECT id, mention_id, text FROM drafts WHERE {column} = ?", (value,)):
            its_own = row["mention_id"] == leaving.mention_id
            if (its_own and leaving.wholly) or leaving.takes(row["text"], its_own=its_own):
                self._db.execute("DELETE FROM drafts WHERE id = ?", (row["id"],))

    def _empty_notes(self, case_id: int, leaving: _Leaving, *, over: bool) -> None:
        for row in self._db.rows("SELECT id, text FROM notes WHERE case_id = ? AND text <> ''", (case_id,)):
            if leaving.takes(row["text"], its_own=over):
                self._db.execute("UPDATE notes SET text = '' WHERE id = ?", (row["id"],))

    def _empty_events(self, column: str, value: int, leaving: _Leaving, *, over: bool) -> None:
        """``over``: the events are about this post alone, or about a case of which no post stands."""
        for row in self._db.rows(f"SELECT id, mention_id, detail FROM events WHERE {column} = ?", (value,)):
            detail = json.loads(row["detail"])
            kept = {name: one for name, one in detail.items() if name in _LABELS or not isinstance(one, str | list)}
            words = [one for name, one in detail.items() if name not in kept]
            if any(leaving.takes(str(one), its_own=over) for one in words):
                text = json.dumps(kept, ensure_ascii=False)
                self._db.execute("UPDATE events SET detail = ? WHERE id = ?", (text, row["id"]))

    def _tell(self, leaving: _Leaving, checked_at: str | None) -> None:
        detail: dict[str, object] = {"why": REASONS[leaving.why]}
        if leaving.why in ("deleted", "unchecked") and checked_at is not None:
            detail["unseen_seconds"] = round((leaving.at - from_text(checked_at)).total_seconds())
        kind = "mention.deleted" if leaving.why == "deleted" else "mention.redacted"
        event = Event(at=leaving.at, kind=kind, actor="daemon", mention_id=leaving.mention_id, detail=detail)
        self._events.add(event)
