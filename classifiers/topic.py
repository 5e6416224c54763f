"""Which of the operator's topics a text is about: by the words of the topic's example phrases, for now."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from config.settings import Topic

_WORD = re.compile(r"[^\W_]+")
_SMALL_WORDS = frozenset({
    "a", "an", "and", "are", "at", "be", "been", "but", "by", "can", "do", "for", "from", "had", "has", "have",
    "i", "in", "is", "it", "its", "me", "my", "no", "not", "of", "on", "or", "our", "so", "that", "the",
    "their", "them", "there", "they", "this", "to", "too", "up", "us", "was", "we", "were", "will", "with",
    "you", "your",
})  # fmt: skip
_LEAST_SHARE = 0.6  # of a phrase's words that must stand in the text


class TopicMatcher:
    """Finds the topic of which a phrase's words stand in the text, in any order."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._phrases = [
            (topic.name, words) for topic in topics for phrase in topic.phrases if (words := _words(phrase))
        ]

    def match(self, text: str) -> str | None:
        """Return the best topic's name, the first listed among equals; None when none fits or none is configured."""
        if not self._phrases:
            return None
        words = _words(text)
        shares = [
            (len(phrase & words) / len(phrase), len(phrase & words), -place)
            for place, (_, phrase) in enumerate(self._phrases)
        ]
        share, _, place = max(shares)
        return self._phrases[-place][0] if share >= _LEAST_SHARE else None


def _words(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning: no case, no accents, no plural s."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    if not bare.isascii():
        bare = "".join(character for character in bare if not unicodedata.combining(character))
    return frozenset(_stem(word) for word in _WORD.findall(bare) if word not in _SMALL_WORDS)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word
