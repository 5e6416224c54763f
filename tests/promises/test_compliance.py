"""The compliance report tells what happened, on the days asked for and by platform; checked against what was done."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

import pytest
from rich.console import Console

from config.errors import UsageError
from frankly import pipeline
from frankly.compliance import gather, show
from listener.deletions import forget
from responders.digest.figures import make_digest
from store.records import Platform
from tests.promises.whole import Whole


def a_week(whole: Whole) -> None:
    """Each platform: two posts, one of them answered; one is deleted there; on X an author asks to be forgotten."""
    world, agent = whole.servers.world, whole.agent()
    gone = [whole.complain(platform, "the line is down", author="wanda") for platform in Platform]
    stays = [whole.complain(platform, "the bill is wrong", author="ed") for platform in Platform]
    thread = world.add_post(Platform.REDDIT, "local", "So warm", title="Sun", subreddit="Harrowdale")
    world.add_post(Platform.REDDIT, "ed", "and no wind", reply_to=thread.id)  # no mention of anybody
    whole.hear()
    for post in stays:
        whole.answer(post, agent)
    whole.send()
    brand = whole.app.settings.brands[0]
    made_for = whole.clock.now().date()
    whole.clock.advance(hours=24)
    make_digest(whole.store, whole.app.settings, whole.clock, brand, made_for)
    whole.store.digests.mark_sent(brand.name, made_for, whole.clock.now())
    for post in gone:
        world.delete_post(post.id)
    pipeline.sweep(whole.app.deletions(), list(Platform))
    forget(whole.store, whole.clock, Platform.X, "ed")
    whole.clock.advance(hours=25)  # Reddit's two days are over
    pipeline.sweep(whole.app.deletions(), list(Platform))


def figures(whole: Whole, first: date | None = None, last: date | None = None) -> dict[str, dict[str, object]]:
    report = gather(whole.app, first, last)
    assert json.loads(json.dumps(report)) == report
    return dict(report["platforms"])


def test_the_report_tells_what_was_looked_up_found_deleted_and_emptied(whole: Whole) -> None:
    a_week(whole)
    of = figures(whole)
    expected = {
        "mentions_stored": 2,
        "answers": {"sent_by_agents": 1},
        "sweeps": 2,
        "sweeps_stopped_early": 0,
        "looked_up": 2,
        "found_deleted": 1,
        "unseen_seconds_median": 24 * 3600 + 4,  # the clock moves on by two seconds for each answer
        "found_late": 1,
        "ended_unchecked": 0,
        "texts_kept_now": 0,
        "late_now": 0,
    }
    assert {key: of["x"][key] for key in expected} == expected
    assert (of["x"]["forget_requests"], of["x"]["forgotten_mentions"], of["x"]["ended_by_retention"]) == (1, 1, 0)
    assert (of["reddit"]["forget_requests"], of["reddit"]["ended_by_retention"]) == (0, 1)
    assert of["reddit"]["looked_up"] == 3  # the second sweep comes before retention ends
    assert of["reddit"]["found_deleted"] == 1
    assert of["reddit"]["posts_read"] == 2 + 1


def test_other_days_are_left_out(whole: Whole) -> None:
    a_week(whole)
    today = whole.clock.now().date()
    of = figures(whole, today - timedelta(days=9), today - timedelta(days=8))
    assert (of["x"]["found_deleted"], of["x"]["looked_up"], of["x"]["mentions_stored"]) == (0, 0, 0)
    last_day = figures(whole, today, today)
    assert (last_day["reddit"]["ended_by_retention"], last_day["reddit"]["found_deleted"]) == (1, 0)


def test_purges_and_digests_that_had_been_sent_are_named(whole: Whole) -> None:
    a_week(whole)
    report = gather(whole.app, None, None)
    assert report["purges"] == {"times": 4, "slowest_seconds": 0, "owed_since": None}
    [sent] = report["digests_sent_before"]
    assert sent["brand"] == "Brisk Broadband"
    assert sent["mentions"] >= 2


def test_a_sweep_that_a_platform_refused_is_counted_and_what_waits_is_late(whole: Whole) -> None:
    whole.complain(Platform.REDDIT, "the line is down")
    whole.hear()
    whole.clock.advance(hours=25)
    whole.servers.reddit.stop()
    [report], _ = pipeline.sweep(whole.app.deletions(), [Platform.REDDIT])
    assert report.error is not None
    of = figures(whole)["reddit"]
    assert (of["sweeps_stopped_early"], of["late_now"], of["due_now"]) == (1, 1, 1)


def test_a_person_reads_the_same_figures(whole: Whole) -> None:
    a_week(whole)
    out = io.StringIO()
    show(gather(whole.app, None, None), Console(file=out, width=120))
    lines = out.getvalue()
    for words in (
        "found deleted, and emptied",
        "24.0 h",
        "1 sent by agents",
        "Erased from the files 4 times",
        "ask its readers to delete it",
    ):
        assert words in lines


def test_days_the_wrong_way_round_are_refused(whole: Whole) -> None:
    with pytest.raises(UsageError, match="name the earlier day first"):
        gather(whole.app, date(2026, 3, 2), date(2026, 3, 1))
