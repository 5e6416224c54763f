"""Heads that are fitted last, on what the trained encoder reads, which leaves the encoder as it is.

Complaint learns from the set of complaints and a little from our own posts, grievance from both as they read beside a
name, reproach from the first, kind and harm from the second, relevance from our posts and brand_sentiment, stance from
these two and from tweets of which the sentiment is known. Sentiment is the mean of the head that was taught with the
encoder and one that is fitted to all tweets.

A few thousand rows bend an encoder easily and teach it little; a layer over several of its layers learns as much from
them (Peters et al., RepL4NLP 2019, "To Tune or Not to Tune?"), keeps everything else as it was, and is fitted in
seconds, so that ten of them for ten-fold cross-validation cost little. Complaint, grievance and reproach have a hidden
layer (``hidden.py``), the others are logistic regression. An encoder that has learnt the set of complaints tells its
rows apart too easily for a hidden layer to learn what holds for others: there only grievance has one, which our own
posts teach most.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from classifiers.heads import TOWARDS_BRAND, Head
from classifiers.names import unmarked
from classifiers.scores import Floats
from classifiers.training.device import fastest_device, on_fastest_device
from classifiers.training.examples import COMPLAINTS, Corpus, Example, as_examples, fold_of, shown_with_brand
from classifiers.training.hidden import Hidden, fitted, side_by_side
from classifiers.training.network import Network
from classifiers.training.predict import Reader, rows_of
from classifiers.training.sets import BRANDS, OWN_POSTS, TWEETS

CROSS_VALIDATED = ("complaint", "grievance", "reproach")  # the only ones that are judged out of fold
FITTED = (*CROSS_VALIDATED, "kind", "harm", "relevant", "stance", "sentiment")
PARTS = range(10)
PROBED = (COMPLAINTS, OWN_POSTS, BRANDS, TWEETS)  # the sets that they are fitted on
_NEVER_JUDGED = -1  # the part of what every fold learns from
# Of each fitted head, on the mean square of weights over standardised features.
_PENALTY = {
    "complaint": 0.03, "grievance": 0.03, "reproach": 0.3, "kind": 0.03, "harm": 0.03, "relevant": 0.02, "stance": 0.03,
    "sentiment": 0.1,
}  # fmt: skip
# Of a row; 1 where nothing is said.
_WEIGHTS = {("complaint", OWN_POSTS): 0.15, ("grievance", COMPLAINTS): 0.5, ("relevant", BRANDS): 0.5}
# Rows of brand_sentiment, and of tweet_sentiment, that are read beside a name: about as many as our own posts.
_BESIDE_POSTS = 8_000
# How far their labels weigh the same however rare they are: a complaint that is missed costs more than one too many.
_EVENED = {"complaint": 1.0, "grievance": 1.0, "reproach": 1.0, "relevant": 1.0, "stance": 1.0, "sentiment": 0.5}
_ONLY = {"sentiment": frozenset({TWEETS})}  # the sets that teach a head, where it is not all that have its labels
_KEPT_HALF = frozenset({"sentiment"})  # the mean with the head as it was is taken
_BESIDE_A_NAME = frozenset({"relevant", *TOWARDS_BRAND.values()})  # mean nothing without one
_ALONE = frozenset(TOWARDS_BRAND)  # answer where there is none
_STEPS = 300
_TOKENS = 128

_Text = TypeVar("_Text", str, tuple[str, str])


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Examples, and their logits by heads that learnt nothing of their part; shape (examples, columns)."""

    rows: str  # what the card calls them
    examples: tuple[Example, ...]
    logits: Floats


