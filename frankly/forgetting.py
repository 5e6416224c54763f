"""``frankly forget``: everything an author wrote is removed; that they must not be written to is kept."""

from __future__ import annotations

from datetime import timedelta

from config.errors import UsageError
from frankly.app import App
from listener.backups import clean_backups
from listener.deletions import forget
from store.records import Platform

_SIGNS = (("@", Platform.X), ("/u/", Platform.REDDIT), ("u/", Platform.REDDIT))  # by which a handle tells its platform


def forget_author(app: App, author: str, platform: str | None) -> tuple[str, list[str]]:
    """Remove an author everywhere; returns what was removed, as a sentence, and one for each backup that was not."""
    if platform is not None and platform not in list(Platform):
        raise UsageError(f'"{platform}" is no platform; expected one of: {", ".join(Platform)}')
    name, meant = _read(author)
    if platform is not None and meant not in (None, platform):
        raise UsageError(f'"{author}" is how a handle on {meant} is written, but --platform is {platform}; keep one')
    where = platform or meant
    known = [one for one in Platform if where in (None, one) and app.store.deletions.knows_author(one, name)]
    if not known:
        on = f" on {where}" if where else ""
        raise UsageError(f'no author "{name}" is known here{on}; nothing was removed')
    if len(known) > 1:
        raise UsageError(
            f'there is an author "{name}" on {" and on ".join(known)}, who may be two people: nothing was removed; '
            f"say which is meant by --platform, by @{name} (x) or by u/{name} (reddit)"
        )
    removed = forget(app.store, app.clock, known[0], name).mentions
    problems = clean_backups(app.store, app.settings, app.clock, every=timedelta(0))
    folder = app.settings.folder / app.settings.backups
    backups = "but not from every backup" if problems else "also from the backups"
    sentence = (
        f"Removed {removed} mentions of {name} on {known[0]} and everything made from them, {backups} in {folder}. "
        "Copies elsewhere, exports and digests that were sent still hold them."
    )
    return sentence, problems


def _read(author: str) -> tuple[str, Platform | None]:
    """Return a handle without its sign, and the platform that the sign means."""
    for sign, platform in _SIGNS:
        if author.startswith(sign):
            return author.removeprefix(sign), platform
    return author, None
