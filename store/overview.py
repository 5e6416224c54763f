"""Counts over the whole store, for ``frankly status`` and the metrics."""

from __future__ import annotations

from datetime import datetime

from store.database import Database, to_text
from store.records import CaseStatus, OutboxState


class Overview:
    """How much of everything there is."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def mentions(self) -> dict[str, int]:
        """Return ``total`` and what waits: ``unassessed``, ``unrouted``, ``set_aside``."""
        rows = self._db.rows("SELECT stage, count(*) AS n FROM mentions GROUP BY stage")
        by_stage = {row["stage"]: row["n"] for row in rows}
        return {
            "total": sum(by_stage.values()),
            "unassessed": by_stage.get("collected", 0),
            "unrouted": by_stage.get("assessed", 0),
            "set_aside": by_stage.get("set_aside", 0),
        }

    def cases(self) -> dict[str, int]:
        """Return the number of cases of every status."""
        return self._grouped("SELECT status AS name, count(*) AS n FROM cases GROUP BY status", list(CaseStatus))

    def outbox(self) -> dict[str, int]:
        """Return the number of outbox messages of every state."""
        return self._grouped("SELECT state AS name, count(*) AS n FROM outbox GROUP BY state", list(OutboxState))

    def open_gaps(self) -> dict[str, int]:
        """Return the number of open gaps of each source that has any."""
        rows = self._db.rows("SELECT source, count(*) AS n FROM coverage WHERE state = 'gap' GROUP BY source")
        return {row["source"]: row["n"] for row in rows}

    def lost_seconds(self) -> dict[str, int]:
        """Return for how many seconds each source was not heard and cannot be any more, where there are any."""
        rows = self._db.rows(
            "SELECT source, sum((julianday(ended_at) - julianday(started_at)) * 86400) AS seconds FROM coverage "
            "WHERE state = 'lost' GROUP BY source"
        )
        return {row["source"]: round(row["seconds"]) for row in rows}

    def spent_usd(self, since: datetime) -> dict[str, float]:
        """Return what each platform was paid, or may still be, since a moment."""
        rows = self._db.rows(
            "SELECT platform, sum(coalesce(settled_usd, reserved_usd)) AS usd FROM spending WHERE at >= ? "
            "GROUP BY platform",
            (to_text(since),),
        )
        return {row["platform"]: round(row["usd"], 4) for row in rows}

    def _grouped(self, sql: str, names: list[CaseStatus] | list[OutboxState]) -> dict[str, int]:
        found = {row["name"]: row["n"] for row in self._db.rows(sql)}
        return {name.value: found.get(name.value, 0) for name in names}
