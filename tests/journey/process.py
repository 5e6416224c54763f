"""Runs the real program as a process of its own, with a configuration of its own."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from config.starting import write_starter
from frankly.rehearsal.servers import RehearsalServers
from store.records import Role
from store.store import Store

PATIENCE_SECONDS = 60  # these machines are slow at times; nothing waits longer than it must

SETTINGS = """
[[brands]]
name = "Brisk Broadband"
terms = ["Brisk Broadband", "BriskBB"]
handles = {{ x = ["BriskBroadband"], reddit = ["BriskBB_Care"] }}
competitors = ["Lumenet"]
time_zone = "Europe/London"

[[topics]]
name = "outage"
phrases = ["no internet", "outage", "line is dead"]

[[sources]]
name = "x mentions"
kind = "x_mentions"
every = "1s"

[[sources]]
name = "reddit comments"
kind = "reddit_comments"
every = "1s"

[platforms.x]
base_url = "{x}"
timeout = "5s"
sending = "{sending}"

[platforms.reddit]
base_url = "{reddit}"
timeout = "5s"
sending = "{sending}"
access_approved = true
subreddits = ["Harrowdale"]

[answers]
hold = "1s"

[desk]
port = {port}

[daemon]
tick = "1s"
tend = "1s"
"""


def free_port() -> int:
    """Return a port that is still free when the daemon comes to it.

    The system gives these to nobody by itself, and each worker of a parallel run has its own.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = range(20_000 + worker, 32_000, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port := secrets.choice(ports)))
            return port


def configure(folder: Path, servers: RehearsalServers, sending: str = "on") -> int:
    """Write a configuration against the servers; returns the desk's port."""
    write_starter(folder)
    port = free_port()
    text = SETTINGS.format(x=servers.x_url, reddit=servers.reddit_url, port=port, sending=sending)
    (folder / "frankly.toml").write_text(text)
    return port


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment without any setting of whoever runs the tests."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("FRANKLY_")}, **extra}


def frankly(
    folder: Path, *words: str, extra: Mapping[str, str] | None = None, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "frankly", "--config", str(folder), *words],
        env=environment(extra or {}),
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait for a condition; fail with what was waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS} s in vain: {what}"
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return False
    except OSError:
        return False


@contextmanager
def running(
    folder: Path,
    port: int,
    extra: Mapping[str, str],
    config: str = "",
    command: str = "run",
    meanwhile: Callable[[subprocess.Popen[str]], None] = lambda _: None,
) -> Iterator[subprocess.Popen[str]]:
    """Run the daemon, or the desk alone, until the block ends; its log is in daemon.log.

    ``meanwhile`` is done while it starts.
    """
    page = f"http://127.0.0.1:{port}/{'healthz' if command == 'run' else ''}"
    with (folder / "daemon.log").open("a") as log:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "frankly", "--config", str(folder / config), command],
            env=environment(extra),
            stdout=log,
            stderr=log,
            text=True,
        )
        try:
            meanwhile(daemon)
            wait_until(lambda: answers(page) or daemon.poll() is not None, "the desk answers")
            assert daemon.poll() is None, (folder / "daemon.log").read_text()
            yield daemon
        finally:
            if daemon.poll() is None:
                daemon.send_signal(signal.SIGTERM)
                try:
                    daemon.wait(20)
                except subprocess.TimeoutExpired:
                    daemon.kill()
                    daemon.wait()


def add_agent(folder: Path, username: str, initials: str, role: Role = Role.AGENT) -> str:
    """Add an agent by the command line and return the one-time sign-in link."""
    done = frankly(
        folder, "agents", "add", username, "--name", username.title(), "--initials", initials, "--role", role.value
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


@contextmanager
def reading(folder: Path) -> Iterator[Store]:
    """Open the daemon's store beside it."""
    store = Store.open(folder / "frankly.sqlite3")
    try:
        yield store
    finally:
        store.close()
