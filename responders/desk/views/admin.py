"""Agents: who may sign in, and as what. For admins."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from responders.desk.context import Desk, DeskNow
from responders.desk.signin import SignedIn, at_least, make_login_link, not_well_named
from store.records import Agent, Event, Role
from store.sessions import Session

router = APIRouter(prefix="/agents", dependencies=[at_least(Role.ADMIN)])

_Field = Annotated[str, Form(max_length=100)]
_LAST_ADMIN = "This is the last admin: make somebody else an admin first."


@router.get("")
def agents_page(desk: DeskNow, session: SignedIn) -> Response:
    """List the agents."""
    return _page(desk, session)


@router.post("")
def add_agent(
    desk: DeskNow, session: SignedIn, username: _Field, name: _Field, initials: _Field, role: Annotated[Role, Form()]
) -> Response:
    """Add an agent, who signs in with a one-time link first."""
    typed = {"username": username, "name": name, "initials": initials, "role": role}
    problem = not_well_named(username.strip(), name.strip(), initials.strip())
    if problem:
        return _page(desk, session, problem=problem, typed=typed, status=422)
    try:
        with desk.store.transaction():
            agent = desk.store.agents.add(
                username.strip(), name.strip(), initials.strip(), role, None, desk.clock.now()
            )
            _tell(desk, session, "agent.added", agent, role=role)
    except ValueError as error:
        return _page(desk, session, problem=f"{error}.".capitalize(), typed=typed, status=422)
    return RedirectResponse("/agents", status_code=303)


@router.post("/{agent_id}/link")
def sign_in_link(request: Request, desk: DeskNow, session: SignedIn, agent_id: int) -> Response:
    """Make a one-time sign-in link and show it once."""
    agent = _found(desk, agent_id)
    base = desk.settings.desk.public_url or str(request.base_url)
    link = make_login_link(desk.store, agent, base, desk.wall.now())
    return _page(desk, session, link=link, link_for=agent)


@router.post("/{agent_id}/role")
def change_role(desk: DeskNow, session: SignedIn, agent_id: int, role: Annotated[Role, Form()]) -> Response:
    """Change what an agent may do."""
    with desk.store.transaction():
        agent = _found(desk, agent_id)
        if role is not Role.ADMIN and _is_last_admin(desk, agent):
            return _page(desk, session, problem=_LAST_ADMIN, status=409)
        desk.store.agents.set_role(agent.id, role)
        _tell(desk, session, "agent.changed", agent, role=role)
    return RedirectResponse("/agents", status_code=303)


@router.post("/{agent_id}/disable")
def disable(desk: DeskNow, session: SignedIn, agent_id: int) -> Response:
    """Keep an agent out from now on, and free their cases."""
    with desk.store.transaction():
        agent = _found(desk, agent_id)
        if _is_last_admin(desk, agent):
            return _page(desk, session, problem=_LAST_ADMIN, status=409)
        desk.store.agents.disable(agent.id, desk.clock.now())
        desk.case_work.leave(agent, f"agent:{session.agent.id}")
        _tell(desk, session, "agent.changed", agent, disabled=True)
    return RedirectResponse("/agents", status_code=303)


@router.post("/{agent_id}/enable")
def enable(desk: DeskNow, session: SignedIn, agent_id: int) -> Response:
    """Let a disabled agent in again."""
    with desk.store.transaction():
        agent = _found(desk, agent_id)
        desk.store.agents.enable(agent.id)
        _tell(desk, session, "agent.changed", agent, disabled=False)
    return RedirectResponse("/agents", status_code=303)


@router.post("/{agent_id}/forget-password")
def forget_password(desk: DeskNow, session: SignedIn, agent_id: int) -> Response:
    """Take an agent's password away, so that they can set a new one after signing in with a link.

    They are signed out as well: whoever had got hold of the old one could set the new one else.
    """
    with desk.store.transaction():
        agent = _found(desk, agent_id)
        desk.store.agents.set_password(agent.id, None)
        desk.store.sessions.end_others(agent.id, session.token_hash)
        _tell(desk, session, "agent.changed", agent, changed="password taken away")
    return RedirectResponse("/agents", status_code=303)


def _page(
    desk: Desk,
    session: Session,
    *,
    problem: str = "",
    typed: Mapping[str, str] = MappingProxyType({}),
    link: str = "",
    link_for: Agent | None = None,
    status: int = 200,
) -> Response:
    agents = desk.store.agents.all()
    values = {"agents": agents, "roles": list(Role), "problem": problem, "link": link, "link_for": link_for}
    return desk.page("agents.html", session, status=status, typed=typed, **values)


def _found(desk: Desk, agent_id: int) -> Agent:
    try:
        return desk.store.agents.get(agent_id)
    except (KeyError, OverflowError):
        raise HTTPException(404, "There is no such agent.") from None


def _is_last_admin(desk: Desk, agent: Agent) -> bool:
    is_admin = agent.role is Role.ADMIN and agent.disabled_at is None
    return is_admin and desk.store.agents.active_admins() == 1


def _tell(desk: Desk, session: Session, kind: str, agent: Agent, **detail: object) -> None:
    desk.store.events.add(
        Event(
            at=desk.clock.now(),
            kind=kind,
            actor=f"agent:{session.agent.id}",
            detail={"agent_id": agent.id, **detail},
        )
    )
