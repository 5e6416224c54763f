"""Which thresholds reach the operator's target, chosen on one half of the labelled texts and seen on the other.

A threshold that is chosen and praised on the same texts looks better than it is. The halves are split by group.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from classifiers.evaluation.answers import Answer
from classifiers.evaluation.labelled import Labelled
from classifiers.evaluation.resampling import Interval, wilson
from classifiers.heads import LABELS
from config.errors import UsageError

TUNABLE = ("complaint", "sentiment")
_STEPS = 1000  # thresholds are tried in thousandths
_FEW = 50  # under so many right answers to count in either half, chance decides

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A threshold, and what it does on the half that did not choose it."""

    setting: str  # the key below [classifier]
    value: float | None  # None: no threshold reached the target
    reached: Interval | None = None  # precision, or the share of right answers, of what is kept
    kept: Interval | None = None  # recall, or the share of texts that are not left to a person
    count: int = 0  # how many answers of the other half ``reached`` is counted over


@dataclass(frozen=True, slots=True)
class Choice:
    """What to paste, and how sure that is."""

    target: float
    chosen_on: int
    seen_on: int
    left_out: int  # unsure for another reason: a person reads them whatever the setting
    few: bool
    settings: tuple[Chosen, ...]


def choose(
    texts: Sequence[Labelled],
    answers: Sequence[Answer],
    head: str,
    target: float,
    unsure_below: float,
    least: Mapping[str, float] = MappingProxyType({}),
) -> Choice:
    """Choose thresholds for ``head`` that reach ``target`` (0 to 1). The answers were given with ``unsure_below``.

    None is chosen below what ``least`` holds for its setting.

    For complaints: the lowest threshold whose precision reaches it, so that recall is highest. Then, for complaints and
    sentiment alike, the lowest confidence from which the answers that are kept are right as often as that. Texts that
    are unsure for another reason (another language, nothing to read, heads that contradict each other) are left out of
    both. ``UsageError`` where nothing can be chosen.
    """
    check_tunable(head)
    decided = [not _for_another_reason(answer, unsure_below) for answer in answers]
    texts = [text for text, each in zip(texts, decided, strict=True) if each]
    table = _Table(texts, [answer for answer, each in zip(answers, decided, strict=True) if each], head)
    first = np.array([_in_first_half(text.group) for text in texts], dtype=bool)
    if not first.any() or first.all():
        raise UsageError("--target-precision needs labelled texts of two groups at least, better hundreds")
    settings: list[Chosen] = []
    threshold = 0.5
    if head == "complaint":
        settings.append(_complaint_threshold(table, first, target, least.get("complaint_threshold", 0.0)))
        threshold = settings[0].value if settings[0].value is not None else threshold
    settings.append(_unsure_below(table, first, target, threshold, least.get("unsure_below", 0.0)))
    positives = table.truth == 1 if head == "complaint" else np.ones(len(texts), dtype=bool)
    few = min(int((positives & first).sum()), int((positives & ~first).sum())) < _FEW
    return Choice(target, int(first.sum()), int((~first).sum()), decided.count(False), few, tuple(settings))


def check_tunable(head: str) -> None:
    """``UsageError`` for a head that has no thresholds."""
    if head not in TUNABLE:
        raise UsageError(f"--target-precision sets thresholds of the heads {' and '.join(TUNABLE)}, not of {head}")


class _Table:
    """The answers as columns."""

    def __init__(self, texts: Sequence[Labelled], answers: Sequence[Answer], head: str) -> None:
        if any(answer.shares is None for answer in answers):
            raise UsageError("--target-precision needs probabilities, and this model gives labels alone for the head")
        labels = LABELS[head]
        self.truth = np.array([labels.index(text.label) for text in texts])
        self.shares: Floats = np.array([[(answer.shares or {})[label] for label in labels] for answer in answers])
        self.beside: Floats = np.array([answer.beside for answer in answers], dtype=np.float64)
        self.head = head

    def right(self, threshold: float) -> Flags:
        """Which answers are right, with that threshold for complaints."""
        return np.asarray(self._guesses(threshold) == self.truth, dtype=bool)

    def confidence(self, threshold: float) -> Floats:
        """How sure the answers are, with that threshold for complaints."""
        guesses = self._guesses(threshold)
        return np.minimum(self.shares[np.arange(len(guesses)), guesses], self.beside)

    def _guesses(self, threshold: float) -> Integers:
        if self.head == "complaint":
            return np.asarray(self.shares[:, 1] >= threshold, dtype=np.int64)
        return np.asarray(self.shares.argmax(axis=1), dtype=np.int64)


def _complaint_threshold(table: _Table, first: Flags, target: float, least: float) -> Chosen:
    scores, complaint = table.shares[:, 1], table.truth == 1
    value = _lowest(scores[first], complaint[first], target, least)
    if value == 0:
        raise UsageError(
            f"--target-precision found {complaint.mean():.0%} complaints among the texts, so that any threshold "
            f"reaches {target:.0%}: expected texts as they are heard, of which most are none"
        )
    if value is None:
        return Chosen("complaint_threshold", None)
    flagged = (scores >= value) & ~first
    hits = int((flagged & complaint).sum())
    return Chosen(
        "complaint_threshold",
        value,
        reached=wilson(hits, int(flagged.sum())),
        kept=wilson(hits, int((complaint & ~first).sum())),
        count=int(flagged.sum()),
    )


def _unsure_below(table: _Table, first: Flags, target: float, threshold: float, least: float) -> Chosen:
    right, confidence = table.right(threshold), table.confidence(threshold)
    value = _lowest(confidence[first], right[first], target, least)
    if value is None:
        return Chosen("unsure_below", None)
    kept = (confidence >= value) & ~first
    return Chosen(
        "unsure_below",
        value,
        reached=wilson(int((kept & right).sum()), int(kept.sum())),
        kept=wilson(int(kept.sum()), int((~first).sum())),
        count=int(kept.sum()),
    )


def _lowest(scores: Floats, good: Flags, target: float, least: float) -> float | None:
    """The lowest thousandth, not under ``least``, from which scores are good as often as ``target``; None without."""
    for step in range(math.ceil(least * _STEPS), _STEPS + 1):
        kept = scores >= step / _STEPS
        if not kept.any():
            return None
        if good[kept].mean() >= target:
            return step / _STEPS
    return None


def _for_another_reason(answer: Answer, unsure_below: float) -> bool:
    """Whether an answer is unsure although its confidence is high enough."""
    return answer.unsure and answer.confidence is not None and answer.confidence >= unsure_below


def _in_first_half(group: str) -> bool:
    """By a hash, so that a group is always on the same side, whatever else is in the file."""
    return hashlib.sha256(group.encode("utf-8", "surrogatepass")).digest()[0] < 128
