"""Answers that somebody gave on the platform's own page: they stop the promise's clock like any other.

Which posts of ours those are is read back from the platform (``listener/own_posts.py``). Each is matched by the post
that it answers; the case may be opened only later, so what matches nothing is looked at again for some days.

An answer of the outbox that was looked for in vain may be listed only now: it is no answer by hand, it was sent.
"""

from __future__ import annotations

from datetime import timedelta

from config.clock import Clock
from responders.answers import Answering
from responders.cases import CaseWork
from responders.outbox import MARGIN
from store.own_posts import ByHand
from store.records import Event, Mention, OutboxMessage, OutboxState
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
        earliest, latest = answer.posted_at - MARGIN, answer.posted_at + MARGIN
        with self._store.transaction():
            mention = self._store.mentions.get(answer.mention_id)
            given_up = self._store.outbox.given_up(mention.id, earliest, latest)
            if given_up is not None:
                self._was_sent(given_up, mention, answer)
                return False
            if not self._store.own_posts.credit(answer):
                return False
            self._tell("answer.noticed", mention, answer, detail={"post": answer.external_id})
            self._answering.stop_prepared(mention, _STANDS)
            self._case_work.answered(answer.case_id, answer.posted_at, "daemon")
            return True

    def _was_sent(self, message: OutboxMessage, mention: Mention, answer: ByHand) -> None:
        """Take an answer that was given up for sent, unless another one to the post is under way: then it waits."""
        outbox = self._store.outbox
        if outbox.answer_to(message.platform, mention.post.external_id, message.id) is not None:
            return
        outbox.move(message, OutboxState.SENT, external_id=answer.external_id, sent_at=answer.posted_at)
        outbox.finish_delivery(outbox.deliveries(message.id)[-1].id, "sent", self._clock.now())
        self._tell("outbox.sent", mention, answer, outbox_id=message.id)
        self._answering.stop_prepared(mention, _STANDS)
        self._case_work.answered(message.case_id, answer.posted_at, message.approved_by, message)

    def _tell(
        self,
        kind: str,
        mention: Mention,
        answer: ByHand,
        *,
        outbox_id: int | None = None,
        detail: dict[str, object] | None = None,
    ) -> None:
        self._store.events.add(
            Event(
                at=self._clock.now(),
                kind=kind,
                actor="daemon",
                mention_id=mention.id,
                case_id=answer.case_id,
                outbox_id=outbox_id,
                brand=mention.brand,
                detail=detail or {},
            )
        )
