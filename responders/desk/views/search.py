"""Search over what was said, who said it, and what colleagues noted."""

from __future__ import annotations

from fastapi import APIRouter, Response

from responders.desk.context import DeskNow
from responders.desk.signin import SignedIn

router = APIRouter()
_HITS = 50
_LONGEST_QUERY = 200
_LARGEST_ID = 2**62


@router.get("/search")
def search_page(desk: DeskNow, session: SignedIn, q: str = "", before: str = "") -> Response:
    """Show what matches, newest first."""
    query = q[:_LONGEST_QUERY].strip()
    before_id = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else _LARGEST_ID
    mentions = desk.store.search.mentions(query, _HITS + 1, before_id)
    return desk.page(
        "search.html",
        session,
        query=query,
        mentions=mentions[:_HITS],
        further=mentions[_HITS - 1].mention.id if len(mentions) > _HITS else None,
        authors=desk.store.search.by_handle(query, 10) if before_id == _LARGEST_ID else [],
        notes=desk.store.search.notes(query, 10) if before_id == _LARGEST_ID else [],
        zone_of=desk.zone,
    )
