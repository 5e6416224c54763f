"""Scripts that do not part their words by blanks, and what tells a whole word in any script.

The constants are ranges for a regular expression's class of signs.
"""

from __future__ import annotations

import re

HAN = "\u3005-\u3007\u3400-\u9fff\U00020000-\U0003ffff"
# Thai and Lao, Burmese, Khmer, and the Japanese syllables beside Chinese signs.
UNSPACED = f"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff{HAN}"
# Hangul is written with blanks, but glues particles to a name.
_OPEN = rf"{UNSPACED}\uac00-\ud7af"
_LETTER = rf"[^\W{_OPEN}]"


def edges(word: str) -> tuple[str, str]:
    """Return what must hold before and after a word, as expressions, for it to be a whole one.

    Where blanks do not tell, nothing does: a letter of such a script ends the word before it, and may be in any other.
    """
    before = "" if re.match(f"[{_OPEN}]", word) else f"(?<!{_LETTER})"
    after = "" if re.search(f"[{_OPEN}]$", word) else f"(?!{_LETTER})"
    return before, after
