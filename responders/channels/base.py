"""A channel: one way out, for one platform. The sender owns when a channel is used; a channel only knows how."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from store.records import OutboxMessage, Platform, Post


class Channel(Protocol):
    """How answers leave for one platform."""

    @property
    def platform(self) -> Platform:
        """The platform that answers leave for."""
        ...

    def send(self, message: OutboxMessage) -> str:
        """Post an answer with exactly one request and return its id.

        ``PostUncertain``: nobody knows whether it stands there. ``PostRefused``: it does not and never will. Any
        other ``PlatformError`` and ``BudgetSpent``: it does not, and may be tried later.
        """
        ...

    def look(self, message: OutboxMessage) -> Post | None:
        """Return the post that is answered as it stands now, or None when it is gone."""
        ...

    def find_reply(self, message: OutboxMessage, since: datetime) -> str | None:
        """Return the id of a reply of ours under the post, made since a moment, or None."""
        ...
