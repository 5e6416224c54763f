"""The mean of several runs' weights, often better than each of them (Wortsman et al., ICML 2022, "Model soups")."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from classifiers.heads import Head
from classifiers.training.network import Network
from classifiers.training.restore import restored
from config.errors import ConfigurationError


def average_with(network: Network, others: Sequence[Path], heads: Sequence[Head]) -> None:
    """Replace the weights of ``network`` by the mean of its own and those of ``others``, all of them weighing the same.

    Each of them is a file that a run kept or a model folder; one that is named twice weighs twice as much.
    Raises ConfigurationError for one that does not hold the weights of such a network.
    """
    own = network.state_dict()
    found = [restored(path, own, heads) if path.is_dir() else _weights(path, own) for path in others]
    network.load_state_dict(mean_weights([own, *found]))


def mean_weights(networks: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean, weight by weight, of the states of like networks."""
    return {name: _mean([each[name] for each in networks]) for name in networks[0]}


def _mean(weights: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(weights)).mean(dim=0) if weights[0].is_floating_point() else weights[0]


def _weights(path: Path, own: dict[str, Tensor]) -> dict[str, Tensor]:
    try:
        found = torch.load(path, weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise ConfigurationError(f"--average {path} cannot be read as the weights of a run ({error}).") from error
    shapes = {name: tuple(each.shape) for name, each in own.items()}
    if not isinstance(found, dict) or {name: tuple(each.shape) for name, each in found.items()} != shapes:
        raise ConfigurationError(
            f"--average {path} holds other weights than this network has: expected the taught-….pt of a run like it."
        )
    return found
