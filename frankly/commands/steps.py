"""collect, assess, route, send, digest, sweep: each step of the journey alone, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from frankly.commands.common import Json, application, complain, say


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (collect, assess, route, send, sweep, digest):
        app.command()(command)


def collect(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Names of sources [default: all].")] = None,
) -> None:
    """Read the sources once and store what they have."""
    from config.errors import UsageError
    from frankly import pipeline

    with application(context) as app:
        names = [source.name for source in app.settings.sources]
        for name in sources or []:
            if name not in names:
                raise UsageError(f'there is no source "{name}"; configured: {", ".join(names) or "none"}')
        collector = app.collector()
        errors = 0
        for name in sources or names:
            report = pipeline.collect(collector, name)
            say(
                f"{name}: read {report.read}, new {report.stored}, known {report.known}, "
                f"no mention {report.passed_over}"
            )
            if report.error:
                errors += 1
                complain(f"{name}: {report.error}")
    if errors:
        raise typer.Exit(4)


def assess(context: typer.Context) -> None:
    """Classify every stored mention that waits for it."""
    from frankly import pipeline
    from frankly.progress import bar

    with application(context) as app:
        waiting = app.store.overview.mentions()["unassessed"]
        with bar("assessing", waiting) as advance:
            done = _drain(lambda: pipeline.assess(app), advance)
    say(f"Assessed {done} mentions.")


def route(context: typer.Context) -> None:
    """Apply the rules to every assessed mention that waits for it."""
    from frankly import pipeline
    from frankly.progress import bar

    with application(context) as app:
        waiting = app.store.overview.mentions()["unrouted"]
        with bar("routing", waiting) as advance:
            done = _drain(lambda: pipeline.route(app), advance)
    say(f"Routed {done} mentions.")


def send(context: typer.Context) -> None:
    """Send what is approved and due, and settle what is uncertain."""
    from frankly import pipeline
    from frankly.lock import only_one

    with application(context) as app, only_one(app.settings.database_path):
        sender = app.sender()
        sender.recover()
        tried = pipeline.send(sender)
    say(f"Tried {tried} replies; `frankly status` shows the outbox.")


def sweep(context: typer.Context) -> None:
    """Remove what was deleted on its platform, and what is past its retention."""
    from frankly import pipeline

    with application(context) as app:
        reports, expired = pipeline.sweep(app.deletions(), list(app.clients()))
    for report in reports:
        say(f"{report.platform}: looked at {report.checked}, removed {report.deleted} that are gone.")
        if report.error:
            complain(f"{report.platform}: {report.error}")
    say(f"Removed {expired} texts that were kept long enough.")
    if any(report.error for report in reports):
        raise typer.Exit(4)


def digest(
    context: typer.Context,
    brand: Annotated[str | None, typer.Option(help="A brand's name [default: all of them].")] = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day [default: yesterday].")] = None,
    form: Annotated[str, typer.Option("--format", help="markdown, html or json.")] = "markdown",
    deliver: Annotated[bool, typer.Option("--send", help="Also send it to FRANKLY_DIGEST_URLS.")] = False,
    as_json: Json = False,
) -> None:
    """Make the digest of a day and print it."""
    from frankly.digesting import digest_texts

    with application(context) as app:
        texts = digest_texts(app, brand, day.date() if day else None, "json" if as_json else form, deliver=deliver)
    for text in texts:
        typer.echo(text)


def _drain(step: Callable[[], int], advance: Callable[[int], None]) -> int:
    total = 0
    while done := step():
        total += done
        advance(done)
    return total
