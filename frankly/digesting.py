"""``frankly digest``: a day's digest on paper, in one of its forms."""

from __future__ import annotations

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


def digest_texts(app: App, brand: str | None, day: date | None, form: str, *, deliver: bool) -> list[str]:
    """Make the digest of one brand or of all, send it when asked to, and return it in the form asked for."""
    if form not in ("markdown", "html", "json"):
        raise UsageError(f'"{form}" is no form of a digest; expected markdown, html or json')
    names = [one.name for one in app.settings.brands]
    if brand is not None and brand not in names:
        raise UsageError(f'there is no brand "{brand}"; known: {", ".join(names)}')
    texts = []
    for one in app.settings.brands:
        if brand in (None, one.name):
            yesterday = (app.clock.now().astimezone(ZoneInfo(one.time_zone)) - timedelta(days=1)).date()
            digest = make_digest(app.store, app.settings, app.clock, one, day or yesterday)
            if deliver:
                send_digest(digest, app.credentials.digest_urls, app.settings, app.store, app.clock)
            texts.append(_written(app, digest, form))
    return texts


def _written(app: App, digest: Digest, form: str) -> str:
    if form == "json":
        return escaped_json(to_json(digest))
    return render_html(digest, app.settings, for_mail=True) if form == "html" else render_markdown(digest)
