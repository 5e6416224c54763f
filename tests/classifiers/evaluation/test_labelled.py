"""Labelled files: what is read, and the one sentence for each row that cannot be."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from classifiers.evaluation.heads import head_of, known_head, read_label
from classifiers.evaluation.labelled import Labelled, LabelledFile, Request, read_labelled
from config.errors import UsageError
from tests.classifiers.evaluation.files import read


def test_csv_with_columns_of_our_own_names(tmp_path: Path) -> None:
    found, told = read(tmp_path / "own.csv", 'text,label,brand,group\n"late, again",Complaint,Acme,a\nfine,other,,\n')
    assert found == LabelledFile(
        (Labelled("late, again", "complaint", "Acme", "a"), Labelled("fine", "other", "", "own.csv:3")), "complaint", 0
    )
    assert told == []


ONE_LABEL = 'own.{} has no label of the head {} but "{}", so it cannot show how well others are told apart from it'


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


def test_many_rows_with_one_fault_are_told_in_one_sentence(tmp_path: Path) -> None:
    rows = ["late,complaint", ",other", "a,", "b,", ",other", "c,", "fine,other", "d,"]
    found, told = read(tmp_path / "own.csv", "\n".join(["text,label", *rows]))
    assert (len(found.texts), found.bad) == (2, 6)
    assert told == [
        "own.csv:3 has no text",
        "4 rows (lines 4, 5, 7 and others) are left out for one reason: own.csv:4 has no label",
        "own.csv:6 has no text",
    ]


def test_bad_json_is_told_by_its_line(tmp_path: Path) -> None:
    lines = ['{"text": "late", "label": "negative"}', "{half", "[1]", '{"label": "negative"}', "{" * 5000]
    found, told = read(tmp_path / "own.jsonl", "\n".join(lines))
    assert len(found.texts) == 1
    assert told == [
        ONE_LABEL.format("jsonl", "sentiment", "negative"),
        "own.jsonl:2 is not valid JSON",
        "own.jsonl:3 is not a JSON object",
        "own.jsonl:4 has no text",
        "own.jsonl:5 is not valid JSON",
    ]


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
        (
            "text,label\nlate,furious\n",
            {"head": "complaint"},
            "no row of own.csv has a label of the head complaint; --map label=COLUMN names another column",
        ),
        ("text,label,text\nlate,complaint,a\n", {}, 'more than one column "text", and the text can stand in only one'),
        ("text,Mood,Mood\nlate,complaint,a\n", {"columns": {"label": "Mood"}}, 'more than one column "Mood"'),
        (
            "text,label\nlate,angry\nok,fine\n",
            {"meaning": {"angry": "complant", "fine": "other"}},
            '"angry=complant", but the labels of the head complaint are other, complaint$',
        ),
        (
            "text,label\nlate,angry\n",
            {"meaning": {"Angry": "complaint", "angry": "other"}},
            '--labels says "angry" twice, for complaint and for other',
        ),
        (
            "text,label\nlate,angry\n",
            {"meaning": {"angry": "complant"}},
            r'no label of the file is known \("complant"\)',
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, content: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read(tmp_path / "own.csv", content, **options)


def test_a_pipe_is_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="pipe is a pipe or a device; expected a file"):
        read_labelled(tmp_path / "pipe", Request(), print)


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
        (["complaint", "question", "thanks"], "kind"),
        (["low", "critical"], "severity"),
        (["offensive", "not_offensive"], "offensive"),
        (["negative", "positive", "furious"], "sentiment"),
        (["sarcastic", "0", "0"], "sarcasm"),
    ],
)
def test_the_labels_tell_the_head(words: list[str], head: str) -> None:
    assert head_of(words, {}, "label") == head


@pytest.mark.parametrize(
    ("words", "column", "head"),
    [
        (["1", "0"], "Sarcasm", "sarcasm"),
        (["true", "false"], "relevant", "relevant"),
        (["0", "1", "2"], "sentiment", "sentiment"),
        (["yes", "no"], "topic", "topic"),
        (["complaint", "other"], "kind", "kind"),
        (["negative", "positive"], "complaint", "sentiment"),
    ],
)
def test_labels_of_several_heads_are_told_apart_by_the_name_of_their_column(
    words: list[str], column: str, head: str
) -> None:
    assert head_of(words, {}, column) == head


@pytest.mark.parametrize(
    "words", [["1", "0"], ["True", "False"], ["yes", "n"], ["0", "1", "2"], ["1", "0", "negative"]]
)
def test_labels_of_several_heads_are_refused(words: list[str]) -> None:
    with pytest.raises(
        UsageError, match=r"fit several heads \(complaint, relevant, offensive, sarcasm\): name one with"
    ):
        head_of(words, {}, "label")


def test_the_mapped_column_or_the_words_translated_tell_the_head(tmp_path: Path) -> None:
    rows = "text,sarcasm\nwell done,1\nfine,0\n"
    found, _ = read(tmp_path / "own.csv", rows, columns={"label": "sarcasm"})
    assert (found.head, [text.label for text in found.texts]) == ("sarcasm", ["sarcastic", "not_sarcastic"])
    json_rows = '{"text": "well done", "offensive": 1}\n{"text": "fine", "offensive": 0}'
    found, _ = read(tmp_path / "own.jsonl", json_rows, columns={"label": "offensive"})
    assert found.head == "offensive"
    moods = "text,label\nlate,0\nfine,1\ngreat,2\n"
    found, _ = read(tmp_path / "own.csv", moods, meaning={"0": "negative", "1": "neutral", "2": "positive"})
    assert (found.head, len(found.texts)) == ("sentiment", 3)
    with pytest.raises(UsageError, match=r'the labels of the file \("0", "1", "2"\) fit several heads'):
        read(tmp_path / "own.csv", moods)


def test_words_for_labels() -> None:
    assert read_label("POS", "sentiment", {}) == "positive"
    assert read_label("4", "sentiment", {"4": "positive"}) == "positive"
    assert read_label(" yes ", "relevant", {}) == "relevant"
    assert read_label("yes", "sentiment", {}) is None
    assert read_label("", "topic", {}) == "none"
    assert read_label("Billing", "topic", {}) == "Billing"
    assert [read_label(word, "language", {}) for word in ("EN", "pt-BR", "", "none")] == ["en", "pt", "none", "none"]
    assert read_label("English", "language", {}) is None
    assert read_label("English", "language", {"english": "en"}) == "en"


def test_a_head_that_does_not_exist_is_named_with_those_that_do() -> None:
    assert known_head("language") == "language"
    with pytest.raises(UsageError, match='no head "mood"; known: sentiment, complaint'):
        known_head("mood")


def test_own_words_for_labels_and_languages_are_read_in_any_case(tmp_path: Path) -> None:
    found, _ = read(tmp_path / "own.csv", "text,label\none,Angry\n", head="complaint", meaning={"angry": "complaint"})
    assert found.texts[0].label == "complaint"
    found, _ = read(tmp_path / "own.csv", "text,label\none,EN\n", head="language")
    assert found.texts[0].label == "en"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "a", "label": "negative"}]', "one JSON object a line$"),
        ('[\n{"text": "a", "label": "negative"}\n]', "one JSON object a line$"),
        ('{\n"rows": [\n{"text": "a", "label": "negative"}\n]\n}', "one JSON object a line$"),
        ('{"rows": [{"text": "a", "label": "negative"}]}', "one JSON object a line$"),
        ("PK\x03\x04rest", "a spreadsheet can be saved as CSV"),
        ('text,"label\n' + "x" * 2_000_000, "a first line that cannot be read as CSV"),
    ],
)
def test_what_is_no_file_of_rows_says_so(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(tmp_path / "own.csv", content)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": {"text": "Tweet"}}, 'own.jsonl has no column "Tweet"; it has words, label, user$'),
        ({"columns": {"text": "words", "group": "Author"}}, 'no column "Author"; it has words, label, user$'),
        ({}, "own.jsonl does not say which column is the text: --map text=COLUMN; it has words, label, user$"),
    ],
)
def test_json_lines_without_a_column_say_so(tmp_path: Path, options: dict[str, object], message: str) -> None:
    rows = '{"words": "late", "label": "complaint"}\n{"words": "fine", "label": "other", "user": 1}\n'
    with pytest.raises(UsageError, match=message):
        read(tmp_path / "own.jsonl", rows, **options)


def test_json_values_that_are_no_text_and_no_label_are_told(tmp_path: Path) -> None:
    values = [("late", 1), (["late"], 1), (7, 0), (None, 0), ("fine", [0]), ("ok", 0.0)]
    rows = [json.dumps({"text": text, "label": label}) for text, label in values]
    found, told = read(tmp_path / "own.jsonl", "\n".join(rows), head="complaint")
    assert [(text.text, text.label) for text in found.texts] == [("late", "complaint"), ("ok", "other")]
    assert told == [
        "own.jsonl:2 has a text that is not a string",
        "own.jsonl:3 has a text that is not a string",
        "own.jsonl:4 has no text",
        "own.jsonl:5 has a label that is neither a string nor a number",
    ]


def test_texts_that_are_alike_are_one_group_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    found, _ = read(
        tmp_path / "own.csv", "text,label,group\nlate,complaint,\nfine,other,\nlate ,complaint,\nlate,complaint,a\n"
    )
    assert [text.group for text in found.texts] == ["own.csv:2", "own.csv:3", "own.csv:2", "a"]


def test_texts_with_labels_that_contradict_each_other_are_counted_and_kept(tmp_path: Path) -> None:
    rows = "late,complaint,Acme\nlate,other,Acme\nfine,other,\nfine,other,\nodd,complaint,Acme\nodd,other,Zenith\n"
    found, told = read(tmp_path / "own.csv", "text,label,brand\n" + rows)
    assert len(found.texts) == 6
    assert told == ["own.csv has texts that stand there with different labels, all of which count: 1"]


def test_a_file_of_one_label_says_what_it_cannot_show(tmp_path: Path) -> None:
    _, told = read(tmp_path / "own.csv", "text,label\nlate,complaint\nagain,complaint\n")
    assert told == [ONE_LABEL.format("csv", "complaint", "complaint")]
