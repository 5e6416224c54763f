"""Collect, store, assess and route over real HTTP, from a simulated X that holds a few thousand posts."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.table import Row
from config.clock import SystemClock
from config.credentials import load_credentials
from config.loading import load_settings
from config.settings import Brand, Handles
from config.starting import write_starter
from frankly import pipeline
from frankly.app import App
from frankly.rehearsal.sample_day import read_entries
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World
from listener.matching import Matcher
from store.records import Platform
from store.store import Store

POSTS = 4000
BRAND = "Brisk Broadband"


def world_of_posts() -> World:
    """Fill a world with the sample day's posts that name the brand, numbered so that no two are alike."""
    world = World(SystemClock(), brand_x="BriskBroadband", brand_reddit="BriskBB_Care")
    brand = Matcher([Brand(name=BRAND, terms=[BRAND, "BriskBB"], handles=Handles(x=["BriskBroadband"]))])
    texts = [entry["text"] for entry in read_entries(Platform.X) if brand.match(entry["text"])]
    start = datetime.now(UTC) - timedelta(hours=20)
    for number in range(POSTS):
        text = f"{texts[number % len(texts)]} {number}"
        world.add_post(Platform.X, f"reader{number}", text, posted_at=start + timedelta(seconds=number * 15))
    return world


def measure() -> list[Row]:
    """Return mentions a second through the four steps, and each step's share."""
    with tempfile.TemporaryDirectory() as name, RehearsalServers(world_of_posts()) as servers:
        folder = Path(name)
        write_starter(folder)
        (folder / "frankly.toml").write_text(_settings(servers.x_url), encoding="utf-8")
        settings = load_settings(folder / "frankly.toml", {})
        store = Store.open(settings.database_path)
        app = App(settings, load_credentials(servers.credentials()), store)
        app.classifier.assess(["warm"])
        spent = {}
        started = time.perf_counter()
        pipeline.collect(app.collector(), "search")
        spent["collect"] = time.perf_counter() - started
        for step in (pipeline.assess, pipeline.route):
            begun = time.perf_counter()
            while step(app):
                pass
            spent[step.__name__] = time.perf_counter() - begun
        stored = store.overview.mentions()["total"]
        store.close()
    whole = sum(spent.values())
    shares = ", ".join(f"{step} {stored / seconds:.0f}/s" for step, seconds in spent.items())
    return [Row("end to end over HTTP", "500 mentions a second", f"{stored / whole:.0f}/s for {stored} ({shares})")]


def _settings(url: str) -> str:
    return f"""
[[brands]]
name = "Brisk Broadband"
terms = ["Brisk Broadband", "BriskBB"]
handles = {{ x = ["BriskBroadband"] }}
[[topics]]
name = "outage"
phrases = ["no internet", "internet is down", "outage"]
[[sources]]
name = "search"
kind = "x_search"
max_pages = 100
[platforms.x]
base_url = "{url}"
day_budget_usd = 1000
month_budget_usd = 1000
"""


if __name__ == "__main__":
    print(*measure(), sep="\n")
