"""The daemon: knows when; ``frankly/pipeline.py`` knows how.

APScheduler runs in UTC with its jobs in memory, made from the settings at each start: nothing it could lose
or run twice is kept in it. The main thread watches the scheduler's heartbeat and waits for signals.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler

from config.errors import FranklyError
from frankly import pipeline
from frankly.app import App
from frankly.logs import failed, log, warn
from frankly.serving import DeskServer, desk_address, read_again
from listener.backups import clean_backups
from store.records import Event, Platform

HEARTBEAT = "heartbeat"
_BEAT_SECONDS = 5
_SILENCE_SECONDS = 60  # without a heartbeat for this long, the scheduler is taken for dead
_PATIENCE_SECONDS = 8  # how long the item in hand may take at the end


class Daemon:
    """The pipeline on a schedule, with the desk beside it."""

    def __init__(self, app: App, desk: DeskServer | None) -> None:
        self._app = app
        self._desk = desk
        self._stopping = threading.Event()
        self._reload = threading.Event()
        self._last_beat = time.monotonic()
        self._busy: dict[str, float] = {}
        self._scheduler: BaseScheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(app.settings.sources) + 8)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def stop_with(self, pipe: int) -> None:
        """Stop as at SIGTERM once a pipe ends whose other end is held by whoever started us, and may be killed."""

        def wait() -> None:
            while os.read(pipe, 1024):  # not through sys.stdin, whose lock would be held at the interpreter's end
                pass
            self._stopping.set()

        threading.Thread(target=wait, name="parent", daemon=True).start()

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; returns the exit code."""
        self._listen_to_signals()
        self._app.classifier  # noqa: B018  # loaded before anything else starts, so that a wrong model stops us here
        self._recover()
        self._schedule()
        self._event("daemon.started")  # a store that cannot be written stops us while nothing uses it yet
        self._scheduler.start()
        if self._desk is not None:
            self._desk.start()
        log("started", sources=len(self._app.settings.sources), desk=self._desk.url if self._desk else "off")
        code = self._watch()
        self._stop()
        if self._busy:  # the interpreter would wait for these threads, as long as a platform makes them wait
            sys.stderr.flush()
            os._exit(code)
        return code

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        signal.signal(signal.SIGHUP, lambda *_: self._reload.set())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})  # one that came before this comes now

    def _recover(self) -> None:
        """What was leaving when the last process ended may or may not have arrived."""
        left = self._app.sender().recover()
        if left:
            warn("found replies whose sending was cut off; they will be looked for, not sent again", count=left)

    def _schedule(self) -> None:
        daemon = self._app.settings.daemon
        self._every("heartbeat", _BEAT_SECONDS, self._beat)
        for source in self._app.settings.sources:
            self._every(f"collect {source.name}", source.every.total_seconds(), self._collecting(source.name))
        tick = daemon.tick.total_seconds()
        self._every("understand", tick, self._understand)
        self._every("send", tick, self._sending())
        self._every("alert", tick, self._alert)
        self._every("tend", daemon.tend.total_seconds(), self._tend)
        self._every("digest", daemon.tend.total_seconds(), self._digest)
        self._every("notice", daemon.notice.total_seconds(), self._noticing())
        self._every("sweep", daemon.sweep.total_seconds(), self._sweeping())

    def _every(self, name: str, seconds: float, work: Callable[[], None]) -> None:
        self._scheduler.add_job(
            self._guarded(name, work),
            "interval",
            seconds=seconds,
            id=name,
            name=name,
            next_run_time=datetime.now(UTC),
        )

    def _guarded(self, name: str, work: Callable[[], None]) -> Callable[[], None]:
        """A job may fail; the daemon goes on, and the failure is in the log."""

        def run() -> None:
            if self._stopping.is_set():
                return
            self._busy[name] = time.monotonic()
            try:
                work()
            except FranklyError as error:
                warn("a step failed and will be tried again", step=name, reason=str(error))
            except Exception:  # noqa: BLE001  # the loop is the one place that outlives whatever happens inside
                failed("a step failed unexpectedly and will be tried again", step=name)
            finally:
                self._busy.pop(name, None)

        return run

    def _beat(self) -> None:
        self._last_beat = time.monotonic()
        beat = {"pid": os.getpid(), "real_at": datetime.now(UTC).isoformat()}
        self._app.store.switches.put(HEARTBEAT, beat, self._app.clock.now())

    def _collecting(self, source: str) -> Callable[[], None]:
        collector = self._app.collector()  # clients are this job's own: they are not shared between threads
        told: str | None = None

        def run() -> None:
            nonlocal told
            report = pipeline.collect(collector, source)
            if report.error and report.cause != told:  # a source that rests says so once
                warn("collecting stopped early", source=source, reason=report.error, stored=report.stored)
            told = report.cause
            if report.stored:
                log("collected", source=source, read=report.read, stored=report.stored)

        return run

    def _understand(self) -> None:
        while not self._stopping.is_set() and (pipeline.assess(self._app) or pipeline.route(self._app)):
            pass

    def _sending(self) -> Callable[[], None]:
        sender = self._app.sender()

        def run() -> None:
            tried = pipeline.send(sender, self._stopping.is_set)
            if tried:
                log("sent", tried=tried)

        return run

    def _tend(self) -> None:
        pipeline.tend(self._app)

    def _alert(self) -> None:
        told = pipeline.alert(self._app, self._desk.url if self._desk else desk_address(self._app.settings))
        if told:
            log("alerted", escalations=told)

    def _digest(self) -> None:
        for digest in pipeline.digest(self._app):
            log("digest", day=digest.day)

    def _noticing(self) -> Callable[[], None]:
        reader = self._app.own_posts()
        told: dict[Platform, str | None] = {}

        def run() -> None:
            reports, credited = pipeline.notice(reader, self._app.noticing)
            for report in reports:
                if report.error and report.error != told.get(report.platform):
                    warn("own posts cannot be read", platform=report.platform, reason=report.error)
                told[report.platform] = report.error
            if credited:
                log("noticed answers by hand", answers=credited)

        return run

    def _sweeping(self) -> Callable[[], None]:
        deletions, platforms = self._app.deletions(), list(self._app.clients())

        def run() -> None:
            reports, expired = pipeline.sweep(deletions, platforms)
            for report in reports:
                if report.error:
                    warn("sweeping stopped early", platform=report.platform, reason=report.error)
                log("swept", platform=report.platform, checked=report.checked, deleted=report.deleted)
            if expired:
                log("expired", texts=expired)
            for problem in clean_backups(self._app.store, self._app.settings, self._app.clock):
                warn("a backup could not be emptied like the store", reason=problem)

        return run

    def _watch(self) -> int:
        while not self._stopping.wait(0.5):
            if self._reload.is_set():
                self._reload.clear()
                read_again(self._app, self._desk)
            if time.monotonic() - self._last_beat > _SILENCE_SECONDS:
                warn("the scheduler is silent; stopping, so that a supervisor can start frankly again")
                self._stopping.set()
                return 1
            if self._desk is not None and self._desk.died():
                warn("the desk died; stopping, so that a supervisor can start frankly again")
                self._stopping.set()
                return 1
        return 0

    def _stop(self) -> None:
        """Let each job finish the item in hand, but not for longer than a supervisor waits."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        self._scheduler.shutdown(wait=False)
        if self._desk is not None:
            self._desk.stop()
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.05)
        if self._busy:
            warn("stopping in the middle of a step; it will be taken up again", steps=", ".join(self._busy))
        try:
            self._event("daemon.stopped")
        except FranklyError as error:
            warn("the end could not be written down", reason=str(error))
        log("stopped")

    def _event(self, kind: str) -> None:
        self._app.store.events.add(Event(at=self._app.clock.now(), kind=kind, actor="daemon"))
