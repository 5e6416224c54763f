"""Writing on X: who may be answered, what may be said, and what a reply leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from frankly.rehearsal import x_errors as errors
from frankly.rehearsal.wire import Answer, Request
from frankly.rehearsal.world import Post, World
from frankly.rehearsal.x_errors import Refused
from frankly.rehearsal.x_json import mentioned
from frankly.rehearsal.x_query import LINK
from store.records import Platform

TEXT_LIMIT = 280
LINK_LENGTH = 23
# Code points that count once; all others count twice (X's own configuration, version 3).
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
DUPLICATE_WINDOW = timedelta(hours=24)


def weighted_length(text: str) -> int:
    """Count a text the way X does, near enough for a limit: a link is 23, most of Asia's letters are 2."""
    without_links, links = LINK.subn("", text)
    counted = (1 if any(low <= ord(c) <= high for low, high in LIGHT) else 2 for c in without_links)
    return sum(counted) + links * LINK_LENGTH


class XPosting:
    """POST and DELETE on /2/tweets, for the brand's account."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create(self, request: Request) -> Answer:
        """POST /2/tweets"""
        body = request.json if isinstance(request.json, dict) else {}
        text = body.get("text")
        if not isinstance(text, str) or not text.strip():
            raise Refused(errors.invalid("text", "", "text is missing or empty"))
        if weighted_length(text) > TEXT_LIMIT:
            raise Refused(errors.forbidden(errors.TOO_LONG))
        target = self._target(body)
        quoted = str(body.get("quote_tweet_id", ""))
        if quoted:
            self._may_engage(self._alive(quoted))
        self._refuse_repeat(text)
        if target is not None:
            post = self._world.answer(Platform.X, target.id, text)
        else:
            post = self._world.add_post(Platform.X, self._brand_name, text, quotes=quoted)
        data = {"id": post.id, "text": text, "edit_history_tweet_ids": [post.id]}
        return Answer(201, {"data": data})

    def delete(self, request: Request, identifier: str) -> Answer:
        """DELETE /2/tweets/:id, of our own posts only."""
        post = self._world.find(identifier)
        if post is None or post.gone(self._world.now()):
            return Answer(200, {"data": {"deleted": False}})
        if post.author.name != self._brand_name:
            raise Refused(errors.forbidden("You are not authorized to delete this Tweet."))
        self._world.delete_post(identifier)
        return Answer(200, {"data": {"deleted": True}})

    @property
    def _brand_name(self) -> str:
        return self._world.brands[Platform.X].name

    def _target(self, body: dict[str, Any]) -> Post | None:
        reply = body.get("reply")
        if reply is None:
            return None
        identifier = str(reply.get("in_reply_to_tweet_id", "")) if isinstance(reply, dict) else ""
        if not identifier.isdigit():
            message = "$.reply.in_reply_to_tweet_id: is missing or not a number"
            raise Refused(errors.invalid("reply.in_reply_to_tweet_id", identifier, message))
        post = self._alive(identifier)
        self._may_engage(post)
        return post

    def _alive(self, identifier: str) -> Post:
        post = self._world.find(identifier)
        if post is None or post.gone(self._world.now()):
            raise Refused(errors.forbidden(errors.DELETED_TARGET))
        return post

    def _may_engage(self, post: Post) -> None:
        """Refuse unless the author summoned us: by naming us, or by quoting a post of ours."""
        brand = self._world.brands[Platform.X]
        named = any(account == brand for _, account in mentioned(self._world, post))
        quoted = self._world.find(post.quotes)
        if post.author == brand or named or (quoted is not None and quoted.author == brand):
            return
        if post.reply_settings != "everyone":
            raise Refused(errors.forbidden(errors.NOT_ALLOWED_HERE))
        raise Refused(errors.forbidden(errors.NOT_SUMMONED))

    def _refuse_repeat(self, text: str) -> None:
        since = self._world.now() - DUPLICATE_WINDOW
        recent = (post for post in self._world.replies(Platform.X) if post.posted_at > since)
        if any(post.text == text for post in recent):
            raise Refused(errors.forbidden(errors.DUPLICATE))
