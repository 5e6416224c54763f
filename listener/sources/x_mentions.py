"""The posts that name our account on X: cheap, because X counts them as our own."""

from __future__ import annotations

from listener.sources.base import Context
from listener.sources.x_windows import XWindows

KEPT = 800  # X lists only the newest mentions of an account


def x_mentions(context: Context) -> XWindows:
    """Make the source."""
    return XWindows(
        context.source.name,
        {"": context.x().mentions},
        call="owned_read",
        spending=context.spending,
        max_pages=context.source.max_pages,
        smallest_page=5,
        kept=KEPT,
    )
