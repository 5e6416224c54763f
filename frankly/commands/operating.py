"""run, desk, status, compliance, pause, resume, agents: what an operator does."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from frankly.commands.common import Json, a_day, agent_called, application, complain, console, say, write_json

agents = typer.Typer(help="The people who sign in at the desk.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (run, desk, status, compliance, pause, resume):
        app.command()(command)
    app.add_typer(agents, name="agents")


def run(
    context: typer.Context,
    with_desk: Annotated[bool, typer.Option("--desk/--no-desk", help="Serve the desk as well.")] = True,
    until_stdin_ends: Annotated[
        bool, typer.Option("--until-stdin-ends", hidden=True, help="Stop when standard input ends.")
    ] = False,
) -> None:
    """Run the daemon: listen, understand, route, answer, report, until SIGTERM."""
    from frankly.daemon import Daemon
    from frankly.lock import only_one
    from frankly.logs import set_up_logs
    from frankly.serving import DeskServer

    set_up_logs()
    with application(context) as app, only_one(app.settings.database_path):
        daemon = Daemon(app, DeskServer(app) if with_desk else None)
        if until_stdin_ends:
            daemon.stop_with(0)
        raise typer.Exit(daemon.run())


def desk(context: typer.Context) -> None:
    """Serve only the desk, beside a daemon that runs with --no-desk."""
    from frankly.logs import set_up_logs
    from frankly.serving import DeskServer

    set_up_logs()
    with application(context) as app:
        server = DeskServer(app)
        say(f"The desk is at {server.url}")
        server.run(app)


def status(context: typer.Context, as_json: Json = False) -> None:
    """Show what was heard, what waits, what goes out, and whether the daemon is alive."""
    from frankly.status import gather, show

    with application(context, made=True) as app:
        report = gather(app)
    if as_json:
        write_json(report)
    else:
        show(report, console())


def compliance(
    context: typer.Context,
    first: Annotated[
        date | None, typer.Option("--from", parser=a_day, metavar="<day>", help="The first day [default: 30 days].")
    ] = None,
    last: Annotated[
        date | None, typer.Option("--to", parser=a_day, metavar="<day>", help="The last day [default: today].")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show how the platforms' rules were kept: reads, replies, looks, deletions honoured, texts ended. Days by UTC."""
    from frankly.compliance import gather, show

    with application(context) as app:
        report = gather(app, first, last)
    if as_json:
        write_json(report)
    else:
        show(report, console())


def pause(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why; agents see it.")] = "paused from the command line",
) -> None:
    """Stop all sending at once. Listening goes on. A file named PAUSE beside the settings does the same."""
    from responders.pausing import pause_sending

    with application(context, made=True) as app:
        pause_sending(app.store, app.clock, "operator", reason)
    say("All sending is paused. `frankly resume` lets it go on.")


def resume(context: typer.Context) -> None:
    """Let sending go on after a pause."""
    from responders.pausing import resume_sending, told_by_file

    with application(context, made=True) as app:
        was = resume_sending(app.store, app.clock, "operator")
        by_file = told_by_file(app.settings.pause_file)
    if by_file is not None:
        complain(f"Sending stays paused: {by_file}.")
        raise typer.Exit(1)
    say("Sending goes on." if was else "Sending was not paused.")


@agents.command("list")
def list_agents(context: typer.Context, as_json: Json = False) -> None:
    """Show everybody who may sign in."""
    from rich.table import Table

    with application(context, made=True) as app:
        found = app.store.agents.all()
    if as_json:
        write_json(
            [
                {
                    "username": a.username,
                    "name": a.name,
                    "initials": a.initials,
                    "role": a.role,
                    "disabled": bool(a.disabled_at),
                }
                for a in found
            ]
        )
        return
    table = Table("username", "name", "initials", "role", "state")
    for agent in found:
        table.add_row(agent.username, agent.name, agent.initials, agent.role, "disabled" if agent.disabled_at else "")
    console().print(table)


@agents.command("add")
def add_agent(
    context: typer.Context,
    username: str,
    name: Annotated[str, typer.Option(help="Shown to colleagues.")],
    initials: Annotated[str, typer.Option(help="Sign this agent's replies, such as AB.")],
    role: Annotated[str, typer.Option(help="agent, manager or admin.")] = "agent",
) -> None:
    """Add an agent and print a one-time link to sign in with and set a password."""
    from config.clock import SystemClock
    from config.errors import UsageError
    from frankly.serving import desk_address
    from responders.desk.signin import make_login_link, not_well_named
    from store.records import Event, Role

    problem = not_well_named(username, name, initials)
    if problem:
        raise UsageError(problem)

    if role not in list(Role):
        raise UsageError(f'"{role}" is no role; expected one of: {", ".join(Role)}')
    with application(context) as app:
        if app.store.agents.by_username(username) is not None:
            raise UsageError(
                f'there is an agent "{username}" already; `frankly agents link {username}` makes a new link'
            )
        now = app.clock.now()
        with app.store.transaction():
            agent = app.store.agents.add(username, name, initials, Role(role), None, now)
            app.store.events.add(Event(at=now, kind="agent.added", actor="operator", detail={"agent": agent.id}))
        say(make_login_link(app.store, agent, desk_address(app.settings), SystemClock().now()))


@agents.command("link")
def link(context: typer.Context, username: str) -> None:
    """Print a one-time sign-in link, good for a quarter of an hour."""
    from config.clock import SystemClock
    from frankly.serving import desk_address
    from responders.desk.signin import make_login_link

    with application(context, made=True) as app:
        say(make_login_link(app.store, agent_called(app, username), desk_address(app.settings), SystemClock().now()))


@agents.command("disable")
def disable(context: typer.Context, username: str) -> None:
    """Keep an agent from signing in, at once, and free their cases. What they approved does not leave any more."""
    from store.records import Event

    with application(context, made=True) as app:
        agent = agent_called(app, username)
        now = app.clock.now()
        with app.store.transaction():
            app.store.agents.disable(agent.id, now)
            app.case_work.leave(agent, "operator")
            app.store.events.add(Event(at=now, kind="agent.changed", actor="operator", detail={"agent": agent.id}))
    say(f"{username} can no longer sign in.")
