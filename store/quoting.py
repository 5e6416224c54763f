"""Whether something that we wrote repeats what a stranger wrote: notes, answers and reasons can quote a post.

Two signs, both without case: four words in a row (all of a shorter text, from two words on), and a number of five
digits or more or a mail address, which name a person or an order by themselves. One common word is no quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_RUN = 4
_SHORTEST = 2
_WORD = re.compile(r"\w+")
_TELLING = re.compile(r"\d{5,}|[^\s@]+@[^\s@]+\.\w+")


def quotes(writing: str, said: Iterable[str]) -> bool:
    """Tell whether a writing of ours quotes one of the texts."""
    folded = writing.casefold()
    words = _WORD.findall(folded)
    telling = set(_TELLING.findall(folded))
    return any(_repeats(words, telling, text.casefold()) for text in said)


def _repeats(words: list[str], telling: set[str], text: str) -> bool:
    if telling and not telling.isdisjoint(_TELLING.findall(text)):
        return True
    said = _WORD.findall(text)
    length = min(_RUN, len(said))
    return length >= _SHORTEST and not _runs(words, length).isdisjoint(_runs(said, length))


def _runs(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}
