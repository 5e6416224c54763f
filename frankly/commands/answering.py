"""cases, explain, forget: looking after single people."""

from __future__ import annotations

from typing import Annotated

import typer

from frankly.commands.common import Json, Why, application, complain, console, hand_out, say, write_json


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (cases, explain, forget):
        app.command()(command)


def cases(
    context: typer.Context,
    status: Annotated[str, typer.Option(help="open, pending, snoozed, resolved or all.")] = "open",
    queue: Annotated[str | None, typer.Option(help="Only this queue.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at the most.")] = 50,
    as_json: Json = False,
) -> None:
    """List cases in the order in which they should be answered."""
    from frankly.listing import case_rows, case_table, no_case

    with application(context) as app:
        rows = case_rows(app, status, queue, limit)
    if as_json:
        write_json(rows)
    elif not rows:
        hand_out(no_case(status, queue))
    else:
        console().print(case_table(rows))


def explain(
    context: typer.Context,
    mention: Annotated[str, typer.Argument(help="Our id of a mention, the platform's id, or its address.")],
    why: Why = False,
    as_json: Json = False,
) -> None:
    """Tell the whole story of one mention: heard, understood, decided, answered."""
    from frankly.story import tell, told

    with application(context) as app:
        story = told(app, mention, why=why)
    if as_json:
        write_json(story)
    else:
        hand_out(tell(story))


def forget(
    context: typer.Context,
    author: Annotated[str, typer.Argument(help="A handle (@name on X, u/name on Reddit) or an author's id there.")],
    platform: Annotated[str | None, typer.Option(help="x or reddit, where both know the name.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove everything an author wrote, from every table and index. It cannot be undone."""
    from frankly.forgetting import forget_author

    if not yes:
        typer.confirm(f"Remove everything that {author} wrote?", abort=True)
    with application(context, made=True) as app:
        sentence, problems = forget_author(app, author, platform)
    say(sentence)
    for problem in problems:
        complain(problem)
    if problems:
        raise typer.Exit(1)
