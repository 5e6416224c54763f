"""Collecting from Reddit end to end: the real praw, the simulated Reddit, the real store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from store.records import Mention, Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import MakeCollector

COMMENTS = "/r/Harrowdale+HomeNetworking/comments"


def submission(servers: RehearsalServers, title: str, by: str = "old_router", **given: object) -> str:
    return servers.world.add_post(
        Platform.REDDIT,
        by,
        "Anyone else?",
        title=title,
        subreddit="Harrowdale",
        **given,  # type: ignore[arg-type]
    ).id


def comment(servers: RehearsalServers, parent: str, text: str, by: str = "maria_h", **given: object) -> str:
    return servers.world.add_post(Platform.REDDIT, by, text, reply_to=parent, **given).id  # type: ignore[arg-type]


def comments(servers: RehearsalServers, clock: FrozenClock, number: int, text: str = "Brisk is down") -> list[str]:
    """Comments a minute apart, the last one a minute ago; the oldest comes first."""
    start = clock.now() - timedelta(minutes=number)
    parent = submission(servers, "Harrowdale market day", posted_at=start - timedelta(minutes=1))
    return [comment(servers, parent, f"{text} {n}", posted_at=start + timedelta(minutes=n)) for n in range(number)]


def mentions(store: Store) -> dict[str, Mention]:
    return {mention.post.external_id: mention for mention in store.mentions.unassessed(10_000)}


def requests(servers: RehearsalServers, path: str = COMMENTS) -> int:
    return len([entry for entry in servers.reddit.log if entry.path.startswith(path)])


def spans(store: Store, state: str, source: str = "reddit_comments") -> list[tuple[int, int]]:
    """The stretches of a state, in whole minutes around nine o'clock."""
    nine = FrozenClock().now()
    found = store.sources.coverage(source, nine - timedelta(days=30), nine + timedelta(days=30))
    return [
        (round((c.started_at - nine).total_seconds() / 60), round((c.ended_at - nine).total_seconds() / 60))
        for c in found
        if c.state == state
    ]


