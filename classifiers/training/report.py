"""Figures and temperatures, measured on the exported int8 model as frankly runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from classifiers.embedded import EmbeddedModel, Reading
from classifiers.evaluation.measures import Figures, calibration_error, compare, majority_macro_f1
from classifiers.heads import Head, ModelFile, write_heads
from classifiers.scores import Scores
from classifiers.training.examples import Corpus, Example, for_calibration, held_out

_RANDOM_DOMAINS = frozenset({"random_tweet", "random_reply"})
_BETTER_BY = 0.2  # macro-F1 above the commonest label's that a head needs to be shipped
_TEMPERATURES = np.geomspace(0.4, 4.0, 200)

# The validation rows that a head's temperature is fitted on and its shipping is decided by.
_MAIN = {
    "sentiment": "tweet_sentiment",
    "complaint": "complaints",
    "relevant": "brand_sentiment",
    "offensive": "tweet_offensive",
    "sarcasm": "sarcasm",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the card's table."""

    head: str
    rows: str  # the set, and which of its rows
    figures: Figures
    commonest_f1: float  # macro-F1 of always answering the commonest label
    calibration: float | None  # expected calibration error on the rows that no temperature saw


@dataclass(frozen=True, slots=True)
class Report:
    """What the card says of the model."""

    checks: tuple[Check, ...]
    left_out: tuple[str, ...]  # heads that did not beat the commonest label clearly
    megabytes: float


def measure(folder: Path, corpus: Corpus, file: ModelFile, threads: int) -> Report:
    """Fit temperatures, decide which heads ship, write ``heads.json``, and report what the model then scores."""
    write_heads(folder, file)
    model = EmbeddedModel(folder, threads)
    heads = tuple(_calibrated(head, model, corpus) for head in file.heads)
    write_heads(folder, replace(file, heads=heads))
    model = EmbeddedModel(folder, threads)
    checks = _checks(model, corpus)
    shipped = tuple(replace(head, shipped=_good(head, checks)) for head in heads)
    write_heads(folder, replace(file, heads=shipped))
    return Report(
        checks=checks,
        left_out=tuple(head.name for head in shipped if not head.shipped),
        megabytes=(folder / "model.onnx").stat().st_size / 1e6,
    )


def _of_head(examples: Sequence[Example], head: str) -> list[Example]:
    return [one for one in examples if head in one.labels]


def _scores(model: EmbeddedModel, examples: Sequence[Example], head: str) -> list[dict[str, float]]:
    """For each example the probability of every label of ``head``."""
    labels = next(each.labels for each in model.file.heads if each.name == head)
    found = model.scores([Reading(one.text, one.brand or "") for one in examples])
    return [_shares(each, head, labels) for each in found]


def _shares(scores: Scores, head: str, labels: Sequence[str]) -> dict[str, float]:
    value = getattr(scores, head)
    return dict(value) if head == "sentiment" else {labels[0]: 1 - value, labels[1]: value}


def _calibrated(head: Head, model: EmbeddedModel, corpus: Corpus) -> Head:
    """The head with the temperature of least log loss on the calibration half of its validation rows."""
    examples = [one for one in _of_head(held_out(corpus, _MAIN[head.name]), head.name) if for_calibration(one)]
    if not examples:
        return head
    shares = _scores(model, examples, head.name)
    logits = np.log(np.clip([[each[label] for label in head.labels] for each in shares], 1e-7, 1.0))
    truth = [head.labels.index(one.labels[head.name]) for one in examples]
    losses = [_log_loss(logits / temperature, truth) for temperature in _TEMPERATURES]
    return replace(head, temperature=round(float(_TEMPERATURES[int(np.argmin(losses))]), 4))


def _log_loss(logits: np.ndarray[tuple[int, int], np.dtype[np.float64]], truth: Sequence[int]) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    own = shifted[np.arange(len(truth)), truth]
    return float((np.log(np.exp(shifted).sum(axis=1)) - own).mean())


def _checks(model: EmbeddedModel, corpus: Corpus) -> tuple[Check, ...]:
    def own_domains(one: Example) -> bool:
        return one.domain not in _RANDOM_DOMAINS

    asked: list[tuple[str, str, str, Callable[[Example], bool] | None]] = [
        ("sentiment", "tweet_sentiment", "val, no brand given", None),
        ("sentiment", "brand_sentiment", "val, brand given, one copy of each original", None),
        ("sentiment", "target_sentiment", "all rows, target given; never learnt from", None),
        ("sentiment", "reddit_emotions", "val, emotions grouped in three", None),
        ("complaint", "complaints", "held-out tenth", None),
        ("complaint", "complaints", "held-out tenth without the two random domains", own_domains),
        ("complaint", "review_complaints", "held-out tenth", None),
        ("relevant", "brand_sentiment", "val, brand given, one copy of each original", None),
        ("offensive", "tweet_offensive", "val", None),
        ("sarcasm", "sarcasm", "held-out tenth", None),
        ("sarcasm", "tweet_irony", "val", None),
    ]
    checks = [_check(model, corpus, *each) for each in asked]
    return tuple(check for check in checks if check is not None)


def _check(
    model: EmbeddedModel, corpus: Corpus, head: str, name: str, rows: str, keep: Callable[[Example], bool] | None
) -> Check | None:
    examples = [one for one in _of_head(held_out(corpus, name), head) if keep is None or keep(one)]
    if not examples:
        return None
    shares = _scores(model, examples, head)
    labels = tuple(shares[0])
    truth = [one.labels[head] for one in examples]
    guesses = [max(each, key=each.__getitem__) for each in shares]
    unseen = [place for place, one in enumerate(examples) if _MAIN[head] != name or not for_calibration(one)]
    error = calibration_error(
        [max(shares[place].values()) for place in unseen], [guesses[place] == truth[place] for place in unseen]
    ) if unseen else None  # fmt: skip
    return Check(head, f"{name}: {rows}", compare(truth, guesses, labels), majority_macro_f1(truth, labels), error)


def _good(head: Head, checks: Sequence[Check]) -> bool:
    """Clearly better than the commonest label; a head that nothing was held out for is not shipped either."""
    own = [check for check in checks if check.head == head.name and check.rows.startswith(_MAIN[head.name])]
    return bool(own) and own[0].figures.macro_f1 >= own[0].commonest_f1 + _BETTER_BY
