"""Names that people must be able to tell apart: those of brands, sources and topics."""

from __future__ import annotations

from collections.abc import Sequence


def reject_repeats(what: str, names: Sequence[str]) -> None:
    """``ValueError`` where two have the same name."""
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f'two {what}s are called "{name}"; give each a name of its own')


def reject_alike(what: str, names: Sequence[str]) -> None:
    """``ValueError`` where two names differ in case or blanks alone."""
    first: dict[str, str] = {}
    for name in names:
        earlier = first.setdefault(folded(name), name)
        if earlier != name:
            raise ValueError(
                f'two {what}s are called "{earlier}" and "{name}"; '
                "give them names that differ in more than case and blanks"
            )


def folded(words: str) -> str:
    """Return words as people tell them apart: without case, with single blanks."""
    return " ".join(words.casefold().split())


def listed(names: Sequence[str]) -> str:
    """Return names for an error, each in its quotes."""
    return ", ".join(f'"{name}"' for name in names)