class Probe:
    """The rows of four sets as the encoder of ``network`` reads them: alone, and beside a brand's name."""

    def __init__(
        self, network: Network, tokenizer: Tokenizer, corpus: Corpus, seed: int, *, learnt: bool = False
    ) -> None:
        """``learnt``: the encoder may know the set of complaints, but for the part that is judged then."""
        self._network = network
        self._deep = ("grievance",) if learnt else CROSS_VALIDATED  # the heads with a hidden layer
        chance = random.Random(seed)
        complaints, posts, brands, tweets = (as_examples(corpus.train.get(name, []), name) for name in PROBED)
        brands = chance.sample(brands, min(_BESIDE_POSTS, len(brands)))
        chance.shuffle(tweets)
        rows = [*complaints, *posts, *brands, *tweets]
        self._branded = tuple(one if one.brand else shown_with_brand(one, chance) for one in rows)
        self._alone = tuple(replace(one, brand=None, text=unmarked(one.text)) for one in rows)
        self._set = np.repeat(PROBED, [*map(len, (complaints, posts, brands, tweets))])
        parts = [fold_of(one.group) for one in rows]
        self._part = np.where(self._set == COMPLAINTS, parts, _NEVER_JUDGED)
        # Rows of brand_sentiment teach nothing without their name, and enough tweets are read beside one.
        self._is_alone = self._set != BRANDS
        self._is_beside = np.arange(len(rows)) < len(rows) - max(0, len(tweets) - _BESIDE_POSTS)
        self._closely = len(complaints) + len(posts)  # so many rows, the first ones, are read for the hidden layer too
        self._seed = seed
        pairs = [(one.text, one.brand or "") for one in self._branded]
        beside, extremes_beside = self._read(_chosen(pairs, self._is_beside), tokenizer)
        alone, extremes_alone = self._read(_chosen([one.text for one in self._alone], self._is_alone), tokenizer)
        self._mean, self._spread = _mean_and_spread(alone, beside)
        self._read_alone, self._read_beside = (
            torch.from_numpy(_placed((each - self._mean) / self._spread, there)).to(fastest_device())
            for each, there in ((alone, self._is_alone), (beside, self._is_beside))
        )
        self._extremes_mean, self._extremes_spread = _mean_and_spread(extremes_alone, extremes_beside)
        self._extremes_alone, self._extremes_beside = (
            torch.from_numpy((each - self._extremes_mean) / self._extremes_spread).to(fastest_device())
            for each in (extremes_alone, extremes_beside)
        )

    def _read(self, texts: Sequence[str] | Sequence[tuple[str, str]], tokenizer: Tokenizer) -> tuple[Floats, Floats]:
        """The features of all texts; and what the hidden layer reads besides, of the first ones."""
        count = self._network.heads.in_features
        closely = self._rows(self._network.all_features, texts[: self._closely], tokenizer)
        others = self._rows(self._network.features, texts[self._closely :], tokenizer)
        return np.concatenate([closely[:, :count], others[:, :count]]), closely[:, count:]

    def _rows(self, reader: Reader, texts: Sequence[str | tuple[str, str]], tokenizer: Tokenizer) -> Floats:
        if not texts:
            return np.zeros((0, self._network.all_width), dtype=np.float32)
        with on_fastest_device(self._network) as device:
            return rows_of(reader, tokenizer, texts, _TOKENS, device)

    def out_of_fold(self, heads: Sequence[Head], rows: str, parts: Iterable[int] = PARTS) -> OutOfFold:
        """Every complaint of ``parts`` judged, alone and beside a brand, by heads fitted on everything else."""
        shape = (len(self._part), self._network.heads.out_features)
        alone, beside = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        parts = list(parts)
        for head in self._known(heads, CROSS_VALIDATED):
            for part in parts:
                judged = np.flatnonzero(self._part == part)
                if len(judged):
                    answers = self._answers(head, self._part != part, judged)
                    alone[judged, head.columns], beside[judged, head.columns] = (each.cpu().numpy() for each in answers)
        kept = np.flatnonzero(np.isin(self._part, parts))
        examples = (*(self._alone[row] for row in kept), *(self._branded[row] for row in kept))
        return OutOfFold(rows, examples, np.concatenate([alone[kept], beside[kept]]))

    def _answers(self, head: Head, among: NDArray[np.bool_], judged: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """The logits of ``judged`` rows, read alone and beside a brand, by ``head`` fitted to those ``among`` all."""
        if head.name in self._deep:
            hidden = self._hidden(head, among)
            return hidden(self._all_alone(judged)), hidden(self._all_beside(judged))
        weight, bias = self._linear(head, among)
        return self._read_alone[judged] @ weight.T + bias, self._read_beside[judged] @ weight.T + bias

    def _all_alone(self, rows: NDArray[np.int64]) -> Tensor:
        return torch.cat([self._read_alone[rows], self._extremes_alone[rows]], dim=1)

    def _all_beside(self, rows: NDArray[np.int64]) -> Tensor:
        return torch.cat([self._read_beside[rows], self._extremes_beside[rows]], dim=1)

    def fit(self, heads: Sequence[Head], apart: int | None = None) -> None:
        """Put linear heads that were fitted on all rows into the network, but for complaints of the part ``apart``."""
        for head in self._known(heads, FITTED):
            weight, bias = (each.cpu() for each in self._linear(head, self._part != apart))
            weight = weight / torch.from_numpy(self._spread)
            bias = bias - weight @ torch.from_numpy(self._mean)
            share = 0.5 if head.name in _KEPT_HALF else 1.0
            with torch.no_grad():
                self._network.heads.weight[head.columns].lerp_(weight, share)
                self._network.heads.bias[head.columns].lerp_(bias, share)

    def fit_hidden(self, heads: Sequence[Head]) -> None:
        """Put the hidden layer in the place of linear heads, fitted on all rows.

        An encoder that shall still learn keeps the linear ones.
        """
        known = self._known(heads, self._deep)
        if not known:
            return
        everything = np.ones(len(self._part), dtype=np.bool_)
        layers = [(head.columns, self._hidden(head, everything).cpu()) for head in known]
        hidden = side_by_side(layers, self._network.heads.out_features)
        mean, spread = (
            torch.from_numpy(np.concatenate(each))
            for each in ((self._mean, self._extremes_mean), (self._spread, self._extremes_spread))
        )
        with torch.no_grad():
            hidden.inner.weight.div_(spread)
            hidden.inner.bias.sub_(hidden.inner.weight @ mean)
            for head in known:
                self._network.heads.weight[head.columns] = 0.0
                self._network.heads.bias[head.columns] = 0.0
        self._network.hidden = hidden

    def _known(self, heads: Sequence[Head], names: Sequence[str]) -> list[Head]:
        """Those heads of ``names`` that any row teaches."""
        return [head for head in heads if head.name in names and self._teach(head).any()]

    def _teach(self, head: Head) -> NDArray[np.bool_]:
        """Which rows have its label and are of the sets that teach it."""
        labelled = np.array([head.question in one.labels for one in self._alone], dtype=np.bool_)
        return labelled & np.isin(self._set, list(_ONLY.get(head.name, PROBED)))

    def _linear(self, head: Head, among: NDArray[np.bool_]) -> tuple[Tensor, Tensor]:
        """Weight and bias of ``head`` over standardised features, from those rows ``among`` that teach it."""
        beside, alone, targets, weights = self._taught(head, among)
        read = torch.cat([self._read_beside[beside], self._read_alone[alone]])
        targets, weights = targets.to(read.device), weights.to(read.device)
        return _regression(read, targets, weights, len(head.labels), _PENALTY[head.name])

    def _hidden(self, head: Head, among: NDArray[np.bool_]) -> Hidden:
        """The hidden layer of ``head`` over all that is read, standardised, from those rows."""
        beside, alone, targets, weights = self._taught(head, among)
        read = torch.cat([self._all_beside(beside), self._all_alone(alone)])
        return fitted(read, targets.to(read.device), weights.to(read.device), len(head.labels), self._seed)

    def _taught(
        self, head: Head, among: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Tensor, Tensor]:
        """The rows that teach ``head`` as they are read beside a name, those read alone; target and weight of each."""
        rows = np.flatnonzero(among & self._teach(head))
        targets = torch.tensor([head.labels.index(self._alone[row].labels[head.question]) for row in rows])
        weights = self._weights(head, rows, targets)
        # Where the labels hold without the brand too, both readings teach them.
        alone = np.flatnonzero(self._is_alone[rows] & [self._alone[row].alone for row in rows])
        beside = np.flatnonzero(self._is_beside[rows])
        if head.name in _BESIDE_A_NAME:
            alone = alone[:0]
        if head.name in _ALONE:
            beside = beside[:0]
        order = np.concatenate([beside, alone])
        return rows[beside], rows[alone], targets[order], weights[order]

    def _weights(self, head: Head, rows: NDArray[np.int64], targets: Tensor) -> Tensor:
        weights = torch.ones(len(rows))
        for name in np.unique(self._set[rows]):
            its = torch.from_numpy(self._set[rows] == name)
            evened = _evened(targets[its], len(head.labels)) ** _EVENED.get(head.name, 0.0)
            weights[its] = evened * _WEIGHTS.get((head.name, str(name)), 1.0)
        return weights


def _chosen(texts: Sequence[_Text], chosen: NDArray[np.bool_]) -> list[_Text]:
    return [text for text, is_chosen in zip(texts, chosen, strict=True) if is_chosen]


def _mean_and_spread(alone: Floats, beside: Floats) -> tuple[Floats, Floats]:
    both = np.concatenate([alone, beside])
    if not len(both):
        return np.zeros(both.shape[1], dtype=np.float32), np.ones(both.shape[1], dtype=np.float32)
    return both.mean(axis=0), both.std(axis=0) + 1e-6


def _placed(rows: Floats, there: NDArray[np.bool_]) -> Floats:
    """The rows in their places among all; nothing is in the others."""
    found = np.zeros((len(there), rows.shape[1]), dtype=np.float32)
    found[there] = rows
    return found


def _evened(targets: Tensor, labels: int) -> Tensor:
    """A weight for each target, such that all labels weigh the same together."""
    counts = torch.bincount(targets, minlength=labels).clamp(min=1)
    return (len(targets) / labels / counts)[targets]


def _regression(
    features: Tensor, targets: Tensor, weights: Tensor, labels: int, penalty: float
) -> tuple[Tensor, Tensor]:
    """Multinomial logistic regression of least mean loss plus ``penalty`` times the sum of squared weights."""
    weight = torch.zeros(labels, features.shape[1], requires_grad=True, device=features.device)
    bias = torch.zeros(labels, requires_grad=True, device=features.device)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        each = functional.cross_entropy(features @ weight.T + bias, targets, reduction="none")
        total = (each * weights).mean() + penalty * weight.square().sum()
        torch.autograd.backward(total)
        return total.detach()

    optimiser.step(loss)
    return weight.detach(), bias.detach()
