"""Makes probabilities mean what they say: a temperature and a bias for each label, of least log loss.

Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, between its temperature and its vector scaling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import torch

from classifiers.heads import Head
from classifiers.scores import Floats

_LEAST_ROWS = 50  # fewer say too little to fit anything on
_STEPS = 100
_WIDEST = 3.0  # of the log of the temperature: rows that are told apart without a mistake would drive it to nothing


def calibrated(head: Head, logits: Floats, truth: Sequence[str], *, even: bool = False) -> Head:
    """The head with temperature and bias fitted on ``logits`` of shape (rows, labels of the head) and true labels.

    ``even`` lets all labels weigh the same however many rows have them, which is what macro-recall asks for.
    A label without a row leaves the head as it is.
    """
    counts = Counter(truth)
    if len(truth) < _LEAST_ROWS or any(label not in counts for label in head.labels):
        return head
    given = torch.from_numpy(logits).double()
    targets = torch.tensor([head.labels.index(label) for label in truth])
    weights = torch.tensor([1 / counts[label] if even else 1.0 for label in truth], dtype=torch.double)
    warmth = torch.zeros(1, dtype=torch.double, requires_grad=True)  # its bounded form is the log of the temperature
    bias = torch.zeros(len(head.labels), dtype=torch.double, requires_grad=True)
    optimiser = torch.optim.LBFGS([warmth, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def temperature() -> torch.Tensor:
        return (_WIDEST * torch.tanh(warmth / _WIDEST)).exp()

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        each = torch.nn.functional.cross_entropy(given / temperature() + bias, targets, reduction="none")
        mean = (each * weights).sum() / weights.sum()
        torch.autograd.backward(mean)
        return mean.detach()

    optimiser.step(loss)
    moved = (bias - bias.mean()).detach().tolist()
    return replace(
        head, temperature=round(float(temperature().detach()), 4), bias=tuple(round(each, 4) for each in moved)
    )
