"""One run of a source, whatever it counts by: what is new first, then the gaps that earlier runs left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from config.errors import BudgetSpent, PlatformError
from listener.sources.base import Page


class Run(Protocol):
    """What a run of a source can do."""

    @property
    def reached_something(self) -> bool:
        """Whether new posts were read, so that what lies below them must be kept as a gap."""
        ...

    def fresh(self) -> Iterator[Page]:
        """Read what came since the last run, and close it."""
        ...

    def gaps(self) -> Iterator[Page]:
        """Go on with older gaps."""
        ...

    def close(self) -> Page:
        """End the reading of what is new: the rest becomes a gap."""
        ...


def pages_of(run: Run) -> Iterator[Page]:
    """Yield all pages of a run; where the platform or a budget ends it, first the one that keeps what was reached."""
    try:
        yield from run.fresh()
        yield from run.gaps()
    except (PlatformError, BudgetSpent):
        if run.reached_something:
            yield run.close()
        raise
