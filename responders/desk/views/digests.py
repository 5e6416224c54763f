"""The digests, to be read at the desk."""

from __future__ import annotations

import threading
from datetime import date
from functools import lru_cache

from fastapi import APIRouter, HTTPException, Response
from markupsafe import Markup

from responders.desk.context import Desk, DeskNow
from responders.desk.signin import SignedIn
from responders.digest.figures import from_json, with_words
from responders.digest.pictures import pictures
from store.digests import StoredDigest

router = APIRouter()
# Drawing changes settings that all threads share, and takes long enough to do it only once for a page.
_one_at_a_time = threading.Lock()


@router.get("/digests")
def digests_page(desk: DeskNow, session: SignedIn) -> Response:
    """List the digests, newest day first."""
    return desk.page("digests.html", session, digests=desk.store.digests.latest(limit=100))


@router.get("/digests/{brand}/{day}")
def digest_page(desk: DeskNow, session: SignedIn, brand: str, day: str) -> Response:
    """Show the digest of one day of a brand."""
    stored = _found(desk, brand, day)
    if desk.render_digest is None:
        raise HTTPException(404, "This desk shows no digests.")
    digest = with_words(desk.store, from_json(stored.content))
    body = Markup(desk.render_digest(digest, desk.settings, False))  # noqa: S704 - the digest's own pages escape
    return desk.page("digest.html", session, brand=brand, day=stored.day, body=body)


@router.get("/digests/{brand}/{day}/{name}.png")
def digest_picture(desk: DeskNow, session: SignedIn, brand: str, day: str, name: str) -> Response:
    """Draw a picture of a digest."""
    stored = _found(desk, brand, day)
    with _one_at_a_time:
        drawn = _drawn(stored.content).get(name)
    if drawn is None:
        raise HTTPException(404, "There is no such picture.")
    return Response(drawn, media_type="image/png")


@lru_cache(maxsize=4)
def _drawn(content: str) -> dict[str, bytes]:
    return pictures(from_json(content))


def _found(desk: Desk, brand: str, day: str) -> StoredDigest:
    try:
        stored = desk.store.digests.get(brand, date.fromisoformat(day))
    except ValueError:
        stored = None
    if stored is None:
        raise HTTPException(404, "There is no digest of that day.")
    return stored
