"""From a model's columns to one set of scores for each text: probabilities, and windows of long texts combined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.heads import LABELS

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_MOST_TOKENS = 1536  # about 40 posts on X, or twelve windows of a long post


@dataclass(frozen=True, slots=True)
class Scores:
    """What a model said of one text, before any rule. A head that the model lacks is ``None``."""

    sentiment: dict[str, float] | None = None  # negative, neutral, positive; sums to 1
    complaint: float | None = None
    relevant: float | None = None
    offensive: float | None = None
    sarcasm: float | None = None

    @property
    def confidence(self) -> float:
        """The smallest confidence among the heads that decide: sentiment and complaint. 0 when there is neither."""
        found = [max(self.sentiment.values())] if self.sentiment else []
        if self.complaint is not None:
            found.append(max(self.complaint, 1 - self.complaint))
        return min(found, default=0.0)


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Probabilities along the last axis."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def batches_by_length(lengths: Sequence[int], size: int, most_tokens: int = _MOST_TOKENS) -> Iterator[Integers]:
    """Indices in batches whose members are of like length, so that little is padded.

    A batch holds at most ``size`` windows and, padded, ``most_tokens`` tokens: memory grows with them.
    """
    order = np.argsort(np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    for end in range(1, len(order) + 1):
        rows = end - start + 1  # with the next window, which is the longest so far
        if end == len(order) or rows > size or rows * lengths[order[end]] > most_tokens:
            yield order[start:end]
            start = end


def combine(heads: Mapping[str, Floats], owners: Sequence[int], lengths: Sequence[int], texts: int) -> list[Scores]:
    """One ``Scores`` for each text from the probabilities of its windows (arrays of shape (windows, labels)).

    Sentiment is the mean over the windows, weighted by their tokens. The other heads take their strongest
    window: a complaint in the last paragraph is a complaint.
    """
    windows: list[list[int]] = [[] for _ in range(texts)]
    for window, owner in enumerate(owners):
        windows[owner].append(window)
    weights = np.asarray(lengths, dtype=np.float32)
    return [_one(heads, rows, weights[rows]) for rows in windows]


def _one(heads: Mapping[str, Floats], rows: list[int], weights: Floats) -> Scores:
    strongest = {name: round(float(each[rows, 1].max()), 6) for name, each in heads.items() if name != "sentiment"}
    return Scores(
        sentiment=_mean(heads["sentiment"][rows], weights) if "sentiment" in heads else None,
        complaint=strongest.get("complaint"),
        relevant=strongest.get("relevant"),
        offensive=strongest.get("offensive"),
        sarcasm=strongest.get("sarcasm"),
    )


def _mean(windows: Floats, weights: Floats) -> dict[str, float]:
    # In double precision: over thousands of windows single precision would add up to less than 1.
    mean = np.average(windows, axis=0, weights=weights.astype(np.float64))
    return {label: round(float(share), 6) for label, share in zip(LABELS["sentiment"], mean, strict=True)}
