"""The simulated platforms for the listener's tests, and clients that really talk to them over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from config.credentials import Credentials, load_credentials
from config.settings import Settings
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World
from listener.collect import Collector
from listener.platforms.clients import open_client
from listener.platforms.reddit import RedditClient
from listener.platforms.x import XClient
from store.records import Platform
from store.store import Store
from tests.conftest import FrozenClock

BRAND = {
    "name": "Brisk",
    "terms": ["Brisk Broadband", "Brisk"],
    "excluded": ["iced tea"],
    "handles": {"x": ["BriskBroadband"], "reddit": ["BriskBB_Care"]},
}
# After these nobody knows whether a request to post was carried out. With the status that the platform answers.
FATE_UNKNOWN = [
    (FaultKind.DROP, 0),
    (FaultKind.DROP_AFTER_ACCEPT, 0),
    (FaultKind.SLOW, 0),
    (FaultKind.CUT_BODY, 0),
    (FaultKind.NOT_JSON, 0),
    (FaultKind.ERROR_AFTER_ACCEPT, 0),
    *[(FaultKind.STATUS, status) for status in (408, 500, 502, 503, 504, 520, 522)],
]
MakeSettings = Callable[..., Settings]


@pytest.fixture
def servers(clock: FrozenClock) -> Iterator[RehearsalServers]:
    with RehearsalServers(World(clock)) as running:
        yield running


@pytest.fixture
def credentials(servers: RehearsalServers) -> Credentials:
    return load_credentials(servers.credentials())


@pytest.fixture
def make_settings(servers: RehearsalServers) -> MakeSettings:
    """Settings that point at the servers; keyword arguments are sections of the configuration."""

    def make(*, x: dict[str, Any] | None = None, reddit: dict[str, Any] | None = None, **sections: Any) -> Settings:
        given: dict[str, Any] = {
            "brands": [BRAND],
            "platforms": {
                "x": {"base_url": servers.x_url, "timeout": timedelta(seconds=2), **(x or {})},
                "reddit": {
                    "base_url": servers.reddit_url,
                    "timeout": timedelta(seconds=2),
                    "access_approved": True,
                    "subreddits": ["Harrowdale", "HomeNetworking"],
                    **(reddit or {}),
                },
            },
            **sections,
        }
        return Settings.model_validate(given)

    return make


@pytest.fixture
def x_client(make_settings: MakeSettings, credentials: Credentials, clock: FrozenClock) -> XClient:
    client = open_client(Platform.X, make_settings(), credentials, clock)
    assert isinstance(client, XClient)
    return client


@pytest.fixture
def reddit_client(make_settings: MakeSettings, credentials: Credentials, clock: FrozenClock) -> RedditClient:
    client = open_client(Platform.REDDIT, make_settings(), credentials, clock)
    assert isinstance(client, RedditClient)
    return client


MakeCollector = Callable[..., Collector]


@pytest.fixture
def make_collector(
    store: Store, clock: FrozenClock, credentials: Credentials, make_settings: MakeSettings
) -> MakeCollector:
    """A collector with one source, named after its kind; keyword arguments are those of ``make_settings``."""

    def make(kind: str, *, max_pages: int = 10, chance: Callable[[], float] = lambda: 0.5, **given: Any) -> Collector:
        source = {"name": kind, "kind": kind, "max_pages": max_pages}
        settings = make_settings(**{"sources": [source], **given})
        clients = {platform: open_client(platform, settings, credentials, clock) for platform in Platform}
        return Collector(store, settings, clock, clients, chance)

    return make
