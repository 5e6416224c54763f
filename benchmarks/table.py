"""The table that ``./run.sh bench`` prints, and how its rows come about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of work, what it should reach, and what it reached in this run."""

    work: str
    target: str
    measured: str


def as_table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table with aligned columns."""
    lines = [("work", "target", "measured"), *((row.work, row.target, row.measured) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    padded = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([padded[0], rule, *padded[1:]])


def measure(part: str) -> list[Row]:
    """Run one part's measurements: the ``measure()`` of its module."""
    rows: list[Row] = import_module(f"benchmarks.{part}").measure()
    return rows
