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
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from classifiers.heads import Head
from classifiers.training.examples import Example
from classifiers.training.network import Network
from classifiers.training.workers import number, share_gradients, workers

log = logging.getLogger(__name__)

_SORTED_TOGETHER = 25  # batches whose texts are sorted by length, so that little is padded
_AVERAGED_EVERY = 10  # steps
_WARM_UP = 0.06  # share of the steps in which the learning rate rises


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a training run may vary. Rates are those of the first and the second stage."""

    epochs: int = 2
    complaint_epochs: int = 3
    seed: int = 1
    batch: int = 32
    encoder_rates: tuple[float, float] = (8e-5, 5e-5)
    heads_rate: float = 1e-3
    kept_layers: int = 3  # lower layers that the second stage leaves as they are
    replayed: int = 1_500  # examples of the first stage that each epoch of the second shows again
    folds: int = 10  # how many of the ten parts of the complaints are judged by cross-validation
    max_tokens: int = 64
    threads: int = 1  # of each worker


@dataclass(frozen=True, slots=True)
class _Batch:
    ids: Tensor
    mask: Tensor
    types: Tensor
    targets: Tensor  # (texts, heads); the index of the label, 0 where there is none
    weights: Tensor  # (texts, heads); 0 where there is no label


def fit(
    network: Network,
    tokenizer: Tokenizer,
    epochs: Sequence[Sequence[Example]],
    heads: Sequence[Head],
    recipe: Recipe,
    *,
    rate: float,
    kept_layers: int = 0,
    together: bool = True,
) -> None:
    """Train ``network`` in place on ``epochs``, on the GPU when there is one, in bfloat16 where the machine knows it.

    With ``kept_layers`` the word vectors and so many of the lowest layers stay as they are. The weights at the end are
    the average of those of the last part of the run (Izmailov et al., UAI 2018). All workers train one network
    ``together``, or each its own.
    """
    part, parts = (number(), workers()) if together else (0, 1)
    torch.manual_seed(recipe.seed + part)
    torch.set_num_threads(recipe.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer.enable_truncation(recipe.max_tokens)
    tokenizer.enable_padding()
    network.to(device).train()
    network.keep(kept_layers)
    optimiser = torch.optim.AdamW(_groups(network, rate, recipe.heads_rate), weight_decay=0.01, fused=True)
    steps = sum(-(-len(epoch) // recipe.batch) for epoch in epochs)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(_average_decay(steps)))
    started, done, running = time.monotonic(), 0, 0.0
    for epoch, examples in enumerate(epochs):
        for near in _batches(examples, recipe.batch, parts, recipe.seed + epoch):
            batch = _batch(near[part::parts], tokenizer, heads)
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=_knows_bfloat16(device)):
                logits = network(batch.ids.to(device), batch.mask.to(device), batch.types.to(device))
            loss = _loss(logits.float(), batch, heads, device)
            torch.autograd.backward(loss)
            if together:
                share_gradients(network)
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            running = 0.98 * running + 0.02 * float(loss.detach())
            done += 1
            if done % _AVERAGED_EVERY == 0:
                average.update_parameters(network)
            if done % 100 == 0:
                speed = done * recipe.batch / (time.monotonic() - started)
                log.info("step %d of %d, loss %.4f, %.0f texts a second", done, steps, running, speed)
    average.update_parameters(network)
    network.load_state_dict(average.module.state_dict())
    network.to("cpu").eval()


def _average_decay(steps: int) -> float:
    """A decay that remembers about the last tenth of the run."""
    updates = max(1.0, steps / _AVERAGED_EVERY / 10)
    return float(updates / (updates + 1))


def _groups(network: Network, rate: float, heads_rate: float) -> list[dict[str, object]]:
    return [
        {"params": [each for each in network.encoder.parameters() if each.requires_grad], "lr": rate},
        {"params": list(network.heads.parameters()), "lr": heads_rate},
    ]


def _rate(step: int, steps: int) -> float:
    """Rises over the warm-up, then falls in a line to nothing."""
    warm = max(1, int(steps * _WARM_UP))
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))


def _knows_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _batches(examples: Sequence[Example], size: int, least: int, seed: int) -> Iterator[Sequence[Example]]:
    """Batches of texts of like length, in random order; a rest of fewer than ``least`` is left out."""
    stretch = size * _SORTED_TOGETHER
    chance = random.Random(seed)
    for start in range(0, len(examples), stretch):
        near = sorted(examples[start : start + stretch], key=lambda one: len(one.text))
        cuts = list(range(0, len(near), size))
        chance.shuffle(cuts)
        yield from (near[cut : cut + size] for cut in cuts if len(near) - cut >= least)


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
