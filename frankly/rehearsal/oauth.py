"""OAuth 1.0a as a server checks it (RFC 5849, section 3): the signature is computed again and compared."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote


def parse_header(header: str) -> dict[str, str]:
    """Return the fields of an ``Authorization: OAuth …`` header, or none at all for another scheme."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "oauth":
        return {}
    fields = (item.strip().partition("=") for item in rest.split(","))
    return {unquote(name): unquote(value.strip('"')) for name, _, value in fields}


def signature(
    method: str,
    url: str,
    fields: Mapping[str, str],
    pairs: Iterable[tuple[str, str]],
    consumer_secret: str,
    token_secret: str,
) -> str:
    """Return the HMAC-SHA1 signature; ``url`` is without its query, whose pairs come in ``pairs``."""
    signed = [(k, v) for k, v in fields.items() if k not in ("oauth_signature", "realm")]
    encoded = sorted((_encode(name), _encode(value)) for name, value in [*signed, *pairs])
    parameters = "&".join(f"{name}={value}" for name, value in encoded)
    base = "&".join([method.upper(), _encode(url), _encode(parameters)])
    key = f"{_encode(consumer_secret)}&{_encode(token_secret)}"
    digest = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _encode(text: str) -> str:
    return quote(text, safe="-._~")
