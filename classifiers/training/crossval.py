"""Ten-fold cross-validation of what is learnt from the complaints: no network judges what it has seen."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from classifiers.heads import Head
from classifiers.scores import Floats
from classifiers.training.examples import Corpus, Example, as_examples, fold_of
from classifiers.training.fit import Recipe
from classifiers.training.network import Network
from classifiers.training.predict import logits_of
from classifiers.training.stages import fit_complaints
from classifiers.training.workers import number, wait_for_all, workers

log = logging.getLogger(__name__)

_SET = "complaints"


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Examples, and their logits by networks that learnt nothing of their part; shape (examples, columns)."""

    examples: tuple[Example, ...]
    logits: Floats


def cross_validated(
    network: Network, tokenizer: Tokenizer, corpus: Corpus, heads: Sequence[Head], recipe: Recipe, folder: Path
) -> OutOfFold | None:
    """Judge the complaints out of fold; None when the set is not there.

    The workers take turns at the folds and leave their logits in ``folder``; a fold that lies there is not made again.
    """
    if not corpus.train.get(_SET):
        return None
    examples = as_examples(corpus.train[_SET], _SET)
    parts = [[one for one in examples if fold_of(one.group) == fold] for fold in range(recipe.folds)]
    for fold in range(number(), recipe.folds, workers()):
        path = _path(folder, fold)
        if parts[fold] and not path.exists():
            learner = fit_complaints(network, tokenizer, corpus, heads, recipe, without_fold=fold)
            np.save(path, logits_of(learner, tokenizer, parts[fold], recipe.max_tokens))
            log.info("fold %d of %d judged", fold + 1, recipe.folds)
    wait_for_all()
    found = [np.load(_path(folder, fold)) for fold, part in enumerate(parts) if part]
    return OutOfFold(tuple(one for part in parts for one in part), np.concatenate(found))


def _path(folder: Path, fold: int) -> Path:
    return folder / f"fold-{fold}.npy"
