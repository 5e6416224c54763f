"""Secrets: only from the environment, or from a file that a ``…_FILE`` variable names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from config.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class XCredentials:
    """Keys of an X app (bearer token) and of the brand's account (OAuth 1.0a)."""

    bearer_token: SecretStr
    consumer_key: SecretStr
    consumer_secret: SecretStr
    access_token: SecretStr
    access_token_secret: SecretStr


@dataclass(frozen=True, slots=True)
class RedditCredentials:
    """Keys of a Reddit app and the refresh token of the brand's account."""

    client_id: SecretStr
    client_secret: SecretStr
    refresh_token: SecretStr
    username: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the operator handed over. A platform without keys is None."""

    x: XCredentials | None
    reddit: RedditCredentials | None
    digest_urls: tuple[SecretStr, ...]  # Apprise addresses that the digest goes to
    alert_urls: tuple[SecretStr, ...]  # and those that hear at once of escalated cases


X_VARIABLES = (
    "FRANKLY_X_BEARER_TOKEN",
    "FRANKLY_X_CONSUMER_KEY",
    "FRANKLY_X_CONSUMER_SECRET",
    "FRANKLY_X_ACCESS_TOKEN",
    "FRANKLY_X_ACCESS_TOKEN_SECRET",
)
REDDIT_VARIABLES = (
    "FRANKLY_REDDIT_CLIENT_ID",
    "FRANKLY_REDDIT_CLIENT_SECRET",
    "FRANKLY_REDDIT_REFRESH_TOKEN",
    "FRANKLY_REDDIT_USERNAME",
)
VARIABLES = {"x": X_VARIABLES, "reddit": REDDIT_VARIABLES}
DIGEST_VARIABLE = "FRANKLY_DIGEST_URLS"
ALERT_VARIABLE = "FRANKLY_ALERT_URLS"
SECRET_VARIABLES = (*X_VARIABLES, *REDDIT_VARIABLES, DIGEST_VARIABLE, ALERT_VARIABLE)
_NO_PART_OF_A_KEY = re.compile(r"[^!-~]")  # all but the visible characters of ASCII
_ADDRESS = re.compile(r"[a-z0-9]{1,32}://", re.IGNORECASE)  # how Apprise's addresses begin


def load_credentials(environ: Mapping[str, str]) -> Credentials:
    """Read every secret. ``ConfigurationError`` for half a set of keys, no key or address, or no readable file."""
    x = _all_or_none("X", X_VARIABLES, environ)
    reddit = _all_or_none("Reddit", REDDIT_VARIABLES, environ)
    return Credentials(
        x=XCredentials(*map(SecretStr, x)) if x else None,
        reddit=_reddit(*reddit) if reddit else None,
        digest_urls=_addresses(DIGEST_VARIABLE, environ),
        alert_urls=_addresses(ALERT_VARIABLE, environ),
    )


def _addresses(name: str, environ: Mapping[str, str]) -> tuple[SecretStr, ...]:
    """Return a variable's Apprise addresses. What is none may be a piece of a password: it is told by its place."""
    found = (_read(name, environ) or "").split()
    for place, address in enumerate(found, 1):
        if not _ADDRESS.match(address):
            raise ConfigurationError(
                f"address {place} of {len(found)} in {name} is no Apprise address; expected one such as mailto://…, "
                "with %20 for a blank inside it: blanks stand between addresses"
            )
    return tuple(map(SecretStr, found))


def _reddit(client_id: str, client_secret: str, refresh_token: str, username: str) -> RedditCredentials:
    return RedditCredentials(SecretStr(client_id), SecretStr(client_secret), SecretStr(refresh_token), username)


def _all_or_none(platform: str, names: tuple[str, ...], environ: Mapping[str, str]) -> list[str] | None:
    values = {name: _key(name, environ) for name in names}
    missing = [name for name, value in values.items() if value is None]
    if len(missing) == len(names):
        return None
    if missing:
        raise ConfigurationError(
            f"the credentials for {platform} are incomplete: {', '.join(missing)} is not set; "
            f"set it (or {missing[0]}_FILE to a file that holds it), or unset the others"
        )
    return [value for value in values.values() if value is not None]


def _key(name: str, environ: Mapping[str, str]) -> str | None:
    """Return a variable's key or account. Other signs would end in a request that cannot leave, or in a plain 401."""
    value = _read(name, environ)
    wrong = _NO_PART_OF_A_KEY.search(value or "")
    if wrong is None:
        return value
    kind = "a blank or line break" if wrong[0].isspace() else "no printable ASCII character"
    raise ConfigurationError(
        f"character {wrong.start() + 1} of {name} (or of the file that {name}_FILE names) is {kind}; "
        "expected it whole, in one piece, as its platform shows it"
    )


def _read(name: str, environ: Mapping[str, str]) -> str | None:
    """Return a variable's value, or the stripped content of the file that ``NAME_FILE`` names."""
    file = environ.get(f"{name}_FILE")
    if not file:
        return environ.get(name, "").strip() or None
    if environ.get(name):
        raise ConfigurationError(f"both {name} and {name}_FILE are set; keep one of them")
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name}_FILE names {file}, which cannot be read: {error}") from error
