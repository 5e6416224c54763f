"""Self-distillation: what an earlier model says of a text's sentiment is taught beside the label.

People who label tweets often disagree, and shares say more than one label does (Furlanello et al., "Born-Again Neural
Networks", ICML 2018). Texts that come with other labels only, of offence or sarcasm, teach sentiment this way too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from classifiers.embedded import EmbeddedModel, Reading
from classifiers.scores import softmax
from classifiers.training.examples import Example
from classifiers.training.workers import gathered, number, workers

_HEAD = "sentiment"
_WEIGHT = 0.3  # in the loss, where there is no label of the head


def taught(epochs: Sequence[Sequence[Example]], teacher: Path, *, together: bool = True) -> list[list[Example]]:
    """The examples with the shares that the model of folder ``teacher`` gives the sentiments of their texts.

    It is asked only of texts that are read for no brand: what it says of a brand is what shall get better. The workers
    divide the texts when they train one network ``together``.
    Raises ConfigurationError when ``teacher`` is no model folder.
    """
    texts = sorted({one.text for examples in epochs for one in examples if one.brand is None})
    shares = gathered(_shares(texts[number() :: workers()], teacher)) if together else _shares(texts, teacher)
    return [[_with_shares(one, shares) for one in examples] for examples in epochs]


def _shares(texts: Sequence[str], teacher: Path) -> dict[str, tuple[float, ...]]:
    model = EmbeddedModel(teacher, threads=1)
    head = next(each for each in model.file.heads if each.name == _HEAD)
    logits = model.logits([Reading(text) for text in texts])[:, head.columns]
    return dict(zip(texts, map(tuple, softmax(logits, head.temperature).tolist()), strict=True))


def _with_shares(example: Example, shares: dict[str, tuple[float, ...]]) -> Example:
    if example.brand is not None:
        return example
    weights = {_HEAD: _WEIGHT, **example.weights}
    return replace(example, weights=weights, shares={_HEAD: shares[example.text]})
