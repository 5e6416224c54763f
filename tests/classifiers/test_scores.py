from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classifiers.heads import HARM, KIND, LABELS
from classifiers.judgement import Judge
from classifiers.scores import Scores, answered, batches_by_length, combine, softmax
from config.settings import ClassifierSettings


def test_probabilities_sum_to_one_and_a_temperature_softens_them() -> None:
    logits = np.array([[2.0, 0.0, -1.0]], dtype=np.float32)
    sharp, soft = softmax(logits), softmax(logits, 3.0)
    assert sharp.sum() == pytest.approx(1.0)
    assert soft.sum() == pytest.approx(1.0)
    assert sharp[0, 0] > soft[0, 0] > 1 / 3


def test_huge_logits_do_not_overflow() -> None:
    assert softmax(np.array([[1e4, -1e4]], dtype=np.float32)).tolist() == [[1.0, 0.0]]


def test_batches_hold_texts_of_like_length_and_every_text_once() -> None:
    batches = [batch.tolist() for batch in batches_by_length([9, 1, 8, 2, 7], 2)]
    assert batches == [[1, 3], [4, 2], [0]]


def test_a_batch_of_long_windows_holds_fewer_of_them() -> None:
    batches = [batch.tolist() for batch in batches_by_length([100, 2, 100, 90, 300], 4, most_tokens=200)]
    assert batches == [[1, 3], [0, 2], [4]]
    assert list(batches_by_length([], 4)) == []


def test_windows_of_a_long_text_are_combined() -> None:
    heads = {
        "sentiment": np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]], dtype=np.float32),
        "complaint": np.array([[0.9, 0.1], [0.2, 0.8], [1, 0]], dtype=np.float32),
        "kind": np.eye(3, len(KIND), dtype=np.float32),
        "harm": np.eye(3, len(HARM), dtype=np.float32),
    }
    long, short = combine(heads, owners=[0, 0, 1], lengths=[30, 10, 5], texts=2)
    assert long.sentiment == {"negative": 0.75, "neutral": 0.0, "positive": 0.25}
    assert long.complaint == pytest.approx(0.8)  # of the strongest window
    assert long.kind is not None
    assert long.harm is not None
    assert (long.kind["complaint"], long.kind["question"]) == (0.75, 0.25)
    assert long.harm["low"] == 1.0  # of the window that complains most
    assert long.danger == 0.0
    assert short.sentiment == {"negative": 0.0, "neutral": 1.0, "positive": 0.0}
    assert short.complaint == 0.0
    assert short.offensive is None
    heads["harm"][0] = [0, 0, 0, 0.1, 0.9]
    assert combine(heads, owners=[0, 0, 1], lengths=[30, 10, 5], texts=2)[0].danger == pytest.approx(0.9)  # anywhere


def test_beside_a_brand_other_heads_answer_and_the_kind_has_a_part_in_a_complaint() -> None:
    heads = {
        "sentiment": np.array([[1, 0, 0], [1, 0, 0]], dtype=np.float32),
        "stance": np.array([[0, 0, 1], [0, 0, 1]], dtype=np.float32),
        "complaint": np.array([[0.9, 0.1], [0.9, 0.1]], dtype=np.float32),
        "grievance": np.array([[0.4, 0.6], [0.4, 0.6]], dtype=np.float32),
        "kind": np.eye(2, len(KIND), dtype=np.float32),  # a complaint, then a question
    }
    both, none = np.array([True, True]), np.array([False, False])
    found = answered(heads, both)
    assert found["sentiment"].argmax(axis=1).tolist() == [2, 2]
    assert found["mood"].argmax(axis=1).tolist() == [0, 0]
    assert found["complaint"][:, 1].tolist() == pytest.approx([0.75 * 0.6 + 0.25, 0.75 * 0.6])
    found = answered(heads, none)
    assert found["sentiment"].argmax(axis=1).tolist() == [0, 0]
    assert found["complaint"][:, 1].tolist() == pytest.approx([0.1, 0.1])
    del heads["grievance"]  # as of weights before it
    for branded in (both, none):
        shares = answered(heads, branded)["complaint"][:, 1].tolist()
        assert shares == pytest.approx([0.75 * 0.1 + 0.25, 0.75 * 0.1])
    del heads["kind"]
    assert answered(heads, both)["complaint"][:, 1].tolist() == pytest.approx([0.1, 0.1])


def test_combined_scores_are_those_of_the_arrays() -> None:
    chance = np.random.default_rng(3)
    owners = [0, 1, 1, 1, 2, 3, 3]
    lengths = chance.integers(2, 128, len(owners)).tolist()
    heads = {
        name: softmax(chance.normal(size=(len(owners), len(labels))).astype(np.float32))
        for name, labels in LABELS.items()
    }
    for text, found in enumerate(combine(heads, owners, lengths, 4)):
        rows = [row for row, owner in enumerate(owners) if owner == text]
        assert found.sentiment is not None
        mean = np.average(heads["sentiment"][rows], axis=0, weights=[lengths[row] for row in rows])
        assert list(found.sentiment.values()) == pytest.approx(mean, abs=1e-6)
        for name in ("complaint", "relevant", "offensive", "sarcasm"):
            assert getattr(found, name) == pytest.approx(heads[name][rows, 1].max(), abs=1e-6)


