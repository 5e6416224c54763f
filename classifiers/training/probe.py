"""The heads of complaints: logistic regression on what the trained encoder reads, which leaves the encoder as it is.

A few thousand rows bend an encoder easily and teach it little; a linear layer over several of its layers learns as much
from them (Peters et al., RepL4NLP 2019, "To Tune or Not to Tune?"), keeps everything else as it was, and is fitted in
seconds, so that ten networks for ten-fold cross-validation cost nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from classifiers.heads import Head
from classifiers.scores import Floats
from classifiers.training.examples import Corpus, Example, as_examples, fold_of, shown_with_brand
from classifiers.training.network import Network
from classifiers.training.predict import rows_of

PROBED = ("complaint", "reproach")
COMPLAINTS = "complaints"  # the set
_PENALTY = {"complaint": 0.03, "reproach": 0.3}  # on the mean square of weights over standardised features
_STEPS = 300
_TOKENS = 96
_PARTS = 10


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Examples, and their logits by heads that learnt nothing of their part; shape (examples, columns)."""

    examples: tuple[Example, ...]
    logits: Floats


class Probe:
    """The complaints as the encoder of ``network`` reads them: alone, and beside a brand's name."""

    def __init__(self, network: Network, tokenizer: Tokenizer, corpus: Corpus, seed: int) -> None:
        self._network = network
        self.examples = tuple(as_examples(corpus.train[COMPLAINTS], COMPLAINTS))
        chance = random.Random(seed)
        self.branded = tuple(shown_with_brand(one, chance) for one in self.examples)
        alone = rows_of(network.features, tokenizer, [one.text for one in self.examples], _TOKENS)
        beside = rows_of(network.features, tokenizer, [(one.text, one.brand or "") for one in self.branded], _TOKENS)
        self._mean, self._spread = alone.mean(axis=0), alone.std(axis=0) + 1e-6
        self._alone, self._beside = (
            torch.from_numpy((each - self._mean) / self._spread) for each in (alone, beside)
        )  # fmt: skip

    def out_of_fold(self, heads: Sequence[Head]) -> OutOfFold:
        """Every example judged, alone and beside a brand, by heads that were fitted on nine other parts of ten."""
        fold = np.array([fold_of(one.group) for one in self.examples])
        shape = (len(self.examples), self._network.heads.out_features)
        alone, beside = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        for head in self._probed(heads):
            for part in range(_PARTS):
                judged = fold == part
                if judged.any():
                    weight, bias = self._fitted(head, ~judged)
                    alone[judged, head.columns] = (self._alone[judged] @ weight.T + bias).numpy()
                    beside[judged, head.columns] = (self._beside[judged] @ weight.T + bias).numpy()
        return OutOfFold((*self.examples, *self.branded), np.concatenate([alone, beside]))

    def fit(self, heads: Sequence[Head]) -> None:
        """Put heads that were fitted on all complaints into the network."""
        for head in self._probed(heads):
            weight, bias = self._fitted(head, np.ones(len(self.examples), dtype=bool))
            weight = weight / torch.from_numpy(self._spread)
            with torch.no_grad():
                self._network.heads.weight[head.columns] = weight
                self._network.heads.bias[head.columns] = bias - weight @ torch.from_numpy(self._mean)

    def _probed(self, heads: Sequence[Head]) -> list[Head]:
        """The heads of complaints, as far as any example has a label for them."""
        known = {name for one in self.examples for name in one.labels}
        return [head for head in heads if head.name in PROBED and head.name in known]

    def _fitted(self, head: Head, among: np.ndarray) -> tuple[Tensor, Tensor]:
        """Weight and bias of ``head`` over standardised features, from those examples ``among`` that have its label.

        All labels weigh the same however rare they are: a complaint that is missed costs more than one too many.
        """
        rows = [row for row, one in enumerate(self.examples) if among[row] and head.name in one.labels]
        targets = torch.tensor([head.labels.index(self.examples[row].labels[head.name]) for row in rows] * 2)
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
