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
from listener.platforms.base import OWN_PAGE, OWN_PAGES, PlatformClient
from listener.platforms.page import PlatformPage
from listener.sources.base import FIRST_LOOK_BACK
from listener.spending import OWN_POSTS, Spending
from store.records import Platform
from store.store import Store

_OVERLAP = timedelta(minutes=5)  # what was just posted may be listed a little later


@dataclass(frozen=True, slots=True)
class OwnPostsReport:
    """What one reading of an account brought."""

    platform: Platform
    new: int = 0
    error: str | None = None
    exit_code: int = 0  # what the error asks a command to end with


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
        new, after, error, code = 0, None, None, 0
        try:
            for _ in range(OWN_PAGES):
                page, added = self._read_page(platform, since, after, now)
                new, after = new + added, page.next
                if after is None:
                    break
        except PlatformError as problem:
            return OwnPostsReport(platform, new, str(problem), problem.exit_code)
        except BudgetSpent as problem:
            if after is None:
                return OwnPostsReport(platform, error=str(problem), exit_code=problem.exit_code)
            # To begin again tomorrow would take the money of tomorrow's answers, and of the days after.
            error, code = f"{problem}; our older posts stay unread", problem.exit_code
        self._store.switches.put(name, {"read_at": now.isoformat()}, now)
        return OwnPostsReport(platform, new, error, code)

    def _read_page(
        self, platform: Platform, since: datetime, after: str | None, now: datetime
    ) -> tuple[PlatformPage, int]:
        """Read a page, pay for it and store it; returns how many of its posts were new."""
        entry = self._spending.reserve(platform, OWN_POSTS, "owned_read", OWN_PAGE)
        try:
            page = self._clients[platform].own_posts(since, after)
        except PlatformError:
            self._spending.settle(entry, platform, "owned_read", 0)
            raise
        with self._store.transaction():
            billed = self._spending.first_read(post.external_id for post in page.posts)
            self._spending.settle(entry, platform, "owned_read", billed)
            return page, self._store.own_posts.add(page.posts, now)
