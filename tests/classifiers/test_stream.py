from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest

from classifiers import BrandContext
from classifiers.explain import explain
from classifiers.stream import as_json, classify_chunks
from store.records import Assessment, Kind, Sentiment, Severity

KEYS = [
    "id", "sentiment", "sentiment_scores", "complaint", "complaint_score", "severity", "severity_reasons", "kind",
    "topic", "language", "relevant_score", "offensive_score", "sarcasm_score", "unsure", "model", "revision",
]  # fmt: skip


class WordCounter:
    """A classifier whose complaint score is the share of the word "bad"; it remembers how much it was given at once."""

    name = "counter"
    revision = "1"

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.brands: list[BrandContext | None] = []

    def assess(self, texts: Sequence[str], brand: BrandContext | None = None) -> list[Assessment]:
        self.calls.append(len(texts))
        self.brands.append(brand)
        return [self._assess(text.split()) for text in texts]

    def _assess(self, words: list[str]) -> Assessment:
        share = words.count("bad") / len(words) if words else 0.0
        scores = {"negative": share, "neutral": 1 - share, "positive": 0.0}
        sentiment = Sentiment.NEGATIVE if share > 0.5 else Sentiment.NEUTRAL
        return Assessment(
            "counter", "1", sentiment, scores, complaint=share >= 0.3, complaint_score=share, topic=" ".join(words)
        )


def run(lines: Sequence[str], **options: object) -> list[dict[str, object]]:
    return [json.loads(line) for line in classify_chunks([lines], WordCounter(), **options)]  # type: ignore[arg-type] # options of several types


def test_an_object_has_the_documented_keys_in_their_order() -> None:
    full = Assessment(
        "m", "r", Sentiment.NEGATIVE, {"negative": 1.0, "neutral": 0.0, "positive": 0.0}, True, 0.9, Severity.HIGH,
        ("money was taken or is owed",), Kind.COMPLAINT, "billing", "en", 0.8, 0.1, None, False,
    )  # fmt: skip
    found = json.loads(json.dumps(as_json(full, "t1")))
    assert list(found) == KEYS
    assert (found["id"], found["sentiment"], found["severity"], found["kind"]) == (
        "t1",
        "negative",
        "high",
        "complaint",
    )
    assert found["severity_reasons"] == ["money was taken or is owed"]
    assert found["sarcasm_score"] is None
    assert list(as_json(full, why=[("bad", 0.5)])) == [*KEYS, "why"]


def test_plain_lines_and_objects_come_out_in_input_order() -> None:
    found = run(["all good\n", '{"text": "so bad", "id": 7}\n', '  {"id": "x", "text": "two\\nlines"}', "\n"])
    assert [each["topic"] for each in found] == ["all good", "so bad", "two lines", ""]
    assert [each["id"] for each in found] == [None, 7, "x", None]
    assert [each["complaint"] for each in found] == [False, True, False, False]


def test_a_byte_order_mark_is_no_part_of_a_line() -> None:
    found = run(['\ufeff{"text": "so bad", "id": 7}\n', "\ufeffbad\r\n"])
    assert [(each["id"], each["topic"]) for each in found] == [(7, "so bad"), (None, "bad")]


def test_a_line_that_cannot_be_read_is_reported_by_number_and_keeps_its_place() -> None:
    reported: list[tuple[int, str]] = []
    lines = ["fine", '{"text": ', '{"id": 3}', '{"text": null}', "{" * 5000, "fine again"]
    found = run(lines, report=lambda number, problem: reported.append((number, problem)))
    assert [number for number, _ in reported] == [2, 3, 4, 5]
    assert reported[0][1] == (
        "starts like a JSON object but is none (Expecting value: column 10); "
        "a text that starts with { must be sent as an object"
    )
    assert 'no "text"' in reported[1][1]
    assert [each.get("topic", each.get("line")) for each in found] == ["fine", 2, 3, 4, 5, "fine again"]
    assert all("error" in each for each in found[1:5])


def test_an_object_that_is_nested_too_deeply_is_a_bad_line() -> None:
    [found] = run(['{"text": ' * 100_000])
    assert found["error"] == "is nested too deeply to be read"


def test_an_object_without_a_text_keeps_its_id() -> None:
    found = run(['{"id": 3, "text": null}', '{"id": null}', '{"text": 5}'])
    problem = 'has no "text" that is a string'
    assert found == [
        {"id": 3, "line": 1, "error": problem},
        {"id": None, "line": 2, "error": problem},
        {"id": None, "line": 3, "error": problem},
    ]


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("NaN", "has NaN, which is no JSON; expected a number, a string or null"),
        ("[-Infinity]", "has -Infinity, which is no JSON; expected a number, a string or null"),
        ("1e999", "has a number that is too large to be kept; expected it as a string"),
        ("9" * 5000, "has a number that is too large to be kept; expected it as a string"),
    ],
)
def test_a_number_that_cannot_be_written_again_is_refused(number: str, problem: str) -> None:
    [found] = run([f'{{"text": "bad", "id": {number}}}'])
    assert found == {"id": None, "line": 1, "error": problem}


