"""``frankly cases``: the queue at a terminal."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from config.errors import UsageError
from frankly.app import App
from frankly.commands.common import printable
from store.cases import CaseFilter
from store.records import CaseStatus


def case_rows(app: App, status: str, queue: str | None, limit: int) -> list[dict[str, Any]]:
    """Return cases in the order of the queue, as plain values."""
    if status != "all" and status not in list(CaseStatus):
        raise UsageError(f'"{status}" is no status of a case; expected all, {", ".join(CaseStatus)}')
    wanted = CaseFilter(status=None if status == "all" else CaseStatus(status), queue=queue)
    return [
        {
            "id": case.id,
            "brand": case.brand,
            "platform": case.platform,
            "author": case.author.handle,
            "status": case.status,
            "queue": case.queue,
            "priority": case.priority,
            "severity": case.severity,
            "topic": case.topic,
            "due_at": case.due_at.isoformat() if case.due_at else None,
            "first_response_at": case.first_response_at.isoformat() if case.first_response_at else None,
            "breached": case.breached_at is not None,
        }
        for case in app.store.cases.queue(wanted, limit, 0)
    ]


def case_table(rows: list[dict[str, Any]]) -> Table:
    """Lay the rows out for a person."""
    table = Table("id", "priority", "severity", "due", "author", "queue", "status")
    for row in rows:
        due = (row["due_at"] or "")[:16].replace("T", " ")
        table.add_row(
            str(row["id"]),
            row["priority"],
            row["severity"] or "",
            due,
            printable(row["author"]),
            row["queue"],
            row["status"],
        )
    return table


def no_case(status: str, queue: str | None) -> str:
    """Say that nothing was found."""
    which = "No case" if status == "all" else f"No case that is {status}"
    return f"{which}." if queue is None else f'{which} in the queue "{printable(queue)}".'
