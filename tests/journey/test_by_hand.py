"""An answer on the platform's own page, from the post to the case, with the real clients over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from frankly import pipeline
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World
from store.records import CaseStatus, Platform
from tests.conftest import FrozenClock
from tests.promises.whole import Whole
from tests.stored import id_of


@pytest.fixture
def whole(tmp_path: Path, clock: FrozenClock) -> Iterator[Whole]:
    world = World(clock, brand_x="BriskBroadband", brand_reddit="BriskBB_Care")
    with RehearsalServers(world) as servers:
        program = Whole(tmp_path, servers, clock)
        yield program
        program.close()


def notice(whole: Whole) -> int:
    reports, credited = pipeline.notice(whole.app.own_posts(), whole.app.noticing)
    assert [report.error for report in reports] == [None, None]
    return credited


@pytest.mark.parametrize("platform", list(Platform))
def test_an_answer_on_the_platforms_own_page_is_noticed_and_is_no_mention(whole: Whole, platform: Platform) -> None:
    post = whole.complain(platform)
    whole.clock.advance(minutes=1)
    whole.hear()
    reply = whole.servers.world.answer(platform, post.id, "Sorted now, BriskBB is back. Is it?")
    whole.clock.advance(minutes=1)
    assert notice(whole) == 1
    case = whole.case(post)
    assert case.status is CaseStatus.PENDING
    assert case.first_response_at is not None
    assert abs((case.first_response_at - reply.posted_at).total_seconds()) <= 1  # Reddit tells whole seconds
    whole.hear()
    assert id_of(whole.store, platform, reply.id) is None
    assert notice(whole) == 0


@pytest.mark.parametrize("platform", list(Platform))
def test_what_frankly_sent_itself_is_not_noticed_as_by_hand(whole: Whole, platform: Platform) -> None:
    post = whole.complain(platform)
    whole.clock.advance(minutes=1)
    whole.hear()
    whole.answer(post, whole.agent())
    whole.send()
    assert len(whole.posted(platform)) == 1
    whole.clock.advance(minutes=1)
    assert notice(whole) == 0


def test_own_posts_are_billed_once_and_read_on_from_where_reading_stopped(whole: Whole) -> None:
    posts = [whole.complain(Platform.X, author=name) for name in ("ann", "bob")]
    whole.hear()
    reader = whole.app.own_posts()
    for number, post in enumerate(posts):
        whole.servers.world.answer(Platform.X, post.id, f"Sorted {number}")
        whole.clock.advance(minutes=1)
        assert reader.read(Platform.X).new == 1
    ledger = whole.store.database.rows("SELECT call, settled_usd FROM spending WHERE source = 'own posts'")
    assert [(row["call"], row["settled_usd"]) for row in ledger] == [("owned_read", 0.001), ("owned_read", 0.001)]


def test_promise_8_a_spent_budget_ends_the_reading_of_own_posts_where_it_is(whole: Whole) -> None:
    x = whole.app.settings.platforms.x.model_copy(update={"answers_usd": 0.25})
    platforms = whole.app.settings.platforms.model_copy(update={"x": x})
    whole.app.settings = whole.app.settings.model_copy(update={"platforms": platforms})
    for number in range(250):
        whole.servers.world.answer(Platform.X, whole.complain(Platform.X).id, f"Sorted {number}")
    whole.clock.advance(minutes=10)
    reader = whole.app.own_posts()
    report = reader.read(Platform.X)
    assert report.new == 200
    assert (report.error or "").endswith("raise platforms.x.answers_usd, or wait; our older posts stay unread")
    spent = whole.store.database.value("SELECT sum(settled_usd) FROM spending WHERE source = 'own posts'")
    assert spent == pytest.approx(0.2)
    whole.clock.advance(days=1)
    whole.servers.world.answer(Platform.X, whole.complain(Platform.X).id, "Sorted at last")
    report = reader.read(Platform.X)
    assert (report.new, report.error) == (1, None)


def test_a_reading_that_failed_is_made_up_for(whole: Whole) -> None:
    post = whole.complain(Platform.X)
    whole.hear()
    assert notice(whole) == 0
    whole.servers.world.answer(Platform.X, post.id, "Sorted")
    whole.servers.x.faults.add(FaultKind.STATUS, "GET", "/2/users/", status=503)
    whole.clock.advance(minutes=30)
    reports, credited = pipeline.notice(whole.app.own_posts(), whole.app.noticing)
    assert [report.error is None for report in reports] == [False, True]
    assert credited == 0
    whole.clock.advance(minutes=30)
    assert notice(whole) == 1


def test_reddit_is_not_read_before_it_approved(whole: Whole) -> None:
    reddit = whole.app.settings.platforms.reddit.model_copy(update={"access_approved": False})
    platforms = whole.app.settings.platforms.model_copy(update={"reddit": reddit})
    whole.app.settings = whole.app.settings.model_copy(update={"platforms": platforms})
    assert whole.app.own_posts().platforms == [Platform.X]
