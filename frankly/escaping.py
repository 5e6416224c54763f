"""JSON that may be printed: nothing that strangers wrote in it commands a terminal."""

from __future__ import annotations

import re

# Controls that JSON leaves as they are, and the characters that break lines or turn the direction of text.
_COMMANDING = re.compile("[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def escaped_json(document: str) -> str:
    """Write what would command a terminal as escapes in a JSON document: it means the same, and all letters stay."""
    return _COMMANDING.sub(lambda found: f"\\u{ord(found[0]):04x}", document)
