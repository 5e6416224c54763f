"""The rows of a labelled file, JSON lines or CSV: the fields of each, or what is wrong with it."""

from __future__ import annotations

import csv
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Any

from classifiers.evaluation.decoding import BROKEN, encoding_of, opened
from classifiers.evaluation.separated import read_separated
from config.errors import UsageError

FIELDS = ("text", "label", "brand", "group")
_ALSO_CALLED = {"brand": "target"}
_PACKED = "PK\x03\x04"  # a spreadsheet of today, or another archive
_BROKEN_BYTES = "has bytes that are no UTF-8"

Row = tuple[str, dict[str, str] | str]  # the row's place, and its fields or what is wrong with it


def read_rows(path: Path, columns: Mapping[str, str]) -> tuple[list[Row], str]:
    """Return the rows of ``path`` and its encoding; ``UsageError`` when it cannot be read or lacks a column."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise UsageError(f"{path} is a pipe or a device; expected a file, which can be read more than once")
    try:
        encoding = encoding_of(path)
        with opened(path, encoding) as file:
            return list(_rows(file, path, columns)), encoding
    except csv.Error as error:
        raise UsageError(f"{path} has a first line that cannot be read as CSV ({error})") from error
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _rows(file: IO[str], path: Path, columns: Mapping[str, str]) -> Iterator[Row]:
    skipped, start = next(((number, line) for number, line in enumerate(file) if line.strip()), (0, ""))
    if start.startswith(_PACKED):
        raise UsageError(f"{path} holds neither lines of JSON objects nor CSV: a spreadsheet can be saved as CSV")
    if _spans_lines(start.strip()):
        raise _one_document(path)
    lines = chain([start], file)
    read = _json_rows if start.lstrip().startswith("{") else _csv_rows
    return read(lines, skipped + 1, path, columns)


def _spans_lines(start: str) -> bool:
    """Whether a file that begins so is one JSON array, or an object that goes on in the next line."""
    return start.startswith("[") or (start.startswith("{") and start.endswith(("{", "[", ",")) and start[-2:] != "},")


def _one_document(path: Path) -> UsageError:
    return UsageError(f"{path} is one JSON array or object as a whole; expected JSON lines, one JSON object a line")


def _json_rows(lines: Iterable[str], first_line: int, path: Path, columns: Mapping[str, str]) -> Iterator[Row]:
    names: dict[str, None] = {}
    objects = 0
    for number, line in enumerate(lines, start=first_line):
        if not line.strip():
            continue
        value = _json_object(line)
        if isinstance(value, dict):
            objects += 1
            if objects == 1:
                first = value
            names.update(dict.fromkeys(value))
        yield f"{path.name}:{number}", value if isinstance(value, str) else _json_row(value, columns)
    if objects == 1 and _holds_rows(first, columns):
        raise _one_document(path)
    if objects:
        _columns_of(list(names), path, columns)


def _json_object(line: str) -> dict[str, Any] | str:
    if BROKEN.search(line):
        return _BROKEN_BYTES
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return "is not valid JSON"
    return value if isinstance(value, dict) else "is not a JSON object"


def _holds_rows(value: Mapping[str, Any], columns: Mapping[str, str]) -> bool:
    """Whether the only object of a file is no row, but has the rows in it."""
    return columns.get("text", "text") not in value and any(isinstance(each, list | dict) for each in value.values())


def _json_row(value: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, str] | str:
    found = {name: _value(value, name, columns) for name in FIELDS}
    if not isinstance(found["text"], str):
        return "has a text that is not a string"
    if isinstance(found["label"], list | dict):
        return "has a label that is neither a string nor a number"
    return _usable({name: str(each) for name, each in found.items()})


def _value(row: Mapping[str, Any], name: str, columns: Mapping[str, str]) -> Any:
    found = row.get(columns.get(name, name))
    if found is None and name not in columns:
        found = row.get(_ALSO_CALLED.get(name, ""))
    return "" if found is None else found


def _csv_rows(lines: Iterable[str], first_line: int, path: Path, columns: Mapping[str, str]) -> Iterator[Row]:
    header, records = read_separated(lines, first_line)
    if not header:
        return
    places = _places(header, path, columns)
    for number, record in records:
        if any(record) or len(record) == len(header):  # others are lines of nothing
            yield f"{path.name}:{number}", _csv_row(record, len(header), places)


def _csv_row(record: list[str] | str, width: int, places: Mapping[str, int]) -> dict[str, str] | str:
    if isinstance(record, str):
        return record
    if len(record) != width:
        return f"has {len(record)} columns where the header has {width}"
    if BROKEN.search("".join(record)):
        return _BROKEN_BYTES
    return _usable({name: record[place] for name, place in places.items()})


def _places(header: Sequence[str], path: Path, columns: Mapping[str, str]) -> dict[str, int]:
    """Which column holds which field; ``UsageError`` where two have the name of one that is needed."""
    found = _columns_of(header, path, columns)
    for name, column in found.items():
        if header.count(column) > 1:
            raise UsageError(f'{path.name} has more than one column "{column}", and the {name} can stand in only one')
    return {name: header.index(column) for name, column in found.items()}


def _columns_of(names: Sequence[str], path: Path, columns: Mapping[str, str]) -> dict[str, str]:
    """The column of each field that is there; ``UsageError`` where one that is needed or was named is not."""
    has = f"it has {', '.join(names)[:300]}"
    for column in columns.values():
        if column not in names:
            raise UsageError(f'{path.name} has no column "{column}"; {has}')
    found = {}
    for name in FIELDS:
        called = next((each for each in (columns.get(name, name), _ALSO_CALLED.get(name)) if each in names), None)
        if called is not None:
            found[name] = called
    for name in ("text", "label"):
        if name not in found:
            raise UsageError(f"{path.name} does not say which column is the {name}: --map {name}=COLUMN; {has}")
    return found


def _usable(row: dict[str, str]) -> dict[str, str] | str:
    if not row["text"].strip():
        return "has no text"
    return row if row["label"].strip() else "has no label"
