"""``frankly init``: a folder with every file that an operator edits."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from config.errors import UsageError
from config.loading import FILE_NAME


def write_starter(folder: Path) -> list[Path]:
    """Copy the starter files; returns what was written. ``UsageError`` where a configuration stands already."""
    if (folder / FILE_NAME).exists():
        raise UsageError(f"{folder} holds a {FILE_NAME} already; name an empty folder")
    try:
        return _copy(files("config.starter"), folder)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}; name a folder you may write to") from error


def _copy(source: Traversable, target: Path) -> list[Path]:
    target.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for entry in sorted(source.iterdir(), key=lambda one: one.name):
        if entry.is_dir() and not entry.name.startswith("__"):
            written += _copy(entry, target / entry.name)
        elif entry.name.endswith((".toml", ".md")):
            (target / entry.name).write_bytes(entry.read_bytes())
            written.append(target / entry.name)
    return written
