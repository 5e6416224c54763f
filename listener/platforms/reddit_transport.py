"""The one place where requests to Reddit leave; praw calls it through ``requestor_class``.

prawcore sends a POST again after a time-out, a broken connection or a 5xx, up to three times: for a reply that
means three replies. It retries only its own ``RequestException``, so whatever goes wrong with a reply is raised
from here as one of our errors. Reads are sent once as well, since prawcore sleeps in the caller's thread before it
sends again: waiting is the collector's. It also stumbles over some headers (a 401 without ``www-authenticate``, a
fraction in ``x-ratelimit-used``) and sleeps, up to ten minutes, when the rate limit is used up: so those headers are
put right, or kept here and taken out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from prawcore.exceptions import RequestException
from prawcore.requestor import Requestor
from prawcore.sessions import FiniteRetryStrategy

from config.clock import Clock
from config.errors import CredentialsRefused, PlatformUnavailable, PostRefused, PostUncertain, RateLimited
from listener.platforms.network import answered_at, never_left

PATIENCE = timedelta(seconds=60)  # where Reddit names no time
_LIMIT_HEADERS = ("x-ratelimit-remaining", "x-ratelimit-used", "x-ratelimit-reset")


@dataclass(frozen=True)
class OnceMoreAtOnce(FiniteRetryStrategy):
    """What is left to prawcore: one request more, without sleep, with a new token in place of one that ran out."""

    DEFAULT_RETRIES = 1
    retries: int = DEFAULT_RETRIES

    def _sleep_seconds(self) -> float | None:
        return None


@dataclass(slots=True)
class ReplyWatch:
    """What praw does not tell: whether a reply was handed to the network, and Reddit's time in its last answer."""

    left: bool = False
    answered_at: datetime | None = None


class RedditTransport(Requestor):
    """Sends praw's requests; a reply is sent exactly once."""

    def __init__(self, *, seconds: float, clock: Clock, watch: ReplyWatch, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._seconds = seconds
        self._clock = clock
        self._closed_until: datetime | None = None
        self._watch = watch

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> requests.Response:
        """Send one request. ``timeout`` is prawcore's constant and gives way to the operator's setting."""
        method, url = str(args[0]).upper(), str(kwargs.get("url") or args[1])
        now = self._clock.now()
        if self._closed_until is not None and now < self._closed_until:
            raise RateLimited(f"Reddit allows no request before {self._closed_until:%H:%M:%S} UTC", self._closed_until)
        replying = method == "POST" and urlsplit(url).path.strip("/") == "api/comment"
        response = self._send_reply(*args, **kwargs) if replying else self._read(*args, **kwargs)
        self._keep_window(response, now)
        self._watch.answered_at = answered_at(response.headers)
        if response.status_code == 429:
            raise RateLimited("Reddit asks for patience (too many requests)", self._retry_at(response, now))
        if replying:
            _refuse_all_but_success(response)
        elif response.status_code >= 500 or response.status_code == 408:
            raise PlatformUnavailable(f"Reddit answered {response.status_code}; will try again")
        _put_right(response)
        return response

    def _read(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            return super().request(*args, timeout=self._seconds, **kwargs)
        except RequestException as error:
            kind = type(error.original_exception).__name__
            raise PlatformUnavailable(f"Reddit cannot be reached ({kind}); will try again") from error

    def _send_reply(self, *args: Any, **kwargs: Any) -> requests.Response:
        self._watch.left = True
        try:
            return super().request(*args, timeout=self._seconds, **kwargs)
        except RequestException as error:
            if never_left(error.original_exception):
                self._watch.left = False
                raise PlatformUnavailable("Reddit cannot be reached; the reply did not leave") from error
            raise PostUncertain("the connection to Reddit broke while a reply was on its way") from error

    def _keep_window(self, response: requests.Response, now: datetime) -> None:
        remaining = _number(response.headers.get("x-ratelimit-remaining"))
        reset = _number(response.headers.get("x-ratelimit-reset"))
        used_up = remaining is not None and remaining < 1 and reset is not None
        self._closed_until = now + timedelta(seconds=reset) if used_up and reset else None

    def _retry_at(self, response: requests.Response, now: datetime) -> datetime:
        seconds = _number(response.headers.get("retry-after"))
        named = self._closed_until or now + (PATIENCE if seconds is None else timedelta(seconds=seconds))
        return max(named, now + timedelta(seconds=1))


def _refuse_all_but_success(response: requests.Response) -> None:
    """Raise for an answer to a reply that is no success. Never reached twice for one reply."""
    status = response.status_code
    if status >= 500 or status == 408:
        raise PostUncertain(f"Reddit answered {status} to a reply: it may stand there or not")
    if status == 401:
        # prawcore would fetch a new token and send the reply again; the next read does that instead.
        raise CredentialsRefused("Reddit does not accept our token for a reply")
    if not 200 <= status < 300:
        raise PostRefused(f"Reddit refused the reply ({status})", detail=_words(response) or f"status {status}")


def _words(response: requests.Response) -> str:
    try:
        body = response.json()
    except (ValueError, requests.RequestException, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    return str(body.get("explanation") or body.get("message") or body.get("reason") or "")[:300]


def _put_right(response: requests.Response) -> None:
    """Leave only headers that prawcore can read."""
    for name in _LIMIT_HEADERS:
        response.headers.pop(name, None)
    if response.status_code == 401:
        response.headers["www-authenticate"] = 'Bearer realm="reddit", error="invalid_token"'
    else:
        response.headers.pop("www-authenticate", None)


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if 0 <= number <= 86_400 else None
