"""Makes probabilities mean what they say: one temperature for a head, of least log loss.

Guo et al., "On Calibration of Modern Neural Networks", ICML 2017. A bias for each label would bring them nearer to
how often labels occur in the research sets, but the rare labels are those that matter: it was tried, and lost what the
training had won for them (docs/training.md).
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
_WIDEST = 3.0  # of the temperature's logarithm: rows that are told apart without a mistake would drive it to nothing


def calibrated(head: Head, logits: Floats, truth: Sequence[str]) -> Head:
    """The head with the temperature fitted on ``logits`` of shape (rows, labels of the head) and true labels.

    A label without a row leaves the head as it is.
    """
    counts = Counter(truth)
    if len(truth) < _LEAST_ROWS or any(label not in counts for label in head.labels):
        return head
    given = torch.from_numpy(logits).double()
    targets = torch.tensor([head.labels.index(label) for label in truth])
    warmth = torch.zeros(1, dtype=torch.double, requires_grad=True)  # unbounded; see ``temperature``
    optimiser = torch.optim.LBFGS([warmth], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def temperature() -> torch.Tensor:
        return (_WIDEST * torch.tanh(warmth / _WIDEST)).exp()

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        mean = torch.nn.functional.cross_entropy(given / temperature(), targets)
        torch.autograd.backward(mean)
        return mean.detach()

    optimiser.step(loss)
    return replace(head, temperature=round(float(temperature().detach()), 4))
