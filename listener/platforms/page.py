"""What one request for posts brought, whichever platform it went to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.records import Post


@dataclass(frozen=True, slots=True)
class PlatformPage:
    """The posts of one answer, newest first as the platform lists them.

    ``read`` is how many entries the answer held (what a platform charges for), ``skipped`` how many of them could
    not be understood. ``next`` continues the listing, None at its end; ``oldest`` is the smallest id (X only).
    ``answered_at`` is the platform's own time, where it says so: ours may be wrong.
    """

    posts: tuple[Post, ...]
    read: int
    skipped: int
    next: str | None
    oldest: str | None = None
    answered_at: datetime | None = None
