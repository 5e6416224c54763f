"""A head of complaints by logistic regression on what the encoder reads: fitted in seconds."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from classifiers.heads import Head
from classifiers.training.examples import Example, fold_of
from classifiers.training.network import Network
from classifiers.training.predict import rows_of

READ_TOKENS = 96
_PENALTY = {"complaint": 0.03, "reproach": 0.3}  # on the mean square of weights over standardised features
_STEPS = 300


class Probe:
    """Complaints that have a label of ``head``, as the encoder of ``network`` reads them: alone, and beside a brand."""

    def __init__(
        self, head: Head, network: Network, tokenizer: Tokenizer, alone: Sequence[Example], beside: Sequence[Example]
    ) -> None:
        """``alone`` and ``beside`` are the same complaints in the same order."""
        self._head = head
        self._labelled = [one for one in alone if head.name in one.labels]
        if not self._labelled:
            return
        texts = [one.text for one in self._labelled]
        pairs = [(one.text, one.brand or "") for one in beside if head.name in one.labels]
        read = [torch.from_numpy(rows_of(network.features, tokenizer, each, READ_TOKENS)) for each in (texts, pairs)]
        self._mean, self._spread = read[0].mean(dim=0), read[0].std(dim=0, correction=0) + 1e-6
        self._alone, self._beside = ((each - self._mean) / self._spread for each in read)

    def put(self, network: Network, but: int | None = None) -> None:
        """Put the head, fitted on all complaints or on those of all parts ``but`` one, into ``network``.

        Without a labelled complaint the head stays as it is.
        """
        rows = [row for row, one in enumerate(self._labelled) if fold_of(one.group) != but]
        if rows:
            weight, bias = self._fitted(rows)
            weight = weight / self._spread
            with torch.no_grad():
                network.heads.weight[self._head.columns] = weight
                network.heads.bias[self._head.columns] = bias - weight @ self._mean

    def _fitted(self, rows: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Weight and bias over standardised features.

        All labels weigh the same however rare they are: a complaint that is missed costs more than one too many.
        """
        labels = self._head.labels
        targets = torch.tensor([labels.index(self._labelled[row].labels[self._head.name]) for row in rows] * 2)
        features = torch.cat([self._alone[rows], self._beside[rows]])
        counts = torch.bincount(targets, minlength=len(labels)).clamp(min=1)
        return _regression(features, targets, len(targets) / len(counts) / counts, _PENALTY[self._head.name])


def _regression(features: Tensor, targets: Tensor, label_weights: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
    """Multinomial logistic regression of least mean loss plus ``penalty`` times the sum of squared weights."""
    weight = torch.zeros(len(label_weights), features.shape[1], requires_grad=True)
    bias = torch.zeros(len(label_weights), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        each = functional.cross_entropy(features @ weight.T + bias, targets, reduction="none")
        total = (each * label_weights[targets]).mean() + penalty * weight.square().sum()
        torch.autograd.backward(total)
        return total.detach()

    optimiser.step(loss)
    return weight.detach(), bias.detach()
