"""Cases: one for each brand, author and conversation; one agent at a time; promises that are only made shorter."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from responders.cases import CaseWork, HeldByOther, RoleTooLow
from responders.digest.figures import make_digest
from store.database import optional_text
from store.records import Action, Author, CaseStatus, Mention, Priority, Role, Severity
from store.store import Store
from tests.conftest import FrozenClock
from tests.responders.scene import COMPLAINT, TO_CARE, Scene

ANN = Author("a1", "ann", "Ann", 10)


def follow_up(scene: Scene, first_of: Mention, text: str = "still nothing") -> Mention:
    post = first_of.post
    return scene.mention(text, author=post.author, conversation_id=post.conversation_id, posted_at=scene.clock.now())


def test_a_case_is_due_at_the_first_post_and_the_promise(scene: Scene) -> None:
    mention = scene.mention()
    case = scene.cases.open_or_join(mention, COMPLAINT, TO_CARE)
    assert case.due_at == mention.post.posted_at + timedelta(hours=4)
    assert (case.status, case.queue, case.priority, case.severity) == ("open", "care", "normal", "medium")
    assert scene.kinds(case.id) == ["case.opened"]


def test_posts_of_one_author_in_one_conversation_share_a_case(scene: Scene) -> None:
    first = scene.mention()
    case = scene.cases.open_or_join(first, COMPLAINT, TO_CARE)
    second = follow_up(scene, first)
    assert scene.cases.open_or_join(second, COMPLAINT, TO_CARE).id == case.id
    assert [one.id for one in scene.store.mentions.of_case(case.id)] == [first.id, second.id]
    stranger = scene.mention(conversation_id=first.post.conversation_id)
    assert scene.cases.open_or_join(stranger, COMPLAINT, TO_CARE).id != case.id


def test_an_edited_post_joins_only_once(scene: Scene) -> None:
    mention = scene.mention()
    case = scene.cases.open_or_join(mention, COMPLAINT, TO_CARE)
    scene.cases.open_or_join(mention, COMPLAINT, TO_CARE)
    assert scene.kinds(case.id) == ["case.opened"]


@pytest.mark.parametrize("status", [CaseStatus.RESOLVED, CaseStatus.PENDING, CaseStatus.SNOOZED])
def test_a_follow_up_opens_a_case_again(scene: Scene, status: CaseStatus) -> None:
    agent, first = scene.agent(), scene.mention()
    case = scene.cases.open_or_join(first, COMPLAINT, TO_CARE)
    if status is CaseStatus.RESOLVED:
        scene.cases.resolve(case.id, agent, "all well")
    elif status is CaseStatus.PENDING:
        scene.cases.pending(case.id, agent)
    else:
        scene.cases.snooze(case.id, agent, scene.clock.now() + timedelta(hours=1))
    again = scene.cases.open_or_join(follow_up(scene, first), COMPLAINT, TO_CARE)
    assert (again.status, again.resolved_at, again.snoozed_until) == (CaseStatus.OPEN, None, None)
    assert scene.kinds(case.id)[-2:] == ["case.joined", "case.reopened"]


def test_priority_and_severity_rise_and_the_promise_gets_shorter(scene: Scene) -> None:
    first = scene.mention()
    case = scene.cases.open_or_join(first, COMPLAINT, TO_CARE)
    scene.clock.advance(hours=2)
    worse = replace(COMPLAINT, severity=Severity.CRITICAL)
    second = follow_up(scene, first)
    raised = scene.cases.open_or_join(second, worse, replace(TO_CARE, priority=Priority.HIGH))
    assert (raised.priority, raised.severity) == (Priority.HIGH, Severity.CRITICAL)
    assert raised.due_at == second.post.posted_at + timedelta(hours=1)
    assert scene.cases.mark_breaches() == 0  # nobody could have kept a shorter promise before it was made
    better = replace(COMPLAINT, severity=Severity.LOW)
    kept = scene.cases.open_or_join(follow_up(scene, first), better, replace(TO_CARE, priority=Priority.LOW))
    assert (kept.priority, kept.severity, kept.due_at) == (raised.priority, raised.severity, raised.due_at)
    assert kept.id == case.id


def test_a_case_that_is_nearly_due_is_not_given_longer_by_becoming_urgent(scene: Scene) -> None:
    case = scene.case()
    scene.clock.advance(hours=3, minutes=50)
    assert scene.cases.escalate(case.id, scene.agent(), "a newborn in the house").due_at == case.due_at


def test_a_promise_that_is_broken_keeps_the_time_that_it_was_due(scene: Scene) -> None:
    first = scene.mention()
    case = scene.cases.open_or_join(first, COMPLAINT, TO_CARE)
    scene.clock.advance(hours=5)
    same = {"author": first.post.author, "conversation_id": first.post.conversation_id}
    found_late = scene.mention("smoke!", posted_at=first.post.posted_at + timedelta(minutes=1), **same)
    raised = scene.cases.open_or_join(found_late, COMPLAINT, replace(TO_CARE, priority=Priority.URGENT))
    assert (raised.priority, raised.due_at) == (Priority.URGENT, case.due_at)
    assert scene.cases.escalate(case.id, scene.agent(), "still down").due_at == case.due_at


def test_an_edit_that_makes_a_case_urgent_counts_from_the_edit(scene: Scene) -> None:
    first = scene.mention()
    scene.cases.open_or_join(first, COMPLAINT, TO_CARE)
    scene.clock.advance(hours=2)
    edited = scene.hear(replace(first.post, text="Brisk, there is smoke!", edited_at=scene.clock.now()))
    raised = scene.cases.open_or_join(edited, COMPLAINT, replace(TO_CARE, priority=Priority.URGENT))
    assert raised.due_at == scene.clock.now() + timedelta(minutes=30)


def test_a_closed_case_that_opens_again_promises_anew(scene: Scene) -> None:
    first = scene.mention()
    case = scene.cases.open_or_join(first, COMPLAINT, TO_CARE)
    scene.cases.resolve(case.id, scene.agent())
    scene.clock.advance(days=10)
    second = follow_up(scene, first)
    again = scene.cases.open_or_join(second, COMPLAINT, TO_CARE)
    assert again.first_post_at == second.post.posted_at
    assert again.due_at == second.post.posted_at + timedelta(hours=4)
    told = [event.detail.get("due_at") for event in scene.store.events.of_case(case.id) if event.kind == "case.joined"]
    assert told == [optional_text(again.due_at)]


def test_a_promise_made_anew_is_broken_anew(scene: Scene) -> None:
    first = scene.mention()
    case = scene.cases.open_or_join(first, COMPLAINT, TO_CARE)
    scene.clock.advance(hours=5)
    assert scene.cases.mark_breaches() == 1
    scene.cases.resolve(case.id, scene.agent())
    again = scene.cases.open_or_join(follow_up(scene, first), COMPLAINT, TO_CARE)
    assert scene.store.cases.get(case.id).breached_at is None
    scene.clock.advance(hours=5)
    assert scene.cases.mark_breaches() == 1
    told = [event.detail["due_at"] for event in scene.store.events.of_case(case.id) if event.kind == "case.breached"]
    assert told == [optional_text(case.due_at), optional_text(again.due_at)]


def test_a_first_response_keeps_the_time_that_it_was_due(scene: Scene) -> None:
    first = scene.mention()
    case = scene.cases.open_or_join(first, COMPLAINT, TO_CARE)
    scene.cases.answered(case.id, scene.clock.now(), "agent:1")
    worse = replace(TO_CARE, priority=Priority.URGENT)
    raised = scene.cases.open_or_join(follow_up(scene, first), COMPLAINT, worse)
    assert (raised.priority, raised.due_at) == (Priority.URGENT, case.due_at)


def test_an_escalated_case_is_urgent_at_once(scene: Scene) -> None:
    mention = scene.mention()
    decision = replace(TO_CARE, action=Action.ESCALATE, queue="urgent care", priority=Priority.LOW)
    case = scene.cases.open_or_join(mention, COMPLAINT, decision)
    assert (case.priority, case.queue) == (Priority.URGENT, "urgent care")
    assert case.due_at == mention.post.posted_at + timedelta(minutes=30)
    assert scene.kinds(case.id) == ["case.opened", "case.escalated"]


@pytest.mark.parametrize("move", ["snooze", "pending", "resolve"])
def test_a_case_that_rested_or_was_closed_is_open_again_when_it_is_escalated(scene: Scene, move: str) -> None:
    agent, case = scene.agent(), scene.case()
    until = [scene.clock.now() + timedelta(days=1)] if move == "snooze" else []
    getattr(scene.cases, move)(case.id, agent, *until)
    escalated = scene.cases.escalate(case.id, scene.agent("Bob Carr"), "a newborn in the house")
    assert (escalated.status, escalated.snoozed_until, escalated.priority) == (CaseStatus.OPEN, None, Priority.URGENT)


def test_the_cases_of_somebody_who_leaves_are_free_but_for_those_they_resolved(scene: Scene) -> None:
    ana, bob = scene.agent(), scene.agent("Bob Carr")
    rests, waits, done, theirs = (scene.case() for _ in range(4))
    for case, agent in ((rests, ana), (waits, ana), (done, ana), (theirs, bob)):
        scene.cases.claim(case.id, agent)
    scene.cases.snooze(rests.id, ana, scene.clock.now() + timedelta(days=1))
    scene.cases.pending(waits.id, ana)
    scene.cases.resolve(done.id, ana)
    assert scene.cases.leave(ana, "operator") == 2
    holders = [scene.store.cases.get(case.id).assignee_id for case in (rests, waits, done, theirs)]
    assert holders == [None, None, ana.id, bob.id]
    assert scene.store.events.of_case(rests.id)[-1].actor == "operator"


def test_an_agent_escalates_with_a_reason(scene: Scene) -> None:
    opened = scene.case()
    scene.clock.advance(hours=2)
    case = scene.cases.escalate(opened.id, scene.agent(), "a newborn in the house")
    assert (case.priority, case.due_at) == (Priority.URGENT, scene.clock.now() + timedelta(minutes=30))
    event = scene.store.events.of_case(case.id)[-1]
    assert (event.kind, event.detail) == ("case.escalated", {"reason": "a newborn in the house"})


def test_nothing_is_promised_for_a_replayed_post(scene: Scene) -> None:
    case = scene.cases.open_or_join(scene.mention(replayed=True), COMPLAINT, TO_CARE)
    assert (case.replayed, case.due_at) == (True, None)
    scene.clock.advance(days=30)
    assert scene.cases.mark_breaches() == 0


def test_promise_3_a_second_agent_is_told_who_holds_the_case(scene: Scene) -> None:
    ana, bob, case = scene.agent("Ana Bell"), scene.agent("Bob Carr"), scene.case()
    assert scene.cases.claim(case.id, ana).assignee_id == ana.id
    with pytest.raises(HeldByOther, match="Ana Bell holds this case") as told:
        scene.cases.claim(case.id, bob)
    assert told.value.agent_name == "Ana Bell"
    assert scene.kinds(case.id).count("case.claimed") == 1


def test_promise_3_of_many_agents_who_claim_at_once_one_wins(scene: Scene, tmp_path: Path) -> None:
    agents = [scene.agent(f"Agent{number} Smith") for number in range(8)]
    case, start, won = scene.case(), threading.Barrier(8), []

    def claim(number: int) -> None:
        start.wait()
        try:
            scene.cases.claim(case.id, agents[number])
        except HeldByOther:
            return
        won.append(agents[number].id)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [scene.store.cases.get(case.id).assignee_id]


def test_promise_3_a_stale_hold_is_released_and_a_busy_one_is_not(scene: Scene) -> None:
    ana, bob = scene.agent("Ana Bell"), scene.agent("Bob Carr")
    idle, busy = scene.case(), scene.case()
    scene.cases.claim(idle.id, ana)
    scene.cases.claim(busy.id, bob)
    scene.clock.advance(minutes=20)
    scene.cases.note(busy.id, bob, "calling the engineer")
    scene.clock.advance(minutes=11)
    assert scene.cases.release_stale() == 1
    assert scene.store.cases.get(idle.id).assignee_id is None
    assert scene.store.cases.get(busy.id).assignee_id == bob.id
    assert scene.store.events.of_case(idle.id)[-1].actor == "daemon"


def test_only_the_holder_or_a_manager_releases(scene: Scene) -> None:
    ana, bob = scene.agent("Ana Bell"), scene.agent("Bob Carr")
    manager, case = scene.agent("May Lord", Role.MANAGER), scene.case()
    scene.cases.claim(case.id, ana)
    with pytest.raises(HeldByOther):
        scene.cases.release(case.id, bob)
    assert scene.cases.release(case.id, manager).assignee_id is None
    scene.cases.claim(case.id, ana)
    assert scene.cases.release(case.id, ana).assignee_id is None


def test_only_a_manager_takes_a_case_from_an_agent(scene: Scene) -> None:
    ana, bob = scene.agent("Ana Bell"), scene.agent("Bob Carr")
    manager, case = scene.agent("May Lord", Role.MANAGER), scene.case()
    scene.cases.claim(case.id, ana)
    with pytest.raises(RoleTooLow):
        scene.cases.assign(case.id, bob, bob)
    assert scene.cases.assign(case.id, ana, bob).assignee_id == bob.id  # one's own may be handed on
    assert scene.cases.assign(case.id, manager, ana).assignee_id == ana.id


def test_nobody_else_closes_a_case_that_an_agent_holds(scene: Scene) -> None:
    ana, bob, case = scene.agent("Ana Bell"), scene.agent("Bob Carr"), scene.case()
    scene.cases.claim(case.id, ana)
    for act in (scene.cases.resolve, scene.cases.pending):
        with pytest.raises(HeldByOther):
            act(case.id, bob)
    assert scene.cases.resolve(case.id, ana).resolved_at == scene.clock.now()


def test_a_broken_promise_is_marked_once(scene: Scene) -> None:
    case = scene.case()
    scene.clock.advance(hours=3, minutes=54)
    assert scene.cases.mark_breaches() == 0
    scene.clock.advance(minutes=2)
    assert (scene.cases.mark_breaches(), scene.cases.mark_breaches()) == (1, 0)
    assert scene.store.cases.get(case.id).breached_at == scene.clock.now()
    assert scene.kinds(case.id).count("case.breached") == 1


def test_an_answered_case_breaks_no_promise(scene: Scene) -> None:
    case = scene.case()
    scene.cases.answered(case.id, scene.clock.now(), "agent:1")
    scene.clock.advance(days=1)
    assert scene.cases.mark_breaches() == 0


def test_snoozed_cases_wake_when_their_time_comes(scene: Scene) -> None:
    agent, case = scene.agent(), scene.case()
    scene.cases.snooze(case.id, agent, scene.clock.now() + timedelta(hours=1))
    assert scene.cases.wake_snoozed() == 0
    scene.clock.advance(hours=1)
    assert scene.cases.wake_snoozed() == 1
    assert scene.store.cases.get(case.id).status is CaseStatus.OPEN


def test_a_resolved_case_that_is_snoozed_or_pending_is_opened_first(scene: Scene) -> None:
    agent, until = scene.agent(), scene.clock.now() + timedelta(days=2)
    snoozed, pending = scene.case(), scene.case()
    for case in (snoozed, pending):
        scene.cases.resolve(case.id, agent, "by mistake")
    scene.cases.snooze(snoozed.id, agent, until)
    scene.cases.pending(pending.id, agent)
    assert scene.kinds(snoozed.id)[-3:] == ["case.resolved", "case.reopened", "case.snoozed"]
    assert scene.kinds(pending.id)[-3:] == ["case.resolved", "case.reopened", "case.pending"]
    after = scene.store.cases.get(snoozed.id)
    assert (after.status, after.snoozed_until, after.resolved_at) == (CaseStatus.SNOOZED, until, None)
    scene.clock.advance(days=1)
    yesterday = (scene.clock.now() - timedelta(days=1)).date()
    answers = make_digest(scene.store, scene.settings, scene.clock, scene.settings.brands[0], yesterday).answers
    assert (answers.waiting_total, answers.promise.due, answers.promise.left_out) == (2, 2, 0)


def test_only_the_first_response_stops_the_clock(scene: Scene) -> None:
    case, first = scene.case(), scene.clock.now()
    assert scene.cases.answered(case.id, first, "agent:1").status is CaseStatus.PENDING
    scene.clock.advance(hours=1)
    assert scene.cases.answered(case.id, scene.clock.now(), "agent:1").first_response_at == first
    assert scene.kinds(case.id).count("case.answered") == 1


def test_a_change_and_its_event_stand_or_fall_together(scene: Scene, store: Store, clock: FrozenClock) -> None:
    class Broken(CaseWork):
        def _tell(self, *args: object, **kwargs: object) -> None:
            raise RuntimeError("the disk is full")

    case = scene.case()
    with pytest.raises(RuntimeError):
        Broken(store, scene.settings, clock).resolve(case.id, scene.agent())
    assert store.cases.get(case.id).status is CaseStatus.OPEN
