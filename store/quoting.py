"""Whether something that we wrote repeats what a stranger wrote: notes, answers and reasons can quote a post.

Two signs, both without case and accents: four words in a row (all of a shorter text, from two words on), and a number
of five digits or more or a mail address, which name a person or an order by themselves. One common word is no quote.
Where words are not parted by blanks, two Chinese signs or four letters stand for a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from config.scripts import HAN, UNSPACED

# A word, a Chinese sign, or a letter of another script without blanks; and what each of them weighs.
_WORD = re.compile(rf"([^\W{UNSPACED}]+)|(?=\w)(?:([{HAN}])|([{UNSPACED}]))")
_WEIGHTS = {1: 4, 2: 2, 3: 1}
_RUN = 4 * 4
_SHORTEST = 2 * 4
# The name before the @ has at most 64 signs (RFC 5321); without an end a long run would be read again from each sign.
_TELLING = re.compile(rf"\d{{5,}}|[^\s@{UNSPACED}]{{1,64}}@[^\s@{UNSPACED}]+\.[^\W{UNSPACED}]+")

_Words = list[tuple[str, int]]  # each with its weight


def quotes(writing: str, said: Iterable[str]) -> bool:
    """Tell whether a writing of ours quotes one of the texts."""
    folded = _fold(writing)
    words = _words(folded)
    telling = set(_TELLING.findall(folded))
    return any(_repeats(words, telling, _fold(text)) for text in said)


def _fold(text: str) -> str:
    """Return a text without case and marks: a mark would end a word, and an accent can be written in two ways."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    if apart.isascii():
        return apart
    return "".join(sign for sign in apart if not unicodedata.category(sign).startswith("M"))


def _words(folded: str) -> _Words:
    return [(found[0], _WEIGHTS[found.lastindex or 1]) for found in _WORD.finditer(folded)]


def _repeats(words: _Words, telling: set[str], text: str) -> bool:
    if telling and not telling.isdisjoint(_TELLING.findall(text)):
        return True
    said = _words(text)
    weight = min(_RUN, sum(own for _, own in said))
    return weight >= _SHORTEST and not _runs(words, weight).isdisjoint(_runs(said, weight))


def _runs(words: _Words, weight: int) -> set[tuple[tuple[str, int], ...]]:
    """Return the shortest run from each word on that has the weight."""
    runs = set()
    end = held = 0
    for start, (_, own) in enumerate(words):
        while held < weight and end < len(words):
            held += words[end][1]
            end += 1
        if held < weight:
            break
        runs.add(tuple(words[start:end]))
        held -= own
    return runs
