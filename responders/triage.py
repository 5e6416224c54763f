"""Triage: what becomes of one assessed mention. A decision is written down; a case or a template reply may follow.

All of it is one transaction, so that a crash leaves a mention either untouched or wholly routed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from config.clock import Clock
from config.settings import Settings
from responders.answers import Answering
from responders.cases import CaseWork
from responders.optouts import OPTED_OUT, opts_out
from responders.routing import route
from store.records import Action, Assessment, Case, Decision, Event, Kind, Mention, Suppression
from store.store import Store

_OPT_OUT = Decision(
    rule="opt-out",
    action=Action.IGNORE,
    reason="The author asks not to be written to, so nobody writes to them again.",
)

_COMPLAINT_TOO = "The author complains, and asks not to be written to: a person reads it, and nobody answers there."
# A follow-up of one of these kinds that a rule ignores is kept with its case but opens nothing again.
_NEEDS_NOTHING = (Kind.THANKS, Kind.PRAISE, Kind.SPAM)


class Triage:
    """Applies the rules to mentions."""

    def __init__(
        self, store: Store, settings: Settings, clock: Clock, answering: Answering, case_work: CaseWork
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._answering = answering
        self._case_work = case_work

    def take_all(self, waiting: Sequence[tuple[Mention, Assessment]]) -> None:
        """Route a batch in one transaction: each commit waits for the disk, so one for each mention is far slower."""
        with self._store.transaction():
            for mention, assessment in waiting:
                self.take(mention, assessment)

    def take(self, mention: Mention, assessment: Assessment) -> Decision | None:
        """Route one mention. One that was routed before comes again because its post was edited.

        None where it does not wait with this text any more: somebody else routed it, or it was edited or taken away.
        """
        with self._store.transaction():
            came_before = self._store.assessments.decision(mention.id) is not None
            opted_out = opts_out(self._store, self._settings, mention.post)
            decision = route(mention, assessment, self._settings)
            if opted_out:
                decision = _read_only(decision) if assessment.complaint or assessment.severity else _OPT_OUT
            if not self._store.assessments.decide(mention, decision, self._clock.now()):
                return None
            if came_before:
                self._answering.post_changed(mention)
            if opted_out:
                self._suppress(mention)
            case = self._case(mention, assessment, decision)
            if case is not None and decision.action is Action.AUTO_REPLY:
                self._answering.auto_reply(mention, case, decision)
            return decision

    def _case(self, mention: Mention, assessment: Assessment, decision: Decision) -> Case | None:
        """Open or join a case. A follow-up joins its author's case even when a rule ignores it: rules can be wrong."""
        if decision.action is not Action.IGNORE:
            return self._case_work.open_or_join(mention, assessment, decision)
        if self._store.cases.of_thread(mention.id) is None:
            return None
        reopens = decision is not _OPT_OUT and (assessment.unsure or assessment.kind not in _NEEDS_NOTHING)
        return self._case_work.open_or_join(mention, assessment, decision, reopens=reopens)

    def _suppress(self, mention: Mention) -> None:
        now = self._clock.now()
        suppression = Suppression(
            platform=mention.post.platform,
            author_external_id=mention.post.author.external_id,
            reason=OPTED_OUT,
            actor="daemon",
            at=now,
        )
        if self._store.suppressions.add(suppression):
            event = Event(
                at=now,
                kind="author.suppressed",
                actor="daemon",
                mention_id=mention.id,
                brand=mention.brand,
                detail={"reason": suppression.reason},
            )
            self._store.events.add(event)


def _read_only(decision: Decision) -> Decision:
    """A complaint that asks us to stop as well: a person reads it, and nobody answers there."""
    action = Action.ESCALATE if decision.action is Action.ESCALATE else Action.QUEUE
    return replace(decision, rule=_OPT_OUT.rule, action=action, template=None, reason=_COMPLAINT_TOO)
