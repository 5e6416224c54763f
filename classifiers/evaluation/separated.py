"""Records of comma- or tab-separated text, read so that a quote without its pair swallows no rows after it.

Whether a file quotes its texts is written nowhere. Each record is read with quotes first; where they do not pair, its
first line is read alone, and the lines after it are records of their own.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain

_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_FIELD_LIMIT = 1 << 20
_QUOTED_LINES = 200  # no text of a row is longer; a quote that is never closed would be

Record = tuple[int, list[str] | str]  # the number of its first line, and its cells or what is wrong with it


def read_separated(lines: Iterable[str], first_line: int = 1) -> tuple[list[str], Iterator[Record]]:
    """Return the header, which is ``first_line``, and the records below it; ``csv.Error`` when it cannot be read."""
    rest = iter(lines)
    first = next(rest, "")
    if not first.strip():
        return [], iter(())
    csv.field_size_limit(_FIELD_LIMIT)
    delimiter = max(_DELIMITERS, key=_QUOTED.sub("", first).count)
    source = _Lines(chain([first], rest), first_line)
    header = [name.strip() for name in next(csv.reader(source, delimiter=delimiter, strict=True))]
    source.keep(len(source.taken))
    return header, _records(source, delimiter, len(header))


class _Lines:
    """Lines that can be given back after somebody took too many for one record."""

    def __init__(self, lines: Iterator[str], number: int) -> None:
        self._rest = lines
        self._given_back: deque[str] = deque()
        self.number = number  # of the next line that nobody kept
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) == _QUOTED_LINES:
            raise StopIteration  # to the reader, a quote that is still open then is never closed
        self.taken.append(self._given_back.popleft() if self._given_back else next(self._rest))
        return self.taken[-1]

    def keep(self, count: int) -> None:
        """Be done with so many of the taken lines; the others come again."""
        self._given_back.extendleft(reversed(self.taken[count:]))
        self.taken.clear()
        self.number += count


def _records(source: _Lines, delimiter: str, width: int) -> Iterator[Record]:
    while True:
        number, row = source.number, _quoted(source, delimiter)
        taken = list(source.taken)
        if not taken:
            return
        if row is None or _each_is_a_row(taken, delimiter, width):
            source.keep(1)
            yield number, _alone(taken, delimiter, width)
        else:
            source.keep(len(taken))
            yield number, row


def _quoted(source: _Lines, delimiter: str) -> list[str] | None:
    """The next record as its quotes have it; None where these do not pair, or at the end."""
    try:
        return next(csv.reader(source, delimiter=delimiter, strict=True), None)
    except csv.Error:
        return None


def _each_is_a_row(lines: list[str], delimiter: str, width: int) -> bool:
    """Whether a quote that happens to close has swallowed rows: hardly a text has tabs, and none so many in each line.

    Commas tell nothing: a text has them too.
    """
    return delimiter == "\t" and len(lines) > 1 and all(line.count("\t") == width - 1 for line in lines)


def _alone(taken: list[str], delimiter: str, width: int) -> list[str] | str:
    """The cells of the first line, with quotes and without, or what is wrong with it.

    Files with tabs seldom quote, so that their quotes are letters first; a comma in a text needs its quotes.
    """
    with_quotes = csv.reader(taken[:1], delimiter=delimiter)
    without = csv.reader(taken[:1], delimiter=delimiter, quoting=csv.QUOTE_NONE)
    for reader in (without, with_quotes) if delimiter == "\t" else (with_quotes, without):
        try:
            row = next(reader)
        except csv.Error as error:
            return f"cannot be read as CSV ({error})"
        if len(row) == width and not row[-1].endswith(("\r", "\n")):  # which a quote that is still open takes in
            return row
    if len(taken) == _QUOTED_LINES:
        return f"opens a quote that runs over more than {_QUOTED_LINES} lines"
    return "has a quote without its pair; within a quoted text a quote is written twice"
