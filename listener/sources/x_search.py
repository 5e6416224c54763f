"""The posts on X that name a brand by its terms, from recent search: seven days, and dearer than mentions."""

from __future__ import annotations

from functools import partial

from listener.query import x_queries
from listener.sources.base import Context
from listener.sources.x_windows import XWindows


def x_search(context: Context) -> XWindows:
    """Make the source."""
    queries = [query for brand in context.brands for query in x_queries(brand)]
    return XWindows(
        context.source.name,
        {query: partial(context.x().search, query) for query in queries},
        call="post_read",
        spending=context.spending,
        max_pages=context.source.max_pages,
    )
