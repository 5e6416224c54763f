"""The measures against cases counted by hand, and against scikit-learn's."""

from __future__ import annotations

import random

import pytest

from classifiers.evaluation.measures import calibration_error, compare, majority_macro_f1, reliability

LABELS = ("negative", "neutral", "positive")


def test_precision_recall_and_f1_are_counted_by_label() -> None:
    truth = ["negative", "negative", "neutral", "positive"]
    figures = compare(truth, ["negative", "neutral", "neutral", "neutral"], LABELS)
    negative, neutral, positive = figures.classes
    assert (negative.precision, negative.recall, negative.support) == (1.0, 0.5, 2)
    assert negative.f1 == pytest.approx(2 / 3)
    assert (neutral.precision, neutral.recall) == (pytest.approx(1 / 3), 1.0)
    assert (positive.precision, positive.recall, positive.f1) == (0.0, 0.0, 0.0)
    assert figures.macro_recall == pytest.approx(0.5)
    assert figures.macro_f1 == pytest.approx((2 / 3 + 0.5 + 0) / 3)
    assert figures.accuracy == 0.5
    assert figures.confusion.tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]
    assert figures.labels == LABELS


def test_a_label_that_is_not_in_the_truth_does_not_count() -> None:
    figures = compare(["negative", "neutral"], ["negative", "neutral"], LABELS)
    assert figures.macro_recall == 1.0
    assert figures.count == 2


@pytest.mark.parametrize("predicted", [["angry"], [], ["negative", "negative"]])
def test_predictions_that_do_not_match_the_truth_are_refused(predicted: list[str]) -> None:
    with pytest.raises(ValueError, match="expected as many predictions"):
        compare(["negative"], predicted, LABELS)


def test_the_trivial_answer_is_the_commonest_label() -> None:
    assert majority_macro_f1(["a", "a", "a", "b"], ("a", "b")) == pytest.approx((6 / 7) / 2)


def test_calibration_error_is_the_gap_between_confidence_and_success() -> None:
    assert calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0.0)
    assert calibration_error([1.0] * 10, [True] * 5 + [False] * 5) == pytest.approx(0.5)
    assert calibration_error([0.9] * 10 + [0.5] * 10, [True] * 20) == pytest.approx(0.5 * 0.1 + 0.5 * 0.5)


def test_reliability_counts_the_answers_of_like_confidence() -> None:
    low, high = reliability([0.55, 0.56, 0.92, 0.98, 1.0], [True, False, True, True, False])
    assert (low.start, low.end, low.count, low.right) == (0.5, 0.6, 2, 0.5)
    assert low.confidence == pytest.approx(0.555)
    assert (high.start, high.end, high.count) == (0.9, 1.0, 3)
    assert high.right == pytest.approx(2 / 3)


@pytest.mark.parametrize("seed", range(5))
def test_scikit_learn_counts_the_same(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    chance = random.Random(seed)
    truth = chance.choices(LABELS, weights=(5, 3, 1), k=200)
    predicted = [label if chance.random() < 0.7 else chance.choice(LABELS) for label in truth]
    figures = compare(truth, predicted, LABELS)
    assert figures.macro_f1 == pytest.approx(metrics.f1_score(truth, predicted, average="macro"))
    assert figures.macro_recall == pytest.approx(metrics.recall_score(truth, predicted, average="macro"))
    assert figures.accuracy == pytest.approx(metrics.accuracy_score(truth, predicted))
    assert figures.confusion.tolist() == metrics.confusion_matrix(truth, predicted, labels=LABELS).tolist()
    precision, recall, f1, support = metrics.precision_recall_fscore_support(truth, predicted, labels=LABELS)
    assert [c.precision for c in figures.classes] == pytest.approx(precision.tolist())
    assert [c.recall for c in figures.classes] == pytest.approx(recall.tolist())
    assert [c.f1 for c in figures.classes] == pytest.approx(f1.tolist())
    assert [c.support for c in figures.classes] == support.tolist()
