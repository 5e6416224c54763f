"""``frankly digest``: a day's digest on paper, in one of its forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from config.errors import UsageError
from frankly.app import App
from frankly.escaping import escaped_json
from responders.digest.deliver import send_digest
from responders.digest.figures import make_digest, to_json
from responders.digest.markdown import render_markdown
from responders.digest.page import render_html
from responders.digest.records import Digest


def digest_texts(
    app: App, brand: str | None, day: date | None, form: str, *, deliver: bool, tell: Callable[[str], None]
) -> list[str]:
    """Make the digest of one brand or of all, send it and tell of that when asked to, and return it in a form."""
    if form not in ("markdown", "html", "json"):
        raise UsageError(f'"{form}" is no form of a digest; expected markdown, html or json')
    names = [one.name for one in app.settings.brands]
    if brand is not None and brand not in names:
        raise UsageError(f'there is no brand "{brand}"; known: {", ".join(names)}')
    if deliver:
        _require_address(app)
    texts = []
    for one in app.settings.brands:
        if brand in (None, one.name):
            yesterday = (app.clock.now().astimezone(ZoneInfo(one.time_zone)) - timedelta(days=1)).date()
            digest = make_digest(app.store, app.settings, app.clock, one, day or yesterday)
            if deliver:
                tell(_sent(app, digest))
            texts.append(_written(app, digest, form))
    return texts


def _require_address(app: App) -> None:
    """Leave the daemon, which may have an address, its next try: only it says that a digest has nowhere to go."""
    if not app.credentials.digest_urls:
        raise UsageError("--send has nowhere to send to: FRANKLY_DIGEST_URLS is not set in this shell; set it")
    if not app.settings.digest.by_mail:
        raise UsageError("--send sends nothing while digest.by_mail is false in the settings; leave one of them out")


def _sent(app: App, digest: Digest) -> str:
    """Send a digest and return what became of that."""
    whose = f"the digest of {digest.brand} for {digest.day}"
    if send_digest(digest, app.credentials.digest_urls, app.settings, app.store, app.clock):
        return f"Sent {whose}."
    stored = app.store.digests.get(digest.brand, digest.day)
    if stored is not None and stored.sent_at is not None:
        return f"Nothing was sent: {whose} had been sent at {stored.sent_at:%Y-%m-%d %H:%M} UTC."
    return f"Nothing was sent: sending {whose} was begun before and never ended, so it may have arrived."


def _written(app: App, digest: Digest, form: str) -> str:
    if form == "json":
        return escaped_json(to_json(digest))
    return render_html(digest, app.settings, for_mail=True) if form == "html" else render_markdown(digest)
