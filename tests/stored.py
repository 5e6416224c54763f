"""What tests ask of a store and the program does not."""

from __future__ import annotations

from store.records import Platform
from store.store import Store


def id_of(store: Store, platform: Platform, external_id: str) -> int | None:
    """Return our id of a platform's post, or None."""
    found: int | None = store.database.value(
        "SELECT id FROM mentions WHERE platform = ? AND external_id = ?", (platform, external_id)
    )
    return found


def count_by_stage(store: Store) -> dict[str, int]:
    """Return how many mentions stand at each stage."""
    rows = store.database.rows("SELECT stage, count(*) AS n FROM mentions GROUP BY stage")
    return {row["stage"]: row["n"] for row in rows}
