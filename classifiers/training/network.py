"""The network: one encoder, and over the states of several layers a linear layer whose columns are all heads.

The heads of complaints get a hidden layer instead when they are fitted (``probe.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from transformers import AutoModel, BertModel

from classifiers.heads import Head
from classifiers.names import MARK
from classifiers.training.base import open_tokenizer
from classifiers.training.hidden import Hidden
from config.errors import ConfigurationError

_DROPOUT = 0.1
_READ_LAYERS = (2, 4, 6)  # whose mean states the heads read, as far as the encoder has them


def read_layers(count: int) -> tuple[int, ...]:
    """Which of an encoder's ``count`` layers are read; the last one always is."""
    return (*(layer for layer in _READ_LAYERS if layer < count), count)


class Network(nn.Module):
    """Token ids, mask and types in; the logits of every head, side by side, out."""

    def __init__(self, encoder: BertModel, hidden: int, heads: Sequence[Head], mark: int) -> None:
        """``mark`` is the token that stands before the brand's names."""
        super().__init__()
        self.encoder = encoder
        self.mark = mark
        self._knows_types = getattr(encoder.config, "type_vocab_size", 1) > 1
        self.dropout = nn.Dropout(_DROPOUT)
        layers = len(read_layers(encoder.config.num_hidden_layers))
        self.heads = nn.Linear((layers + 2) * hidden, sum(len(head.labels) for head in heads))
        self.all_width = self.heads.in_features + 2 * layers * hidden  # of ``all_features``
        self.hidden: Hidden | None = None  # fitted last, for the heads of complaints: what it says is added

    def keep(self, layers: int) -> None:
        """Keep the word vectors and the ``layers`` lowest layers, half of all at most, as they are; 0 keeps nothing."""
        self.requires_grad_(True)
        if not layers:
            return
        found = self.encoder.encoder.layer
        for part in (self.encoder.embeddings.word_embeddings, *found[: min(layers, len(found) // 2)]):
            part.requires_grad_(False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Return logits of shape (texts, columns of all heads)."""
        if self.hidden is None:
            return cast(Tensor, self.heads(self.dropout(self.features(input_ids, attention_mask, token_type_ids))))
        read = self.all_features(input_ids, attention_mask, token_type_ids)
        return cast(Tensor, self.heads(read[:, : self.heads.in_features]) + self.hidden(read))

    def features(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """What the heads read, side by side.

        These are the mean states of ``read_layers``, the first token's last state, and the mean last state of the marks
        before the brand's names; without a mark that of the name beside the text, without a brand that of all tokens.
        Lower layers keep what fine-tuning bends out of the last one (Tenney et al., ACL 2019, "BERT rediscovers the
        classical NLP pipeline").
        """
        read = self._read(input_ids, attention_mask, token_type_ids)
        return self._averages(read, attention_mask, self._naming(input_ids, attention_mask, token_type_ids))

    def all_features(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """What the hidden layer reads: the features, then the greatest and the least values of each of ``read_layers``.

        One word may tell what a mean over many hides (Shen et al., ACL 2018, "Baseline Needs More Love").
        """
        read = self._read(input_ids, attention_mask, token_type_ids)
        naming = self._naming(input_ids, attention_mask, token_type_ids)
        padding = (attention_mask == 0).unsqueeze(-1)
        greatest = [each.masked_fill(padding, -inf).amax(1) for each in read]
        least = [each.masked_fill(padding, inf).amin(1) for each in read]
        return torch.cat([self._averages(read, attention_mask, naming), *greatest, *least], dim=-1)

    def _read(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> list[Tensor]:
        """The states of ``read_layers``, each of shape (texts, tokens, hidden)."""
        states = self.encoder(
            input_ids=input_ids,
            attention_mask=attention_mask,
            **({"token_type_ids": token_type_ids} if self._knows_types else {}),
            output_hidden_states=True,
        ).hidden_states
        return [states[layer] for layer in read_layers(len(states) - 1)]

    def _averages(self, read: Sequence[Tensor], attention_mask: Tensor, naming: Tensor) -> Tensor:
        means = [mean_of(each, attention_mask) for each in read]
        return torch.cat([*means, read[-1][:, 0], mean_of(read[-1], naming)], dim=-1)

    def _naming(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Which tokens tell of the brand, as ones."""
        marks = (input_ids == self.mark).long()
        beside = torch.where(token_type_ids.any(1, keepdim=True), token_type_ids, attention_mask)
        return torch.where(marks.any(1, keepdim=True), marks, beside)


def mean_of(states: Tensor, attention_mask: Tensor) -> Tensor:
    """The mean of the token vectors that are not padding, of shape (texts, hidden)."""
    kept = attention_mask.unsqueeze(-1).to(states.dtype)
    return (states * kept).sum(1) / kept.sum(1).clamp(min=1.0)


def load_network(base: Path, heads: Sequence[Head]) -> Network:
    """The pretrained encoder of folder ``base`` with fresh heads.

    Raises ConfigurationError when its vocabulary lacks the mark.
    """
    mark = open_tokenizer(base).token_to_id(MARK)
    if mark is None:
        raise ConfigurationError(f'{base} does not know "{MARK}", which marks names: name another encoder with --base.')
    encoder = AutoModel.from_pretrained(base, local_files_only=True, dtype=torch.float32)
    return Network(encoder, encoder.config.hidden_size, heads, mark)
