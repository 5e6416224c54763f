"""The channel of X and of Reddit: both are reached through a ``PlatformClient``, which knows their differences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from config.errors import PlatformError, PostUncertain
from listener.platforms.base import OWN_PAGE, OWN_PAGES, PlatformClient
from listener.spending import ANSWERS, Call, Spending
from responders.length import links_in
from store.records import OutboxMessage, Platform, Post


class PlatformChannel:
    """Answers through a platform's own interface. ``BudgetSpent`` where the operator allows no further paid call."""

    def __init__(self, client: PlatformClient, spending: Spending) -> None:
        self._client = client
        self._spending = spending

    @property
    def platform(self) -> Platform:
        """The platform that answers leave for."""
        return self._client.platform

    def send(self, message: OutboxMessage) -> str:
        """Post an answer with exactly one request and return its id."""
        with self._paid(self._posting(message), 1):
            return self._client.reply(message.target_id, message.text)

    def look(self, message: OutboxMessage) -> Post | None:
        """Return the post that is answered as it stands now, or None when it is gone.

        ``BudgetSpent`` also where there is money to look but not to answer then.
        """
        whole: dict[Call, int] = {"post_read": 1, "owned_read": OWN_PAGE, self._posting(message): 1}
        self._spending.require(self.platform, ANSWERS, whole)
        with self._paid("post_read", 1) as bill:
            found = self._client.look([message.target_id]).get(message.target_id)
            bill.units = self._spending.first_read([message.target_id])
        return found if found is None or self.platform is Platform.X else self._as_its_thread(found)

    def _as_its_thread(self, post: Post) -> Post:
        """Return a post of Reddit's as locked where the submission above it is: a comment does not tell by itself."""
        above = {} if post.conversation_id == post.external_id else self._client.look([post.conversation_id])
        locked = any(one.reply_settings == "locked" for one in above.values())
        return replace(post, reply_settings="locked") if locked else post

    def find_reply(self, message: OutboxMessage, since: datetime) -> str | None:
        """Return the id of a reply of ours under the post, made since a moment, or None."""
        after: str | None = None
        for _ in range(OWN_PAGES):
            with self._paid("owned_read", OWN_PAGE) as bill:
                page = self._client.own_posts(since, after)
                bill.units = self._spending.first_read(post.external_id for post in page.posts)
            found = next((post.external_id for post in page.posts if post.in_reply_to == message.target_id), None)
            after = page.next
            if found is not None or after is None:
                return found
        return None

    def _posting(self, message: OutboxMessage) -> Call:
        linked = self.platform is Platform.X and links_in(message.text)
        return "post_create_with_link" if linked else "post_create"

    @contextmanager
    def _paid(self, call: Call, units: int) -> Iterator[_Bill]:
        """Set money aside for a call and settle it: what certainly failed is free, anything unknown is not."""
        entry = self._spending.reserve(self.platform, ANSWERS, call, units)
        bill = _Bill(units)
        try:
            yield bill
        except PlatformError as error:
            bill.units = units if isinstance(error, PostUncertain) else 0
            raise
        finally:
            self._spending.settle(entry, self.platform, call, bill.units)


@dataclass(slots=True)
class _Bill:
    units: int
