"""Distillation from an earlier model: what it says of a text is taught beside the labels.

People who label tweets often disagree, and shares say more than one label does (Furlanello et al., "Born-Again Neural
Networks", ICML 2018). Texts that come with other labels only, of offence or sarcasm, teach sentiment this way too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from classifiers.embedded import EmbeddedModel, Reading
from classifiers.heads import Head
from classifiers.names import unmarked
from classifiers.scores import softmax
from classifiers.training.examples import Example
from classifiers.training.probe import CROSS_VALIDATED
from classifiers.training.workers import gathered, number, workers

# The heads that answer a text read for no brand, or for one, and what their shares weigh where there is no label.
_ANYWHERE = {"offensive": 0.1, "sarcasm": 0.1}
_ALONE = {"sentiment": 0.3, "complaint": 0.1, **_ANYWHERE}
_BESIDE = {"stance": 0.3, "grievance": 0.1, "relevant": 0.1, "kind": 0.1, "harm": 0.1, **_ANYWHERE}

_Asked = tuple[str, str | None]  # a text and the brand that it is read for


def taught(
    epochs: Sequence[Sequence[Example]], teacher: Path, *, complaints: bool = True, together: bool = True
) -> list[list[Example]]:
    """The examples with the shares that the model of folder ``teacher`` gives the labels of each head.

    It is not asked of texts about two companies: what it says of them is what shall get better. Without ``complaints``
    nothing of the heads is taught that were fitted to the set of complaints. The workers divide the texts when they
    train one network ``together``.
    Raises ConfigurationError when ``teacher`` is no model folder.
    """
    model = EmbeddedModel(teacher, threads=1)
    asked = sorted({_asked(one) for examples in epochs for one in examples if one.alone}, key=str)
    found = _shares(asked[number() :: workers()], model) if together else _shares(asked, model)
    shares = gathered(found) if together else found
    heads = [head for head in model.file.heads if complaints or head.name not in CROSS_VALIDATED]
    return [
        [with_shares(one, shares[_asked(one)], heads) if one.alone else one for one in examples] for examples in epochs
    ]


def with_shares(example: Example, shares: Sequence[float], heads: Sequence[Head]) -> Example:
    """The example with ``shares``, one for each label of all heads by their columns, beside its labels.

    A head has them that answers a text read like this one, or that it has a label of.
    """
    columns = {head.name: head.columns for head in heads}
    asked = {name: weight for name, weight in (_BESIDE if example.brand else _ALONE).items() if name in columns}
    weights = asked | example.weights
    found = {name: tuple(shares[columns[name]]) for name in weights if name in columns}
    return replace(example, weights=weights, shares=found)


def _asked(example: Example) -> _Asked:
    return example.text, example.brand


def _shares(asked: Sequence[_Asked], model: EmbeddedModel) -> dict[_Asked, tuple[float, ...]]:
    marks = model.file.marks_names
    logits = model.logits([Reading(text if marks else unmarked(text), brand or "") for text, brand in asked])
    for head in model.file.heads:
        logits[:, head.columns] = softmax(logits[:, head.columns], head.temperature)
    return dict(zip(asked, map(tuple, logits.tolist()), strict=True))
