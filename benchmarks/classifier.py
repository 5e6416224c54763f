"""How many mentions a second the shipped model assesses on two threads, and how that compares with RoBERTa-base.

The peer is a transformers pipeline over a RoBERTa-base-sized network with random weights, made here, because its
speed does not depend on what it learnt; it reads the same texts through the same tokenizer in the same run.
"""

from __future__ import annotations

import importlib.util
import random
import time
from collections.abc import Callable, Sequence

from benchmarks.table import Row, as_table
from classifiers import SHIPPED_MODEL, BrandContext, load_classifier
from config.settings import ClassifierSettings

THREADS = 2
TEXTS = 4000
PEER_TEXTS = 96

_OPENINGS = (
    "@acme",
    "hey @acme,",
    "Dear Acme:",
    "anyone else with Acme?",
    "so",
    "ugh,",
    "@acme @friend",
    "well done @acme,",
)
_THINGS = (
    "my internet",
    "the new router",
    "your app",
    "my bill for October",
    "the engineer",
    "customer service",
    "the line",
)
_EVENTS = (
    "has been down since 8 this morning and nobody answers the phone",
    "is finally working, thank you so much!",
    "charged me twice again 😡",
    "never turned up. Third time I write, I work from home and cannot go on like this",
    "is fine I guess",
    "looks great on the phone, when does it come to tablets?",
    "keeps dropping every evening between 7 and 9, see https://example.com/log",
    "was really helpful",
)
_ENDINGS = ("", "#fail", "please help", "thanks", "what do I do now?", "cancelling tomorrow.", "love it")


def texts(count: int, seed: int = 7) -> list[str]:
    """Short posts from templates, about as long as tweets are."""
    chance = random.Random(seed)
    parts = (_OPENINGS, _THINGS, _EVENTS, _ENDINGS)
    return [" ".join(chance.choice(part) for part in parts).strip() for _ in range(count)]


def measure() -> list[Row]:
    """Time the shipped model, and the peer where PyTorch is installed."""
    classifier = load_classifier(ClassifierSettings(threads=THREADS))
    brand = BrandContext("Acme", ("acme", "@acme"))
    ours = _rate(lambda posts: classifier.assess(posts, brand), texts(TEXTS))
    rows = [
        Row(f"assess, shipped model, {THREADS} threads, all heads and rules", "1,000 a second", f"{ours:,.0f} a second")
    ]
    if importlib.util.find_spec("torch") is None:
        return [
            *rows,
            Row("assess against a RoBERTa-base pipeline", "25 times", "not measured: PyTorch is not installed"),
        ]
    theirs = _rate(_roberta_pipeline(), texts(PEER_TEXTS))
    measured = f"{ours / theirs:.0f} times ({theirs:.0f} a second)"
    return [*rows, Row("assess against a RoBERTa-base pipeline", "25 times", measured)]


def _rate(work: Callable[[list[str]], object], posts: Sequence[str]) -> float:
    """Posts a second, after a warm-up that is not counted."""
    work(list(posts[:32]))
    started = time.perf_counter()
    work(list(posts))
    return len(posts) / (time.perf_counter() - started)


def _roberta_pipeline() -> Callable[[list[str]], object]:
    import torch
    from transformers import (
        PreTrainedTokenizerFast,
        RobertaConfig,
        RobertaForSequenceClassification,
        TextClassificationPipeline,
    )

    torch.set_num_threads(THREADS)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(SHIPPED_MODEL / "tokenizer.json"),
        model_max_length=512,
        model_input_names=["input_ids", "attention_mask"],
    )
    tokenizer.add_special_tokens({"pad_token": "[PAD]"})
    # RobertaConfig's defaults are RoBERTa-base: 12 layers of 768; only the positions leave room for its padding.
    model = RobertaForSequenceClassification(RobertaConfig(num_labels=3, max_position_embeddings=514)).eval()
    pipeline = TextClassificationPipeline(model=model, tokenizer=tokenizer, batch_size=32)
    return lambda posts: pipeline(posts)


if __name__ == "__main__":
    print(as_table(measure()))
