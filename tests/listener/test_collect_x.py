"""Collecting from X end to end: the real client, the simulated X, the real store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.errors import UsageError
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from store.records import Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import MakeCollector
from tests.listener.on_x import SEARCH, mentions, post, requests, spans


def test_a_post_found_by_search_becomes_a_mention(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    identifier = post(servers, "Brisk is down again")
    report = make_collector("x_search").run("x_search")
    assert (report.read, report.stored, report.pages, report.error) == (1, 1, 1, None)
    mention = mentions(store)[identifier]
    assert (mention.brand, mention.source, mention.post.summoned) == ("Brisk", "x_search", False)
    state = store.sources.state("x_search")
    assert state is not None
    assert state.last_ok_at == clock.now()
    assert state.covered_until == clock.now() - timedelta(seconds=30)


def test_a_post_that_names_our_account_is_a_summons(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector
) -> None:
    identifier = post(servers, "@BriskBroadband hello?")
    make_collector("x_mentions").run("x_mentions")
    assert mentions(store)[identifier].post.summoned


def test_one_post_found_twice_is_one_mention(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector
) -> None:
    post(servers, "@BriskBroadband hello?")
    assert make_collector("x_search").run("x_search").stored == 1
    second = make_collector("x_mentions").run("x_mentions")
    assert (second.stored, second.known) == (0, 1)
    assert len(mentions(store)) == 1


def test_what_only_looks_like_a_mention_is_passed_over(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    post(servers, "Brisk iced tea, anyone?")
    post(servers, "Brisk is back!", by="BriskBroadband")
    post(servers, "@BriskBroadband unroll", by="threadreaderapp")
    report = make_collector("x_search").run("x_search")
    assert (report.read, report.stored, report.passed_over) == (1, 0, 1)
    assert mentions(store) == {}
    report = make_collector("x_mentions").run("x_mentions")
    assert (report.read, report.stored, report.known) == (1, 0, 1)


@pytest.mark.parametrize("kind", ["x_search", "x_mentions"])
def test_what_we_posted_is_no_mention_whoever_it_seems_to_be_from(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock, kind: str
) -> None:
    customer = post(servers, "@BriskBroadband Brisk is down")
    by_us = servers.world.answer(Platform.X, customer, "Sorry, Brisk is on it. Ask @BriskBroadband again. ^KB").id
    renamed = post(servers, "Brisk says sorry, @BriskBroadband ^KB", by="BriskHelps")  # sent under another handle
    store.database.insert(
        "own_posts",
        {"platform": "x", "external_id": renamed, "in_reply_to": customer, "posted_at": "", "noticed_at": ""},
    )
    clock.advance(minutes=2)
    report = make_collector(kind).run(kind)
    assert set(mentions(store)) == {customer}
    assert store.mentions.known(Platform.X, [renamed]) == {renamed}
    assert by_us not in mentions(store)
    assert report.error is None


def test_every_page_is_read_and_nothing_is_read_for_ever(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {post(servers, f"Brisk {number}") for number in range(250)}
    clock.advance(minutes=3)
    collector = make_collector("x_search")
    report = collector.run("x_search")
    assert (report.read, report.stored, report.pages) == (250, 250, 3)
    assert set(mentions(store)) == written
    clock.advance(minutes=5)
    assert collector.run("x_search").read == 0


def test_a_post_that_the_index_shows_late_is_still_found(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    late = post(
        servers,
        "Brisk is down",
        posted_at=clock.now() - timedelta(seconds=80),
        visible_at=clock.now() + timedelta(seconds=20),
    )
    newer = post(servers, "Brisk is slow", posted_at=clock.now() - timedelta(seconds=70))
    collector = make_collector("x_search")
    collector.run("x_search")
    assert set(mentions(store)) == {newer}
    clock.advance(seconds=60)
    collector.run("x_search")
    assert set(mentions(store)) == {newer, late}


def test_an_edited_post_is_the_same_mention_with_its_new_words(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    first = post(servers, "Brisk is down")
    collector = make_collector("x_search")
    collector.run("x_search")
    clock.advance(minutes=1)
    newest = servers.world.edit_post(first, "Brisk is down since nine").id
    report = collector.run("x_search")
    assert (report.stored, report.known) == (0, 1)
    [mention] = mentions(store).values()
    assert (mention.post.text, mention.post.reply_target) == ("Brisk is down since nine", newest)


def test_a_rate_limit_rests_the_source_until_its_time(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    identifier = post(servers, "Brisk is down")
    servers.x.faults.add(FaultKind.RATE_LIMITED, "GET", SEARCH, seconds=600)
    collector = make_collector("x_search")
    assert collector.run("x_search").error is not None
    asked = requests(servers)
    clock.advance(minutes=5)
    resting = collector.run("x_search")
    assert resting.error is not None
    assert "rests until" in resting.error
    assert requests(servers) == asked
    clock.advance(minutes=6)
    assert collector.run("x_search").error is None
    assert set(mentions(store)) == {identifier}
    state = store.sources.state("x_search")
    assert state is not None
    assert state.resting_until is None


def test_a_spent_budget_rests_the_source_until_the_next_day(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {post(servers, f"Brisk {n}", posted_at=clock.now() - timedelta(minutes=400 - n)) for n in range(250)}
    collector = make_collector("x_search", x={"day_budget_usd": 1.0})
    report = collector.run("x_search")
    assert (report.stored, report.pages) == (200, 2)
    assert report.error is not None
    assert "budget" in report.error
    assert requests(servers) == 2
    assert store.spending.spent(Platform.X, clock.now() - timedelta(hours=1)) == pytest.approx(1.0)
    assert len(spans(store, "gap")) == 1
    for _ in range(14):
        clock.advance(hours=1)
        assert collector.run("x_search").error == report.error
    assert requests(servers) == 2
    assert [event.kind for event in store.events.latest(50)].count("source.resting") == 1
    clock.advance(hours=1, seconds=1)
    assert collector.run("x_search").error is None
    assert set(mentions(store)) == written


def test_a_raised_budget_is_used_at_once(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {post(servers, f"Brisk {n}", posted_at=clock.now() - timedelta(minutes=400 - n)) for n in range(250)}
    assert "budget" in (make_collector("x_search", x={"day_budget_usd": 1.0}).run("x_search").error or "")
    clock.advance(minutes=1)
    assert make_collector("x_search", x={"day_budget_usd": 3.0}).run("x_search").error is None
    assert set(mentions(store)) == written


def test_the_last_money_of_a_day_reads_a_smaller_page(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(150):
        post(servers, f"Brisk {n}", posted_at=clock.now() - timedelta(minutes=400 - n))
    report = make_collector("x_search", x={"day_budget_usd": 0.6}).run("x_search")
    assert (report.stored, report.pages) == (120, 2)
    assert "budget" in (report.error or "")
    assert spans(store, "gap") == [(-24 * 60, -370)]


def test_a_check_counts_what_a_search_finds_and_reads_none_of_it(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(70):
        post(servers, f"Brisk {n}", posted_at=clock.now() - timedelta(minutes=400 - n))
    cost = make_collector("x_search").probe("x_search")
    assert cost is not None
    assert (cost.posts, cost.usd) == (10, pytest.approx(0.05))
    assert requests(servers) == 0
    assert store.spending.spent(Platform.X, clock.now() - timedelta(hours=1)) == pytest.approx(0.005)
    assert mentions(store) == {}


def test_only_what_was_not_read_before_is_charged(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    post(servers, "@BriskBroadband one")
    post(servers, "@BriskBroadband two")
    collector = make_collector("x_mentions")
    for _ in range(3):
        collector.run("x_mentions")
        clock.advance(seconds=10)
    assert store.spending.spent(Platform.X, clock.now() - timedelta(hours=1)) == pytest.approx(2 * 0.001)


def test_posts_that_cannot_be_understood_are_counted_and_stop_nothing(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector
) -> None:
    body = (
        '{"data": [{"id": "7"}, 5, {"id": "2028394880824246272", "author_id": "9", "text": "Brisk is down"}],'
        ' "meta": {"result_count": 3}}'
    )
    servers.x.faults.add(FaultKind.STATUS, "GET", SEARCH, status=200, body=body)
    report = make_collector("x_search").run("x_search")
    assert (report.read, report.stored, report.skipped, report.error) == (3, 1, 2, None)


def test_the_authors_next_post_in_the_conversation_joins_in(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    first = post(servers, "@BriskBroadband my line is down")
    collector = make_collector("x_mentions")
    collector.run("x_mentions")
    second = post(servers, "@BriskBroadband works again, thanks", reply_to=first)
    clock.advance(minutes=1)
    collector.run("x_mentions")
    found = mentions(store)
    assert found[second].post.conversation_id == found[first].post.conversation_id


def test_a_source_that_is_not_configured_is_a_usage_error(make_collector: MakeCollector) -> None:
    with pytest.raises(UsageError, match="x_search"):
        make_collector("x_search").run("x_serach")
