"""Sends a digest by mail and whatever else Apprise reaches, once, and writes down what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
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
_UNWRITTEN = "it could not be written; the log says why"

# It writes out addresses that it does not know, passwords and all.
logging.getLogger("apprise").setLevel(logging.CRITICAL)


def send_digest(digest: Digest, urls: Sequence[SecretStr], settings: Settings, store: Store, clock: Clock) -> bool:
    """Send a digest to every address; False when it went out before, or when there is nowhere to send it.

    That sending begins is on disk before the first byte leaves, so a crash cannot send a stored digest twice. What
    goes wrong before that leaves a problem, so that it is tried again.
    ``FranklyError`` names how many addresses failed, and never an address: they hold passwords.
    """
    if not settings.digest.by_mail or not urls:
        store.digests.mark_unsent(digest.brand, digest.day, NOWHERE)
        return False
    if not _mark(digest, store, clock, _UNWRITTEN):
        return False
    with TemporaryDirectory(prefix="frankly-digest-") as folder:
        letters = _letters(digest if settings.digest.words_sent else without_words(digest), urls, settings, folder)
        if not _mark(digest, store, clock, None):
            return False
        failed = [letter.name for letter in letters if not letter.send()]
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


def _mark(digest: Digest, store: Store, clock: Clock, problem: str | None) -> bool:
    """Write down how far sending came; False where somebody else sends it. The running day's is kept nowhere."""
    stored = store.digests.get(digest.brand, digest.day) is not None
    return not stored or store.digests.mark_trying(digest.brand, digest.day, clock.now(), problem)


def _settle(digest: Digest, store: Store, clock: Clock, problem: str | None, *, sent: bool) -> None:
    detail: dict[str, object] = {"day": digest.day.isoformat(), **({"problem": problem} if problem else {})}
    with store.transaction():
        if sent:
            store.digests.mark_sent(digest.brand, digest.day, clock.now(), problem)
        else:
            store.digests.mark_unsent(digest.brand, digest.day, problem or "")
        kind = "digest.sent" if sent else "digest.unsent"
        store.events.add(Event(at=clock.now(), kind=kind, actor="daemon", brand=digest.brand, detail=detail))


@dataclass(frozen=True, slots=True)
class _Letter:
    """The digest as one address gets it."""

    name: str  # what may be said of the address: ``mailto``, or its place
    send: Callable[[], object]  # true where it was taken


def _letters(digest: Digest, urls: Sequence[SecretStr], settings: Settings, folder: str) -> list[_Letter]:
    """Write everything that is to leave, in the folder and in memory; nothing leaves yet."""
    from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyFormat

    # Reports of Apprise's own would hold the address; secure_logging covers most of them, ours none at all.
    asset = AppriseAsset(app_id="frankly", app_desc="frankly", secure_logging=True, async_mode=False)
    letters = []
    paths = _files(digest, Path(folder))
    for place, url in enumerate(urls, 1):
        plugin = Apprise.instantiate(url.get_secret_value(), asset=asset)
        if plugin is None:
            letters.append(_Letter(f"address {place}: not one that Apprise knows", lambda: False))
            continue
        rich = plugin.notify_format == NotifyFormat.HTML
        if hasattr(plugin, "inline"):
            plugin.inline = True  # mail: the pictures stand where the text names them
        sender = Apprise(asset=asset)
        sender.add(plugin)
        send = partial(
            sender.notify,
            body=render_html(digest, settings, for_mail=True, carried="cid") if rich else render_markdown(digest),
            title=subject(digest),
            body_format=NotifyFormat.HTML if rich else NotifyFormat.MARKDOWN,
            attach=AppriseAttachment(paths, asset=asset) if plugin.attachment_support else None,
        )
        letters.append(_Letter(url.get_secret_value().partition(":")[0].lower(), send))
    return letters


def _files(digest: Digest, folder: Path) -> list[str]:
    paths = []
    for name, png in pictures(digest).items():
        path = folder / f"{name}.png"
        path.write_bytes(png)
        paths.append(str(path))
    return paths
