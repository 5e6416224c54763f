"""A brand's names in a text: found as whole words, and marked, so that a model can tell whose words of praise are.

Names change from text to text, and a small encoder hardly learns which of two a verdict belongs to. A mark that stays
the same, and what the encoder makes of it, tell it (Baldini Soares et al., ACL 2019, "Matching the Blanks"). The name
itself stays behind it: it says whether the company is meant at all (Zhou and Chen, AACL 2022, "An Improved Baseline for
Sentence-level Relation Extraction", found marks beside names better than marks instead of them).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# Stands before each name of the brand that a text is read for. A picture, which ``normalise`` puts into words, so that
# nobody else can write one.
MARK = "\u25cf"
_LEAST_LETTERS = 4  # of a name's first word that is a name by itself


def spoken(name: str, *, short: bool = True) -> Iterator[str]:
    """How people write a name: as it is, in one word and, if ``short``, by its first word if that is no small one."""
    yield name
    yield name.replace(" ", "")
    first = next(iter(name.split()), "")
    if short and len(first) >= _LEAST_LETTERS:
        yield first


def any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the names as whole words, in any case; None when there are none."""
    alternatives = sorted({re.escape(name.strip()) for name in names if name.strip()}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE) if alternatives else None


def marked(text: str, names: re.Pattern[str] | None) -> str:
    """``text`` with the mark before each of ``names``."""
    return text if names is None else names.sub(lambda found: f"{MARK} {found[0]}", text)


def unmarked(text: str) -> str:
    """``text`` as it was before it was ``marked``."""
    return text.replace(f"{MARK} ", "")
