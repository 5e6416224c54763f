"""The digests, to be read at the desk."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, HTTPException, Response
from markupsafe import Markup

from responders.desk.context import DeskNow
from responders.desk.signin import SignedIn
from responders.digest.figures import from_json, with_words

router = APIRouter()


@router.get("/digests")
def digests_page(desk: DeskNow, session: SignedIn) -> Response:
    """List the digests, newest day first."""
    return desk.page("digests.html", session, digests=desk.store.digests.latest(limit=100))


@router.get("/digests/{brand}/{day}")
def digest_page(desk: DeskNow, session: SignedIn, brand: str, day: str) -> Response:
    """Show the digest of one day of a brand."""
    try:
        stored = desk.store.digests.get(brand, date.fromisoformat(day))
    except ValueError:
        stored = None
    if stored is None or desk.render_digest is None:
        raise HTTPException(404, "There is no digest of that day.")
    digest = with_words(desk.store, from_json(stored.content))
    body = Markup(desk.render_digest(digest, desk.settings, False))  # noqa: S704 - the digest's own pages escape
    return desk.page("digest.html", session, brand=brand, day=stored.day, body=body)
