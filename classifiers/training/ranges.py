"""Between which values the inputs of an int8 product are rounded, found once on texts that it may read.

With ranges looked for anew in every batch, a text's answer depends on the texts beside it. With fixed ones it is the
same alone and among others, so that texts can be read together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession
from tokenizers import Encoding

from classifiers.embedded import FIXED, ROUNDING
from classifiers.scores import Floats
from classifiers.training.graph import INPUTS

Range = tuple[float, float]

_STEPS = 255  # of an unsigned byte
_BINS = 4096
_CUTS = np.linspace(0.15, 1.0, 18)  # shares of the smallest and largest value that are tried as ends


def find_ranges(model: ModelProto, windows: Sequence[Encoding]) -> dict[str, Range]:
    """For each input of a product of the float ``model``, the range that rounds it with the least squared error.

    A few values far out cost more when all others are rounded coarsely for them than when they are cut off.
    """
    names = _inputs(model)
    session = _telling(model, names)
    ends = [(0.0, 0.0)] * len(names)  # with the 0 of padding
    for window in windows:
        values = _run(session, names, window)
        ends = [(min(low, each.min()), max(high, each.max())) for (low, high), each in zip(ends, values, strict=True)]
    counts = [np.zeros(_BINS) for _ in names]
    for window in windows:
        for count, end, each in zip(counts, ends, _run(session, names, window), strict=True):
            count += np.histogram(each, _BINS, end)[0]
    return {name: best_range(count, end) for name, count, end in zip(names, counts, ends, strict=True)}


def fix_ranges(model: ModelProto, ranges: Mapping[str, Range]) -> None:
    """Make the dynamically quantised ``model`` round by ``ranges``."""
    nodes = list(model.graph.node)
    made: dict[str, NodeProto] = {}
    gone: set[str] = set()
    for node in nodes:
        if node.op_type == "DynamicQuantizeLinear":
            made[node.name] = _rounding(model, node, ranges[node.input[0]])
        elif node.op_type == "MatMulInteger":
            made[node.name], replaced = _product(nodes, node)
            gone |= replaced
    kept = [made.get(node.name, node) for node in nodes if node.name not in gone]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    helper.set_model_props(model, {ROUNDING: FIXED})


def _inputs(model: ModelProto) -> list[str]:
    """What ``quantize_dynamic`` rounds."""
    products = [node for node in model.graph.node if node.op_type in ("Attention", "MatMul")]
    return list(dict.fromkeys(node.input[0] for node in products))


def _telling(model: ModelProto, names: Sequence[str]) -> InferenceSession:
    """The model, with ``names`` among its outputs."""
    told = ModelProto()
    told.CopyFrom(model)
    told.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    return InferenceSession(told.SerializeToString(), providers=["CPUExecutionProvider"])


def _run(session: InferenceSession, names: Sequence[str], window: Encoding) -> list[Floats]:
    inputs = zip(INPUTS, (window.ids, window.attention_mask, window.type_ids), strict=True)
    found: list[Floats] = session.run(list(names), {name: np.array([each], dtype=np.int64) for name, each in inputs})
    return found


def best_range(counts: NDArray[np.float64], ends: Range) -> Range:
    """The range that rounds values between ``ends``, counted in bins of one width, with the least squared error."""
    low, high = ends
    if low == high:
        return 0.0, 1.0
    values = low + (np.arange(_BINS) + 0.5) * (high - low) / _BINS
    ranges = [(low * below, high * above) for below, above in product(_CUTS, _CUTS)]
    return min(ranges, key=lambda each: float(counts @ np.square(_rounded(values, each) - values)))


def _rounded(values: NDArray[np.float64], ends: Range) -> NDArray[np.float64]:
    scale, zero = _scale(ends)
    return (np.clip(np.round(values / scale) + zero, 0, _STEPS) - zero) * scale


def _scale(ends: Range) -> tuple[float, int]:
    """The step, and which byte stands for 0."""
    scale = (ends[1] - ends[0]) / _STEPS
    return scale, round(-ends[0] / scale)


def _rounding(model: ModelProto, node: NodeProto, ends: Range) -> NodeProto:
    """The same step by constants, which get the names of what ``node`` found."""
    rounded, scale_name, zero_name = node.output
    scale, zero = _scale(ends)
    model.graph.initializer.extend([
        numpy_helper.from_array(np.array(scale, dtype=np.float32), scale_name),
        numpy_helper.from_array(np.array(zero, dtype=np.uint8), zero_name),
    ])  # fmt: skip
    return helper.make_node("QuantizeLinear", [node.input[0], scale_name, zero_name], [rounded], node.name)


def _product(nodes: Sequence[NodeProto], node: NodeProto) -> tuple[NodeProto, set[str]]:
    """One operator for product, scaling and bias, and the names of the steps that it replaces.

    onnxruntime would put them together by itself, but not where the scales are constants: it multiplies these first.
    """
    cast = _reader(nodes, node)
    scaled = _reader(nodes, cast)
    scales = next(each for each in nodes if each.output[0] == scaled.input[1])
    added = _reader(nodes, scaled)
    bias = next(name for name in added.input if name != scaled.output[0])
    values, weight, zero, weight_zero = node.input
    inputs = [values, weight, *scales.input, zero, weight_zero, bias]
    one = helper.make_node("MatMulIntegerToFloat", inputs, added.output, node.name, domain="com.microsoft")
    return one, {each.name for each in (cast, scaled, scales, added)}


def _reader(nodes: Sequence[NodeProto], node: NodeProto) -> NodeProto:
    """The one step that reads what ``node`` puts out."""
    [found] = [each for each in nodes if node.output[0] in each.input]
    return found
