"""A digest as HTML: a part of a page of the desk, or a whole mail."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config.settings import Settings
from responders.digest.phrases import web_address
from responders.digest.pictures import NAMES, SIZES, pictures
from responders.digest.records import Digest
from responders.digest.writing import document

LISTED_IN_MAIL = 25  # so many of the unanswered: mail programs cut a mail off at 100 KB, with what stands after them

Carried = Literal["data", "cid"]


def render_html(digest: Digest, settings: Settings, for_mail: bool, carried: Carried = "data") -> str:
    """Return a digest as HTML.

    Not for mail, it is the inside of a page of the desk, whose pictures are at ``/digests/BRAND/DAY/NAME.png`` and
    whose style sheet is ``digest.css``. For mail it is a page by itself: its pictures are inside it (``data``), or
    they are attachments called ``NAME.png`` (``cid``), because many mail programs show no others.
    """
    name = "mail.html" if for_mail else "page.html"
    return _environment().get_template(name).render(
        paper=document(digest, listed=LISTED_IN_MAIL if for_mail else None),
        pictures=_addresses(digest, for_mail, carried),
        sizes=SIZES,
        desk_url=web_address(settings.desk.public_url),
    )  # fmt: skip


def _addresses(digest: Digest, for_mail: bool, carried: Carried) -> dict[str, str]:
    if not for_mail:
        folder = f"/digests/{quote(digest.brand, safe='')}/{digest.day.isoformat()}"
        return {name: f"{folder}/{name}.png" for name in NAMES}
    if carried == "cid":
        return {name: f"cid:{name}.png" for name in NAMES}
    return {name: f"data:image/png;base64,{b64encode(png).decode()}" for name, png in pictures(digest).items()}


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
