"""Plays a schedule: posts arrive, approvals happen, faults strike, the daemon dies, the disk fills, the clock jumps."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.clock import PacedClock
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World
from store.records import OutboxState, Platform
from tests.storm.clock import JumpingClock, write_offset
from tests.storm.company import Desk, configure
from tests.storm.schedule import ROUND_SECONDS, Round
from tests.storm.supervisor import Supervisor
from tests.storm.world import Offer, People

SPEED = 60.0  # simulated seconds in a real one
PATIENCE_SECONDS = 20.0  # for a daemon to start
CALM_SECONDS = 900.0  # at most, for everything to come to its end when nothing goes wrong any more
_BEYOND = frozenset({OutboxState.HELD, OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNCERTAIN})

Deed = tuple[float, Callable[[], None]]


@dataclass
class Storm:
    """Everything that is there while the storm goes on."""

    seed: str
    servers: RehearsalServers
    people: People
    desk: Desk
    daemon: Supervisor
    folder: Path

    def __post_init__(self) -> None:
        self._waiting: deque[Offer] = deque()
        self._seen = 0
        self._locker: sqlite3.Connection | None = None
        self._edge, self._dry = "", False

    def play(self, one: Round) -> None:
        """Carry out one round."""
        self._keep_going()
        chance = random.Random(f"{self.seed}/{one.number}/deeds")
        for strike in one.strikes:
            server = self.servers.x if strike.platform is Platform.X else self.servers.reddit
            how = {"times": strike.times, "status": strike.status, "seconds": strike.seconds}
            server.faults.add(strike.kind, strike.method, strike.path, **how)
        write_offset(self.folder / "offset", one.jump_seconds)
        began = time.monotonic()
        for at, deed in sorted(self._deeds(one, chance), key=lambda pair: pair[0]):
            time.sleep(max(0.0, at - (time.monotonic() - began)))
            deed()

    def _keep_going(self) -> None:
        """Start the daemon again where it is gone, and let it come to its work."""
        if self.daemon.gone() or not self.daemon.alive:
            self.daemon.start(edge=self._edge, dry=self._dry)
            self._edge, self._dry = "", False
        self.daemon.wait_until_started(PATIENCE_SECONDS)

    def _deeds(self, one: Round, chance: random.Random) -> Iterator[Deed]:
        for kind in one.posts:
            yield chance.uniform(0, ROUND_SECONDS / 2), lambda kind=kind: self.people.post(kind, chance)
        for what in one.changes:
            yield chance.uniform(0, ROUND_SECONDS), lambda what=what: self.people.change(what, chance)
        if one.burst is not None:
            yield chance.uniform(0, ROUND_SECONDS / 2), lambda: self._burst(*one.burst, chance)
        yield ROUND_SECONDS * 0.6, self._work_at_the_desk
        if one.retried:
            yield ROUND_SECONDS * 0.7, lambda: self.desk.try_again(chance)
        if one.killed_at is not None:
            yield one.killed_at, lambda: self._kill(one)
        if one.full is not None:
            yield one.full.begins, lambda: self.daemon.fill_disk(one.full.room)
            yield one.full.begins + one.full.lasts, self.daemon.free_disk
        if one.locked is not None:
            yield one.locked.begins, self._lock
            yield one.locked.begins + one.locked.lasts, self._unlock
        if one.paused is not None:
            yield one.paused.begins, lambda: self._surely(self.desk.pause)
            yield one.paused.begins + one.paused.lasts, lambda: self._surely(self.desk.resume)
        yield ROUND_SECONDS, lambda: None

    def _burst(self, kind: str, count: int, chance: random.Random) -> None:
        for _ in range(count):
            self.people.post(kind, chance, answerable=False)

    def _kill(self, one: Round) -> None:
        self.daemon.kill()
        self._edge, self._dry = one.edge, one.dry

    def _work_at_the_desk(self) -> None:
        """Answer what can be answered of the newest posts; the others are looked at again in the next rounds."""
        self._waiting.extend(offer for offer in self.people.offers[self._seen :] if offer.answerable)
        self._seen = len(self.people.offers)
        if self._locker is not None:
            return
        self.desk.let_go_on()
        for _ in range(len(self._waiting)):
            offer = self._waiting.popleft()
            if not self.desk.answer(offer.post.platform, offer.post.id):
                self._waiting.append(offer)
        while len(self._waiting) > 40:
            self._waiting.popleft()

    def _lock(self) -> None:
        """Hold the store's write lock, as a backup program of somebody else's might."""
        self._locker = sqlite3.connect(self.folder / "frankly.sqlite3", timeout=0.2, isolation_level=None)
        try:
            self._locker.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            self._unlock()

    def _unlock(self) -> None:
        if self._locker is not None:
            self._locker.close()
            self._locker = None

    def _surely(self, deed: Callable[[], bool]) -> None:
        """Do something at the desk that must succeed, even when the store is locked at first."""
        while not deed():
            self._unlock()

    def calm(self) -> None:
        """Let everything go right until nothing moves any more."""
        self._unlock()
        self.daemon.free_disk()
        self._surely(self.desk.resume)
        write_offset(self.folder / "offset", 0)
        for server in (self.servers.x, self.servers.reddit):
            server.faults.clear()
        if self.daemon.alive and self.daemon.lives[-1].dry:
            self.daemon.stop()
        self._edge, self._dry = "", False
        # By then even what is listed late stands in the listings, and search shows its newest half minute.
        late = self.servers.world.now() + timedelta(minutes=3)
        deadline = time.monotonic() + CALM_SECONDS
        while time.monotonic() < deadline:
            self._keep_going()
            self._work_at_the_desk()
            time.sleep(1.0)
            if self._is_calm(late):
                break
        self.daemon.stop()

    def _is_calm(self, after: datetime) -> bool:
        store = self.desk.store
        at_work = any(store.outbox.in_state(state) for state in _BEYOND)
        counts = store.overview.mentions()
        gaps = any(store.overview.open_gaps().values())
        read = all(source.last_ok_at is not None and source.last_ok_at > after for source in store.sources.all())
        return read and not at_work and not gaps and not counts["unassessed"] and not counts["unrouted"]


@contextmanager
def storm_over(folder: Path, seed: str) -> Iterator[Storm]:
    """Set the scene: simulated platforms, a company, its desk, and the daemon, which has yet to be started."""
    start = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    clock = PacedClock(start, datetime.now(UTC), SPEED)
    world = World(clock, brand_x="BriskBroadband", brand_reddit="BriskBB_Care")
    with RehearsalServers(world) as servers:
        configure(folder, servers, clock)
        write_offset(folder / "offset", 0)
        desk = Desk(folder, clock, JumpingClock.beside(clock, folder / "offset"))
        daemon = Supervisor(folder, servers.credentials(), clock)
        try:
            yield Storm(seed, servers, People(world), desk, daemon, folder)
        finally:
            daemon.kill()
            desk.close()
