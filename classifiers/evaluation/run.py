"""One candidate on one file: its answers, and what they are worth."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.evaluation.answers import Answer
from classifiers.evaluation.candidates import Advance, Candidate
from classifiers.evaluation.heads import CLOSED, NOTHING
from classifiers.evaluation.labelled import Labelled
from classifiers.evaluation.measures import Bin, Figures, calibration_error, compare, reliability
from classifiers.evaluation.resampling import Bootstrap, Difference, Interval


@dataclass(frozen=True, slots=True)
class Unsure:
    """The texts that a model would rather leave to a person."""

    count: int
    right_of_unsure: float | None  # the share it would have had right all the same
    right_of_sure: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a candidate's answers are worth."""

    name: str
    revision: str
    note: str
    answers: tuple[Answer, ...]
    figures: Figures
    intervals: dict[str, Interval]
    calibration: float | None  # expected calibration error; None where no probabilities were given
    reliability: tuple[Bin, ...]
    unsure: Unsure
    texts_a_second: float | None  # None where nothing was read


def evaluate(candidate: Candidate, texts: Sequence[Labelled], head: str, advance: Advance) -> Evaluation:
    """Let a candidate answer for every text, and measure it."""
    start = time.perf_counter()
    answers = candidate.answers(texts, head, advance)
    seconds = time.perf_counter() - start
    truth, given = [text.label for text in texts], [answer.label for answer in answers]
    labels = labels_of(head, truth, given)
    right = [true == guess for true, guess in zip(truth, given, strict=True)]
    sureness = [answer.sureness for answer in answers]
    known = [each for each in sureness if each is not None]
    whole = len(known) == len(answers)
    return Evaluation(
        name=candidate.name,
        revision=candidate.revision,
        note=candidate.note,
        answers=tuple(answers),
        figures=compare(truth, given, labels),
        intervals=_bootstrap(texts, labels).intervals(given),
        calibration=calibration_error(known, right) if whole else None,
        reliability=reliability(known, right) if whole else (),
        unsure=_unsure(answers, right),
        texts_a_second=len(texts) / seconds if candidate.name != "stored" else None,
    )


def differences(first: Evaluation, second: Evaluation, texts: Sequence[Labelled], head: str) -> dict[str, Difference]:
    """How far the first is ahead of the second, on the same texts."""
    ones, others = ([answer.label for answer in each.answers] for each in (first, second))
    labels = labels_of(head, [text.label for text in texts], [*ones, *others])
    return _bootstrap(texts, labels).differences(ones, others)


def labels_of(head: str, truth: Sequence[str], given: Sequence[str]) -> tuple[str, ...]:
    """The head's labels in their order, those that nobody used left out where the head may stay silent."""
    used = {*truth, *given}
    if head not in CLOSED:
        return tuple(sorted(used))
    return tuple(label for label in CLOSED[head] if label in used or label != NOTHING)


def _bootstrap(texts: Sequence[Labelled], labels: Sequence[str]) -> Bootstrap:
    return Bootstrap([text.label for text in texts], labels, [text.group for text in texts])


def _unsure(answers: Sequence[Answer], right: Sequence[bool]) -> Unsure:
    left = [good for answer, good in zip(answers, right, strict=True) if answer.unsure]
    kept = [good for answer, good in zip(answers, right, strict=True) if not answer.unsure]
    return Unsure(len(left), _share(left), _share(kept))


def _share(right: Sequence[bool]) -> float | None:
    return sum(right) / len(right) if right else None
