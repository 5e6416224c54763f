"""One answer to one head's question, read off an assessment."""

from __future__ import annotations

from dataclasses import dataclass

from classifiers.evaluation.heads import NOTHING
from classifiers.heads import LABELS
from store.records import Assessment, Sentiment


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says of a text."""

    label: str
    shares: dict[str, float] | None = None  # the probability of each label; None where only the label is known
    unsure: bool = False
    beside: float = 1.0  # the probability of what the other head that decides answered

    @property
    def sureness(self) -> float | None:
        """The probability of the label that was answered."""
        return None if self.shares is None else self.shares[self.label]

    @property
    def confidence(self) -> float | None:
        """What ``classifier.unsure_below`` is held against."""
        return None if self.sureness is None else min(self.sureness, self.beside)


def answer_of(assessment: Assessment, head: str) -> Answer | None:
    """Return what an assessment says for ``head``; None when its model has no such head."""
    if head == "complaint":
        return _complaint(assessment)
    if head == "sentiment":
        shares, value = assessment.sentiment_scores, assessment.sentiment
        return None if value is None else _answer(assessment, head, value, shares)
    if hasattr(assessment, f"{head}_score"):
        shares = _two(head, getattr(assessment, f"{head}_score"))
        return None if shares is None else _answer(assessment, head, max(shares, key=shares.__getitem__), shares)
    return _answer(assessment, head, str(getattr(assessment, head) or NOTHING), None)


def _complaint(assessment: Assessment) -> Answer | None:
    """By the operator's threshold; without a complaint head, negative sentiment is taken for a complaint."""
    no, yes = LABELS["complaint"]
    shares = _two("complaint", assessment.complaint_score)
    if assessment.complaint is not None:
        return _answer(assessment, "complaint", yes if assessment.complaint else no, shares)
    if assessment.sentiment is None:
        return None
    return _answer(assessment, "complaint", yes if assessment.sentiment is Sentiment.NEGATIVE else no, None)


def _two(head: str, score: float | None) -> dict[str, float] | None:
    if score is None:
        return None
    no, yes = LABELS[head]
    return {no: 1 - score, yes: score}


def _answer(assessment: Assessment, head: str, label: str, shares: dict[str, float] | None) -> Answer:
    plain = None if shares is None else {str(each): share for each, share in shares.items()}
    return Answer(str(label), plain, assessment.unsure, _beside(assessment, head))


def _beside(assessment: Assessment, head: str) -> float:
    """How sure the other of the two heads that decide is of its answer; 1 where there is no other."""
    if head == "complaint":
        return max(assessment.sentiment_scores.values()) if assessment.sentiment_scores else 1.0
    if assessment.complaint_score is None:
        return 1.0
    return assessment.complaint_score if assessment.complaint else 1 - assessment.complaint_score
