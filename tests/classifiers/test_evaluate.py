from __future__ import annotations

import pytest

from classifiers.evaluate import calibration_error, compare, majority_macro_f1

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
