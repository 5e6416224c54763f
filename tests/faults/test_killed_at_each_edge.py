"""A real process dies at every edge of collecting and sending, another takes over, and the platform's log is asked."""

from __future__ import annotations

import signal

import pytest

from config.fail_points import FAIL_POINT_VARIABLE, Edge
from frankly.pipeline import assess
from frankly.rehearsal.world import Post
from store.records import OutboxState, Platform
from tests.faults.conftest import AT_ONCE
from tests.journey.process import frankly
from tests.promises.whole import Whole

X, REDDIT = Platform.X, Platform.REDDIT
SENT, PARKED = OutboxState.SENT, OutboxState.PARKED
SOURCES = {X: "x mentions", REDDIT: "reddit comments"}
COLLECTING = [Edge.PAGE_IN_HAND, Edge.PAGE_WRITTEN, Edge.PAGE_STORED]
# Where the sender dies, once or twice, and what becomes of the answer: its state, and the requests the platform saw.
SENDING = [
    (X, [Edge.QUEUED_WRITTEN], SENT, 1),
    (X, [Edge.QUEUED], SENT, 1),
    (X, [Edge.LOOKED], SENT, 1),
    (X, [Edge.INTENT_WRITTEN], SENT, 1),
    (X, [Edge.SENDING], PARKED, 0),
    (X, [Edge.ANSWERED], SENT, 1),
    (REDDIT, [Edge.ANSWERED], SENT, 1),
    (X, [Edge.RESULT_WRITTEN], SENT, 1),
    (X, [Edge.RESULT_STORED], SENT, 1),
    (X, [Edge.ANSWERED, Edge.RECOVERED], SENT, 1),
    (REDDIT, [Edge.ANSWERED, Edge.LOOKED_FOR], SENT, 1),
    (X, [Edge.SENDING, Edge.PARKED_WRITTEN], PARKED, 0),
]
THANKS = '[[rules]]\nname = "thanks"\nwhen = { summoned = true }\naction = "auto_reply"\ntemplate = "thanks"\n'


def run(whole: Whole, *words: str) -> None:
    """Run a command to its end, as a process that nothing happens to."""
    done = frankly(whole.folder, *words, extra={**whole.servers.credentials(), **AT_ONCE})
    assert done.returncode == 0, done.stderr


def die(whole: Whole, edge: Edge, *words: str) -> None:
    """Run a command as a process that dies at an edge."""
    extra = {**whole.servers.credentials(), **AT_ONCE, FAIL_POINT_VARIABLE: edge}
    done = frankly(whole.folder, *words, extra=extra)
    assert done.returncode == -signal.SIGKILL, f"it did not come to {edge}: {done.stderr}"


def burst(whole: Whole, platform: Platform, count: int) -> list[Post]:
    """More posts than one page holds."""
    world = whole.servers.world
    thread = world.add_post(REDDIT, "local", "Anyone?", title="What a week", subreddit="Harrowdale")
    place = {"reply_to": thread.id} if platform is REDDIT else {}
    text = "@BriskBroadband u/BriskBB_Care Brisk Broadband is down"
    return [world.add_post(platform, f"author{number}", text, **place) for number in range(count)]


@pytest.mark.parametrize("edge", COLLECTING)
@pytest.mark.parametrize("platform", [X, REDDIT])
def test_nothing_is_lost_where_collecting_dies(beside: Whole, platform: Platform, edge: Edge) -> None:
    beside.collect(SOURCES[platform])  # it listens from now on
    offered = burst(beside, platform, 130)
    die(beside, edge, "collect", SOURCES[platform])
    beside.collect(SOURCES[platform])
    beside.collect(SOURCES[platform])
    stored = [row["external_id"] for row in beside.store.database.rows("SELECT external_id FROM mentions")]
    assert sorted(stored) == sorted(post.id for post in offered)
    assert beside.store.sources.open_gaps(SOURCES[platform]) == []


@pytest.mark.parametrize(("platform", "deaths", "end", "requests"), SENDING)
def test_no_answer_is_sent_twice_where_sending_dies(
    beside: Whole, platform: Platform, deaths: list[Edge], end: OutboxState, requests: int
) -> None:
    post = beside.complain(platform)
    beside.hear(SOURCES[platform])
    message = beside.answer(post, beside.agent())
    for edge in deaths:
        die(beside, edge, "send")
    run(beside, "send")
    assert beside.store.outbox.get(message.id).state is end
    assert len(beside.posted(platform)) == requests
    assert [parent for _, parent, _ in beside.replies(platform)] == [post.id] * requests
    begun = beside.store.outbox.deliveries(message.id)
    assert [one.outcome is not None for one in begun] == [True]


def test_an_automated_answer_is_held_once_where_routing_dies(beside: Whole) -> None:
    (beside.folder / "routes.toml").write_text(THANKS)
    beside.servers.world.add_post(X, "greta", "@BriskBroadband thank you so much, Marek was brilliant!")
    beside.collect(SOURCES[X])
    assess(beside.app)
    die(beside, Edge.HELD_WRITTEN, "route")
    assert beside.store.overview.outbox() == dict.fromkeys(OutboxState, 0)
    run(beside, "route")
    assert beside.store.overview.outbox()["held"] == 1


def test_every_edge_is_died_at() -> None:
    died_at = {edge for _, deaths, _, _ in SENDING for edge in deaths} | {*COLLECTING, Edge.HELD_WRITTEN}
    assert died_at == set(Edge)
