"""Calibration and figures, measured on the exported int8 model; those of complaints come from cross-validation."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from classifiers.embedded import EmbeddedModel, Reading
from classifiers.evaluation.measures import Figures, calibration_error, compare, majority_macro_f1
from classifiers.heads import TEACHERS, TOWARDS_BRAND, Head, ModelFile, write_heads
from classifiers.scores import Floats, beside_kind, softmax
from classifiers.training.calibrate import calibrated
from classifiers.training.examples import Corpus, Example, as_examples, with_marks
from classifiers.training.probe import CROSS_VALIDATED, OutOfFold
from classifiers.training.rivals import COMPARISONS, compared
from classifiers.training.sets import BRANDS, OWN_POSTS, TWEETS

_RANDOM_DOMAINS = frozenset({"random_tweet", "random_reply"})
_BETTER_BY = 0.1  # macro-F1 above the commonest label's that a head needs to be shipped
_COMPARISONS_SHOWN = 10  # times each, with other names
_THRESHOLDS = np.linspace(0.05, 0.95, 91)

_WRITERS_APART = "our own, by eight writers that nothing was learnt from, brand given"
_OF_POSTS = ("stance", "grievance", "relevant", "sarcasm", "kind", "harm")

# The sets whose rows, kept apart for it, a head is calibrated on; the others come from cross-validation.
_CALIBRATED_ON = {
    "sentiment": (TWEETS,),
    "stance": (BRANDS, OWN_POSTS),
    "grievance": (OWN_POSTS,),
    "relevant": (OWN_POSTS,),
    "offensive": ("tweet_offensive",),
    "sarcasm": ("sarcasm",),
    "kind": (OWN_POSTS,),
    "harm": (OWN_POSTS,),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the card's table."""

    head: str
    rows: str  # the set, and which of its rows
    figures: Figures
    commonest_f1: float  # macro-F1 of always answering the commonest label
    calibration: float | None  # expected calibration error on rows that nothing was fitted on


@dataclass(frozen=True, slots=True)
class Report:
    """What the card says of the model."""

    checks: tuple[Check, ...]
    left_out: tuple[str, ...]  # heads that did not beat the commonest label clearly
    megabytes: float


def measure(
    folder: Path,
    corpus: Corpus,
    file: ModelFile,
    complaints: Sequence[OutOfFold],
    development: Mapping[str, Sequence[Example]],
    threads: int,
) -> Report:
    """Calibrate, decide which heads ship, write ``heads.json``, and report what the model then scores.

    Heads of complaints are calibrated on the last of ``complaints``.
    """
    write_heads(folder, file)
    model = EmbeddedModel(folder, threads)
    heads = tuple(_calibrated(head, model, corpus, complaints) for head in file.heads)
    checks = _checks(model, heads, corpus, complaints, development)
    shipped = tuple(replace(head, shipped=head.name not in TEACHERS and _good(head, checks)) for head in heads)
    write_heads(folder, replace(file, heads=shipped))
    return Report(
        checks=checks,
        left_out=tuple(head.name for head in shipped if not head.shipped and head.name not in TEACHERS),
        megabytes=(folder / "model.onnx").stat().st_size / 1e6,
    )


def _calibrated(head: Head, model: EmbeddedModel, corpus: Corpus, complaints: Sequence[OutOfFold]) -> Head:
    if head.name in CROSS_VALIDATED and head.name not in _CALIBRATED_ON:
        if not complaints:
            return head
        examples, logits = _out_of_fold(head, complaints[-1])
    else:
        kept = [as_examples(corpus.calibrate.get(name, []), name) for name in _CALIBRATED_ON.get(head.name, ())]
        examples = _of_head([one for examples in kept for one in examples], head)
        logits = _logits(model, examples, head)
    return calibrated(head, logits, _truth(examples, head))


