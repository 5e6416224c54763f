"""The whole run, step by step: read, teach the encoder, fit the last heads, export, measure, write."""

from __future__ import annotations

import hashlib
import heapq
import logging
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer

from classifiers.embedded import EmbeddedModel
from classifiers.heads import Head, ModelFile, new_heads, read_heads
from classifiers.names import unmarked
from classifiers.training.averaging import average_with
from classifiers.training.base import open_tokenizer, packaged_base
from classifiers.training.card import Making, model_card
from classifiers.training.development import development
from classifiers.training.ensemble import Encoder, Ensemble, keep
from classifiers.training.examples import COMPLAINTS, JUDGED_PART, Corpus, Example, draw, read_corpus
from classifiers.training.export import OVERLAP_TOKENS, WINDOW_TOKENS, Read, export
from classifiers.training.fit import Recipe, fit
from classifiers.training.meaning import fit_meaning, sentence_vectors
from classifiers.training.network import Network, load_network
from classifiers.training.probe import PARTS, PROBED, OutOfFold, Probe
from classifiers.training.report import measure
from classifiers.training.restore import restored
from classifiers.training.teacher import taught
from classifiers.training.topics import check_topics
from classifiers.training.workers import join_workers, number, take_weights_of_first, wait_for_all, workers
from config.errors import ConfigurationError

log = logging.getLogger(__name__)

_NAME = "frankly-minilm"
_EPOCHS_APART = 1000  # between the seeds of two runs, so that no two draw the same epoch
_PROCEDURE = 5  # one more whenever the code comes to teach the encoder something else from the same rows
_QUICK = 100  # --quick keeps one group in so many
_MEANT_TEXTS = 10_000  # that the meaning output is fitted on
_ROUNDED_TEXTS = 600  # by which the model's rounding is set
_LONG_TEXTS = 60  # the longest, besides


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a run reads and writes; ``work`` keeps what was finished, so that a run that was stopped goes on there."""

    data: Path
    out: Path
    work: Path
    base: Path | None = None
    teacher: Path | None = None  # an earlier model folder whose sentiment is taught too
    average: tuple[Path, ...] = ()  # weights that earlier runs kept, or model folders
    start: Path | None = None  # an earlier model folder whose weights the run goes on from
    larger: Path | None = None  # the pretrained encoder of the members that teach the others


def run(paths: Paths, recipe: Recipe) -> None:
    """Make the model folder ``out`` from the sets in ``data``; raise ConfigurationError when something is missing."""
    if recipe.members and paths.teacher:
        raise ConfigurationError("--members teach what is trained here: leave out --teacher.")
    if paths.larger and not recipe.members:
        raise ConfigurationError("--members-base is the encoder of members: say how many with --members.")
    base = paths.base or packaged_base()
    corpus = read_corpus(paths.data, every=_QUICK if recipe.quick else 1, without=recipe.without)
    log.info("read %s", {one.name: len(corpus.train[one.name]) for one in corpus.sets})
    join_workers()
    paths.work.mkdir(parents=True, exist_ok=True)
    heads = new_heads()
    tokenizer = open_tokenizer(base)
    torch.manual_seed(recipe.seed)
    network = load_network(base, heads)
    _teach(network, tokenizer, corpus, heads, recipe, paths)
    if number() == 0:
        _finish(network, tokenizer, corpus, heads, recipe, paths)


def _finish(
    network: Network, tokenizer: Tokenizer, corpus: Corpus, heads: tuple[Head, ...], recipe: Recipe, paths: Paths
) -> None:
    """From a taught encoder to the model folder ``paths.out``."""
    base = paths.base or packaged_base()
    torch.set_num_threads(recipe.threads * workers())  # the other workers have nothing left to do
    complaints = _fit_last(network, tokenizer, corpus, heads, recipe, paths)
    meaning = fit_meaning(network, base, tokenizer, _texts(corpus, recipe))
    revision = export(network, tokenizer, paths.out, _calibrating(corpus, recipe), meaning)
    log.info("exported revision %s", revision)
    learnt = _learnt_complaints(recipe, paths)
    file = ModelFile(_NAME, revision, WINDOW_TOKENS, OVERLAP_TOKENS, heads, marks_names=True, learnt_complaints=learnt)
    report = measure(paths.out, corpus, file, complaints, development(paths.data), os.cpu_count() or 1)
    topics = check_topics(
        paths.data,
        {
            "the meaning output": EmbeddedModel(paths.out).embed,
            "the encoder before training": sentence_vectors(base, tokenizer),
            "words alone": None,
        },
    )
    teacher = read_heads(paths.teacher).revision if paths.teacher else None
    start = read_heads(paths.start).revision if paths.start else None
    others = tuple(read_heads(each).revision if each.is_dir() else each.name for each in paths.average)
    made = Making(recipe, teacher, others, start, paths.larger.name if paths.larger else None, learnt)
    card = model_card(read_heads(paths.out), corpus, made, report, topics)
    (paths.out / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    for check in report.checks:
        log.info("%s, %s: macro-F1 %.3f", check.head, check.rows, check.figures.macro_f1)


def _teach(
    network: Network, tokenizer: Tokenizer, corpus: Corpus, heads: tuple[Head, ...], recipe: Recipe, paths: Paths
) -> None:
    """Teach the encoder and its heads, unless an earlier run has done so."""
    path = paths.work / f"taught-{_fingerprint(corpus, recipe, paths)}.pt"
    if not path.exists():
        if recipe.members:
            network.load_state_dict(_ensemble(corpus, heads, recipe, paths, path.with_suffix("")).fit())
        else:
            _teach_one(network, tokenizer, corpus, heads, recipe, paths)
        if number() == 0:
            keep(network.state_dict(), path)
        wait_for_all()
    network.load_state_dict(torch.load(path, weights_only=True))
    network.eval()


def _ensemble(corpus: Corpus, heads: tuple[Head, ...], recipe: Recipe, paths: Paths, work: Path) -> Ensemble:
    def fresh_from(base: Path, start: Path | None = None) -> Callable[[int], Network]:
        def fresh(seed: int) -> Network:
            torch.manual_seed(seed)
            network = load_network(base, heads)
            if start:
                network.load_state_dict(restored(start, network.state_dict(), heads))
            return network

        return fresh

    def drawn(seed: int) -> list[Example]:
        return draw(corpus, seed, replayed=recipe.replayed, complaints=recipe.complaints)

    work.mkdir(exist_ok=True)
    base = paths.base or packaged_base()
    asked, rate = (paths.larger, recipe.members_rate) if paths.larger else (base, recipe.encoder_rate)
    member = Encoder(fresh_from(asked), open_tokenizer(asked), rate, recipe.members_epochs, recipe.members_batch)
    started = fresh_from(base, paths.start)
    student = Encoder(started, open_tokenizer(base), recipe.encoder_rate, recipe.epochs, recipe.batch)
    return Ensemble(member, student, drawn, heads, recipe, work)


def _teach_one(
    network: Network, tokenizer: Tokenizer, corpus: Corpus, heads: tuple[Head, ...], recipe: Recipe, paths: Paths
) -> None:
    """Teach one network, by all workers together."""
    if paths.start is not None:
        network.load_state_dict(restored(paths.start, network.state_dict(), heads))
        # Fresh heads would pull the encoder about (Kumar et al., ICLR 2022, "Fine-tuning can distort features").
        known = corpus if recipe.complaints else _without_complaints(corpus)
        if number() == 0 and any(known.train.get(name) for name in PROBED):
            torch.set_num_threads(recipe.threads * workers())  # the other workers wait
            Probe(network.eval(), tokenizer, known, recipe.seed).fit(heads, apart=JUDGED_PART)
        take_weights_of_first(network)
    seeds = [recipe.seed * _EPOCHS_APART + epoch for epoch in range(recipe.epochs)]
    epochs = [draw(corpus, seed, replayed=recipe.replayed, complaints=recipe.complaints) for seed in seeds]
    if paths.teacher is not None:
        epochs = taught(epochs, paths.teacher, complaints=recipe.complaints)
    fit(network, tokenizer, epochs, heads, recipe)


def _fingerprint(corpus: Corpus, recipe: Recipe, paths: Paths) -> str:
    """Changes with whatever decides what the encoder learns, so that no run goes on from another's weights."""
    rows = {name: zlib.crc32(repr(rows).encode()) for name, rows in corpus.train.items()}
    teacher = read_heads(paths.teacher).revision if paths.teacher else None
    start = read_heads(paths.start).revision if paths.start else None
    told = (_PROCEDURE, recipe, sorted(rows.items()), teacher, str(paths.base), start, str(paths.larger))
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


