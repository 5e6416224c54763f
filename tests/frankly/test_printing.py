"""What is printed for programs means what it was, and commands no terminal that shows it."""

from __future__ import annotations

import json
import unicodedata

import pytest

from frankly.commands.common import write_json
from frankly.escaping import escaped_json

DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
READABLE = "grüße, “שלום” مرحبا 你好 👩\u200d👩\u200d👧 ☎\ufe0f\u00a0\u00ad"


def test_every_control_and_direction_character_is_an_escape() -> None:
    controls = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cc"]
    for character in (*controls, *DIRECTIONS):
        written = escaped_json(json.dumps({character: f"a{character}\\"}, ensure_ascii=False))
        assert written.isascii(), f"U+{ord(character):04X} stands there as it is"
        assert json.loads(written) == {character: f"a{character}\\"}


def test_letters_stay_readable() -> None:
    assert escaped_json(READABLE) == READABLE


def test_json_for_programs_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"text": f"{READABLE}\x9b31m\u202e"})
    out = capsys.readouterr().out
    assert out == f'{{\n  "text": "{READABLE}\\u009b31m\\u202e"\n}}\n'
