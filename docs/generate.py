"""Writes the pages of docs/ that come from the code. A test fails while a page differs from what this would write."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from typer.testing import CliRunner

from config.rules import Routes
from config.settings import Settings
from frankly.cli import app
from responders.digest.glossary import FIGURES
from store.events import KINDS
from store.store import Store

DOCS = Path(__file__).parent


def pages() -> dict[str, str]:
    """Return the text of every generated page by its file's name."""
    return {
        "schema.md": schema_page(),
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "events.md": events_page(),
        "figures.md": figures_page(),
    }


def schema_page() -> str:
    """Describe the tables of a fresh database, with the comments of the schema."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "fresh.sqlite3")
        rows = store.database.rows(
            "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
            "AND name NOT LIKE '%\\_search\\_%' ESCAPE '\\' ORDER BY type DESC, name"
        )
        store.close()
    lines = ["# The database", "", "One SQLite file, which Datasette opens as it is. Times are UTC, money in dollars."]
    indexes = [row for row in rows if row["type"] == "index"]
    for row in rows:
        if row["type"] == "table":
            lines += ["", f"## {row['name']}", "", "```sql", row["sql"], "```"]
            lines += [f"- index `{index['name']}`" for index in indexes if _on(index, row["name"])]
    return "\n".join(lines) + "\n"


def _on(index: dict[str, Any], table: str) -> bool:
    return re.search(rf"\bON {table}\b", index["sql"]) is not None


def commands_page() -> str:
    """Print the help of every command."""
    codes = (
        "0 done; 1 the work failed or its budget is spent; 2 wrong usage; 3 wrong configuration; 4 a platform refused; "
        "5 another runs"
    )
    lines = ["# Commands", "", f"Exit codes: {codes}.", ""]
    for words in _commands(typer.main.get_command(app), ()):
        text = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"}).output
        lines += [f"## frankly {' '.join(words)}".rstrip(), "", "```", text.strip(), "```", ""]
    return "\n".join(line.rstrip() for line in lines)


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, (*words, name))


def settings_page() -> str:
    """List every key of frankly.toml and routes.toml with its default and meaning."""
    lines = [
        "# Settings",
        "",
        "`frankly.toml`. Any single value can be set from the environment: `FRANKLY_DESK__PORT=9000` is `desk.port`.",
        "Lists (such as all brands) and tables are set whole, as TOML: `FRANKLY_CLASSIFIER__LANGUAGES='[\"en\"]'`.",
        "Text that TOML reads as a number, a date or true has quotes inside: `FRANKLY_CLASSIFIER__REVISION='\"12\"'`.",
        "Secrets stand only in the environment, or in a file that `NAME_FILE` names: see the end of the starter file.",
        "Durations are written `45s`, `30m`, `4h` or `2d`, up to `36500d`; only `answers.hold`, `author_cooldown` and",
        "`settle_after` may be 0.",
        *_table(Settings, ""),
        "",
        "# Rules",
        "",
        "`routes.toml`. All conditions of a rule must hold; a list means any of these; the first that matches wins.",
        *_table(Routes, ""),
    ]
    return "\n".join(lines) + "\n"


def _table(model: type[BaseModel], prefix: str) -> list[str]:
    lines: list[str] = []
    inner: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
        below = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if below is not None:
            several = "[]" if "list[" in str(field.annotation) else ""
            inner.append((f"{prefix}{name}{several}", below))
        else:
            lines.append(f"| `{prefix}{name}` | {_default(model, name)} | {field.description or ''} |")
    head = ["", "| key | default | meaning |", "|---|---|---|"] if lines else []
    tables = [line for name, below in inner for line in _section(name, below)]
    return [*head, *lines, *tables]


def _section(name: str, model: type[BaseModel]) -> list[str]:
    title = f"[[{name.removesuffix('[]')}]]" if name.endswith("[]") else f"[{name}]"
    return ["", f"## {title}", "", (model.__doc__ or "").strip().splitlines()[0], *_table(model, f"{name}.")]


def _default(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if field.is_required():
        return "required"
    probe = model.model_construct()
    text = probe.model_dump_json(include={name})
    return f"`{text.partition(':')[2].removesuffix('}')}`"


def events_page() -> str:
    """List every kind of event."""
    rows = [f"| `{kind}` | {meaning} |" for kind, meaning in KINDS.items()]
    head = ["# Events", "", "Every change of state leaves one.", "", "| kind | meaning |", "|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def figures_page() -> str:
    """Define every figure of the digest."""
    rows = [f"| {name} | {meaning} |" for name, meaning in FIGURES.items()]
    return "\n".join(["# Figures of the digest", "", "| figure | how it is counted |", "|---|---|", *rows]) + "\n"


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
