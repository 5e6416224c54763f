"""Keeps the daemon going, as systemd would, and does to it what the schedule says."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from config.clock import Clock
from config.fail_points import FAIL_POINT_VARIABLE
from tests.journey.process import environment
from tests.storm.daemon import run_daemon

_KIB = 1024
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.storm.daemon"])


@dataclass
class Life:
    """One run of the daemon: from when to when, by the platforms' clock, and whether Reddit was a dry run."""

    began_at: datetime
    dry: bool
    ended_at: datetime | None = None


@dataclass
class Supervisor:
    """Starts the daemon in ``folder`` and starts it again whenever it is gone."""

    folder: Path
    credentials: Mapping[str, str]
    clock: Clock
    lives: list[Life] = field(default_factory=list)
    deaths: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)  # lines of its log that should not be there

    def __post_init__(self) -> None:
        self._process: ForkServerProcess | None = None
        self._started = threading.Event()

    @property
    def alive(self) -> bool:
        """Whether the daemon runs."""
        return self._process is not None and self._process.is_alive()

    def start(self, *, edge: str = "", dry: bool = False) -> None:
        """Start the daemon; it listens a moment later."""
        self._started = threading.Event()
        extra = {FAIL_POINT_VARIABLE: edge} if edge else {}
        extra |= {"FRANKLY_PLATFORMS__REDDIT__SENDING": "dry_run"} if dry else {}
        # A pipe, because the full disk of a spell would hit a log file as well.
        reader, writer = _SERVER.Pipe(duplex=False)
        environ = environment({**self.credentials, **extra})
        self._process = _SERVER.Process(target=run_daemon, args=(self.folder, environ, writer))
        self._process.start()
        writer.close()
        self.lives.append(Life(self.clock.now(), dry))
        threading.Thread(target=self._read_log, args=(reader, self._started), daemon=True).start()

    def _read_log(self, reader: Connection, started: threading.Event) -> None:
        with open(reader.fileno(), closefd=False) as lines, (self.folder / "daemon.log").open("a") as log:
            for line in lines:
                log.write(line)
                log.flush()
                if "event=started" in line:
                    started.set()
                if "unexpectedly" in line or "broke a step" in line or "Traceback" in line or "Fatal" in line:
                    self.unexpected.append(line.strip())
        reader.close()

    def wait_until_started(self, seconds: float) -> bool:
        """Wait until the daemon works; False when that takes longer, or it is gone."""
        return self._started.wait(seconds) and self.alive

    def kill(self) -> None:
        """End the daemon as a power cut does."""
        if self._process is not None and self.alive:
            self._process.kill()
            self._process.join()
            self._buried("killed at a random instant")

    def gone(self) -> bool:
        """Tell whether the daemon ended by itself, and write down how."""
        if self._process is None or self.alive:
            return False
        code = self._process.exitcode
        self._buried("killed at a fail point" if code == -signal.SIGKILL else f"ended by itself with code {code}")
        if code not in (-signal.SIGKILL, 0, 1):
            self.unexpected.append(f"it crashed with code {code}")
        return True

    def _buried(self, how: str) -> None:
        self.deaths[how] += 1
        self.lives[-1].ended_at = self.clock.now()
        self._process = None

    def fill_disk(self, room: int) -> None:
        """Let no file of the daemon grow beyond the write-ahead log's size and so many KiB."""
        log = self.folder / "frankly.sqlite3-wal"
        size = log.stat().st_size if room and log.exists() else 0
        self._limit(size + room * _KIB)

    def free_disk(self) -> None:
        """Let files grow again."""
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        if self._process is not None and self._process.pid is not None and self.alive:
            try:
                resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            except ProcessLookupError:
                return  # it died in this very moment

    def stop(self) -> None:
        """End the daemon in good order."""
        if self._process is not None and self.alive:
            self._process.terminate()
            self._process.join(20)
            self._process.kill()
            self._process.join()
            if self._process.exitcode != 0:
                self.unexpected.append(f"it ended with code {self._process.exitcode} when it was asked to stop")
        if self.lives and self.lives[-1].ended_at is None:
            self.lives[-1].ended_at = self.clock.now()
