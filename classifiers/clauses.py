"""What of a text is said about a brand, where it names a rival too: clauses about the rival alone are left out.

A small encoder takes "Zenith is terrible, thank god I'm with Acme" for anger, whichever brand it is read for; the
clause alone it reads rightly (docs/classifier.md has the figures).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_BETWEEN = re.compile(
    r"(?<=[.!?;,:])\s+|\s+(?=(?:but|while|whereas|unlike|than|when|because|so|instead of)\b)", re.IGNORECASE
)


class Clauses:
    """Finds what is said about a brand; holds its names and those of its rivals."""

    def __init__(self, names: Iterable[str], rivals: Iterable[str]) -> None:
        self._own = _any_of(names)
        self._rivals = _any_of(rivals)

    def about_brand(self, text: str) -> str:
        """``text`` without the clauses that name rivals alone; whole, where no clause names the brand alone."""
        if self._own is None or self._rivals is None or not self._rivals.search(text):
            return text
        named = [
            (clause, bool(self._own.search(clause)), bool(self._rivals.search(clause)))
            for clause in _BETWEEN.split(text)
        ]
        if not any(own and not rival for _, own, rival in named):
            return text
        return " ".join(clause for clause, own, rival in named if own or not rival)


def _any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the names as whole words, in any case; None when there are none."""
    alternatives = sorted({re.escape(name.strip()) for name in names if name.strip()}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE) if alternatives else None