def _checks(
    model: EmbeddedModel,
    heads: Sequence[Head],
    corpus: Corpus,
    complaints: Sequence[OutOfFold],
    development: Mapping[str, Sequence[Example]],
) -> tuple[Check, ...]:
    asked = [
        ("sentiment", TWEETS, "val, no brand given"),
        ("stance", BRANDS, "val, brand given, one copy of each original"),
        ("sentiment", "reddit_emotions", "val, emotions grouped in three"),
        ("feeling", "reddit_emotions", "val, emotions grouped in four"),
        ("complaint", "review_complaints", "held-out tenth"),
        ("relevant", BRANDS, "val, brand given, one copy of each original"),
        ("offensive", "tweet_offensive", "val"),
        ("sarcasm", "sarcasm", "held-out tenth"),
        ("sarcasm", "tweet_irony", "val"),
        *((head, OWN_POSTS, _WRITERS_APART) for head in _OF_POSTS),
    ]
    by_name = {head.name: head for head in heads if head.name != "kind" or corpus.train.get(OWN_POSTS)}
    checks = [
        _check(model, by_name, head, as_examples(corpus.val.get(name, []), name), f"{name}: {rows}")
        for head, name, rows in asked
        if head in by_name
    ]
    for name, examples in development.items():
        alone = [replace(one, brand=None) for one in examples]
        checks.append(_check(model, by_name, "stance", examples, f"{name}: never learnt from, name given"))
        checks.append(_check(model, by_name, "sentiment", alone, f"{name}: never learnt from, no name given"))
    checks.append(_check(model, by_name, "stance", _comparisons(), "comparisons of two brands, our own"))
    checks.append(_towards_brand(model, by_name, corpus))
    for judged in complaints:
        checks += _cross_validated(by_name, judged)
    return tuple(check for check in checks if check is not None)


def _check(
    model: EmbeddedModel, heads: Mapping[str, Head], name: str, examples: Sequence[Example], rows: str
) -> Check | None:
    head = heads[name]
    examples = _of_head(examples, head)
    if not examples:
        return None
    return _judged(head, _shares(model, heads, name, examples), _truth(examples, head), rows)


def _shares(model: EmbeddedModel, heads: Mapping[str, Head], name: str, examples: Sequence[Example]) -> Floats:
    """What the model answers: a grievance as ``classifiers.scores`` makes it of two heads."""
    shares = softmax(_logits(model, examples, heads[name]), heads[name].temperature)
    if name != "grievance" or "kind" not in heads:
        return shares
    return beside_kind(shares, softmax(_logits(model, examples, heads["kind"]), heads["kind"].temperature))


def _judged(head: Head, shares: Floats, truth: Sequence[str], rows: str) -> Check:
    guesses = [head.labels[best] for best in shares.argmax(axis=1)]
    right = [guess == true for guess, true in zip(guesses, truth, strict=True)]
    error = calibration_error(shares.max(axis=1).tolist(), right)
    return Check(head.name, rows, compare(truth, guesses, head.labels), majority_macro_f1(truth, head.labels), error)


def _cross_validated(heads: dict[str, Head], complaints: OutOfFold) -> list[Check | None]:
    """Heads of complaints, judged by ones that learnt nothing of the part and calibrated on the other half."""

    asked = [
        ("complaint", "", _alone),
        ("complaint", ", without the two random domains", _of_companies),
        ("grievance", ", beside a brand's name", _branded),
        ("reproach", ", true complaints only", _alone),
    ]
    return [
        _folded(heads[head], complaints, f"complaints: {complaints.rows}{rows}", keep) for head, rows, keep in asked
    ]


def _alone(one: Example) -> bool:
    return one.brand is None


def _of_companies(one: Example) -> bool:
    return one.brand is None and one.domain not in _RANDOM_DOMAINS


def _branded(one: Example) -> bool:
    return one.brand is not None


def _folded(head: Head, complaints: OutOfFold, rows: str, keep: Callable[[Example], bool]) -> Check | None:
    examples, logits = _out_of_fold(head, complaints)
    if not any(keep(one) for one in examples):
        return None
    truth = np.array(_truth(examples, head))
    odd = np.array([zlib.crc32(f"half:{one.group}".encode()) % 2 == 1 for one in examples])
    shares = np.zeros_like(logits)
    for half in (odd, ~odd):  # both readings of a text are in one half
        fitted = calibrated(replace(head, temperature=1.0), logits[~half], truth[~half].tolist())
        shares[half] = softmax(logits[half], fitted.temperature)
    kept = np.array([keep(one) for one in examples])
    return _judged(head, shares[kept], truth[kept].tolist(), rows)


