"""From a trained network to ``model.onnx``: exported in float, then weights quantised to int8."""

from __future__ import annotations

import hashlib
import tempfile
import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from classifiers.training.network import Network

_OPSET = 17
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def export(network: Network, tokenizer: Tokenizer, folder: Path) -> str:
    """Write ``model.onnx`` (int8) and ``tokenizer.json`` into ``folder``; return the revision of the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "float.onnx"
        _export_float(network, exact)
        # A scale for each column keeps the float model's figures. One bit less keeps them on processors whose
        # 16-bit sums would overflow (those without VNNI); with a single scale that bit costs 3 points of recall.
        quantize_dynamic(exact, folder / "model.onnx", weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    return revision(folder)


def _export_float(network: Network, path: Path) -> None:
    example = torch.ones((2, 8), dtype=torch.long)
    axes = {name: {0: "texts", 1: "tokens"} for name in _INPUTS}
    with warnings.catch_warnings():
        # The exporter that MiniLM is known to pass through warns that a newer one exists.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (example, example, torch.zeros_like(example)),
            str(path),
            input_names=list(_INPUTS),
            output_names=["logits"],
            dynamic_axes={**axes, "logits": {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,
        )


def revision(folder: Path) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of ``model.onnx``."""
    return hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()[:12]
