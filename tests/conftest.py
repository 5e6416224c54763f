"""What every test may use: a fresh store and a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from store.store import Store
from tests.browser import browser

__all__ = ["browser"]  # a fixture for every test: there is one browser for the whole run, or for each of its workers

# Beside a browser or a daemon of another worker any example may take long, and no test asserts a speed.
settings.register_profile("patient", settings(deadline=None))
settings.load_profile("patient")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the last lines when a machine without a browser has skipped what needs one."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "chromium" in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"No browser was found, so {len(skipped)} browser tests were skipped: "
            "install Debian's chromium, or name one in CHROMIUM."
        )


class FrozenClock:
    """A clock that tests move by hand."""

    def __init__(self, moment: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "frankly.sqlite3")
    yield opened
    opened.close()
