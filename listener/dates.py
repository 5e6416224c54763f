"""Dates as people's files spell them, into aware UTC times. What names no zone is UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{13}")
_SPACED_OFFSET = re.compile(r"\s+([+-]\d\d):?(\d\d)$")
_ZONE_WORD = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
# "Tue Feb 24 19:35:52 +0000 2015", as X's first API wrote it.
_OLD_X = re.compile(r"\w{3} (\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) ([+-]\d{4}) (\d{4})")
_MILLISECONDS = 13
_YEARS = range(1990, 2200)


def read_date(text: str) -> datetime | None:
    """Return the moment, or None when the text is no date or none that a post can have."""
    moment = _read(text.strip())
    if moment is None:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC) if aware.year in _YEARS else None


def _read(text: str) -> datetime | None:
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(float(text) / (1000 if len(text) == _MILLISECONDS else 1), UTC)
    plain = _ZONE_WORD.sub("", _SPACED_OFFSET.sub(r"\1:\2", text))
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        pass
    old_x = _OLD_X.fullmatch(text)
    if old_x:
        text = f"{old_x[2]} {old_x[1]} {old_x[5]} {old_x[3]} {old_x[4]}"
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
