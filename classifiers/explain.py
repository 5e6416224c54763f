"""Why: how much each word carried the decision, by leaving it out and asking the model again, all in one batch."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers import BrandContext, Classifier
from store.records import Assessment

_MOST_PIECES = 64  # of a longer text neighbouring words are left out together

Why = list[tuple[str, float]]  # words of the text in its order; positive: they spoke for the decision


def explain(
    texts: Sequence[str], assessments: Sequence[Assessment], classifier: Classifier, brand: BrandContext | None = None
) -> list[Why]:
    """Return the weight of every word (or run of words) of each text.

    What is explained is the complaint where there is one, else the sentiment; a weight is how much its
    probability falls without the word.
    """
    pieces = [_pieces(text) for text in texts]
    variants = [" ".join(words[:gap] + words[gap + 1 :]) for words in pieces for gap in range(len(words))]
    answers = iter(classifier.assess(variants, brand)) if variants else iter(())
    return [
        [(word, round(_score(whole, whole) - _score(whole, next(answers)), 4)) for word in words]
        for words, whole in zip(pieces, assessments, strict=True)
    ]


def _pieces(text: str) -> list[str]:
    words = text.split()
    run = -(-len(words) // _MOST_PIECES) or 1
    return [" ".join(words[start : start + run]) for start in range(0, len(words), run)]


def _score(decided: Assessment, asked: Assessment) -> float:
    """The probability that ``asked`` gives to what ``decided`` decided."""
    if decided.complaint and asked.complaint_score is not None:
        return asked.complaint_score
    if decided.sentiment is not None and asked.sentiment_scores is not None:
        return asked.sentiment_scores[decided.sentiment]
    return 0.0
