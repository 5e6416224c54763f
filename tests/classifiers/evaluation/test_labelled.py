"""Labelled files: what is read, and the one sentence for each row that cannot be."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from classifiers.evaluation.heads import head_of, known_head, read_label
from classifiers.evaluation.labelled import Labelled, LabelledFile, Request, read_labelled
from config.errors import UsageError


def read(path: Path, content: str | bytes, **options: object) -> tuple[LabelledFile, list[str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    told: list[str] = []
    return read_labelled(path, Request(**options), told.append), told  # type: ignore[arg-type] # options of several types


def test_csv_with_columns_of_our_own_names(tmp_path: Path) -> None:
    found, told = read(tmp_path / "own.csv", 'text,label,brand,group\n"late, again",Complaint,Acme,a\nfine,other,,\n')
    assert found == LabelledFile(
        (Labelled("late, again", "complaint", "Acme", "a"), Labelled("fine", "other", "", "own.csv:3")), "complaint", 0
    )
    assert told == []


def test_columns_are_mapped_and_words_translated(tmp_path: Path) -> None:
    found, _ = read(
        tmp_path / "own.csv",
        "Tweet;Mood;Airline\nlate again;angry;Acme\nfine;calm;Acme\n",
        columns={"text": "Tweet", "label": "Mood", "brand": "Airline"},
        meaning={"angry": "complaint", "calm": "other"},
    )
    assert [(text.label, text.brand) for text in found.texts] == [("complaint", "Acme"), ("other", "Acme")]


def test_json_lines_with_a_target_and_labels_of_any_type(tmp_path: Path) -> None:
    rows = [
        {"text": "late", "label": True, "target": "Acme"},
        {"text": "fine", "label": 0},
        {"text": "ok", "label": "no"},
    ]
    found, _ = read(tmp_path / "own.jsonl", "\n\n".join(map(json.dumps, rows)), head="complaint")
    assert [text.label for text in found.texts] == ["complaint", "other", "other"]
    assert found.texts[0].brand == "Acme"


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    found, _ = read(tmp_path / "own.jsonl.gz", gzip.compress(b'{"text": "late", "label": "negative"}\n'))
    assert (found.head, len(found.texts)) == ("sentiment", 1)


def test_each_bad_row_is_told_in_one_sentence_and_the_others_are_read(tmp_path: Path) -> None:
    found, told = read(
        tmp_path / "own.csv",
        "text,label\nlate,complaint\n,complaint\nfine\nfine,\nodd,furious\nfine,other\n",
    )
    assert (len(found.texts), found.bad) == (2, 4)
    assert told == [
        "own.csv:3 has no text",
        "own.csv:4 has 1 columns where the header has 2",
        "own.csv:5 has no label",
        'own.csv:6 has the label "furious", which is none of the head complaint; --labels can say what it means',
    ]


def test_bad_json_is_told_by_its_line(tmp_path: Path) -> None:
    lines = ['{"text": "late", "label": "negative"}', "{half", "[1]", '{"label": "negative"}', "{" * 5000]
    found, told = read(tmp_path / "own.jsonl", "\n".join(lines))
    assert len(found.texts) == 1
    assert told == [
        "own.jsonl:2 is not valid JSON",
        "own.jsonl:3 is not a JSON object",
        "own.jsonl:4 has no text",
        "own.jsonl:5 is not valid JSON",
    ]


def test_bytes_that_are_no_text_break_nothing(tmp_path: Path) -> None:
    found, told = read(tmp_path / "own.csv", b"text,label\nlate \xff\xfe,complaint\nfine \x00,other\n")
    assert len(found.texts) == 2
    assert told == []


def test_what_spreadsheets_write_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        found, _ = read(tmp_path / "own.csv", "text\tlabel\nlate \u00e9\tcomplaint\n".encode(encoding))
        assert [(text.text, text.label) for text in found.texts] == [("late \u00e9", "complaint")]


def test_half_an_emoji_in_a_label_can_be_written(tmp_path: Path) -> None:
    found, _ = read(tmp_path / "own.jsonl", '{"text": "late", "label": "bill\\ud83d"}', head="topic")
    assert found.texts[0].label.encode() == b"bill?"


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", {}, "has no row with a text and a label$"),
        ("text,label\n,complaint\n", {}, "has no row with a text and a label: own.csv:2 has no text"),
        ("words,label\nlate,complaint\n", {}, "which column is the text: --map text=COLUMN; it has words, label"),
        ("text,mood\nlate,complaint\n", {}, "which column is the label: --map label=COLUMN"),
        ("text,label\nlate,complaint\n", {"columns": {"text": "Tweet"}}, 'no column "Tweet"; it has text, label'),
        (
            "text,label\nlate,complaint\n",
            {"columns": {"words": "text"}},
            '--map knows no "words"; it takes text, label',
        ),
        ("text,label\nlate,furious\n", {}, r'no label of the file is known \("furious"\)'),
        ("text,label\nlate,furious\n", {"head": "complaint"}, "no row of own.csv has a label of the head complaint"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, content: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read(tmp_path / "own.csv", content, **options)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_labelled(tmp_path / "nowhere.csv", Request(), print)
    packed = gzip.compress(b"text,label\n" * 1000)
    for damaged in (packed[:40], packed[:12] + b"\xff" * 30 + packed[42:], packed[:2] + b"nothing"):
        (tmp_path / "damaged.gz").write_bytes(damaged)
        with pytest.raises(UsageError, match="cannot be read: "):
            read_labelled(tmp_path / "damaged.gz", Request(), print)


@pytest.mark.parametrize(
    ("words", "head"),
    [
        (["negative", "neutral"], "sentiment"),
        (["complaint", "other"], "complaint"),
        (["1", "0"], "complaint"),
        (["complaint", "question", "thanks"], "kind"),
        (["low", "critical"], "severity"),
        (["offensive", "not_offensive"], "offensive"),
        (["negative", "positive", "furious"], "sentiment"),
    ],
)
def test_the_labels_tell_the_head(words: list[str], head: str) -> None:
    assert head_of(words, {}) == head


def test_words_for_labels() -> None:
    assert read_label("POS", "sentiment", {}) == "positive"
    assert read_label("4", "sentiment", {"4": "positive"}) == "positive"
    assert read_label(" yes ", "relevant", {}) == "relevant"
    assert read_label("yes", "sentiment", {}) is None
    assert read_label("", "topic", {}) == "none"
    assert read_label("Billing", "topic", {}) == "Billing"


def test_a_head_that_does_not_exist_is_named_with_those_that_do() -> None:
    assert known_head("language") == "language"
    with pytest.raises(UsageError, match='no head "mood"; known: sentiment, complaint'):
        known_head("mood")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_what_a_spreadsheet_writes_is_read_letter_by_letter(tmp_path: Path, encoding: str) -> None:
    text = "It\u2019s \u00a350 too much"
    found, _ = read(tmp_path / "own.csv", f"text,label\n{text},complaint\n".encode(encoding))
    assert found.texts[0].text == text


def test_own_words_for_labels_and_languages_are_read_in_any_case(tmp_path: Path) -> None:
    found, _ = read(tmp_path / "own.csv", "text,label\none,Angry\n", head="complaint", meaning={"angry": "complaint"})
    assert found.texts[0].label == "complaint"
    found, _ = read(tmp_path / "own.csv", "text,label\none,EN\n", head="language")
    assert found.texts[0].label == "en"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "a", "label": "b"}]', "neither lines of JSON objects nor CSV"),
        ("PK\x03\x04rest", "a spreadsheet can be saved as CSV"),
        ('text,"label\n' + "x" * 2_000_000, "a first line that cannot be read as CSV"),
    ],
)
def test_what_is_no_file_of_rows_says_so(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(tmp_path / "own.csv", content)
