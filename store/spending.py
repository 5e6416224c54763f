"""The money: what each paid call was expected to cost before it left, and what it did cost."""

from __future__ import annotations

from datetime import datetime

from store.database import Database, to_text
from store.records import Platform

# A call that was never settled (the process died) counts with what was reserved for it.
_COST = "coalesce(sum(coalesce(settled_usd, reserved_usd)), 0.0)"


class Spending:
    """The ledger of paid calls."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def reserve(self, platform: Platform, source: str, call: str, usd: float, at: datetime) -> int:
        """Set money aside for a call and return the entry's id. Call it in the transaction that checked the budget."""
        return self._db.insert(
            "spending",
            {"at": to_text(at), "platform": platform, "source": source, "call": call, "reserved_usd": usd},
        )

    def settle(self, entry: int, usd: float) -> None:
        """Write down what a call did cost."""
        self._db.execute("UPDATE spending SET settled_usd = ? WHERE id = ?", (usd, entry))

    def spent(
        self, platform: Platform, since: datetime, until: datetime | None = None, *, source: str | None = None
    ) -> float:
        """Return what was spent or is set aside since then, in dollars, by all sources or by one."""
        end = to_text(until) if until else "9"
        return float(
            self._db.value(
                f"SELECT {_COST} FROM spending WHERE platform = ? AND at >= ? AND at < ? "
                "AND source = coalesce(?, source)",
                (platform, to_text(since), end, source),
            )
        )

    def by_source(self, since: datetime, until: datetime) -> list[tuple[str, str, int, float]]:
        """Return (source, call, number of calls, dollars) for a time, dearest first."""
        rows = self._db.rows(
            f"SELECT source, call, count(*) AS n, {_COST} AS usd FROM spending WHERE at >= ? AND at < ? "
            "GROUP BY source, call ORDER BY usd DESC, source, call",
            (to_text(since), to_text(until)),
        )
        return [(row["source"], row["call"], row["n"], row["usd"]) for row in rows]
