"""Lines are classified as they come: whoever waits for an answer gets it, and a file goes through in full chunks."""

from __future__ import annotations

import errno
import io
import json
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.starting import write_starter
from frankly.classifying import _AT_ONCE, as_they_come, classify_to
from tests.classifiers.small_models import make_embedded
from tests.journey.process import environment


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that takes "broken" for a complaint."""
    return make_embedded(tmp_path_factory.mktemp("classifying") / "model")


def in_shell(words: str) -> subprocess.CompletedProcess[str]:
    """Run ``frankly`` with the words and redirections of a shell."""
    return subprocess.run(
        ["/bin/sh", "-c", f"{shlex.quote(sys.executable)} -m frankly {words}"],
        capture_output=True, text=True, check=False, timeout=120, env=environment({}),
    )  # fmt: skip


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


def classified(model: Path, given: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run ``frankly classify`` on what is given on its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "frankly", "classify", "--model", str(model)],
        input=given, capture_output=True, check=False, timeout=120, env=environment({}),
    )  # fmt: skip


def test_bytes_that_are_no_text_are_told_line_by_line(tiny: Path) -> None:
    strange = "\u202e\u0301\U0001f621".encode()
    lines = [b"plain broken", b"\xff\xfe\x80", b"\xf0\x9f\x98", b"\x1b[2J", strange, b'{"text": "\xff"}']
    done = classified(tiny, b"\n".join(lines) + b"\n")
    assert done.returncode == 1
    found = [json.loads(line) for line in done.stdout.decode("ascii").splitlines()]
    assert [one.get("complaint", one.get("line")) for one in found] == [True, 2, 3, False, False, 6]
    told = done.stderr.decode("ascii").splitlines()
    assert told == [f"line {number} has bytes that are no UTF-8" for number in (2, 3, 6)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told_in_every_line(tiny: Path, encoding: str) -> None:
    done = classified(tiny, "my router is broken\nstill broken".encode(encoding))
    assert done.returncode == 1
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["error"] for one in found[:2]] == ["has NUL characters, as UTF-16 does; expected UTF-8"] * 2
    assert all("error" in one for one in found)


def test_no_lines_are_no_chunks() -> None:
    assert list(as_they_come([])) == []


def test_an_error_of_the_reading_comes_after_the_lines_before_it() -> None:
    def reader() -> Iterator[str]:
        yield from ("first", "second")
        raise OSError(errno.EIO, "Input/output error")

    answered: list[str] = []
    with pytest.raises(OSError, match="Input/output error"):
        answered.extend(line for chunk in as_they_come(reader()) for line in chunk)
    assert answered == ["first", "second"]


@pytest.mark.parametrize(
    ("redirected", "sentence"),
    [
        ("0> /dev/null", "frankly: standard input cannot be read to its end: Bad file descriptor\n"),
        ("<&-", "frankly: standard input is closed; expected lines of text there, or texts as arguments\n"),
    ],
)
def test_an_input_that_cannot_be_read_is_one_sentence(tiny: Path, redirected: str, sentence: str) -> None:
    done = in_shell(f"classify --model {tiny} {redirected}")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


def test_a_closed_output_is_one_sentence(tiny: Path) -> None:
    done = in_shell(f"classify --model {tiny} broken >&-")
    assert done.returncode == 1
    assert done.stderr == (
        "frankly: standard output is closed; expected it to lead to a terminal, a file or a program\n"
    )


def test_texts_as_arguments_need_no_standard_input(tiny: Path) -> None:
    done = in_shell(f"classify --model {tiny} 'my router is broken' <&-")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["complaint"] is True


def test_the_name_of_a_file_is_refused_as_a_text(tiny: Path, tmp_path: Path) -> None:
    file = tmp_path / "two words.txt"
    file.write_text("my router is broken\n")
    done = in_shell(f"classify --model {tiny} fine {shlex.quote(str(file))}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"frankly: \"{file}\" is a file; to classify its lines: frankly classify < '{file}'\n"
    done = in_shell(f"classify --model {tiny} {tmp_path / 'missing.txt'} {'long' * 1000}")
    assert done.returncode == 0, "what names no file is a text"


def brands_of(tiny: Path, config: Path | None, brand: str | None) -> list[bool | None]:
    """For each of three lines whether it was read for a brand; None where the line was refused."""
    lines = ["plain", '{"text": "named", "brand": "Example"}', '{"text": "unknown", "brand": "Acme"}']
    out = io.StringIO()
    classify_to(out, None, lines, config, brand=brand, why=False, model=str(tiny), complain=lambda sentence: None)
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    return [None if "error" in one else one["relevant_score"] is not None for one in found]


def test_the_brand_of_a_line_is_one_of_the_configuration_or_any_without_one(tiny: Path, tmp_path: Path) -> None:
    write_starter(tmp_path)
    assert brands_of(tiny, tmp_path, None) == [False, True, None]
    assert brands_of(tiny, tmp_path, "Example") == [True, True, None]
    assert brands_of(tiny, None, None) == [False, True, True]
    assert brands_of(tiny, None, "Acme") == [True, True, True]


def test_a_text_is_not_called_a_line(tiny: Path) -> None:
    done = in_shell(f"classify --model {tiny} fine '{{broken' \"$(printf 'caf\\351')\"")
    assert done.returncode == 1
    problem = "starts like a JSON object but is none (Expecting property name enclosed in double quotes: column 2)"
    assert done.stderr.splitlines() == [
        f"text 2 {problem}; a text that starts with {{ must be sent as an object",
        "text 3 has bytes that are no UTF-8",
    ]
