"""``python -m classifiers.training.steps``: what single steps of training are worth, by short runs that lack one.

Each run is an epoch over a part of the rows, judged by the sentiment of tweet_sentiment's
validation rows. Started by ``torchrun``, every worker makes runs of its own; a run that is in the file is not made
again.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from classifiers.evaluation.measures import compare
from classifiers.heads import Head, new_heads
from classifiers.scores import softmax
from classifiers.training.base import open_tokenizer, packaged_base
from classifiers.training.calibrate import calibrated
from classifiers.training.examples import Corpus, Example, as_examples, draw, read_corpus
from classifiers.training.fit import Recipe, fit
from classifiers.training.network import Network, load_network
from classifiers.training.predict import logits_of
from classifiers.training.sets import SETS
from classifiers.training.teacher import taught
from classifiers.training.workers import join_workers, number, workers

log = logging.getLogger(__name__)

_JUDGED = "tweet_sentiment"
_HIDDEN = 384  # of the base encoder
_RECIPE = Recipe()


class _LastMean(Network):
    """Heads that see the mean of the last layer's states alone, as they did before."""

    def features(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        found = super().features(input_ids, attention_mask, token_type_ids)
        seen = torch.zeros(found.shape[1])
        seen[-2 * _HIDDEN : -_HIDDEN] = 1.0
        return found * seen


@dataclass(frozen=True, slots=True)
class Variant:
    """A run that differs in one thing from the command's own."""

    name: str
    recipe: Recipe = _RECIPE
    network: type[Network] = Network
    alone: bool = False  # tweet_sentiment teaches alone
    balanced: bool = True
    teacher: bool = True


_VARIANTS = (
    Variant("all steps"),
    Variant("without the teacher", teacher=False),
    Variant("heads read the last layer's mean alone", network=_LastMean),
    Variant("without averaged weights", Recipe(averaged=0.0)),
    Variant("rare labels weigh no more", balanced=False),
    Variant("tweet_sentiment alone", alone=True),
    Variant("the three lowest layers and the word vectors still", Recipe(kept_layers=3)),
)


def _run(variant: Variant, seed: int, corpus: Corpus, teacher: Path) -> dict[str, object]:
    """Train once and judge; macro-recall with the calibration of the command and without, on validation rows."""
    base, heads = packaged_base(), new_heads()
    tokenizer = open_tokenizer(base)
    torch.manual_seed(seed)
    loaded = load_network(base, heads)
    network = variant.network(loaded.encoder, _HIDDEN, heads)
    others = {one.name for one in SETS} - {_JUDGED} if variant.alone else set()
    rows = replace(corpus, train={name: rows for name, rows in corpus.train.items() if name not in others})
    epoch = draw(rows, seed, balanced=variant.balanced)
    [examples] = taught([epoch], teacher, together=False) if variant.teacher else [epoch]
    recipe = replace(variant.recipe, seed=seed)
    fit(network, tokenizer, [examples], heads, recipe, together=False)
    return {"variant": variant.name, "seed": seed, "examples": len(examples), **_judged(network, corpus, heads[0])}


def _judged(network: Network, corpus: Corpus, head: Head) -> dict[str, float]:
    tokenizer = open_tokenizer(packaged_base())

    def read(rows: Sequence[Example]) -> tuple[list[str], Tensor]:
        logits = logits_of(network, tokenizer, rows, _RECIPE.max_tokens)[:, head.columns]
        return [one.labels[head.name] for one in rows], torch.from_numpy(logits)

    truth, logits = read(as_examples(corpus.calibrate[_JUDGED], _JUDGED))
    found = calibrated(head, logits.numpy(), truth, even=True)
    truth, logits = read(as_examples(corpus.val[_JUDGED], _JUDGED))
    figures: dict[str, float] = {}
    for name, each in (("uncalibrated", head), ("calibrated", found)):
        best = softmax(logits.numpy(), each.temperature, each.bias).argmax(axis=1)
        compared = compare(truth, [head.labels[place] for place in best], head.labels)
        figures |= {f"{name} macro_recall": compared.macro_recall, f"{name} macro_f1": compared.macro_f1}
    return figures


def main() -> None:
    """Make every run that is not in the file yet, and add a line for each."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.training.steps", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="file of JSON lines")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--every", type=int, default=6, help="learn from one group in so many")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    join_workers()
    whole = read_corpus(arguments.data)
    corpus = replace(whole, train=read_corpus(arguments.data, every=arguments.every).train)
    runs = [(variant, seed) for seed in range(1, arguments.seeds + 1) for variant in _VARIANTS]
    for variant, seed in runs[number() :: workers()]:
        if not _made(arguments.out, variant, seed):
            line = _run(variant, seed, corpus, arguments.teacher)
            log.info("%s", line)
            with arguments.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def _made(out: Path, variant: Variant, seed: int) -> bool:
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    return any((each["variant"], each["seed"]) == (variant.name, seed) for each in map(json.loads, lines))


if __name__ == "__main__":
    main()
