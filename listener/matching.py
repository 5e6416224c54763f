"""Decides whether a text speaks of a brand: whole words, case and accents aside.

A possessive ("Brisk's") is the brand, a plural or a longer word is not. A term of several words is also found as
one hashtag. Addresses of pages and mail are not read: their words mean somebody else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from config.scripts import edges
from config.settings import Brand

# Letters that Unicode does not take apart into a base and an accent, and apostrophes of every kind.
_PLAIN = str.maketrans(
    {
        "\u0142": "l",
        "\xf8": "o",
        "\u0111": "d",
        "\xf0": "d",
        "\u0131": "i",
        "\xe6": "ae",
        "\u0153": "oe",
        "\u0127": "h",
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
    }
)
_MARKS = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u00ad\u200b-\u200f\u2060\ufeff]"
)
# Each run of signs is tried from its start alone and never given back, which finds the same: tried from every sign, a
# stranger's word without an end takes the square of its length, and nothing else of the daemon runs meanwhile.
_ADDRESSES = re.compile(
    r"(?:https?://|www\.)[^\s)\]>]+"
    r"|(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.-]+"
    r"|(?<![\w-])(?<![\w-]\.)[\w-]++(?:\.[\w-]++)++/[^\s)\]>]*"
)


@dataclass(frozen=True, slots=True)
class Match:
    """The brand that a text speaks of, and the terms that said so."""

    brand: str
    terms: tuple[str, ...]


class Matcher:
    """Finds the first of the brands, in the operator's order, that a text speaks of."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        self._brands = tuple(_BrandMatcher(brand) for brand in brands)

    def match(self, text: str) -> Match | None:
        """Return which brand the text speaks of, or None."""
        plain = normalise(text)
        for brand in self._brands:
            found = brand.match(plain)
            if found is not None:
                return found
        return None


def normalise(text: str) -> str:
    """Return a text without case, accents, invisible characters and addresses."""
    if text.isascii():
        plain = text.lower()
    else:
        apart = unicodedata.normalize("NFKD", text).casefold()  # in this order: styled capitals have no case before
        plain = unicodedata.normalize("NFC", _MARKS.sub("", apart)).translate(_PLAIN)
    return _ADDRESSES.sub(" ", plain) if "." in plain else plain


class _BrandMatcher:
    def __init__(self, brand: Brand) -> None:
        self._name = brand.name
        self._terms = brand.all_terms()
        self._pattern = _pattern(self._terms)
        self._excluded = _pattern(brand.excluded) if brand.excluded else None

    def match(self, plain: str) -> Match | None:
        found = dict.fromkeys(hit.lastgroup for hit in self._pattern.finditer(plain))
        if not found:
            return None
        terms = tuple(self._terms[int(group[1:])] for group in found if group)
        # Whoever names our account means us, whatever else they say.
        named = any(_is_handle(term) for term in terms)
        if self._excluded is not None and not named and self._excluded.search(plain):
            return None
        return Match(self._name, terms)


def _pattern(terms: Iterable[str]) -> re.Pattern[str]:
    """One expression for all terms, longest first; the group's name is the term's place in the list."""
    parts = [(place, normalise(term).strip()) for place, term in enumerate(terms)]
    parts.sort(key=lambda part: -len(part[1]))
    choices = "|".join(f"(?P<t{place}>{_expression(term)})" for place, term in parts if term)
    return re.compile(choices or r"(?!)")


def _expression(term: str) -> str:
    if term.startswith("@"):
        return rf"(?<![\w@/]){re.escape(term)}(?!\w)"
    if _is_handle(term):
        return rf"(?<![\w/])/?{re.escape(term)}(?![\w-])"
    words = term.lstrip("#").split()
    spaced = r"[\s\-_]+".join(re.escape(word) for word in words)
    either = spaced if len(words) == 1 else rf"(?:{spaced}|(?<=#){'_?'.join(re.escape(word) for word in words)})"
    before, after = edges(term)
    return f"{before}{either}{after}"


def _is_handle(term: str) -> bool:
    return term.startswith(("@", "u/"))
