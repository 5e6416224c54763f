"""The second stage: complaints taught to the upper half of the encoder, among a sample of everything else.

A few thousand rows that come alone bend an encoder and unteach what it knew. What keeps it straight: a sample of the
other sets beside them (rehearsal: Robins, Connection Science 1995), lower layers that stay, and a head that begins
where a linear layer on the encoder stands (Kumar et al., ICLR 2022). The first stage sees no complaint, so ten short
second stages make an honest ten-fold cross-validation. Reproach has too few rows to teach an encoder anything: its head
is fitted to the finished one.
"""

from __future__ import annotations

import copy
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from classifiers.heads import Head
from classifiers.scores import Floats
from classifiers.training.examples import (
    COMPLAINTS,
    EPOCHS_APART,
    Corpus,
    Example,
    as_examples,
    draw,
    draw_complaints,
    fold_of,
    shown_with_brand,
)
from classifiers.training.fit import Recipe, fit
from classifiers.training.network import Network
from classifiers.training.predict import logits_of
from classifiers.training.probe import READ_TOKENS, Probe
from classifiers.training.workers import number, wait_for_all, workers

log = logging.getLogger(__name__)

CROSS_VALIDATED = ("complaint", "reproach")  # heads
SECOND_STAGE = Recipe(epochs=2, encoder_rate=4e-5, heads_rate=2e-4, kept_layers=3, averaged=0.2)
_REVIEWS = 800  # examples of an epoch that are labelled complaints of another set
_OTHERS = 2_000  # examples of an epoch that say nothing of complaints
_PARTS = 10


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Examples, and their logits by networks that learnt nothing of their part; shape (examples, columns)."""

    examples: tuple[Example, ...]
    logits: Floats


class SecondStage:
    """Teaches copies of ``network``, which has seen no row of the complaints."""

    def __init__(
        self, network: Network, tokenizer: Tokenizer, corpus: Corpus, heads: Sequence[Head], recipe: Recipe
    ) -> None:
        self._network, self._tokenizer, self._corpus, self._heads = network, tokenizer, corpus, heads
        self._recipe = replace(SECOND_STAGE, seed=recipe.seed, batch=recipe.batch, threads=recipe.threads)
        self._alone = tuple(as_examples(corpus.train[COMPLAINTS], COMPLAINTS))
        chance = random.Random(recipe.seed)
        self._branded = tuple(shown_with_brand(one, chance) for one in self._alone)
        self._beginning = self._probe(network, "complaint")
        # Counted down, so that no epoch of the first stage is drawn again.
        seeds = [(recipe.seed + 1) * EPOCHS_APART - 1 - epoch for epoch in range(self._recipe.epochs)]
        self._rehearsed = [(seed, _sample(draw(corpus, seed))) for seed in seeds]

    def out_of_fold(self, work: Path) -> OutOfFold:
        """Every complaint judged, alone and beside a brand, by a network that was taught nine other parts of ten.

        The workers divide the parts; each is kept in a file of its own in the folder ``work``, and not done again.
        """
        work.mkdir(parents=True, exist_ok=True)
        for part in range(number(), _PARTS, workers()):
            path = work / f"part-{part}.npy"
            if not path.exists():
                _save(path, self._judged(part))
        wait_for_all()
        examples = (*self._alone, *self._branded)
        logits = np.zeros((len(examples), self._network.heads.out_features), dtype=np.float32)
        for part in range(_PARTS):
            logits[_of_part(examples, part)] = np.load(work / f"part-{part}.npy")
        return OutOfFold(examples, logits)

    def taught(self) -> Network:
        """The network that all complaints, and all workers together, have taught."""
        return self._taught(None, together=True)

    def _judged(self, part: int) -> Floats:
        """The logits of the examples of ``part`` by a network that was taught the others."""
        network = self._taught(part, together=False)
        examples = (*self._alone, *self._branded)
        judged = [examples[place] for place in _of_part(examples, part)]
        log.info("part %d of %d is judged by the nine others", part + 1, _PARTS)
        if not judged:
            return np.zeros((0, network.heads.out_features), dtype=np.float32)
        return logits_of(network, self._tokenizer, judged, READ_TOKENS)

    def _taught(self, but: int | None, *, together: bool) -> Network:
        network = copy.deepcopy(self._network)
        self._beginning.put(network, but)
        epochs = [self._epoch(seed, rehearsed, but) for seed, rehearsed in self._rehearsed]
        fit(network, self._tokenizer, epochs, self._heads, self._recipe, together=together)
        self._probe(network, "reproach").put(network, but)
        return network

    def _probe(self, network: Network, name: str) -> Probe:
        head = next(each for each in self._heads if each.name == name)
        return Probe(head, network, self._tokenizer, self._alone, self._branded)

    def _epoch(self, seed: int, rehearsed: Sequence[Example], but: int | None) -> list[Example]:
        chance = random.Random(seed)
        examples = [*draw_complaints(self._corpus, chance, but), *rehearsed]
        chance.shuffle(examples)
        return examples


def has_complaints(corpus: Corpus) -> bool:
    """Whether there is anything for a second stage to teach."""
    return bool(corpus.train.get(COMPLAINTS))


def _of_part(examples: Sequence[Example], part: int) -> list[int]:
    return [place for place, one in enumerate(examples) if fold_of(one.group) == part]


def _save(path: Path, logits: Floats) -> None:
    """Whole or not at all, whenever the run is stopped."""
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        np.save(file, logits)
    unfinished.rename(path)


def _sample(epoch: Sequence[Example]) -> list[Example]:
    """What is taught beside the complaints, of an ``epoch`` in random order."""
    reviews = [one for one in epoch if "complaint" in one.labels]
    others = [one for one in epoch if "complaint" not in one.labels]
    return reviews[:_REVIEWS] + others[:_OTHERS]
