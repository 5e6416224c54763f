"""Scripts that do not part their words by blanks, as ranges for a regular expression's class of signs."""

HAN = "\u3005-\u3007\u3400-\u9fff\U00020000-\U0003ffff"
# Thai and Lao, Burmese, Khmer, and the Japanese syllables beside Chinese signs.
UNSPACED = f"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff{HAN}"
