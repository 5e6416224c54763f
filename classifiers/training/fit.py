"""The training loop: mixed batches of all sets, each row teaching only the heads that it has labels for."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from classifiers.heads import Head
from classifiers.training.examples import Corpus, Example, draw
from classifiers.training.network import Network

log = logging.getLogger(__name__)

_SORTED_TOGETHER = 50  # batches whose texts are sorted by length, so that little is padded
_WARM_UP = 0.06  # share of the steps in which the learning rate rises


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a training run may vary."""

    epochs: int = 2
    seed: int = 1
    batch: int = 32
    encoder_rate: float = 8e-5
    heads_rate: float = 1e-3
    max_tokens: int = 128
    threads: int = 2


@dataclass(frozen=True, slots=True)
class _Batch:
    ids: Tensor
    mask: Tensor
    types: Tensor
    targets: Tensor  # (texts, heads); the index of the label, 0 where there is none
    weights: Tensor  # (texts, heads); 0 where there is no label


def fit(network: Network, tokenizer: Tokenizer, corpus: Corpus, heads: Sequence[Head], recipe: Recipe) -> None:
    """Train ``network`` in place, on the GPU when there is one, in bfloat16 where the machine knows it."""
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(recipe.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network.to(device).train()
    optimiser = torch.optim.AdamW(_groups(network, recipe), weight_decay=0.01)
    epochs = [draw(corpus, recipe.seed * 1000 + epoch) for epoch in range(recipe.epochs)]
    steps = sum(-(-len(epoch) // recipe.batch) for epoch in epochs)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
    started, done, running = time.monotonic(), 0, 0.0
    for number, examples in enumerate(epochs):
        for batch in _batches(examples, tokenizer, heads, recipe, recipe.seed + number):
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=_knows_bfloat16(device)):
                logits = network(batch.ids.to(device), batch.mask.to(device), batch.types.to(device))
            loss = _loss(logits.float(), batch, heads, device)
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            running = 0.98 * running + 0.02 * float(loss.detach())
            done += 1
            if done % 100 == 0:
                rate = done * recipe.batch / (time.monotonic() - started)
                log.info("step %d of %d, loss %.4f, %.0f texts a second", done, steps, running, rate)
    network.to("cpu").eval()


def _groups(network: Network, recipe: Recipe) -> list[dict[str, object]]:
    return [
        {"params": list(network.encoder.parameters()), "lr": recipe.encoder_rate},
        {"params": list(network.heads.parameters()), "lr": recipe.heads_rate},
    ]


def _rate(step: int, steps: int) -> float:
    """Rises over the warm-up, then falls in a line to nothing."""
    warm = max(1, int(steps * _WARM_UP))
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))


def _knows_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _batches(
    examples: Sequence[Example], tokenizer: Tokenizer, heads: Sequence[Head], recipe: Recipe, seed: int
) -> Iterator[_Batch]:
    """Batches of texts of like length, in random order."""
    tokenizer.enable_truncation(recipe.max_tokens)
    tokenizer.enable_padding()
    stretch = recipe.batch * _SORTED_TOGETHER
    chance = random.Random(seed)
    for start in range(0, len(examples), stretch):
        near = sorted(examples[start : start + stretch], key=lambda one: len(one.text))
        cuts = list(range(0, len(near), recipe.batch))
        chance.shuffle(cuts)
        for cut in cuts:
            yield _batch(near[cut : cut + recipe.batch], tokenizer, heads)


def _batch(examples: Sequence[Example], tokenizer: Tokenizer, heads: Sequence[Head]) -> _Batch:
    pairs = [(one.text, one.brand) if one.brand else one.text for one in examples]
    encodings = tokenizer.encode_batch(pairs)
    targets = [[_target(one, head) for head in heads] for one in examples]
    weights = [[one.weights[head.name] if head.name in one.labels else 0.0 for head in heads] for one in examples]
    return _Batch(
        torch.tensor([each.ids for each in encodings]),
        torch.tensor([each.attention_mask for each in encodings]),
        torch.tensor([each.type_ids for each in encodings]),
        torch.tensor(targets),
        torch.tensor(weights),
    )


def _target(example: Example, head: Head) -> int:
    return head.labels.index(example.labels[head.name]) if head.name in example.labels else 0


def _loss(logits: Tensor, batch: _Batch, heads: Sequence[Head], device: torch.device) -> Tensor:
    """Weighted cross-entropy of every labelled head, summed and divided by the number of texts."""
    targets, weights = batch.targets.to(device), batch.weights.to(device)
    total = logits.new_zeros(())
    for index, head in enumerate(heads):
        each = functional.cross_entropy(logits[:, head.columns], targets[:, index], reduction="none")
        total = total + (each * weights[:, index]).sum()
    return total / len(targets)
