"""collect, assess, route, send, notice, sweep, digest: each step of the journey alone, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

import typer

from frankly.commands.common import Json, a_day, application, complain, say, write_json


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (collect, assess, route, send, notice, sweep, digest):
        app.command()(command)


def collect(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Names of sources [default: all].")] = None,
    as_json: Json = False,
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
        reports = [pipeline.collect(collector, name) for name in sources or names]
    if as_json:
        write_json([asdict(report) for report in reports])
    for report in reports:
        if not as_json:
            say(
                f"{report.source}: read {report.read}, new {report.stored}, known {report.known}, "
                f"no mention {report.passed_over}"
            )
        if report.error:
            complain(f"{report.source}: {report.error}")
    _end(report.exit_code for report in reports)


def assess(context: typer.Context, as_json: Json = False) -> None:
    """Classify every stored mention that waits for it."""
    from frankly import pipeline
    from frankly.progress import bar

    with application(context) as app:
        waiting = app.store.overview.mentions()["unassessed"]
        with bar("assessing", waiting) as advance:
            done = _drain(lambda: pipeline.assess(app), advance)
    _tell("assessed", done, f"Assessed {done} mentions.", as_json)


def route(context: typer.Context, as_json: Json = False) -> None:
    """Apply the rules to every assessed mention that waits for it."""
    from frankly import pipeline
    from frankly.progress import bar

    with application(context) as app:
        waiting = app.store.overview.mentions()["unrouted"]
        with bar("routing", waiting) as advance:
            done = _drain(lambda: pipeline.route(app), advance)
    _tell("routed", done, f"Routed {done} mentions.", as_json)


def send(context: typer.Context, as_json: Json = False) -> None:
    """Send what is approved and due, and settle what is uncertain."""
    from frankly import pipeline
    from frankly.lock import only_one

    with application(context) as app, only_one(app.settings.database_path):
        tried = pipeline.send(app.sender())
    _tell("tried", tried, f"Tried {tried} replies; `frankly status` shows the outbox.", as_json)


def notice(context: typer.Context, as_json: Json = False) -> None:
    """Read our own posts, and credit answers that were given by hand to their cases."""
    from frankly import pipeline

    with application(context) as app:
        reports, credited = pipeline.notice(app.own_posts(), app.noticing)
    if as_json:
        write_json({"platforms": [asdict(report) for report in reports], "credited": credited})
    else:
        say(f"Noticed {credited} answers that were given by hand.")
    for report in reports:
        if report.error:
            complain(f"{report.platform}: {report.error}")
    _end(report.exit_code for report in reports)


def sweep(context: typer.Context, as_json: Json = False) -> None:
    """Remove what was deleted on its platform, and what is past its retention, from the store and its backups."""
    from frankly import pipeline
    from listener.backups import clean_backups

    with application(context) as app:
        reports, expired = pipeline.sweep(app.deletions(), list(app.clients()))
        problems = clean_backups(app.store, app.settings, app.clock, every=timedelta(0))
    if as_json:
        write_json({"platforms": [asdict(report) for report in reports], "expired": expired, "problems": problems})
    for report in reports:
        if not as_json:
            say(f"{report.platform}: looked at {report.checked}, removed {report.deleted} that are gone.")
        if report.error:
            complain(f"{report.platform}: {report.error}")
    if not as_json:
        say(f"Removed {expired} texts that were kept long enough.")
    for problem in problems:
        complain(problem)
    _end([*(report.exit_code for report in reports), int(bool(problems))])


def digest(
    context: typer.Context,
    brand: Annotated[str | None, typer.Option(help="A brand's name [default: all of them].")] = None,
    day: Annotated[
        date | None,
        typer.Option(parser=a_day, metavar="<day>", help="The day, such as 2026-03-31 [default: yesterday]."),
    ] = None,
    form: Annotated[str, typer.Option("--format", help="markdown, html or json.")] = "markdown",
    deliver: Annotated[bool, typer.Option("--send", help="Also send it to FRANKLY_DIGEST_URLS.")] = False,
    as_json: Json = False,
) -> None:
    """Make the digest of a day and print it."""
    from frankly.digesting import digest_texts

    with application(context) as app:
        texts = digest_texts(app, brand, day, "json" if as_json else form, deliver=deliver, tell=complain)
    for text in texts:
        typer.echo(text)


def _tell(key: str, count: int, sentence: str, as_json: bool) -> None:
    if as_json:
        write_json({key: count})
    else:
        say(sentence)


def _end(codes: Iterable[int]) -> None:
    """End with the highest code: a platform that refused rather than a budget that is spent."""
    code = max(codes, default=0)
    if code:
        raise typer.Exit(code)


def _drain(step: Callable[[], int], advance: Callable[[int], None]) -> int:
    total = 0
    while done := step():
        total += done
        advance(done)
    return total
