"""``frankly forget``: everything an author wrote is removed; that they must not be written to is kept."""

from __future__ import annotations

from datetime import timedelta

from config.errors import UsageError
from frankly.app import App
from listener.backups import clean_backups
from listener.deletions import forget
from store.records import Platform


def forget_author(app: App, author: str, platform: str | None) -> str:
    """Remove an author everywhere and return what was removed, as a sentence."""
    if platform is not None and platform not in list(Platform):
        raise UsageError(f'"{platform}" is no platform; expected one of: {", ".join(Platform)}')
    name = author.removeprefix("@").removeprefix("/").removeprefix("u/")
    removed = 0
    found = False
    for one in Platform:
        if platform in (None, one.value):
            forgotten = forget(app.store, app.clock, one, name)
            found = found or forgotten.authors > 0
            removed += forgotten.mentions
    if not found:
        raise UsageError(f'no author "{name}" is known here; nothing was removed')
    problems = clean_backups(app.store, app.settings, app.clock, every=timedelta(0))
    folder = app.settings.folder / app.settings.backups
    return " ".join(
        (
            f"Removed {removed} mentions of {name} and everything made from them, also from the backups in {folder}.",
            "Copies elsewhere, exports and digests that were sent still hold them.",
            *(f"But {problem}." for problem in problems),
        )
    )
