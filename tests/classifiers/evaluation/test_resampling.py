"""Intervals: what must hold for any answers, and cases whose result is known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.evaluation.measures import compare
from classifiers.evaluation.resampling import MEASURES, Bootstrap, wilson

LABELS = ("complaint", "other")
PAIRS = st.lists(st.tuples(*[st.sampled_from(LABELS)] * 3), min_size=1, max_size=40)


def bootstrap(truth: Sequence[str], groups: Sequence[str] | None = None, resamples: int = 200) -> Bootstrap:
    alone = [str(place) for place in range(len(truth))]
    return Bootstrap(truth, LABELS, groups or alone, resamples=resamples)


@given(PAIRS)
@settings(max_examples=50, deadline=None)
def test_the_value_is_the_measure_of_the_texts_as_they_are(rows: list[tuple[str, str, str]]) -> None:
    truth, predicted, _ = map(list, zip(*rows, strict=True))
    found = bootstrap(truth).intervals(predicted)
    figures = compare(truth, predicted, LABELS)
    assert [found[name].value for name in MEASURES] == pytest.approx(
        [figures.macro_f1, figures.macro_recall, figures.accuracy]
    )


@given(PAIRS)
@settings(max_examples=50, deadline=None)
def test_intervals_are_in_order_and_the_same_each_time(rows: list[tuple[str, str, str]]) -> None:
    truth, first, second = map(list, zip(*rows, strict=True))
    found = bootstrap(truth)
    for interval in found.intervals(first).values():
        assert 0 <= interval.low <= interval.high <= 1
    for difference in found.differences(first, second).values():
        assert -1 <= difference.interval.low <= difference.interval.high <= 1
        assert 0 <= difference.better <= 1
    assert found.intervals(first) == bootstrap(truth).intervals(first)
    assert found.differences(first, second) == bootstrap(truth).differences(first, second)


@given(PAIRS)
@settings(max_examples=50, deadline=None)
def test_turning_the_comparison_round_turns_its_sign(rows: list[tuple[str, str, str]]) -> None:
    truth, first, second = map(list, zip(*rows, strict=True))
    one, other = bootstrap(truth).differences(first, second), bootstrap(truth).differences(second, first)
    for name in MEASURES:
        assert one[name].interval.value == pytest.approx(-other[name].interval.value)
        assert one[name].interval.low == pytest.approx(-other[name].interval.high, abs=1e-9)
        assert one[name].better == pytest.approx(1 - other[name].better)


@given(PAIRS)
@settings(max_examples=20, deadline=None)
def test_a_model_is_never_ahead_of_itself(rows: list[tuple[str, str, str]]) -> None:
    truth, first, _ = map(list, zip(*rows, strict=True))
    for difference in bootstrap(truth).differences(first, first).values():
        assert (difference.interval.low, difference.interval.high, difference.better) == (0, 0, 0.5)
        assert not difference.clear


def test_pairing_finds_a_small_difference_that_two_intervals_would_hide() -> None:
    truth = ["complaint", "other"] * 200
    worse = [label if place % 4 else LABELS[label == "complaint"] for place, label in enumerate(truth)]
    better = [truth[place] if place < 60 else label for place, label in enumerate(worse)]
    found = bootstrap(truth, resamples=1000)
    one, other = found.intervals(better)["accuracy"], found.intervals(worse)["accuracy"]
    assert other.high > one.low, "each alone could be as good as the other"
    assert found.differences(better, worse)["accuracy"].clear


def test_texts_of_one_group_are_drawn_together_and_tell_less() -> None:
    truth = ["complaint", "other"] * 100
    predicted = ["complaint"] * 100 + truth[100:]
    alone = bootstrap(truth, resamples=1000).intervals(predicted)["accuracy"]
    groups = [str(place // 20) for place in range(200)]
    together = bootstrap(truth, groups, resamples=1000).intervals(predicted)["accuracy"]
    assert together.value == alone.value
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_groups_that_differ_in_a_last_nul_are_two() -> None:
    accuracy = bootstrap(["complaint", "other"], ["a", "a\0"]).intervals(["complaint", "complaint"])["accuracy"]
    assert (accuracy.low, accuracy.high) == (0.0, 1.0)


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilsons_interval_holds_the_share(hits: int, misses: int) -> None:
    found = wilson(hits, hits + misses)
    assert 0 <= found.low <= found.high <= 1
    if hits + misses:
        assert found.low <= hits / (hits + misses) <= found.high


def test_wilsons_interval_as_published() -> None:
    # 81 of 263: Newcombe, Statistics in Medicine 1998, table I, method 3.
    found = wilson(81, 263)
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)
