"""``frankly init``: a folder with every file that an operator edits."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from config.errors import UsageError


def write_starter(folder: Path) -> list[Path]:
    """Copy the starter files; returns what was written. ``UsageError`` where one of them stands already."""
    copies = _copies(files("config.starter"), folder)
    there = [str(target.relative_to(folder)) for target in copies if target.exists()]
    if there:
        raise UsageError(f"{folder} holds files of its own already: {', '.join(there)}; name a new or empty folder")
    try:
        for target, source in copies.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}; name a folder you may write to") from error
    return list(copies)


def _copies(source: Traversable, target: Path) -> dict[Path, Traversable]:
    """Return each file to write, with what it is copied from."""
    found: dict[Path, Traversable] = {}
    for entry in sorted(source.iterdir(), key=lambda one: one.name):
        if entry.is_dir() and not entry.name.startswith("__"):
            found |= _copies(entry, target / entry.name)
        elif entry.name.endswith((".toml", ".md")):
            found[target / entry.name] = entry
    return found
