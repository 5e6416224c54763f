"""How the bytes of a labelled file become letters: packed or not, UTF-8, or what older spreadsheets write."""

from __future__ import annotations

import gzip
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, getincrementaldecoder
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from config.errors import UsageError

UTF_8 = "utf-8-sig"  # with a mark or without
WINDOWS = "cp1252"
BROKEN = re.compile("[\udc80-\udcff]")  # each stands for a byte that is no UTF-8

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20  # bytes
_ASCII = bytes(range(128))
_UTF_32 = (BOM_UTF32_LE, BOM_UTF32_BE)
_WIDE = 0.2  # a share of NUL that no text of one byte a letter has
_Open = Callable[..., IO[Any]]


def encoding_of(path: Path) -> str:
    """What the text is written in.

    A file in which some bytes are damaged is still UTF-8, and those are left for ``BROKEN`` to find. One that is
    Windows-1252 has next to no byte beyond ASCII that would pass as UTF-8, so the majority of these tells them apart.
    ``UsageError`` for UTF-32, and for UTF-16 without its mark.
    """
    decoder = getincrementaldecoder("utf-8")("surrogateescape")
    beyond_ascii = broken = 0
    for place, chunk in enumerate(_chunks(path)):
        if place == 0 and chunk.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) and not chunk.startswith(_UTF_32):
            return "utf-16"
        if (place == 0 and chunk.startswith(_UTF_32)) or chunk.count(0) > len(chunk) * _WIDE:
            raise UsageError(f"{path} has NUL characters, as UTF-16 without a mark and UTF-32 do; save it as UTF-8")
        beyond_ascii += len(chunk.translate(None, _ASCII))
        broken += len(BROKEN.findall(decoder.decode(chunk, final=not chunk)))
    return WINDOWS if broken and broken >= beyond_ascii - broken else UTF_8


def opened(path: Path, encoding: str) -> IO[str]:
    """Open the text, its line ends as they are."""
    errors = "surrogateescape" if encoding == UTF_8 else "replace"
    return _opener(path)(path, "rt", encoding=encoding, errors=errors, newline="")


def _chunks(path: Path) -> Iterator[bytes]:
    """The unpacked bytes; the last chunk is empty."""
    with _opener(path)(path, "rb") as raw:
        chunk = raw.read(_CHUNK)
        while chunk:
            yield chunk
            chunk = raw.read(_CHUNK)
        yield chunk


def _opener(path: Path) -> _Open:
    with path.open("rb") as raw:
        start = raw.read(len(_GZIP))
    return cast(_Open, gzip.open if start == _GZIP else open)
