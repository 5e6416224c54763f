"""From a trained network to ``model.onnx``: exported in float, then quantised to int8, all products but the heads'."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Encoding, Tokenizer

from classifiers.heads import revision_of
from classifiers.scores import Floats
from classifiers.training.graph import OVER_FEATURES, build_graph
from classifiers.training.network import Network
from classifiers.training.ranges import find_ranges, fix_ranges

WINDOW_TOKENS = 128
OVERLAP_TOKENS = 32

Read = str | tuple[str, str]  # a text, or a text and the brand that it is read for


def export(
    network: Network, tokenizer: Tokenizer, folder: Path, read: Sequence[Read], meaning: Floats | None = None
) -> str:
    """Write ``model.onnx`` (int8) and ``tokenizer.json`` into ``folder``; return the revision of the weights.

    What flows between the products is rounded as suits ``read``: some hundred texts like those that the model will
    read, some beside a brand and some long. With ``meaning`` the model has the output ``embedding`` too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    graph = build_graph(network, meaning)
    with tempfile.TemporaryDirectory() as scratch:
        exact, rounded = Path(scratch) / "float.onnx", Path(scratch) / "int8.onnx"
        onnx.save(graph, exact)
        # A scale for each column keeps the float model's figures. One bit less keeps them on processors whose
        # 16-bit sums would overflow (those without VNNI); with a single scale that bit costs 3 points of recall.
        quantize_dynamic(
            exact,
            rounded,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            # The blocks of the features differ in scale, and these layers cost next to nothing. (The quantiser turns a
            # Gemm into a MatMul of that name first.)
            nodes_to_exclude=[f"{name}_MatMul" for name in OVER_FEATURES],
            # Shapes and types cannot be inferred through onnxruntime's own operators: what is not said is float.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        model = onnx.load(rounded)
    fix_ranges(model, find_ranges(graph, _windows(tokenizer, read)))
    onnx.save(model, folder / "model.onnx")
    return revision_of(folder / "model.onnx")


def _windows(tokenizer: Tokenizer, read: Sequence[Read]) -> list[Encoding]:
    tokenizer.enable_truncation(WINDOW_TOKENS, stride=OVERLAP_TOKENS, strategy="only_first")
    encodings = tokenizer.encode_batch_fast(list(read))
    tokenizer.no_truncation()
    return [window for each in encodings for window in (each, *each.overflowing)]
