"""The network: one encoder, the mean of its token vectors, and a linear layer whose columns are all heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from torch import Tensor, nn
from transformers import AutoModel

from classifiers.heads import Head

_DROPOUT = 0.1


class Network(nn.Module):
    """Token ids, mask and types in; the logits of every head, side by side, out."""

    def __init__(self, encoder: nn.Module, hidden: int, heads: Sequence[Head]) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(_DROPOUT)
        self.heads = nn.Linear(hidden, sum(len(head.labels) for head in heads))

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Return logits of shape (texts, columns of all heads)."""
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        kept = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * kept).sum(1) / kept.sum(1).clamp(min=1.0)
        return cast(Tensor, self.heads(self.dropout(mean)))


def load_network(base: Path, heads: Sequence[Head]) -> Network:
    """The pretrained encoder of folder ``base`` with fresh heads."""
    encoder = AutoModel.from_pretrained(base, local_files_only=True)
    return Network(encoder, encoder.config.hidden_size, heads)
