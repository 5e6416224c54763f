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
from classifiers.training.device import fastest_device, quick_numbers
from classifiers.training.examples import Example
from classifiers.training.network import Network
from classifiers.training.workers import number, share_weights, workers

log = logging.getLogger(__name__)

_SORTED_TOGETHER = 25  # batches whose texts are sorted by length, so that little is padded
_SHARED_EVERY = 8  # steps of each worker
_AVERAGED_EVERY = 8  # steps
_WARM_UP = 0.06  # share of the steps in which the learning rate rises


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a training run may vary."""

    epochs: int = 2
    seed: int = 1
    batch: int = 32
    encoder_rate: float = 8e-5
    heads_rate: float = 1e-3
    kept_layers: int = 0  # lowest layers that stay as they are, and the word vectors with them
    max_tokens: int = 128
    threads: int = 1  # of each worker
    averaged: float = 0.1  # share of the run, at its end, whose weights are averaged
    replayed: int = 0  # rows of other sets beside our own posts (and taught complaints) in an epoch; 0: all
    members: int = 0  # networks that are trained apart first and teach the others (ensemble.py)
    members_rate: float = 4e-5  # of an encoder of their own, which is larger
    members_epochs: int = 2
    members_batch: int = 32
    students: int = 1  # that learn from them, of whose weights the mean is taken
    complaints: bool = False  # teach the encoder the set of complaints too, but for the tenth that it is judged on
    without: tuple[str, ...] = ()  # sets that teach nothing, in order
    quick: bool = False  # a hundredth of all rows


@dataclass(frozen=True, slots=True)
class _Batch:
    ids: Tensor
    mask: Tensor
    types: Tensor
    targets: Tensor  # (texts, columns of all heads); the share of each label, 0 where nothing is known
    weights: Tensor  # (texts, heads); 0 where nothing is known


def fit(
    network: Network,
    tokenizer: Tokenizer,
    epochs: Sequence[Sequence[Example]],
    heads: Sequence[Head],
    recipe: Recipe,
    *,
    together: bool = True,
) -> None:
    """Train ``network`` in place on ``epochs``, on the GPU when there is one, in bfloat16 where the machine knows it.

    The weights at the end are a moving average of those of the last part of the run (after Izmailov et al., UAI 2018).
    All workers train one network ``together``, each with batches of its own, or each trains its own network.
    """
    part, parts = (number(), workers()) if together else (0, 1)
    torch.manual_seed(recipe.seed + part)
    torch.set_num_threads(recipe.threads)
    device = fastest_device()
    tokenizer.enable_truncation(recipe.max_tokens)
    tokenizer.enable_padding()
    network.to(device).train()
    network.keep(recipe.kept_layers)
    optimiser = torch.optim.AdamW(_groups(network, recipe), weight_decay=0.01, fused=True)
    order = [
        batch for place, epoch in enumerate(epochs) for batch in _batches(epoch, recipe.batch, recipe.seed + place)
    ]
    steps = len(order) // parts
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(_average_decay(steps, recipe.averaged)))
    started, running = time.monotonic(), torch.zeros((), device=device)
    for step in range(1, steps + 1):
        batch = _batch(order[(step - 1) * parts + part], tokenizer, heads)
        with quick_numbers(device):
            logits = network(batch.ids.to(device), batch.mask.to(device), batch.types.to(device))
        loss = _loss(logits.float(), batch, heads, device)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        running = 0.98 * running + 0.02 * loss.detach()  # left on the device: to fetch it is to wait for it
        if together and (step % _SHARED_EVERY == 0 or step == steps):
            share_weights(network)
        if step % _AVERAGED_EVERY == 0 or step == steps:
            average.update_parameters(network)
        if step % 100 == 0:
            speed = step * recipe.batch / (time.monotonic() - started)
            log.info("step %d of %d, loss %.4f, %.0f texts a second and worker", step, steps, float(running), speed)
    network.load_state_dict(average.module.state_dict())
    network.to("cpu").eval()


def _average_decay(steps: int, share: float) -> float:
    """A decay that remembers about the last ``share`` of the run."""
    updates = steps / _AVERAGED_EVERY * share
    return updates / (updates + 1)


def _groups(network: Network, recipe: Recipe) -> list[dict[str, object]]:
    return [
        {"params": [each for each in network.encoder.parameters() if each.requires_grad], "lr": recipe.encoder_rate},
        {"params": list(network.heads.parameters()), "lr": recipe.heads_rate},
    ]


def _rate(step: int, steps: int) -> float:
    """Rises over the warm-up, then falls in a line to nothing."""
    warm = max(1, int(steps * _WARM_UP))
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))


def _batches(examples: Sequence[Example], size: int, seed: int) -> Iterator[Sequence[Example]]:
    """Batches of texts of like length, in random order."""
    stretch = size * _SORTED_TOGETHER
    chance = random.Random(seed)
    for start in range(0, len(examples), stretch):
        near = sorted(examples[start : start + stretch], key=lambda one: len(one.text))
        cuts = list(range(0, len(near), size))
        chance.shuffle(cuts)
        yield from (near[cut : cut + size] for cut in cuts)


def _batch(examples: Sequence[Example], tokenizer: Tokenizer, heads: Sequence[Head]) -> _Batch:
    pairs = [(one.text, one.brand) if one.brand else one.text for one in examples]
    encodings = tokenizer.encode_batch(pairs)
    targets = [[share for head in heads for share in _target(one, head)] for one in examples]
    weights = [[one.weights.get(head.name, 0.0) for head in heads] for one in examples]
    return _Batch(
        torch.tensor([each.ids for each in encodings]),
        torch.tensor([each.attention_mask for each in encodings]),
        torch.tensor([each.type_ids for each in encodings]),
        torch.tensor(targets),
        torch.tensor(weights),
    )


def _target(example: Example, head: Head) -> Sequence[float]:
    """The shares that the head shall give its labels: the label alone, a teacher's shares, or the mean of both."""
    label = example.labels.get(head.name)
    alone = [float(each == label) for each in head.labels]
    shares = example.shares.get(head.name)
    if shares is None:
        return alone
    return shares if label is None else [(mine + its) / 2 for mine, its in zip(alone, shares, strict=True)]


def _loss(logits: Tensor, batch: _Batch, heads: Sequence[Head], device: torch.device) -> Tensor:
    """Weighted cross-entropy of every head of which something is known, summed and divided by the number of texts."""
    targets, weights = batch.targets.to(device), batch.weights.to(device)
    total = logits.new_zeros(())
    for index, head in enumerate(heads):
        each = functional.cross_entropy(logits[:, head.columns], targets[:, head.columns], reduction="none")
        total = total + (each * weights[:, index]).sum()
    return total / len(targets)
