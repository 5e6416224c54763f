"""The heads of a model folder: what each column of its output means, read from and written to ``heads.json``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from config.errors import ConfigurationError
from store.records import Kind, Severity

COPY_AGAIN = (
    "copy the model's folder again (the shipped one comes with frankly: install that again), or name another model"
)
# What an assessment answers: each head with its labels in the order of its columns.
LABELS: dict[str, tuple[str, ...]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "complaint": ("other", "complaint"),
    "relevant": ("irrelevant", "relevant"),
    "offensive": ("not_offensive", "offensive"),
    "sarcasm": ("not_sarcastic", "sarcastic"),
}
# What a model knows besides, and rules go on from: how strongly a complaint reproaches, least first (Jin and Aletras,
# NAACL 2021, after Trosborg, 1995), what the author is doing, and how bad it is for them. Feeling and emotion only
# teach the encoder.
REPROACH = ("no_explicit_reproach", "disapproval", "accusation", "blame")
KIND = tuple(kind.value for kind in Kind)
HARM = ("none", *(severity.value for severity in Severity))
INNER_LABELS: dict[str, tuple[str, ...]] = {
    "reproach": REPROACH,
    "feeling": ("negative", "ambiguous", "neutral", "positive"),
    "emotion": ("anger", "sadness", "joy", "optimism"),
    "kind": KIND,
    "harm": HARM,
    "stance": LABELS["sentiment"],
    "grievance": LABELS["complaint"],
}
# Heads that answer in another's place where a text is read for a brand: what a desk calls negative, or a complaint, is
# not what readers of tweets do (docs/training.md).
TOWARDS_BRAND = {"sentiment": "stance", "complaint": "grievance"}
_QUESTIONS = {head: question for question, head in TOWARDS_BRAND.items()}
_SPECIAL_TOKENS = 3  # around a text beside a name
TEACHERS = frozenset({"feeling", "emotion"})


@dataclass(frozen=True, slots=True)
class Head:
    """One question that the model answers: columns ``start`` to ``start + len(labels)`` of its output."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    labels: tuple[str, ...]
    start: int
    temperature: float = 1.0  # logits are divided by it before the softmax (Guo et al., ICML 2017)
    shipped: bool = True  # False: it did not beat a trivial answer on its validation rows

    @property
    def columns(self) -> slice:
        """The head's columns in the model's output."""
        return slice(self.start, self.start + len(self.labels))

    @property
    def question(self) -> str:
        """What its labels are called: stance answers the question of sentiment where a brand is named."""
        return _QUESTIONS.get(self.name, self.name)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What ``heads.json`` says of the weights beside it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    revision: str  # the first 12 hexadecimal digits of the SHA-256 of model.onnx
    window_tokens: int  # longest input in one pass, special tokens included
    overlap_tokens: int  # shared by two neighbouring windows of a long text
    heads: tuple[Head, ...]
    marks_names: bool = False  # texts are read with the mark of names.py before the brand's names
    learnt_complaints: bool = True  # False: no row of that research set taught the encoder, so ten folds judge it


def new_heads() -> tuple[Head, ...]:
    """All heads laid side by side, uncalibrated."""
    heads = []
    start = 0
    for name, labels in (LABELS | INNER_LABELS).items():
        heads.append(Head(name, labels, start))
        start += len(labels)
    return tuple(heads)


def write_heads(folder: Path, model: ModelFile) -> None:
    """Write ``heads.json`` into ``folder``."""
    (folder / "heads.json").write_text(json.dumps(asdict(model), indent=2) + "\n", encoding="utf-8")


def read_heads(folder: Path) -> ModelFile:
    """Read ``heads.json`` of ``folder``; raise ConfigurationError when it is missing or not what it should be."""
    path = folder / "heads.json"
    try:
        model = TypeAdapter(ModelFile).validate_json(path.read_bytes(), strict=True)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read ({error.strerror}); a model made by 'python -m classifiers.training' has one"
        ) from error
    except ValidationError as error:
        raise ConfigurationError(f"{path} is damaged and does not describe the model's heads; {COPY_AGAIN}") from error
    fault = _fault(model)
    if fault:
        raise ConfigurationError(f"{path} is damaged: {fault}; {COPY_AGAIN}")
    return model


def revision_of(weights: Path) -> str:
    """What a file of weights is known by: the first 12 hexadecimal digits of its SHA-256."""
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _fault(model: ModelFile) -> str | None:
    """What no model can have, though its parts are of the right types."""
    if not 0 <= model.overlap_tokens < model.window_tokens - _SPECIAL_TOKENS:
        return f"windows of {model.window_tokens} tokens cannot overlap by {model.overlap_tokens}"
    names = [head.name for head in model.heads]
    if len(set(names)) < len(names):
        return "it tells of one head twice"
    return next(filter(None, map(_fault_of, model.heads)), None) or _overlap(model.heads)


def _fault_of(head: Head) -> str | None:
    labels = (LABELS | INNER_LABELS).get(head.name)
    if labels is None:
        return f"no head is called {head.name[:40]!r}"
    if head.labels != labels:
        return f"the labels of the head {head.name} are {', '.join(labels)}, and it has others"
    if not 0 < head.temperature < inf:
        return f"the head {head.name} has the temperature {head.temperature:g}; expected more than 0"
    return None


def _overlap(heads: Sequence[Head]) -> str | None:
    free = 0
    for head in sorted(heads, key=lambda each: each.start):
        if head.start < free:
            return f"the columns of the head {head.name} begin at {head.start}, where others or none are"
        free = head.columns.stop
    return None
