"""How good answers are: plain measures over predicted and true labels, used by training and by anybody who compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BINS = 15
_SHOWN_BINS = 10

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One label's precision, recall and F1; 0 where they are not defined."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How a list of predictions compares with the truth."""

    labels: tuple[str, ...]  # of the rows and columns of ``confusion``
    classes: tuple[ClassFigures, ...]  # of the labels that occur in the truth
    confusion: Counts  # rows: truth, columns: prediction
    accuracy: float

    @property
    def macro_recall(self) -> float:
        """The mean recall of the labels."""
        return float(np.mean([each.recall for each in self.classes]))

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the labels."""
        return float(np.mean([each.f1 for each in self.classes]))

    @property
    def count(self) -> int:
        """How many texts were judged."""
        return int(self.confusion.sum())


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence: how sure they were in the mean, and how many were right."""

    start: float
    end: float
    count: int
    confidence: float
    right: float


def compare(truth: Sequence[str], predicted: Sequence[str], labels: Sequence[str]) -> Figures:
    """Compare two equally long lists over ``labels``; raise ValueError for a label that is not among them."""
    places = {label: place for place, label in enumerate(labels)}
    unknown = {*truth, *predicted} - places.keys()
    if unknown or len(truth) != len(predicted) or not truth:
        raise ValueError(
            f"expected as many predictions as truths, all among {list(labels)}; unknown: {sorted(unknown)}"
        )
    confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for true, guess in zip(truth, predicted, strict=True):
        confusion[places[true], places[guess]] += 1
    classes = tuple(_figures_of(label, place, confusion) for label, place in places.items() if confusion[place].any())
    return Figures(tuple(labels), classes, confusion, float(np.trace(confusion) / confusion.sum()))


def _figures_of(label: str, place: int, confusion: Counts) -> ClassFigures:
    hit, support, guessed = int(confusion[place, place]), int(confusion[place].sum()), int(confusion[:, place].sum())
    precision = hit / guessed if guessed else 0.0
    recall = hit / support if support else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hit else 0.0
    return ClassFigures(label, precision, recall, f1, support)


def majority_macro_f1(truth: Sequence[str], labels: Sequence[str]) -> float:
    """The macro-F1 of always answering the commonest label: what a head must clearly beat."""
    commonest = max(labels, key=list(truth).count)
    return compare(truth, [commonest] * len(truth), labels).macro_f1


def calibration_error(confidences: Sequence[float], correct: Sequence[bool]) -> float:
    """The expected calibration error over 15 equal bins (Naeini et al., AAAI 2015)."""
    count = len(confidences)
    return sum(abs(each.confidence - each.right) * each.count / count for each in _bins(confidences, correct, _BINS))


def reliability(confidences: Sequence[float], correct: Sequence[bool]) -> tuple[Bin, ...]:
    """Ten bins of confidence, those without any answer left out."""
    return tuple(_bins(confidences, correct, _SHOWN_BINS))


def _bins(confidences: Sequence[float], correct: Sequence[bool], bins: int) -> Iterator[Bin]:
    sure, right = np.asarray(confidences, dtype=float), np.asarray(correct, dtype=float)
    places = np.minimum((sure * bins).astype(int), bins - 1)
    for place in np.unique(places).tolist():
        inside = places == place
        yield Bin(
            place / bins, (place + 1) / bins, int(inside.sum()), float(sure[inside].mean()), float(right[inside].mean())
        )
