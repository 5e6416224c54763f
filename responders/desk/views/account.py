"""Signing in, by password or by a one-time link; signing out; one's own password."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from responders.desk.context import Desk, DeskNow
from responders.desk.signin import (
    SESSION_COOKIE,
    SignedIn,
    TooManyAtOnce,
    TooManyTries,
    address_of,
    check_password,
    form_token,
    give_form_token,
    guarded_form,
    hash_password,
    sign_in,
    token_hash,
)
from store.sessions import Session

before = APIRouter(dependencies=[Depends(guarded_form)])
router = APIRouter()

_Field = Annotated[str, Form(max_length=300)]
_AT_ONCE = "Many sign-ins arrive at once. Try again in a moment."


@before.get("/sign-in")
def sign_in_page(request: Request, desk: DeskNow, next: str = "/") -> Response:
    """Ask for username and password."""
    return _before_page(request, desk, "sign_in.html", next=local_path(next), username="", problem="")


@before.post("/sign-in")
def sign_in_with_password(
    request: Request, desk: DeskNow, username: _Field, password: _Field, next: _Field = "/"
) -> Response:
    """Sign in with a password."""
    try:
        agent = check_password(desk, username.strip()[:64], password, address_of(request))
        status, problem = 401, "Username and password do not fit together."
    except TooManyTries:
        agent, status = None, 429
        problem = "Too many tries failed. Wait 15 minutes, or ask an admin for a one-time sign-in link."
    except TooManyAtOnce:
        agent, status, problem = None, 429, _AT_ONCE
    if agent is None:
        page = {"next": local_path(next), "username": username, "problem": problem}
        return _before_page(request, desk, "sign_in.html", status=status, **page)
    response = RedirectResponse(local_path(next), status_code=303)
    sign_in(desk, agent, response, "password")
    return response


@before.get("/sign-in/link/{token}")
def link_page(request: Request, desk: DeskNow, token: str) -> Response:
    """Offer the button that uses the link up; opening the page alone does not, so that previews cannot."""
    return _before_page(request, desk, "sign_in_link.html", link_token=token[:100])


@before.post("/sign-in/link/{token}")
def sign_in_with_link(request: Request, desk: DeskNow, token: str) -> Response:
    """Sign in with a one-time link."""
    with desk.store.transaction():
        agent_id = desk.store.sessions.use_link(token_hash(token), desk.wall.now())
    if agent_id is None:
        problem = "This link was used, or is older than 15 minutes. Ask for a new one."
        return _before_page(request, desk, "sign_in.html", status=410, next="/", username="", problem=problem)
    response = RedirectResponse("/", status_code=303)
    sign_in(desk, desk.store.agents.get(agent_id), response, "link")
    return response


@router.post("/sign-out")
def sign_out(desk: DeskNow, session: SignedIn) -> Response:
    """End this session."""
    with desk.store.transaction():
        desk.store.sessions.end(session.token_hash)
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(SESSION_COOKIE)
    return response


@router.get("/account")
def account_page(desk: DeskNow, session: SignedIn, said: str = "") -> Response:
    """Show one's own account."""
    return _account(desk, session, said="Your password is set." if said == "password" else "")


@router.post("/account/password")
def set_password(
    request: Request, desk: DeskNow, session: SignedIn, new: _Field, again: _Field, current: _Field = ""
) -> Response:
    """Set one's password; the present one is asked for where there is one. Other browsers are signed out."""
    try:
        if not _is_present_password(desk, session, current, address_of(request)):
            return _account(desk, session, problem="That is not your present password.", status=422)
        if new != again:
            return _account(desk, session, problem="The two new passwords differ.", status=422)
        hashed = hash_password(new)
    except ValueError as error:
        return _account(desk, session, problem=f"{error}.".capitalize(), status=422)
    except TooManyTries:
        return _account(desk, session, problem="Too many tries failed. Wait 15 minutes.", status=429)
    except TooManyAtOnce:
        return _account(desk, session, problem=_AT_ONCE, status=429)
    with desk.store.transaction():
        desk.store.agents.set_password(session.agent.id, hashed)
        desk.store.sessions.end_others(session.agent.id, session.token_hash)
    return RedirectResponse("/account?said=password", status_code=303)


def _is_present_password(desk: Desk, session: Session, password: str, address: str) -> bool:
    """Tell whether whoever is signed in knows their password, or has none. Guesses count as at signing in."""
    agent = session.agent
    if desk.store.agents.password_hash(agent.id) is None:
        return True
    return check_password(desk, agent.username, password, address) is not None


def local_path(path: str) -> str:
    """Return a path on this desk; anything that might lead elsewhere becomes the queue."""
    leads_elsewhere = not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable()
    return "/" if leads_elsewhere else path


def _account(desk: Desk, session: Session, *, said: str = "", problem: str = "", status: int = 200) -> Response:
    has_password = desk.store.agents.password_hash(session.agent.id) is not None
    return desk.page("account.html", session, status=status, said=said, problem=problem, has_password=has_password)


def _before_page(request: Request, desk: Desk, template: str, status: int = 200, **values: Any) -> Response:
    token = form_token(request)
    response = desk.page(template, status=status, form_token=token, **values)
    give_form_token(desk, request, response, token)
    return response
