"""New comments of the allow-listed communities, matched here: Reddit has no search over comments."""

from __future__ import annotations

from functools import partial

from listener.sources.base import Context
from listener.sources.reddit_listing import RedditListing


def reddit_comments(context: Context) -> RedditListing:
    """Make the source."""
    reader = context.reddit()
    return RedditListing(
        context.source.name,
        partial(reader.comments, context.settings.platforms.reddit.subreddits),
        seen_by=context.seen_by,
        look=reader.look,
        max_pages=context.source.max_pages,
    )
