"""The desk as a web application: what stands around every page, and the list of its parts.

Endpoints are plain functions, which the framework runs in threads, because the store waits on a disk.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.clock import Clock, SystemClock
from config.errors import StoreError
from config.settings import Settings
from responders.answers import Answering
from responders.cases import CaseWork
from responders.desk.context import FOLDER, Desk, Explain, RenderDigest, desk_of, make_pages
from responders.desk.signin import NotSignedIn, comes_from_elsewhere, guarded, signed_in, words_of
from responders.desk.views import account, actions, admin, case, digests, probes, queue, search, status
from responders.templates import Templates
from store.store import Store

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_SAFE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_LARGEST_BODY = 256 * 1024
_NO_PAGE = "There is no such page."
_FRAMEWORK_WORDS = {  # what the framework says by itself, and what it means to somebody at the desk
    "Not Found": _NO_PAGE,
    "Method Not Allowed": "This address takes what a form sends, and shows no page of its own.",
}


def create_desk(
    store: Store,
    settings: Settings,
    clock: Clock,
    answering: Answering,
    case_work: CaseWork,
    templates: Templates,
    render_digest: RenderDigest | None = None,
    wall: Clock | None = None,
    explain: Explain | None = None,
) -> FastAPI:
    """Return the desk. ``render_digest(digest, settings, for_mail)`` gives the inside of a digest's page.

    ``wall`` is the clock of sessions and sign-in links: the machine's own unless a test hands in another.
    ``explain(mention)`` gives each word of a post with what it weighed in the classifier's decision.
    """
    app = FastAPI(title="frankly", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = Desk(
        store=store,
        settings=settings,
        clock=clock,
        wall=wall or SystemClock(),
        answering=answering,
        case_work=case_work,
        templates=templates,
        render_digest=render_digest,
        explain=explain,
        pages=make_pages(),
    )
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.include_router(account.before)
    app.include_router(probes.router)
    for part in (account, queue, case, actions, search, status, digests, admin):
        app.include_router(part.router, dependencies=[Depends(guarded)])
    app.add_exception_handler(NotSignedIn, _to_sign_in)
    app.add_exception_handler(HTTPException, _error_page)
    app.add_exception_handler(RequestValidationError, _incomplete_form)
    app.add_exception_handler(Exception, _went_wrong)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings), www_redirect=False)
    app.add_middleware(_Safety)
    return app


def _hosts(settings: Settings) -> list[str]:
    """Return the names that the desk may be asked for: others are a sign of DNS rebinding."""
    public = urlsplit(settings.desk.public_url).hostname or ""
    addresses = [f"[{each}]" for each in (settings.desk.host, public) if ":" in each]
    if addresses:  # older Starlettes cut a host at its first colon, which leaves this of any; no name resolves to it
        addresses.append("[")
    return list({settings.desk.host, "localhost", "127.0.0.1", *addresses, *([public] if public else [])})


async def _to_sign_in(request: Request, _: Exception) -> Response:
    if "hx-request" in request.headers or request.method != "GET":
        return desk_of(request).page(
            "error.html",
            status=401,
            title="Signed out",
            sentence="You have been signed out. Sign in again to go on.",
            typed=await _typed(request),
        )
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(wanted)}", status_code=303)


async def _error_page(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # it is registered for nothing else
    titles = {403: "Not allowed", 404: "Not found", 405: "Not possible"}
    title = titles.get(error.status_code, "That did not work")
    sentence = _FRAMEWORK_WORDS.get(error.detail, error.detail)
    response = await _problem(request, error.status_code, title, sentence)
    response.headers.update(error.headers or {})
    return response


async def _incomplete_form(request: Request, _: Exception) -> Response:
    if request.method == "GET":  # no form: an address such as /cases/abc
        return await _problem(request, 404, "Not found", _NO_PAGE)
    sentence = "Something was missing in the form, or was not what it asks for. Go back and try again."
    return await _problem(request, 422, "That did not work", sentence)


async def _typed(request: Request) -> str:
    """Return the words of a form that was not taken, for its sender to copy: going back may not bring them again."""
    if request.method != "POST" or comes_from_elsewhere(request):
        return ""
    try:
        return words_of(await request.form())
    except HTTPException:  # it is broken
        return ""


async def _problem(request: Request, status: int, title: str, sentence: str) -> Response:
    """A page that says what was wrong, with the way to all others for who is signed in."""
    desk = desk_of(request)
    typed = await _typed(request)
    try:
        session = await run_in_threadpool(signed_in, request, desk)
    except NotSignedIn:
        session = None
    return desk.page("error.html", session, status=status, title=title, sentence=sentence, typed=typed)


def _went_wrong(request: Request, error: Exception) -> Response:
    """Answer what nobody expected. The framework then raises it again, for the log."""
    sentence = f"{error}." if isinstance(error, StoreError) else "That is a fault of frankly; its log says more."
    typed = getattr(request.state, "typed", "")
    response = desk_of(request).page(
        "error.html", status=500, title="That did not work", sentence=sentence, typed=typed
    )
    response.headers.update({**_SAFE_HEADERS, "Cache-Control": "no-store"})  # this answer leaves outside _Safety
    return response


class _Safety:
    """Puts the protective headers on every response, errors and files included, and refuses large bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        kept = scope["path"].startswith("/static/")

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_SAFE_HEADERS)
                headers["Cache-Control"] = "public, max-age=86400" if kept else "no-store"
            await send(message)

        if _too_large(scope):
            await Response("This form is too large.", status_code=413)(scope, receive, send_safely)
            return
        await self.app(scope, receive, send_safely)


def _too_large(scope: Scope) -> bool:
    """Tell whether a request brings more than a form of the desk ever does, or does not say how much."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    return b"transfer-encoding" in headers or not length.isdigit() or int(length) > _LARGEST_BODY
