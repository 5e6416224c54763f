"""What a network that is still in PyTorch says of texts: for cross-validation, and for what is fitted on its inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from classifiers.scores import Floats, batches_by_length
from classifiers.training.device import on_fastest_device, quick_numbers
from classifiers.training.examples import Example
from classifiers.training.network import Network

_AT_ONCE = {"cpu": 64, "cuda": 512}  # texts

Reader = Callable[[Tensor, Tensor, Tensor], Tensor]  # ids, mask and types in; one row for each text out


def logits_of(network: Network, tokenizer: Tokenizer, examples: Sequence[Example], max_tokens: int) -> Floats:
    """Logits of shape (examples, columns of all heads)."""
    texts = [(one.text, one.brand) if one.brand else one.text for one in examples]
    with on_fastest_device(network) as device:
        return rows_of(network, tokenizer, texts, max_tokens, device)


def rows_of(
    reader: Reader,
    tokenizer: Tokenizer,
    texts: Sequence[str | tuple[str, str]],
    max_tokens: int,
    device: torch.device,
) -> Floats:
    """What ``reader``, which computes on ``device``, gives for each text (or pair of text and brand), in order."""
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    encodings = tokenizer.encode_batch(list(texts))
    rows: list[Floats] = [np.zeros(0, dtype=np.float32)] * len(texts)
    at_once = _AT_ONCE[device.type]
    for batch in batches_by_length([len(each.ids) for each in encodings], at_once, at_once * max_tokens):
        longest = max(len(encodings[index].ids) for index in batch)
        inputs = np.zeros((3, len(batch), longest), dtype=np.int64)
        for row, index in enumerate(batch):
            one = encodings[index]
            inputs[:, row, : len(one.ids)] = (one.ids, one.attention_mask, one.type_ids)
        with torch.inference_mode(), quick_numbers(device):
            found = reader(*torch.from_numpy(inputs).to(device)).float().cpu().numpy()
        for row, index in enumerate(batch):
            rows[index] = found[row]
    return np.stack(rows)
