"""Thresholds: chosen on all texts, judged on parts that did not choose, and honest about both."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from classifiers.evaluation.answers import Answer
from classifiers.evaluation.labelled import Labelled
from classifiers.evaluation.report import _sentence
from classifiers.evaluation.resampling import wilson
from classifiers.evaluation.thresholds import Chosen, choose
from config.errors import UsageError

OPERATORS = 0.45  # the unsure_below that the answers were given with


def complaints(scores: Sequence[tuple[float, bool]], group: str = "") -> tuple[list[Labelled], list[Answer]]:
    """Texts with a complaint score and whether each is one."""
    texts = [
        Labelled(f"text {place}", "complaint" if true else "other", group=group or f"row {place}")
        for place, (_, true) in enumerate(scores)
    ]
    answers = [
        Answer("complaint" if score >= 0.5 else "other", {"other": 1 - score, "complaint": score})
        for score, _ in scores
    ]
    return texts, answers


def calibrated(count: int, seed: int = 1) -> list[tuple[float, bool]]:
    """Scores that are true probabilities."""
    chance = random.Random(seed)
    return [(score, chance.random() < score) for score in (chance.random() for _ in range(count))]


def by_name(settings: Sequence[Chosen]) -> dict[str, Chosen]:
    return {one.setting: one for one in settings}


def test_the_threshold_is_the_lowest_that_reaches_the_target() -> None:
    # Below 0.6 nothing is a complaint, above it everything is: the cut is between 0.4 and 0.6.
    scores = [(0.4, False), (0.6, True)] * 100
    choice = choose(*complaints(scores), "complaint", 0.99, OPERATORS)
    found = by_name(choice.settings)["complaint_threshold"]
    assert found.value is not None
    assert 0.4 < found.value < 0.402
    assert found.reached is not None
    assert found.kept is not None
    assert (found.reached.value, found.kept.value) == (1, 1)


def test_on_calibrated_scores_other_texts_keep_what_was_promised() -> None:
    choice = choose(*complaints(calibrated(6000)), "complaint", 0.9, OPERATORS)
    found = by_name(choice.settings)
    threshold, unsure = found["complaint_threshold"], found["unsure_below"]
    # From t on, true probabilities are (1 + t) / 2 in the mean.
    assert threshold.value == pytest.approx(0.8, abs=0.05)
    assert threshold.reached is not None
    assert threshold.reached.low < 0.9 < threshold.reached.high
    assert unsure.reached is not None
    assert unsure.reached.value == pytest.approx(0.9, abs=0.03)
    assert (choice.chosen_on, choice.parts) == (6000, 10)
    assert not choice.few


def test_most_files_choose_a_threshold_that_holds_on_all_other_texts() -> None:
    kept = 0
    for seed in range(60):
        choice = choose(*complaints(calibrated(400, seed)), "complaint", 0.9, OPERATORS)
        value = by_name(choice.settings)["complaint_threshold"].value
        kept += value is not None and (1 + value) / 2 >= 0.9  # what is true of all such scores
    assert kept > 42  # the lowest with 90 % in the file itself would hold in 34


def test_confidence_is_counted_with_the_threshold_that_was_chosen() -> None:
    # The threshold comes to lie above 0.6, where two in three are complaints and "other" is answered then.
    scores = [(0.1, False), (0.6, True), (0.6, True), (0.6, False), (0.7, True)] * 100
    found = by_name(choose(*complaints(scores), "complaint", 0.95, OPERATORS).settings)
    assert found["complaint_threshold"].value is not None
    assert 0.6 < found["complaint_threshold"].value <= 0.7
    assert found["unsure_below"].value is not None
    assert 0.4 < found["unsure_below"].value <= 0.7
    assert found["unsure_below"].kept is not None
    assert found["unsure_below"].kept.value == pytest.approx(0.4, abs=0.1)


def test_what_no_threshold_reaches_is_said() -> None:
    scores = [(place / 200, place % 2 == 0) for place in range(200)]
    choice = choose(*complaints(scores + [(1.0, False)] * 9), "complaint", 0.95, OPERATORS)
    assert by_name(choice.settings)["complaint_threshold"] == Chosen("complaint_threshold", None)


def test_a_small_file_is_called_small() -> None:
    assert choose(*complaints(calibrated(60)), "complaint", 0.6, OPERATORS).few


def test_texts_of_one_group_stay_on_one_side() -> None:
    with pytest.raises(UsageError, match="two groups"):
        choose(*complaints(calibrated(100), group="one author"), "complaint", 0.9, OPERATORS)


def test_what_is_unsure_for_another_reason_is_left_out_of_the_choice() -> None:
    texts, answers = complaints(calibrated(400))
    foreign = [Answer("complaint", {"other": 0.1, "complaint": 0.9}, unsure=True)] * 50
    strange = [Labelled("fremd", "other", group=f"foreign {place}") for place in range(50)]
    without = choose(texts, answers, "complaint", 0.8, OPERATORS)
    with_them = choose([*texts, *strange], [*answers, *foreign], "complaint", 0.8, OPERATORS)
    assert (without.left_out, with_them.left_out) == (0, 50)
    assert with_them == replace(without, left_out=50)
    hesitant = [Answer("complaint", {"other": 0.6, "complaint": 0.4}, unsure=True)] * 50
    assert choose([*texts, *strange], [*answers, *hesitant], "complaint", 0.8, OPERATORS).chosen_on == 450


def test_for_sentiment_only_the_confidence_is_chosen() -> None:
    chance = random.Random(3)
    texts, answers = [], []
    for place in range(2000):
        sure = chance.uniform(0.4, 1)
        label = "negative" if chance.random() < sure else "positive"
        texts.append(Labelled(f"text {place}", label, group=str(place)))
        shares = {"negative": sure, "neutral": (1 - sure) / 2, "positive": (1 - sure) / 2}
        answers.append(Answer("negative", shares))
    choice = choose(texts, answers, "sentiment", 0.85, OPERATORS)
    assert [one.setting for one in choice.settings] == ["unsure_below"]
    assert choice.settings[0].value == pytest.approx(0.7, abs=0.06)


def test_a_head_without_a_threshold_and_answers_without_probabilities_are_refused() -> None:
    texts, answers = complaints(calibrated(10))
    with pytest.raises(UsageError, match="not of kind"):
        choose(texts, answers, "kind", 0.9, OPERATORS)
    with pytest.raises(UsageError, match="labels alone"):
        choose(texts, [Answer(answer.label) for answer in answers], "complaint", 0.9, OPERATORS)


def test_no_threshold_is_lower_than_asked() -> None:
    lowest = by_name(choose(*complaints(calibrated(6000)), "complaint", 0.9, OPERATORS).settings)
    least = {"complaint_threshold": 0.95, "unsure_below": 0.2}
    found = by_name(choose(*complaints(calibrated(6000)), "complaint", 0.9, OPERATORS, least).settings)
    assert lowest["complaint_threshold"].value is not None
    assert lowest["complaint_threshold"].value < 0.95
    assert found["complaint_threshold"].value == 0.95


def test_a_file_of_complaints_alone_chooses_nothing() -> None:
    scores = [(place / 400, place % 20 != 0) for place in range(400)]
    with pytest.raises(UsageError, match="found 95% complaints among the texts"):
        choose(*complaints(scores), "complaint", 0.9, OPERATORS)


def test_a_threshold_above_all_texts_of_other_parts_claims_nothing() -> None:
    chosen = Chosen("complaint_threshold", 0.93, wilson(0, 0), wilson(0, 3))
    assert _sentence(chosen, 0.9) == (
        "- complaint_threshold = 0.93: no text lies above it in other parts, so nothing says what it does."
    )
