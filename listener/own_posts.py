"""Reading back what our own accounts posted, by whatever way: so an answer that was given by hand is noticed.

Own posts are the cheapest to read, and X bills each only once a day. What was posted is no mention and is kept without
its words (``store/own_posts.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.clock import Clock
from config.errors import BudgetSpent, PlatformError
from config.settings import Settings
from listener.platforms.base import PlatformClient
from listener.sources.base import FIRST_LOOK_BACK
from listener.spending import OWN_POSTS, Spending
from store.records import Platform
from store.store import Store

_AT_ONCE = 100  # a page; they seldom fill one
_OVERLAP = timedelta(minutes=5)  # what was just posted may be listed a little later


@dataclass(frozen=True, slots=True)
class OwnPostsReport:
    """What one reading of an account brought."""

    platform: Platform
    new: int = 0
    error: str | None = None


class OwnPostsReader:
    """Reads the posts of our accounts, each from where it stopped."""

    def __init__(
        self, store: Store, settings: Settings, clock: Clock, clients: Mapping[Platform, PlatformClient]
    ) -> None:
        self._store = store
        self._clock = clock
        self._clients = clients
        self._spending = Spending(store, settings, clock)
        approved = settings.platforms.reddit.access_approved
        self.platforms = [platform for platform in clients if platform is Platform.X or approved]

    def read(self, platform: Platform) -> OwnPostsReport:
        """Remember what an account posted since it was last read; a platform or budget that refuses is reported."""
        now = self._clock.now()
        name = f"own posts of {platform}"
        known = self._store.switches.get(name)
        since = datetime.fromisoformat(str(known[0]["read_at"])) - _OVERLAP if known else now - FIRST_LOOK_BACK
        try:
            entry = self._spending.reserve(platform, OWN_POSTS, "owned_read", _AT_ONCE)
        except BudgetSpent as problem:
            return OwnPostsReport(platform, error=str(problem))
        try:
            posts = self._clients[platform].own_posts(since)
        except PlatformError as problem:
            self._spending.settle(entry, platform, "owned_read", 0)
            return OwnPostsReport(platform, error=str(problem))
        with self._store.transaction():
            billed = self._spending.first_read(post.external_id for post in posts)
            self._spending.settle(entry, platform, "owned_read", billed)
            new = self._store.own_posts.add(posts, now)
            self._store.switches.put(name, {"read_at": now.isoformat()}, now)
        return OwnPostsReport(platform, new)
