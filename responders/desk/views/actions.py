"""What an agent can do to a case. Each changes something, then shows the case again, or says why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, HTTPException, Response
from fastapi.responses import RedirectResponse

from responders.answers import NotAllowed
from responders.cases import HeldByOther, RoleTooLow
from responders.desk.context import Desk, DeskNow
from responders.desk.signin import SignedIn, at_least
from responders.desk.views.case import found_case, labels_to_choose, show_case, standing_answer, tag_of, version_of
from store.records import NO_SEVERITY, Agent, Assessment, Case, Draft, Event, Kind, OutboxMessage, Role
from store.sessions import Session

router = APIRouter(prefix="/cases/{case_id}")

_Short = Annotated[str, Form(max_length=500)]
_Text = Annotated[str, Form(max_length=20_000)]
_MORNING = time(9)
_LONGEST_REST = timedelta(days=366)
_OTHER_WORDS = (
    "Other words were saved here since you loaded the page. Read them below; what you save now replaces them."
)


class _Wrong(Exception):
    """What was filled in cannot be meant."""


def _do(
    desk: Desk,
    session: Session,
    case_id: int,
    said: str | Callable[[], str],
    work: Callable[[], object],
    typed: str | None = None,
) -> Response:
    """Do the work and go back to the case; on a conflict show the case as it is now, and what stood in the way.

    ``said`` names what is told of it; as a function it is asked when the work is done.
    """
    found_case(desk, case_id)
    try:
        work()
    except (HeldByOther, NotAllowed, RoleTooLow) as refusal:
        return show_case(desk, session, case_id, problem=f"{refusal}", typed=typed, status=409)
    except _Wrong as wrong:
        return show_case(desk, session, case_id, problem=f"{wrong}", typed=typed, status=422)
    told = said if isinstance(said, str) else said()
    return RedirectResponse(f"/cases/{case_id}?said={told}", status_code=303)


@router.post("/claim")
def claim(desk: DeskNow, session: SignedIn, case_id: int) -> Response:
    """Take a case, and begin its answer."""

    def work() -> None:
        desk.case_work.claim(case_id, session.agent)
        _begin_answer(desk, case_id, session.agent)

    return _do(desk, session, case_id, "claimed", work)


def _begin_answer(desk: Desk, case_id: int, agent: Agent) -> None:
    """Make a draft for the newest post, unless it has an answer or is gone."""
    try:
        mention = desk.answering.newest(case_id)
    except NotAllowed:
        return
    if standing_answer(desk, mention) is None:
        desk.answering.draft(case_id, f"agent:{agent.id}")


@router.post("/release")
def release(desk: DeskNow, session: SignedIn, case_id: int) -> Response:
    """Give a case back."""
    return _do(desk, session, case_id, "released", lambda: desk.case_work.release(case_id, session.agent))


@router.post("/assign", dependencies=[at_least(Role.MANAGER)])
def assign(desk: DeskNow, session: SignedIn, case_id: int, to: Annotated[int, Form()]) -> Response:
    """Give a case to somebody (managers and admins)."""

    def work() -> None:
        try:
            agent = desk.store.agents.get(to)
        except (KeyError, OverflowError):
            raise _Wrong("There is no such agent.") from None
        desk.case_work.assign(case_id, session.agent, agent)

    return _do(desk, session, case_id, "assigned", work)


@router.post("/escalate")
def escalate(desk: DeskNow, session: SignedIn, case_id: int, reason: _Short = "") -> Response:
    """Make a case urgent."""
    return _do(desk, session, case_id, "escalated", lambda: desk.case_work.escalate(case_id, session.agent, reason))


@router.post("/pending")
def pending(desk: DeskNow, session: SignedIn, case_id: int) -> Response:
    """Wait for the customer."""
    return _do(desk, session, case_id, "pending", lambda: desk.case_work.pending(case_id, session.agent))


@router.post("/resolve")
def resolve(desk: DeskNow, session: SignedIn, case_id: int, reason: _Short = "") -> Response:
    """Close a case."""
    return _do(desk, session, case_id, "resolved", lambda: desk.case_work.resolve(case_id, session.agent, reason))


@router.post("/reopen")
def reopen(desk: DeskNow, session: SignedIn, case_id: int) -> Response:
    """Open a case again."""
    actor = f"agent:{session.agent.id}"
    return _do(desk, session, case_id, "reopened", lambda: desk.case_work.reopen(case_id, actor))


@router.post("/snooze")
def snooze(desk: DeskNow, session: SignedIn, case_id: int, until: _Short, at: _Short = "") -> Response:
    """Let a case rest: for an hour, until tomorrow morning, or until a time in the brand's time zone."""

    def work() -> None:
        case = found_case(desk, case_id)
        moment = snooze_until(until, at, desk.clock.now(), desk.zone(case.brand))
        desk.case_work.snooze(case_id, session.agent, moment)

    return _do(desk, session, case_id, "snoozed", work)


