"""Who is at the desk: passwords, one-time links, sessions and the token that every change must carry."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Annotated, Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Depends, HTTPException, Request, Response
from starlette.datastructures import FormData

from responders.desk.context import Desk, DeskNow
from store.records import Agent, Event, Role
from store.sessions import Session
from store.store import Store

SESSION_COOKIE = "frankly_session"
FORM_COOKIE = "frankly_form"  # the CSRF token of forms that are filled in before anybody is signed in
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
_LINK_LASTS = timedelta(minutes=15)
_FAILURES = 5
_FAILURES_FROM = 30  # from one address, behind which a whole office may sit
_WITHIN = timedelta(minutes=15)

_hasher = PasswordHasher()
# Each check takes 64 MiB and a core for a moment: strangers who try passwords may not take all of them.
checks = threading.BoundedSemaphore(2)
# Whoever waits for that holds one of the desk's forty threads: the line is short, so that everybody else is served.
_line = threading.BoundedSemaphore(8)


class NotSignedIn(Exception):
    """Nobody is signed in with this browser."""


class TooManyTries(Exception):
    """A username or an address failed too often; no password is looked at for a while."""


class TooManyAtOnce(Exception):
    """More people sign in at this moment than can be checked."""


def hash_password(password: str) -> str:
    """Return the argon2 hash of a password; ``ValueError`` when it is too short or too long, or ``TooManyAtOnce``."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; this has {len(password)}"
        )
    with _in_line(), checks:
        return _hasher.hash(password)


# Checked when there is no such agent, so that the time an answer takes does not tell who exists.
_NOBODYS_HASH = _hasher.hash(secrets.token_hex(16))


def password_fits(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is the one that was hashed. ``TooManyAtOnce`` where too many others are in line."""
    with _in_line(), checks:
        try:
            fits = _hasher.verify(password_hash or _NOBODYS_HASH, password[: LONGEST_PASSWORD + 1])
        except (VerificationError, InvalidHashError):
            return False
    return fits and password_hash is not None


def token_hash(token: str) -> str:
    """Return what the store keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def not_well_named(username: str, name: str, initials: str) -> str:
    """Return what is wrong with an agent's names, or nothing."""
    if not username or len(username) > 64 or not username.isprintable() or " " in username:
        return "A username is one word of up to 64 characters."
    if not name or not name.isprintable():
        return "Say the agent's name: colleagues see it."
    if not 1 <= len(initials) <= 4 or not initials.isalpha():
        return "Initials are one to four letters: answers are signed with them."
    return ""


def make_login_link(store: Store, agent: Agent, base_url: str, now: datetime) -> str:
    """Return an address that signs an agent in once, within 15 minutes. ``now`` is real time."""
    token = secrets.token_urlsafe(32)
    with store.transaction():
        store.sessions.add_link(token_hash(token), agent.id, now + _LINK_LASTS)
    return f"{base_url.rstrip('/')}/sign-in/link/{token}"


def check_password(desk: Desk, username: str, password: str, address: str) -> Agent | None:
    """Return the agent whose password this is, or None. Whoever is signed in already may guess no more often.

    ``TooManyTries`` after five failures of the username in 15 minutes, or thirty from the address. ``TooManyAtOnce``
    where too many others are in line.
    """
    now = desk.wall.now()
    sessions = desk.store.sessions
    if (
        sessions.failures(username, now - _WITHIN) >= _FAILURES
        or sessions.failures_from(address, now - _WITHIN) >= _FAILURES_FROM
    ):
        raise TooManyTries
    agent = desk.store.agents.by_username(username)
    stored = desk.store.agents.password_hash(agent.id) if agent and agent.disabled_at is None else None
    fits = password_fits(stored, password)
    with desk.store.transaction():
        if not fits:
            sessions.add_failure(username, address, now, now - _WITHIN)
            return None
        sessions.forgive(username)
    return agent


@contextmanager
def _in_line() -> Iterator[None]:
    if not _line.acquire(blocking=False):
        raise TooManyAtOnce
    try:
        yield
    finally:
        _line.release()


def address_of(request: Request) -> str:
    """Return where a request comes from. One household has a whole /64 of IPv6 addresses, which count as one."""
    host = request.client.host if request.client else ""
    try:
        found = ip_address(host)
    except ValueError:
        return host
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False).network_address)


