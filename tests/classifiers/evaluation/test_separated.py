"""Columns and quotes: no quote without its pair swallows the rows after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.classifiers.evaluation.files import read


def test_a_column_whose_name_has_commas_is_one_column(tmp_path: Path) -> None:
    found, _ = read(tmp_path / "own.csv", '"label, text, and more";text;label\nx;late, again, and again;complaint\n')
    assert [text.text for text in found.texts] == ["late, again, and again"]


def test_a_quote_that_never_closes_swallows_nothing_of_a_file_with_tabs(tmp_path: Path) -> None:
    rows = [
        "text\tlabel",
        '"late\tcomplaint',
        "fine\tother",
        '"odd" he said\tother',
        'again 12"\tcomplaint',
        "ok\tother",
    ]
    found, told = read(tmp_path / "own.tsv", "\n".join(rows) + "\n")
    assert [text.text for text in found.texts] == ['"late', "fine", '"odd" he said', 'again 12"', "ok"]
    assert [text.group for text in found.texts] == [f"own.tsv:{number}" for number in range(2, 7)]
    assert told == []


def test_a_quote_that_happens_to_close_swallows_nothing_of_a_file_with_tabs(tmp_path: Path) -> None:
    found, told = read(tmp_path / "own.tsv", 'text\tlabel\n"late\tcomplaint\nfine\tother\nmy 12"\tother\n')
    assert [(text.text, text.label) for text in found.texts] == [
        ('"late', "complaint"),
        ("fine", "other"),
        ('my 12"', "other"),
    ]
    assert told == []


def test_a_quote_that_never_closes_costs_one_row_of_a_file_with_commas(tmp_path: Path) -> None:
    found, told = read(tmp_path / "own.csv", 'text,label\n"late, again,complaint\nfine,other\n"ok, ""so""",complaint\n')
    assert [text.text for text in found.texts] == ["fine", 'ok, "so"']
    assert told == ["own.csv:2 has a quote without its pair; within a quoted text a quote is written twice"]


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_quoted_text_of_several_lines_is_one_text(tmp_path: Path, separator: str) -> None:
    text = 'Dear Acme, hello\n\nit is "late", again\n'
    written = '"' + text.replace('"', '""') + '"'
    rows = ["text,label", f"{written},complaint", "fine,other", f"{written},complaint"]
    if separator == "\t":
        rows = ["label\ttext", f"complaint\t{written}", "other\tfine", f"complaint\t{written}"]
    found, told = read(tmp_path / "own.csv", "\n".join(rows) + "\n")
    assert [each.text for each in found.texts] == [text, "fine", text]
    assert [each.group for each in found.texts] == ["own.csv:2", "own.csv:6", "own.csv:2"]
    assert told == []


def test_a_quote_that_runs_over_hundreds_of_lines_is_told_and_they_are_rows(tmp_path: Path) -> None:
    rows = '"late, again,complaint\n' + "fine,other\n" * 300 + 'closed",other\n'
    found, told = read(tmp_path / "own.csv", "text,label\n" + rows)
    assert len(found.texts) == 301
    assert told[-1] == "own.csv:2 opens a quote that runs over more than 200 lines"


def test_a_quote_beside_letters_in_one_line_is_read(tmp_path: Path) -> None:
    found, told = read(tmp_path / "own.csv", 'text,label\n"late, again" ,"complaint" \nfine,other\n')
    assert [text.text for text in found.texts] == ["late, again ", "fine"]
    assert told == []
