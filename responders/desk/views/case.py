"""The page of a case: what was said, what is owed, the answer being written, and everything that happened.

Its three parts (the talk, the answer, the side) are also served alone, and come again when they changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response

from config.errors import FranklyError
from responders.answers import NotAllowed
from responders.cases import HeldByOther
from responders.desk.context import Desk, DeskNow
from responders.desk.signin import SignedIn
from responders.eligibility import Verdict, judge
from responders.facts import gather, is_acknowledgement
from responders.guardrails import FINAL, Finding, blocks
from responders.length import LIMITS, length_on
from store.records import (
    NO_SEVERITY,
    OTHER_TOPIC,
    Agent,
    Assessment,
    Case,
    CaseStatus,
    Draft,
    Kind,
    Mention,
    Mode,
    OutboxMessage,
    OutboxState,
    Sentiment,
    Severity,
)
from store.sessions import Session

router = APIRouter()

SAID = {
    "claimed": "The case is yours.",
    "released": "The case is free again.",
    "assigned": "The case was assigned.",
    "escalated": "The case is urgent now.",
    "snoozed": "The case rests until then.",
    "pending": "The case waits for the customer.",
    "resolved": "The case is resolved.",
    "reopened": "The case is open again.",
    "noted": "The note is kept.",
    "corrected": "Thank you: the correction is kept beside what the classifier said.",
    "uncorrected": "Nothing is corrected: no label differs from what counted already.",
    "begun": "The answer is begun.",
    "saved": "The draft is saved.",
    "saved_edited": "The draft is saved. The post was edited meanwhile: read it again before you approve.",
    "approved": "Approved. It is held for a moment, so that you can take it back.",
    "taken_back": "The answer was taken back and is a draft again.",
    "given_back": "The answer is a draft again.",
    "not_by_hand": "Noted that it is not answered yet. The case is open again; what you wrote here is among its notes.",
    "by_hand": "Noted that you answered it there.",
}
_HOLD_RENEWED = timedelta(minutes=1)  # while somebody types, and not at every pause
_ON_ITS_WAY = (OutboxState.HELD, OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the conversation: a post of the author's, or an answer of ours."""

    mention: Mention | None = None
    assessment: Assessment | None = None
    answer: OutboxMessage | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What is said about the words in the editor: their length as the platform counts, and the findings."""

    length: int
    limit: int
    findings: tuple[Finding, ...]

    @property
    def may_override(self) -> bool:
        """True when everything that blocks may be sent anyway, for a reason."""
        stopping = blocks(self.findings)
        return bool(stopping) and all(one.rule not in FINAL for one in stopping)


@dataclass(frozen=True, slots=True)
class Answer:
    """The state of the answer to the newest post of a case."""

    draft: Draft | None
    text: str  # in the editor: the draft's, or what was typed when something went wrong
    verdict: Verdict | None  # None: every post was deleted
    link: str
    pending: OutboxMessage | None  # already on its way
    check: Check | None
    templates: list[str]
    earlier: Draft | None = None  # what an agent wrote for an earlier post, where the newest has no draft
    by_hand_at: datetime | None = None  # when this agent said that they answered there, while they may take it back
    saved: str = ""  # other words that stand in the draft, where what was typed was refused
    tag: str = ""  # of the draft's words, as the editor's form tells them
    version: int = 0  # of the newest post, as the editor's form tells it
    written: bool = False  # by an agent: no template's text takes its place without a question
    kept: bool = False  # the words are from a form that was refused: they stay on the page until it is loaded again


@router.get("/cases/{case_id}")
def case_page(desk: DeskNow, session: SignedIn, case_id: int, said: str = "") -> Response:
    """Show a case."""
    return show_case(desk, session, case_id, said=SAID.get(said, ""))


@router.get("/cases/{case_id}/talk")
def talk_fragment(request: Request, desk: DeskNow, session: SignedIn, case_id: int) -> Response:
    """Bring the conversation, if it changed."""
    case = found_case(desk, case_id)
    return desk.fragment(request, "_talk.html", session, **_common(desk, session, case), **_talk(desk, case))


@router.get("/cases/{case_id}/answer")
def answer_fragment(request: Request, desk: DeskNow, session: SignedIn, case_id: int) -> Response:
    """Bring the editor, if its case changed."""
    case = found_case(desk, case_id)
    values = {**_common(desk, session, case), "answer": answer_of(desk, session, case)}
    return desk.fragment(request, "_answer.html", session, **values)


@router.get("/cases/{case_id}/side")
def side_fragment(request: Request, desk: DeskNow, session: SignedIn, case_id: int) -> Response:
    """Bring the actions, the assessment and the history, if they changed."""
    case = found_case(desk, case_id)
    return desk.fragment(request, "_side.html", session, **_common(desk, session, case), **_side(desk, case))


@router.get("/cases/{case_id}/words")
def words_fragment(desk: DeskNow, session: SignedIn, case_id: int) -> Response:
    """Show which words carried the classifier's decision; the model reads the post again for that."""
    found_case(desk, case_id)
    shown, _ = _telling(desk, case_id, desk.store.mentions.of_case(case_id))
    why: Sequence[tuple[str, float]] = ()
    problem = ""
    try:
        if desk.explain is not None and shown:
            why = desk.explain(shown)
    except FranklyError:
        problem = "The classifier cannot be opened; whoever runs frankly can ask `frankly check` why."
    return desk.page("_words.html", session, why=why, problem=problem)


