"""The two stages of training: first everything, then complaints, with a part of everything shown again."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence

from tokenizers import Tokenizer

from classifiers.heads import Head
from classifiers.training.examples import Corpus, Example, draw, fold_of
from classifiers.training.fit import Recipe, fit
from classifiers.training.network import Network

_EPOCHS_APART = 1000  # between the seeds of two runs, so that no two draw the same epoch


def fit_general(network: Network, tokenizer: Tokenizer, corpus: Corpus, heads: Sequence[Head], recipe: Recipe) -> None:
    """Teach ``network`` everything but complaints."""
    epochs = [draw(corpus, recipe.seed * _EPOCHS_APART + epoch) for epoch in range(recipe.epochs)]
    fit(network, tokenizer, epochs, heads, recipe, rate=recipe.encoder_rates[0])


def fit_complaints(
    network: Network,
    tokenizer: Tokenizer,
    corpus: Corpus,
    heads: Sequence[Head],
    recipe: Recipe,
    without_fold: int | None = None,
) -> Network:
    """Return a copy of ``network`` that learnt complaints as well, but nothing of the part ``without_fold``.

    The workers train it together, unless a part is left out: then each trains alone, on a part of its own.
    """
    learner = copy.deepcopy(network)
    epochs = [_epoch(corpus, recipe, epoch, without_fold) for epoch in range(recipe.complaint_epochs)]
    fit(
        learner,
        tokenizer,
        epochs,
        heads,
        recipe,
        rate=recipe.encoder_rates[1],
        kept_layers=recipe.kept_layers,
        together=without_fold is None,
    )
    return learner


def _epoch(corpus: Corpus, recipe: Recipe, epoch: int, without_fold: int | None) -> list[Example]:
    seed = recipe.seed * _EPOCHS_APART + epoch
    examples = [one for one in draw(corpus, seed, "complaints") if fold_of(one.group) != without_fold]
    examples += draw(corpus, seed)[: recipe.replayed]
    random.Random(seed).shuffle(examples)
    return examples