def snooze_until(choice: str, at: str, now: datetime, zone: str) -> datetime:
    """Return the moment a choice means; ``at`` is a local time as browsers write it (2026-03-02T09:00)."""
    there = ZoneInfo(zone)
    if choice == "hour":
        return now + timedelta(hours=1)
    if choice == "tomorrow":
        return datetime.combine(now.astimezone(there).date() + timedelta(days=1), _MORNING, there)
    try:
        moment = datetime.fromisoformat(at).replace(tzinfo=there)
    except ValueError:
        raise _Wrong("Say until when the case rests: a day and a time.") from None
    if moment <= now:
        raise _Wrong("The time to wake the case has passed already; choose a later one.")
    if moment - now > _LONGEST_REST:  # a slip of the keys: nobody would ever see the case again
        raise _Wrong("A case rests for a year at most; choose an earlier time.")
    return moment


@router.post("/note")
def note(desk: DeskNow, session: SignedIn, case_id: int, text: _Text) -> Response:
    """Write an internal note."""

    def work() -> None:
        if not text.strip():
            raise _Wrong("The note is empty.")
        desk.case_work.note(case_id, session.agent, text.strip())

    return _do(desk, session, case_id, "noted", work)


@router.post("/begin")
def begin(desk: DeskNow, session: SignedIn, case_id: int) -> Response:
    """Begin the answer to the newest post."""

    def work() -> None:
        desk.case_work.working(case_id, session.agent)
        _begin_answer(desk, case_id, session.agent)

    return _do(desk, session, case_id, "begun", work)


@router.post("/draft")
def save_draft(
    desk: DeskNow,
    session: SignedIn,
    case_id: int,
    text: _Text = "",
    version: _Short = "0",
    tag: _Short = "",
) -> Response:
    """Keep what stands in the editor. ``version`` is that of the post which it was written for.

    ``tag`` tells the words that the agent went on with.
    """
    told = ["saved"]

    def work() -> None:
        draft = _edited(desk, session, case_id, text, tag)
        if not _as_it_reads_now(desk, draft, version):
            told.append("saved_edited")
        if desk.store.outbox.replaced_since(draft.mention_id, draft.updated_at):
            desk.answering.edit(draft.id, session.agent, draft.text)  # who saves the same words again stands by them

    return _do(desk, session, case_id, lambda: told[-1], work, typed=text)


@router.post("/template")
def use_template(desk: DeskNow, session: SignedIn, case_id: int, template: _Short = "", text: _Text = "") -> Response:
    """Put a reply template's text into the draft, in place of what stood there."""

    def work() -> None:
        desk.case_work.working(case_id, session.agent)
        try:
            desk.answering.draft(case_id, f"agent:{session.agent.id}", template=template or None)
        except KeyError:
            raise _Wrong("There is no such reply template for this post.") from None

    return _do(desk, session, case_id, "saved", work, typed=text)


@router.post("/approve")
def approve(
    desk: DeskNow,
    session: SignedIn,
    case_id: int,
    text: _Text = "",
    override: _Short = "",
    about: _Short = "",
    version: _Short = "0",
    tag: _Short = "",
) -> Response:
    """Approve the words in the editor: they go out after the hold.

    ``about`` is the post that they were written for, and ``version`` which version of it the agent had before them.
    ``tag`` tells the words that the agent went on with.
    """

    def work() -> None:
        draft = _edited(desk, session, case_id, text, tag)
        if about and about != str(draft.mention_id):
            raise NotAllowed(("The author has written again meanwhile. Read that, then approve your answer.",))
        if not _as_it_reads_now(desk, draft, version):
            raise NotAllowed(("The post was edited meanwhile. Read it again, then approve your answer.",))
        desk.answering.approve(draft.id, session.agent, override=override)

    return _do(desk, session, case_id, "approved", work, typed=text)


def _edited(desk: Desk, session: Session, case_id: int, text: str, tag: str) -> Draft:
    """Store what stands in the editor, if it differs from the draft for the newest post, and return that draft.

    ``NotAllowed`` where somebody wrote other words there since the page was loaded: they are shown first.
    """
    mention = desk.answering.newest(case_id)
    if standing_answer(desk, mention) is not None:
        raise NotAllowed(("There is already an answer of ours to this post.",))
    draft = desk.answering.draft(case_id, f"agent:{session.agent.id}")
    text = _plain(text)
    if text != draft.text:
        if tag and tag != tag_of(draft) and desk.answering.written_before(case_id) is not None:
            raise NotAllowed((_OTHER_WORDS,))
        draft = desk.answering.edit(draft.id, session.agent, text)
    return draft


def _as_it_reads_now(desk: Desk, draft: Draft, version: str) -> bool:
    """Tell whether a form was made when the post read as it does now."""
    return version == str(version_of(desk, draft.case_id, draft.mention_id))


