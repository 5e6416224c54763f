"""Lines are classified as they come: whoever waits for an answer gets it, and a file goes through in full chunks."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from frankly.classifying import _AT_ONCE, as_they_come


def test_a_line_is_given_on_while_its_writer_still_waits() -> None:
    answered = threading.Event()

    def writer() -> Iterator[str]:
        yield "first"
        assert answered.wait(30), "the first line was held back until a second one came"
        yield "second"

    chunks = as_they_come(writer())
    assert next(chunks) == ["first"]
    answered.set()
    assert list(chunks) == [["second"]]


def test_many_lines_come_in_order_and_in_chunks() -> None:
    lines = [f"line {number}" for number in range(3 * _AT_ONCE)]
    chunks = list(as_they_come(lines))
    assert [line for chunk in chunks for line in chunk] == lines
    assert max(map(len, chunks)) <= _AT_ONCE


def test_no_lines_are_no_chunks() -> None:
    assert list(as_they_come([])) == []
