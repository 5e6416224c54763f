"""Answers: from a draft, by an agent or a rule's template, to an approved message in the outbox.

The gate (``eligibility``) and the guardrails are asked here when a draft is made and when it is approved, and once
more by the sender right before the request. An approved draft turns into an outbox message; a message that is taken
back, refused or parked turns into a draft again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from config.clock import Clock
from config.errors import FranklyError
from config.fail_points import Edge, reached
from config.settings import Settings
from responders.cases import CaseWork
from responders.eligibility import Verdict, judge
from responders.facts import gather
from responders.guardrails import FINAL, Finding, blocks, check
from responders.reply_text import ReplyText
from responders.templates import Templates
from store.outbox import AlreadyAnswered
from store.records import (
    Agent,
    Case,
    CaseStatus,
    Decision,
    Draft,
    Event,
    Mention,
    Mode,
    OutboxMessage,
    OutboxState,
)
from store.store import Store

_EDITED = "The post was edited after this answer was begun; read it again, and save the draft to stand by it."
_TAKEN_BACK_FOR = timedelta(hours=1)
_TOLD_OF_ANSWERS = ("case.by_hand", "case.not_by_hand", "answer.noticed", "outbox.sent")
_WRITTEN_BEFORE = "This was written before the author's newest post; read that, and change what it changes."


class NotAllowed(FranklyError):
    """An answer may not go out, for the reasons given."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


