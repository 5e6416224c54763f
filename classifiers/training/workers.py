"""Several processes that train one network: each reads its part of a batch, and they share the mean of their gradients.

Two processes of one thread each train half as fast again on two cores as one process of two threads: threads wait
for each other at every layer, processes once a batch. Started by ``torchrun``; a lone process is the only worker.
"""

from __future__ import annotations

import os

import torch
from torch import distributed, nn


def join_workers() -> None:
    """Meet the other workers, when ``torchrun`` started any."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        distributed.init_process_group("gloo")


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


def share_gradients(network: nn.Module) -> None:
    """Replace each gradient by its mean over the workers."""
    if workers() == 1:
        return
    gradients = [each.grad for each in network.parameters() if each.grad is not None]
    flat = torch.cat([each.flatten() for each in gradients])
    distributed.all_reduce(flat)
    flat /= workers()
    for gradient, mean in zip(gradients, flat.split([each.numel() for each in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))
