"""classify, evaluate: what the model makes of a text, and how good that is."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import FranklyError
from frankly.commands.common import (
    Json,
    Why,
    application,
    complain,
    config_of,
    hand_out,
    pairs,
    standard_output,
    write_json,
)

if TYPE_CHECKING:
    from classifiers.evaluation.report import Report
    from frankly.evaluating import Asked


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (classify, evaluate):
        app.command()(command)


def classify(
    context: typer.Context,
    texts: Annotated[list[str] | None, typer.Argument(help="Texts [default: one a line from standard input].")] = None,
    brand: Annotated[
        str | None, typer.Option(help="The brand that sentiment is read towards, where a line names none.")
    ] = None,
    why: Why = False,
    model: Annotated[str | None, typer.Option(help="Another model: a folder or a Hugging Face name.")] = None,
) -> None:
    """Read texts, or lines of text or JSON with "text", and write one JSON object a line, in order."""
    from frankly.classifying import classify_to

    lines = () if texts else _standard_input()
    bad = classify_to(
        standard_output(), texts, lines, config_of(context), brand=brand, why=why, model=model, complain=complain
    )
    if bad:
        raise typer.Exit(1)


def _standard_input() -> Iterator[str]:
    """Yield the lines of standard input; ``FranklyError`` where it is closed or the reading breaks off."""
    if sys.stdin is None:
        raise FranklyError("standard input is closed; expected lines of text there, or texts as arguments")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # Bytes that are no text become lone surrogates, so that a line with some is told and the next is read.
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        yield from sys.stdin
    except OSError as error:
        raise FranklyError(f"standard input cannot be read to its end: {error.strerror or error}") from error


def evaluate(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Labelled texts: JSON lines or CSV.")] = None,
    model: Annotated[
        str | None, typer.Option(help="A folder, a Hugging Face name, vader or tfidf [default: the configured model].")
    ] = None,
    against: Annotated[list[str] | None, typer.Option(help="Compare with this model too; may be repeated.")] = None,
    head: Annotated[
        str | None, typer.Option(help="What the labels answer: sentiment, complaint, … [default: told by the labels].")
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--map", help="Which column is which: text=Tweet,label=Mood,brand=…,group=….")
    ] = None,
    labels: Annotated[str | None, typer.Option(help="What the file's labels mean: angry=complaint,fine=other.")] = None,
    brand: Annotated[str | None, typer.Option(help="The brand of texts that name none.")] = None,
    target_precision: Annotated[
        float | None, typer.Option(help="Choose the thresholds that reach this share, such as 0.9.")
    ] = None,
    from_corrections: Annotated[
        bool, typer.Option("--from-corrections", help="Take the agents' corrections at the desk instead of a file.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure a model on labelled texts, compare it with others, choose thresholds."""
    from classifiers.evaluation.report import as_json as plain
    from classifiers.evaluation.report import told
    from config.errors import UsageError
    from frankly.evaluating import Asked

    asked = Asked(model, tuple(against or ()), head, brand, target_precision)
    if (file is None) != from_corrections:
        raise UsageError("evaluate takes one file of labelled texts, or --from-corrections")
    if from_corrections and (columns is not None or labels is not None):
        raise UsageError("--map and --labels say how a file is to be read; --from-corrections reads none")
    report = _of_corrections(context, asked) if file is None else _of_file(context, file, columns, labels, asked)
    if as_json:
        write_json(plain(report))
    else:
        hand_out(told(report))


def _of_file(context: typer.Context, file: Path, columns: str | None, labels: str | None, asked: Asked) -> Report:
    from classifiers.evaluation.labelled import Request
    from frankly.classifying import settings_if_any
    from frankly.evaluating import evaluate_file

    request = Request(
        pairs("--map", columns, "text=Tweet,label=Mood"), pairs("--labels", labels, "angry=complaint,fine=other")
    )
    return evaluate_file(file, request, asked, settings_if_any(config_of(context)), complain)


def _of_corrections(context: typer.Context, asked: Asked) -> Report:
    from frankly.evaluating import evaluate_corrections

    with application(context) as app:
        return evaluate_corrections(app, asked)
