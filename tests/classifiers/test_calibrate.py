"""Fitting temperature and bias: probabilities that mean what they say, and nothing where there is too little to see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classifiers.heads import Head
from classifiers.scores import Floats, softmax

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from classifiers.training.calibrate import calibrated  # noqa: E402

HEAD = Head("complaint", ("other", "complaint"), 0)


def _drawn(rows: int, share: float = 0.5) -> tuple[Floats, list[str]]:
    """Logits three times too sure of themselves, and labels drawn as often as they should have said."""
    chance = np.random.default_rng(1)
    honest = np.zeros((rows, 2), dtype=np.float32)
    honest[:, 1] = chance.normal(np.log(share / (1 - share)), 1.0, rows)
    true = chance.random(rows) < softmax(honest)[:, 1]
    return honest * 3, [HEAD.labels[int(each)] for each in true]


def test_overconfident_logits_are_cooled() -> None:
    found = calibrated(HEAD, *_drawn(4000))
    assert found.temperature == pytest.approx(3, rel=0.15)
    assert sum(found.bias) == pytest.approx(0, abs=1e-3)


def test_even_weights_find_the_rarer_label_more_often() -> None:
    logits, truth = _drawn(4000, share=0.15)
    plain, even = calibrated(HEAD, logits, truth), calibrated(HEAD, logits, truth, even=True)

    def found(head: Head) -> float:
        return float(softmax(logits, head.temperature, head.bias)[:, 1].mean())

    assert found(plain) == pytest.approx(truth.count("complaint") / len(truth), abs=0.02)
    assert found(even) > 2 * found(plain)


@pytest.mark.parametrize("truth", [["complaint"] * 100, ["complaint", "other"] * 5])
def test_too_little_to_see_leaves_the_head_as_it_is(truth: list[str]) -> None:
    given = replace(HEAD, temperature=1.5)
    assert calibrated(given, np.ones((len(truth), 2), dtype=np.float32), truth) == given
