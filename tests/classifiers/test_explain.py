"""Why: every word of a text once, in its order, handles and emoji too, at a bounded cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers import BrandContext, Classifier, load_classifier
from classifiers.explain import Why, explain
from config.settings import ClassifierSettings
from tests.classifiers.small_models import WORDS, make_embedded
from tests.classifiers.test_stream import WordCounter

ACME = BrandContext("Acme", ("acme", "@AcmeHelp"))
ANGRY = {"pouting": {"negative": 2.0, "complaint": 3.0}}  # U+1F621 is POUTING FACE


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    folder: Path = make_embedded(tmp_path_factory.mktemp("model"), {**WORDS, **ANGRY})
    return load_classifier(ClassifierSettings(model=str(folder)))


def why(classifier: Classifier, text: str, brand: BrandContext | None = None) -> Why:
    [found] = explain([text], classifier.assess([text], brand), classifier, brand)
    return found


def test_the_word_that_carried_the_complaint_stands_out(classifier: Classifier) -> None:
    found = why(classifier, "my router is broken once more")
    assert [word for word, _ in found] == ["my", "router", "is", "broken", "once", "more"]
    assert max(found, key=lambda pair: pair[1])[0] == "broken"
    assert dict(found)["once"] == 0


def test_an_emoji_glued_to_a_word_is_weighed_alone(classifier: Classifier) -> None:
    found = dict(why(classifier, "again\U0001f621\U0001f621 today"))
    assert list(found) == ["again", "\U0001f621\U0001f621", "today"]
    assert found["\U0001f621\U0001f621"] > 0.3 > abs(found["again"])


def test_joined_and_coloured_emoji_stay_whole(classifier: Classifier) -> None:
    text = "call\U0001f469\U0001f3fd\u200d\U0001f4bb \u2764\ufe0f"
    assert [word for word, _ in why(classifier, text)] == [
        "call",
        "\U0001f469\U0001f3fd\u200d\U0001f4bb",
        "\u2764\ufe0f",
    ]


def test_handles_are_weighed_as_the_model_reads_them(classifier: Classifier) -> None:
    # The brand's own handle is its name to the model, a stranger's is anybody.
    found = dict(why(classifier, "@acmehelp @stranger broken", ACME))
    assert list(found) == ["@acmehelp", "@stranger", "broken"]
    assert found["broken"] > 0.3
    assert abs(found["@stranger"]) < 0.05


@pytest.mark.parametrize("text", ["", " \n", "\u3000"])
def test_a_text_without_words_has_no_reasons(classifier: Classifier, text: str) -> None:
    assert why(classifier, text) == []


def test_a_long_text_costs_fewer_pieces() -> None:
    counter = WordCounter()
    sizes = {words: len(why(counter, "word " * words)) for words in (10, 64, 100, 300, 2000, 20_000)}
    assert sizes[10] == 10
    assert sizes[64] == 64
    assert all(size * words <= max(64 * 64, 16 * words) for words, size in sizes.items())
    assert min(sizes[300], sizes[2000], sizes[20_000]) >= 13


def test_many_long_texts_are_asked_in_portions_and_answered_in_order() -> None:
    counter = WordCounter()
    texts = ["fine " * 3000 + "bad " * 3000, "bad"] * 6
    found = explain(texts, counter.assess(texts), counter)
    assert len(counter.calls) > 2
    for words, (long, short) in zip([texts[:2]] * 6, zip(found[::2], found[1::2], strict=True), strict=True):
        assert " ".join(run for run, _ in long) == words[0].strip()
        assert short[0][0] == "bad"
        assert short[0][1] > 0