def test_confidence_is_that_of_the_least_certain_deciding_head() -> None:
    sentiment = {"negative": 0.7, "neutral": 0.2, "positive": 0.1}
    assert Scores(sentiment, complaint=0.45).confidence(0.5) == pytest.approx(0.55)
    assert Scores(sentiment).confidence(0.5) == pytest.approx(0.7)
    assert Scores(offensive=0.9).confidence(0.5) == 0.0


def test_confidence_in_a_complaint_is_that_of_the_answer_at_the_threshold() -> None:
    assert Scores(complaint=0.79).confidence(0.8) == pytest.approx(0.21)
    assert Scores(complaint=0.35).confidence(0.3) == pytest.approx(0.35)


@pytest.mark.parametrize(
    ("complaint", "share", "contradictory"),
    [(0.6, 0.1, True), (0.6, 0.3, False), (0.4, 0.5, True), (0.4, 0.3, False)],
)
def test_heads_of_complaint_and_kind_may_contradict_each_other(
    complaint: float, share: float, contradictory: bool
) -> None:
    scores = Scores(complaint=complaint, kind={"complaint": share, "question": 0.45, "praise": 0.55 - share})
    assert scores.contradictory() is contradictory
    glad = Scores({"negative": 0.5, "neutral": 0.4, "positive": 0.1}, 0.1, kind={"complaint": 0.1, "praise": 0.9})
    assert glad.contradictory()
    assert not replace(glad, kind={"complaint": 0.1, "other": 0.9}).contradictory()
    assert not Scores(complaint=complaint).contradictory()
    assert not Scores(kind=scores.kind).contradictory()


def test_a_complaint_that_is_glad_is_contradictory() -> None:
    glad, calm = ({"negative": 0.1, "neutral": rest, "positive": 0.9 - rest} for rest in (0.1, 0.8))
    assert Scores(glad, 0.6, kind={"complaint": 0.6, "praise": 0.4}).contradictory()
    assert not Scores(calm, 0.6, kind={"complaint": 0.6, "praise": 0.4}).contradictory()


def test_praise_of_the_brand_in_a_negative_mood_is_contradictory() -> None:
    praise, anger = (
        {"negative": 0.2, "neutral": 0.1, "positive": 0.7},
        {"negative": 0.6, "neutral": 0.3, "positive": 0.1},
    )
    assert Scores(praise, mood=anger).contradictory()
    assert not Scores(praise, mood=praise).contradictory()
    assert not Scores(anger, mood=praise).contradictory()  # irony: the brand is blamed in glad words
    assert not Scores(praise).contradictory()


def test_a_threshold_that_is_raised_leaves_the_answers_that_it_changes_as_agreed_as_before() -> None:
    # Between the thresholds the kind says complaint and the answer does not, as the operator wanted.
    sentiment = {"negative": 0.8, "neutral": 0.1, "positive": 0.1}
    scores = Scores(sentiment, 0.6, kind={"complaint": 0.6, "question": 0.3, "praise": 0.1})
    for threshold, complaint in ((0.5, True), (0.7, False)):
        judge = Judge("m", "r", ClassifierSettings(complaint_threshold=threshold, unsure_below=0), ())
        found = judge.assess("my order is broken", scores)
        assert (found.complaint, found.unsure) == (complaint, False)


def test_a_text_that_names_a_rival_must_be_surer() -> None:
    settings = ClassifierSettings(unsure_below=0.5)
    judge = Judge("m", "r", settings, ())
    text = "so glad that I switched"
    for sure, unsure in ((0.65, True), (0.75, False)):
        scores = Scores({"negative": 0.05, "neutral": 0.95 - sure, "positive": sure}, 0.02)
        assert judge.assess(text, scores, names_rival=True).unsure is unsure
        assert judge.assess(text, scores).unsure is False
    strict = Judge("m", "r", ClassifierSettings(unsure_below=0.95), ())  # who asks for more gets it beside a rival too
    assert strict.assess(text, scores, names_rival=True).unsure is True


@pytest.mark.parametrize(
    ("text", "unsure"),
    [
        ("a" * 10_000, True),
        ("x X x", True),
        ("1!", True),
        ("@user k", True),
        ("ok", False),
        ("no", False),
        ("👍", False),
    ],
)
def test_one_letter_over_and_over_says_nothing(text: str, unsure: bool) -> None:
    judge = Judge("m", "r", ClassifierSettings(unsure_below=0), ())
    assert judge.assess(text, Scores({"negative": 0.1, "neutral": 0.1, "positive": 0.8}, 0.05)).unsure is unsure
