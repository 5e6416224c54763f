"""Whatever a platform or the clock does while it is read: each post is heard once, or its time is said to be lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from frankly import pipeline
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.world import Post
from store.records import Platform
from tests.faults.conftest import Skewed
from tests.promises.whole import Whole

X, REDDIT = Platform.X, Platform.REDDIT
SOURCES = {X: "x mentions", REDDIT: "reddit comments"}
PATHS = {X: "/2/users/", REDDIT: "/r/"}
READING = [
    FaultKind.DROP,
    FaultKind.STATUS,
    FaultKind.CUT_BODY,
    FaultKind.NOT_JSON,
    FaultKind.UNAUTHORIZED,
    FaultKind.UNAUTHORIZED_WITHOUT_HEADER,
    FaultKind.RATE_LIMITED,
    FaultKind.RATE_LIMITED_WITHOUT_RESET,
    FaultKind.LATE,
]
ON_X_ALONE = [FaultKind.RATE_LIMITED_FOR_A_DAY, FaultKind.STALE_SINCE_ID]


def speak(whole: Whole, platform: Platform, count: int = 1) -> list[Post]:
    """Let people turn to the brand."""
    return [whole.complain(platform, f"my line is down, number {n}", author=f"author{n}") for n in range(count)]


def read(whole: Whole, platform: Platform) -> str | None:
    """Read a source once, as a process that has just started; returns what it says went wrong."""
    return pipeline.collect(whole.app.collector(), SOURCES[platform]).error


def stored(whole: Whole) -> list[str]:
    rows = whole.store.database.rows("SELECT external_id FROM mentions")
    return sorted(row["external_id"] for row in rows)


def ids(posts: list[Post]) -> list[str]:
    return sorted(post.id for post in posts)


@pytest.mark.parametrize(
    ("platform", "fault"),
    [*((platform, fault) for platform in Platform for fault in READING), *((X, fault) for fault in ON_X_ALONE)],
)
def test_a_reading_that_went_wrong_loses_nothing(whole: Whole, platform: Platform, fault: FaultKind) -> None:
    read(whole, platform)
    whole.clock.advance(minutes=10)
    posts = speak(whole, platform, 3)
    server = whole.servers.x if platform is X else whole.servers.reddit
    server.faults.add(fault, "GET", PATHS[platform], status=500, seconds=1)
    whole.clock.advance(minutes=1)
    read(whole, platform)
    assert server.faults.waiting() == []
    whole.clock.advance(**({"hours": 25} if fault is FaultKind.RATE_LIMITED_FOR_A_DAY else {"minutes": 2}))
    read(whole, platform)
    read(whole, platform)
    assert stored(whole) == ids(posts)
    assert whole.store.sources.open_gaps(SOURCES[platform]) == []


@pytest.mark.parametrize("whole", ["0.5s"], indirect=True)
@pytest.mark.parametrize("platform", list(Platform))
def test_a_platform_that_is_too_slow_makes_nothing_lost(whole: Whole, platform: Platform) -> None:
    read(whole, platform)
    posts = speak(whole, platform, 3)
    server = whole.servers.x if platform is X else whole.servers.reddit
    server.faults.add(FaultKind.SLOW, "GET", PATHS[platform], seconds=2)
    for _ in range(20):
        whole.clock.advance(minutes=1)
        if read(whole, platform) is None and stored(whole) == ids(posts):
            break
    assert server.faults.waiting() == []
    assert stored(whole) == ids(posts)


@pytest.mark.parametrize("minutes", [-90, -3, 3, 90])
@pytest.mark.parametrize("platform", list(Platform))
def test_a_clock_that_is_wrong_for_a_while_loses_nothing(whole: Whole, platform: Platform, minutes: int) -> None:
    whole.app.clock = clock = Skewed(whole.clock)
    read(whole, platform)
    whole.clock.advance(minutes=10)
    posts = speak(whole, platform)
    read(whole, platform)
    for by in (minutes, minutes, 0, 0):
        clock.by = timedelta(minutes=by)
        posts += [whole.complain(platform, f"still down, number {len(posts)}", author=f"other{len(posts)}")]
        whole.clock.advance(minutes=4)
        read(whole, platform)
    whole.clock.advance(minutes=4)
    read(whole, platform)
    assert stored(whole) == ids(posts)


@pytest.mark.parametrize("platform", list(Platform))
def test_a_burst_is_heard_or_its_time_is_said_to_be_lost(whole: Whole, platform: Platform) -> None:
    read(whole, platform)
    whole.clock.advance(minutes=30)
    began, world = whole.clock.now(), whole.servers.world
    thread = world.add_post(REDDIT, "local", "Anyone?", title="What a week", subreddit="Harrowdale", posted_at=began)
    place = {"reply_to": thread.id} if platform is REDDIT else {}
    posts = [
        world.add_post(
            platform,
            f"author{number}",
            "@BriskBroadband Brisk Broadband is down",
            posted_at=began + timedelta(milliseconds=100 * number),
            **place,
        )
        for number in range(1_150)
    ]
    whole.clock.advance(minutes=3)
    for _ in range(3):
        read(whole, platform)
    heard = set(stored(whole))
    coverage = whole.store.sources.coverage(SOURCES[platform], began, whole.clock.now())
    lost = [one for one in coverage if one.state == "lost"]
    missing = [post for post in posts if post.id not in heard]
    assert missing, "a listing holds no more than 800 or 1,000"
    assert all(any(one.started_at <= post.posted_at <= one.ended_at for one in lost) for post in missing)
