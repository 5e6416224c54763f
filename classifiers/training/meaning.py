"""The output that keeps meaning: what the fine-tuned encoder still knows of the sentence vectors it started with.

Fine-tuning bends the encoder towards feeling. Topics are matched by meaning, for which a second, untouched encoder
would take as long again as everything else. Instead one linear map, fitted in closed form (ridge regression), finds
the untouched encoder's sentence vector from what the heads read.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel

from classifiers.scores import Floats
from classifiers.training.device import on_fastest_device
from classifiers.training.network import Network, mean_of
from classifiers.training.predict import rows_of
from classifiers.training.rivals import NAMES

_RIDGE = 1.0
_TOKENS = 64


def sentence_vectors(base: Path, tokenizer: Tokenizer) -> Callable[[Sequence[str]], Floats]:
    """The untouched encoder: texts in, vectors of length 1 out, of shape (texts, hidden)."""
    untouched = AutoModel.from_pretrained(base, local_files_only=True, dtype=torch.float32).eval()

    def vectors(ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        states = untouched(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        return nn.functional.normalize(mean_of(states, mask), dim=-1)

    def read(texts: Sequence[str]) -> Floats:
        with on_fastest_device(untouched) as device:
            return rows_of(vectors, tokenizer, texts, _TOKENS, device)

    return read


def fit_meaning(network: Network, base: Path, tokenizer: Tokenizer, texts: Sequence[str]) -> Floats:
    """The map that brings the features of ``network`` nearest to the sentence vectors of ``base`` on ``texts``.

    A text's vector is the same whether it is read beside a brand's name or alone. The shape of the map is
    (features + 1, width); the last row is the bias.
    """
    chance = random.Random(0)
    read = [(text, chance.choice(NAMES)) if place % 2 else text for place, text in enumerate(texts)]
    with on_fastest_device(network) as device:
        found = torch.from_numpy(rows_of(network.features, tokenizer, read, _TOKENS, device)).double()
    features = torch.cat([found, torch.ones_like(found[:, :1])], dim=1)
    vectors = torch.from_numpy(sentence_vectors(base, tokenizer)(texts)).double()
    square = features.T @ features + _RIDGE * torch.eye(features.shape[1], dtype=torch.double)
    return torch.linalg.solve(square, features.T @ vectors).float().numpy()
