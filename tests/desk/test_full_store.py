"""What the benchmark fills a store with stays what the desk can show."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.fill import NOW, fill
from store.cases import CaseFilter
from store.records import Agent, CaseStatus
from tests.desk.conftest import Browser
from tests.desk.seed import Seed

SignIn = Callable[[Agent], Browser]


def test_a_filled_store_opens_at_the_desk(seed: Seed, sign_in: SignIn) -> None:
    fill(seed.store, 1000, 100)
    seed.clock.moment = NOW
    ana = seed.store.agents.by_username("ana")
    assert ana is not None
    assert seed.store.glance.newest_mention_id() == 1000
    assert seed.store.cases.count(CaseFilter(status=CaseStatus.OPEN)) == 100
    browser = sign_in(ana)
    assert "Further" in browser.get("/")
    assert "<mark>" in browser.get("/search?q=internet")


def test_what_is_asked_every_few_seconds_comes_from_an_index(seed: Seed) -> None:
    seed.hear_all()
    plans: list[str] = []
    database = seed.store.database
    database.tables.conn.set_trace_callback(lambda sql: plans.append(sql))
    seed.store.glance.open_by_queue()
    seed.store.glance.overdue(seed.clock.now())
    seed.store.glance.last_heard_at()
    seed.store.cases.queue(CaseFilter(status=CaseStatus.OPEN), 51)
    seed.store.cases.queue(CaseFilter(), 51)
    database.tables.conn.set_trace_callback(None)
    assert len(plans) == 5
    for sql in plans:
        steps = [row["detail"] for row in database.rows(f"EXPLAIN QUERY PLAN {sql}")]
        assert all("INDEX" in step or "PRIMARY KEY" in step or step == "SCAN mentions" for step in steps), steps
