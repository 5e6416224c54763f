"""One answer to one head's question, read off an assessment."""

from __future__ import annotations

from dataclasses import dataclass

from classifiers.evaluation.heads import NOTHING
from classifiers.heads import LABELS
from classifiers.scores import Scores
from store.records import Assessment, Sentiment


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says of a text."""

    label: str
    shares: dict[str, float] | None = None  # the probability of each label; None where only the label is known
    unsure: bool = False
    confidence: float | None = None  # what ``classifier.unsure_below`` is held against

    @property
    def sureness(self) -> float | None:
        """The probability of the label that was answered."""
        return None if self.shares is None else self.shares[self.label]


def answer_of(assessment: Assessment, head: str) -> Answer | None:
    """Return what an assessment says for ``head``; None when its model has no such head."""
    if head == "complaint":
        return _complaint(assessment)
    if head == "sentiment":
        shares, value = assessment.sentiment_scores, assessment.sentiment
        return None if value is None else _answer(assessment, value, shares)
    if hasattr(assessment, f"{head}_score"):
        shares = _two(head, getattr(assessment, f"{head}_score"))
        return None if shares is None else _answer(assessment, max(shares, key=shares.__getitem__), shares)
    return _answer(assessment, str(getattr(assessment, head) or NOTHING), None)


def _complaint(assessment: Assessment) -> Answer | None:
    """By the operator's threshold; without a complaint head, negative sentiment is taken for a complaint."""
    no, yes = LABELS["complaint"]
    shares = _two("complaint", assessment.complaint_score)
    if assessment.complaint is not None:
        return _answer(assessment, yes if assessment.complaint else no, shares)
    if assessment.sentiment is None:
        return None
    return _answer(assessment, yes if assessment.sentiment is Sentiment.NEGATIVE else no, None)


def _two(head: str, score: float | None) -> dict[str, float] | None:
    if score is None:
        return None
    no, yes = LABELS[head]
    return {no: 1 - score, yes: score}


def _answer(assessment: Assessment, label: str, shares: dict[str, float] | None) -> Answer:
    confidence = Scores(sentiment=assessment.sentiment_scores, complaint=assessment.complaint_score).confidence
    plain = None if shares is None else {str(each): share for each, share in shares.items()}
    return Answer(str(label), plain, assessment.unsure, confidence)
