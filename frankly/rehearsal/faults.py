"""Misbehaviour on command: what a simulated platform is told to do wrong, for which request, how often.

A fault waits in a queue until a request fits it. Those of ``AFTER`` let the request take effect first
(a reply is stored) and spoil only the answer; those of ``MEANWHILE`` answer honestly, and right after that somebody
edits or deletes the posts that were asked about; the others answer in the request's place.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """What can go wrong."""

    DROP = "drop"
    DROP_AFTER_ACCEPT = "drop_after_accept"
    ERROR_AFTER_ACCEPT = "error_after_accept"
    STATUS = "status"
    SLOW = "slow"
    CUT_BODY = "cut_body"
    NOT_JSON = "not_json"
    EMPTY_THINGS = "empty_things"
    DUPLICATE = "duplicate"
    NOT_SUMMONED = "not_summoned"
    UNAUTHORIZED = "unauthorized"
    UNAUTHORIZED_WITHOUT_HEADER = "unauthorized_without_header"
    RATE_LIMITED = "rate_limited"
    RATE_LIMITED_WITHOUT_RESET = "rate_limited_without_reset"
    RATE_LIMITED_FOR_A_DAY = "rate_limited_for_a_day"
    RATELIMIT_SECONDS = "ratelimit_seconds"
    RATELIMIT_MINUTES = "ratelimit_minutes"
    LOCKED = "locked"
    DELETED = "deleted"
    TOO_OLD = "too_old"
    STALE_SINCE_ID = "stale_since_id"
    PARTIAL_ERRORS = "partial_errors"
    LATE = "late"
    EDITED_MEANWHILE = "edited_meanwhile"
    DELETED_MEANWHILE = "deleted_meanwhile"


AFTER = frozenset(
    {
        FaultKind.DROP_AFTER_ACCEPT,
        FaultKind.ERROR_AFTER_ACCEPT,
        FaultKind.SLOW,
        FaultKind.CUT_BODY,
        FaultKind.NOT_JSON,
        FaultKind.EMPTY_THINGS,
        FaultKind.PARTIAL_ERRORS,
        FaultKind.LATE,
    }
)
MEANWHILE = frozenset({FaultKind.EDITED_MEANWHILE, FaultKind.DELETED_MEANWHILE})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to do wrong to requests of ``method`` ("" is any) whose path begins with ``path``.

    ``seconds`` is how long SLOW waits, and the wait that a rate limit names; ``status`` and ``body``
    belong to STATUS (and ``body`` to NOT_JSON, and to EDITED_MEANWHILE as the new words). LATE leaves every second
    post out of a listing, as an index that lags behind does.
    """

    kind: FaultKind
    method: str = ""
    path: str = "/"
    times: int = 1
    status: int = 503
    body: str = ""
    seconds: float = 2.0
    headers: dict[str, str] = field(default_factory=dict)

    def fits(self, method: str, path: str) -> bool:
        """Whether this request is the one."""
        return self.method in ("", method) and path.startswith(self.path)


class FaultQueue:
    """The faults that still wait; the first that fits a request is used up by one.

    ``known`` are those that the platform has words for; without it, all.
    """

    def __init__(self, known: frozenset[FaultKind] = frozenset(FaultKind)) -> None:
        self._known = known
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int]] = []

    def add(
        self,
        kind: FaultKind | str,
        method: str = "",
        path: str = "/",
        *,
        times: int = 1,
        status: int = 503,
        body: str = "",
        seconds: float = 2.0,
        headers: dict[str, str] | None = None,
    ) -> Fault:
        """Queue a fault; the arguments are the fields of Fault. Raises ValueError for one unknown here."""
        if FaultKind(kind) not in self._known:
            raise ValueError(f"this platform has no fault '{kind}'; it has {', '.join(sorted(self._known))}")
        fault = Fault(FaultKind(kind), method, path, times, status, body, seconds, headers or {})
        with self._lock:
            self._waiting.append((fault, fault.times))
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """Return the first waiting fault for this request and count it off."""
        with self._lock:
            for place, (fault, left) in enumerate(self._waiting):
                if fault.fits(method, path):
                    if left <= 1:
                        del self._waiting[place]
                    else:
                        self._waiting[place] = (fault, left - 1)
                    return fault
            return None

    def waiting(self) -> list[Fault]:
        """Return the faults not used up, in order."""
        with self._lock:
            return [fault for fault, _ in self._waiting]

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._waiting.clear()