def sign_in(desk: Desk, agent: Agent, response: Response, how: str) -> None:
    """Start a session and give its token to the browser."""
    token, now = secrets.token_urlsafe(32), desk.wall.now()
    lasts = desk.settings.desk.session
    with desk.store.transaction():
        desk.store.sessions.start(token_hash(token), agent.id, secrets.token_urlsafe(32), now, now + lasts)
        desk.store.events.add(
            Event(at=desk.clock.now(), kind="agent.signed_in", actor=f"agent:{agent.id}", detail={"how": how})
        )
    _set_cookie(desk, response, SESSION_COOKIE, token, lasts)
    response.delete_cookie(FORM_COOKIE)


def give_form_token(desk: Desk, request: Request, response: Response, token: str) -> None:
    """Leave the token of a form with the browser, to be compared when the form comes back."""
    if request.cookies.get(FORM_COOKIE) != token:
        _set_cookie(desk, response, FORM_COOKIE, token, timedelta(hours=1))


def form_token(request: Request) -> str:
    """Return the token for a form that is filled in before anybody is signed in."""
    known = request.cookies.get(FORM_COOKIE, "")
    return known if len(known) == 43 else secrets.token_urlsafe(32)


def _set_cookie(desk: Desk, response: Response, name: str, value: str, lasts: timedelta) -> None:
    settings = desk.settings.desk
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="lax",
        # One request over http, which anybody on the way can cause, would tell them the session.
        secure=settings.secure_cookies or settings.public_url.lower().startswith("https:"),
        path="/",
    )


def signed_in(request: Request, desk: DeskNow) -> Session:
    """Return the session of a request; ``NotSignedIn`` when there is none."""
    token = request.cookies.get(SESSION_COOKIE)
    session = desk.store.sessions.find(token_hash(token), desk.wall.now()) if token else None
    if session is None:
        raise NotSignedIn
    return session


SignedIn = Annotated[Session, Depends(signed_in)]


def comes_from_elsewhere(request: Request) -> bool:
    """Tell whether a browser says that another site's page made a request."""
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def words_of(form: FormData) -> str:
    """Return what somebody wrote in a form: an answer or a note."""
    text = form.get("text")
    return text if isinstance(text, str) else ""


async def _check_csrf(request: Request, expected: str) -> None:
    if request.method in ("GET", "HEAD"):
        return
    sent = (await request.form()).get("csrf_token")
    if (
        comes_from_elsewhere(request)
        or not isinstance(sent, str)
        or not hmac.compare_digest(sent.encode(), expected.encode())
    ):
        raise HTTPException(
            403,
            "This form did not come from a page of this desk, or is from before you signed in. Go back and reload.",
        )


async def guarded(request: Request, session: SignedIn) -> None:
    """Let in who is signed in, and changes only with the session's CSRF token. Stands before every router."""
    await _check_csrf(request, session.csrf_token)
    if request.method == "POST":
        request.state.typed = words_of(await request.form())  # where the desk fails, its page gives them back


async def guarded_form(request: Request) -> None:
    """The same for the forms before signing in: the token in the form must be the one in the cookie."""
    await _check_csrf(request, request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32))


def at_least(role: Role) -> Any:
    """Return a dependency that lets in agents of a role or a higher one, and says 403 to others."""

    def check(session: SignedIn) -> None:
        if session.agent.role.rank < role.rank:
            raise HTTPException(403, f"This needs the role {role.value}; yours is {session.agent.role.value}.")

    return Depends(check)
