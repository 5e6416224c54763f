"""Sends a digest by mail and whatever else Apprise reaches, once, and writes down what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from responders.notifier import Address, addresses, not_taken
from store.records import Event
from store.store import Store

NOWHERE = "no address is set"
_UNWRITTEN = "it could not be written; the log says why"


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
        shown = digest if settings.digest.words_sent else without_words(digest)
        files = _files(shown, Path(folder))
        letters = [(address, _written(shown, settings, address, files)) for address in addresses(urls)]
        if not _mark(digest, store, clock, None):
            return False
        failed = [address for address, notify in letters if not notify()]
    problem = not_taken(failed, len(letters))
    _settle(digest, store, clock, problem, sent=len(failed) < len(letters))
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


def _written(digest: Digest, settings: Settings, address: Address, files: Sequence[str]) -> Callable[[], bool]:
    """Write what an address gets; the function that is returned sends it."""
    if address.takes_html:
        html = render_html(digest, settings, for_mail=True, carried="cid")
        return partial(address.notify, subject(digest), html, "html", files)
    return partial(address.notify, subject(digest), render_markdown(digest), "markdown", files)


def _files(digest: Digest, folder: Path) -> list[str]:
    paths = []
    for name, png in pictures(digest).items():
        path = folder / f"{name}.png"
        path.write_bytes(png)
        paths.append(str(path))
    return paths
