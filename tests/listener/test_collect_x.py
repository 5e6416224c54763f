"""Collecting from X end to end: the real client, the simulated X, the real store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.errors import UsageError
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from store.records import Mention, Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import BRAND, MakeCollector

SEARCH = "/2/tweets/search/recent"
TWO_BRANDS = [BRAND, {"name": "Rival", "terms": ["Rival Fibre"]}]


def post(servers: RehearsalServers, text: str, by: str = "maria_h", **given: object) -> str:
    return servers.world.add_post(Platform.X, by, text, **given).id  # type: ignore[arg-type]


def mentions(store: Store) -> dict[str, Mention]:
    return {mention.post.external_id: mention for mention in store.mentions.unassessed(10_000)}


def requests(servers: RehearsalServers, path: str = SEARCH) -> int:
    return len([entry for entry in servers.x.log if entry.path == path])


def spans(store: Store, state: str, source: str = "x_search") -> list[tuple[float, float]]:
    """The stretches of a state, in minutes around nine o'clock."""
    nine = FrozenClock().now()
    found = store.sources.coverage(source, nine - timedelta(days=30), nine + timedelta(days=30))
    return [
        tuple(round((moment - nine).total_seconds() / 60, 2) for moment in (c.started_at, c.ended_at))  # type: ignore[misc]
        for c in found
        if c.state == state
    ]


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


@pytest.mark.parametrize("kind", ["x_search", "x_mentions"])
def test_a_run_that_stops_early_leaves_a_gap_that_the_next_ones_read(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock, kind: str
) -> None:
    written = {
        post(servers, f"@BriskBroadband {n}", posted_at=clock.now() - timedelta(minutes=400 - n)) for n in range(350)
    }
    collector = make_collector(kind, max_pages=2)
    assert collector.run(kind).stored == 200
    [(start, end)] = spans(store, "gap", kind)
    assert (start, end) == (-24 * 60, -250)
    fresh = post(servers, "@BriskBroadband and now?", posted_at=clock.now() + timedelta(minutes=2))
    clock.advance(minutes=3)
    second = collector.run(kind)
    assert second.stored == 101  # what is new comes first, the gap gets the rest
    assert spans(store, "gap", kind) == [(-24 * 60, -350)]
    clock.advance(minutes=3)
    assert collector.run(kind).stored == 50
    assert set(mentions(store)) == {*written, fresh}
    assert spans(store, "gap", kind) == []
    assert spans(store, "filled", kind) == [(-24 * 60, -250)]
    [(_, covered_until)] = spans(store, "covered", kind)
    assert covered_until == 5.5
    clock.advance(minutes=3)
    assert collector.run(kind).read == 0


