"""What training is tried on: rows of our own in the form of the research sets, and an encoder of one small layer."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

Rows = list[dict[str, object]]


def write(folder: Path, name: str, rows: Rows) -> None:
    folder.mkdir(exist_ok=True)
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


_WORDS = [
    "[MASK]",
    "awful",
    "broken",
    "plain",
    "lovely",
    "nice",
    "order",
    "thing",
    "number",
    "user",
    *map(str, range(100)),
]


def tiny_encoder(folder: Path) -> Path:
    """A BERT of one small layer with random weights and a vocabulary of the words above."""
    import torch
    from transformers import BertConfig, BertModel

    from tests.classifiers.small_models import write_tokenizer

    size = write_tokenizer(folder, _WORDS)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=size, hidden_size=128, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    BertModel(config).save_pretrained(folder)
    return folder


def larger_encoder(folder: Path) -> Path:
    """An MPNet of two small layers, which knows no types of tokens and puts two ends between two texts."""
    from tokenizers import Tokenizer
    from tokenizers.processors import RobertaProcessing
    from transformers import MPNetConfig, MPNetModel

    from tests.classifiers.small_models import write_tokenizer

    size = write_tokenizer(folder, _WORDS)
    path = str(folder / "tokenizer.json")
    tokenizer = Tokenizer.from_file(path)
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[SEP]", "[CLS]")]
    tokenizer.post_processor = RobertaProcessing(*ends)
    tokenizer.enable_padding(length=32)  # as such folders come
    tokenizer.save(path)
    config = MPNetConfig(
        vocab_size=size, hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    MPNetModel(config).save_pretrained(folder)
    return folder
