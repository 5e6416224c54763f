"""The queue: which cases wait, in the order of work. The list and the strip above it come again every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.datastructures import QueryParams

from responders.desk.context import Desk, DeskNow
from responders.desk.signin import SignedIn
from responders.desk.views.probes import heartbeat_age
from responders.desk.words import first_words
from responders.pausing import why_paused
from store.cases import CaseFilter
from store.records import Agent, Case, CaseStatus, Platform, Priority, Severity

router = APIRouter()
PAGE = 50
_MOST_PAGES = 2000

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue."""

    case: Case
    text: str
    deleted: bool
    mentions: int
    reason: str
    holder: Agent | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an agent asked to see: the words of the address, cleaned, and the filter that they mean."""

    words: dict[str, str]
    filter: CaseFilter
    page: int

    def address(self, **changes: str | int) -> str:
        """Return the address of the queue with some words changed; an empty one is left out. Page 1 again."""
        words: dict[str, str | int] = {**self.words, **changes}
        kept = {name: value for name, value in words.items() if value not in ("", 1)}
        return f"/?{urlencode(kept)}" if kept else "/"

    def fragment_address(self) -> str:
        """Return the address of the list alone."""
        return "/queue?" + urlencode({**{name: word for name, word in self.words.items() if word}, "page": self.page})


@router.get("/")
def queue_page(request: Request, desk: DeskNow, session: SignedIn) -> Response:
    """Show the queue."""
    wanted = read_wanted(request.query_params, session.agent, desk.clock.now())
    choices = {
        "brands": [brand.name for brand in desk.settings.brands],
        "topics": [topic.name for topic in desk.settings.topics],
        "statuses": list(CaseStatus),
        "priorities": list(reversed(Priority)),
        "severities": list(reversed(Severity)),
    }
    return desk.page("queue.html", session, choices=choices, **_list(desk, wanted), **strip(desk))


@router.get("/queue")
def queue_list(request: Request, desk: DeskNow, session: SignedIn) -> Response:
    """Bring the list and the counts beside it, if they changed."""
    wanted = read_wanted(request.query_params, session.agent, desk.clock.now())
    return desk.fragment(request, "_queue.html", session, **_list(desk, wanted))


@router.get("/strip")
def strip_fragment(request: Request, desk: DeskNow, session: SignedIn) -> Response:
    """Bring the strip in the head of every page, if it changed."""
    return desk.fragment(request, "_strip.html", session, **strip(desk))


def strip(desk: Desk) -> dict[str, Any]:
    """Return what the head of every page tells: is sending paused, is anybody listening, what waits."""
    beat = heartbeat_age(desk)
    return {
        "paused": why_paused(desk.store, desk.settings),
        "silent": beat is None or beat > desk.silence_seconds,
        "heard_at": desk.store.glance.last_heard_at(),
        "open_cases": sum(desk.store.glance.open_by_queue().values()),
        "overdue_cases": desk.store.glance.overdue(desk.clock.now()),
    }


def read_wanted(query: QueryParams, agent: Agent, now: datetime) -> Wanted:
    """Read the filters of an address; what is not understood does not matter."""
    status = _word(CaseStatus, query.get("status") or "open")
    held = query.get("held", "") if query.get("held") in ("me", "free") else ""
    overdue = query.get("overdue") == "1"
    page = query.get("page", "1")
    found = CaseFilter(
        status=None if overdue else status,
        queue=query.get("queue") or None,
        brand=query.get("brand") or None,
        platform=_word(Platform, query.get("platform")),
        priority=_word(Priority, query.get("priority")),
        severity=_word(Severity, query.get("severity")),
        topic=query.get("topic") or None,
        assignee_id=agent.id if held == "me" else None,
        unassigned=held == "free",
        overdue_at=now if overdue else None,
    )
    plain = {
        name: getattr(found, name) or "" for name in ("queue", "brand", "platform", "priority", "severity", "topic")
    }
    words = {"status": "" if status is CaseStatus.OPEN else status or "all", "held": held, **plain}
    return Wanted(
        words={**words, "overdue": "1" if overdue else ""},
        filter=found,
        page=max(1, min(int(page), _MOST_PAGES)) if page.isascii() and page.isdecimal() and len(page) < 9 else 1,
    )


def _word(kind: type[_Word], value: str | None) -> _Word | None:
    return next((word for word in kind if word.value == value), None)


def _list(desk: Desk, wanted: Wanted) -> dict[str, Any]:
    store = desk.store
    cases = store.cases.queue(wanted.filter, PAGE + 1, (wanted.page - 1) * PAGE)
    shown = cases[:PAGE]
    previews = store.glance.previews([case.id for case in shown])
    told = store.assessments.telling([case.id for case in shown])
    agents = {agent.id: agent for agent in store.agents.all()}
    rows = []
    for case in shown:
        preview = previews.get(case.id)
        _, assessment = told.get(case.id, (0, None))
        # The post that made the case so grave may be gone: another one's reasons do not explain it.
        reasons = assessment.severity_reasons if assessment and assessment.severity is case.severity else ()
        rows.append(
            Row(
                case=case,
                text=first_words(preview.text) if preview else "",
                deleted=preview.deleted if preview else False,
                mentions=preview.mentions if preview else 0,
                reason=reasons[0] if reasons else "",
                holder=agents.get(case.assignee_id) if case.assignee_id else None,
            )
        )
    return {
        "wanted": wanted,
        "rows": rows,
        "more": len(cases) > PAGE,
        "first": (wanted.page - 1) * PAGE + 1,
        "queues": store.glance.open_by_queue(),
        "several_brands": len(desk.settings.brands) > 1,
    }
