"""The kinds of source, by the name that a configuration calls them. To add one, copy the nearest file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from config.settings import SourceKind
from listener.sources.base import Context, Source
from listener.sources.reddit_comments import reddit_comments
from listener.sources.reddit_inbox import reddit_inbox
from listener.sources.reddit_posts import reddit_posts
from listener.sources.reddit_search import reddit_search
from listener.sources.x_mentions import x_mentions
from listener.sources.x_search import x_search

KINDS: Mapping[SourceKind, Callable[[Context], Source]] = {
    "x_mentions": x_mentions,
    "x_search": x_search,
    "reddit_comments": reddit_comments,
    "reddit_posts": reddit_posts,
    "reddit_search": reddit_search,
    "reddit_inbox": reddit_inbox,
}
