"""``python -m classifiers.training.steps``: what single steps of training are worth, by short runs that differ in one.

Each run is an epoch over a part of tweet_sentiment alone, judged on its validation rows. Started by ``torchrun``, every
worker makes runs of its own; a run that is in the file is not made again.
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
from classifiers.training.base import open_tokenizer, packaged_base
from classifiers.training.examples import Corpus, as_examples, draw, read_corpus
from classifiers.training.fit import Recipe, fit
from classifiers.training.masked import fit_masked
from classifiers.training.network import Network, load_network
from classifiers.training.predict import logits_of
from classifiers.training.sets import SETS
from classifiers.training.teacher import taught
from classifiers.training.workers import join_workers, number, workers

log = logging.getLogger(__name__)

_JUDGED = "tweet_sentiment"
_RECIPE = Recipe()


class _LastMean(Network):
    """Heads that see the mean of the last layer's states alone, as they did before."""

    def features(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        found = super().features(input_ids, attention_mask, token_type_ids)
        hidden = self.encoder.config.hidden_size
        seen = torch.zeros(found.shape[1])
        seen[-2 * hidden : -hidden] = 1.0
        return found * seen


@dataclass(frozen=True, slots=True)
class Variant:
    """A run that differs in one thing from the plain one."""

    name: str
    recipe: Recipe = _RECIPE
    network: type[Network] = Network
    balanced: bool = True
    teacher: bool = False
    masked: int = 0  # tweets of all sets that are read by masked-language training first


_VARIANTS = (
    Variant("plain"),
    Variant("with a teacher", teacher=True),
    Variant("heads read the last layer's mean alone", network=_LastMean),
    Variant("rare labels weigh no more", balanced=False),
    Variant("the word vectors and three lowest layers stay", Recipe(kept_layers=3)),
    Variant("the weights of the last step, not averaged", Recipe(averaged=0.0)),
    Variant("masked-language training on 8,000 tweets first", masked=8_000),
)


def _run(variant: Variant, seed: int, corpus: Corpus, tweets: Sequence[str], teacher: Path) -> dict[str, object]:
    """Train once and judge."""
    base, heads = packaged_base(), new_heads()
    tokenizer = open_tokenizer(base)
    torch.manual_seed(seed)
    loaded = load_network(base, heads)
    network = variant.network(loaded.encoder, loaded.encoder.config.hidden_size, heads)
    if variant.masked:
        loss = fit_masked(network.encoder, tokenizer, tweets[: variant.masked], seed)
        log.info("masked words were guessed with a loss of %.2f", loss)
    epoch = draw(corpus, seed, balanced=variant.balanced)
    [examples] = taught([epoch], teacher, together=False) if variant.teacher else [epoch]
    recipe = replace(variant.recipe, seed=seed)
    fit(network, tokenizer, [examples], heads, recipe, together=False)
    return {"variant": variant.name, "seed": seed, "examples": len(examples), **_judged(network, corpus, heads[0])}


def _judged(network: Network, corpus: Corpus, head: Head) -> dict[str, float]:
    examples = as_examples(corpus.val[_JUDGED], _JUDGED)
    tokenizer = open_tokenizer(packaged_base())
    best = logits_of(network, tokenizer, examples, _RECIPE.max_tokens)[:, head.columns].argmax(axis=1)
    figures = compare([one.labels[head.name] for one in examples], [head.labels[each] for each in best], head.labels)
    return {"macro_recall": figures.macro_recall, "macro_f1": figures.macro_f1}


def main() -> None:
    """Make every run that is not in the file yet, and add a line for each."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.training.steps", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="file of JSON lines")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", metavar="VARIANT", help="make only the runs whose variant begins so")
    parser.add_argument("--every", type=int, default=6, help="learn from one group in so many")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    join_workers()
    others = {one.name for one in SETS} - {_JUDGED}
    whole = read_corpus(arguments.data, without=others)
    corpus = replace(whole, train=read_corpus(arguments.data, every=arguments.every, without=others).train)
    tweets = [one.text for one in draw(read_corpus(arguments.data), 1)]
    runs = [(variant, seed) for seed in range(1, arguments.seeds + 1) for variant in _VARIANTS]
    runs = [run for run in runs if run[0].name.startswith(arguments.only or "")]
    for variant, seed in runs[number() :: workers()]:
        if not _made(arguments.out, variant, seed):
            line = _run(variant, seed, corpus, tweets, arguments.teacher)
            log.info("%s", line)
            with arguments.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def _made(out: Path, variant: Variant, seed: int) -> bool:
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    return any((each["variant"], each["seed"]) == (variant.name, seed) for each in map(json.loads, lines))


if __name__ == "__main__":
    main()
