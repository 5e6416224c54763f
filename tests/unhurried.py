"""Gives up on work that has no end: a test of hostile text shall fail then, and not hang."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SECONDS = 30  # of the processor, which a busy machine makes no longer; what ends takes a fraction of one


@contextmanager
def an_end() -> Iterator[None]:
    """Fail a test whose work takes the square of the length of its text."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise AssertionError("the work has no end")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
