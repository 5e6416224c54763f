"""Cases: what is owed to one author in one conversation, who works on it, and until when it is promised.

Routing opens cases or adds to them; agents claim, answer and close them; the daemon marks broken promises, wakes
snoozed cases and frees forgotten holds. Every change is one transaction together with its event.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from config.clock import Clock
from config.errors import FranklyError
from config.settings import Settings
from responders.promises import Promises
from responders.routing import DEFAULT_QUEUE
from store.database import optional_text
from store.records import (
    Action,
    Agent,
    Assessment,
    Case,
    CaseStatus,
    Decision,
    Event,
    Kind,
    Mention,
    Note,
    OutboxMessage,
    Priority,
    Role,
)
from store.store import Store


class HeldByOther(FranklyError):
    """Another agent holds the case."""

    def __init__(self, agent_name: str) -> None:
        super().__init__(f"{agent_name} holds this case; ask them to release it, or have a manager assign it")
        self.agent_name = agent_name


class RoleTooLow(FranklyError):
    """Only a manager or an admin may do this."""


class CaseWork:
    """Everything that can be done to a case."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._promises = Promises(settings)

    def open_or_join(
        self, mention: Mention, assessment: Assessment, decision: Decision, *, reopens: bool = True
    ) -> Case:
        """Put a mention into the case of its brand, author and conversation, opening or reopening that.

        With ``reopens`` off it is only kept with a case that is closed or waits.
        """
        with self._store.transaction():
            known = self._store.cases.of_thread(mention.id)
            if known is None:
                case = self._open(mention, assessment, decision)
            else:
                case = self._join(known, mention, assessment, decision, reopens)
            if decision.action is Action.ESCALATE:
                self._tell(case, "case.escalated", f"rule:{decision.rule}", mention, reason=decision.reason)
            return self._store.cases.get(case.id)

    def claim(self, case_id: int, agent: Agent) -> Case:
        """Take a free case, or renew one's own hold. ``HeldByOther`` when somebody was first."""
        with self._store.transaction():
            before = self._store.cases.get(case_id)
            if not self._store.cases.claim(case_id, agent.id, self._clock.now()):
                raise self._held(before)
            if before.assignee_id is None:
                self._tell(before, "case.claimed", _actor(agent))
            return self._store.cases.get(case_id)

    def release(self, case_id: int, agent: Agent) -> Case:
        """Give a case back to the queue. ``HeldByOther`` unless it is one's own, or one is a manager."""
        with self._store.transaction():
            case = self._store.cases.get(case_id)
            if case.assignee_id is not None:
                if case.assignee_id != agent.id and agent.role is Role.AGENT:
                    raise self._held(case)
                self._free(case, _actor(agent))
            return self._store.cases.get(case_id)

    def assign(self, case_id: int, agent: Agent, to: Agent) -> Case:
        """Give a case to somebody. Taking it from another agent is for managers and admins: ``RoleTooLow``."""
        with self._store.transaction():
            case = self._store.cases.get(case_id)
            if case.assignee_id not in (None, agent.id) and agent.role is Role.AGENT:
                raise RoleTooLow("only a manager or an admin may take a case from the agent who holds it")
            if to.disabled_at is not None:
                raise RoleTooLow(f"{to.name} does not work here any more; assign the case to somebody else")
            self._store.cases.assign(case_id, to.id, self._clock.now())
            self._tell(case, "case.assigned", _actor(agent), to=to.id, was=case.assignee_id)
            return self._store.cases.get(case_id)

    def escalate(self, case_id: int, agent: Agent, reason: str) -> Case:
        """Make a case urgent, whoever holds it; one that rested, waited or was closed is open again."""
        with self._store.transaction():
            case = self._store.cases.get(case_id)
            now = self._clock.now()
            self._store.cases.update(self._promises.raised(case, Priority.URGENT, case.severity, now, now))
            self._tell(case, "case.escalated", _actor(agent), reason=reason)
            return self.reopen(case_id, _actor(agent))

    def leave(self, agent: Agent, actor: str) -> int:
        """Free the cases of somebody who does not work here any more; returns how many.

        What they approved and has not left yet is parked by the sender.
        """
        with self._store.transaction():
            held = self._store.cases.held_by(agent.id)
            for case in held:
                self._free(case, actor)
            return len(held)

    def snooze(self, case_id: int, agent: Agent, until: datetime) -> Case:
        """Let a case rest until a time. The promise made to its author goes on."""
        return self._move(case_id, agent, CaseStatus.SNOOZED, "case.snoozed", until=until)

    def pending(self, case_id: int, agent: Agent) -> Case:
        """Wait for the customer."""
        return self._move(case_id, agent, CaseStatus.PENDING, "case.pending")

    def resolve(self, case_id: int, agent: Agent, reason: str = "") -> Case:
        """Close a case."""
        return self._move(case_id, agent, CaseStatus.RESOLVED, "case.resolved", reason=reason)

    def reopen(self, case_id: int, actor: str) -> Case:
        """Open a case again; nothing happens to one that is open. Nobody who has left holds it any more."""
        with self._store.transaction():
            case = self._store.cases.get(case_id)
            if self._store.cases.set_status(case_id, CaseStatus.OPEN):
                self._tell(case, "case.reopened", actor, was=case.status)
                if self._store.agents.has_left(f"agent:{case.assignee_id}"):
                    self._free(case, actor)
            return self._store.cases.get(case_id)

    def note(self, case_id: int, agent: Agent, text: str) -> Note:
        """Write an internal note; anybody may, whoever holds the case."""
        with self._store.transaction():
            case = self._store.cases.get(case_id)
            note = self._store.cases.add_note(case_id, agent.id, text, self._clock.now())
            self._keep(case, agent)
            self._tell(case, "case.noted", _actor(agent), note=note.id)
            return note

    def working(self, case_id: int, agent: Agent) -> Case:
        """Make sure that nobody else holds a case before this agent acts on it, and renew their own hold."""
        case = self._store.cases.get(case_id)
        if case.assignee_id not in (None, agent.id):
            raise self._held(case)
        self._keep(case, agent)
        return case

    def answered(self, case_id: int, at: datetime, actor: str, message: OutboxMessage | None = None) -> Case:
        """Note that a reply stands on the platform: the first one by an agent stops the promise's clock, and we wait.

        Without a message, somebody answered by hand on the platform's own page. Dry runs never come here,
        because the customer heard nothing. An automated reply keeps no promise: after one, a complaint or a question
        stays open for a person; so does a case whose customer wrote again while the answer was on its way. A case
        that was resolved, or snoozed after the answer was approved, stays so.
        """
        automated = message is not None and message.automated
        with self._store.transaction():
            case = self._store.cases.get(case_id)
            if automated and message is not None:
                self._tell(case, "case.acknowledged", actor, message=message)
                if self._person_owed(case, message):
                    return case
            elif self._store.cases.set_first_response(case_id, at):
                self._tell(case, "case.answered", actor, message=message, by_hand=message is None)
            if self._settled_since(case, message) or self._wrote_again(case_id, message, at):
                return self._store.cases.get(case_id)
            if self._store.cases.set_status(case_id, CaseStatus.PENDING):
                self._tell(case, "case.pending", actor, message=message)
            return self._store.cases.get(case_id)

    def answered_by_hand(self, case_id: int, agent: Agent) -> Case:
        """Note that an agent says they answered on the platform's own page, however often they say so."""
        with self._store.transaction():
            self._tell(self._store.cases.get(case_id), "case.by_hand", _actor(agent))
            return self.answered(case_id, self._clock.now(), _actor(agent))

    def _settled_since(self, case: Case, message: OutboxMessage | None) -> bool:
        """Tell whether somebody has said what becomes of the case when the answer was already on its way."""
        if case.status is not CaseStatus.SNOOZED or message is None:
            return case.status in (CaseStatus.PENDING, CaseStatus.RESOLVED)
        snoozed = [event.at for event in self._store.events.of_case(case.id) if event.kind == "case.snoozed"]
        return bool(snoozed) and snoozed[-1] >= message.approved_at

    def not_answered(self, case_id: int, actor: str) -> None:
        """Note that an answer did not go out after all: whoever closed the case meanwhile believed that it would.

        It stays closed when every post of it was deleted.
        """
        closed = self._store.cases.get(case_id).status in (CaseStatus.RESOLVED, CaseStatus.PENDING)
        if closed and any(one.deleted_at is None for one in self._store.mentions.of_case(case_id)):
            self.reopen(case_id, actor)

    def _wrote_again(self, case_id: int, message: OutboxMessage | None, at: datetime) -> bool:
        """Tell whether a customer said more than was answered; who answers by hand has read all that stood there."""
        if message is None:
            return self._store.cases.wrote_since(case_id, at)
        return self._store.cases.news_since(case_id, message.mention_id, message.approved_at)

    def _person_owed(self, case: Case, message: OutboxMessage) -> bool:
        """Tell whether somebody waits for a person: the author of this post, or of any while no person has answered."""
        standing = [one.id for one in self._store.mentions.of_case(case.id) if one.deleted_at is None]
        asked = standing if case.first_response_at is None else [message.mention_id]
        understood = self._store.assessments.current(asked)
        return any(_asks_for_a_person(understood.get(mention_id)) for mention_id in asked)

    def release_stale(self) -> int:
        """Free the open cases whose holder has done nothing for a while; returns how many."""
        before = self._clock.now() - self._settings.answers.claim_kept
        with self._store.transaction():
            stale = self._store.cases.stale_holds(before)
            for case in stale:
                self._free(case, "daemon")
        return len(stale)

    def wake_snoozed(self) -> int:
        """Open the snoozed cases whose time has come; returns how many."""
        with self._store.transaction():
            due = self._store.cases.sleepers_due(self._clock.now())
            for case in due:
                self.reopen(case.id, "daemon")
        return len(due)

    def mark_breaches(self) -> int:
        """Mark each promise that has just been broken, once; returns how many."""
        now = self._clock.now()
        with self._store.transaction():
            broken = self._store.cases.newly_breached(now)
            for case in broken:
                self._store.cases.set_breached(case.id, now)
                due_at = optional_text(case.due_at)  # told, because the case may be promised anew
                self._tell(case, "case.breached", "daemon", priority=case.priority, due_at=due_at)
        return len(broken)

    def _open(self, mention: Mention, assessment: Assessment, decision: Decision) -> Case:
        priority = _priority(decision)
        new = Case(
            id=0,
            brand=mention.brand,
            platform=mention.post.platform,
            author=mention.post.author,
            conversation_id=mention.post.conversation_id,
            status=CaseStatus.OPEN,
            queue=decision.queue or DEFAULT_QUEUE,
            priority=priority,
            severity=assessment.severity,
            topic=assessment.recognised_topic,
            opened_at=self._clock.now(),
            first_post_at=mention.post.posted_at,
            last_activity_at=mention.post.posted_at,
            due_at=self._promises.due(mention.post.posted_at, priority, mention.replayed),
            replayed=mention.replayed,
        )
        case = replace(new, id=self._store.cases.open(mention.id, new))
        self._tell(case, "case.opened", f"rule:{decision.rule}", mention, reason=decision.reason, priority=priority)
        return case

    def _join(self, case: Case, mention: Mention, assessment: Assessment, decision: Decision, reopens: bool) -> Case:
        """Add a mention to a case. Priority and severity are raised, never lowered; an edit joins only once."""
        actor = f"rule:{decision.rule}"
        asks = decision.action is not Action.IGNORE
        promised_before = case.due_at
        joins = self._store.cases.join(case.id, mention.id, self._clock.now())
        if reopens and case.replayed and not mention.replayed:
            case = self._promises.of_live(case, mention.post.posted_at)
            self._tell(case, "case.live", actor, mention)
        elif joins and reopens and asks:
            case = self._promises.anew(case, mention.post.posted_at)
        priority = _priority(decision) if asks else case.priority
        since = None if mention.replayed else mention.post.edited_at or mention.post.posted_at
        from_a_file = mention.replayed and not case.replayed  # it starts no clock of a live case
        raised = self._promises.raised(case, priority, assessment.severity, since, self._clock.now())
        if joins:
            due_at = optional_text(case.due_at) if case.due_at != promised_before else None  # promised anew
            self._tell(case, "case.joined", actor, mention, reason=decision.reason, due_at=due_at)
        elif raised != case:
            self._tell(case, "case.raised", actor, mention, reason=decision.reason)
        self._store.cases.update(
            replace(
                raised,
                queue=decision.queue if decision.queue and raised.priority != case.priority else case.queue,
                topic=case.topic or assessment.recognised_topic,
                last_activity_at=max(case.last_activity_at, mention.post.posted_at),
                first_post_at=case.first_post_at if from_a_file else min(case.first_post_at, mention.post.posted_at),
            )
        )
        if reopens and case.status is not CaseStatus.OPEN:
            self.reopen(case.id, actor)
        return case

    def _move(
        self,
        case_id: int,
        agent: Agent,
        status: CaseStatus,
        kind: str,
        *,
        until: datetime | None = None,
        reason: str = "",
    ) -> Case:
        with self._store.transaction():
            case = self.working(case_id, agent)
            if case.status is CaseStatus.RESOLVED and status is not CaseStatus.RESOLVED:
                case = self.reopen(case_id, _actor(agent))  # the digest goes by this whether a case is closed
            resolved_at = self._clock.now() if status is CaseStatus.RESOLVED else None
            if self._store.cases.set_status(case_id, status, resolved_at=resolved_at, until=until):
                self._tell(
                    case,
                    kind,
                    _actor(agent),
                    was=case.status,
                    reason=reason,
                    until=until.isoformat() if until else None,
                )
            return self._store.cases.get(case_id)

    def _keep(self, case: Case, agent: Agent) -> None:
        if case.assignee_id == agent.id:
            self._store.cases.claim(case.id, agent.id, self._clock.now())

    def _free(self, case: Case, actor: str) -> None:
        self._store.cases.assign(case.id, None, None)
        self._tell(case, "case.released", actor, was=case.assignee_id)

    def _held(self, case: Case) -> HeldByOther:
        assert case.assignee_id is not None  # somebody holds it: that is why we are here
        return HeldByOther(self._store.agents.get(case.assignee_id).name)

    def _tell(
        self,
        case: Case,
        kind: str,
        actor: str,
        mention: Mention | None = None,
        *,
        message: OutboxMessage | None = None,
        **detail: object,
    ) -> None:
        self._store.events.add(
            Event(
                at=self._clock.now(),
                kind=kind,
                actor=actor,
                mention_id=mention.id if mention else None,
                case_id=case.id,
                outbox_id=message.id if message else None,
                brand=case.brand,
                detail={name: value for name, value in detail.items() if value not in (None, "")},
            )
        )


def _asks_for_a_person(understood: Assessment | None) -> bool:
    """Tell whether somebody complains or asks, or nobody knows what they do."""
    if understood is None or understood.complaint is None:
        return True
    return understood.complaint or understood.kind in (Kind.COMPLAINT, Kind.QUESTION)


def _actor(agent: Agent) -> str:
    return f"agent:{agent.id}"


def _priority(decision: Decision) -> Priority:
    return Priority.URGENT if decision.action is Action.ESCALATE else decision.priority
