"""Fitting a temperature: probabilities that mean what they say, and nothing where there is too little to see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classifiers.heads import Head
from classifiers.scores import Floats, softmax

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from classifiers.training.calibrate import calibrated  # noqa: E402

HEAD = Head("complaint", ("other", "complaint"), 0)


def _drawn(rows: int) -> tuple[Floats, list[str]]:
    """Logits three times too sure of themselves, and labels drawn as often as they should have said."""
    chance = np.random.default_rng(1)
    honest = np.zeros((rows, 2), dtype=np.float32)
    honest[:, 1] = chance.normal(0.0, 1.0, rows)
    true = chance.random(rows) < softmax(honest)[:, 1]
    return honest * 3, [HEAD.labels[int(each)] for each in true]


def test_overconfident_logits_are_cooled() -> None:
    found = calibrated(HEAD, *_drawn(4000))
    assert found.temperature == pytest.approx(3, rel=0.15)


def test_rows_that_are_told_apart_without_a_mistake_leave_a_temperature() -> None:
    logits, _ = _drawn(400)
    labels = [HEAD.labels[int(row[1] > 0)] for row in logits]
    assert calibrated(HEAD, logits, labels).temperature > 0.04


@pytest.mark.parametrize("truth", [["complaint"] * 100, ["complaint", "other"] * 5])
def test_too_little_to_see_leaves_the_head_as_it_is(truth: list[str]) -> None:
    given = replace(HEAD, temperature=1.5)
    assert calibrated(given, np.ones((len(truth), 2), dtype=np.float32), truth) == given
