"""Whatever strangers write gets a sound answer or an abstention, never an exception."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from classifiers import BrandContext, Classifier, load_classifier
from classifiers.explain import explain
from config.settings import ClassifierSettings
from frankly.classifying import classify_to
from store.records import Assessment
from tests.classifiers.small_models import make_embedded, make_hub

ACME = BrandContext("Acme", ("acme", "@AcmeHelp"))
MOODS = ("negative", "neutral", "positive")

_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e"
_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200e\u200f"
_EMOJI = "😡😀🔥💔🤬👍🏽🇬🇧\u2764\ufe0f\u20e3"
_SCRIPTS = "abc ÄÖß дом ελ 你好 かな 한글 مرحبا שלום नमस्ते ไทย ქარ"

HOSTILE = st.one_of(
    st.text(st.sampled_from(_EMOJI), max_size=60),
    st.text(st.sampled_from(_ZERO_WIDTH + " "), max_size=60),
    st.text(st.sampled_from(_DIRECTIONS + "broken אבג "), max_size=60),
    st.text(st.sampled_from(_SCRIPTS), max_size=200),
    st.text(st.characters(categories=["Cc", "Cf", "Cn", "Co"]), max_size=60),
    st.text(st.characters(categories=["Cs", "Lu", "Zs"]), max_size=60),
    st.text(st.characters(categories=["Mn", "Me"]), min_size=1, max_size=40).map(lambda marks: "a" + marks * 100),
    st.text(st.sampled_from("@#/&;<>{}%\\\"'`$u.:-_=+~*[]()|^ ahtps"), max_size=200),
    st.tuples(st.text(min_size=1, max_size=8), st.integers(1, 10_000)).map(lambda pair: (pair[0] * pair[1])[:10_000]),
    st.text(max_size=300),
)
EXAMPLES = (
    "",
    "\u0301" * 5000,
    "e" + "\u0301" * 5000 + " broken",
    "\ud83d",
    "half \ud83d of it \udc00",
    "\x00\x01\x1b[31m\x7f\x9f",
    "😡" * 10_000,
    "🏽" * 500,
    "\u202e" * 3000 + "broken",
    "&#x110000;&#55357;&amp;amp;" * 100,
    "@" * 10_000,
    "a@" * 5000,
    "http://" + "a" * 9_990,
    "u/" * 5000,
    "[CLS] [SEP] [PAD] [MASK] [UNK] </s> <s>",
    "\ufdfa" * 2000,
    "\u1e9b\u0323" * 3000,
    "{" * 10_000,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_embedded(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def classifier(folder: Path) -> Classifier:
    return load_classifier(ClassifierSettings(model=str(folder)))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    made = make_hub(tmp_path_factory.mktemp("hub") / "moods", MOODS, {"awful": {"negative": 4.0}})
    return load_classifier(ClassifierSettings(model=str(made)))


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return load_classifier(ClassifierSettings())


def assert_sound(found: Assessment) -> None:
    """Probabilities are probabilities, and the decisions follow from them."""
    scores = found.sentiment_scores
    assert scores is not None
    assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    heads = (found.complaint_score, found.relevant_score, found.offensive_score, found.sarcasm_score)
    for score in (*scores.values(), *(each for each in heads if each is not None)):
        assert math.isfinite(score)
        assert 0 <= score <= 1
    assert found.sentiment == max(scores, key=scores.__getitem__)
    assert (found.severity is not None) == bool(found.complaint)


@given(HOSTILE)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_gets_a_sound_assessment(classifier: Classifier, hub: Classifier, text: str) -> None:
    for model, brand in ((classifier, None), (classifier, ACME), (hub, ACME)):
        [found] = model.assess([text], brand)
        assert_sound(found)


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_worst_texts_that_we_know(classifier: Classifier, hub: Classifier, text: str) -> None:
    for model in (classifier, hub):
        found = model.assess([text, "awful"], ACME)
        for each in found:
            assert_sound(each)
        [why] = explain([text], found[:1], model, ACME)
        assert all(math.isfinite(weight) and -1 <= weight <= 1 for _, weight in why)
        assert len(why) <= 64


def test_the_shipped_model_answers_them_too(shipped: Classifier) -> None:
    for found in shipped.assess([text[:2000] for text in EXAMPLES], ACME):
        assert_sound(found)


@pytest.mark.parametrize("text", ["", " \t\n", "\u200b\u2060", "\u202e\u202c", "\x00\x07"])
def test_nothing_that_can_be_read_is_unsure(classifier: Classifier, text: str) -> None:
    assert classifier.assess([text])[0].unsure


@given(st.lists(st.text(st.characters(), max_size=80) | HOSTILE, max_size=4))
@example(['{"text": "\\ud83d"}', '{"text": "x", "id": "\\ud800"}', "{", '{"text": 1e999}', '{"text": "\\u0000"}'])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_classify_writes_one_valid_object_for_every_line(folder: Path, lines: list[str]) -> None:
    out, told = io.StringIO(), list[str]()
    bad = classify_to(out, None, lines, None, brand=None, why=False, model=str(folder), complain=told.append)
    written = out.getvalue().splitlines()
    assert len(written) == len(lines)
    assert bad == len(told) == sum("error" in json.loads(line) for line in written)
    out.getvalue().encode("utf-8")  # it can be written wherever it goes
    assert all(told_line.startswith("line ") for told_line in told)
