"""What every command needs: the configuration it was given, a console, and a way to print JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from rich.console import Console

from config.errors import FranklyError
from frankly.escaping import escaped_json

if TYPE_CHECKING:
    from frankly.app import App
    from store.records import Agent

Json = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
Why = Annotated[
    bool, typer.Option("--why", help="Add the words that carried the complaint where there is one, else the sentiment.")
]


def console() -> Console:
    """Return a console on standard output that takes no text for markup."""
    return Console(markup=False, highlight=False, emoji=False)


def progress_console() -> Console:
    """Return a console on standard error, where progress bars belong."""
    return Console(stderr=True)


def say(sentence: str) -> None:
    """Write one line to standard output."""
    typer.echo(printable(sentence))


def hand_out(text: str) -> None:
    """Write what a command is for to standard output; ``FranklyError`` where that is closed."""
    standard_output().write(printable(text) + "\n")


def complain(sentence: str) -> None:
    """Write one line to standard error."""
    typer.echo(printable(sentence), err=True)


def printable(text: str) -> str:
    """Take out of strangers' text what would command a terminal: control and direction characters."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def standard_output() -> TextIO:
    """Return standard output; ``FranklyError`` where whoever started this closed it."""
    if sys.stdout is None:
        raise FranklyError("standard output is closed; expected it to lead to a terminal, a file or a program")
    return sys.stdout


def write_json(value: Any) -> None:
    """Write one JSON document to standard output."""
    standard_output().write(escaped_json(json.dumps(value, ensure_ascii=False, indent=2, default=str)) + "\n")


@contextmanager
def application(context: typer.Context, *, made: bool = False) -> Iterator[App]:
    """Open the application with the configuration that the command line names; made: its store must be there already.

    That is for what an operator does to a running frankly: on another store, made by mistake, it would do nothing.
    """
    from frankly.app import opened

    with opened(config_of(context), made=made) as app:
        yield app


def a_day(text: str) -> date:
    """Read a day that an option names."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f'found "{text}"; expected a day such as 2026-03-31') from None


def pairs(option: str, given: str | None, example: str) -> dict[str, str]:
    """Read an option such as ``text=Tweet,author=User`` into a mapping. ``UsageError`` when it is not of that form."""
    from config.errors import UsageError

    found: dict[str, str] = {}
    for part in (given or "").split(","):
        key, equals, value = part.partition("=")
        if part and (not equals or not key.strip() or not value.strip()):
            raise UsageError(f'{option} has "{part}"; expected pairs such as {example}')
        if part and found.setdefault(key.strip(), value.strip()) != value.strip():
            raise UsageError(f'{option} has "{key.strip()}" twice, as {found[key.strip()]} and as {value.strip()}')
    if given is not None and not found:
        raise UsageError(f'{option} has "{given}"; expected pairs such as {example}')
    return found


def config_of(context: typer.Context) -> Path | None:
    """Return the --config of this call, if it has one."""
    given: Path | None = context.find_root().params.get("config")
    return given


def agent_called(app: App, username: str) -> Agent:
    """Return the agent of that name. ``UsageError`` when there is none."""
    from config.errors import UsageError

    agent = app.store.agents.by_username(username)
    if agent is None:
        raise UsageError(f'there is no agent "{username}"; `frankly agents list` shows them all')
    return agent
