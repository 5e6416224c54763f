"""The pause: by a file, by refusals that run on, by complaints that jump; and what lets sending go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.errors import PostRefused
from frankly import pipeline
from responders.pausing import follow_file, pause_sending, resume_sending, why_paused
from responders.tripping import Trip
from store.records import OutboxMessage, OutboxState, Platform
from tests.responders.scene import COMPLAINT, THANKS, Scene

REFUSED = PostRefused("X refused the reply (403)", detail="not allowed")
Filed = Callable[..., Scene]


@pytest.fixture
def filed(scene: Scene, tmp_path: Path) -> Filed:
    """The company with a configuration folder in which a file may lie; keyword arguments are sections."""

    scene.store.database.execute("PRAGMA synchronous = OFF")  # nobody pulls a plug here

    def make(**sections: Any) -> Scene:
        other = scene.with_settings(**sections)
        settings = other.settings.model_copy(update={"file": tmp_path / "frankly.toml"})
        made = Scene(scene.store, scene.clock, settings, scene.templates)
        made.x.posts, made._ids = scene.x.posts, scene._ids
        return made

    return make


def pauses(scene: Scene) -> list[tuple[str, str]]:
    """Who paused and resumed, oldest first."""
    events = reversed(scene.store.events.latest(200))
    return [(event.kind, event.actor) for event in events if event.kind.startswith("pause.")]


def queue(scene: Scene, number: int) -> list[OutboxMessage]:
    """Answers that may leave now, each in words of its own."""
    agent = next(iter(scene.store.agents.all()), None) or scene.agent()
    first = sum(scene.store.outbox.count_by_state().values())
    messages = [scene.approved(agent, f"Answer {n}. ^AB") for n in range(first, first + number)]
    scene.let_go()
    return messages


def states(scene: Scene, messages: list[OutboxMessage]) -> list[OutboxState]:
    return [scene.store.outbox.get(one.id).state for one in messages]


def test_promise_5_a_file_stops_what_is_queued_and_its_end_lets_it_go(filed: Filed, tmp_path: Path) -> None:
    scene = filed()
    messages = queue(scene, 2)
    file = tmp_path / "PAUSE"
    file.write_text("the press is here\nand more\n")
    pipeline.send(scene.sender)
    assert scene.x.sent == []
    assert scene.store.switches.paused() == (
        "the file PAUSE is there and says: the press is here; remove it to let sending go on"
    )
    file.unlink()
    pipeline.send(scene.sender)
    assert states(scene, messages) == [OutboxState.SENT] * 2
    assert pauses(scene) == [("pause.on", "file"), ("pause.off", "file")]


def test_promise_5_a_file_that_appears_while_answers_leave_stops_the_next_one(filed: Filed, tmp_path: Path) -> None:
    scene = filed()
    messages = queue(scene, 3)
    scene.x.before_answer = (tmp_path / "PAUSE").touch
    pipeline.send(scene.sender)
    assert states(scene, messages) == [OutboxState.SENT, OutboxState.QUEUED, OutboxState.QUEUED]


def test_the_end_of_the_file_ends_only_its_own_pause(filed: Filed, tmp_path: Path) -> None:
    scene = filed()
    pause_sending(scene.store, scene.clock, "agent:1", "wait")
    file = tmp_path / "PAUSE"
    file.touch()
    assert follow_file(scene.store, scene.settings, scene.clock) == "wait"
    file.unlink()
    assert follow_file(scene.store, scene.settings, scene.clock) == "wait"
    resume_sending(scene.store, scene.clock, "agent:1")
    assert follow_file(scene.store, scene.settings, scene.clock) is None


def test_whoever_resumes_is_overruled_while_the_file_is_there(filed: Filed, tmp_path: Path) -> None:
    scene = filed()
    (tmp_path / "PAUSE").touch()
    follow_file(scene.store, scene.settings, scene.clock)
    resume_sending(scene.store, scene.clock, "operator")
    assert why_paused(scene.store, scene.settings) is not None
    assert follow_file(scene.store, scene.settings, scene.clock) is not None


def test_a_file_that_cannot_be_read_pauses_as_well(filed: Filed, tmp_path: Path) -> None:
    (tmp_path / "PAUSE").mkdir()
    assert "cannot be read" in (why_paused(filed().store, filed().settings) or "")


def test_refusals_that_run_on_stop_the_rest_of_the_queue(filed: Filed) -> None:
    scene = filed(pause={"refusals": 3})
    messages = queue(scene, 5)
    scene.x.trouble, scene.x.arrives = [REFUSED] * 5, False
    pipeline.send(scene.sender)
    assert states(scene, messages) == [OutboxState.REFUSED] * 3 + [OutboxState.QUEUED] * 2
    assert scene.store.switches.paused() == "x refused 3 answers running; see why, then let sending go on"
    assert pauses(scene) == [("pause.on", "daemon")]


def test_a_refusal_after_a_success_or_a_resume_counts_anew(filed: Filed) -> None:
    scene = filed(pause={"refusals": 2})
    scene.x.trouble, scene.x.arrives = [REFUSED, None, REFUSED, REFUSED], False
    queue(scene, 3)
    pipeline.send(scene.sender)
    assert scene.store.switches.paused() is None  # refused, sent, refused
    queue(scene, 1)
    pipeline.send(scene.sender)
    assert scene.store.switches.paused() is not None
    scene.clock.advance(minutes=1)
    resume_sending(scene.store, scene.clock, "operator")
    queue(scene, 1)
    scene.x.trouble = [REFUSED]
    pipeline.send(scene.sender)
    assert scene.store.switches.paused() is None


def test_each_platform_is_counted_for_itself_and_none_never_trips(filed: Filed) -> None:
    scene = filed(pause={"refusals": 2})
    scene.x.trouble, scene.x.arrives = [REFUSED], False
    queue(scene, 1)
    pipeline.send(scene.sender)
    assert scene.store.outbox.refused_running(Platform.X, None) == 1
    assert scene.store.outbox.refused_running(Platform.REDDIT, None) == 0
    never = filed(pause={"refusals": 0})
    assert Trip(never.store, never.settings, never.clock).on_refusals(Platform.X) is None


def complaints(scene: Scene, number: int, minutes_ago: float, **changed: Any) -> None:
    at = scene.clock.now() - timedelta(minutes=minutes_ago)
    for _ in range(number):
        scene.mention(posted_at=at, **changed)


def weeks(scene: Scene, days: int, usual: int) -> None:
    """Some days on which so many complained at this hour."""
    now = scene.clock.now()
    for day in range(days, 0, -1):
        scene.clock.moment = now - timedelta(days=day)
        complaints(scene, usual, 30)
    scene.clock.moment = now


PAUSE = {"complaints_times": 3.0, "complaints_more": 4}


def tripped(scene: Scene) -> str | None:
    return Trip(scene.store, scene.settings, scene.clock).on_complaints()


def test_complaints_far_above_what_is_usual_at_the_hour_pause_sending(filed: Filed) -> None:
    scene = filed(pause=PAUSE)
    weeks(scene, 9, usual=2)
    complaints(scene, 5, 20)
    assert tripped(scene) is None
    complaints(scene, 1, 10)
    assert tripped(scene) == (
        "6 complaints in the last hour, where 2 are usual; see what happened, then let sending go on"
    )
    assert pauses(scene) == [("pause.on", "daemon")]
    assert tripped(scene) is None


def test_only_complaints_of_the_last_hour_count(filed: Filed) -> None:
    scene = filed(pause=PAUSE)
    weeks(scene, 9, usual=1)
    complaints(scene, 9, 61)
    complaints(scene, 9, 10, assessment=THANKS)
    complaints(scene, 9, 10, replayed=True)
    assert tripped(scene) is None


@pytest.mark.parametrize(("days", "trips"), [(6, False), (8, True)])
def test_in_the_first_week_nothing_is_usual_yet(filed: Filed, days: int, trips: bool) -> None:
    scene = filed(pause=PAUSE)
    weeks(scene, days, usual=1)
    complaints(scene, 20, 10)
    assert (tripped(scene) is not None) is trips


def test_who_let_sending_go_on_has_seen_the_jump(filed: Filed) -> None:
    scene = filed(pause=PAUSE)
    weeks(scene, 9, usual=1)
    complaints(scene, 9, 10)
    assert tripped(scene) is not None
    resume_sending(scene.store, scene.clock, "agent:1")
    scene.clock.advance(minutes=30)
    complaints(scene, 9, 1)
    assert tripped(scene) is None
    scene.clock.advance(minutes=31)
    complaints(scene, 9, 1)
    assert tripped(scene) is not None


def test_a_jump_never_trips_where_the_operator_says_so(filed: Filed) -> None:
    scene = filed(pause={**PAUSE, "complaints_times": 0})
    weeks(scene, 9, usual=1)
    complaints(scene, 40, 10)
    assert tripped(scene) is None


def test_the_newest_assessment_says_whether_it_is_a_complaint(filed: Filed) -> None:
    scene = filed()
    now = scene.clock.now()
    mention = scene.mention(posted_at=now - timedelta(minutes=5))
    assert scene.store.pulse.complaints(now - timedelta(hours=1), now) == 1
    again = replace(COMPLAINT, complaint=False, revision="2")
    with scene.store.transaction():
        scene.store.assessments.add([(mention, again)], now)
    assert scene.store.pulse.complaints(now - timedelta(hours=1), now) == 0
