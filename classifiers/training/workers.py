"""Several processes that train one network: each reads batches of its own, and now and then they share their weights.

Threads wait for each other at every layer, processes that share gradients at every batch, and these every few batches
(local SGD: Lin et al., ICLR 2020). Started by ``torchrun``; a lone process is the only worker.
"""

from __future__ import annotations

import os
from collections.abc import Hashable
from datetime import timedelta
from typing import TypeVar

import torch
from torch import distributed, nn

_Key = TypeVar("_Key", bound=Hashable)

_LONGEST_WAIT = timedelta(hours=12)  # for a worker that trains one network more than the others


def join_workers() -> None:
    """Meet the other workers, when ``torchrun`` started any."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        distributed.init_process_group("gloo", timeout=_LONGEST_WAIT)


def workers() -> int:
    """How many train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def number() -> int:
    """Which of them this is, from 0; only 0 writes files."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def wait_for_all() -> None:
    """Go on when every worker has come here."""
    if distributed.is_initialized():
        distributed.barrier()


def gathered(part: dict[_Key, tuple[float, ...]]) -> dict[_Key, tuple[float, ...]]:
    """What all workers found, each a ``part`` of it."""
    if not distributed.is_initialized():
        return part
    parts: list[dict[_Key, tuple[float, ...]]] = [{} for _ in range(workers())]
    distributed.all_gather_object(parts, part)
    return {key: value for each in parts for key, value in each.items()}


def take_weights_of_first(network: nn.Module) -> None:
    """Replace each weight by the first worker's."""
    if workers() > 1:
        for weight in network.parameters():
            distributed.broadcast(weight.data, src=0)


def share_weights(network: nn.Module) -> None:
    """Replace each weight by its mean over the workers."""
    if workers() == 1:
        return
    learning = [each.data for each in network.parameters() if each.requires_grad]
    flat = torch.cat([each.flatten() for each in learning])
    distributed.all_reduce(flat)
    flat /= workers()
    for weight, mean in zip(learning, flat.split([each.numel() for each in learning]), strict=True):
        weight.copy_(mean.view_as(weight))
