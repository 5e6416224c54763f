"""The words of the wire: a request, its answer, a line of the log, and what a platform's code must offer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl

from frankly.rehearsal.faults import Fault, FaultKind
from frankly.rehearsal.world import World
from store.records import Platform


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the platform's code reads it.

    Header names are in lower case; ``pairs`` is the query as it was sent, ``peer`` the caller's address.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    pairs: tuple[tuple[str, str], ...] = ()
    peer: str = "127.0.0.1"

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form body; empty for another body."""
        if "x-www-form-urlencoded" not in self.headers.get("content-type", ""):
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The JSON body, or None when there is none that can be read."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: ``body`` is written as JSON unless it is bytes already."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One request in the log; ``status`` is 0 when no answer was sent, ``fault`` empty when none struck."""

    at: datetime
    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    json: Any
    status: int
    fault: str


class PlatformApp(Protocol):
    """What a simulated platform gives to its server."""

    world: World
    platform: Platform
    faults: frozenset[FaultKind]

    def handle(self, request: Request) -> Answer:
        """Answer a request."""
        ...

    def misbehave(self, fault: Fault, request: Request) -> Answer:
        """Return the platform's own words for a fault that stands in place of the answer."""
        ...

    def spoil(self, fault: Fault, answer: Answer) -> Answer:
        """Return a good answer with what the fault takes out of it."""
        ...
