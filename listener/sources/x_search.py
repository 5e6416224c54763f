"""The posts on X that name a brand by its terms, from recent search: seven days, and dearer than mentions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from config.errors import PlatformError
from listener.query import x_queries
from listener.sources.base import Context
from listener.sources.x_windows import XWindows
from store.records import Platform

_DAYS_COUNTED = 7


@dataclass(frozen=True, slots=True)
class Expected:
    """What a search finds on a day, as the mean of the last seven, and what reading it costs."""

    posts: float
    usd: float


def x_search(context: Context) -> XWindows:
    """Make the source."""
    return XWindows(
        context.source.name,
        {query: partial(context.x().search, query) for query in _queries(context)},
        call="post_read",
        spending=context.spending,
        max_pages=context.source.max_pages,
        smallest_page=10,
    )


def expected(context: Context) -> Expected:
    """Count what the source's queries find: half a cent each, where a page of posts costs up to half a dollar."""
    spending, name, posts = context.spending, context.source.name, 0
    for query in _queries(context):
        entry = spending.reserve(Platform.X, name, "count")
        try:
            posts += context.x().count(query)
        except PlatformError:
            spending.settle(entry, Platform.X, "count", 0)
            raise
        spending.settle(entry, Platform.X, "count", 1)
    daily = posts / _DAYS_COUNTED
    return Expected(daily, daily * spending.price(Platform.X, "post_read"))


def _queries(context: Context) -> list[str]:
    return [query for brand in context.brands for query in x_queries(brand)]
