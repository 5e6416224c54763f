"""Exports: JSON lines or CSV, the same keys in both."""

from __future__ import annotations

import csv
import json
from typing import TextIO

from config.errors import UsageError
from frankly.escaping import escaped_json, escaped_text
from store.exports import SUBJECTS
from store.store import Store

# A cell that starts with one of these is a formula to a spreadsheet; strangers wrote these texts.
_FORMULA = ("=", "+", "-", "@", "\t")


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
    text = escaped_text(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
