"""What can be said of a request that failed on the way."""

from __future__ import annotations

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError


def never_left(error: BaseException) -> bool:
    """Tell whether no connection was made, so that the request cannot have arrived."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | NameResolutionError)
