"""Finding an operator's words in a post: whole words, with case and accents aside, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache


def fold(text: str) -> str:
    """Return a text without case and accents, with every run of white space as one blank."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("\u2019", "'"))
    if not apart.isascii():
        apart = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join(apart.split())


def found_words(text: str, words: Iterable[str]) -> list[str]:
    """Return those of the words (or phrases) that occur in a text."""
    folded = fold(text)
    # Nearly always the quick look for the bare letters settles it.
    return [word for word in words if (sought := _folded(word)) in folded and _whole(sought).search(folded)]


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    return fold(word)


@lru_cache(maxsize=4096)
def _whole(folded: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(folded)}(?!\w)")
