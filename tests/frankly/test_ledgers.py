"""``frankly coverage`` and ``frankly spending``: the two ledgers at a terminal and for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.records import Platform
from store.store import Store
from tests.journey.process import frankly


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "care"
    done = frankly(tmp_path, "init", str(made))
    assert done.returncode == 0, done.stderr
    return made


def test_coverage_shows_by_source_what_was_heard_is_open_and_is_lost(folder: Path) -> None:
    assert "No source has run yet." in frankly(folder, "coverage").stdout
    store, now = Store.open(folder / "frankly.sqlite3"), datetime.now(UTC)
    store.sources.ensure("old search", "x_search", Platform.X)
    hours = [now - timedelta(hours=number) for number in range(6)]
    for state, start, end in (("lost", 5, 4), ("covered", 4, 2), ("gap", 2, 1)):
        store.sources.record("old search", state, hours[start], hours[end], "X is too full" if state == "lost" else "")  # type: ignore[arg-type]
    store.close()
    report = json.loads(frankly(folder, "coverage", "--json", "--days", "1").stdout)
    [source] = report["sources"]
    assert source["unread_seconds"] == pytest.approx(3_600, abs=60)
    del source["unread_seconds"]
    assert source == {
        "source": "old search",
        "configured": False,
        "heard_seconds": 7_200,
        "open_gaps": 1,
        "open_seconds": 3_600,
        "lost_gaps": 1,
        "lost_seconds": 3_600,
    }
    assert [(gap["state"], gap["seconds"], gap["why"]) for gap in report["not_heard"]] == [
        ("lost", 3_600, "X is too full"),
        ("gap", 3_600, ""),
    ]
    said = frankly(folder, "coverage").stdout
    assert "2 h 00 min" in said
    assert "1 h 00 min, lost for good (X is too full)" in said
    assert "1 h 00 min, to be read" in said
    assert frankly(folder, "coverage", "--days", "0").returncode == 2