def _fit_last(
    network: Network, tokenizer: Tokenizer, corpus: Corpus, heads: tuple[Head, ...], recipe: Recipe, paths: Paths
) -> list[OutOfFold]:
    """Take the mean with other runs, fit the last heads, and judge those of complaints.

    Ten parts are judged where the encoder has learnt none of them; before the mean is taken too, if that has. Otherwise
    the one part is judged that every run keeps apart.
    """
    known = corpus.train.get(COMPLAINTS)
    judged = []
    before, learnt = (_learnt_complaints(recipe, paths, averaged=averaged) for averaged in (False, True))
    if known and learnt and not before:
        judged.append(Probe(network, tokenizer, corpus, recipe.seed).out_of_fold(heads, "10-fold, before the mean"))
    average_with(network, paths.average, heads)
    if not any(corpus.train.get(name) for name in PROBED):
        return judged
    probe = Probe(network, tokenizer, corpus, recipe.seed, learnt=learnt)
    if known:
        judged.append(probe.out_of_fold(heads, *(("held-out tenth", [JUDGED_PART]) if learnt else ("10-fold", PARTS))))
    probe.fit(heads)
    probe.fit_hidden(heads)
    return judged


def _learnt_complaints(recipe: Recipe, paths: Paths, *, averaged: bool = True) -> bool:
    """Whether the encoder may know complaints but for one tenth: by itself, or by the mean that is taken of it too."""
    earlier = [each for each in (paths.start, paths.teacher) if each] + list(paths.average if averaged else ())
    return recipe.complaints or any(not each.is_dir() or read_heads(each).learnt_complaints for each in earlier)


def _without_complaints(corpus: Corpus) -> Corpus:
    return replace(corpus, train={name: rows for name, rows in corpus.train.items() if name != COMPLAINTS})


def _texts(corpus: Corpus, recipe: Recipe) -> list[str]:
    return [unmarked(one.text) for one in draw(corpus, recipe.seed)[:_MEANT_TEXTS]]


def _calibrating(corpus: Corpus, recipe: Recipe) -> list[Read]:
    """Texts of an epoch as the encoder learnt them, beside a brand or alone, and the longest."""
    examples = draw(corpus, recipe.seed)
    longest = heapq.nlargest(_LONG_TEXTS, examples, key=lambda one: len(one.text))
    return [(one.text, one.brand) if one.brand else one.text for one in (*examples[:_ROUNDED_TEXTS], *longest)]
