"""Whatever a platform answers: only the platform errors come out of its client, and nothing is half stored."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from config.credentials import Credentials
from config.errors import PlatformError
from listener.platforms.clients import open_client
from listener.platforms.reddit import RedditClient
from listener.platforms.x import XClient
from store.records import Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import MakeCollector, MakeSettings
from tests.listener.hostile import Mutator, reddit_bodies, x_bodies

SEED = 20_260_302
FEW, MANY = 400, 100_000
STORED_OF = 25  # one body of so many also goes through the collector, into the store
AMOUNTS = [FEW, pytest.param(MANY, marks=pytest.mark.long)]
TOKEN = b'{"access_token": "t", "token_type": "bearer", "expires_in": 86400, "scope": "*"}'
ME = {Platform.X: b'{"data": {"id": "11", "username": "BriskBroadband"}}', Platform.REDDIT: b'{"name": "BriskBB_Care"}'}
Read = tuple[str, Callable[[], object]]


class Wire:
    """Stands where requests meets the network: every answer is the body in hand, but for sign-in and our own name."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.status, self.body, self.headers = 200, b"", dict[str, str]()

    def send(self, request: requests.PreparedRequest) -> requests.Response:
        url = request.url or ""
        if "access_token" in url:
            return _response(request, 200, TOKEN, {})
        if url.endswith("/me") or "/me?" in url:
            return _response(request, 200, ME[self.platform], {})
        return _response(request, self.status, self.body, self.headers)


def _response(
    request: requests.PreparedRequest, status: int, body: bytes, headers: dict[str, str]
) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content, response.url = status, body, request.url or ""
    response.headers.update(headers)
    response.request = request
    return response


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Wire:
    made = Wire(request.param)
    monkeypatch.setattr(HTTPAdapter, "send", lambda self, prepared, *args, **kwargs: made.send(prepared))
    return made


def reads_of_x(client: XClient) -> Iterator[Read]:
    ids = ["2028394880824246272", "2028394880824246273"]
    yield "search", lambda: client.search("Brisk")
    yield "mentions", client.mentions
    yield "look", lambda: client.look(ids)
    yield "count", lambda: client.count("Brisk")
    yield "mentions", lambda: client.own_posts(FrozenClock().now())


def reads_of_reddit(client: RedditClient) -> Iterator[Read]:
    yield "comments", lambda: client.comments(["Harrowdale"])
    yield "inbox", client.inbox_mentions
    yield "comments", lambda: client.search("Brisk")
    yield "comments", lambda: client.look(["t1_1", "t3_2"])
    yield "comments", lambda: client.own_posts(FrozenClock().now())
    yield "error", lambda: client.new(["Harrowdale"])


def opened(
    platform: Platform, settings: MakeSettings, credentials: Credentials, clock: FrozenClock
) -> tuple[dict[str, Any], Callable[[], Iterator[Read]]]:
    """Return a platform's bodies, and a way to a fresh client's reads: none remembers a closed window for long."""

    def reads() -> Iterator[Read]:
        client = open_client(platform, settings(), credentials, clock)
        return reads_of_x(client) if isinstance(client, XClient) else reads_of_reddit(client)  # type: ignore[arg-type]

    bodies = x_bodies(FrozenClock()) if platform is Platform.X else reddit_bodies(FrozenClock())
    return bodies, reads


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize("wire", list(Platform), indirect=True)
def test_no_body_raises_anything_but_a_platform_error(
    wire: Wire,
    amount: int,
    make_settings: MakeSettings,
    credentials: Credentials,
    clock: FrozenClock,
) -> None:
    bodies, reads = opened(wire.platform, make_settings, credentials, clock)
    understood = refused = 0
    for number, (kind, read) in zip(range(amount), itertools.cycle(list(reads())), strict=False):
        mutator = Mutator(SEED + number)
        wire.status, wire.headers, wire.body = mutator.status(), mutator.headers(), mutator.body(bodies[kind])
        clock.advance(hours=26)  # past whatever window the last answer closed
        try:
            read()
            understood += 1
        except PlatformError:
            refused += 1
        except BaseException as error:
            error.add_note(f"seed {SEED + number}, {kind}: {wire.status} {wire.headers} {wire.body[:2_000]!r}")
            raise
    assert min(understood, refused) > amount / 20, "both happen often, or these bodies prove nothing"


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.parametrize("wire", list(Platform), indirect=True)
def test_no_body_is_half_stored(
    wire: Wire, amount: int, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    store.database.execute("PRAGMA synchronous = OFF")  # nobody pulls a plug here
    x = wire.platform is Platform.X
    kind, bodies = ("x_search", x_bodies(FrozenClock())) if x else ("reddit_comments", reddit_bodies(FrozenClock()))
    seed = bodies["search" if x else "comments"]
    collector = make_collector(kind, max_pages=1, x={"day_budget_usd": 1e6, "month_budget_usd": 1e6})
    stored = 0
    for number in range(amount // STORED_OF):
        mutator = Mutator(SEED - number)
        wire.status, wire.body = 200, mutator.body(seed)
        wire.headers = {name: value for name, value in mutator.headers().items() if name == "date"}
        before = store.sources.state(kind)
        report = collector.run(kind)
        stored += report.stored
        count = store.database.value("SELECT count(*) FROM mentions")
        assert count == stored, (SEED - number, wire.body[:2_000])
        assert store.database.value("SELECT count(DISTINCT mention_id) FROM sightings") == count
        after = store.sources.state(kind)
        assert after is not None
        assert report.error is None or after.cursor == (before.cursor if before else {})
        store.mentions.unassessed(1_000)  # whatever was stored can be read back
        clock.advance(hours=26)
    assert stored > 0
