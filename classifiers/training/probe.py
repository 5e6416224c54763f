"""Where the heads of complaints begin: logistic regression on what the finished encoder reads, in seconds."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from classifiers.heads import Head
from classifiers.training.examples import COMPLAINTS, Corpus, as_examples, fold_of, shown_with_brand
from classifiers.training.network import Network
from classifiers.training.predict import rows_of

PROBED = ("complaint", "reproach")
READ_TOKENS = 96
_PENALTY = {"complaint": 0.03, "reproach": 0.3}  # on the mean square of weights over standardised features
_STEPS = 300


class Probe:
    """The complaints as the encoder of ``network`` reads them: alone, and beside a brand's name."""

    def __init__(self, network: Network, tokenizer: Tokenizer, corpus: Corpus, seed: int) -> None:
        self.alone = tuple(as_examples(corpus.train[COMPLAINTS], COMPLAINTS))
        chance = random.Random(seed)
        self.beside = tuple(shown_with_brand(one, chance) for one in self.alone)
        alone = rows_of(network.features, tokenizer, [one.text for one in self.alone], READ_TOKENS)
        beside = rows_of(network.features, tokenizer, [(one.text, one.brand or "") for one in self.beside], READ_TOKENS)
        self._mean, self._spread = torch.from_numpy(alone.mean(axis=0)), torch.from_numpy(alone.std(axis=0)) + 1e-6
        self._alone, self._beside = (
            (torch.from_numpy(each) - self._mean) / self._spread for each in (alone, beside)
        )  # fmt: skip

    def put(self, network: Network, heads: Sequence[Head], but: int | None = None) -> None:
        """Put heads into ``network`` that were fitted on the complaints, all of them or those of all parts ``but`` one.

        A head of which no complaint has a label stays as it is.
        """
        for head in heads:
            rows = [
                row
                for row, one in enumerate(self.alone)
                if head.name in PROBED and head.name in one.labels and fold_of(one.group) != but
            ]
            if rows:
                weight, bias = self._fitted(head, rows)
                weight = weight / self._spread
                with torch.no_grad():
                    network.heads.weight[head.columns] = weight
                    network.heads.bias[head.columns] = bias - weight @ self._mean

    def _fitted(self, head: Head, rows: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Weight and bias of ``head`` over standardised features.

        All labels weigh the same however rare they are: a complaint that is missed costs more than one too many.
        """
        targets = torch.tensor([head.labels.index(self.alone[row].labels[head.name]) for row in rows] * 2)
        features = torch.cat([self._alone[rows], self._beside[rows]])
        counts = torch.bincount(targets, minlength=len(head.labels)).clamp(min=1)
        return _regression(features, targets, len(targets) / len(counts) / counts, _PENALTY[head.name])


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
