"""Finding an operator's words in a post: whole words, with case and accents aside, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from config.scripts import UNSPACED, edges

# Signs above and below these letters are no accents: without them it is another word.
_KEPT = re.compile(f"[{UNSPACED}]")


def fold(text: str) -> str:
    """Return a text without case and accents, with every run of white space as one blank."""
    apart = unicodedata.normalize("NFKD", text.replace("\u2019", "'")).casefold()  # styled capitals have no case before
    if not apart.isascii():
        bare = "".join(sign for sign in apart if not unicodedata.combining(sign) or _KEPT.match(sign))
        apart = unicodedata.normalize("NFC", bare)
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
    before, after = edges(folded)
    return re.compile(f"{before}{re.escape(folded)}{after}")