class Answering:
    """Drafting, checking, approving and taking back."""

    def __init__(self, store: Store, settings: Settings, clock: Clock, templates: Templates) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._templates = templates
        self._text = ReplyText(store, settings, clock, templates)
        self._cases = CaseWork(store, settings, clock)

    def draft(self, case_id: int, actor: str, *, template: str | None = None) -> Draft:
        """Return the draft for the newest post of a case, beginning one where there is none.

        One that is begun goes on with what an agent wrote for an earlier post. A template that is named replaces the
        text. ``KeyError``: there is no such template for this post.
        """
        with self._store.transaction():
            mention = self.newest(case_id)
            known = self._store.drafts.of_mention(mention.id)
            if known is not None and template is None:
                return known
            earlier = self.written_before(case_id)
            if known is None and template is None and earlier is not None:
                return self._put(mention, case_id, actor, earlier.text, None, reasons=(_WRITTEN_BEFORE,))
            chosen, text = self._text.compose(mention, actor, template)
            return self._put(mention, case_id, actor, text, chosen)

    def written_before(self, case_id: int) -> Draft | None:
        """Return the newest draft of a case if an agent wrote in it."""
        return self._written(self._store.drafts.of_case(case_id))

    def newest(self, case_id: int) -> Mention:
        """Return the post of a case that an answer would go to. ``NotAllowed`` when all were deleted."""
        standing = [one for one in self._store.mentions.of_case(case_id) if one.deleted_at is None]
        if not standing:
            raise NotAllowed(("Every post of this case was deleted.",))
        return standing[-1]

    def edit(self, draft_id: int, agent: Agent, text: str) -> Draft:
        """Store an agent's words. ``HeldByOther`` when another agent has the case."""
        with self._store.transaction():
            draft = self._draft(draft_id)
            self._cases.working(draft.case_id, agent)
            mention = self._store.mentions.get(draft.mention_id)
            return self._put(mention, draft.case_id, _actor(agent), text, draft.template, kind="draft.edited")

    def _draft(self, draft_id: int) -> Draft:
        try:
            return self._store.drafts.get(draft_id)
        except KeyError:
            raise NotAllowed(("This draft is gone: it was approved meanwhile, or answered in another way.",)) from None

    def findings(self, draft: Draft) -> tuple[Finding, ...]:
        """Return what the guardrails say about a draft."""
        return self._findings(draft.text, self._store.mentions.get(draft.mention_id), draft.author, automated=False)

    def approve(self, draft_id: int, agent: Agent, *, override: str = "") -> OutboxMessage:
        """Put a draft into the outbox, where it can be taken back for a moment.

        ``NotAllowed`` when the gate says by hand or never, or when a guardrail blocks and no reason to override it
        is given, or when the post was edited since the draft was written (save it again to stand by it), or when the
        case is resolved. ``HeldByOther`` when another agent has the case.
        """
        with self._store.transaction():
            draft = self._draft(draft_id)
            case = self._cases.working(draft.case_id, agent)
            if case.status is CaseStatus.RESOLVED:
                raise NotAllowed(("The case is resolved. Open it again, then approve your answer.",))
            mention = self._store.mentions.get(draft.mention_id)
            if self._store.outbox.replaced_since(mention.id, draft.updated_at):
                raise NotAllowed((_EDITED,))
            verdict = self._judge(mention, automated=False)
            if verdict.mode is not Mode.AGENT:
                raise NotAllowed(verdict.reasons)
            found = self._findings(draft.text, mention, _actor(agent), automated=False)
            self._stop_or_override(found, override.strip(), agent, draft, mention)
            message = self._hold(mention, case, draft.text, _actor(agent), found=found)
            self._store.drafts.remove_of_case(case.id)
            return message

    def _stop_or_override(
        self, found: Sequence[Finding], reason: str, agent: Agent, draft: Draft, mention: Mention
    ) -> None:
        """Raise ``NotAllowed`` for what blocks a draft, unless the agent may override it and says why."""
        stopped = blocks(found)
        final = [one for one in stopped if one.rule in FINAL or not reason]
        if final:
            raise NotAllowed([one.sentence for one in final])
        if stopped:
            detail: dict[str, object] = {"guardrails": [one.rule for one in stopped], "reason": reason}
            self._tell("draft.overridden", _actor(agent), mention, draft.case_id, detail=detail)

    def auto_reply(self, mention: Mention, case: Case, decision: Decision) -> OutboxMessage | Draft:
        """Answer with a rule's template; where the gate or a guardrail objects, leave a draft for a person."""
        actor = f"rule:{decision.rule}"
        with self._store.transaction():
            template = self._text.template_for(mention, decision.template or "")
            verdict = self._judge(mention, automated=True, has_template=template is not None)
            text = self._text.rendered(template, mention, "") if template else ""
            found = blocks(self._findings(text, mention, actor, automated=True)) if template else []
            if verdict.mode is Mode.AUTO and not found:
                return self._hold(mention, case, text, actor, automated=True)
            known = self._store.drafts.of_mention(mention.id)
            if known is not None:
                return known
            reasons = (*verdict.reasons, *(one.sentence for one in found))
            return self._put(mention, case.id, actor, text, template.name if template else None, reasons=reasons)

    def take_back(self, outbox_id: int, agent: Agent) -> OutboxMessage:
        """Withdraw a message that has not left; its text becomes a draft again. ``NotAllowed``: too late.

        A case that was closed on it is open again: nobody waits for a customer who has heard nothing.
        """
        with self._store.transaction():
            message = self._store.outbox.get(outbox_id)
            if message.state not in (OutboxState.HELD, OutboxState.QUEUED):
                raise NotAllowed((f"The answer is {message.state} and cannot be taken back.",))
            self._move(message, OutboxState.WITHDRAWN, _actor(agent), "taken back")
            self._redraft(message, agent)
            self._cases.not_answered(message.case_id, _actor(agent))
            return self._store.outbox.get(outbox_id)

    def give_back(self, outbox_id: int, agent: Agent) -> Draft:
        """Make a draft again of a message that was parked or refused.

        An uncertain one stays where it is: it may stand there already, and is being looked for. ``NotAllowed``.
        """
        with self._store.transaction():
            message = self._store.outbox.get(outbox_id)
            if not self.may_give_back(message):
                raise NotAllowed(("There is a newer draft of an answer to this post already; it stays as it is.",))
            if message.state is OutboxState.PARKED:
                self._move(message, OutboxState.WITHDRAWN, _actor(agent), f"given back: {message.reason}")
            elif message.state is not OutboxState.REFUSED:
                raise NotAllowed((f"The answer is {message.state}; only parked and refused ones can be given back.",))
            return self._redraft(message, agent)

    def may_give_back(self, message: OutboxMessage) -> bool:
        """Tell whether a message can be a draft again; a refused one stays refused, and may be older than a draft."""
        if message.state is not OutboxState.REFUSED:
            return True
        return self._written(self._store.drafts.of_mention(message.mention_id)) is None

    def by_hand(self, case_id: int, agent: Agent, words: str = "") -> Case:
        """Note that an agent answered on the platform's own page: it stops the clock like any answer.

        What they wrote here stays as a note: nobody reads an answer back that was, in the end, not given.
        """
        with self._store.transaction():
            self._cases.working(case_id, agent)
            if words:
                self._cases.note(case_id, agent, f"Answered by hand. What was written here: {words}")
            self._store.drafts.remove_of_case(case_id)
            return self._cases.answered_by_hand(case_id, agent)

    def said_by_hand(self, case_id: int, agent: Agent) -> datetime | None:
        """Return when an agent said that they answered by hand, for the hour in which they may take that back."""
        told = [one for one in self._store.events.of_case(case_id) if one.kind in _TOLD_OF_ANSWERS]
        if not told or (told[-1].kind, told[-1].actor) != ("case.by_hand", _actor(agent)):
            return None
        return told[-1].at if self._clock.now() - told[-1].at <= _TAKEN_BACK_FOR else None

    def not_by_hand(self, case_id: int, agent: Agent) -> Case:
        """Take back that an agent answered by hand: the promise's clock goes on, and the case is open again."""
        with self._store.transaction():
            self._cases.working(case_id, agent)
            said_at = self.said_by_hand(case_id, agent)
            if said_at is None:
                raise NotAllowed(("Only what you said within the last hour, and no answer stands, can be taken back.",))
            self._store.cases.clear_first_response(case_id, said_at)
            self._tell("case.not_by_hand", _actor(agent), self.newest(case_id), case_id)
            return self._cases.reopen(case_id, _actor(agent))

    def post_changed(self, mention: Mention) -> None:
        """Stop what was prepared for a post that has been edited; a case that was closed on it is open again."""
        with self._store.transaction():
            for message in self.stop_prepared(mention, "The post was edited after the answer was approved.", _EDITED):
                self._cases.not_answered(message.case_id, "daemon")

    def stop_prepared(self, mention: Mention, why: str, *of_the_draft: str) -> list[OutboxMessage]:
        """Park the messages to a post that have not left, and mark its draft with what the gate says now.

        Returns those messages as they were.
        """
        with self._store.transaction():
            messages = self._store.outbox.of_mention(mention.id)
            stopped = [one for one in messages if one.state in (OutboxState.HELD, OutboxState.QUEUED)]
            for message in stopped:
                self._move(message, OutboxState.PARKED, "daemon", why)
            draft = self._store.drafts.of_mention(mention.id)
            if draft is not None:
                verdict = self._judge(mention, automated=False)
                reasons = (*of_the_draft, *verdict.reasons)
                self._store.drafts.put(replace(draft, mode=verdict.mode, mode_reasons=reasons))
            return stopped

    def _judge(self, mention: Mention, *, automated: bool, has_template: bool = True) -> Verdict:
        facts = gather(
            self._store,
            self._settings,
            self._clock.now(),
            mention,
            automated=automated,
            has_template=has_template,
        )
        return judge(facts)

    def _findings(self, text: str, mention: Mention, actor: str, *, automated: bool) -> tuple[Finding, ...]:
        return check(text, self._text.context(mention, actor, automated=automated))

    def _put(
        self,
        mention: Mention,
        case_id: int,
        actor: str,
        text: str,
        template: str | None,
        *,
        kind: str = "draft.made",
        reasons: Sequence[str] = (),
    ) -> Draft:
        """Store a draft with what the gate says to an agent who would approve it now."""
        verdict = self._judge(mention, automated=False)
        draft = self._store.drafts.put(
            Draft(
                id=0,
                case_id=case_id,
                mention_id=mention.id,
                text=text,
                template=template,
                author=actor,
                mode=verdict.mode,
                mode_reasons=tuple(dict.fromkeys((*reasons, *verdict.reasons))),
                updated_at=self._clock.now(),
            )
        )
        self._tell(kind, actor, mention, case_id, detail={"draft": draft.id, "template": template, "mode": draft.mode})
        return draft

    def _hold(
        self,
        mention: Mention,
        case: Case,
        text: str,
        actor: str,
        *,
        automated: bool = False,
        found: Sequence[Finding] = (),
    ) -> OutboxMessage:
        now = self._clock.now()
        message = OutboxMessage(
            id=0,
            platform=mention.post.platform,
            target_id=mention.post.reply_target,
            mention_id=mention.id,
            case_id=case.id,
            text=text,
            state=OutboxState.HELD,
            approved_by=actor,
            approved_at=now,
            automated=automated,
            held_until=now + self._settings.answers.hold,
        )
        try:
            message = replace(message, id=self._store.outbox.add(message, mention.post.external_id))
        except AlreadyAnswered as error:
            raise NotAllowed(("There is already an answer of ours to this post.",)) from error
        detail: dict[str, object] = {"automated": automated, "findings": [one.rule for one in found]}
        self._tell("outbox.held", actor, mention, case.id, outbox_id=message.id, detail=detail)
        reached(Edge.HELD_WRITTEN)
        return message

    def _written(self, draft: Draft | None) -> Draft | None:
        """Return a draft if an agent wrote in it; a template's text as it came is not worth keeping."""
        if draft is None or not draft.text:
            return None
        told = [one.kind for one in self._store.events.of_case(draft.case_id) if one.detail.get("draft") == draft.id]
        return draft if draft.template is None or told[-1:] == ["draft.edited"] else None

    def _redraft(self, message: OutboxMessage, agent: Agent) -> Draft:
        """Make a draft of a message again, unless an agent has written another answer to its post meanwhile."""
        mention = self._store.mentions.get(message.mention_id)
        if mention.deleted_at is not None:
            raise NotAllowed(("The post was deleted.",))
        newer = self._written(self._store.drafts.of_mention(mention.id))
        if newer is not None:
            return newer
        return self._put(mention, message.case_id, _actor(agent), message.text, None)

    def _move(self, message: OutboxMessage, to: OutboxState, actor: str, reason: str) -> None:
        if not self._store.outbox.move(message, to, reason=reason):
            raise NotAllowed(("The answer has just moved on.",))
        mention = self._store.mentions.get(message.mention_id)
        self._tell(f"outbox.{to}", actor, mention, message.case_id, outbox_id=message.id, detail={"reason": reason})

    def _tell(
        self,
        kind: str,
        actor: str,
        mention: Mention,
        case_id: int,
        *,
        outbox_id: int | None = None,
        detail: dict[str, object] | None = None,
    ) -> None:
        self._store.events.add(
            Event(
                at=self._clock.now(),
                kind=kind,
                actor=actor,
                mention_id=mention.id,
                case_id=case_id,
                outbox_id=outbox_id,
                brand=mention.brand,
                detail=detail or {},
            )
        )


def _actor(agent: Agent) -> str:
    return f"agent:{agent.id}"
