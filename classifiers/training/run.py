"""The whole run, step by step: read, two stages of learning, export, measure, write the card."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer

from classifiers.embedded import EmbeddedModel
from classifiers.heads import Head, ModelFile, new_heads, read_heads
from classifiers.training.base import open_tokenizer, packaged_base
from classifiers.training.card import model_card
from classifiers.training.crossval import cross_validated
from classifiers.training.examples import Corpus, draw, read_corpus
from classifiers.training.export import export
from classifiers.training.fit import Recipe
from classifiers.training.meaning import fit_meaning, sentence_vectors
from classifiers.training.network import Network, load_network
from classifiers.training.report import measure
from classifiers.training.stages import fit_complaints, fit_general
from classifiers.training.topics import check_topics
from classifiers.training.workers import join_workers, number, wait_for_all

log = logging.getLogger(__name__)

_NAME = "frankly-minilm"
_WINDOW_TOKENS = 128
_OVERLAP_TOKENS = 32
_QUICK = 100  # --quick keeps one group in so many
_MEANT_TEXTS = 10_000  # that the meaning output is fitted on


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a run reads and writes; ``work`` keeps what was finished, so that a run that was stopped goes on there."""

    data: Path
    out: Path
    work: Path
    base: Path | None = None


def run(paths: Paths, recipe: Recipe, *, without: frozenset[str] = frozenset(), quick: bool = False) -> None:
    """Make the model folder ``out`` from the sets in ``data``; raise ConfigurationError when something is missing."""
    base = paths.base or packaged_base()
    corpus = read_corpus(paths.data, every=_QUICK if quick else 1, without=without)
    log.info("read %s", {one.name: len(corpus.train[one.name]) for one in corpus.sets})
    join_workers()
    paths.work.mkdir(parents=True, exist_ok=True)
    heads = new_heads()
    tokenizer = open_tokenizer(base)
    torch.manual_seed(recipe.seed)
    network = load_network(base, heads)
    _general(network, tokenizer, corpus, heads, recipe, paths.work)
    complaints = cross_validated(network, tokenizer, corpus, heads, recipe, paths.work)
    network = _complaints(network, tokenizer, corpus, heads, recipe, paths.work)
    if number() != 0:
        return
    meaning = fit_meaning(network, base, tokenizer, _texts(corpus, recipe))
    revision = export(network, tokenizer, paths.out, meaning)
    log.info("exported revision %s", revision)
    file = ModelFile(_NAME, revision, _WINDOW_TOKENS, _OVERLAP_TOKENS, heads)
    report = measure(paths.out, corpus, file, complaints, recipe.threads)
    topics = check_topics(
        paths.data,
        {
            "the meaning output": EmbeddedModel(paths.out).embed,
            "the encoder before training": sentence_vectors(base, tokenizer),
            "words alone": None,
        },
    )
    card = model_card(read_heads(paths.out), corpus, recipe, report, topics)
    (paths.out / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    for check in report.checks:
        log.info("%s, %s: macro-F1 %.3f", check.head, check.rows, check.figures.macro_f1)


def _general(
    network: Network, tokenizer: Tokenizer, corpus: Corpus, heads: tuple[Head, ...], recipe: Recipe, work: Path
) -> None:
    """The first stage, unless an earlier run has finished it."""
    path = work / "general.pt"
    if not path.exists():
        fit_general(network, tokenizer, corpus, heads, recipe)
        _save(network, path)
    network.load_state_dict(torch.load(path, weights_only=True))
    network.eval()


def _complaints(
    network: Network, tokenizer: Tokenizer, corpus: Corpus, heads: tuple[Head, ...], recipe: Recipe, work: Path
) -> Network:
    """The second stage on all complaints, unless an earlier run has finished it or there are none."""
    path = work / "complaints.pt"
    if not path.exists():
        learner = fit_complaints(network, tokenizer, corpus, heads, recipe)
        _save(learner, path)
    network.load_state_dict(torch.load(path, weights_only=True))
    return network.eval()


def _save(network: Network, path: Path) -> None:
    if number() == 0:
        torch.save(network.state_dict(), path)
    wait_for_all()


def _texts(corpus: Corpus, recipe: Recipe) -> list[str]:
    return [one.text for one in draw(corpus, recipe.seed)[:_MEANT_TEXTS]]
