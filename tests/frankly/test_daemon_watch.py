"""The daemon notices when its scheduler or its desk has died, and ends so that a supervisor can start it again."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator

import pytest
from apscheduler.events import EVENT_JOB_MAX_INSTANCES

from config.errors import StoreError
from frankly import daemon as daemon_module
from frankly.app import App
from frankly.daemon import Daemon
from frankly.logs import set_up_logs
from frankly.serving import DeskServer


def test_a_silent_scheduler_ends_the_daemon_with_a_failure(app: App) -> None:
    daemon = Daemon(app, None)
    daemon._last_beat -= daemon_module._SILENCE_SECONDS + 1
    assert daemon._watch() == 1


def test_a_dead_desk_ends_the_daemon_with_a_failure(app: App) -> None:
    desk = DeskServer(app)
    desk.start()
    desk.stop()
    assert Daemon(app, desk)._watch() == 1


@pytest.fixture
def locked(app: App) -> Iterator[None]:
    """Somebody else holds the store's write lock, and the daemon waits for it only a moment."""
    app.store.database.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(app.settings.database_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@pytest.mark.usefixtures("locked")
def test_a_store_that_is_locked_at_the_start_stops_the_daemon_before_anything_runs(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs that go on while the store is closed under them end in a crash of the interpreter."""
    monkeypatch.setattr(Daemon, "_listen_to_signals", lambda _: None)
    app.__dict__["_classifier"] = None
    daemon = Daemon(app, None)
    with pytest.raises(StoreError, match="locked"):
        daemon.run()
    assert not daemon._scheduler.running


@pytest.mark.usefixtures("locked")
def test_a_store_that_is_locked_at_the_end_does_not_keep_the_daemon_from_ending_well(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    daemon = Daemon(app, None)
    daemon._scheduler.start()
    daemon._stop()
    assert "the end could not be written down" in caplog.text


def test_a_step_that_takes_longer_than_its_turn_fills_no_log(
    app: App, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)  # the log goes on to caplog
    set_up_logs()
    daemon = Daemon(app, None)
    passed, go_on = threading.Event(), threading.Event()
    daemon._scheduler.add_listener(lambda _: passed.set(), EVENT_JOB_MAX_INSTANCES)
    daemon._every("long", 0.05, lambda: go_on.wait() and None)
    assert [job.name for job in daemon._scheduler.get_jobs()] == ["long"]
    daemon._scheduler.start()
    assert passed.wait(60)
    go_on.set()
    daemon._scheduler.shutdown()
    assert "skipped" not in caplog.text


def test_a_step_that_fails_is_tried_again_and_stops_no_other(app: App) -> None:
    daemon = Daemon(app, None)
    calls: list[str] = []

    def fails() -> None:
        calls.append("failed")
        raise RuntimeError("unexpected")

    run = daemon._guarded("broken", fails)
    run()
    run()
    daemon._guarded("beat", daemon._beat)()
    assert calls == ["failed", "failed"]
    assert daemon._busy == {}
    assert app.store.switches.get(daemon_module.HEARTBEAT) is not None
