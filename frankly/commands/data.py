"""replay, export, backup, restore: data in and out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from frankly.commands.common import Json, application, complain, config_of, say, standard_output, write_json


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (replay, export, backup, restore):
        app.command()(command)


def replay(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="X or Reddit response pages, JSON lines, or CSV.")],
    columns: Annotated[str | None, typer.Option("--map", help="CSV columns: text=…,author=…,posted_at=…,id=….")] = None,
    platform: Annotated[str, typer.Option(help="Where rows that do not say came from: x or reddit.")] = "x",
    take_all: Annotated[bool, typer.Option("--all", help="Every row is a mention, whatever it names.")] = False,
    brand: Annotated[str | None, typer.Option(help="The brand of --all; may be left out where there is one.")] = None,
    speed: Annotated[
        float | None, typer.Option(help="Play at this many times the posts' own pace [default: at once].")
    ] = None,
    as_json: Json = False,
) -> None:
    """Feed recorded posts through the same path as live ones. They are never answered in public."""
    from frankly.replaying import replay_files

    with application(context) as app:
        report = replay_files(app, files, columns, platform, brand, speed, take_all=take_all, complain=complain)
    if as_json:
        write_json(report.as_dict())
    else:
        say(report.sentence())


def export(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="mentions, cases, replies or events.")],
    form: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    output: Annotated[Path | None, typer.Option(help="A file, for its owner alone [default: standard output].")] = None,
) -> None:
    """Write everything stored about a subject, one row a line."""
    from frankly.exporting import export_to_file, write_export

    with application(context, made=True) as app:
        if output is None:
            write_export(app.store, subject, form, standard_output())
            return
        count = export_to_file(app.store, subject, form, output)
    complain(f"Wrote {count} rows to {output}.")


def backup(
    context: typer.Context,
    target: Annotated[Path | None, typer.Argument(help="A new file [default: one in the backups folder].")] = None,
) -> None:
    """Copy the database while everything goes on."""
    from frankly.backing_up import back_up

    with application(context, made=True) as app:
        say(f"Wrote {back_up(app, target)}.")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `frankly backup` wrote.")],
) -> None:
    """Put a backup in the store's place, with sending paused. Stop the daemon and the desk first."""
    from config.loading import find_config, load_settings
    from frankly import restoring

    settings = load_settings(find_config(config_of(context), os.environ), os.environ)
    kept = restoring.restore(settings, file)
    say(f"Restored {file} to {settings.database_path}.")
    say("Sending is paused: what the backup has queued may have been sent since.")
    if kept is not None:
        say(f"The old store is kept as {kept}. Nothing empties it: remove it within a day.")