def test_a_gap_is_read_even_when_what_is_new_takes_every_page(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(150):
        post(servers, f"Brisk {n}", posted_at=clock.now() - timedelta(minutes=200 - n))
    collector = make_collector("x_search", max_pages=1)
    assert collector.run("x_search").stored == 100
    post(servers, "Brisk now")
    clock.advance(minutes=3)
    assert collector.run("x_search").stored == 51


def test_an_error_in_the_middle_leaves_a_gap_and_says_why(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {post(servers, f"Brisk {n}", posted_at=clock.now() - timedelta(minutes=400 - n)) for n in range(250)}
    servers.x.faults.add(FaultKind.PARTIAL_ERRORS, "GET", SEARCH)  # spends itself on the first page
    servers.x.faults.add(FaultKind.STATUS, "GET", SEARCH, status=503)
    collector = make_collector("x_search")
    report = collector.run("x_search")
    assert report.stored == 99
    assert report.error is not None
    assert "503" in report.error
    state = store.sources.state("x_search")
    assert state is not None
    assert state.last_error == report.error
    assert len(spans(store, "gap")) == 1
    clock.advance(minutes=1)
    again = collector.run("x_search")
    assert again.error is None
    # The hundredth of the first page was left out by X with an error of its own.
    assert len(set(mentions(store)) & written) >= 249
    assert spans(store, "gap") == []


def test_an_error_on_the_first_page_moves_nothing(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    identifier = post(servers, "Brisk is down")
    servers.x.faults.add(FaultKind.NOT_JSON, "GET", SEARCH)
    collector = make_collector("x_search")
    assert collector.run("x_search").error is not None
    state = store.sources.state("x_search")
    assert state is not None
    assert (state.cursor, state.covered_until, state.last_ok_at) == ({}, None, None)
    clock.advance(minutes=5)
    assert collector.run("x_search").error is None
    assert set(mentions(store)) == {identifier}


def test_a_crash_between_pages_leaves_the_cursor_behind_and_loses_nothing(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {post(servers, f"Brisk {n}", posted_at=clock.now() - timedelta(minutes=400 - n)) for n in range(250)}
    collector = make_collector("x_search")
    add, calls = store.mentions.add, 0

    def crash(*args: object, **given: object) -> int | None:
        nonlocal calls
        calls += 1
        if calls == 150:
            raise MemoryError
        return add(*args, **given)  # type: ignore[arg-type]

    store.mentions.add = crash  # type: ignore[method-assign]
    with pytest.raises(MemoryError):
        collector.run("x_search")
    store.mentions.add = add  # type: ignore[method-assign]
    assert len(mentions(store)) == 100  # whole pages only
    state = store.sources.state("x_search")
    assert state is not None
    assert state.cursor == {}
    clock.advance(minutes=1)
    assert collector.run("x_search").stored == 150
    assert set(mentions(store)) == written
    assert spans(store, "gap") == []


def test_a_stale_cursor_starts_again_and_writes_down_what_is_lost(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    collector = make_collector("x_search")
    collector.run("x_search")
    post(servers, "Brisk, nobody will ever read this", posted_at=clock.now() + timedelta(hours=1))
    kept = post(servers, "Brisk is down", posted_at=clock.now() + timedelta(days=5))
    clock.advance(days=9)
    report = collector.run("x_search")
    assert (report.stored, report.error) == (1, None)
    assert set(mentions(store)) == {kept}
    [(start, end)] = spans(store, "lost")
    assert start == pytest.approx(-2.5)
    assert end == pytest.approx(2 * 24 * 60 + 5)
    assert "coverage.lost" in [event.kind for event in store.events.latest(10)]
    assert collector.run("x_search").error is None


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


def test_a_listing_that_ends_at_800_mentions_is_no_end(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(850):
        post(servers, f"@BriskBroadband {n}", posted_at=clock.now() - timedelta(minutes=900 - n))
    report = make_collector("x_mentions").run("x_mentions")
    assert report.stored == 800
    [(start, end)] = spans(store, "lost", "x_mentions")
    assert (start, end) == (-24 * 60, -850)


def test_a_gap_that_newer_mentions_pushed_out_of_the_listing_is_lost_not_filled(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(300):
        post(servers, f"@BriskBroadband {n}", posted_at=clock.now() - timedelta(minutes=400 - n))
    collector = make_collector("x_mentions", max_pages=2)
    assert collector.run("x_mentions").stored == 200
    for n in range(800):
        post(servers, f"@BriskBroadband again {n}", posted_at=clock.now() + timedelta(seconds=n))
    clock.advance(minutes=20)
    collector.run("x_mentions")
    assert spans(store, "lost", "x_mentions") == [(-24 * 60, -300)]
    assert spans(store, "filled", "x_mentions") == []


def test_a_gap_that_newer_mentions_pushed_half_out_of_the_listing_is_lost_from_there_on(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(400):
        post(servers, f"@BriskBroadband {n}", posted_at=clock.now() - timedelta(minutes=500 - n))
    assert make_collector("x_mentions", max_pages=2).run("x_mentions").stored == 200
    for n in range(500):
        post(servers, f"@BriskBroadband again {n}", posted_at=clock.now() + timedelta(seconds=n))
    clock.advance(minutes=20)
    assert make_collector("x_mentions", max_pages=9).run("x_mentions").stored == 600  # of 700; X keeps 800 in all
    assert spans(store, "lost", "x_mentions") == [(-24 * 60, -400)]
    assert spans(store, "filled", "x_mentions") == [(-400, -300)]
    assert spans(store, "gap", "x_mentions") == []


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


def test_the_gaps_of_several_queries_are_kept_apart_and_all_read(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {
        post(servers, f"{name} {n}", posted_at=clock.now() - timedelta(minutes=300 - n))
        for n in range(150)
        for name in ("Brisk", "Rival Fibre")
    }
    collector = make_collector("x_search", max_pages=1, brands=TWO_BRANDS)
    assert collector.run("x_search").stored == 200  # a page of each, whatever max_pages says
    assert spans(store, "gap") == [(-24 * 60, -250)]
    clock.advance(minutes=1)
    assert collector.run("x_search").stored == 50
    assert spans(store, "gap") == [(-24 * 60, -250)]  # until each of the queries has read it
    clock.advance(minutes=1)
    assert collector.run("x_search").error is None
    assert set(mentions(store)) == written
    assert spans(store, "filled") == [(-24 * 60, -250)]
    assert store.sources.open_gaps("x_search") == []
    assert spans(store, "lost") == []


def test_queries_that_the_operator_changed_read_the_gaps_that_the_old_ones_left(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {
        post(servers, f"{word} {n}", posted_at=clock.now() - timedelta(minutes=400 - n))
        for n in range(150)
        for word in ("Brisk", "BriskNet")
    }
    make_collector("x_search", max_pages=1).run("x_search")
    assert spans(store, "gap") == [(-24 * 60, -350)]
    clock.advance(minutes=1)
    more = {**BRAND, "terms": [*BRAND["terms"], "BriskNet"]}
    assert make_collector("x_search", brands=[more]).run("x_search").error is None
    assert len(set(mentions(store)) & written) == 100 + 2 * 50  # the new word is heard from the gap on
    assert (spans(store, "gap"), spans(store, "lost")) == ([], [])
    assert spans(store, "filled") == [(-24 * 60, -350)]


def test_a_source_that_becomes_another_kind_gives_its_gaps_up(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    for n in range(150):
        post(servers, f"@BriskBroadband {n}", posted_at=clock.now() - timedelta(minutes=300 - n))
    make_collector("x_search", max_pages=1).run("x_search")
    assert len(spans(store, "gap")) == 1
    other = {"name": "x_search", "kind": "x_mentions"}
    make_collector("x_search", sources=[other]).run("x_search")
    assert (spans(store, "gap"), len(spans(store, "lost"))) == ([], 1)
    [event] = [event for event in store.events.latest(20) if event.kind == "coverage.lost"]
    assert event.detail["why"] == "the source is x_mentions now"


def test_a_source_that_is_not_configured_is_a_usage_error(make_collector: MakeCollector) -> None:
    with pytest.raises(UsageError, match="x_search"):
        make_collector("x_search").run("x_serach")
