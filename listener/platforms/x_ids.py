"""The time inside an X id: milliseconds since X's own epoch above 22 bits of machine and count (X, "X IDs")."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_X_EPOCH_MS = 1_288_834_974_657
_MAX_ID = (1 << 63) - 1


def id_at(moment: datetime) -> int:
    """Return the smallest id that a post of this moment can have; at least 1."""
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    return min(max((milliseconds - _X_EPOCH_MS) << 22, 1), _MAX_ID)


def time_of(identifier: int | str) -> datetime:
    """Return when an id was made."""
    return _EPOCH + timedelta(milliseconds=(int(identifier) >> 22) + _X_EPOCH_MS)


def is_id(value: object) -> bool:
    """Tell whether a value can be an X id: digits that fit 63 bits."""
    return isinstance(value, str) and value.isascii() and value.isdigit() and 0 < int(value[:20]) <= _MAX_ID
