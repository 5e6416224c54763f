"""Comments anywhere on Reddit that name our account, from its inbox."""

from __future__ import annotations

from listener.sources.base import Context
from listener.sources.reddit_listing import RedditListing


def reddit_inbox(context: Context) -> RedditListing:
    """Make the source."""
    reader = context.reddit()
    return RedditListing(
        context.source.name,
        reader.inbox_mentions,
        seen_by=context.seen_by,
        look=reader.look,
        max_pages=context.source.max_pages,
    )
