"""The hand of whoever runs a rehearsal, over HTTP: faults, the request log, and posts to add, edit, delete.

It answers callers on this machine only, and no page in a browser.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from frankly.rehearsal.faults import FaultQueue
from frankly.rehearsal.wire import Answer, LogEntry, Request
from frankly.rehearsal.world import Post, World
from store.records import Platform

CONTROL = "/_rehearsal/"


class Control:
    """The control endpoint of one platform's server."""

    def __init__(self, world: World, platform: Platform, faults: FaultQueue, log: Sequence[LogEntry]) -> None:
        self._world = world
        self._platform = platform
        self._faults = faults
        self._log = log

    def handle(self, request: Request) -> Answer:
        """Answer ``/_rehearsal/faults``, ``/log`` and ``/posts``; anything wrong with the body is a 400."""
        if not ipaddress.ip_address(request.peer).is_loopback or "origin" in request.headers:
            return Answer(403, {"error": "the control endpoint answers programs on this machine only"})
        work = {
            ("GET", "faults"): self._list_faults,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "log"): self._read_log,
            ("GET", "posts"): self._list_posts,
            ("POST", "posts"): self._add_post,
            ("PATCH", "posts"): self._edit_post,
            ("DELETE", "posts"): self._delete_post,
        }.get((request.method, request.path.removeprefix(CONTROL)))
        if work is None:
            return Answer(404, {"error": "known are faults, log and posts"})
        body = request.json if isinstance(request.json, dict) else {}
        try:
            return Answer(200, work({**request.query, **body}))
        except (KeyError, TypeError, ValueError) as problem:
            return Answer(400, {"error": f"{type(problem).__name__}: {problem}"})

    def _list_faults(self, _: dict[str, Any]) -> Any:
        return [asdict(fault) for fault in self._faults.waiting()]

    def _add_fault(self, asked: dict[str, Any]) -> Any:
        return asdict(self._faults.add(**asked))

    def _clear_faults(self, _: dict[str, Any]) -> Any:
        self._faults.clear()
        return []

    def _read_log(self, _: dict[str, Any]) -> Any:
        return [{**asdict(entry), "at": entry.at.isoformat()} for entry in self._log]

    def _list_posts(self, _: dict[str, Any]) -> Any:
        with self._world.lock:
            return [self._describe(post) for post in self._world.newest_first(self._platform)]

    def _add_post(self, asked: dict[str, Any]) -> Any:
        """Add a post; or a burst of ``count`` at once, whose last one is returned."""
        for _ in range(int(asked.get("count", 1)) - 1):
            self._one_post(asked)
        return self._describe(self._one_post(asked))

    def _one_post(self, asked: dict[str, Any]) -> Post:
        return self._world.add_post(
            self._platform,
            asked["author"],
            asked["text"],
            posted_at=_moment(asked),
            visible_at=_moment(asked, "visible_at"),
            reply_to=asked.get("reply_to", ""),
            quotes=asked.get("quotes", ""),
            title=asked.get("title", ""),
            subreddit=asked.get("subreddit", ""),
            language=asked.get("language", "en"),
            reply_settings=asked.get("reply_settings", "everyone"),
        )

    def _edit_post(self, asked: dict[str, Any]) -> Any:
        return self._describe(self._world.edit_post(asked["id"], asked["text"], at=_moment(asked)))

    def _delete_post(self, asked: dict[str, Any]) -> Any:
        by_moderator = bool(asked.get("by_moderator", False))
        self._world.delete_post(asked["id"], at=_moment(asked), by_moderator=by_moderator)
        return {"deleted": asked["id"]}

    def _describe(self, post: Post) -> dict[str, str]:
        return {
            "id": post.id,
            "author": post.author.name,
            "text": post.text_at(self._world.now()),
            "posted_at": post.posted_at.isoformat(),
            "parent": post.parent,
        }


def _moment(asked: dict[str, Any], name: str = "at") -> datetime | None:
    """Read an optional time: ISO 8601 with a zone."""
    if name not in asked:
        return None
    moment = datetime.fromisoformat(asked[name])
    if moment.tzinfo is None:
        raise ValueError(f"'{name}' needs a time zone, as in 2026-11-21T10:00:00+00:00")
    return moment
