"""The network: one encoder, the mean of its token vectors, and a linear layer whose columns are all heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from torch import Tensor, nn
from transformers import AutoModel, BertModel

from classifiers.heads import Head

_DROPOUT = 0.1


class Network(nn.Module):
    """Token ids, mask and types in; the logits of every head, side by side, out."""

    def __init__(self, encoder: BertModel, hidden: int, heads: Sequence[Head]) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(_DROPOUT)
        self.heads = nn.Linear(hidden, sum(len(head.labels) for head in heads))

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
        *_, last = self.layers(input_ids, attention_mask, token_type_ids)
        return cast(Tensor, self.heads(self.dropout(mean_of(last, attention_mask))))

    def layers(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, ...]:
        """The states after the word vectors and after each layer, each of shape (texts, tokens, hidden)."""
        found = self.encoder(
            input_ids=input_ids,
            attention_mask=attention_mask,
            token_type_ids=token_type_ids,
            output_hidden_states=True,
        )
        return cast(tuple[Tensor, ...], found.hidden_states)


def mean_of(states: Tensor, attention_mask: Tensor) -> Tensor:
    """The mean of the token vectors that are not padding, of shape (texts, hidden)."""
    kept = attention_mask.unsqueeze(-1).to(states.dtype)
    return (states * kept).sum(1) / kept.sum(1).clamp(min=1.0)


def load_network(base: Path, heads: Sequence[Head]) -> Network:
    """The pretrained encoder of folder ``base`` with fresh heads."""
    encoder = AutoModel.from_pretrained(base, local_files_only=True)
    return Network(encoder, encoder.config.hidden_size, heads)
