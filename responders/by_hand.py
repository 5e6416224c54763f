"""Answers that somebody gave on the platform's own page: they stop the promise's clock like any other.

Which posts of ours those are is read back from the platform (``listener/own_posts.py``). Each is matched by the post
that it answers; the case may be opened only later, so what matches nothing is looked at again for some days.
"""

from __future__ import annotations

from datetime import timedelta

from config.clock import Clock
from responders.answers import Answering
from responders.cases import CaseWork
from store.own_posts import ByHand
from store.records import Event
from store.store import Store

_STANDS = "An answer that was written by hand stands under the post."
_MATCHED_FOR = timedelta(days=7)


class Noticing:
    """Credits answers by hand to their cases."""

    def __init__(self, store: Store, clock: Clock, answering: Answering, case_work: CaseWork) -> None:
        self._store = store
        self._clock = clock
        self._answering = answering
        self._case_work = case_work

    def credit_all(self) -> int:
        """Credit each answer that no case knows of yet; returns how many."""
        found = self._store.own_posts.by_hand_since(self._clock.now() - _MATCHED_FOR)
        return sum(self._credit(answer) for answer in found)

    def _credit(self, answer: ByHand) -> bool:
        with self._store.transaction():
            if not self._store.own_posts.credit(answer):
                return False
            mention = self._store.mentions.get(answer.mention_id)
            event = Event(
                at=self._clock.now(),
                kind="answer.noticed",
                actor="daemon",
                mention_id=mention.id,
                case_id=answer.case_id,
                brand=mention.brand,
                detail={"post": answer.external_id},
            )
            self._store.events.add(event)
            self._answering.stop_prepared(mention, _STANDS)
            self._case_work.answered(answer.case_id, answer.posted_at, "daemon")
            return True
