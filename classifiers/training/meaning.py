"""The output that keeps meaning: what the fine-tuned encoder still knows of the sentence vectors it started with.

Fine-tuning bends the encoder towards feeling. Topics are matched by meaning, for which a second, untouched encoder
would take as long again as everything else. Instead one linear map, fitted in closed form (ridge regression), finds
the untouched encoder's sentence vector from the mean states of some layers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel

from classifiers.scores import Floats
from classifiers.training.graph import Meaning
from classifiers.training.network import Network, mean_of
from classifiers.training.predict import rows_of

_LAYERS = (2, 4, 6)  # those whose mean states are read, as far as the encoder has them
_RIDGE = 1.0
_TOKENS = 64


def _features(states: Sequence[Tensor], attention_mask: Tensor, layers: Sequence[int]) -> Tensor:
    """The mean states of some layers side by side, of shape (texts, layers * hidden + 1); the last column is 1."""
    found = [mean_of(states[layer], attention_mask) for layer in layers]
    return torch.cat([*found, torch.ones_like(found[0][:, :1])], dim=-1)


def sentence_vectors(base: Path, tokenizer: Tokenizer) -> Callable[[Sequence[str]], Floats]:
    """The untouched encoder: texts in, vectors of length 1 out, of shape (texts, hidden)."""
    untouched = AutoModel.from_pretrained(base, local_files_only=True).eval()

    def vectors(ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        states = untouched(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        return nn.functional.normalize(mean_of(states, mask), dim=-1)

    return lambda texts: rows_of(vectors, tokenizer, texts, _TOKENS)


def fit_meaning(network: Network, base: Path, tokenizer: Tokenizer, texts: Sequence[str]) -> Meaning:
    """The map that brings the mean states of ``network`` nearest to the sentence vectors of ``base`` on ``texts``."""
    layers = tuple(layer for layer in _LAYERS if layer <= network.encoder.config.num_hidden_layers) or (0,)

    def given(ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        return _features(network.layers(ids, mask, types), mask, layers)

    features = torch.from_numpy(rows_of(given, tokenizer, texts, _TOKENS)).double()
    vectors = torch.from_numpy(sentence_vectors(base, tokenizer)(texts)).double()
    square = features.T @ features + _RIDGE * torch.eye(features.shape[1], dtype=torch.double)
    return Meaning(layers, torch.linalg.solve(square, features.T @ vectors).float().numpy())
