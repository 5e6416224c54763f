"""Sets that teach nothing: brands, people and products that no training row is read for, by which a recipe is judged.

The rows of brand_sentiment that are held out name the same 32 brands as those that are learnt, so what a model learnt
of these names looks like an understanding there. Here it does not. Neither set has a stated licence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from classifiers.text import normalise
from classifiers.training.examples import Example, rows_in, with_marks
from classifiers.training.sets import Row

_EMOTIONS = {
    "Positive emotion": "positive",
    "Negative emotion": "negative",
    "No emotion toward brand or product": "neutral",
}
_PRODUCT = re.compile(r"\b(ipad|iphone|apple|google|android)\b", re.IGNORECASE)


def development(folder: Path) -> dict[str, list[Example]]:
    """Tweets beside the name that they are judged for, by the name of the set; without sets that are not there."""
    found = {}
    for name, read in _READ.items():
        path = folder / f"{name}.jsonl.gz"
        if path.exists():
            found[name] = [one for row in rows_in(path) if (one := read(row)) is not None]
    return found


def _emotion(row: Row) -> Example | None:
    """Where nobody saw an emotion the set says no product: then it is the first one that the text names."""
    sentiment = _EMOTIONS.get(str(row.get("label")))
    named = row.get("target")
    if sentiment == "neutral" and not named:
        product = _PRODUCT.search(str(row["text"]))
        named = product[0] if product else None
    return _example(row, str(named), sentiment) if sentiment and named else None


def _towards_target(row: Row) -> Example | None:
    return _example(row, str(row["target"]), str(row["label"]))


def _example(row: Row, named: str, sentiment: str) -> Example:
    text = with_marks(normalise(str(row["text"])), named)
    return Example(text, named, {"sentiment": sentiment}, {}, str(row["text"]))


_READ: dict[str, Callable[[Row], Example | None]] = {
    "brand_emotions_dev": _emotion,  # CrowdFlower: tweets about Apple and Google
    "target_sentiment": _towards_target,  # Dong et al., ACL 2014
}
