"""Which thresholds reach the operator's target: chosen on all labelled texts, judged by what parts of them choose.

A threshold that is praised on the texts that chose it looks better than it is. So the texts are cut into parts by
group, each part is judged by the thresholds that the others choose, and what all parts gave stands beside the values.

The lowest threshold that reaches a target does so by luck more often than not, and falls short on new texts. So its
share of right answers must reach the target less some caution. Of 400 files of 320 posts, drawn from 2,199, the
threshold for 90 % then had it on the remaining posts in 68 %, without caution in 48 % (by half of a file in 40 %).
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
_COMPLAINT, _UNSURE = "complaint_threshold", "unsure_below"  # keys below [classifier]
_STEPS = 1000  # thresholds are tried in thousandths
_PARTS = 10
_CAUTION = 0.6745  # standard errors: three of four shares that chance leaves open are better
_FEW = 100  # under so many right answers to count, chance decides
_UNDECIDED = 0.5  # for complaints, where no threshold reaches the target

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]
Values = Mapping[str, float | None]  # by the setting; None: no threshold reaches the target


@dataclass(frozen=True, slots=True)
class Chosen:
    """A threshold, and what comes of choosing it so, in parts that did not choose."""

    setting: str  # the key below [classifier]
    value: float | None  # None: no threshold reached the target
    reached: Interval | None = None  # precision, or the share of right answers, of what is kept
    kept: Interval | None = None  # recall, or the share of texts that are not left to a person
    count: int = 0  # how many answers of all parts ``reached`` is counted over


@dataclass(frozen=True, slots=True)
class Choice:
    """What to paste, and how sure that is."""

    target: float
    chosen_on: int
    parts: int
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
    part = _parts([text.group for text in texts])
    parts = len(np.unique(part))
    if parts < 2:
        raise UsageError("--target-precision needs labelled texts of two groups at least, better hundreds")
    values = _values(table, np.ones(len(texts), dtype=bool), target, least)
    if values.get(_COMPLAINT) == 0:
        raise UsageError(
            f"--target-precision found {table.positive.mean():.0%} complaints among the texts, so that any threshold "
            f"reaches {target:.0%}: expected texts as they are heard, of which most are none"
        )
    judged = [(_values(table, part != each, target, least), part == each) for each in range(parts)]
    settings = tuple(_judged(table, setting, value, judged) for setting, value in values.items())
    few = int(table.positive.sum()) < _FEW
    return Choice(target, len(texts), parts, decided.count(False), few, settings)


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
        self.of_complaints = head == "complaint"

    @property
    def positive(self) -> Flags:
        """The complaints; for another head all texts."""
        return np.asarray(self.truth == 1 if self.of_complaints else np.ones(len(self.truth)), dtype=bool)

    def scored(self, setting: str, threshold: float) -> tuple[Floats, Flags, Flags]:
        """What ``setting`` is a threshold of, which answers are good there, and which it should keep.

        Complaints are those from ``threshold`` on.
        """
        if setting == _COMPLAINT:
            return self.shares[:, 1], self.positive, self.positive
        guesses = self._guesses(threshold)
        confidence = np.minimum(self.shares[np.arange(len(guesses)), guesses], self.beside)
        return confidence, np.asarray(guesses == self.truth, dtype=bool), np.ones(len(guesses), dtype=bool)

    def _guesses(self, threshold: float) -> Integers:
        if self.of_complaints:
            return np.asarray(self.shares[:, 1] >= threshold, dtype=np.int64)
        return np.asarray(self.shares.argmax(axis=1), dtype=np.int64)


def _values(table: _Table, among: Flags, target: float, least: Mapping[str, float]) -> dict[str, float | None]:
    """What the texts ``among`` choose."""
    found: dict[str, float | None] = {}
    for setting in (_COMPLAINT, _UNSURE) if table.of_complaints else (_UNSURE,):
        scores, good, _ = table.scored(setting, _threshold(found))
        found[setting] = _lowest(scores[among], good[among], target, least.get(setting, 0.0))
    return found


def _threshold(values: Values) -> float:
    found = values.get(_COMPLAINT)
    return _UNDECIDED if found is None else found


def _judged(table: _Table, setting: str, value: float | None, judged: Sequence[tuple[Values, Flags]]) -> Chosen:
    """``value`` for ``setting``, beside what each part gives by the values that the others chose."""
    if value is None:
        return Chosen(setting, None)
    hits = count = kept = wanted = 0
    for values, part in judged:
        scores, good, all_wanted = table.scored(setting, _threshold(values))
        chosen = values[setting]
        above = part & (scores >= (math.inf if chosen is None else chosen))
        hits += int((above & good).sum())
        count += int(above.sum())
        kept += int((above & all_wanted).sum())
        wanted += int((part & all_wanted).sum())
    return Chosen(setting, value, reached=wilson(hits, count), kept=wilson(kept, wanted), count=count)


def _lowest(scores: Floats, good: Flags, target: float, least: float) -> float | None:
    """The lowest thousandth, not under ``least``, from which scores are good enough with caution; None without."""
    tried = np.arange(math.ceil(least * _STEPS), _STEPS + 1) / _STEPS
    order = np.argsort(scores)
    below = np.searchsorted(scores[order], tried)
    kept = len(scores) - below
    hits = good.sum() - np.concatenate([[0], np.cumsum(good[order])])[below]
    for value, right, count in zip(tried.tolist(), hits.tolist(), kept.tolist(), strict=True):
        if count and wilson(right, count, _CAUTION).low >= target:
            return float(value)
    return None


def _for_another_reason(answer: Answer, unsure_below: float) -> bool:
    """Whether an answer is unsure although its confidence is high enough."""
    return answer.unsure and answer.confidence is not None and answer.confidence >= unsure_below


def _parts(groups: Sequence[str]) -> Integers:
    """Which part each text belongs to: groups are dealt out evenly, in the order of their hashes."""
    order = sorted(set(groups), key=lambda group: hashlib.sha256(group.encode("utf-8", "surrogatepass")).digest())
    part = {group: place % _PARTS for place, group in enumerate(order)}
    return np.array([part[group] for group in groups], dtype=np.int64)
