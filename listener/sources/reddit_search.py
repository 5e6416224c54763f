"""Submissions that name a brand, from Reddit's own search: within the allow-listed communities, or everywhere."""

from __future__ import annotations

from listener.platforms.page import PlatformPage
from listener.query import reddit_query
from listener.sources.base import Context
from listener.sources.reddit_listing import RedditListing


def reddit_search(context: Context) -> RedditListing:
    """Make the source."""
    reader = context.reddit()
    query = " OR ".join(reddit_query(brand) for brand in context.brands)
    communities = context.settings.platforms.reddit.subreddits

    def fetch(after: str | None) -> PlatformPage:
        return reader.search(query, after, communities)

    return RedditListing(
        context.source.name,
        fetch,
        seen_by=context.seen_by,
        look=reader.look,
        max_pages=context.source.max_pages,
    )
