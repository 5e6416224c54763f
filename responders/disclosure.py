"""Disclosure: an automated reply says that it is one, and how to make it stop (X Automation rules)."""

from __future__ import annotations

import re

from responders.words import fold

# automated, automatic, automatisch, automatisé, automático, and "bot" as a word of its own: en, de, es, fr.
_AUTOMATED = re.compile(r"\bautomat|\bbot\b")
_STOP = re.compile(r"\bstop\b")


def is_disclosed(text: str) -> bool:
    """Tell whether a text says that it is automated and names the word that stops it."""
    folded = fold(text)
    return bool(_AUTOMATED.search(folded)) and bool(_STOP.search(folded))
