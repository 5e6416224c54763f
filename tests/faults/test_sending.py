"""Whatever a platform does with an answer: one reply stands there at most, and our store says which way it went."""

from __future__ import annotations

from pathlib import Path

import pytest

from frankly import pipeline
from frankly.rehearsal.faults import FaultKind
from store.records import OutboxMessage, OutboxState, Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.promises.whole import POST_PATHS, Whole
from tests.responders.scene import make_scene

X, REDDIT = Platform.X, Platform.REDDIT
SOURCES = {X: "x mentions", REDDIT: "reddit comments"}
SENT, REFUSED, PARKED = OutboxState.SENT, OutboxState.REFUSED, OutboxState.PARKED
F = FaultKind
# What strikes the request, where the answer ends, how many requests the platform saw, how many replies stand.
BOTH = [
    (F.DROP, PARKED, 1, 0),
    (F.STATUS, PARKED, 1, 0),
    (F.DROP_AFTER_ACCEPT, SENT, 1, 1),
    (F.ERROR_AFTER_ACCEPT, SENT, 1, 1),
    (F.CUT_BODY, SENT, 1, 1),
    (F.NOT_JSON, SENT, 1, 1),
    (F.LOCKED, REFUSED, 1, 0),
    (F.DELETED, REFUSED, 1, 0),
    (F.UNAUTHORIZED, SENT, 2, 1),
    (F.UNAUTHORIZED_WITHOUT_HEADER, SENT, 2, 1),
    (F.RATE_LIMITED, SENT, 2, 1),
    (F.RATE_LIMITED_WITHOUT_RESET, SENT, 2, 1),
]
ON_X = [(F.DUPLICATE, REFUSED, 1, 0), (F.NOT_SUMMONED, REFUSED, 1, 0), (F.RATE_LIMITED_FOR_A_DAY, PARKED, 1, 0)]
ON_REDDIT = [
    (F.EMPTY_THINGS, SENT, 1, 1),
    (F.RATELIMIT_SECONDS, SENT, 2, 1),
    (F.RATELIMIT_MINUTES, SENT, 2, 1),
    (F.TOO_OLD, REFUSED, 1, 0),
]
CASES = [(X, *case) for case in BOTH + ON_X] + [(REDDIT, *case) for case in BOTH + ON_REDDIT]
LOOKS = {X: "/2/tweets", REDDIT: "/api/info"}


def approved(whole: Whole, platform: Platform) -> OutboxMessage:
    """An answer that may leave now."""
    post = whole.complain(platform)
    whole.clock.advance(minutes=1)
    whole.hear(SOURCES[platform])
    return whole.answer(post, whole.agent())


def let_it_end(whole: Whole, *, minutes: int = 2) -> None:
    """Run the sender often enough for everything that may be tried again."""
    for _ in range(5):
        whole.send()
        whole.clock.advance(minutes=minutes)


def server_of(whole: Whole, platform: Platform):  # type: ignore[no-untyped-def]
    return whole.servers.x if platform is X else whole.servers.reddit


@pytest.mark.parametrize(("platform", "fault", "end", "requests", "standing"), CASES)
def test_an_answer_in_trouble_stands_once_or_not_at_all(
    whole: Whole, platform: Platform, fault: FaultKind, end: OutboxState, requests: int, standing: int
) -> None:
    message = approved(whole, platform)
    server_of(whole, platform).faults.add(fault, "POST", POST_PATHS[platform], status=502, seconds=60)
    let_it_end(whole, minutes=60 * 7 if fault is F.RATE_LIMITED_FOR_A_DAY else 2)
    assert whole.store.outbox.get(message.id).state is end
    assert len(whole.posted(platform)) == requests
    assert [parent for _, parent, _ in whole.replies(platform)] == [message.target_id] * standing


@pytest.mark.parametrize("whole", ["0.5s"], indirect=True)
@pytest.mark.parametrize("platform", list(Platform))
def test_an_answer_whose_platform_is_too_slow_stands_once(whole: Whole, platform: Platform) -> None:
    message = approved(whole, platform)
    server_of(whole, platform).faults.add(F.SLOW, "POST", POST_PATHS[platform], seconds=2)
    for _ in range(20):
        let_it_end(whole)
        if whole.store.outbox.get(message.id).state is SENT:
            break
    assert whole.store.outbox.get(message.id).state is SENT
    assert len(whole.posted(platform)) == len(whole.replies(platform)) == 1


@pytest.mark.parametrize(
    ("platform", "change"), [(X, "edit"), (X, "delete"), (REDDIT, "edit"), (REDDIT, "delete"), (REDDIT, "lock")]
)
def test_a_post_that_changed_since_the_approval_is_not_answered(whole: Whole, platform: Platform, change: str) -> None:
    message, world = approved(whole, platform), whole.servers.world
    if change == "lock":
        world.lock_thread(message.target_id)
    elif change == "edit":
        world.edit_post(message.target_id, "@BriskBroadband it works again")
    else:
        world.delete_post(message.target_id)
    let_it_end(whole)
    # With a deleted post the answer's words go too; any other is a person's to look at again.
    assert whole.store.outbox.get(message.id).state is (OutboxState.WITHDRAWN if change == "delete" else PARKED)
    assert whole.posted(platform) == []


@pytest.mark.parametrize("platform", list(Platform))
def test_a_post_that_goes_right_after_the_last_look_is_refused_by_its_platform(
    whole: Whole, platform: Platform
) -> None:
    message = approved(whole, platform)
    server_of(whole, platform).faults.add(F.DELETED_MEANWHILE, "GET", LOOKS[platform])
    let_it_end(whole)
    assert whole.store.outbox.get(message.id).state is REFUSED
    assert (len(whole.posted(platform)), whole.replies(platform)) == (1, [])


def test_what_is_uncertain_is_settled_though_the_next_answer_breaks_the_run(
    store: Store, clock: FrozenClock, tmp_path: Path
) -> None:
    scene = make_scene(store, clock, tmp_path)
    agent = scene.agent()
    scene.x.trouble = [RuntimeError("a run that breaks"), RuntimeError("and the next one")]
    messages = [scene.approved(agent, f"We are on it, number {number}. ^AB") for number in range(2)]
    clock.advance(minutes=1)
    for _ in messages:
        with pytest.raises(RuntimeError):
            pipeline.send(scene.sender)
        clock.advance(minutes=2)
    states = [store.outbox.get(message.id).state for message in messages]
    assert states == [SENT, OutboxState.UNCERTAIN]
