"""What the rest of frankly may ask of a platform, whichever it is.

The clients behind this protocol are the only code that knows tweepy or praw. They translate every error of
theirs into the tree of ``config/errors.py``; nothing else is raised out of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from listener.platforms.page import PlatformPage
from store.records import Platform, Post

OWN_PAGE = 100  # the most that a page of our own posts holds; they seldom fill one
OWN_PAGES = 32  # the most that are read: X keeps the 3,200 newest posts of an account


@dataclass(frozen=True, slots=True)
class Account:
    """The account that the credentials belong to."""

    external_id: str
    handle: str


class PlatformClient(Protocol):
    """A way to one platform. Not shared between threads."""

    platform: Platform

    def account(self) -> Account:
        """Return whose credentials these are. ``CredentialsRefused`` when they are not accepted."""
        ...

    def look(self, external_ids: Sequence[str]) -> dict[str, Post]:
        """Return those of the posts that still stand, by the id asked for. Deleted ones are absent."""
        ...

    def reply(self, target_id: str, text: str) -> str:
        """Post one reply with exactly one request and return its id.

        ``PostRefused``: it does not stand there and never will. ``RateLimited``: it does not, try later.
        ``CredentialsRefused``, ``PlatformUnavailable`` (no connection was made): it does not either.
        ``PostUncertain``: nobody knows (time-out, broken connection, 5xx, an answer without an id).
        """
        ...

    def own_posts(self, since: datetime, after: str | None = None) -> PlatformPage:
        """Return one page of what our account posted since then, by whatever way, newest first.

        X keeps the 3,200 newest posts of an account, Reddit the 1,000 newest comments. Paid for as owned reads, one
        for each post.
        """
        ...
