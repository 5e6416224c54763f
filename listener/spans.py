"""Spans between two ends, of times or of ids: joined where they touch, and taken out of one another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

End = TypeVar("End", int, datetime)


def joined(spans: Iterable[tuple[End, End]]) -> list[tuple[End, End]]:
    """Return the spans in order, those that touch or overlap as one; empty ones are left out."""
    found: list[tuple[End, End]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found


def without(spans: Iterable[tuple[End, End]], others: Iterable[tuple[End, End]]) -> list[tuple[End, End]]:
    """Return what the other spans leave of these, in order."""
    left = joined(spans)
    for start, end in joined(others):
        parts = [part for a, b in left for part in ((a, min(b, start)), (max(a, end), b))]
        left = [(a, b) for a, b in parts if a < b]
    return left
