"""Lines are classified as they come: whoever waits for an answer gets it, and a file goes through in full chunks."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from frankly.classifying import _AT_ONCE, as_they_come
from tests.classifiers.small_models import make_embedded
from tests.journey.process import environment


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


def test_bytes_that_are_no_text_are_answered_line_by_line(tmp_path: Path) -> None:
    model = make_embedded(tmp_path / "model")
    strange = "\u202e\u0301\U0001f621".encode()
    lines = [b"plain broken", b"\xff\xfe\x80", b"\xf0\x9f\x98", b"\x00\x1b[2J", strange, b'{"text": "\xff"}']
    done = subprocess.run(
        [sys.executable, "-m", "frankly", "classify", "--model", str(model)],
        input=b"\n".join(lines) + b"\n", capture_output=True, check=False, timeout=120, env=environment({}),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.decode("ascii").splitlines()]
    assert len(found) == len(lines)
    assert [one["complaint"] for one in found] == [True, False, False, False, False, False]


def test_no_lines_are_no_chunks() -> None:
    assert list(as_they_come([])) == []
