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


def tiny_encoder(folder: Path) -> Path:
    """A BERT of one small layer with random weights and a vocabulary of the words above."""
    import torch
    from transformers import BertConfig, BertModel

    from tests.classifiers.small_models import write_tokenizer

    words = [
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
    size = write_tokenizer(folder, words)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=size, hidden_size=128, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    BertModel(config).save_pretrained(folder)
    return folder
