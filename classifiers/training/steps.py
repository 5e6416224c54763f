"""``python -m classifiers.training.steps``: what single steps of training are worth, by short runs that differ in one.

Each run reads a part of tweet_sentiment, and of other sets where that is what it tries, and is judged on the validation
rows. Started by ``torchrun``, every worker makes runs of its own; a run that is in the file is not made again.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import torch
from tokenizers import Tokenizer
from torch import Tensor

from classifiers.evaluation.measures import compare
from classifiers.heads import Head, new_heads
from classifiers.text import join_spaces, mask, normalise, shorten_repeats, spell_emoji, split_hashtags
from classifiers.training.base import open_tokenizer, packaged_base
from classifiers.training.examples import Clean, Corpus, Example, as_examples, draw, read_corpus
from classifiers.training.fit import Recipe, fit
from classifiers.training.masked import fit_masked
from classifiers.training.network import Network, load_network
from classifiers.training.predict import logits_of
from classifiers.training.teacher import taught
from classifiers.training.workers import join_workers, number, workers

log = logging.getLogger(__name__)

_JUDGED = "tweet_sentiment"
_RECIPE = Recipe(epochs=1)


class _LastMean(Network):
    """Heads that see the mean of the last layer's states alone, as they did before."""

    def features(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        found = super().features(input_ids, attention_mask, token_type_ids)
        hidden = self.encoder.config.hidden_size
        seen = torch.zeros(found.shape[1])
        seen[-3 * hidden : -2 * hidden] = 1.0
        return found * seen


def _cleaned_by(*steps: Callable[[str], str]) -> Clean:
    """Cleaning that masks and takes these steps alone."""

    def clean(text: str, accounts: Mapping[str, str] = MappingProxyType({})) -> str:
        text = mask(text, accounts)
        for step in steps:
            text = step(text)
        return join_spaces(text)

    return clean


@dataclass(frozen=True, slots=True)
class Variant:
    """A run that differs in one thing from the plain one."""

    name: str
    recipe: Recipe = _RECIPE
    network: type[Network] = Network
    balanced: bool = True
    teacher: bool = False
    masked: int = 0  # tweets of all sets that are read by masked-language training first
    clean: Clean = normalise
    beside: tuple[str, ...] = ()  # other sets that are learnt from, the same part of each


_VARIANTS = (
    Variant("plain"),
    Variant("with a teacher", teacher=True),
    Variant("heads read the last layer's mean alone", network=_LastMean),
    Variant("rare labels weigh no more", balanced=False),
    Variant("the word vectors and three lowest layers stay", Recipe(epochs=1, kept_layers=3)),
    Variant("the weights of the last step, not averaged", Recipe(epochs=1, averaged=0.0)),
    Variant("masked-language training on 8,000 tweets first", masked=8_000),
    Variant("hashtags not split", clean=_cleaned_by(shorten_repeats, spell_emoji)),
    Variant("repeats not shortened", clean=_cleaned_by(spell_emoji, split_hashtags)),
    Variant("heads of emotion, irony and offence beside", beside=("tweet_emotion", "tweet_irony", "tweet_offensive")),
    Variant("the feelings of Reddit posts beside", beside=("reddit_emotions",)),
    Variant("two epochs", Recipe(epochs=2)),
    Variant("four epochs", Recipe(epochs=4)),
)


@dataclass(frozen=True, slots=True)
class Given:
    """What all runs have in common."""

    base: Path
    corpus: Corpus
    tweets: Sequence[str]  # of all sets, for masked-language training
    teacher: Path


def _run(variant: Variant, seed: int, given: Given) -> dict[str, object]:
    """Train once and judge."""
    heads = new_heads()
    tokenizer = open_tokenizer(given.base)
    torch.manual_seed(seed)
    loaded = load_network(given.base, heads)
    network = variant.network(loaded.encoder, loaded.encoder.config.hidden_size, heads, loaded.mark)
    if variant.masked:
        loss = fit_masked(network.encoder, tokenizer, given.tweets[: variant.masked], seed)
        log.info("masked words were guessed with a loss of %.2f", loss)
    recipe = replace(variant.recipe, seed=seed)
    epochs = _epochs(variant, recipe, given.corpus)
    if variant.teacher:
        epochs = taught(epochs, given.teacher, together=False)
    fit(network, tokenizer, epochs, heads, recipe, together=False)
    judged = as_examples(given.corpus.val[_JUDGED], _JUDGED, variant.clean)
    return {
        "variant": variant.name,
        "seed": seed,
        "examples": sum(map(len, epochs)),
        **_judged(network, tokenizer, judged, heads[0]),
    }


def _epochs(variant: Variant, recipe: Recipe, corpus: Corpus) -> list[list[Example]]:
    """What the run learns from, in order."""
    read = {_JUDGED, *variant.beside}
    part = replace(corpus, train={name: rows for name, rows in corpus.train.items() if name in read})
    seeds = (recipe.seed + 1_000 * place for place in range(recipe.epochs))
    return [draw(part, seed, balanced=variant.balanced, clean=variant.clean) for seed in seeds]


def _judged(network: Network, tokenizer: Tokenizer, examples: Sequence[Example], head: Head) -> dict[str, float]:
    best = logits_of(network, tokenizer, examples, _RECIPE.max_tokens)[:, head.columns].argmax(axis=1)
    figures = compare([one.labels[head.name] for one in examples], [head.labels[each] for each in best], head.labels)
    return {"macro_recall": figures.macro_recall, "macro_f1": figures.macro_f1}


def main(argv: list[str] | None = None) -> None:
    """Make every run that is not in the file yet, and add a line for each."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.training.steps", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="file of JSON lines")
    parser.add_argument("--base", type=Path, help="as of the training command")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", metavar="VARIANT", help="make only the runs whose variant begins so")
    parser.add_argument("--every", type=int, default=6, help="learn from one group in so many")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    join_workers()
    whole = read_corpus(arguments.data)
    part = replace(whole, train=read_corpus(arguments.data, every=arguments.every).train)
    tweets = [one.text for one in draw(whole, 1)]
    given = Given(arguments.base or packaged_base(), part, tweets, arguments.teacher)
    runs = [(variant, seed) for seed in range(1, arguments.seeds + 1) for variant in _VARIANTS]
    runs = [run for run in runs if run[0].name.startswith(arguments.only or "") and not _made(arguments.out, *run)]
    for variant, seed in runs[number() :: workers()]:
        line = _run(variant, seed, given)
        log.info("%s", line)
        with arguments.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _made(out: Path, variant: Variant, seed: int) -> bool:
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    return any((each["variant"], each["seed"]) == (variant.name, seed) for each in map(json.loads, lines))


if __name__ == "__main__":
    main()
