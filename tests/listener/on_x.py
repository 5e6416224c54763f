"""What is posted on the simulated X, and what was heard of it."""

from __future__ import annotations

from datetime import timedelta

from frankly.rehearsal.servers import RehearsalServers
from store.records import Mention, Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import BRAND

SEARCH = "/2/tweets/search/recent"
TWO_BRANDS = [BRAND, {"name": "Rival", "terms": ["Rival Fibre"]}]


def post(servers: RehearsalServers, text: str, by: str = "maria_h", **given: object) -> str:
    return servers.world.add_post(Platform.X, by, text, **given).id  # type: ignore[arg-type]


def mentions(store: Store) -> dict[str, Mention]:
    return {mention.post.external_id: mention for mention in store.mentions.unassessed(10_000)}


def requests(servers: RehearsalServers, path: str = SEARCH) -> int:
    return len([entry for entry in servers.x.log if entry.path == path])


def spans(store: Store, state: str, source: str = "x_search") -> list[tuple[float, float]]:
    """The stretches of a state, in minutes around nine o'clock."""
    nine = FrozenClock().now()
    found = store.sources.coverage(source, nine - timedelta(days=30), nine + timedelta(days=30))
    return [
        tuple(round((moment - nine).total_seconds() / 60, 2) for moment in (c.started_at, c.ended_at))  # type: ignore[misc]
        for c in found
        if c.state == state
    ]
