"""From a model folder back to the weights of a network: what ``export`` wrote, but for its rounding to int8.

Each weight is put anywhere within the step that it was rounded to. In the middle of it, a short training that moves
weights by less than half a step would be undone when they are rounded again.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from classifiers.heads import Head, read_heads
from config.errors import ConfigurationError

_ASKED = ("query", "key", "value")  # side by side in the graph, in this order
_UNUSED = "encoder.pooler."  # a part of the encoder that nothing reads, so the graph has none


def restored(folder: Path, own: Mapping[str, Tensor], heads: Sequence[Head]) -> dict[str, Tensor]:
    """The weights in ``folder`` by the names and shapes of ``own``, the state of a network with ``heads``.

    A head that the model lacks keeps the weights that it has in ``own``.
    Raises ConfigurationError when there is no such model, or when it holds other weights.
    """
    try:
        model = onnx.load(folder / "model.onnx")
    except (OSError, DecodeError) as error:
        raise ConfigurationError(f"{folder} holds no model.onnx that can be read ({error}).") from error
    constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    there = read_heads(folder).heads
    found = dict(own)
    for name, weight in own.items():
        if name.startswith("heads."):
            found[name] = _heads(constants, name, weight, there, heads)
        elif not name.startswith(_UNUSED):
            found[name] = _weight(constants, name, weight)
    return found


def _heads(
    constants: Mapping[str, NDArray[np.generic]], name: str, own: Tensor, there: Sequence[Head], heads: Sequence[Head]
) -> Tensor:
    """The rows of each head that the model has too, in the places that they have here."""
    width = sum(len(head.labels) for head in there)
    found = _weight(constants, name, own.new_empty((width, *own.shape[1:])))
    columns = {(head.name, head.labels): head.columns for head in there}
    mixed = own.clone()
    for head in heads:
        if (head.name, head.labels) in columns:
            mixed[head.columns] = found[columns[head.name, head.labels]]
    return mixed


def _weight(constants: Mapping[str, NDArray[np.generic]], name: str, like: Tensor) -> Tensor:
    part, kind = name.rsplit(".", 1)
    parent, _, last = part.rpartition(".")
    asked = last in _ASKED
    found = _float(constants, f"{parent}.{kind}" if asked else name)
    if found is not None and found.ndim == 2 and not part.endswith("_embeddings"):
        found = found.T  # a linear layer stands there with inputs as rows
    if found is not None and asked:
        found = np.split(found, len(_ASKED))[_ASKED.index(last)]
    if found is None or found.shape != tuple(like.shape):
        raise ConfigurationError(
            f"The model has no {name} of the shape {tuple(like.shape)}: expected one like this run's."
        )
    return torch.from_numpy(found.astype(np.float32))


def _float(constants: Mapping[str, NDArray[np.generic]], name: str) -> NDArray[np.float32] | None:
    """A weight, or what its int8 stands for; None when the model has none of that name."""
    for kept in (name, f"{name}_Transposed"):  # what the quantiser of onnxruntime before 1.32 calls it, and since
        if kept in constants:
            return constants[kept].astype(np.float32)
    if f"{name}_quantized" not in constants:
        return None
    rounded, zero, scale = (
        constants[f"{name}_{each}"].astype(np.float32) for each in ("quantized", "zero_point", "scale")
    )
    within = np.random.default_rng(zlib.crc32(name.encode())).uniform(-0.5, 0.5, rounded.shape)
    # Nothing but zeros has a step of 1, which means nothing.
    return ((rounded - zero + within * (rounded != zero)) * scale).astype(np.float32)
