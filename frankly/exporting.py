"""Exports: JSON lines or CSV, the same keys in both."""

from __future__ import annotations

import csv
import json
import os
import re
import stat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from config.errors import UsageError
from frankly.escaping import escaped_json, escaped_text
from store.exports import SUBJECTS
from store.store import Store

# A cell that starts with one of these, blanks aside, is a formula to a spreadsheet; strangers wrote these texts.
_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# One that parts cells by semicolons, as in half of Europe, heeds no quotes inside a line: a cell of its own begins
# behind each semicolon and each line break of a text.
_WITHIN = re.compile(f"([;\n][^\\S\n]*+)([{re.escape(''.join(_SIGNS))}])")


def export_to_file(store: Store, subject: str, form: str, path: Path) -> int:
    """Write every row to a file that only its owner may read; a file that is there stays until the new one is whole."""
    _refuse_a_strangers_link(path)
    try:
        if path.exists() and not path.is_file():  # a pipe or a device: nothing can stand in its place
            with path.open("w", encoding="utf-8", newline="") as out:
                return write_export(store, subject, form, out)
        target = path.resolve()
        with TemporaryDirectory(dir=target.parent, prefix=".frankly-export-") as folder:
            part = Path(folder) / target.name
            part.touch(0o600)
            with part.open("w", encoding="utf-8", newline="") as out:
                count = write_export(store, subject, form, out)
            part.replace(target)
        return count
    except OSError as error:
        error.filename = str(path)
        raise


def _refuse_a_strangers_link(path: Path) -> None:
    """In a folder that everybody may write to, a link of somebody else's would choose which file is written over.

    The system has the same rule for whatever is opened through a link; where it leads is only read here.
    """
    if not path.is_symlink():
        return
    folder, owner = path.parent.stat(), path.lstat().st_uid
    shared = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
    if shared and owner not in (os.geteuid(), folder.st_uid):
        raise UsageError(f"{path} is a link that somebody else made; name another file")


def write_export(store: Store, subject: str, form: str, out: TextIO) -> int:
    """Write every row of a subject; returns how many. Memory does not grow with the store."""
    if subject not in SUBJECTS:
        raise UsageError(f'"{subject}" cannot be exported; expected one of: {", ".join(SUBJECTS)}')
    if form == "jsonl":
        return _write_lines(store, subject, out)
    if form == "csv":
        return _write_csv(store, subject, out)
    raise UsageError(f'"{form}" is no format of an export; expected jsonl or csv')


def _write_lines(store: Store, subject: str, out: TextIO) -> int:
    count = 0
    for row in store.exports.rows(subject):
        out.write(escaped_json(json.dumps(row, ensure_ascii=False)) + "\n")
        count += 1
    return count


def _write_csv(store: Store, subject: str, out: TextIO) -> int:
    writer = csv.writer(out)
    writer.writerow(store.exports.columns(subject))
    count = 0
    for row in store.exports.rows(subject):
        writer.writerow([_cell(value) for value in row.values()])
        count += 1
    return count


def _cell(value: object) -> object:
    """Make a text that a spreadsheet would run into one that it shows, by the usual apostrophe; escape controls.

    CSV has no escapes of its own, so that a cell with ``\\u001b`` may have held these six characters: JSON lines tell.
    """
    if not isinstance(value, str):
        return value
    text = _WITHIN.sub(r"\1'\2", escaped_text(value))
    return f"'{text}" if text.startswith("\t") or text.lstrip().startswith(_SIGNS) else text
