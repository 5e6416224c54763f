"""How sure a figure is: bootstrap over the texts, paired when two models are compared, and Wilson's interval.

Efron and Tibshirani, "An Introduction to the Bootstrap", 1993. Texts that share a group (copies of one original,
posts of one author) are drawn together: they are not independent of each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 20
MEASURES = ("macro-F1", "macro-recall", "accuracy")

_AT_ONCE = 200  # resamples whose weights are in memory together
_TAIL = 2.5  # percent left out at each end: 95 % intervals
_Z = 1.959964  # standard errors to either side: the normal distribution's 97.5 % quantile

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its interval, 95 % where nothing else is said."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """The first model's figure less the second's on the same texts."""

    interval: Interval
    better: float  # share of the resamples in which the first model is ahead; a tie counts half

    @property
    def clear(self) -> bool:
        """Whether there is an interval, and it leaves zero out: resamples that are all alike tell of no spread."""
        return self.interval.low < self.interval.high and not self.interval.low <= 0 <= self.interval.high


def wilson(hits: int, count: int, errors: float = _Z) -> Interval:
    """The share ``hits / count`` with Wilson's interval (JASA 1927), which holds for small counts too.

    It is ``errors`` standard errors wide to either side.
    """
    if not count:
        return Interval(0.0, 0.0, 1.0)
    share, spread = hits / count, errors * errors / count
    middle = (share + spread / 2) / (1 + spread)
    half = errors / (1 + spread) * sqrt(share * (1 - share) / count + spread / (4 * count))
    # The ends of the scale are met exactly; rounding would miss them by a hair.
    return Interval(share, middle - half if hits else 0.0, middle + half if hits < count else 1.0)


class Bootstrap:
    """Figures of several models on the same texts, drawn again and again from one seed."""

    def __init__(
        self,
        truth: Sequence[str],
        labels: Sequence[str],
        groups: Sequence[str],
        *,
        resamples: int = RESAMPLES,
        seed: int = SEED,
    ) -> None:
        """Take the true labels of the texts and, for each, the name of its group."""
        self._places = {label: place for place, label in enumerate(labels)}
        self._truth = np.array([self._places[label] for label in truth], dtype=np.int64)
        # By a dictionary: an array of names would be as wide as the longest of them.
        numbers = {group: number for number, group in enumerate(sorted(set(groups)))}
        self._groups: Integers = np.array([numbers[group] for group in groups], dtype=np.int64)
        self._resamples = resamples
        self._seed = seed

    def intervals(self, predicted: Sequence[str]) -> dict[str, Interval]:
        """Each of ``MEASURES`` with its interval."""
        value, drawn = self._figures(predicted)
        return {name: _interval(value[place], drawn[:, place]) for place, name in enumerate(MEASURES)}

    def differences(self, first: Sequence[str], second: Sequence[str]) -> dict[str, Difference]:
        """Each of ``MEASURES`` of the first less the second; both are drawn with the same texts each time."""
        one, ones = self._figures(first)
        other, others = self._figures(second)
        gaps = ones - others
        return {
            name: Difference(
                _interval(one[place] - other[place], gaps[:, place]),
                float((gaps[:, place] > 0).mean() + (gaps[:, place] == 0).mean() / 2),
            )
            for place, name in enumerate(MEASURES)
        }

    def _figures(self, predicted: Sequence[str]) -> tuple[Floats, Floats]:
        """The measures on the texts as they are, and one row of them for each resample."""
        counts = self._by_group(predicted)
        whole = _measures(counts.sum(axis=0, keepdims=True), len(self._places))[0]
        drawn = [_measures(weights @ counts, len(self._places)) for weights in self._weights(len(counts))]
        return whole, np.concatenate(drawn)

    def _by_group(self, predicted: Sequence[str]) -> Floats:
        """The confusion matrix of every group, each as one row."""
        size = len(self._places)
        guesses = np.array([self._places[label] for label in predicted], dtype=np.int64)
        counts = np.zeros((int(self._groups.max()) + 1, size * size))
        np.add.at(counts, (self._groups, self._truth * size + guesses), 1.0)
        return counts

    def _weights(self, groups: int) -> Iterator[Floats]:
        """How often each group is drawn, in each resample; the same at every call."""
        chance = np.random.default_rng(self._seed)
        for start in range(0, self._resamples, _AT_ONCE):
            rows = min(_AT_ONCE, self._resamples - start)
            draws = chance.integers(0, groups, size=(rows, groups))
            yield np.stack([np.bincount(each, minlength=groups) for each in draws]).astype(np.float64)


def _measures(confusions: Floats, size: int) -> Floats:
    """``MEASURES`` of each confusion matrix; the labels that a resample holds none of do not count in its means."""
    matrices = confusions.reshape(-1, size, size)
    hits, support, guessed = matrices.diagonal(axis1=1, axis2=2), matrices.sum(axis=2), matrices.sum(axis=1)
    present = support > 0
    labels = present.sum(axis=1)
    f1 = np.where(present, 2 * hits / np.maximum(support + guessed, 1), 0.0).sum(axis=1) / labels
    recall = np.where(present, hits / np.maximum(support, 1), 0.0).sum(axis=1) / labels
    return np.stack([f1, recall, hits.sum(axis=1) / support.sum(axis=1)], axis=1)


def _interval(value: float, drawn: Floats) -> Interval:
    low, high = np.percentile(drawn, [_TAIL, 100 - _TAIL])
    return Interval(float(value), float(low), float(high))