def _plain(text: str) -> str:
    """Return what was typed; browsers send line ends as CRLF."""
    return text.replace("\r\n", "\n").strip()


@router.post("/by-hand")
def by_hand(desk: DeskNow, session: SignedIn, case_id: int, about: _Short = "", text: _Text = "") -> Response:
    """Note that the agent answered on the platform's own page. ``about`` is the newest post that they had read."""

    def work() -> None:
        if about and about != str(desk.answering.newest(case_id).id):
            raise NotAllowed(("The author has written again meanwhile. Read that, then say what you answered.",))
        desk.answering.by_hand(case_id, session.agent, _plain(text))

    return _do(desk, session, case_id, "by_hand", work, typed=text or None)


@router.post("/not-by-hand")
def not_by_hand(desk: DeskNow, session: SignedIn, case_id: int) -> Response:
    """Take back that the agent answered on the platform's own page."""
    return _do(desk, session, case_id, "not_by_hand", lambda: desk.answering.not_by_hand(case_id, session.agent))


@router.post("/answers/{outbox_id}/take-back")
def take_back(desk: DeskNow, session: SignedIn, case_id: int, outbox_id: int) -> Response:
    """Take an approved answer back before it leaves."""
    message = _answer_of_case(desk, case_id, outbox_id)

    def work() -> None:
        desk.case_work.working(case_id, session.agent)
        desk.answering.take_back(message.id, session.agent)

    return _do(desk, session, case_id, "taken_back", work)


@router.post("/answers/{outbox_id}/give-back")
def give_back(desk: DeskNow, session: SignedIn, case_id: int, outbox_id: int) -> Response:
    """Make a draft again of an answer that was parked or refused."""
    message = _answer_of_case(desk, case_id, outbox_id)

    def work() -> None:
        desk.case_work.working(case_id, session.agent)
        desk.answering.give_back(message.id, session.agent)

    return _do(desk, session, case_id, "given_back", work)


def _answer_of_case(desk: Desk, case_id: int, outbox_id: int) -> OutboxMessage:
    found_case(desk, case_id)
    message = next((one for one in desk.store.outbox.of_case(case_id) if one.id == outbox_id), None)
    if message is None:
        raise HTTPException(404, "There is no such answer in this case.")
    return message


@router.post("/correct")
def correct(
    desk: DeskNow,
    session: SignedIn,
    case_id: int,
    mention_id: Annotated[int, Form()],
    sentiment: _Short = "",
    complaint: _Short = "",
    kind: _Short = "",
    severity: _Short = "",
    topic: _Short = "",
) -> Response:
    """Say what the classifier got wrong. The assessment stays; the correction stands beside it.

    Another kind says whether it is a complaint too, where the agent did not.
    """
    if kind and not complaint:
        complaint = "yes" if kind == Kind.COMPLAINT else "no"
    wanted = {"sentiment": sentiment, "complaint": complaint, "kind": kind, "severity": severity, "topic": topic}
    kept: list[str] = []

    def work() -> None:
        case = found_case(desk, case_id)
        labels = labels_to_choose(desk)
        if any(value and value not in labels[field] for field, value in wanted.items()):
            raise _Wrong("That is not one of the labels to choose from.")
        if mention_id not in {mention.id for mention in desk.store.mentions.of_case(case_id)}:
            raise _Wrong("That post is not part of this case.")
        assessment = desk.store.assessments.current([mention_id]).get(mention_id)
        if assessment is None:
            raise _Wrong("The classifier has not read that post yet.")
        kept.extend(_store_corrections(desk, session, case, mention_id, assessment, wanted))

    return _do(desk, session, case_id, lambda: "corrected" if kept else "uncorrected", work)


def _store_corrections(
    desk: Desk, session: Session, case: Case, mention_id: int, assessment: Assessment, wanted: dict[str, str]
) -> list[str]:
    """Keep the fields that differ from what counted until now: the latest correction, or else the assessment.

    Returns those fields.
    """
    now = desk.clock.now()
    kept = []
    with desk.store.transaction():
        known = {one.field: one.corrected for one in desk.store.corrections.of_mention(mention_id)}
        for field, value in wanted.items():
            was = said(assessment, field)
            if not value or value == known.get(field, was):
                continue
            kept.append(field)
            desk.store.corrections.add(mention_id, session.agent.id, field, was, value, now)
            desk.store.events.add(
                Event(
                    at=now,
                    kind="mention.corrected",
                    actor=f"agent:{session.agent.id}",
                    mention_id=mention_id,
                    case_id=case.id,
                    brand=case.brand,
                    detail={"field": field, "was": was, "corrected": value},
                )
            )
    return kept


def said(assessment: Assessment, field: str) -> str | None:
    """Return what the classifier said of a field, in the words of the desk."""
    value: object = getattr(assessment, field)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None and field == "severity":
        return NO_SEVERITY
    return None if value is None else str(value)
