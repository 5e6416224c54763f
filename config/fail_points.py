"""Fail points: named edges of the work at which a process can be made to die, as if its power were cut.

Inert unless ``FRANKLY_FAIL_POINT`` names an edge (``outbox.sending``) or its nth time (``outbox.sending:3``). Tests
and the storm set it, kill the real program at each edge, start it again, and compare the store with the platform's log.
"""

from __future__ import annotations

import itertools
import os
import signal
from enum import StrEnum
from functools import cache

FAIL_POINT_VARIABLE = "FRANKLY_FAIL_POINT"


class Edge(StrEnum):
    """Where a crash could do harm; "written" ones lie inside a transaction that is not committed yet."""

    PAGE_IN_HAND = "collect.page_in_hand"
    PAGE_WRITTEN = "collect.page_written"
    PAGE_STORED = "collect.page_stored"
    HELD_WRITTEN = "outbox.held_written"
    QUEUED_WRITTEN = "outbox.queued_written"
    QUEUED = "outbox.queued"
    LOOKED = "outbox.looked"
    INTENT_WRITTEN = "outbox.intent_written"
    SENDING = "outbox.sending"
    ANSWERED = "outbox.answered"
    RESULT_WRITTEN = "outbox.result_written"
    RESULT_STORED = "outbox.result_stored"
    RECOVERED = "outbox.recovered"
    LOOKED_FOR = "outbox.looked_for"
    PARKED_WRITTEN = "outbox.parked_written"


_passing = itertools.count(1)


def reached(edge: Edge) -> None:
    """Die here and now where the environment says so; otherwise do nothing."""
    named, time = _fatal()
    if edge == named and next(_passing) == time:
        os.kill(os.getpid(), signal.SIGKILL)


@cache
def _fatal() -> tuple[str, int]:
    """Return the edge at which this process dies, and at which of its times there."""
    named, _, time = os.environ.get(FAIL_POINT_VARIABLE, "").partition(":")
    return named, int(time) if time.isdigit() else 1
