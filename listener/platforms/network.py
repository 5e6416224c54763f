"""What HTTP itself says: of a request that failed on the way, and of the time at the other end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError


def never_left(error: BaseException) -> bool:
    """Tell whether no connection was made, so that the request cannot have arrived."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | NameResolutionError)


def answered_at(headers: Mapping[str, str]) -> datetime | None:
    """Return the time of an answer by the clock of whoever gave it (the Date header), None where that is not said."""
    try:
        moment = parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None
