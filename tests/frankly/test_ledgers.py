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


def test_spending_shows_what_was_paid_and_what_each_budget_has(folder: Path) -> None:
    assert "Nothing was paid for" in frankly(folder, "spending").stdout
    store, now = Store.open(folder / "frankly.sqlite3"), datetime.now(UTC)
    with store.transaction():
        for source, call, usd in (("x search", "post_read", 0.5), ("answers", "post_create", 0.015)):
            store.spending.settle(store.spending.reserve(Platform.X, source, call, usd, now), usd)
    store.close()
    prices = (folder / "prices.toml").read_text()
    (folder / "prices.toml").write_text(prices.replace("2026-08-22", "2026-11-01").replace("0.005 ", "0.004 ", 1))
    report = json.loads(frankly(folder, "spending", "--json").stdout)
    assert report["calls"] == [
        {"source": "x search", "call": "post_read", "calls": 1, "usd": 0.5},
        {"source": "answers", "call": "post_create", "calls": 1, "usd": 0.015},
    ]
    spent = {budget["setting"]: (budget["spent_usd"], budget["usd"]) for budget in report["budgets"]}
    assert spent["platforms.x.day_budget_usd"] == (pytest.approx(0.5), 5.0)
    assert spent["platforms.x.answers_usd"] == (pytest.approx(0.015), 2.0)
    assert spent["platforms.x.month_budget_usd"] == (pytest.approx(0.5), 100.0)
    assert (report["prices"]["as_of"], report["prices"]["post_read_usd"]) == ("2026-11-01", 0.004)
    said = frankly(folder, "spending").stdout
    assert "$0.51 since" in said or "$0.52 since" in said
    assert "Prices of X as of 2026-11-01" in said


def test_prices_that_stand_in_two_places_or_are_wrong_stop_every_start(folder: Path) -> None:
    file = folder / "frankly.toml"
    file.write_text(file.read_text() + "\n[platforms.x.prices]\npost_read_usd = 1.0\n")
    done = frankly(folder, "spending")
    assert (done.returncode, "keep them in one of the two" in done.stderr) == (3, True)
    file.write_text(file.read_text().replace("\n[platforms.x.prices]\npost_read_usd = 1.0\n", ""))
    (folder / "prices.toml").write_text("post_raed_usd = 0.005\n")
    done = frankly(folder, "spending")
    assert done.returncode == 3
    assert "prices.toml, post_raed_usd: this key is not known; did you mean post_read_usd?" in done.stderr
