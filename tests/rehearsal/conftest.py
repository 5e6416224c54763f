"""The two servers, and the real clients pointed at them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import praw
import pytest
import requests
import tweepy
from requests.adapters import HTTPAdapter

from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **amount: float) -> None:
        self.time += timedelta(**amount)


class Redirected(HTTPAdapter):
    """Sends what tweepy means for api.twitter.com to the simulated X."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base = urlsplit(base_url)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = urlsplit(str(request.url))._replace(scheme="http", netloc=self._base.netloc).geturl()
        kwargs["timeout"] = kwargs.get("timeout") or 5
        return super().send(request, *args, **kwargs)


def x_client(servers: RehearsalServers, **changed: str) -> tweepy.Client:
    keys = servers.credentials() | changed
    client = tweepy.Client(
        keys["FRANKLY_X_BEARER_TOKEN"],
        keys["FRANKLY_X_CONSUMER_KEY"],
        keys["FRANKLY_X_CONSUMER_SECRET"],
        keys["FRANKLY_X_ACCESS_TOKEN"],
        keys["FRANKLY_X_ACCESS_TOKEN_SECRET"],
    )
    client.session.mount("https://api.twitter.com", Redirected(servers.x_url))
    return client


def reddit_client(servers: RehearsalServers, **changed: str) -> praw.Reddit:
    keys = servers.credentials() | changed
    return praw.Reddit(
        client_id=keys["FRANKLY_REDDIT_CLIENT_ID"],
        client_secret=keys["FRANKLY_REDDIT_CLIENT_SECRET"],
        refresh_token=keys["FRANKLY_REDDIT_REFRESH_TOKEN"],
        user_agent="linux:frankly-rehearsal:v0 (by /u/nobody)",
        oauth_url=servers.reddit_url,
        reddit_url=servers.reddit_url,
        short_url=servers.reddit_url,
        check_for_updates=False,
        check_for_async=False,
    )


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def world(clock: SetClock) -> World:
    return World(clock)


@pytest.fixture
def servers(world: World) -> Iterator[RehearsalServers]:
    with RehearsalServers(world) as running:
        yield running


@pytest.fixture
def x(servers: RehearsalServers) -> Iterator[tweepy.Client]:
    client = x_client(servers)
    yield client
    client.session.close()


@pytest.fixture
def reddit(servers: RehearsalServers) -> praw.Reddit:
    return reddit_client(servers)
