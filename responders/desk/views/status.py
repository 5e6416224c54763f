"""Is frankly listening, what was not heard, what is on its way out, what it costs; and the pause."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from listener.coverage import coverage
from listener.spending import Spending
from responders.desk.context import DeskNow
from responders.desk.signin import SignedIn, at_least
from responders.desk.views.probes import heartbeat_age
from responders.desk.words import length
from responders.pausing import pause_sending, resume_sending, why_paused
from store.records import Platform, Role

router = APIRouter()
_GAPS = 50
_HEARD = timedelta(days=7)


@router.get("/status")
def status_page(desk: DeskNow, session: SignedIn) -> Response:
    """Show how the whole installation stands. Money counts by the UTC day, as the platforms bill."""
    store, now = desk.store, desk.clock.now()
    beat = heartbeat_age(desk)
    x = desk.settings.platforms.x
    return desk.page(
        "status.html",
        session,
        sources=store.sources.all(),
        lasting=_lasting,
        heard={one.source: one for one in coverage(store, now - _HEARD, now)},
        gaps=store.glance.gaps(_GAPS),
        outbox=store.outbox.count_by_state(),
        cases=store.cases.count_by_status(),
        waiting=store.glance.waiting(),
        beat=None if beat is None else timedelta(seconds=beat),
        silent=beat is None or beat > desk.silence_seconds,
        paused=why_paused(store, desk.settings),
        sending={Platform.X: x.sending, Platform.REDDIT: desk.settings.platforms.reddit.sending},
        budgets=Spending(store, desk.settings, desk.clock).budgets(),
        zone="UTC",
    )


def _lasting(seconds: int) -> str:
    return length(timedelta(seconds=seconds))


@router.post("/pause", dependencies=[at_least(Role.MANAGER)])
def pause(desk: DeskNow, session: SignedIn, reason: Annotated[str, Form(max_length=300)] = "") -> Response:
    """Stop all sending (managers and admins)."""
    pause_sending(desk.store, desk.clock, f"agent:{session.agent.id}", reason.strip() or "no reason given")
    return RedirectResponse("/status", status_code=303)


@router.post("/resume", dependencies=[at_least(Role.MANAGER)])
def resume(desk: DeskNow, session: SignedIn) -> Response:
    """Let sending go on (managers and admins)."""
    resume_sending(desk.store, desk.clock, f"agent:{session.agent.id}")
    return RedirectResponse("/status", status_code=303)