_TOWARDS_BRAND = ("negative", "neutral", "positive", "irrelevant")


def _towards_brand(model: EmbeddedModel, heads: dict[str, Head], corpus: Corpus) -> Check | None:
    """Negative, neutral, positive or irrelevant; relevance is cut where the rows kept for calibration say."""
    if not corpus.val.get(BRANDS) or not corpus.calibrate.get(BRANDS):
        return None
    kept, asked = (
        _read_for_brand(model, heads, as_examples(side[BRANDS], BRANDS)) for side in (corpus.calibrate, corpus.val)
    )
    threshold = float(max(_THRESHOLDS, key=lambda each: kept.figures(each).macro_f1))
    rows = f"{BRANDS}: val, four labels, irrelevant below a relevant_score of {threshold:.2f}"
    commonest = majority_macro_f1(asked.truth, _TOWARDS_BRAND)
    return Check("stance, relevant", rows, asked.figures(threshold), commonest, None)


@dataclass(frozen=True, slots=True)
class _ReadForBrand:
    truth: list[str]
    sentiment: list[str]
    relevant: Floats

    def figures(self, threshold: float) -> Figures:
        """What is answered when less than ``threshold`` is irrelevant."""
        pairs = zip(self.sentiment, self.relevant, strict=True)
        guesses = [sentiment if relevant >= threshold else "irrelevant" for sentiment, relevant in pairs]
        return compare(self.truth, guesses, _TOWARDS_BRAND)


def _read_for_brand(model: EmbeddedModel, heads: dict[str, Head], examples: Sequence[Example]) -> _ReadForBrand:
    def shares(head: Head) -> Floats:
        return softmax(_logits(model, examples, head), head.temperature)

    stance = heads["stance"]
    return _ReadForBrand(
        [one.labels.get("sentiment", "irrelevant") for one in examples],
        [stance.labels[best] for best in shares(stance).argmax(axis=1)],
        shares(heads["relevant"])[:, 1],
    )


def _comparisons() -> list[Example]:
    opinions = compared(COMPARISONS * _COMPARISONS_SHOWN, random.Random(0))
    return [
        Example(with_marks(each.text, each.brand), each.brand, {"sentiment": each.sentiment}, {}, each.text)
        for each in opinions
    ]


def _of_head(examples: Sequence[Example], head: Head) -> list[Example]:
    return [one for one in examples if head.question in one.labels]


def _truth(examples: Sequence[Example], head: Head) -> list[str]:
    return [one.labels[head.question] for one in examples]


def _logits(model: EmbeddedModel, examples: Sequence[Example], head: Head) -> Floats:
    if not examples:
        return np.zeros((0, len(head.labels)), dtype=np.float32)
    return model.logits([Reading(one.text, one.brand or "") for one in examples])[:, head.columns]


def _out_of_fold(head: Head, complaints: OutOfFold) -> tuple[list[Example], Floats]:
    asked = list(enumerate(complaints.examples))
    places = [place for place, one in asked if head.question in one.labels and _answers(head, one)]
    return [complaints.examples[place] for place in places], complaints.logits[places][:, head.columns]


def _answers(head: Head, one: Example) -> bool:
    """Whether a text that is read for a brand, or for none, is one for this head."""
    if head.name in TOWARDS_BRAND.values():
        return one.brand is not None
    return head.name not in TOWARDS_BRAND or one.brand is None


def _good(head: Head, checks: Sequence[Check]) -> bool:
    """Clearly better than the commonest label; a head that nothing was held out for is not shipped either."""
    own = [check for check in checks if check.head == head.name]
    return bool(own) and max(check.figures.macro_f1 - check.commonest_f1 for check in own) >= _BETTER_BY
