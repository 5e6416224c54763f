"""Masked-language training: the encoder reads unlabelled tweets and guesses words that were hidden from it.

Devlin et al., NAACL 2019, and Gururangan et al., ACL 2020 ("Don't Stop Pretraining"), for what it may bring.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from config.errors import ConfigurationError

_HIDDEN_SHARE = 0.15  # of a text's words
_RATE = 1e-4
_BATCH = 32
_TOKENS = 64


def fit_masked(encoder: BertModel, tokenizer: Tokenizer, texts: Sequence[str], seed: int) -> float:
    """Read every text once, teaching ``encoder`` in place; return the mean loss (nats a word) of the last tenth.

    Raises ConfigurationError for a tokenizer without [MASK].
    """
    torch.manual_seed(seed)
    chance = random.Random(seed)
    tokenizer.enable_truncation(_TOKENS)
    tokenizer.enable_padding()
    mask = tokenizer.token_to_id("[MASK]")
    if mask is None:
        raise ConfigurationError("The tokenizer knows no [MASK], which masked-language training hides words with.")
    hidden = encoder.config.hidden_size
    guess = nn.Sequential(nn.Linear(hidden, hidden), nn.GELU(), nn.LayerNorm(hidden))
    optimiser = torch.optim.AdamW([*encoder.parameters(), *guess.parameters()], lr=_RATE, fused=True)
    encoder.train()
    losses = []
    order = chance.sample(list(texts), len(texts))
    for start in range(0, len(order), _BATCH):
        encodings = tokenizer.encode_batch(order[start : start + _BATCH])
        ids = torch.tensor([each.ids for each in encodings])
        words = torch.tensor([each.attention_mask for each in encodings]).bool()
        words &= ~torch.tensor([each.special_tokens_mask for each in encodings]).bool()
        masked = (torch.rand(ids.shape) < _HIDDEN_SHARE) & words
        if masked.any():
            loss = _loss(encoder, guess, ids.masked_fill(masked, mask), masked, ids[masked])
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
            losses.append(float(loss.detach()))
    last = losses[-max(1, len(losses) // 10) :]
    return sum(last) / len(last)


def _loss(encoder: BertModel, guess: nn.Module, ids: Tensor, masked: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy over the vocabulary at the hidden places; the word vectors are the last layer too."""
    states = encoder(input_ids=ids, attention_mask=(ids != 0).long()).last_hidden_state[masked]
    return functional.cross_entropy(guess(states) @ encoder.embeddings.word_embeddings.weight.T, truth)
