"""Somebody's labelled texts, read from JSON lines or CSV; a row that cannot be used is told and left out."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

from classifiers.evaluation.heads import head_of, read_label
from config.errors import UsageError
from store.records import Assessment

FIELDS = ("text", "label", "brand", "group")
_ALSO_CALLED = {"brand": "target"}
_DELIMITERS = ",;\t|"
_FIELD_LIMIT = 1 << 20  # one quote that is never closed swallows no more than this
_GZIP = b"\x1f\x8b"
_PACKED = "PK\x03\x04"  # a spreadsheet of today, or another archive
_CHUNK = 1 << 20  # bytes
_Open = Callable[..., IO[Any]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with what somebody says it is."""

    text: str
    label: str
    brand: str = ""
    group: str = ""  # texts that belong together: copies of one original, posts of one author
    stored: Assessment | None = None  # what was said of it when it was heard


@dataclass(frozen=True, slots=True)
class Request:
    """How a file is to be read: which column is which, what its labels mean, and which head they answer."""

    columns: Mapping[str, str] = field(default_factory=dict)
    meaning: Mapping[str, str] = field(default_factory=dict)
    head: str | None = None  # None: told by the labels


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """What a file held."""

    texts: tuple[Labelled, ...]
    head: str
    bad: int


_Row = tuple[str, dict[str, str] | str]  # the row's place, and its fields or what is wrong with it


def read_labelled(path: Path, request: Request, on_bad_row: Callable[[str], None]) -> LabelledFile:
    """Read ``path``; ``UsageError`` when it cannot be read, lacks a column, or holds no row that can be used."""
    unknown = set(request.columns) - set(FIELDS)
    if unknown:
        raise UsageError(f'--map knows no "{min(unknown)}"; it takes {", ".join(FIELDS)}')
    rows = list(_rows(path, request.columns))
    words = [row["label"] for _, row in rows if not isinstance(row, str)]
    if not words:
        raise UsageError(f"{path.name} has no row with a text and a label{_reason(rows)}")
    head = request.head or head_of(words, request.meaning)
    read = [
        (place, row if isinstance(row, str) else _labelled(row, head, request.meaning, place)) for place, row in rows
    ]
    texts = tuple(found for _, found in read if isinstance(found, Labelled))
    if not texts:
        raise UsageError(f"no row of {path.name} has a label of the head {head}; --labels can say what its words mean")
    for place, found in read:
        if isinstance(found, str):
            on_bad_row(f"{place} {found}")
    return LabelledFile(texts, head, len(rows) - len(texts))


def _reason(rows: list[_Row]) -> str:
    """The first thing that was wrong, where there were rows at all."""
    return f": {rows[0][0]} {rows[0][1]}" if rows else ""


def _labelled(row: Mapping[str, str], head: str, meaning: Mapping[str, str], place: str) -> Labelled | str:
    label = read_label(row["label"], head, meaning)
    if label is None:
        return f'has the label "{row["label"][:40]}", which is none of the head {head}; --labels can say what it means'
    return Labelled(row["text"], label, row.get("brand", "").strip(), row.get("group", "").strip() or place)


def _rows(path: Path, columns: Mapping[str, str]) -> Iterator[_Row]:
    try:
        with _opened(path) as file:
            start = next((line for line in file if line.strip()), "")
            if start.startswith(_PACKED) or start.lstrip().startswith("["):
                raise UsageError(
                    f"{path} holds neither lines of JSON objects nor CSV: a spreadsheet can be saved as CSV"
                )
            lines = chain([start], file)
            yield from (
                _json_rows(lines, path, columns) if start.lstrip().startswith("{") else _csv_rows(lines, path, columns)
            )
    except csv.Error as error:
        raise UsageError(f"{path} has a first line that cannot be read as CSV ({error})") from error
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as raw:
        start = raw.read(2)
    opened = cast(_Open, gzip.open if start == _GZIP else open)
    return opened(path, "rt", encoding=_encoding(path, opened), errors="replace", newline="")


def _encoding(path: Path, opened: _Open) -> str:
    """What the text is written in: UTF-8, with a mark or without, or what older spreadsheets write."""
    with opened(path, "rb") as raw:
        decoder = getincrementaldecoder("utf-8")()
        chunk = raw.read(_CHUNK)
        if chunk.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            return "utf-16"
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = raw.read(_CHUNK)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _json_rows(lines: Iterable[str], path: Path, columns: Mapping[str, str]) -> Iterator[_Row]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield f"{path.name}:{number}", "is not valid JSON"
            continue
        if isinstance(value, dict):
            yield f"{path.name}:{number}", _usable({name: _value(value, name, columns) for name in FIELDS})
        else:
            yield f"{path.name}:{number}", "is not a JSON object"


def _value(row: Mapping[str, Any], name: str, columns: Mapping[str, str]) -> str:
    found = row.get(columns.get(name, name))
    if found is None and name not in columns:
        found = row.get(_ALSO_CALLED.get(name, ""))
    return "" if found is None else str(found)


def _csv_rows(lines: Iterable[str], path: Path, columns: Mapping[str, str]) -> Iterator[_Row]:
    rest = iter(lines)
    head = next(rest, "")
    if not head.strip():
        return
    csv.field_size_limit(_FIELD_LIMIT)
    rows = csv.reader(chain([head], rest), delimiter=max(_DELIMITERS, key=head.count))
    header = [name.strip() for name in next(rows)]
    places = _places(header, path, columns)
    number = rows.line_num + 1
    while True:
        place = f"{path.name}:{number}"
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield place, f"cannot be read as CSV ({error})"
        else:
            if len(row) == len(header):
                yield place, _usable({name: row[column] for name, column in places.items()})
            elif any(row):
                yield place, f"has {len(row)} columns where the header has {len(header)}"
        number = rows.line_num + 1


def _places(header: list[str], path: Path, columns: Mapping[str, str]) -> dict[str, int]:
    """Which column holds which field; ``UsageError`` where one that is needed or was named is not there."""
    has = f"it has {', '.join(header)[:300]}"
    for name in columns.values():
        if name not in header:
            raise UsageError(f'{path.name} has no column "{name}"; {has}')
    found: dict[str, int] = {}
    for name in FIELDS:
        column = next((each for each in (columns.get(name, name), _ALSO_CALLED.get(name)) if each in header), None)
        if column is not None:
            found[name] = header.index(column)
    for name in ("text", "label"):
        if name not in found:
            raise UsageError(f"{path.name} does not say which column is the {name}: --map {name}=COLUMN; {has}")
    return found


def _usable(row: dict[str, str]) -> dict[str, str] | str:
    if not row["text"].strip():
        return "has no text"
    return row if row["label"].strip() else "has no label"
