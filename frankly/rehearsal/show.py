"""``frankly rehearse``: the real daemon, as a process of its own, on a sample day of the simulated platforms."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path
from zoneinfo import ZoneInfo

from config.clock import PacedClock
from config.errors import FranklyError, UsageError
from config.loading import FILE_NAME, load_settings
from config.starting import write_starter
from frankly.rehearsal.sample_day import DAY, play_day
from frankly.rehearsal.servers import RehearsalServers
from responders.desk.signin import make_login_link
from store.records import Role
from store.store import Store

_PATIENCE_SECONDS = 4  # Ctrl-C to the end of everything takes no longer than five


def run_show(folder: Path | None, minutes: float, port: int, *, stay: bool) -> int:
    """Play the day; returns the exit code. Ctrl-C or SIGTERM ends it cleanly."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    folder = _fresh(folder)
    clock = _pace(minutes)
    with RehearsalServers(play_day(clock)) as servers:
        port = port or _free_port()
        _configure(folder, servers, clock, port)
        link = _sign_in_link(folder, port)
        with _daemon(folder, servers.credentials()) as daemon:
            if not _desk_answers(port, daemon, stopping):
                return _ended_early(folder, daemon, stopping)
            _say(f"The sample day of Brisk Broadband plays for {minutes:g} minutes. Everything is kept in {folder}.")
            _say(f"Open the desk (the link works once): {link}")
            return _watch(daemon, clock, stopping, folder, stay=stay)


def _fresh(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="frankly-rehearsal-"))
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "rehearsal").exists():
            raise UsageError(f"{folder} is not empty and holds no earlier rehearsal; name a new folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _pace(minutes: float) -> PacedClock:
    """The day begins at its first hour of today, now, and takes ``minutes``."""
    now = datetime.now(UTC)
    zone = ZoneInfo(DAY.time_zone)
    start = datetime.combine(now.astimezone(zone).date(), time_of_day(DAY.first_hour), zone)
    speed = (DAY.last_hour - DAY.first_hour) * 60 / minutes
    return PacedClock(start.astimezone(UTC), now, speed)


def _configure(folder: Path, servers: RehearsalServers, clock: PacedClock, port: int) -> None:
    (folder / "rehearsal").touch()
    (folder / "starter").mkdir()
    write_starter(folder / "starter")
    for name in ("routes.toml", "templates"):
        (folder / "starter" / name).rename(folder / name)
    shutil.rmtree(folder / "starter")
    settings = Path(__file__).with_name(FILE_NAME).read_text(encoding="utf-8")
    subreddits = ", ".join(f'"{name}"' for name in DAY.subreddits)
    settings += f"""
[desk]
port = {port}

[platforms.x]
base_url = "{servers.x_url}"
sending = "on"
automated_label = true
day_budget_usd = 50.0
answers_usd = 50.0

[platforms.reddit]
base_url = "{servers.reddit_url}"
sending = "on"
access_approved = true
app_registered = true
subreddits = [{subreddits}]

[rehearsal]
start = {clock.start.isoformat()}
anchor = {clock.anchor.isoformat()}
speed = {clock.speed}
"""
    (folder / FILE_NAME).write_text(settings, encoding="utf-8")


def _sign_in_link(folder: Path, port: int) -> str:
    """Make an agent for whoever watches, and a link that signs them in."""
    settings = load_settings(folder / FILE_NAME, {})
    store = Store.open(settings.database_path)
    try:
        agent = store.agents.add("robin", "Robin Ashe", "RA", Role.ADMIN, None, settings.clock().now())
        return make_login_link(store, agent, f"http://127.0.0.1:{port}", datetime.now(UTC))
    finally:
        store.close()


@contextmanager
def _daemon(folder: Path, credentials: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FRANKLY_")}
    with (folder / "daemon.log").open("wb") as log:
        daemon = subprocess.Popen(  # noqa: S603  # our own program, our own arguments
            [sys.executable, "-m", "frankly", "--config", str(folder), "run", "--until-stdin-ends"],
            env={**environ, **credentials},
            stdin=subprocess.PIPE,  # nothing is written to it: it ends when we are killed, and so does the daemon
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches us alone; we end the daemon ourselves
        )
        try:
            yield daemon
        finally:
            daemon.terminate()
            try:
                daemon.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def _desk_answers(port: int, daemon: subprocess.Popen[bytes], stopping: threading.Event) -> bool:
    while daemon.poll() is None and not stopping.wait(0.2):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):  # our own desk
                return True
        except (urllib.error.URLError, OSError):
            continue
    return False


def _ended_early(folder: Path, daemon: subprocess.Popen[bytes], stopping: threading.Event) -> int:
    if stopping.is_set():
        return 0
    last = (folder / "daemon.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise FranklyError(f"the daemon ended with exit code {daemon.returncode}: {' '.join(last)}")


def _watch(
    daemon: subprocess.Popen[bytes], clock: PacedClock, stopping: threading.Event, folder: Path, *, stay: bool
) -> int:
    zone = ZoneInfo(DAY.time_zone)
    told = -1
    while not stopping.wait(0.2):
        if daemon.poll() is not None:
            return _ended_early(folder, daemon, stopping)
        here = clock.now().astimezone(zone)
        if here.date() > clock.start.astimezone(zone).date() or here.hour >= DAY.last_hour:
            _say("The day is over; its digest follows at five past midnight of the simulated clock. Ctrl-C ends all.")
            break
        if here.hour != told:
            told = here.hour
            _say(f"It is {here:%H:%M} in the sample day.")
    while stay and not stopping.wait(0.5) and daemon.poll() is None:
        pass
    return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()
