"""The queries of every turn find their work by an index, however much is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from store.store import Store

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda store: store.mentions.unassessed(256), "mentions_waiting"),
        (lambda store: store.mentions.unrouted(256), "mentions_waiting"),
        (lambda store: store.alerts.waiting(NOON, NOON), "events_of_escalation"),
    ],
    ids=["unassessed", "unrouted", "alerts"],
)
def test_each_turn_finds_what_waits_by_an_index(store: Store, ask: Callable[[Store], object], index: str) -> None:
    asked: list[str] = []
    connection = store.database.tables.conn
    connection.set_trace_callback(asked.append)
    ask(store)
    connection.set_trace_callback(None)
    [sql] = asked
    steps = [row["detail"] for row in store.database.rows(f"EXPLAIN QUERY PLAN {sql}")]
    assert f"USING INDEX {index} (" in steps[0]
    assert not any(step.startswith("SCAN") for step in steps), steps