def test_comments_are_matched_here(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    parent = submission(servers, "Harrowdale market day")
    wanted = comment(servers, parent, "Brisk's engineer never came")
    for text, by in (
        ("lovely cheese", "ed"),
        ("Brisk iced tea", "ed"),
        ("Brisk here, sorry!", "BriskBB_Care"),
        ("Brisk rules of this community", "AutoModerator"),
    ):
        comment(servers, parent, text, by=by)
    report = make_collector("reddit_comments").run("reddit_comments")
    assert (report.read, report.stored, report.passed_over, report.error) == (5, 1, 4, None)
    [mention] = mentions(store).values()
    assert (mention.post.external_id, mention.post.conversation_id) == (wanted, parent)
    assert spans(store, "covered") == [(-24 * 60, 0)]


@pytest.mark.parametrize("kind", ["reddit_posts", "reddit_search"])
def test_submissions_are_found(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, kind: str
) -> None:
    wanted = submission(servers, "Brisk Broadband is down")
    submission(servers, "Harrowdale market day")
    assert make_collector(kind).run(kind).stored == 1
    assert set(mentions(store)) == {wanted}


def test_the_inbox_brings_whoever_names_our_account(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector
) -> None:
    parent = submission(servers, "Harrowdale market day")
    wanted = comment(servers, parent, "u/BriskBB_Care are you there?")
    assert make_collector("reddit_inbox").run("reddit_inbox").stored == 1
    assert mentions(store)[wanted].post.summoned


def test_a_poll_stops_at_a_page_that_holds_nothing_new(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = comments(servers, clock, 250)
    collector = make_collector("reddit_comments")
    assert collector.run("reddit_comments").stored == 250
    assert set(mentions(store)) == set(written)
    asked = requests(servers)
    clock.advance(minutes=1)
    report = collector.run("reddit_comments")
    assert (report.stored, report.known) == (0, 100)
    assert requests(servers) == asked + 1


def test_a_comment_that_appears_out_of_order_is_still_found(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    comments(servers, clock, 60)
    parent = submission(servers, "Harrowdale market day")
    late = comment(
        servers,
        parent,
        "Brisk is down",
        posted_at=clock.now() - timedelta(minutes=30),
        visible_at=clock.now() + timedelta(minutes=1),
    )
    collector = make_collector("reddit_comments")
    assert late not in mentions(store)
    collector.run("reddit_comments")
    clock.advance(minutes=2)
    assert collector.run("reddit_comments").stored == 1
    assert late in mentions(store)


def test_a_burst_leaves_a_gap_that_the_next_runs_read(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = comments(servers, clock, 450)
    collector = make_collector("reddit_comments", max_pages=2)
    assert collector.run("reddit_comments").stored == 200
    assert spans(store, "gap") == [(-24 * 60, -200)]
    clock.advance(minutes=1)
    assert collector.run("reddit_comments").stored == 100  # one page for what is new, one for the gap
    clock.advance(minutes=1)
    collector.run("reddit_comments")
    clock.advance(minutes=1)
    collector.run("reddit_comments")
    assert set(mentions(store)) == set(written)
    assert spans(store, "gap") == []
    assert spans(store, "lost") == []
    assert spans(store, "filled") == [(-24 * 60, -200)]


def test_a_deleted_anchor_is_not_taken_for_the_end(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = comments(servers, clock, 150)
    collector = make_collector("reddit_comments", max_pages=1)
    collector.run("reddit_comments")
    servers.world.delete_post(written[50])  # the last of the first page, below which the next is asked
    clock.advance(minutes=1)
    collector.run("reddit_comments")
    assert len(mentions(store)) == 101  # the listing's top moved on by one
    assert spans(store, "lost") == [(-24 * 60, -100)]
    assert spans(store, "gap") == []


def test_a_listing_that_ends_at_a_thousand_is_no_end(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    comments(servers, clock, 1_150)
    assert make_collector("reddit_comments", max_pages=20).run("reddit_comments").stored == 1_000
    assert spans(store, "lost") == [(-24 * 60, -1_000)]
    assert "coverage.lost" in [event.kind for event in store.events.latest(10)]


def test_of_the_second_in_which_a_listing_ends_nothing_counts_as_heard(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    then = clock.now() - timedelta(minutes=5)
    parent = submission(servers, "Harrowdale market day", posted_at=then - timedelta(minutes=1))
    for n in range(1_050):
        comment(servers, parent, f"Brisk is down {n}", posted_at=then)
    assert make_collector("reddit_comments", max_pages=20).run("reddit_comments").stored == 1_000
    [lost] = [each for each in store.sources.coverage("reddit_comments", then, then) if each.state == "lost"]
    [heard] = [each for each in store.sources.coverage("reddit_comments", then, clock.now()) if each.state == "covered"]
    assert lost.ended_at == heard.started_at == then + timedelta(seconds=1)


def test_a_gap_that_newer_comments_pushed_out_of_the_listing_is_lost_not_filled(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    comments(servers, clock, 350)
    collector = make_collector("reddit_comments", max_pages=1)
    collector.run("reddit_comments")
    clock.advance(minutes=1_001)
    comments(servers, clock, 1_000)  # the place where the gap goes on is now below the listing's end
    collector.run("reddit_comments")
    assert spans(store, "lost") == [(-24 * 60, -100)]
    assert spans(store, "filled") == []


def test_a_gap_that_newer_comments_pushed_half_out_of_the_listing_is_lost_from_there_on(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    comments(servers, clock, 550)
    make_collector("reddit_comments", max_pages=2).run("reddit_comments")
    assert spans(store, "gap") == [(-24 * 60, -200)]
    clock.advance(minutes=651)
    comments(servers, clock, 650)
    make_collector("reddit_comments", max_pages=12).run("reddit_comments")
    # Above the gap now stand 650 new ones and the 200 of before: 150 of its 350 can still be read.
    assert spans(store, "lost") == [(-24 * 60, -350)]
    assert spans(store, "filled") == [(-350, -200)]
    assert spans(store, "gap") == []


def test_a_crash_between_pages_loses_nothing(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = comments(servers, clock, 350)
    collector = make_collector("reddit_comments")
    move, calls = store.sources.move, 0

    def crash(*args: object, **given: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise MemoryError
        move(*args, **given)  # type: ignore[arg-type]

    store.sources.move = crash  # type: ignore[method-assign]
    with pytest.raises(MemoryError):
        collector.run("reddit_comments")
    store.sources.move = move  # type: ignore[method-assign]
    assert len(mentions(store)) == 100  # a page is stored whole or not at all
    clock.advance(minutes=1)
    collector.run("reddit_comments")
    assert set(mentions(store)) == set(written)
    assert spans(store, "gap") == []


def test_an_error_in_the_middle_leaves_a_gap(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = comments(servers, clock, 250)
    servers.reddit.faults.add(FaultKind.SLOW, "GET", COMMENTS, seconds=0)
    servers.reddit.faults.add(FaultKind.RATE_LIMITED, "GET", COMMENTS, seconds=120)
    collector = make_collector("reddit_comments")
    report = collector.run("reddit_comments")
    assert report.stored == 100
    assert report.error is not None
    assert spans(store, "gap") == [(-24 * 60, -100)]
    assert "rests until" in (collector.run("reddit_comments").error or "")
    clock.advance(minutes=3)
    assert collector.run("reddit_comments").error is None
    assert set(mentions(store)) == set(written)
    assert spans(store, "gap") == []


def test_a_source_does_not_end_on_what_another_source_has_read(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    written = {
        submission(servers, f"Brisk is down {n}", posted_at=clock.now() - timedelta(minutes=300 - n))
        for n in range(250)
    }
    make_collector("reddit_posts", max_pages=1).run("reddit_posts")
    assert len(mentions(store)) == 100
    assert make_collector("reddit_search").run("reddit_search").stored == 150
    assert set(mentions(store)) == written


def test_what_we_posted_is_no_mention(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    parent = submission(servers, "Harrowdale market day")
    customer = comment(servers, parent, "Brisk is down")
    servers.world.answer(Platform.REDDIT, customer, "Sorry, Brisk is on it. u/BriskBB_Care, ^KB")
    for kind in ("reddit_comments", "reddit_inbox"):
        assert make_collector(kind).run(kind).error is None
    assert set(mentions(store)) == {customer}


def test_an_edit_is_kept_and_a_removed_post_is_no_mention(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    parent = submission(servers, "Harrowdale market day")
    edited, removed = comment(servers, parent, "Brisk is down"), comment(servers, parent, "Brisk is a scam")
    servers.world.delete_post(removed, by_moderator=True)
    collector = make_collector("reddit_comments")
    assert collector.run("reddit_comments").stored == 1
    clock.advance(minutes=2)
    servers.world.edit_post(edited, "Brisk is down. Edit: back again")
    collector.run("reddit_comments")
    [mention] = mentions(store).values()
    assert mention.post.text == "Brisk is down. Edit: back again"


def test_posts_from_before_the_source_began_are_no_mentions(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    submission(servers, "Brisk was down a month ago", posted_at=clock.now() - timedelta(days=30))
    recent = submission(servers, "Brisk is down")
    report = make_collector("reddit_posts").run("reddit_posts")
    assert (report.stored, report.passed_over) == (1, 1)
    assert set(mentions(store)) == {recent}


def test_the_authors_next_comment_in_the_thread_joins_in_without_naming_the_brand(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock
) -> None:
    thread = submission(servers, "Brisk is down", by="maria_h")
    make_collector("reddit_posts").run("reddit_posts")
    clock.advance(minutes=1)
    follow_up = comment(servers, thread, "works again, thank you", by="maria_h")
    comment(servers, thread, "same here", by="somebody_else")
    report = make_collector("reddit_comments").run("reddit_comments")
    assert (report.stored, report.passed_over) == (1, 1)
    assert mentions(store)[follow_up].brand == "Brisk"
