"""Why: how much each word carried the decision, by leaving it out and asking the model again, all in one batch.

The cost is bounded: at most 64 pieces to a text, and fewer to one of many words, where a run of neighbouring words
is left out together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from classifiers import BrandContext, Classifier
from store.records import Assessment

_MOST_PIECES = 64
_FEWEST_PIECES = 16
_MOST_WORDS = 64 * 64  # that the model reads again for one text, as far as the fewest pieces allow
_AT_ONCE = 1_000_000  # characters given to the model together; a hundred long posts would fill the memory

# An emoji is a word of its own, though it is often glued to one; what joins and colours it stays with it.
_PICTURES = r"\u2190-\u2bff\U0001f000-\U0001faff\u200d\ufe0f"
_WORD = re.compile(rf"[^\s{_PICTURES}]+|[{_PICTURES}]+")

Why = list[tuple[str, float]]  # words of the text in its order; positive: they spoke for the decision


def explain(
    texts: Sequence[str], assessments: Sequence[Assessment], classifier: Classifier, brand: BrandContext | None = None
) -> list[Why]:
    """Return the weight of every word (or run of words) of each text.

    What is explained is the complaint where there is one, else the sentiment; a weight is how much its
    probability falls without the word.
    """
    pieces = [_pieces(text) for text in texts]
    variants = [variant for words in pieces for variant in _variants(words)]
    answers = (each for some in _portions(variants) for each in classifier.assess(some, brand))
    return [_weights(words, whole, answers) for words, whole in zip(pieces, assessments, strict=True)]


def _variants(words: list[str]) -> list[str]:
    """The whole text, then the text without each of its words.

    The whole is read again beside the others: some int8 models round a batch together, so that the score of a text
    moves a little with the texts beside it.
    """
    return [" ".join(words), *(" ".join(words[:gap] + words[gap + 1 :]) for gap in range(len(words)))] if words else []


def _weights(words: list[str], decided: Assessment, answers: Iterator[Assessment]) -> Why:
    if not words:
        return []
    whole = _score(decided, next(answers))
    return [(word, round(whole - _score(decided, next(answers)), 4)) for word in words]


def _pieces(text: str) -> list[str]:
    words = _WORD.findall(text)
    pieces = min(_MOST_PIECES, max(_FEWEST_PIECES, _MOST_WORDS // max(len(words), 1)))
    run = -(-len(words) // pieces) or 1
    return [" ".join(words[start : start + run]) for start in range(0, len(words), run)]


def _portions(variants: Sequence[str]) -> Iterator[list[str]]:
    """The variants in portions that fit into memory: one, unless many long texts are explained together."""
    portion: list[str] = []
    size = 0
    for variant in variants:
        if portion and size + len(variant) > _AT_ONCE:
            yield portion
            portion, size = [], 0
        portion.append(variant)
        size += len(variant)
    if portion:
        yield portion


def _score(decided: Assessment, asked: Assessment) -> float:
    """The probability that ``asked`` gives to what ``decided`` decided."""
    if decided.complaint and asked.complaint_score is not None:
        return asked.complaint_score
    if decided.sentiment is not None and asked.sentiment_scores is not None:
        return asked.sentiment_scores[decided.sentiment]
    return 0.0
