"""From a trained network to ``model.onnx``: exported in float, then weights quantised to int8."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from classifiers.scores import Floats
from classifiers.training.graph import LINEAR, build_graph
from classifiers.training.network import Network


def export(network: Network, tokenizer: Tokenizer, folder: Path, meaning: Floats | None = None) -> str:
    """Write ``model.onnx`` (int8) and ``tokenizer.json`` into ``folder``; return the revision of the weights.

    With ``meaning`` the model has the output ``embedding`` too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "float.onnx"
        onnx.save(build_graph(network, meaning), exact)
        # A scale for each column keeps the float model's figures. One bit less keeps them on processors whose
        # 16-bit sums would overflow (those without VNNI); with a single scale that bit costs 3 points of recall.
        quantize_dynamic(
            exact,
            folder / "model.onnx",
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            # The blocks of the features differ in scale, and these layers cost next to nothing. (The quantiser turns a
            # Gemm into a MatMul of that name first.)
            nodes_to_exclude=[f"{name}_MatMul" for name in LINEAR],
            # Shapes and types cannot be inferred through onnxruntime's own operators: what is not said is float.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    return revision(folder)


def revision(folder: Path) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of ``model.onnx``."""
    return hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()[:12]
