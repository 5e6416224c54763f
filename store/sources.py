"""What is known of each configured source, and the ledger of the time it really covered.

The ledger keeps stretches of four states. ``covered``: everything in it was read. ``gap``: known to be unread, to be
continued. ``filled``: a gap that was read later; only what was a gap becomes that. ``lost``: it cannot be read any
more. Stretches of one state that touch are one row, so the table grows with what went wrong, not with the clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from store.database import Database, from_text, optional_text, optional_time, to_text
from store.records import Coverage, Platform, SourceState

CoverageState = Literal["covered", "gap", "filled", "lost"]


class Sources:
    """The configured ways in, between their runs."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def ensure(self, name: str, kind: str, platform: Platform) -> SourceState:
        """Return the state of a source, made on first sight. Another kind under an old name starts afresh."""
        state = self.state(name)
        if state is not None and state.kind == kind:
            return state
        self._db.execute(
            "INSERT INTO sources (name, kind, platform, cursor) VALUES (?, ?, ?, '{}') "
            "ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, platform = excluded.platform, cursor = '{}', "
            "covered_until = NULL",
            (name, kind, platform),
        )
        return SourceState(name=name, kind=kind, platform=platform, brand=None, cursor={})

    def state(self, name: str) -> SourceState | None:
        """Return the state of a source, or None when it never ran."""
        row = self._db.row("SELECT * FROM sources WHERE name = ?", (name,))
        return None if row is None else _state(row)

    def all(self) -> list[SourceState]:
        """Return every source that ever ran, by name."""
        return [_state(row) for row in self._db.rows("SELECT * FROM sources ORDER BY name")]

    def started(self, name: str, at: datetime) -> None:
        """Write down that a run began."""
        self._db.execute("UPDATE sources SET last_run_at = ? WHERE name = ?", (to_text(at), name))

    def move(self, name: str, cursor: Mapping[str, object], covered_until: datetime | None = None) -> None:
        """Set where the source goes on. Call it in the transaction that stores the page."""
        self._db.execute(
            "UPDATE sources SET cursor = ?, covered_until = coalesce(max(covered_until, ?), covered_until, ?) "
            "WHERE name = ?",
            (json.dumps(cursor), optional_text(covered_until), optional_text(covered_until), name),
        )

    def succeeded(self, name: str, at: datetime) -> None:
        """Write down that a run ended well."""
        self._db.execute(
            "UPDATE sources SET last_ok_at = ?, last_error = NULL, resting_until = NULL, failures = 0 WHERE name = ?",
            (to_text(at), name),
        )

    def failed(self, name: str, error: str, resting_until: datetime | None = None) -> None:
        """Write down why a run ended early, and until when the source rests."""
        self._db.execute(
            "UPDATE sources SET last_error = ?, resting_until = ?, failures = failures + 1 WHERE name = ?",
            (error, optional_text(resting_until), name),
        )

    def record(
        self, name: str, state: CoverageState, started_at: datetime, ended_at: datetime, detail: str = ""
    ) -> None:
        """Add a stretch to the ledger, inside a transaction. ``filled`` and ``lost`` take it out of the open gaps."""
        if ended_at <= started_at:
            return
        start, end = to_text(started_at), to_text(ended_at)
        if state == "filled":
            for cut_start, cut_end in self._cut_gaps(name, start, end):
                self._merge(name, state, cut_start, cut_end, detail)
            return
        if state == "lost":
            self._cut_gaps(name, start, end)
        self._merge(name, state, start, end, detail)

    def read_late(self, name: str, started_at: datetime, ended_at: datetime, read_at: datetime) -> None:
        """Write down when a stretch was read that had passed a while before. Call it inside a transaction."""
        self._db.execute(
            "INSERT INTO late_reads (source, started_at, ended_at, read_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET ended_at = max(ended_at, excluded.ended_at)",
            (name, to_text(started_at), to_text(ended_at), to_text(read_at)),
        )

    def _merge(self, name: str, state: CoverageState, start: str, end: str, detail: str) -> None:
        """Make one row of a stretch and those of its state that it touches."""
        touching = self._db.rows(
            "SELECT * FROM coverage WHERE source = ? AND state = ? AND detail = ? "
            "AND started_at <= ? AND ended_at >= ?",
            (name, state, detail, end, start),
        )
        for row in touching:
            start, end = min(start, row["started_at"]), max(end, row["ended_at"])
            self._db.execute("DELETE FROM coverage WHERE id = ?", (row["id"],))
        self._add(name, state, start, end, detail)

    def _cut_gaps(self, name: str, start: str, end: str) -> list[tuple[str, str]]:
        """Take a stretch out of the open gaps; returns what of it was one."""
        gaps = self._db.rows(
            "SELECT * FROM coverage WHERE source = ? AND state = 'gap' AND started_at < ? AND ended_at > ?",
            (name, end, start),
        )
        for gap in gaps:
            self._db.execute("DELETE FROM coverage WHERE id = ?", (gap["id"],))
            if gap["started_at"] < start:
                self._add(name, "gap", gap["started_at"], start, gap["detail"])
            if gap["ended_at"] > end:
                self._add(name, "gap", end, gap["ended_at"], gap["detail"])
        return [(max(gap["started_at"], start), min(gap["ended_at"], end)) for gap in gaps]

    def _add(self, name: str, state: str, start: str, end: str, detail: str) -> None:
        self._db.insert(
            "coverage", {"source": name, "started_at": start, "ended_at": end, "state": state, "detail": detail}
        )

    def coverage(self, name: str, since: datetime, until: datetime) -> list[Coverage]:
        """Return the stretches that reach into a time, oldest first."""
        rows = self._db.rows(
            "SELECT * FROM coverage WHERE source = ? AND started_at < ? AND ended_at > ? ORDER BY started_at, id",
            (name, to_text(until), to_text(since)),
        )
        return [coverage_of(row) for row in rows]

    def open_gaps(self, name: str) -> list[Coverage]:
        """Return what is still to be read, oldest first."""
        rows = self._db.rows(
            "SELECT * FROM coverage WHERE source = ? AND state = 'gap' ORDER BY started_at, id", (name,)
        )
        return [coverage_of(row) for row in rows]


def _state(row: dict[str, Any]) -> SourceState:
    return SourceState(
        name=row["name"],
        kind=row["kind"],
        platform=Platform(row["platform"]),
        brand=None,
        cursor=json.loads(row["cursor"]),
        last_run_at=optional_time(row["last_run_at"]),
        last_ok_at=optional_time(row["last_ok_at"]),
        last_error=row["last_error"],
        covered_until=optional_time(row["covered_until"]),
        resting_until=optional_time(row["resting_until"]),
        failures=row["failures"],
    )


def coverage_of(row: dict[str, Any]) -> Coverage:
    """Make the record from a row of ``coverage``."""
    return Coverage(
        id=row["id"],
        source=row["source"],
        started_at=from_text(row["started_at"]),
        ended_at=from_text(row["ended_at"]),
        state=row["state"],
        detail=row["detail"],
    )
