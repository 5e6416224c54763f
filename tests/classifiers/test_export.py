"""Export: what is written to ``model.onnx`` says what the trained network says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnxruntime import InferenceSession
from tokenizers import Tokenizer

from classifiers.heads import revision_of
from config.errors import ConfigurationError
from tests.classifiers.small_models import write_tokenizer

if TYPE_CHECKING:
    from classifiers.training.network import Network

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("onnx") is None,
    reason="the train extra is not installed",
)

_PRODUCTS = ("MatMulIntegerToFloat", "QAttention")
_MARK = 4  # the first token after the special ones, in what write_tokenizer writes
_WORDS = [f"word{number}" for number in range(100)]


def test_the_graph_gives_the_logits_of_the_network_whatever_the_padding(tmp_path: Path) -> None:
    from classifiers.training.graph import build_graph

    network = _network(tmp_path)
    session = InferenceSession(build_graph(network).SerializeToString())
    inputs = _inputs()
    assert session.run(["logits"], inputs)[0] == pytest.approx(_logits(network, inputs), abs=1e-3)
    alone = {name: values[2:, :3] for name, values in inputs.items()}
    assert session.run(["logits"], alone)[0] == pytest.approx(_logits(network, inputs)[2:], abs=1e-3)


def test_the_graph_adds_what_the_hidden_layer_says_of_the_greatest_and_the_least_values_too(tmp_path: Path) -> None:
    import torch

    from classifiers.training.graph import build_graph
    from classifiers.training.hidden import Hidden, side_by_side

    network, inputs = _network(tmp_path), _inputs()
    before, columns = _logits(network, inputs), network.heads.out_features
    one, other = Hidden(network.all_width, 3, 1), Hidden(network.all_width, 2, 1)
    network.hidden = side_by_side([(slice(0, 1), one), (slice(columns - 1, columns), other)], columns)
    given = {name: torch.from_numpy(values) for name, values in inputs.items()}
    with torch.no_grad():
        read = network.all_features(**given)
        last = network.encoder(**given).last_hidden_state.numpy()
        said = np.concatenate([one(read), np.zeros((3, columns - 2)), other(read)], axis=1)
    real = inputs["attention_mask"][..., None] > 0
    extremes = [np.where(real, last, -np.inf).max(1), np.where(real, last, np.inf).min(1)]
    assert read[:, network.heads.in_features :].numpy() == pytest.approx(np.concatenate(extremes, axis=1), abs=1e-5)
    assert _logits(network, inputs) == pytest.approx(before + said, abs=1e-4)
    session = InferenceSession(build_graph(network).SerializeToString())
    assert session.run(["logits"], inputs)[0] == pytest.approx(before + said, abs=2e-3)


def test_meaning_is_a_linear_map_of_what_the_heads_read(tmp_path: Path) -> None:
    import torch

    from classifiers.training.graph import build_graph

    network, inputs = _network(tmp_path), _inputs()
    width = network.heads.in_features
    weight = np.random.default_rng(1).normal(size=(width + 1, 5)).astype(np.float32)
    session = InferenceSession(build_graph(network, weight).SerializeToString())
    with torch.no_grad():
        features = network.features(**{name: torch.from_numpy(values) for name, values in inputs.items()}).numpy()
    vectors = np.concatenate([features, np.ones((3, 1))], axis=1) @ weight
    expected = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert session.run(["embedding"], inputs)[0] == pytest.approx(expected, abs=1e-3)


def test_the_heads_read_means_of_layers_the_first_token_and_what_tells_of_the_brand(tmp_path: Path) -> None:
    import torch

    from classifiers.training.network import read_layers

    assert [read_layers(count) for count in (1, 2, 6, 12)] == [(1,), (2,), (2, 4, 6), (2, 4, 6, 12)]
    network, inputs = _network(tmp_path), _inputs()
    with torch.no_grad():
        given = {name: torch.from_numpy(values) for name, values in inputs.items()}
        features = network.features(**given).numpy()
        last = network.encoder(**given).last_hidden_state.numpy()
    means = (last * inputs["attention_mask"][..., None]).sum(1) / [[12], [7], [3]]
    naming = [last[0, [2, 6]].mean(0), last[1, 5:7].mean(0), last[2, :3].mean(0)]  # marks, the name beside, all of it
    assert features == pytest.approx(np.concatenate([means, last[:, 0], naming], axis=1), abs=1e-5)


def test_int8_weights_stay_near_the_network_and_the_revision_is_theirs(tmp_path: Path) -> None:
    from classifiers.training.export import export

    network = _network(tmp_path)
    found = export(network, Tokenizer.from_file(str(tmp_path / "tokenizer.json")), tmp_path / "model", _read())
    assert found == revision_of(tmp_path / "model" / "model.onnx")
    session = InferenceSession(tmp_path / "model" / "model.onnx")
    assert session.run(["logits"], _inputs())[0] == pytest.approx(_logits(network, _inputs()), abs=0.1)


def test_the_answer_to_a_text_is_the_same_alone_and_among_others(tmp_path: Path) -> None:
    from classifiers.embedded import EmbeddedModel, Reading
    from classifiers.heads import ModelFile, new_heads, write_heads
    from classifiers.training.export import export

    folder = tmp_path / "model"
    network = _network(tmp_path)
    revision = export(network, Tokenizer.from_file(str(tmp_path / "tokenizer.json")), folder, _read())
    write_heads(folder, ModelFile("tiny", revision, 128, 32, new_heads()))
    model, one_by_one = EmbeddedModel(folder), EmbeddedModel(folder, batch_size=1)
    readings = [Reading(text, brand) for text, brand in _read()]
    assert model.together == 8
    assert model.logits(readings) == pytest.approx(one_by_one.logits(readings), abs=1e-5)


def test_no_weight_is_so_large_that_16_bits_could_overflow(tmp_path: Path) -> None:
    import onnx

    from classifiers.training.export import export

    network = _network(tmp_path)
    export(network, Tokenizer.from_file(str(tmp_path / "tokenizer.json")), tmp_path / "model", _read())
    model = onnx.load(tmp_path / "model" / "model.onnx")
    weights = {name for node in model.graph.node if node.op_type in _PRODUCTS for name in [node.input[1]]}
    arrays = [onnx.numpy_helper.to_array(each).astype(int) for each in model.graph.initializer if each.name in weights]
    assert len(arrays) == 8  # of two layers
    assert max(abs(each).max() for each in arrays) * 2 * 255 < 2**15


def test_ranges_hold_what_is_common_and_cut_what_is_rare() -> None:
    from classifiers.training.ranges import best_range

    counts = np.zeros(4096)
    counts[2048:2100] = 1e6
    assert best_range(counts, (-1.0, 1.0))[0] > -0.2
    counts[[0, -1]] = 1
    low, high = best_range(counts, (-1.0, 1.0))
    assert -0.2 < low <= 0 < high < 0.2
    counts[-1] = 1e6
    assert best_range(counts, (-1.0, 1.0))[1] > 0.9
    assert best_range(counts, (0.0, 0.0)) == (0.0, 1.0)


def test_an_encoder_that_cannot_be_exported_is_named(tmp_path: Path) -> None:
    from classifiers.training.graph import build_graph

    network = _network(tmp_path, hidden_act="relu")
    with pytest.raises(ConfigurationError, match=r"of type bert with relu, but only BERT with gelu can be exported"):
        build_graph(network)


def _network(folder: Path, hidden_act: str = "gelu") -> Network:
    """A BERT of two small layers with random weights, large enough that attention matters."""
    import torch
    from transformers import BertConfig, BertModel

    from classifiers.heads import new_heads
    from classifiers.training.network import Network

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=write_tokenizer(folder, _WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        hidden_act=hidden_act,
        initializer_range=0.3,
    )
    return Network(BertModel(config), config.hidden_size, new_heads(), _MARK).eval()


def _read() -> list[tuple[str, str]]:
    """Texts of many lengths, beside a brand's name."""
    chance = np.random.default_rng(2)
    return [(" ".join(chance.choice(_WORDS, count)), "word1 word2") for count in chance.integers(1, 60, 40)]


def _inputs() -> dict[str, np.ndarray]:
    """Three texts of 12, 7 and 3 tokens, the first two with a brand's name behind them, the first with marks."""
    ids = np.random.default_rng(0).integers(_MARK + 1, 100, (3, 12))
    ids[0, [2, 6]] = _MARK
    types, mask = np.zeros_like(ids), np.ones_like(ids)
    types[0, 9:] = types[1, 5:7] = 1
    mask[1, 7:] = mask[2, 3:] = 0
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def _logits(network: Network, inputs: dict[str, np.ndarray]) -> np.ndarray:
    import torch

    with torch.no_grad():
        return np.asarray(network(**{name: torch.from_numpy(values) for name, values in inputs.items()}))
