"""The digests, to be read at the desk: those of past days, and the running day so far."""

from __future__ import annotations

import threading
import time
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Response
from markupsafe import Markup

from config.errors import UsageError
from responders.desk.context import Desk, DeskNow
from responders.desk.signin import SignedIn
from responders.digest.days import bounds
from responders.digest.figures import from_json, make_digest, to_json, with_words, without_words
from responders.digest.pictures import pictures
from responders.digest.records import Digest

router = APIRouter()
# Drawing changes settings that all threads share, and takes long enough to do it only once for a page.
_one_at_a_time = threading.Lock()
_FRESH_SECONDS = 10  # a page of the running day and its pictures ask four times for the same digest


@router.get("/digests")
def digests_page(desk: DeskNow, session: SignedIn) -> Response:
    """List the digests, newest day first, and each brand's running day before them."""
    now = desk.clock.now()
    running = [(brand.name, now.astimezone(ZoneInfo(brand.time_zone)).date()) for brand in desk.settings.brands]
    return desk.page("digests.html", session, digests=desk.store.digests.latest(limit=100), running=running)


@router.get("/digests/{brand}/{day}")
def digest_page(desk: DeskNow, session: SignedIn, brand: str, day: str) -> Response:
    """Show the digest of one day of a brand."""
    digest = _found(desk, brand, day)
    if desk.render_digest is None:
        raise HTTPException(404, "This desk shows no digests.")
    body = Markup(desk.render_digest(digest, desk.settings, False))  # noqa: S704 - the digest's own pages escape
    return desk.page("digest.html", session, brand=brand, day=digest.day, body=body)


@router.get("/digests/{brand}/{day}/{name}.png")
def digest_picture(desk: DeskNow, session: SignedIn, brand: str, day: str, name: str) -> Response:
    """Draw a picture of a digest."""
    content = to_json(without_words(_found(desk, brand, day)))  # no picture has any, and no cache keeps them
    with _one_at_a_time:
        drawn = _drawn(content).get(name)
    if drawn is None:
        raise HTTPException(404, "There is no such picture.")
    return Response(drawn, media_type="image/png")


@lru_cache(maxsize=4)
def _drawn(content: str) -> dict[str, bytes]:
    return pictures(from_json(content))


def _found(desk: Desk, name: str, day: str) -> Digest:
    """Return a day's digest: the stored one, else one made now of what was heard by now."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise HTTPException(404, "There is no digest of that day.") from None
    stored = desk.store.digests.get(name, wanted)
    if stored is not None:
        return with_words(desk.store, from_json(stored.content))
    try:
        return _made_now(desk, name, wanted)
    except (KeyError, UsageError, OverflowError):  # the last: a day at either end of the calendar
        raise HTTPException(404, "There is no digest of that day.") from None


def _made_now(desk: Desk, name: str, day: date) -> Digest:
    """Make a digest, or take the one that was made a moment ago. ``KeyError``: nothing was heard of it by then."""
    with _one_at_a_time:
        made_at, digest = desk.running_digests.get((name, day), (0.0, None))
        if digest is None or time.monotonic() - made_at > _FRESH_SECONDS:
            brand = desk.settings.brand(name)
            if not desk.store.metrics.heard_before(name, bounds(day, ZoneInfo(brand.time_zone))[1]):
                raise KeyError(name)
            digest = make_digest(desk.store, desk.settings, desk.clock, brand, day)
            desk.running_digests[(name, day)] = (time.monotonic(), digest)
        return digest
