"""init, check, rehearse: from nothing to a running frankly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frankly.commands.common import Json, complain, config_of, say, write_json


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(init)
    app.command()(check)
    app.command()(rehearse)


def init(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")]) -> None:
    """Make a folder with every file that an operator edits."""
    from config.starting import write_starter

    for path in write_starter(folder):
        say(f"wrote {path}")
    say(f"Now edit {folder / 'frankly.toml'}, then run: frankly --config {folder} check")


def check(context: typer.Context, as_json: Json = False) -> None:
    """Show the effective settings, test credentials and sources, and say what the platforms still ask."""
    from frankly.doctor import examine

    report = examine(config_of(context))
    if as_json:
        write_json(report.as_dict())
    else:
        say(report.text)
        for finding in report.findings:
            (complain if finding.is_problem else say)(f"{finding.mark} {finding.sentence}")
    if report.problems:
        complain(f"{len(report.problems)} problem{'s' if len(report.problems) > 1 else ''} to mend.")
        raise typer.Exit(report.exit_code)


def rehearse(
    folder: Annotated[
        Path | None, typer.Option(help="Where the rehearsal keeps its files [default: a new one].")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.2, help="How long the sample day takes.")] = 10.0,
    port: Annotated[int, typer.Option(help="The desk's port; 0 takes any free one.")] = 0,
    stay: Annotated[bool, typer.Option(help="Go on after the day has ended, until Ctrl-C.")] = True,
) -> None:
    """Play a sample day on simulated platforms: no account, no key, no network."""
    from frankly.rehearsal.show import run_show

    raise typer.Exit(run_show(folder, minutes, port, stay=stay))
