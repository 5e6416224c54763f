"""Tiny real models that the tests make: a word's logits stand in a table, and a text's logits are their sum."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from classifiers.heads import LABELS, Head, ModelFile, new_heads, revision_of, write_heads
from classifiers.names import MARK

Table = Mapping[str, Mapping[str, float]]  # word -> label -> logit

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")

WORDS: Table = {
    "[CLS]": {"other": 1.0},  # stands in every window: without a telling word nothing is a complaint
    "broken": {"negative": 3.0, "complaint": 4.0},
    "awful": {"negative": 4.0, "offensive": 1.0},
    "lovely": {"positive": 4.0},
    "router": {"neutral": 1.0},
    "acme": {"relevant": 2.0},
    "idiot": {"offensive": 4.0, "negative": 1.0},
}


ASSESSED = tuple(head for head in new_heads() if head.name in LABELS)


def make_embedded(
    folder: Path,
    words: Table = WORDS,
    *,
    window: int = 16,
    heads: tuple[Head, ...] = ASSESSED,
    meant: Sequence[str] = (),
    marks: bool = False,
) -> Path:
    """Write a model folder of our own format, in which only ``words`` mean anything.

    With ``meant`` the model also has a meaning output: an axis for each of these words. With ``marks`` it reads
    the mark before the brand's names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    labels = [label for head in heads for label in head.labels]
    vocabulary = _vocabulary({**words, **{word: {} for word in meant}})
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"))
    tables = {"logits": _table(vocabulary, labels, words)}
    if meant:
        tables["embedding"] = _table(vocabulary, meant, {word: {word: 1.0} for word in meant})
    _write_onnx(folder / "model.onnx", tables)
    write_heads(folder, ModelFile("tiny", revision_of(folder / "model.onnx"), window, 4, heads, marks))
    return folder


def make_hub(
    folder: Path, labels: Sequence[str], words: Table, *, multi_label: bool = False, weights: bool = True
) -> Path:
    """Write a Hugging Face folder: config.json, tokenizer files and, with ``weights``, onnx/model.onnx."""
    (folder / "onnx").mkdir(parents=True)
    vocabulary = _vocabulary(words)
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"))
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 16, **special})
    )
    config = {
        "model_type": "bert",
        "architectures": ["BertForSequenceClassification"],
        "vocab_size": len(vocabulary),
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 8,
        "max_position_embeddings": 32,
        "id2label": dict(enumerate(labels)),
        "label2id": {label: index for index, label in enumerate(labels)},
    }
    if multi_label:
        config["problem_type"] = "multi_label_classification"
    (folder / "config.json").write_text(json.dumps(config))
    if weights:
        _write_onnx(folder / "onnx" / "model.onnx", {"logits": _table(vocabulary, labels, words)})
    return folder


def write_tokenizer(folder: Path, words: Sequence[str]) -> int:
    """Write tokenizer.json for whole ``words`` alone; return the size of its vocabulary."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = _vocabulary({word: {} for word in words})
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"))
    return len(vocabulary)


def _vocabulary(words: Table) -> dict[str, int]:
    return {word: index for index, word in enumerate(dict.fromkeys((*_SPECIAL, MARK, "@", "user", *words)))}


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    return tokenizer


def _table(vocabulary: Mapping[str, int], labels: Sequence[str], words: Table) -> np.ndarray:
    table = np.zeros((len(vocabulary), len(labels)), dtype=np.float32)
    for word, logits in words.items():
        for label, logit in logits.items():
            table[vocabulary[word], labels.index(label)] = logit
    return table


def _write_onnx(path: Path, tables: Mapping[str, np.ndarray]) -> None:
    """For each output: gather every token's row, leave out the padding, and add up."""
    tokens = [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"]) for name in _INPUTS]
    nodes = [
        helper.make_node("Add", ["attention_mask", "token_type_ids"], ["counted"]),  # the brand's words count twice
        helper.make_node("Cast", ["counted"], ["weights"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["weights", "last"], ["column"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([2], dtype=np.int64), "last"),
        numpy_helper.from_array(np.array([1], dtype=np.int64), "middle"),
    ]
    for name, table in tables.items():
        nodes += [
            helper.make_node("Gather", [f"{name} table", "input_ids"], [f"{name} rows"]),
            helper.make_node("Mul", [f"{name} rows", "column"], [f"{name} kept"]),
            helper.make_node("ReduceSum", [f"{name} kept", "middle"], [name], keepdims=0),
        ]
        constants.append(numpy_helper.from_array(table, f"{name} table"))
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", table.shape[1]]) for name, table in tables.items()
    ]
    graph = helper.make_graph(nodes, "table", tokens, outputs, constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
