"""What of a text is said about a brand, where it names a rival too: clauses about the rival alone are left out.

Severity and topics go by it, for what the rival did is no harm that we have done. A model that knows no marks reads no
more either: it takes "Zenith is terrible, thank god I'm with Acme" for anger, whichever brand it is read for, and the
clause alone it reads rightly (docs/training.md has the figures).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from classifiers.names import any_of, marked

# Blanks are tried from the first of them alone, and all together: a stranger may write very many.
_BETWEEN = re.compile(r"(?<=[.!?;,:])\s++|(?<!\s)\s++(?=(?:but|while|whereas|unlike|than|instead of)\b)", re.IGNORECASE)
# Whoever says "you" speaks to us, even beside the rival's name: "Zenith never treated me as badly as you do".
_ADDRESSED = re.compile(r"(?<!\w)(?:you|u|your|ur|yours)(?!\w)", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_LEAST_WORDS = 2  # besides the name: "Acme," calls us and says nothing


class Clauses:
    """Finds what is said about a brand; holds its names and those of its rivals."""

    def __init__(self, names: Iterable[str], rivals: Iterable[str]) -> None:
        self._own = any_of(names)
        self._rivals = any_of(rivals)

    def name_rival(self, text: str) -> bool:
        """Whether ``text`` names a rival."""
        return self._rivals is not None and bool(self._rivals.search(text))

    def marked(self, text: str) -> str:
        """``text`` with the mark before each name of the brand."""
        return marked(text, self._own)

    def about_brand(self, text: str) -> str:
        """``text`` without the clauses that name rivals alone; whole, where no clause is about the brand alone."""
        if self._own is None or self._rivals is None or not self._rivals.search(text):
            return text
        clauses = _BETWEEN.split(text)
        rivals = [bool(self._rivals.search(clause)) for clause in clauses]
        if not any(self._says(clause) and not rival for clause, rival in zip(clauses, rivals, strict=True)):
            return text
        kept = (
            clause
            for clause, rival in zip(clauses, rivals, strict=True)
            if not rival or self._own.search(clause) or _ADDRESSED.search(clause)
        )
        return " ".join(kept)

    def _says(self, clause: str) -> bool:
        """Whether the clause is about the brand and says something."""
        if self._own is None:
            return False
        besides, names = self._own.subn(" ", clause)
        return len(_WORD.findall(besides)) >= _LEAST_WORDS and bool(names or _ADDRESSED.search(clause))
