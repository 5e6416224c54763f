"""The shape of a digest on paper: sections of lines, tables, quotes and pictures, before any markup.

Every text in here is plain text. Each renderer escapes all of it in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a table; ``url`` is an address of the web or empty, ``path`` one of the desk's own pages."""

    text: str
    url: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence or two. ``tone``: plain, bad (somebody should act) or faint (how a number came about)."""

    kind: ClassVar[str] = "line"
    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings."""

    kind: ClassVar[str] = "table"
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: tuple[int, ...] = ()  # columns that hold numbers

    def is_number(self, column: int) -> bool:
        """Tell whether a column is one of numbers."""
        return column in self.numbers


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a stranger wrote, word for word."""

    kind: ClassVar[str] = "spoken"
    text: str
    author: str
    facts: str  # when, how severe and why
    url: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """One of ``pictures.pictures``, with what it shows in words."""

    kind: ClassVar[str] = "picture"
    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A smaller heading inside a section."""

    kind: ClassVar[str] = "heading"
    text: str


Block = Line | Table | Spoken | Picture | Heading


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the few numbers at the top."""

    label: str
    value: str
    note: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole digest, ready to be given a markup."""

    title: str
    subtitle: str
    summary: tuple[Line, ...]
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    glossary: tuple[tuple[str, str], ...]
