"""classify: what the model makes of a text, without any store."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from frankly.commands.common import complain, config_of


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(classify)


def classify(
    context: typer.Context,
    texts: Annotated[list[str] | None, typer.Argument(help="Texts [default: one a line from standard input].")] = None,
    brand: Annotated[str | None, typer.Option(help="The brand that sentiment is read towards.")] = None,
    why: Annotated[bool, typer.Option("--why", help="Add the words that carried the decision.")] = False,
    model: Annotated[str | None, typer.Option(help="Another model: a folder or a Hugging Face name.")] = None,
) -> None:
    """Read texts, or lines of text or JSON with "text", and write one JSON object a line, in order."""
    from frankly.classifying import classify_to

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    bad = classify_to(
        sys.stdout, texts, sys.stdin, config_of(context), brand=brand, why=why, model=model, complain=complain
    )
    if bad:
        raise typer.Exit(1)
