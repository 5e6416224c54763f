"""How many recorded rows a second go into the store, whether ten times as many slow it down, and a second time over."""

from __future__ import annotations

import csv
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.table import Row, as_table
from config.clock import SystemClock
from config.settings import Brand, Settings
from listener.replay import ReplayReport, replay
from store.store import Store

SIZES = (10_000, 100_000)
_WORDS = (
    "the",
    "router",
    "again",
    "billing",
    "engineer",
    "never",
    "came",
    "thanks",
    "since",
    "monday",
    "slow",
    "really",
)


def measure() -> list[Row]:
    """Replay made-up files of both sizes into fresh stores."""
    rows = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            rows += _measure(size, Path(folder))
    return rows


def _measure(size: int, folder: Path) -> list[Row]:
    path = folder / "rows.csv"
    _write(path, size)
    settings = Settings(brands=[Brand(name="Brisk", terms=["Brisk"])])
    store = Store.open(folder / "bench.sqlite3")
    seconds, first = _replay(path, store, settings)
    again_seconds, again = _replay(path, store, settings)
    store.close()
    assert (first.stored, again.stored, again.known) == (size, 0, size)
    return [
        Row(f"replay {size:,} rows into the store", "2,000 a second", f"{size / seconds:,.0f} a second"),
        Row(f"replay {size:,} rows, nothing new", "", f"{again_seconds:.2f} s"),
    ]


def _replay(path: Path, store: Store, settings: Settings) -> tuple[float, ReplayReport]:
    start = time.perf_counter()
    report = replay([path], store, settings, SystemClock())
    return time.perf_counter() - start, report


def _write(path: Path, size: int) -> None:
    chance = random.Random(7)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "author", "posted_at", "text"])
        for number in range(size):
            words = " ".join(chance.choices(_WORDS, k=18))
            at = moment + timedelta(seconds=number)
            author = f"author{chance.randrange(size // 2)}"
            writer.writerow([10**18 + number, author, at.isoformat(), f"Brisk {words} {number}"])


if __name__ == "__main__":
    print(as_table(measure()))