@router.post("/cases/{case_id}/check")
def check_fragment(
    desk: DeskNow, session: SignedIn, case_id: int, text: Annotated[str, Form(max_length=20_000)] = ""
) -> Response:
    """Say what the guardrails make of the words in the editor. They are not stored, but who types keeps their hold."""
    case = found_case(desk, case_id)
    if case.assignee_id == session.agent.id and case.claimed_at and desk.clock.now() - case.claimed_at > _HOLD_RENEWED:
        with suppress(HeldByOther):  # somebody took it over just now; the page says so by itself
            desk.case_work.claim(case_id, session.agent)
    draft = desk.store.drafts.of_case(case_id)
    check = check_of(desk, case, replace(draft, text=text), session.agent) if draft else None
    return desk.page("_check.html", session, check=check)


def found_case(desk: Desk, case_id: int) -> Case:
    """Return a case, or answer 404."""
    try:
        return desk.store.cases.get(case_id)
    except (KeyError, OverflowError):
        raise HTTPException(404, "There is no such case.") from None


def show_case(
    desk: Desk,
    session: Session,
    case_id: int,
    *,
    said: str = "",
    problem: str = "",
    typed: str | None = None,
    status: int = 200,
) -> Response:
    """Render the page of a case; ``typed`` is what stood in the editor when something went wrong."""
    case = found_case(desk, case_id)
    return desk.page(
        "case.html",
        session,
        status=status,
        said=said,
        problem=problem,
        answer=answer_of(desk, session, case, typed),
        **_common(desk, session, case),
        **_talk(desk, case),
        **_side(desk, case),
    )


def answer_of(desk: Desk, session: Session, case: Case, typed: str | None = None) -> Answer:
    """Return how the answer to the newest post of a case stands."""
    try:
        mention = desk.answering.newest(case.id)
    except NotAllowed as refusal:
        verdict = Verdict(Mode.NEVER, refusal.reasons)
        return Answer(None, typed or "", verdict, "", None, None, [], kept=typed is not None)
    draft = desk.store.drafts.of_mention(mention.id)
    facts = gather(desk.store, desk.settings, desk.clock.now(), mention, automated=False)
    text = typed if typed is not None else draft.text if draft else ""
    return Answer(
        draft=draft,
        text=text,
        verdict=judge(facts),
        link=mention.post.url,
        pending=standing_answer(desk, mention),
        check=check_of(desk, case, replace(draft, text=text), session.agent) if draft else None,
        templates=_templates(desk, mention),
        earlier=desk.answering.written_before(case.id) if draft is None else None,
        by_hand_at=desk.answering.said_by_hand(case.id, session.agent),
        version=version_of(desk, case.id, mention.id),
        saved=draft.text if draft and typed is not None and draft.text.split() != typed.split() else "",
        tag=tag_of(draft) if draft else "",
        written=typed is not None or desk.answering.written_before(case.id) is not None,
        kept=typed is not None,
    )


def tag_of(draft: Draft) -> str:
    """Return what tells the words of a draft from any others, for the form in which somebody goes on with them."""
    return hashlib.sha256(draft.text.encode()).hexdigest()[:16]


