"""Sends a digest by mail and whatever else Apprise reaches, once, and writes down what became of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from config.clock import Clock
from config.errors import FranklyError
from config.settings import Settings
from responders.digest.figures import without_words
from responders.digest.markdown import render_markdown
from responders.digest.page import render_html
from responders.digest.pictures import pictures
from responders.digest.records import Digest
from responders.digest.writing import subject
from store.records import Event
from store.store import Store

NOWHERE = "no address is set"

# It writes out addresses that it does not know, passwords and all.
logging.getLogger("apprise").setLevel(logging.CRITICAL)


def send_digest(digest: Digest, urls: Sequence[SecretStr], settings: Settings, store: Store, clock: Clock) -> bool:
    """Send a digest to every address; False when it went out before, or when there is nowhere to send it.

    That sending begins is on disk before the first byte leaves, so a crash cannot send a stored digest twice.
    ``FranklyError`` names how many addresses failed, and never an address: they hold passwords.
    """
    if not settings.digest.by_mail or not urls:
        store.digests.mark_unsent(digest.brand, digest.day, NOWHERE)
        return False
    stored = store.digests.get(digest.brand, digest.day) is not None
    if stored and not store.digests.mark_trying(digest.brand, digest.day, clock.now()):
        return False
    failed = _notify(digest if settings.digest.words_sent else without_words(digest), urls, settings)
    problem = None
    if failed:
        problem = f"{len(failed)} of {len(urls)} addresses did not take it ({', '.join(failed)})"
    _settle(digest, store, clock, problem, sent=len(failed) < len(urls))
    if problem:
        raise FranklyError(
            f"the digest of {digest.brand} for {digest.day} was not sent everywhere: {problem}; "
            "check FRANKLY_DIGEST_URLS and whether the mail server can be reached"
        )
    return True


def _settle(digest: Digest, store: Store, clock: Clock, problem: str | None, *, sent: bool) -> None:
    detail: dict[str, object] = {"day": digest.day.isoformat(), **({"problem": problem} if problem else {})}
    with store.transaction():
        if sent:
            store.digests.mark_sent(digest.brand, digest.day, clock.now(), problem)
        else:
            store.digests.mark_unsent(digest.brand, digest.day, problem or "")
        kind = "digest.sent" if sent else "digest.unsent"
        store.events.add(Event(at=clock.now(), kind=kind, actor="daemon", brand=digest.brand, detail=detail))


def _notify(digest: Digest, urls: Sequence[SecretStr], settings: Settings) -> list[str]:
    """Hand the digest to each address; returns what may be said of those that failed: ``mailto``, or their place."""
    from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyFormat

    # Reports of Apprise's own would hold the address; secure_logging covers most of them, ours none at all.
    asset = AppriseAsset(app_id="frankly", app_desc="frankly", secure_logging=True, async_mode=False)
    failed = []
    with TemporaryDirectory(prefix="frankly-digest-") as folder:
        paths = _files(digest, Path(folder))
        for place, url in enumerate(urls, 1):
            plugin = Apprise.instantiate(url.get_secret_value(), asset=asset)
            if plugin is None:
                failed.append(f"address {place}: not one that Apprise knows")
                continue
            rich = plugin.notify_format == NotifyFormat.HTML
            if hasattr(plugin, "inline"):
                plugin.inline = True  # mail: the pictures stand where the text names them
            body = render_html(digest, settings, for_mail=True, carried="cid") if rich else render_markdown(digest)
            sender = Apprise(asset=asset)
            sender.add(plugin)
            attached = AppriseAttachment(paths, asset=asset) if plugin.attachment_support else None
            taken = sender.notify(
                body=body,
                title=subject(digest),
                body_format=NotifyFormat.HTML if rich else NotifyFormat.MARKDOWN,
                attach=attached,
            )
            if not taken:
                failed.append(url.get_secret_value().partition(":")[0].lower())
    return failed


def _files(digest: Digest, folder: Path) -> list[str]:
    paths = []
    for name, png in pictures(digest).items():
        path = folder / f"{name}.png"
        path.write_bytes(png)
        paths.append(str(path))
    return paths
