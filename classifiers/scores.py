"""From a model's columns to one set of scores for each text: probabilities, and windows of long texts combined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul
from typing import cast

import numpy as np
from numpy.typing import NDArray

from classifiers.heads import HARM, KIND, LABELS, REPROACH

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
_Table = list[list[float]]  # windows as rows, labels as columns

_AS_LIKELY = 0.5  # a complaint as not
_HARDLY = 0.2  # a share of kind that speaks against it
_OF_KIND = 0.25  # how much of a complaint's score is the kind's
_COMPLAINS = KIND.index("complaint")
_CRITICAL = HARM.index("critical")
_GLAD = frozenset({"praise", "thanks"})
_DIGITS = 6  # behind the point of a share
_MOST_TOKENS = 1536  # about 40 posts on X, or twelve windows of a long post


@dataclass(frozen=True, slots=True)
class Scores:
    """What a model said of one text, before any rule. A head that the model lacks is ``None``."""

    sentiment: dict[str, float] | None = None  # negative, neutral, positive; towards the brand, if any; sums to 1
    complaint: float | None = None
    relevant: float | None = None
    offensive: float | None = None
    sarcasm: float | None = None
    reproach: dict[str, float] | None = None  # how strong it is, should it be a complaint; sums to 1
    kind: dict[str, float] | None = None  # what the author is doing; sums to 1
    harm: dict[str, float] | None = None  # none, or how bad it is for the author; sums to 1
    danger: float | None = None  # the share of critical harm, wherever in the text it is greatest
    mood: dict[str, float] | None = None  # sentiment of the text itself, where stance is known as well
    embedding: Floats | None = field(default=None, compare=False)  # what it is about: a vector of length 1

    def confidence(self, threshold: float) -> float:
        """The least probability of what is answered by the heads that decide. 0 when there is neither.

        Those are sentiment, and complaint, which is answered from ``threshold`` on.
        """
        found = [max(self.sentiment.values())] if self.sentiment else []
        if self.complaint is not None:
            found.append(self.complaint if self.complaint >= threshold else 1 - self.complaint)
        return min(found, default=0.0)

    @property
    def glad_in_anger(self) -> bool:
        """Whether a text in a negative mood reads as praise of the brand: of a rival's victim, or by mistake."""
        if self.sentiment is None or self.mood is None:
            return False
        return (_strongest(self.sentiment), _strongest(self.mood)) == ("positive", "negative")

    def contradictory(self) -> bool:
        """Whether heads contradict each other: two of sentiment, or kind and another.

        Kind does so where it says or denies a complaint alone, or praises in a negative mood; so does a complaint that
        is glad. The operator's threshold has no part in it: who asks for more certainty makes the heads no less agreed.
        """
        if self.glad_in_anger:
            return True
        if self.complaint is None or self.kind is None:
            return False
        kind, sentiment = _strongest(self.kind), _strongest(self.sentiment or {"": 1.0})
        if self.complaint >= _AS_LIKELY:
            return self.kind["complaint"] < _HARDLY or sentiment == "positive"
        return kind == "complaint" or (kind in _GLAD and sentiment == "negative")


def _strongest(shares: Mapping[str, float]) -> str:
    return max(shares, key=shares.__getitem__)


def answered(heads: Mapping[str, Floats], branded: NDArray[np.bool_]) -> dict[str, Floats]:
    """The heads' probabilities (arrays of shape (windows, labels)) with those in place that answer for a brand.

    Where a window is ``branded``, stance and grievance answer; what sentiment says stays as the mood. A complaint there
    is in part the kind's, a head that knows posts to companies alone: measured in docs/training.md, "Our own posts".
    A model without the head grievance has one answer to complaints, with or without a brand.
    """
    found = dict(heads)
    if "sentiment" in heads and "stance" in heads:
        found["mood"] = heads["sentiment"]
        found["sentiment"] = np.where(branded[:, None], heads["stance"], heads["sentiment"])
    if "complaint" in heads:
        found["complaint"] = beside_kind(heads.get("grievance", heads["complaint"]), heads.get("kind"))
        if "grievance" in heads:
            found["complaint"] = np.where(branded[:, None], found["complaint"], heads["complaint"])
    return found


def beside_kind(complaints: Floats, kinds: Floats | None) -> Floats:
    """Shares of other and complaint, (texts, 2), in part as the kind has them; as they are where that is not known."""
    if kinds is None:
        return complaints
    share = kinds[:, _COMPLAINS]
    mixed = (1 - _OF_KIND) * complaints + _OF_KIND * np.stack([1 - share, share], axis=1)
    return np.asarray(mixed, dtype=np.float32)


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Probabilities along the last axis, of logits that are divided by ``temperature``."""
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


def combine(
    heads: Mapping[str, Floats],
    owners: Sequence[int],
    lengths: Sequence[int],
    texts: int,
    embeddings: Floats | None = None,
) -> list[Scores]:
    """One ``Scores`` for each text from the probabilities of its windows (arrays of shape (windows, labels)).

    Sentiment, mood, kind and meaning are the mean over the windows, weighted by their tokens. The other heads take
    their strongest window: a complaint in the last paragraph is a complaint, and its reproach and harm are read there.
    """
    windows: list[list[int]] = [[] for _ in range(texts)]
    for window, owner in enumerate(owners):
        windows[owner].append(window)
    # A text has few windows and few labels: plain numbers are read faster than arrays are cut, or rounded one by one.
    shares = {name: each.astype(np.float64).round(_DIGITS).tolist() for name, each in heads.items()}
    return [_one(shares, rows, [lengths[row] for row in rows], embeddings) for rows in windows]


def _one(shares: Mapping[str, _Table], rows: list[int], weights: list[int], embeddings: Floats | None) -> Scores:
    complaints = [shares["complaint"][row][1] for row in rows] if "complaint" in shares else []
    worst_row = rows[complaints.index(max(complaints))] if complaints else rows[0]

    def mean(name: str, labels: Sequence[str]) -> dict[str, float] | None:
        return dict(zip(labels, _mean(shares[name], rows, weights), strict=True)) if name in shares else None

    def worst(name: str, labels: Sequence[str]) -> dict[str, float] | None:
        return dict(zip(labels, shares[name][worst_row], strict=True)) if name in shares else None

    def strongest(name: str) -> float | None:
        return max(shares[name][row][1] for row in rows) if name in shares else None

    return Scores(
        sentiment=mean("sentiment", LABELS["sentiment"]),
        complaint=max(complaints) if complaints else None,
        relevant=strongest("relevant"),
        offensive=strongest("offensive"),
        sarcasm=strongest("sarcasm"),
        reproach=worst("reproach", REPROACH),
        kind=mean("kind", KIND),
        harm=worst("harm", HARM),
        danger=max(shares["harm"][row][_CRITICAL] for row in rows) if "harm" in shares else None,
        mood=mean("mood", LABELS["sentiment"]),
        embedding=None if embeddings is None else _mean_direction(embeddings[rows], weights),
    )


def _mean(table: _Table, rows: list[int], weights: list[int]) -> list[float]:
    if len(rows) == 1:
        return table[rows[0]]
    whole = sum(weights)
    columns = zip(*(table[row] for row in rows), strict=True)
    return [round(sum(map(mul, column, weights)) / whole, _DIGITS) for column in columns]


def _mean_direction(vectors: Floats, weights: list[int]) -> Floats:
    """The weighted mean of vectors of length 1, again of length 1."""
    if len(vectors) == 1:
        return cast(Floats, vectors[0])
    mean = np.average(vectors, axis=0, weights=weights)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)
