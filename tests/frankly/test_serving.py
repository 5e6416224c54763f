"""Whoever opens connections to the desk and asks nothing takes no place from those who ask."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import requests

from frankly import serving
from frankly.app import App
from frankly.serving import DeskServer

HEADERS = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
ASSET = b"GET /static/vendor/htmx.min.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEADERS += b"Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture
def desk(app: App) -> Iterator[str]:
    server = DeskServer(app)
    server.start()
    yield server.url
    server.stop()


def connected(url: str, begun: bytes = b"") -> socket.socket:
    """Open a connection, and begin a request on it."""
    opened = socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=60)
    opened.sendall(begun)
    return opened


def is_cut(connection: socket.socket) -> bool:
    """Wait for what comes next; tell whether that is the end."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("begun", [b"", HEADERS, HEADERS + b"\r\ncsrf_token="])
def test_a_request_that_never_ends_is_cut(desk: str, begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_ASKED_WITHIN", 0.2)
    with connected(desk, begun) as connection:
        assert is_cut(connection)


def test_a_second_request_that_never_ends_is_cut(desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_ASKED_WITHIN", 0.2)
    with connected(desk, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\n") as connection:
        connection.settimeout(60)
        while connection.recv(4096):
            pass


def test_whoever_never_reads_an_answer_is_cut(desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_ANSWERED_WITHIN", 0.2)
    with connected(desk) as connection, pytest.raises((ConnectionResetError, BrokenPipeError)):
        connection.sendall(ASSET * 1_000_000)


def test_whoever_has_waited_longest_gives_way_to_whoever_asks(desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_MOST_CONNECTIONS", 3)
    silent = [connected(desk) for _ in range(6)]
    try:
        assert requests.get(f"{desk}/healthz", timeout=60).status_code == 503
        assert all(is_cut(connection) for connection in silent[:4])
    finally:
        for connection in silent:
            connection.close()


def test_whoever_never_reads_an_answer_gives_way_too(desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_MOST_CONNECTIONS", 3)
    deaf = [connected(desk) for _ in range(3)]
    try:
        for connection in deaf:
            connection.setblocking(False)
            with suppress(BlockingIOError):  # once nothing more is taken
                for _ in range(100):
                    connection.send(ASSET * 50)
        for _ in range(5):
            assert requests.get(f"{desk}/healthz", timeout=60).status_code == 503
    finally:
        for connection in deaf:
            connection.close()
