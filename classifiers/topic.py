"""Which of the operator's topics a text is about: by the words of the topic's example phrases, else by their meaning.

Words come first because they are what the operator wrote; meaning finds what nobody thought of writing. A model
without a meaning output matches by words alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from classifiers.scores import Floats
from config.settings import Topic
from store.records import OTHER_TOPIC

_WORD = re.compile(r"[^\W_]+")
_SMALL_WORDS = frozenset({
    "a", "an", "and", "are", "at", "be", "been", "but", "by", "can", "do", "for", "from", "had", "has", "have",
    "i", "in", "is", "it", "its", "me", "my", "of", "on", "or", "our", "so", "that", "the",
    "their", "them", "there", "they", "this", "to", "too", "up", "us", "was", "we", "were", "will", "with",
    "you", "your",
})  # fmt: skip
_NEGATIONS = frozenset({"no", "not"})  # "no internet" is not what "internet" says, but alone they say nothing
_LEAST_SHARE = 0.75  # of a phrase's words that must stand in the text
_NEAR = 16  # words of the text among which they must stand
_LEAST_NEARNESS = 0.4  # cosine; docs/training.md has what other values gave


class TopicMatcher:
    """Finds the topic of the phrase that is nearest to a text."""

    def __init__(self, topics: Sequence[Topic], embed: Callable[[Sequence[str]], Floats] | None = None) -> None:
        """``embed`` gives vectors of length 1, of shape (texts, width), as ``Scores.embedding`` holds them."""
        phrases = [(topic.name, phrase) for topic in topics for phrase in topic.phrases]
        self._names = [name for name, _ in phrases]
        self._words = [frozenset(_words(phrase)) for _, phrase in phrases]
        # A vector hardly tells "no internet" from "internet": such phrases go by their words alone.
        meant = [(name, phrase) for name, phrase in phrases if not _NEGATIONS & set(_words(phrase))]
        self._meant_names = [name for name, _ in meant]
        self._vectors = embed([phrase for _, phrase in meant]) if embed and meant else None

    def match(self, text: str, meaning: Floats | None = None) -> str | None:
        """Return the best topic's name, the first listed among equals, or "other"; None when none is configured."""
        if not self._names:
            return None
        return self._by_words(text) or self._by_meaning(meaning) or OTHER_TOPIC

    def _by_words(self, text: str) -> str | None:
        """The topic of which a phrase's words stand in the text, in any order."""
        stretches = _stretches(text)
        shares = [
            (len(phrase & words) / len(phrase), len(phrase & words), -place)
            for place, phrase in enumerate(self._words)
            if phrase - _NEGATIONS
            for words in stretches
        ]
        share, _, place = max(shares, default=(0.0, 0, 0))
        return self._names[-place] if share >= _LEAST_SHARE else None

    def _by_meaning(self, meaning: Floats | None) -> str | None:
        if self._vectors is None or meaning is None:
            return None
        nearness = self._vectors @ meaning
        best = int(nearness.argmax())
        return self._meant_names[best] if nearness[best] >= _LEAST_NEARNESS else None


def _stretches(text: str) -> list[frozenset[str]]:
    """The words of runs of ``_NEAR`` words, half of each shared with the next: what stands near each other."""
    words = _words(text)
    starts = range(0, max(1, len(words) - _NEAR // 2), _NEAR // 2)
    return [frozenset(words[start : start + _NEAR]) for start in starts]


def _words(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order: no case, no accents, no plural s."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    if not bare.isascii():
        bare = "".join(character for character in bare if not unicodedata.combining(character))
    return [_stem(word) for word in _WORD.findall(bare) if word not in _SMALL_WORDS]


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word
