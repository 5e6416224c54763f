"""The network: one encoder, and a linear layer over the states of several layers whose columns are all heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from transformers import AutoModel, BertModel

from classifiers.heads import Head
from classifiers.names import MARK
from classifiers.training.base import open_tokenizer
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
        read = len(read_layers(encoder.config.num_hidden_layers)) + 2
        self.heads = nn.Linear(read * hidden, sum(len(head.labels) for head in heads))

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
        return cast(Tensor, self.heads(self.dropout(self.features(input_ids, attention_mask, token_type_ids))))

    def features(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """What the heads read, side by side.

        These are the mean states of ``read_layers``, the first token's last state, and the mean last state of the marks
        before the brand's names; without a mark that of the name beside the text, without a brand that of all tokens.
        Lower layers keep what fine-tuning bends out of the last one (Tenney et al., ACL 2019, "BERT rediscovers the
        classical NLP pipeline").
        """
        states = self.encoder(
            input_ids=input_ids,
            attention_mask=attention_mask,
            **({"token_type_ids": token_type_ids} if self._knows_types else {}),
            output_hidden_states=True,
        ).hidden_states
        means = [mean_of(states[layer], attention_mask) for layer in read_layers(len(states) - 1)]
        named = mean_of(states[-1], self._naming(input_ids, attention_mask, token_type_ids))
        return torch.cat([*means, states[-1][:, 0], named], dim=-1)

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
