"""The command line. Exit codes: 0 done; 1 the work failed; 2 wrong usage; 3 wrong configuration; 4 a platform
refused; 5 another instance runs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from config.errors import FranklyError
from config.version import running_version
from frankly.commands import answering, data, ledgers, operating, setting_up, steps, understanding
from frankly.commands.common import complain, say


class _Commands(TyperGroup):
    """The commands; says where ``--config`` belongs to whoever gave it to one of them."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:  # by its attribute: typer brings a click of its own or uses the installed one
            if getattr(error, "option_name", None) == "--config":
                vars(error)["message"] = "--config stands before the command: frankly --config FOLDER COMMAND"
            raise


app = typer.Typer(
    name="frankly",
    cls=_Commands,
    help="Hears what people say in public about a brand, finds the complaints, and makes sure each gets an answer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
for part in (setting_up, operating, ledgers, steps, answering, understanding, data):
    part.register(app)


def _show_version(asked: bool) -> None:
    if asked:
        say(f"frankly {running_version()}")
        raise typer.Exit


@app.callback()
def _options(
    config: Annotated[
        Path | None, typer.Option(help="The configuration file or its folder [default: $FRANKLY_CONFIG, else here].")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; every error that frankly can name becomes one sentence and its exit code."""
    try:
        app()
    except FranklyError as error:
        complain(f"frankly: {error}")
        sys.exit(error.exit_code)
    except OSError as error:
        complain(f"frankly: {error.filename or 'the system'} cannot be used: {error.strerror or error}")
        sys.exit(1)
