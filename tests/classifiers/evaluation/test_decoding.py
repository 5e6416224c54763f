"""The bytes of labelled files: packed, damaged, or in what spreadsheets write."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from config.errors import UsageError
from tests.classifiers.evaluation.files import read


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    found, _ = read(tmp_path / "own.jsonl.gz", gzip.compress(b'{"text": "late", "label": "negative"}\n'))
    assert (found.head, len(found.texts)) == ("sentiment", 1)


def test_bytes_that_are_no_text_break_nothing(tmp_path: Path) -> None:
    found, told = read(tmp_path / "own.csv", b"text,label\nlate \xff\xfe,complaint\nfine \x00,other\n")
    assert len(found.texts) == 2
    assert told == ["own.csv is not UTF-8 and was read as Windows-1252; if letters look wrong, save it as UTF-8"]


def test_what_spreadsheets_write_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        found, _ = read(tmp_path / "own.csv", "text\tlabel\nlate \u00e9\tcomplaint\n".encode(encoding))
        assert [(text.text, text.label) for text in found.texts] == [("late \u00e9", "complaint")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_an_encoding_that_nothing_tells_is_one_sentence(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(UsageError, match=r"own\.csv has NUL characters, as .*; save it as UTF-8$"):
        read(tmp_path / "own.csv", "text,label\nlate,complaint\n".encode(encoding))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_what_a_spreadsheet_writes_is_read_letter_by_letter(tmp_path: Path, encoding: str) -> None:
    text = "It\u2019s \u00a350 too much"
    found, _ = read(tmp_path / "own.csv", f"text,label\n{text},complaint\n".encode(encoding))
    assert found.texts[0].text == text


def test_a_file_that_is_utf_8_but_for_few_bytes_loses_those_rows_alone(tmp_path: Path) -> None:
    rows = "text,label\nlate \U0001f621,complaint\nfine \u00e9,other\n".encode()
    found, told = read(tmp_path / "own.csv", rows + b"half \xf0\x9f,complaint\n" + "odd \ufffd,other\n".encode())
    assert [text.text for text in found.texts] == ["late \U0001f621", "fine \u00e9", "odd \ufffd"]
    assert told == ["own.csv:4 has bytes that are no UTF-8"]


def test_json_lines_with_a_damaged_byte_lose_those_rows_alone(tmp_path: Path) -> None:
    good = [{"text": "late \U0001f621", "label": "negative"}, {"text": "half \udca9", "label": "positive"}]
    lines = [json.dumps(good[0], ensure_ascii=False).encode(), json.dumps(good[1]).encode()]
    found, told = read(tmp_path / "own.jsonl", b"\n".join([*lines, b'{"text": "caf\xe9", "label": "neutral"}']))
    assert [text.text for text in found.texts] == ["late \U0001f621", "half \udca9"]
    assert told == ["own.jsonl:3 has bytes that are no UTF-8"]
