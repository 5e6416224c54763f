"""An ensemble taught back into one network: several are trained apart, and what they say together is taught again.

Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015). Their mean says of every text what no
label says: how sure one can be, and what the heads answer that it has no label of. Every worker trains networks of its
own, so that several share one GPU.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from classifiers.heads import Head
from classifiers.scores import Floats, softmax
from classifiers.training.averaging import mean_weights
from classifiers.training.examples import Example
from classifiers.training.fit import Recipe, fit
from classifiers.training.network import Network
from classifiers.training.predict import logits_of
from classifiers.training.teacher import with_shares
from classifiers.training.workers import number, wait_for_all, workers

# Seeds of two runs lie so far apart, those of two members so far; students and what they read have the last ones.
_RUNS_APART, _MEMBERS_APART = 100_000, 100
_READ, _STUDENTS = 80_000, 90_000


@dataclass(frozen=True, slots=True)
class Encoder:
    """What a network begins with, and how it is trained."""

    fresh: Callable[[int], Network]  # the network before it is taught here, by its seed
    tokenizer: Tokenizer
    rate: float  # of learning
    epochs: int
    batch: int


@dataclass(frozen=True, slots=True)
class Ensemble:
    """How the networks of one run are made; ``work`` keeps what is finished of it."""

    member: Encoder  # often larger: it is asked once, and what it says is kept
    student: Encoder
    drawn: Callable[[int], list[Example]]  # an epoch's examples by its seed
    heads: Sequence[Head]
    recipe: Recipe
    work: Path

    def fit(self) -> dict[str, Tensor]:
        """Train the members, then students that learn from all of them; return the mean of the students' weights.

        Every worker must call this, and gets the same.
        """
        first, epochs = self.recipe.seed * _RUNS_APART, range(self.student.epochs)
        members = self._paths("member", self.recipe.members)
        for place, path in _mine(members):
            seed = first + place * _MEMBERS_APART
            drawn = [self.drawn(seed + epoch) for epoch in range(self.member.epochs)]
            self._train(self.member, path, drawn, seed)
        wait_for_all()
        told = self._paths("told", self.student.epochs)
        for epoch, path in _mine(told):
            keep(torch.from_numpy(self._told(self.drawn(first + _READ + epoch), members)), path)
        wait_for_all()
        students = self._paths("student", self.recipe.students)
        together = len(students) == 1
        for place, path in _missing(students) if together else _mine(students):
            seed = first + _STUDENTS + place * _MEMBERS_APART
            taught = [self._taught(first + _READ + epoch, told[epoch], seed + epoch) for epoch in epochs]
            self._train(self.student, path, taught, seed, together=together)
        wait_for_all()
        return mean_weights([torch.load(path, weights_only=True) for path in students])

    def _paths(self, name: str, count: int) -> list[Path]:
        return [self.work / f"{name}-{place}.pt" for place in range(count)]

    def _taught(self, epoch: int, told: Path, seed: int) -> list[Example]:
        """What all students read in one epoch, in an order by ``seed``."""
        shares = torch.load(told, weights_only=True).tolist()
        told_of = zip(self.drawn(epoch), shares, strict=True)
        examples = [with_shares(one, row, self.heads) for one, row in told_of]
        random.Random(seed).shuffle(examples)
        return examples

    def _train(
        self, encoder: Encoder, path: Path, epochs: Sequence[Sequence[Example]], seed: int, *, together: bool = False
    ) -> None:
        network = encoder.fresh(seed)
        recipe = replace(self.recipe, seed=seed, encoder_rate=encoder.rate, batch=encoder.batch)
        fit(network, encoder.tokenizer, epochs, self.heads, recipe, together=together)
        if number() == 0 or not together:
            keep(network.state_dict(), path)

    def _told(self, examples: Sequence[Example], members: Sequence[Path]) -> Floats:
        """The mean shares that the members give the labels of each head, of shape (examples, columns of all heads)."""
        network = self.member.fresh(0)
        total = np.zeros((len(examples), network.heads.out_features), dtype=np.float32)
        for path in members:
            network.load_state_dict(torch.load(path, weights_only=True))
            logits = logits_of(network.eval(), self.member.tokenizer, examples, self.recipe.max_tokens)
            for head in self.heads:
                total[:, head.columns] += softmax(logits[:, head.columns])
        return np.asarray(total / len(members), dtype=np.float32)


def keep(found: object, path: Path) -> None:
    """Save ``found`` whole or not at all: a run that was stopped goes on from what is there."""
    torch.save(found, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


def _mine(paths: Sequence[Path]) -> Iterator[tuple[int, Path]]:
    """Those of ``paths``, with their places, that this worker shall make and that are not there yet."""
    return (each for each in _missing(paths) if each[0] % workers() == number())


def _missing(paths: Sequence[Path]) -> Iterator[tuple[int, Path]]:
    return ((place, path) for place, path in enumerate(paths) if not path.exists())
