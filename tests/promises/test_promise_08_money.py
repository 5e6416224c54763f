"""Promise 8: money is reserved before a paid call; a spent budget stops the call, not the daemon.

The platform's own log is the witness: it shows what was really asked for.
"""

from __future__ import annotations

import json
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest

from frankly import pipeline
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from store.records import OutboxState, Platform
from tests.journey.process import configure, frankly, reading, running, wait_until
from tests.promises.conftest import MakeWhole
from tests.promises.whole import Whole

FULL_PAGE_USD = 100 * 0.005


def searches(servers: RehearsalServers) -> int:
    return len([one for one in servers.x.log if one.path == "/2/tweets/search/recent" and one.status == 200])


def fill(servers: RehearsalServers, count: int) -> None:
    """More full pages than the budget can pay for."""
    posted_at = servers.world.now() - timedelta(hours=2)
    for number in range(count):
        moment = posted_at + timedelta(seconds=number)
        servers.world.add_post(Platform.X, f"a{number}", f"Brisk Broadband is down, {number}", posted_at=moment)


def test_promise_8_a_spent_budget_ends_the_paid_calls_and_not_the_daemon(
    tmp_path: Path, servers: RehearsalServers
) -> None:
    port = configure(tmp_path, servers)
    text = (tmp_path / "frankly.toml").read_text()
    (tmp_path / "frankly.toml").write_text(text.replace("x mentions", "x search").replace("x_mentions", "x_search"))
    fill(servers, 500)
    extra = {**servers.credentials(), "FRANKLY_PLATFORMS__X__DAY_BUDGET_USD": str(2.2 * FULL_PAGE_USD)}
    with running(tmp_path, port, extra), reading(tmp_path) as store:
        wait_until(lambda: "source.resting" in {one.kind for one in store.events.latest(20)}, "the source rests")
        thread = servers.world.add_post(Platform.REDDIT, "local", "x", title="A week", subreddit="Harrowdale")
        comment = servers.world.add_post(Platform.REDDIT, "cy", "Brisk Broadband is down", reply_to=thread.id)
        wait_until(lambda: store.mentions.find(comment.id) is not None, "Reddit is heard on")
        wait_until(lambda: store.overview.mentions()["unrouted"] == 0, "the rest of the journey goes on")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        report = json.loads(frankly(tmp_path, "status", "--json").stdout)
    assert searches(servers) == 3  # two pages, and a small one for the last money
    account = 0.01  # whose keys these are
    assert report["spending_today_usd"]["x"] == pytest.approx(2.2 * FULL_PAGE_USD + account)
    [x] = [one for one in report["sources"] if one["name"] == "x search"]
    assert "the budget for X today is $1.10" in x["last_error"]
    assert x["open_gaps"] == 1


def test_promise_8_what_the_budget_left_out_is_read_when_there_is_money_again(make_whole: MakeWhole) -> None:
    whole = make_whole(environ={"FRANKLY_PLATFORMS__X__DAY_BUDGET_USD": str(1.2 * FULL_PAGE_USD)})
    fill(whole.servers, 250)
    collector = whole.app.collector()
    days = 0
    while whole.store.database.value("SELECT count(*) FROM mentions") < 250:
        for _ in range(5):
            pipeline.collect(collector, "x search")
            whole.clock.advance(minutes=1)
        day = whole.clock.now().replace(hour=0, minute=0)
        spent = whole.store.spending.spent(Platform.X, day, source="x search")
        assert spent <= 1.2 * FULL_PAGE_USD
        whole.clock.advance(days=1)
        days += 1
        assert days < 8
    assert days >= 3


def test_promise_8_answers_are_paid_for_as_well(whole: Whole) -> None:
    post = whole.complain(Platform.X)
    whole.hear("x mentions")
    whole.answer(post, whole.agent())
    whole.send()
    assert len(whole.posted(Platform.X)) == 1
    start = whole.clock.now() - timedelta(days=1)
    ledger = whole.store.spending.by_source(start, whole.clock.now() + timedelta(days=1))
    paid = {call: usd for source, call, _, usd in ledger if source == "answers"}
    assert paid == {"post_create": pytest.approx(0.015), "post_read": pytest.approx(0.005), "owned_read": 0.0}


def test_promise_8_a_reply_that_nobody_can_pay_for_waits_and_is_not_lost(make_whole: MakeWhole) -> None:
    whole = make_whole(environ={"FRANKLY_PLATFORMS__X__PRICES__POST_CREATE_USD": "0.2"})
    post = whole.complain(Platform.X)
    whole.hear("x mentions")
    message = whole.answer(post, whole.agent())
    x = whole.app.settings.platforms.x
    poor = x.model_copy(update={"answers_usd": 0.11})  # enough to look, not to post
    platforms = whole.app.settings.platforms.model_copy(update={"x": poor})
    rich = whole.app.settings
    whole.app.settings = rich.model_copy(update={"platforms": platforms})
    for _ in range(3):
        whole.send()
        whole.clock.advance(minutes=2)
    assert whole.posted(Platform.X) == []
    waiting = whole.store.outbox.get(message.id)
    assert waiting.state is OutboxState.QUEUED
    assert "the budget for answers on X today is $0.11" in waiting.reason
    whole.app.settings = rich
    whole.send()
    assert [entry.status for entry in whole.posted(Platform.X)] == [201]


def test_promise_8_a_reply_of_unknown_result_counts_as_paid_and_a_refused_one_does_not(whole: Whole) -> None:
    posts = [whole.complain(Platform.X, author=name, text=f"{name} has no line") for name in ("ann", "bob")]
    whole.hear("x mentions")
    agent = whole.agent()
    for number, post in enumerate(posts):
        whole.answer(post, agent, f"Answer {number}. ^AB")
    whole.servers.x.faults.add(FaultKind.DROP_AFTER_ACCEPT, "POST", "/2/tweets")
    whole.servers.x.faults.add(FaultKind.NOT_SUMMONED, "POST", "/2/tweets")
    whole.send()
    rows = whole.store.database.rows("SELECT settled_usd FROM spending WHERE call = 'post_create' ORDER BY id")
    assert [row["settled_usd"] for row in rows] == [pytest.approx(0.015), 0.0]
