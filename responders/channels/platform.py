"""The channel of X and of Reddit: both are reached through a ``PlatformClient``, which knows their differences."""

from __future__ import annotations

from datetime import datetime

from listener.platforms.base import PlatformClient
from store.records import OutboxMessage, Platform, Post


class PlatformChannel:
    """Answers through a platform's own interface."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    @property
    def platform(self) -> Platform:
        """The platform that answers leave for."""
        return self._client.platform

    def send(self, message: OutboxMessage) -> str:
        """Post an answer with exactly one request and return its id."""
        return self._client.reply(message.target_id, message.text)

    def look(self, message: OutboxMessage) -> Post | None:
        """Return the post that is answered as it stands now, or None when it is gone."""
        return self._client.look([message.target_id]).get(message.target_id)

    def find_reply(self, message: OutboxMessage, since: datetime) -> str | None:
        """Return the id of a reply of ours under the post, made since a moment, or None."""
        for reply in self._client.own_replies(since):
            if reply.in_reply_to == message.target_id:
                return reply.external_id
        return None
