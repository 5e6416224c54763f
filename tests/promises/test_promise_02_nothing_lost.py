"""Promise 2: the cursor never passes an unstored mention, and what cannot be heard any more is said."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from frankly.rehearsal.servers import RehearsalServers
from frankly.status import gather
from responders.digest.figures import make_digest
from responders.digest.markdown import render_markdown
from store.records import Platform
from tests.journey.process import configure, environment, frankly, reading
from tests.promises.whole import Whole
from tests.stored import id_of

POSTS = 230  # three pages
PAGES = {Platform.X: "/2/users/", Platform.REDDIT: "/r/Harrowdale/comments"}
SOURCES = {Platform.X: "x mentions", Platform.REDDIT: "reddit comments"}


def fill(servers: RehearsalServers, platform: Platform, count: int, thread: str) -> set[str]:
    """Let many posts be made now; returns their ids."""
    made = set()
    for number in range(count):
        if platform is Platform.X:
            post = servers.world.add_post(platform, f"author{number % 40}", f"@BriskBroadband number {number}")
        else:
            text = f"Brisk Broadband, number {number}"
            post = servers.world.add_post(platform, f"author{number % 40}", text, reply_to=thread)
        made.add(post.id)
    return made


@pytest.mark.parametrize(("platform", "page"), [(Platform.X, 1), (Platform.X, 3), (Platform.REDDIT, 2)])
def test_promise_2_a_process_killed_between_pages_loses_nothing(
    tmp_path: Path, servers: RehearsalServers, platform: Platform, page: int
) -> None:
    configure(tmp_path, servers)
    source, server = SOURCES[platform], servers.x if platform is Platform.X else servers.reddit
    thread = servers.world.add_post(Platform.REDDIT, "local", "x", title="A week", subreddit="Harrowdale").id
    command = [sys.executable, "-m", "frankly", "--config", str(tmp_path), "collect", source]
    assert frankly(tmp_path, "collect", source, extra=servers.credentials()).returncode == 0  # it listens from now on
    expected = fill(servers, platform, POSTS, thread)
    server.clear_log()
    me = servers.world.brands[Platform.X].external_id
    path = f"{PAGES[platform]}{me}/mentions" if platform is Platform.X else PAGES[platform]
    if page > 1:
        server.faults.add("slow", "GET", path, times=page - 1, seconds=0)
    server.faults.add("slow", "GET", path, seconds=30)
    process = subprocess.Popen(
        command, env=environment(servers.credentials()), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    server.wait_for("GET", path, count=page, timeout=60)
    process.kill()
    process.wait()
    expected |= fill(servers, platform, 30, thread)  # while nobody listens
    with reading(tmp_path) as store:
        before = store.database.value("SELECT count(*) FROM mentions")
        assert before == (page - 1) * 100, "each page is stored before the next is asked for"
    server.faults.clear()
    for _ in range(2):
        done = frankly(tmp_path, "collect", source, extra=servers.credentials())
        assert done.returncode == 0, done.stderr
    with reading(tmp_path) as store:
        stored = {row["external_id"] for row in store.database.rows("SELECT external_id FROM mentions")}
        gaps = store.sources.open_gaps(source)
    assert stored == expected
    assert gaps == []


def test_promise_2_what_cannot_be_heard_any_more_is_written_down_and_shown(whole: Whole) -> None:
    world, clock, store = whole.servers.world, whole.clock, whole.store
    whole.collect("x search")
    began = clock.now()
    missed = world.add_post(Platform.X, "dora", "Brisk Broadband, nobody reads", posted_at=began + timedelta(hours=1))
    heard = world.add_post(Platform.X, "emil", "Brisk Broadband again", posted_at=began + timedelta(days=5))
    clock.advance(days=9)
    whole.collect("x search")
    assert id_of(store, Platform.X, heard.id) is not None
    assert id_of(store, Platform.X, missed.id) is None
    [lost] = [one for one in store.sources.coverage("x search", began, clock.now()) if one.state == "lost"]
    assert lost.started_at <= missed.posted_at <= lost.ended_at
    [event] = [one for one in store.events.latest(50) if one.kind == "coverage.lost"]
    assert (event.actor, event.detail["source"]) == ("daemon", "x search")
    [source] = [one for one in gather(whole.app)["sources"] if one["name"] == "x search"]
    assert source["lost_seconds"] == round((lost.ended_at - lost.started_at).total_seconds())
    brand = whole.app.settings.brands[0]
    digest = make_digest(store, whole.app.settings, clock, brand, missed.posted_at.date())
    assert "lost" in {one.state for one in digest.listening.silences}
    assert "x search" in render_markdown(digest)


def test_promise_2_a_gap_that_is_open_is_counted_by_status_until_it_is_read(
    tmp_path: Path, servers: RehearsalServers
) -> None:
    configure(tmp_path, servers)
    text = (tmp_path / "frankly.toml").read_text()
    (tmp_path / "frankly.toml").write_text(text.replace('kind = "x_mentions"', 'kind = "x_mentions"\nmax_pages = 1'))
    # Of an hour ago: the newest two minutes and a half are read anew by every run, so a gap in them stays open.
    began = servers.world.now() - timedelta(hours=1)
    expected = {
        servers.world.add_post(
            Platform.X, "cora", f"@BriskBroadband number {second}", posted_at=began + timedelta(seconds=second)
        ).id
        for second in range(130)
    }

    def open_gaps() -> int:
        frankly(tmp_path, "collect", "x mentions", extra=servers.credentials())
        report = json.loads(frankly(tmp_path, "status", "--json").stdout)
        return int(next(one["open_gaps"] for one in report["sources"] if one["name"] == "x mentions"))

    assert open_gaps() == 1
    while open_gaps():
        pass
    with reading(tmp_path) as store:
        stored = {row["external_id"] for row in store.database.rows("SELECT external_id FROM mentions")}
    assert stored == expected
