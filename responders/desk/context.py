"""What every view of the desk works with, and how it makes a page of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from config.clock import Clock
from config.settings import Settings
from responders.answers import Answering
from responders.cases import CaseWork
from responders.desk import words
from responders.digest.records import Digest
from responders.templates import Templates
from store.records import Agent, Mention
from store.sessions import Session
from store.store import Store

FOLDER = Path(__file__).parent
RenderDigest = Callable[[Digest, Settings, bool], str]  # the last one says: for a mail
Explain = Callable[[Mention], Sequence[tuple[str, float]]]  # each word, and how much it spoke for the decision
_NO_TAG = "0" * 32  # stands where the tag will be; a page with it asks for its fragments at once


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts behind the pages. ``clock`` is the domain's, ``wall`` the machine's own: sessions go by that."""

    store: Store
    settings: Settings
    clock: Clock
    wall: Clock
    answering: Answering
    case_work: CaseWork
    templates: Templates
    render_digest: RenderDigest | None
    pages: Environment
    explain: Explain | None = None
    running_digests: dict[tuple[str, date], tuple[float, Digest]] = field(default_factory=dict)  # made a moment ago
    silence_seconds: float = 90  # without a heartbeat for longer, the daemon is taken for dead

    def zone(self, brand: str) -> str:
        """Return a brand's time zone; UTC for a brand that the settings no longer name."""
        return next((known.time_zone for known in self.settings.brands if known.name == brand), "UTC")

    def names(self) -> dict[int, str]:
        """Return the agents' names by id, disabled ones as well: history names them."""
        return {agent.id: agent.name for agent in self.store.agents.all()}

    def page(self, template: str, session: Session | None = None, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a template; ``session`` gives it the agent and the CSRF token."""
        agent: Agent | None = session.agent if session else None
        text = self.pages.get_template(template).render(
            desk=self,
            now=self.clock.now(),
            agent=agent,
            token=partial(_token_field, session.csrf_token if session else ""),
            **{"etag": _NO_TAG, **values},
        )
        return HTMLResponse(text, status_code=status)

    def fragment(self, request: Request, template: str, session: Session, **values: Any) -> Response:
        """Render what a page asks for again and again; 304 with nothing when it is what the page has.

        The tag of what the page has comes back in the fragment's own hx-headers, and stands first in it.
        """
        text = bytes(self.page(template, session, etag=_NO_TAG, **values).body).decode()
        tag = hashlib.sha256(text.encode()).hexdigest()[:32]
        headers = {"ETag": f'"{tag}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(text.replace(_NO_TAG, tag, 1), headers=headers)


def _token_field(csrf_token: str) -> Markup:
    # Markup.format escapes what it fills in.
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf_token)


def make_pages() -> Environment:
    """Return the templates' environment: everything is escaped, and a missing name is an error."""
    pages = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    pages.globals.update(
        countdown=words.countdown,
        ago=words.ago,
        local=words.local,
        likely=words.likely,
        percent=words.percent,
        who=words.who,
        deed=words.deed,
        delivery=words.delivery,
        safe_link=words.safe_link,
        highlight=words.highlight,
        weighed=words.weighed,
        visible=words.visible,
        first_words=words.first_words,
        length=words.length,
        platforms=words.PLATFORMS,
        modes=words.MODES,
        asset=_asset_addresses(FOLDER / "static"),
    )
    for name in pages.list_templates():
        pages.get_template(name)  # all at once: what runs does not change when frankly is upgraded under it
    return pages


def _asset_addresses(folder: Path) -> dict[str, str]:
    """Give each static file an address that changes with its content, so that browsers may keep it."""
    return {
        path.relative_to(folder).as_posix(): f"/static/{path.relative_to(folder).as_posix()}"
        f"?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        for path in folder.rglob("*")
        if path.is_file()
    }


def desk_of(request: Request) -> Desk:
    """Return the desk that a request came to."""
    desk: Desk = request.app.state.desk
    return desk


DeskNow = Annotated[Desk, Depends(desk_of)]
