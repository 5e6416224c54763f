"""The network as an ONNX graph of onnxruntime's own operators: one for a whole attention, one for all embeddings.

PyTorch's exporter writes an attention as some thirty small steps, in a form that onnxruntime's optimiser does not
know again. The operators of the domain ``com.microsoft`` are described in
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from classifiers.training.network import Network, read_layers
from config.errors import ConfigurationError

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OPSET = 17
_IR_VERSION = 8  # the oldest that knows this opset: every onnxruntime that frankly allows reads it
OVER_FEATURES = ("heads", "inner", "outer", "meaning")  # the names of the products over what is read of the states
_FAR = 1e4  # further than any state: what padding holds where the greatest or the least is sought
_FUSED = "com.microsoft"
_FUSED_OPERATORS = frozenset({"Attention", "EmbedLayerNormalization", "FastGelu"})


def build_graph(network: Network, meaning: NDArray[np.float32] | None = None) -> ModelProto:
    """Return a float graph: ``INPUTS``, int64 of shape (texts, tokens), to ``logits`` of shape (texts, columns).

    With ``meaning``, a linear map of shape (features + 1, width) whose last row is the bias, there is a second output
    ``embedding`` of shape (texts, width): vectors of length 1.
    Raises ConfigurationError for an encoder that is not a BERT with GELU.
    """
    config = network.encoder.config
    if (config.model_type, config.hidden_act) != ("bert", "gelu"):
        raise ConfigurationError(
            f"The encoder is of type {config.model_type} with {config.hidden_act}, but only BERT with gelu can be "
            f"exported: name another folder with --base."
        )
    weights = {name: tensor.detach().cpu().numpy() for name, tensor in network.state_dict().items()}
    graph = _Graph(weights, config.layer_norm_eps)
    first, lengths = _embedded(graph)
    states = [first]
    for number in range(config.num_hidden_layers):
        part = f"encoder.encoder.layer.{number}"
        states.append(_layer(graph, states[-1], lengths, part, config.num_attention_heads))
    features = _features(graph, states, network.mark)
    _logits(graph, features, states, hidden=network.hidden is not None)
    outputs = {"logits": len(weights["heads.bias"])}
    if meaning is not None:
        _embedding(graph, features, meaning)
        outputs["embedding"] = meaning.shape[1]
    return graph.model(outputs)


class _Graph:
    """Nodes and weights as they are added; each method returns the names under which others find the result."""

    def __init__(self, source: Mapping[str, NDArray[np.float32]], epsilon: float) -> None:
        self._source = source
        self._epsilon = epsilon  # of all normalisations
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, NDArray[np.generic]] = {}

    def node(
        self, operator: str, *inputs: str, output: str | None = None, name: str | None = None, **attributes: Any
    ) -> str:
        """Add one operator with one output."""
        output = output or f"{operator}_{len(self._nodes)}"
        self.nodes(operator, inputs, [output], name, **attributes)
        return output

    def nodes(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], name: str | None = None, **attributes: Any
    ) -> None:
        """Add one operator with several outputs."""
        if operator.endswith("LayerNormalization"):
            attributes["epsilon"] = self._epsilon
        domain = _FUSED if operator in _FUSED_OPERATORS else None
        name = name or f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, outputs, name, domain=domain, **attributes))

    def weights(self, part: str, *names: str) -> list[str]:
        """Take over weights of one part of the network as they are."""
        return [self.constant(f"{part}.{name}", self._source[f"{part}.{name}"]) for name in names]

    def linear(self, parts: Sequence[str], name: str) -> list[str]:
        """Take over linear layers that read the same, side by side: the weight, inputs as rows, and the bias."""
        weight = np.concatenate([self._source[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self._source[f"{part}.bias"] for part in parts])
        return [self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)]

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Add an array."""
        self._constants[name] = np.array(values, order="C")  # keeps an array without axes as it is
        return name

    def model(self, outputs: Mapping[str, int]) -> ModelProto:
        """Close the graph, which puts out ``outputs``: for each its columns; rows are texts."""
        shape = ["texts", "tokens"]
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in INPUTS]
        found = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["texts", n]) for name, n in outputs.items()]
        constants = [numpy_helper.from_array(array, name) for name, array in self._constants.items()]
        return helper.make_model(
            helper.make_graph(self._nodes, "network", inputs, found, constants),
            opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)],
            ir_version=_IR_VERSION,
        )


def _embedded(graph: _Graph) -> tuple[str, str]:
    """The sum of word, position and type vectors, normalised; and how many tokens each text has."""
    ids, mask, types = (graph.node("Cast", name, to=TensorProto.INT32) for name in INPUTS)
    part = "encoder.embeddings"
    tables = graph.weights(part, *(f"{kind}_embeddings.weight" for kind in ("word", "position", "token_type")))
    norm = graph.weights(f"{part}.LayerNorm", "weight", "bias")
    graph.nodes("EmbedLayerNormalization", [ids, types, *tables, *norm, mask], ["embedded", "lengths"])
    return "embedded", "lengths"


