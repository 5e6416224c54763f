"""Exports keep their keys, whatever is stored."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from config.errors import UsageError
from frankly.exporting import write_export
from store.exports import SUBJECTS
from store.records import Assessment, Author, Platform, Post, Sentiment
from store.store import Store

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOSTILE = '=HYPERLINK("http://evil.example","a refund")'


def seed(store: Store, text: str = HOSTILE) -> None:
    post = Post(Platform.X, "1", Author("7", "@sum"), text, AT, "1")
    with store.transaction():
        store.mentions.add(post, brand="Acme", source="replay", at=AT)
    mention = store.mentions.unassessed(1)[0]
    scores = {"negative": 0.5, "neutral": 0.3, "positive": 0.2}
    with store.transaction():
        store.assessments.add([(mention, Assessment("m", "1", Sentiment.NEGATIVE, scores, True, 0.9))], AT)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_an_empty_store_still_has_a_header(store: Store, subject: str) -> None:
    out = io.StringIO()
    assert write_export(store, subject, "csv", out) == 0
    assert out.getvalue().startswith("id,")


def test_both_forms_hold_the_same_rows(store: Store) -> None:
    seed(store)
    lines, table = io.StringIO(), io.StringIO()
    write_export(store, "mentions", "jsonl", lines)
    write_export(store, "mentions", "csv", table)
    (row,) = [json.loads(line) for line in lines.getvalue().splitlines()]
    (cells,) = list(csv.DictReader(io.StringIO(table.getvalue())))
    assert list(row) == list(cells)
    assert row["text"] == HOSTILE
    assert row["complaint"] is True
    assert row["negative_score"] == 0.5


def test_a_spreadsheet_shows_a_hostile_cell_and_does_not_run_it(store: Store) -> None:
    seed(store)
    table = io.StringIO()
    write_export(store, "mentions", "csv", table)
    (cells,) = list(csv.DictReader(io.StringIO(table.getvalue())))
    assert cells["text"] == f"'{HOSTILE}"
    assert cells["author"] == "'@sum"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" =1+1", "' =1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\n=1+1", "\n'=1+1"),
        ("down again;=1+1;it is", "down again;'=1+1;it is"),
        ("down; @SUM(1;-2)", "down; '@SUM(1;'-2)"),
        ("down\n\n  +1+1", "down\n\n  '+1+1"),
        ("a = b; c - d", "a = b; c - d"),
    ],
)
def test_a_spreadsheet_that_parts_cells_by_semicolons_runs_nothing_either(store: Store, text: str, shown: str) -> None:
    seed(store, text)
    table = io.StringIO()
    write_export(store, "mentions", "csv", table)
    (cells,) = list(csv.DictReader(io.StringIO(table.getvalue())))
    assert cells["text"] == shown
    for row in csv.reader(io.StringIO(table.getvalue()), delimiter=";"):
        assert not [cell for cell in row if cell.strip().startswith(("=", "+", "-", "@", "\uff1d"))]


def test_a_line_commands_no_terminal_and_means_the_same(store: Store) -> None:
    text = "grüße 😀 \x1b[31m \x9b31m \u202egnp.exe"
    seed(store, text)
    lines = io.StringIO()
    write_export(store, "mentions", "jsonl", lines)
    assert '"grüße 😀 \\u001b[31m \\u009b31m \\u202egnp.exe"' in lines.getvalue()
    assert json.loads(lines.getvalue())["text"] == text


def test_a_wrong_subject_or_form_is_named(store: Store) -> None:
    with pytest.raises(UsageError, match="expected one of: mentions, cases, replies, events"):
        write_export(store, "agents", "csv", io.StringIO())
    with pytest.raises(UsageError, match="expected jsonl or csv"):
        write_export(store, "cases", "xml", io.StringIO())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07 a\x9b31m\x7f", "\\u001b]0;owned\\u0007 a\\u009b31m\\u007f"),
        ("paid\rnot paid", "paid\\u000dnot paid"),
        ("\r=1+1", "\\u000d=1+1"),
        ("one\r\ntwo\tthree\nfour", "one\ntwo\tthree\nfour"),
        ("refund \u202egnp.exe", "refund \\u202egnp.exe"),
        ("\t=1+1", "'\t=1+1"),
        ("caf\u00e9 \U0001f621", "caf\u00e9 \U0001f621"),
    ],
)
def test_a_table_commands_no_terminal(store: Store, text: str, shown: str) -> None:
    seed(store, text)
    table = io.StringIO(newline="")
    write_export(store, "mentions", "csv", table)
    (cells,) = list(csv.DictReader(io.StringIO(table.getvalue(), newline="")))
    assert cells["text"] == shown
