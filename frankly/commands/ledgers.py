"""coverage, spending: what was heard, and what it cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from frankly.commands.common import Json, application, console, write_json

Days = Annotated[int, typer.Option(min=1, max=400, help="How many days back, counted from now.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (coverage, spending):
        app.command()(command)


def coverage(context: typer.Context, days: Days = 7, as_json: Json = False) -> None:
    """Show for each source how long it was heard, what it still has to read, and what is lost for good."""
    from frankly.hearing import gather, show

    with application(context) as app:
        now = app.clock.now()
        report = gather(app, now - timedelta(days=days), now)
    if as_json:
        write_json(report)
    else:
        show(report, console())


def spending(context: typer.Context, days: Days = 30, as_json: Json = False) -> None:
    """Show what was paid for which calls, and what is left of each budget."""
    from frankly.paying import gather, show

    with application(context) as app:
        now = app.clock.now()
        report = gather(app, now - timedelta(days=days), now)
    if as_json:
        write_json(report)
    else:
        show(report, console())