def _layer(graph: _Graph, states: str, lengths: str, part: str, attention_heads: int) -> str:
    """Attention, then the two linear steps with a GELU between; what came in is added to either's result."""
    attention = f"{part}.attention.self"
    asked = graph.linear([f"{attention}.{kind}" for kind in ("query", "key", "value")], attention)
    attended = graph.node("Attention", states, *asked, lengths, num_heads=attention_heads)
    states = _added(graph, attended, states, f"{part}.attention.output")
    # The GELU by tanh differs from the one by erf in the fourth digit, int8 in the second; it takes a third less time.
    inner = graph.node("FastGelu", _linear(graph, states, f"{part}.intermediate.dense"))
    return _added(graph, inner, states, f"{part}.output")


def _added(graph: _Graph, inner: str, states: str, part: str) -> str:
    total = graph.node("Add", _linear(graph, inner, f"{part}.dense"), states)
    return graph.node("LayerNormalization", total, *graph.weights(f"{part}.LayerNorm", "weight", "bias"))


def _linear(graph: _Graph, states: str, part: str) -> str:
    weight, bias = graph.linear([part], part)
    # Apart, not as an input of a fused GELU or sum: onnxruntime adds the bias while it scales the int8 product.
    return graph.node("Add", graph.node("MatMul", states, weight), bias)


def _mean(graph: _Graph, states: str, chosen: str) -> str:
    """The mean of those of each text's token vectors that are ``chosen``, by ones of shape (texts, tokens)."""
    tokens = graph.constant("tokens", np.array([1]))
    kept = graph.node("Mul", states, graph.node("Unsqueeze", chosen, graph.constant("vector", np.array([2]))))
    counted = graph.node("ReduceSum", chosen, tokens, keepdims=1)
    return graph.node("Div", graph.node("ReduceSum", kept, tokens, keepdims=0), counted)


def _features(graph: _Graph, states: Sequence[str], mark: int) -> str:
    """What the heads read: see ``Network.features``."""
    real = graph.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    means = [_mean(graph, states[layer], real) for layer in read_layers(len(states) - 1)]
    first = graph.node("Gather", states[-1], graph.constant("first", np.array(0)), axis=1)
    named = _mean(graph, states[-1], _naming(graph, mark, real))
    return graph.node("Concat", *means, first, named, axis=1)


def _extremes(graph: _Graph, states: Sequence[str]) -> list[str]:
    """The greatest values of each layer that is read, then the least: see ``Network.all_features``."""
    real = graph.node("Cast", "attention_mask", to=TensorProto.BOOL)
    real = graph.node("Unsqueeze", real, graph.constant("vector", np.array([2])))
    found = []
    for operator, padding in (("ReduceMax", -_FAR), ("ReduceMin", _FAR)):
        far = graph.constant(f"{operator}.padding", np.array(padding, dtype=np.float32))
        for layer in read_layers(len(states) - 1):
            found.append(graph.node(operator, graph.node("Where", real, states[layer], far), axes=[1], keepdims=0))
    return found


def _logits(graph: _Graph, features: str, states: Sequence[str], *, hidden: bool) -> None:
    """The linear heads, and what the hidden layer says of complaints added to them."""
    linear = graph.weights("heads", "weight", "bias")
    if not hidden:
        graph.node("Gemm", features, *linear, output="logits", name="heads", transB=1)
        return
    read = graph.node("Concat", features, *_extremes(graph, states), axis=1)
    units = graph.node("Gemm", read, *graph.weights("hidden.inner", "weight", "bias"), name="inner", transB=1)
    outer = graph.weights("hidden.outer", "weight", "bias")
    said = graph.node("Gemm", graph.node("Relu", units), *outer, name="outer", transB=1)
    graph.node("Add", graph.node("Gemm", features, *linear, name="heads", transB=1), said, output="logits")


def _naming(graph: _Graph, mark: int, real: str) -> str:
    """Which tokens tell of the brand, as ones: see ``Network.features``."""
    marks = graph.node("Equal", "input_ids", graph.constant("mark", np.array(mark)))
    marks = graph.node("Cast", marks, to=TensorProto.FLOAT)
    beside = _or_else(graph, graph.node("Cast", "token_type_ids", to=TensorProto.FLOAT), real)
    return _or_else(graph, marks, beside)


def _or_else(graph: _Graph, chosen: str, others: str) -> str:
    """``chosen`` where it has any token of a text, else ``others``."""
    most = graph.node("ReduceMax", chosen, axes=[1], keepdims=1)
    return graph.node("Where", graph.node("Cast", most, to=TensorProto.BOOL), chosen, others)


def _embedding(graph: _Graph, features: str, meaning: NDArray[np.float32]) -> None:
    weight, bias = graph.constant("meaning.weight", meaning[:-1]), graph.constant("meaning.bias", meaning[-1])
    vector = graph.node("Gemm", features, weight, bias, name="meaning")
    graph.node("LpNormalization", vector, output="embedding", axis=1, p=2)
