"""Output that may be printed: nothing that strangers wrote in it commands a terminal."""

from __future__ import annotations

import re

# Controls that JSON leaves as they are, and the characters that break lines or turn the direction of text.
_COMMANDS = "\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_COMMANDING = re.compile(f"[{_COMMANDS}]")
_COMMANDING_IN_TEXT = re.compile(f"[\u0000-\u0008\u000b-\u001f{_COMMANDS}]")  # all but tabs and line feeds


def escaped_json(document: str) -> str:
    """Write what would command a terminal as escapes in a JSON document: it means the same, and all letters stay."""
    return _COMMANDING.sub(_escape, document)


def escaped_text(text: str) -> str:
    """Write the same characters, and the controls that JSON escapes by itself, as escapes in a plain text."""
    return _COMMANDING_IN_TEXT.sub(_escape, text.replace("\r\n", "\n"))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
