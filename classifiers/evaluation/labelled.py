"""Somebody's labelled texts, read from JSON lines or CSV; a row that cannot be used is told and left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from classifiers.evaluation.decoding import WINDOWS
from classifiers.evaluation.heads import check_meaning, head_of, read_label
from classifiers.evaluation.rows import FIELDS, Row, read_rows
from config.errors import UsageError
from store.records import Assessment

_TOLD_APART = 3  # rows with the same fault; a file in which every second row has it would fill the screen


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
    head: str | None = None  # None: told by the labels, or by the name of their column


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """What a file held."""

    texts: tuple[Labelled, ...]
    head: str
    bad: int


def read_labelled(path: Path, request: Request, tell: Callable[[str], None]) -> LabelledFile:
    """Read ``path`` and ``tell`` what the figures owe to the file and which rows are left out, in a sentence each.

    ``UsageError`` when it cannot be read, lacks a column, does not show its head, or holds no row that can be used.
    """
    unknown = set(request.columns) - set(FIELDS)
    if unknown:
        raise UsageError(f'--map knows no "{min(unknown)}"; it takes {", ".join(FIELDS)}')
    rows, encoding = read_rows(path, request.columns)
    words = [row["label"] for _, row in rows if not isinstance(row, str)]
    if not words:
        raise UsageError(f"{path.name} has no row with a text and a label{_reason(rows)}")
    head = request.head or head_of(words, request.meaning, request.columns.get("label", "label"))
    check_meaning(request.meaning, head)
    read = _read(rows, head, request.meaning)
    texts = tuple(found for _, found in read if isinstance(found, Labelled))
    if not texts:
        raise UsageError(
            f"no row of {path.name} has a label of the head {head}; "
            "--map label=COLUMN names another column, --labels can say what its words mean"
        )
    for remark in _remarks(path.name, encoding, texts, head):
        tell(remark)
    for fault in _faults(path.name, read):
        tell(fault)
    return LabelledFile(texts, head, len(rows) - len(texts))


def _reason(rows: list[Row]) -> str:
    """The first thing that was wrong, where there were rows at all."""
    return f": {rows[0][0]} {rows[0][1]}" if rows else ""


def _read(rows: list[Row], head: str, meaning: Mapping[str, str]) -> list[tuple[str, Labelled | str]]:
    """Each row's place with what it says, or with what is wrong; texts that are alike share the place of the first."""
    first: dict[str, str] = {}
    read: list[tuple[str, Labelled | str]] = []
    for place, row in rows:
        if isinstance(row, str):
            read.append((place, row))
        else:
            read.append((place, _labelled(row, head, meaning, first.setdefault(row["text"].strip(), place))))
    return read


def _labelled(row: Mapping[str, str], head: str, meaning: Mapping[str, str], first: str) -> Labelled | str:
    label = read_label(row["label"], head, meaning)
    if label is None:
        return f'has the label "{row["label"][:40]}", which is none of the head {head}; --labels can say what it means'
    return Labelled(row["text"], label, row.get("brand", "").strip(), row.get("group", "").strip() or first)


def _faults(name: str, read: Sequence[tuple[str, Labelled | str]]) -> Iterator[str]:
    """What is wrong with each row that is left out; many with one fault are told together, where the first stands."""
    places: dict[str, list[str]] = defaultdict(list)
    left_out = [(place, found) for place, found in read if isinstance(found, str)]
    for place, fault in left_out:
        places[fault].append(place)
    for place, fault in left_out:
        those = places[fault]
        if len(those) <= _TOLD_APART:
            yield f"{place} {fault}"
        elif place == those[0]:
            first = ", ".join(each.removeprefix(f"{name}:") for each in those[:_TOLD_APART])
            yield f"{len(those):,} rows (lines {first} and others) are left out for one reason: {place} {fault}"


def _remarks(name: str, encoding: str, texts: Sequence[Labelled], head: str) -> Iterator[str]:
    """What whoever reads the figures should know of the file."""
    if encoding == WINDOWS:
        yield f"{name} is not UTF-8 and was read as Windows-1252; if letters look wrong, save it as UTF-8"
    labels = {text.label for text in texts}
    if len(labels) == 1:
        yield (
            f'{name} has no label of the head {head} but "{min(labels)}", so it cannot show how well others are told '
            "apart from it"
        )
    contradicted = _contradicted(texts)
    if contradicted:
        yield f"{name} has texts that stand there with different labels, all of which count: {contradicted:,}"


def _contradicted(texts: Sequence[Labelled]) -> int:
    """How many texts, each read for one brand, somebody labelled in more than one way."""
    labels: dict[tuple[str, str], set[str]] = defaultdict(set)
    for text in texts:
        labels[text.text.strip(), text.brand].add(text.label)
    return sum(len(each) > 1 for each in labels.values())
