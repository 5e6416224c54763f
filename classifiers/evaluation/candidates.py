"""Who can be evaluated: any classifier that frankly opens, what was said when a mention was heard, and baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from classifiers import BrandContext, Classifier
from classifiers.evaluation.answers import Answer, answer_of
from classifiers.evaluation.labelled import Labelled
from config.errors import UsageError
from store.records import Assessment

_AT_ONCE = 2048  # texts read between two moves of the progress bar

Context = Callable[[str], BrandContext | None]  # a brand's name, empty for none
Advance = Callable[[int], None]


class Candidate(Protocol):
    """Somebody who answers questions about texts."""

    @property
    def name(self) -> str:
        """What it is called in the table."""
        ...

    @property
    def revision(self) -> str:
        """Which weights or release answer."""
        ...

    @property
    def note(self) -> str:
        """What a reader must know of how it answers; empty when nothing."""
        ...

    def answers(self, texts: Sequence[Labelled], head: str, advance: Advance) -> list[Answer]:
        """Return one answer for each text, in order; ``UsageError`` when it cannot answer for ``head``."""
        ...


class ModelCandidate:
    """A classifier, asked as the daemon asks it: with the brand, the thresholds and the rules."""

    def __init__(self, classifier: Classifier, context: Context, name: str | None = None) -> None:
        self._classifier = classifier
        self._context = context
        self.name = name or classifier.name
        self.revision = classifier.revision
        self.note = ""

    def answers(self, texts: Sequence[Labelled], head: str, advance: Advance) -> list[Answer]:
        """Read the texts brand by brand and answer for ``head``."""
        found: dict[int, Assessment] = {}
        for brand in dict.fromkeys(text.brand for text in texts):
            places = [place for place, text in enumerate(texts) if text.brand == brand]
            for start in range(0, len(places), _AT_ONCE):
                some = places[start : start + _AT_ONCE]
                assessed = self._classifier.assess([texts[place].text for place in some], self._context(brand))
                found.update(zip(some, assessed, strict=True))
                advance(len(some))
        assessments = [found[place] for place in range(len(texts))]
        self.note = note_on(assessments, head)
        return answers_of(assessments, head, self.name)


class StoredCandidate:
    """What was said of each mention when it was heard; the texts themselves may be gone."""

    name = "stored"
    revision = "as assessed"
    note = ""

    def answers(self, texts: Sequence[Labelled], head: str, advance: Advance) -> list[Answer]:
        """Return the stored answers."""
        assessments = [text.stored for text in texts if text.stored is not None]
        assert len(assessments) == len(texts), "only what the desk gave can be compared by what was stored"
        advance(len(texts))
        self.note = note_on(assessments, head)
        return answers_of(assessments, head, self.name)


def answers_of(assessments: Sequence[Assessment], head: str, name: str) -> list[Answer]:
    """Return the answers for ``head``; ``UsageError`` when the model has no such head."""
    answers = [answer_of(assessment, head) for assessment in assessments]
    given = [answer for answer in answers if answer is not None]
    if len(given) != len(answers):
        if head == "relevant":
            raise UsageError(f'"{name}" has no head relevant, or rows have no brand: name the brand with --brand')
        raise UsageError(f'the model "{name}" has no head {head}; choose another head, or another model')
    return given


def note_on(assessments: Sequence[Assessment], head: str) -> str:
    """Say where something stands in for the head that was asked."""
    if head == "complaint" and any(each.complaint is None for each in assessments):
        return "has no complaint head: negative sentiment is taken for a complaint"
    return ""
