"""An automated reply keeps no promise: whoever complained or asked is still owed a person."""

from __future__ import annotations

from store.records import Assessment, Case, CaseStatus, Mode
from tests.responders.scene import COMPLAINT, THANKS, Scene

RULES = [
    {"name": "thanks", "when": {"kind": ["thanks"]}, "action": "auto_reply", "template": "thanks", "queue": "care"},
    {"name": "noted", "when": {"complaint": True}, "action": "auto_reply", "template": "thanks", "queue": "care"},
]


def replied_to(scene: Scene, assessment: Assessment) -> Case:
    """A case whose only post was answered by a rule."""
    mention = scene.mention(assessment=assessment)
    scene.take(mention)
    scene.let_go()
    assert scene.sender.send_one()
    case = scene.store.cases.of_mention(mention.id)
    assert case is not None
    assert [message.automated for message in scene.x.sent] == [True]
    return case


def test_a_complaint_stays_open_and_its_clock_runs_on(scene: Scene) -> None:
    scene = scene.with_settings(rules=RULES)
    case = replied_to(scene, COMPLAINT)
    assert (case.status, case.first_response_at) == (CaseStatus.OPEN, None)
    assert "case.acknowledged" in scene.kinds(case.id)
    assert "case.answered" not in scene.kinds(case.id)
    scene.clock.advance(days=2)
    assert scene.cases.mark_breaches() == 1


def test_thanks_wait_for_nobody(scene: Scene) -> None:
    case = replied_to(scene.with_settings(rules=RULES), THANKS)
    assert (case.status, case.first_response_at) == (CaseStatus.PENDING, None)


def test_thanks_do_not_take_an_unanswered_complaint_off_the_queue(scene: Scene) -> None:
    complaint = scene.mention()
    scene.take(complaint)
    same = {"author": complaint.post.author, "conversation_id": complaint.post.conversation_id}
    scene.clock.advance(minutes=1)
    scene.take(scene.mention("thank you Brisk", THANKS, posted_at=scene.clock.now(), **same))
    scene.let_go()
    assert scene.sender.send_one()
    case = scene.store.cases.of_mention(complaint.id)
    assert case is not None
    assert (case.status, case.first_response_at) == (CaseStatus.OPEN, None)
    scene.clock.advance(days=2)
    assert scene.cases.mark_breaches() == 1


def test_a_person_may_still_answer_on_the_platforms_own_page(scene: Scene) -> None:
    scene = scene.with_settings(rules=RULES)
    case = replied_to(scene, COMPLAINT)
    draft = scene.answering.draft(case.id, f"agent:{scene.agent().id}")
    assert draft.mode is Mode.BY_HAND
    assert "each post gets one through the platform" in " ".join(draft.mode_reasons)
    answered = scene.answering.by_hand(case.id, scene.store.agents.get(1))
    assert answered.first_response_at == scene.clock.now()
