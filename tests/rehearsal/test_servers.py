"""Starting, stopping, the request log, and the control endpoint."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

import pytest
import requests

from frankly.rehearsal.control import Control
from frankly.rehearsal.faults import FaultQueue
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.wire import Request
from frankly.rehearsal.world import World
from store.records import Platform
from tests.rehearsal.conftest import SetClock, x_client


def ask(base: str, method: str, what: str, **body: Any) -> requests.Response:
    return requests.request(method, f"{base}/_rehearsal/{what}", json=body, timeout=5)


def test_both_servers_listen_on_this_machine_only_and_stop(world: World) -> None:
    with RehearsalServers(world) as servers:
        addresses = [servers.x_url, servers.reddit_url]
        assert all(address.startswith("http://127.0.0.1:") for address in addresses)
        session = requests.Session()
        session.get(f"{servers.x_url}/2/users/me", timeout=5)  # leaves a connection open
    session.close()
    for address in addresses:
        with pytest.raises(requests.ConnectionError):
            requests.get(address, timeout=5)


def test_a_port_can_be_chosen_and_a_taken_one_is_an_error(world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            RehearsalServers(world, x_port=port)
        with pytest.raises(OSError, match="in use"):
            RehearsalServers(world, reddit_port=port)
    with RehearsalServers(world, x_port=port) as servers:
        assert servers.x_url.endswith(f":{port}")


def test_the_log_can_be_waited_for_and_begun_afresh(servers: RehearsalServers) -> None:
    client = x_client(servers)
    client.search_recent_tweets("brisk", max_results=50)
    (entry,) = servers.x.wait_for("GET", "/2/tweets/search", timeout=5)
    assert (entry.query["query"], entry.query["max_results"], entry.status) == ("brisk", "50", 200)
    with pytest.raises(TimeoutError):
        servers.x.wait_for("POST", "/2/tweets", timeout=0.05)
    servers.x.clear_log()
    assert servers.x.log == []
    client.session.close()


def test_faults_can_be_set_over_http(servers: RehearsalServers) -> None:
    made = ask(servers.x_url, "POST", "faults", kind="status", path="/2/users", status=500, times=2)
    assert made.json()["kind"] == "status"
    assert requests.get(f"{servers.x_url}/2/users/me", timeout=5).status_code == 500
    assert len(ask(servers.x_url, "GET", "faults").json()) == 1
    assert ask(servers.x_url, "DELETE", "faults").json() == []
    assert requests.get(f"{servers.x_url}/2/users/me", timeout=5).status_code == 401


def test_the_log_can_be_read_over_http_and_leaves_the_control_calls_out(servers: RehearsalServers) -> None:
    requests.get(f"{servers.x_url}/2/users/me", timeout=5)
    (entry,) = ask(servers.x_url, "GET", "log").json()
    assert (entry["path"], entry["status"]) == ("/2/users/me", 401)


def test_posts_can_be_added_edited_and_deleted_over_http(
    servers: RehearsalServers, world: World, clock: SetClock
) -> None:
    base = servers.reddit_url
    made = ask(base, "POST", "posts", author="eve", text="hi", title="Hello", subreddit="Harrowdale").json()
    ask(base, "PATCH", "posts", id=made["id"], text="hi all")
    assert [(post["author"], post["text"]) for post in ask(base, "GET", "posts").json()] == [("eve", "hi all")]
    later = (clock.now() + timedelta(hours=1)).isoformat()
    ask(base, "DELETE", "posts", id=made["id"], at=later)
    assert len(ask(base, "GET", "posts").json()) == 1
    clock.move(hours=1)
    assert ask(base, "GET", "posts").json() == []


def test_a_burst_and_a_post_that_is_listed_late_can_be_made_over_http(
    servers: RehearsalServers, world: World, clock: SetClock
) -> None:
    ask(servers.x_url, "POST", "posts", author="ann", text="hi", count=1_200)
    later = (clock.now() + timedelta(minutes=1)).isoformat()
    ask(servers.x_url, "POST", "posts", author="ben", text="late", visible_at=later)
    assert len(ask(servers.x_url, "GET", "posts").json()) == 1_200
    clock.move(minutes=2)
    posts = ask(servers.x_url, "GET", "posts").json()
    assert [(post["author"], len(posts)) for post in posts if post["text"] == "late"] == [("ben", 1_201)]


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        ("POST", "posts", {"text": "nobody"}),
        ("POST", "posts", {"author": "a", "text": "b", "at": "2026-03-10T12:00:00"}),
        ("DELETE", "posts", {"id": "1"}),
        ("POST", "faults", {"kind": "gremlins"}),
        ("POST", "faults", {"kind": "slow", "wings": 2}),
    ],
)
def test_a_control_call_that_makes_no_sense_is_a_400(
    servers: RehearsalServers, method: str, what: str, body: dict[str, Any]
) -> None:
    answer = ask(servers.x_url, method, what, **body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_nobody_else_may_control_a_rehearsal(world: World) -> None:
    control = Control(world, Platform.X, FaultQueue(), [])
    far = Request("GET", "/_rehearsal/log", {}, {}, b"", peer="192.0.2.7")
    page = Request("GET", "/_rehearsal/log", {}, {"origin": "https://example.com"}, b"")
    here = Request("GET", "/_rehearsal/log", {}, {}, b"")
    assert [control.handle(request).status for request in (far, page, here)] == [403, 403, 200]


def test_the_credentials_have_the_names_that_frankly_reads(servers: RehearsalServers) -> None:
    names = set(servers.credentials())
    assert {"FRANKLY_X_BEARER_TOKEN", "FRANKLY_X_ACCESS_TOKEN_SECRET", "FRANKLY_REDDIT_USERNAME"} < names
    assert all(servers.credentials().values())
