"""``frankly spending``: what was paid for what, and what each budget still has."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from frankly.app import App
from listener.spending import Spending


def gather(app: App, since: datetime, until: datetime) -> dict[str, Any]:
    """Collect the report: the calls of a time, dearest first, and the budgets of the day and month that it is now."""
    prices = app.settings.platforms.x.prices
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "prices": prices.model_dump(mode="json"),
        "budgets": [
            {**asdict(budget), "until": budget.until.isoformat(), "left_usd": budget.left_usd}
            for budget in Spending(app.store, app.settings, app.clock).budgets()
        ],
        "calls": [
            {"source": source, "call": call, "calls": number, "usd": round(usd, 6)}
            for source, call, number, usd in app.store.spending.by_source(since, until)
        ],
    }


def show(report: dict[str, Any], console: Console) -> None:
    """Print the report for a person."""
    budgets = Table("budget", "setting", "spent", "of", "begins anew (UTC)")
    for budget in report["budgets"]:
        spent, whole = f"${budget['spent_usd']:.2f}", f"${budget['usd']:.2f}"
        budgets.add_row(budget["what"], budget["setting"], spent, whole, budget["until"][:16].replace("T", " "))
    console.print(budgets)
    if report["calls"]:
        calls = Table("source", "call", "calls", "paid")
        for row in report["calls"]:
            calls.add_row(row["source"], row["call"].replace("_", " "), str(row["calls"]), f"${row['usd']:.3f}")
        console.print(calls)
        total = sum(row["usd"] for row in report["calls"])
        console.print(f"${total:.2f} since {report['since'][:16].replace('T', ' ')} UTC.")
    else:
        console.print(f"Nothing was paid for since {report['since'][:16].replace('T', ' ')} UTC.")
    console.print(f"Prices of X as of {report['prices']['as_of']}; where they changed, change prices.toml.")
