"""The heads of complaints: logistic regression on what the trained encoder reads, which leaves the encoder as it is.

A few thousand rows bend an encoder easily and teach it little; a linear layer over several of its layers learns as much
from them (Peters et al., RepL4NLP 2019, "To Tune or Not to Tune?"), keeps everything else as it was, and is fitted in
seconds, so that ten networks for ten-fold cross-validation cost nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from classifiers.heads import Head
from classifiers.scores import Floats
from classifiers.training.examples import COMPLAINTS, Corpus, Example, as_examples, fold_of, shown_with_brand
from classifiers.training.network import Network
from classifiers.training.predict import rows_of

CROSS_VALIDATED = ("complaint", "reproach")  # heads
PARTS = range(10)
_PENALTY = {"complaint": 0.03, "reproach": 0.3}  # on the mean square of weights over standardised features
_STEPS = 300
_TOKENS = 96


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Examples, and their logits by heads that learnt nothing of their part; shape (examples, columns)."""

    rows: str  # what the card calls them
    examples: tuple[Example, ...]
    logits: Floats


class Probe:
    """The complaints as the encoder of ``network`` reads them: alone, and beside a brand's name."""

    def __init__(self, network: Network, tokenizer: Tokenizer, corpus: Corpus, seed: int) -> None:
        self._network = network
        self._examples = tuple(as_examples(corpus.train[COMPLAINTS], COMPLAINTS))
        chance = random.Random(seed)
        self._branded = tuple(shown_with_brand(one, chance) for one in self._examples)
        alone, beside = (
            rows_of(network.features, tokenizer, each, _TOKENS)
            for each in (
                [one.text for one in self._examples],
                [(one.text, one.brand or "") for one in self._branded],
            )
        )
        self._mean, self._spread = alone.mean(axis=0), alone.std(axis=0) + 1e-6
        self._alone, self._beside = (
            torch.from_numpy((each - self._mean) / self._spread) for each in (alone, beside)
        )  # fmt: skip

    def out_of_fold(self, heads: Sequence[Head], rows: str, parts: Iterable[int] = PARTS) -> OutOfFold:
        """Every example of ``parts`` judged, alone and beside a brand, by heads fitted on the nine other parts."""
        fold = np.array([fold_of(one.group) for one in self._examples])
        shape = (len(fold), self._network.heads.out_features)
        alone, beside = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        parts = list(parts)
        for head in self._known(heads):
            for part in parts:
                judged = fold == part
                if judged.any():
                    weight, bias = self._fitted(head, ~judged)
                    alone[judged, head.columns] = (self._alone[judged] @ weight.T + bias).numpy()
                    beside[judged, head.columns] = (self._beside[judged] @ weight.T + bias).numpy()
        kept = np.flatnonzero(np.isin(fold, parts))
        examples = (*(self._examples[row] for row in kept), *(self._branded[row] for row in kept))
        return OutOfFold(rows, examples, np.concatenate([alone[kept], beside[kept]]))

    def fit(self, heads: Sequence[Head]) -> None:
        """Put heads that were fitted on all complaints into the network."""
        for head in self._known(heads):
            weight, bias = self._fitted(head, np.ones(len(self._examples), dtype=bool))
            weight = weight / torch.from_numpy(self._spread)
            with torch.no_grad():
                self._network.heads.weight[head.columns] = weight
                self._network.heads.bias[head.columns] = bias - weight @ torch.from_numpy(self._mean)

    def _known(self, heads: Sequence[Head]) -> list[Head]:
        """The heads of complaints, as far as any example has a label for them."""
        known = {name for one in self._examples for name in one.labels}
        return [head for head in heads if head.name in CROSS_VALIDATED and head.name in known]

    def _fitted(self, head: Head, among: NDArray[np.bool_]) -> tuple[Tensor, Tensor]:
        """Weight and bias of ``head`` over standardised features, from those examples ``among`` that have its label.

        All labels weigh the same however rare they are: a complaint that is missed costs more than one too many.
        """
        rows = [row for row, one in enumerate(self._examples) if among[row] and head.name in one.labels]
        targets = torch.tensor([head.labels.index(self._examples[row].labels[head.name]) for row in rows] * 2)
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