def version_of(desk: Desk, case_id: int, mention_id: int) -> int:
    """Return which version of its post is the newest one: how often its words were changed since it was heard."""
    return len(desk.store.mentions.versions_in(case_id).get(mention_id, ()))


def standing_answer(desk: Desk, mention: Mention) -> OutboxMessage | None:
    """Return our answer to a post. A delivered automated reply is none: a person's answer is still owed."""
    standing = desk.store.outbox.answer_to(mention.post.platform, mention.post.external_id)
    return None if standing and is_acknowledgement(standing) else standing


def check_of(desk: Desk, case: Case, draft: Draft, agent: Agent) -> Check:
    """Return what is to be said about a draft that this agent would sign."""
    return Check(
        length=length_on(case.platform, draft.text),
        limit=LIMITS[case.platform],
        findings=desk.answering.findings(replace(draft, author=f"agent:{agent.id}")),
    )


def _templates(desk: Desk, mention: Mention) -> list[str]:
    assessment = desk.store.assessments.current([mention.id]).get(mention.id)
    language = assessment.language if assessment else mention.post.language
    answered_in = next((brand.languages for brand in desk.settings.brands if brand.name == mention.brand), [])
    names = [
        one.name for spoken in (language, *answered_in) for one in desk.templates.for_(mention.post.platform, spoken)
    ]
    return list(dict.fromkeys(names))


def _common(desk: Desk, session: Session, case: Case) -> dict[str, Any]:
    agents = {agent.id: agent for agent in desk.store.agents.all()}
    holder = agents.get(case.assignee_id) if case.assignee_id else None
    return {
        "case": case,
        "zone": desk.zone(case.brand),
        "agents": agents,
        "names": {agent.id: agent.name for agent in agents.values()},
        "holder": holder,
        "mine": holder is not None and holder.id == session.agent.id,
        "is_open": case.status is not CaseStatus.RESOLVED,
    }


def _talk(desk: Desk, case: Case) -> dict[str, Any]:
    mentions = desk.store.mentions.of_case(case.id)
    assessments = desk.store.assessments.current([mention.id for mention in mentions])
    said = [(one.post.posted_at, Turn(mention=one, assessment=assessments.get(one.id))) for one in mentions]
    answers = desk.store.outbox.of_case(case.id)
    ours = [(one.sent_at or one.approved_at, Turn(answer=one)) for one in answers]
    turns = [turn for _, turn in sorted((*said, *ours), key=lambda pair: pair[0])]
    return {
        "turns": turns,
        "versions": desk.store.mentions.versions_in(case.id),
        "on_its_way": _ON_ITS_WAY,
        "may_be_drafts": {one.id for one in answers if desk.answering.may_give_back(one)},
    }


def labels_to_choose(desk: Desk) -> dict[str, Sequence[str]]:
    """What an agent may say that a post is, by field; no topic where the operator has none."""
    topics = [topic.name for topic in desk.settings.topics]
    return {
        "sentiment": list(Sentiment),
        "complaint": ["yes", "no"],
        "kind": list(Kind),
        "severity": [*Severity, NO_SEVERITY],
        "topic": [*topics, OTHER_TOPIC] if topics else [],
    }


def _telling(desk: Desk, case_id: int, mentions: Sequence[Mention]) -> tuple[Mention | None, Assessment | None]:
    """The post by which the case is explained, with its assessment: the newest one as long as none was assessed."""
    mention_id, assessment = desk.store.assessments.telling([case_id]).get(case_id, (None, None))
    newest = mentions[-1] if mentions else None
    return next((one for one in mentions if one.id == mention_id), newest), assessment


def _side(desk: Desk, case: Case) -> dict[str, Any]:
    mentions = desk.store.mentions.of_case(case.id)
    shown, assessment = _telling(desk, case.id, mentions)
    return {
        "shown": shown,
        "earlier": shown is not None and shown.id != mentions[-1].id,
        "assessment": assessment,
        "decision": desk.store.assessments.decision(shown.id) if shown else None,
        "corrections": {one.field: one for one in desk.store.corrections.of_mention(shown.id)} if shown else {},
        "notes": desk.store.cases.notes(case.id),
        "events": list(reversed(desk.store.events.of_case(case.id))),
        "labels": labels_to_choose(desk),
    }
