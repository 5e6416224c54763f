"""The one place where requests to X leave and where X's answers of refusal become our errors.

tweepy offers no other host, no time-out and no look at the headers, and its own error parsing breaks on bodies
that are not a JSON object. So an adapter is mounted on its session: it points the request at the configured
server, sets the time-out, keeps the rate-limit headers, and raises before tweepy sees anything but a success.
That also rules out that a redirect is followed with a second POST.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from config.clock import Clock
from config.errors import (
    CredentialsRefused,
    PlatformError,
    PlatformUnavailable,
    PostRefused,
    PostUncertain,
    RateLimited,
    StaleCursor,
)
from listener.platforms.x_ids import is_id

HOST = "https://api.twitter.com"
PATIENCE = timedelta(seconds=60)  # where X names no time
CREDITS_PATIENCE = timedelta(hours=1)
_LONGEST_WINDOW = timedelta(hours=25)  # X's longest is a day: a reset beyond that would deafen us by mistake
_STALE = re.compile(r"'since_id'.*?larger than (\d+)", re.DOTALL)
_OUR_KEYS = ("unsupported-authentication", "client-forbidden", "oauth1-permissions", "client-not-enrolled")
_WINDOWS = ("x-rate-limit-", "x-app-limit-24hour-", "x-user-limit-24hour-")


class XTransport(HTTPAdapter):
    """Sends tweepy's requests to ``base_url`` and raises our errors for every answer that is no success."""

    def __init__(self, base_url: str, timeout: timedelta, clock: Clock) -> None:
        super().__init__()  # urllib3 is told to retry nothing
        self._base = urlsplit(base_url)
        self._seconds = timeout.total_seconds()
        self._clock = clock
        self._closed_until: dict[str, datetime] = {}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request once. Raises our errors; requests' own are left to ``XClient``."""
        assert request.url is not None  # prepared requests have one
        endpoint = endpoint_of(request)
        now = self._clock.now()
        closed_until = self._closed_until.get(endpoint)
        if closed_until is not None and now < closed_until:
            raise RateLimited(f"X allows no further {endpoint} before {closed_until:%H:%M:%S} UTC", closed_until)
        request.url = urlunsplit(urlsplit(request.url)._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        kwargs["timeout"] = self._seconds
        response = super().send(request, *args, **kwargs)
        self._keep_window(endpoint, response.headers, now)
        if not 200 <= response.status_code < 300:
            raise refusal(response, now, posting=request.method == "POST")
        return response

    def _keep_window(self, endpoint: str, headers: Mapping[str, str], now: datetime) -> None:
        """Remember a window that this answer used up, so that the next request is not even sent."""
        reset = used_up_until(headers)
        if reset is not None and reset > now:
            self._closed_until[endpoint] = min(reset, now + _LONGEST_WINDOW)
        else:
            self._closed_until.pop(endpoint, None)


def endpoint_of(request: requests.PreparedRequest) -> str:
    """Name what X counts together: method, path without ids, and whose keys signed."""
    path = re.sub(r"/\d+", "/:id", urlsplit(request.url or "").path)
    keys = "app" if str(request.headers.get("Authorization", "")).startswith("Bearer") else "user"
    return f"{request.method} {path} ({keys})"


def used_up_until(headers: Mapping[str, str]) -> datetime | None:
    """Return the latest end of the windows (15 minutes, 24 hours) in which nothing remains."""
    ends = []
    for prefix in _WINDOWS:
        reset = _epoch(headers.get(f"{prefix}reset"))
        if reset is not None and headers.get(f"{prefix}remaining", "").strip() == "0":
            ends.append(reset)
    return max(ends, default=None)


def _epoch(text: str | None) -> datetime | None:
    digits = text.strip() if text is not None else ""
    if not digits.isascii() or not digits.isdigit() or len(digits) > 11:
        return None
    return datetime.fromtimestamp(int(digits), UTC)


def refusal(response: requests.Response, now: datetime, *, posting: bool) -> PlatformError:
    """Return our error for an answer of X that is no success."""
    status = response.status_code
    body = body_of(response)
    words = words_of(body) or f"status {status}"
    kind = str(body.get("type", ""))
    if status == 429 or "usage-capped" in kind:
        named = used_up_until(response.headers) or _epoch(response.headers.get("x-rate-limit-reset")) or now
        retry_at = min(max(named, now + PATIENCE), now + _LONGEST_WINDOW)
        return RateLimited("X asks for patience (too many requests)", retry_at)
    if status == 402 or kind.endswith("/credits"):
        return RateLimited("X says that the account's credits are spent", now + CREDITS_PATIENCE)
    if status >= 500 or status == 408:
        if posting:
            return PostUncertain(f"X answered {status} to a reply: it may stand there or not")
        return PlatformUnavailable(f"X answered {status}; will try again")
    stale = _STALE.search(words)
    if stale and is_id(stale[1]):
        return StaleCursor("X no longer reaches back to the post that reading continued from", stale[1])
    if status == 401 or any(name in kind for name in _OUR_KEYS) or (status == 403 and not posting):
        return CredentialsRefused(f"X does not accept our keys for this ({status}: {_short(words)})")
    if posting:
        return PostRefused(f"X refused the reply ({status})", detail=words)
    return PlatformUnavailable(f"X did not take the request ({status}: {_short(words)})")


def body_of(response: requests.Response) -> dict[str, Any]:
    """Return the body as a JSON object; empty when it is something else."""
    try:
        body = response.json()
    except (ValueError, requests.RequestException, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def words_of(body: Mapping[str, Any]) -> str:
    """Return what X says went wrong: the messages of its errors, else the detail, else the title."""
    errors = body.get("errors")
    entries = [entry for entry in errors if isinstance(entry, dict)] if isinstance(errors, list) else []
    messages = [str(entry.get("message") or entry.get("detail") or "") for entry in entries]
    return "; ".join(filter(None, messages)) or str(body.get("detail") or body.get("title") or "")


def _short(words: str) -> str:
    return words if len(words) <= 200 else words[:199] + "…"