def test_other_numbers_are_written_again() -> None:
    found = run([f'{{"text": "bad", "id": {number}}}' for number in ("9" * 400, "-1.5e3")])
    assert [each["id"] for each in found] == [int("9" * 400), -1500.0]


def test_a_line_that_is_no_utf_8_is_a_bad_line() -> None:
    broken = [b"caf\xe9", b'{"text": "\xff", "id": 1}', "UTF-16".encode("utf-16-le"), b'{"text": "\\udcff"}']
    found = run([line.decode("utf-8", "surrogateescape") for line in broken])
    assert [each.get("error") for each in found] == [
        "has bytes that are no UTF-8",
        "has bytes that are no UTF-8",
        "has NUL characters, as UTF-16 does; expected UTF-8",
        None,
    ], "half an emoji that is written as an escape is no broken byte"


def test_a_json_array_is_refused_and_other_values_are_texts() -> None:
    for line in ('[{"text": "bad"}]', " []\n", '["bad", NaN]'):
        [found] = run([line])
        assert found["error"] == "is a JSON array; expected one JSON object a line, or plain text"
    lines = ["[Update] still bad", "[1, 2", "[" * 100_000, "42", "null", "true", '"quoted"', "-1e5"]
    assert [each["topic"] for each in run(lines)] == lines


def test_a_chunk_is_answered_together_before_the_next_is_read() -> None:
    classifier, read = WordCounter(), []

    def chunks() -> Iterator[list[str]]:
        for size in (10, 5):
            read.append(size)
            yield ["line"] * size

    answers = classify_chunks(chunks(), classifier)
    next(answers)
    assert read == [10]
    assert len(list(answers)) == 14
    assert classifier.calls == [10, 5]


def test_lines_are_numbered_through_all_chunks() -> None:
    reported: list[int] = []
    list(classify_chunks([["a", "b"], ["{"]], WordCounter(), report=lambda number, _: reported.append(number)))
    assert reported == [3]


def test_the_brand_reaches_the_model() -> None:
    classifier, brand = WordCounter(), BrandContext("Acme")
    list(classify_chunks([["x"]], classifier, brand, why=True))
    assert set(classifier.brands) == {brand}


def test_a_line_is_read_for_the_brand_that_it_names() -> None:
    classifier, acme = WordCounter(), BrandContext("Acme")
    lines = [
        "all good",
        '{"text": "so bad", "brand": "Zenith", "id": 1}',
        '{"text": "bad bad", "brand": "Acme"}',
        '{"text": "fine", "brand": null}',
        '{"text": "quiet", "brand": " "}',
        '{"text": "still bad", "brand": "Zenith"}',
    ]
    found = [json.loads(line) for line in classify_chunks([lines], classifier, acme)]
    assert [each["topic"] for each in found] == ["all good", "so bad", "bad bad", "fine", "quiet", "still bad"]
    assert classifier.brands == [acme, BrandContext("Zenith", ("Zenith",)), BrandContext("Acme", ("Acme",))]
    assert classifier.calls == [3, 2, 1], "the lines of a brand are read together"


def test_a_brand_that_is_no_string_or_not_known_is_refused() -> None:
    lines = ['{"text": "bad", "brand": 7, "id": "a"}', '{"text": "bad", "brand": "Zenith", "id": "b"}']
    assert run(lines, brand_called=lambda name: None) == [
        {"id": "a", "line": 1, "error": 'has a "brand" that is no string'},
        {
            "id": "b",
            "line": 2,
            "error": 'has a "brand" that the configuration lacks; expected the name of one that it has',
        },
    ]


def test_why_gives_every_word_of_the_text_its_weight() -> None:
    [found] = run(["this is bad bad"], why=True)
    why = found["why"]
    assert isinstance(why, list)
    assert [word for word, _ in why] == ["this", "is", "bad", "bad"]
    assert why[2][1] > 0 > why[0][1]


def test_an_empty_text_has_no_words_to_explain() -> None:
    assert run([""], why=True)[0]["why"] == []


def test_a_text_without_complaint_is_explained_by_its_sentiment() -> None:
    classifier = WordCounter()
    texts = ["good bad fine good fine"]
    [why] = explain(texts, classifier.assess(texts), classifier)
    assert dict(why)["bad"] < 0 < dict(why)["good"]


def test_a_long_text_is_explained_in_runs_of_words() -> None:
    classifier = WordCounter()
    texts = ["word " * 1000]
    [why] = explain(texts, classifier.assess(texts), classifier)
    assert len(why) <= 64
    assert " ".join(words for words, _ in why) == " ".join(texts[0].split())
    assert classifier.calls == [1, len(why) + 1], "the whole is read once more, beside its parts"
