"""Answers by hand: noticed, matched to their case, and never taken for one that the outbox sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.errors import PostUncertain
from responders.by_hand import Noticing
from responders.eligibility import judge
from responders.facts import gather
from store.records import Author, Case, CaseStatus, Mention, Mode, OutboxMessage, OutboxState, Platform, Post
from tests.responders.scene import THANKS, Scene

US = Author("us", "BriskCare")


def by_hand(scene: Scene, target: str | None, external_id: str = "700", at: datetime | None = None) -> Post:
    """A post of our own account, read back from the platform."""
    post = Post(Platform.X, external_id, US, "Sorted, Ann?", at or scene.clock.now(), "c1", in_reply_to=target)
    scene.store.own_posts.add([post], scene.clock.now())
    return post


def noticing(scene: Scene) -> Noticing:
    return Noticing(scene.store, scene.clock, scene.answering, scene.cases)


def opened(scene: Scene, **changed: Any) -> tuple[Case, Mention]:
    case = scene.case(**changed)
    return case, scene.answering.newest(case.id)


def test_an_answer_by_hand_stops_the_clock_when_it_was_posted(scene: Scene) -> None:
    case, mention = opened(scene)
    at = scene.clock.now() + timedelta(minutes=3)
    scene.clock.advance(minutes=5)
    by_hand(scene, mention.post.external_id, at=at)
    assert noticing(scene).credit_all() == 1
    answered = scene.store.cases.get(case.id)
    assert (answered.first_response_at, answered.status) == (at, CaseStatus.PENDING)
    assert scene.kinds(case.id)[-3:] == ["answer.noticed", "case.answered", "case.pending"]
    assert scene.store.events.of_case(case.id)[-3].detail == {"post": "700"}
    assert noticing(scene).credit_all() == 0


def test_a_promise_that_was_kept_by_hand_is_not_broken_by_noticing_it_late(scene: Scene) -> None:
    case, mention = opened(scene)
    assert case.due_at is not None
    scene.clock.moment = case.due_at + timedelta(minutes=2)
    scene.cases.mark_breaches()
    assert scene.store.cases.get(case.id).breached_at is not None
    by_hand(scene, mention.post.external_id, at=case.due_at - timedelta(minutes=1))
    noticing(scene).credit_all()
    assert scene.store.cases.get(case.id).breached_at is None


def test_a_late_answer_by_hand_leaves_the_promise_broken(scene: Scene) -> None:
    case, mention = opened(scene)
    assert case.due_at is not None
    scene.clock.moment = case.due_at + timedelta(minutes=2)
    scene.cases.mark_breaches()
    by_hand(scene, mention.post.external_id)
    noticing(scene).credit_all()
    assert scene.store.cases.get(case.id).breached_at is not None


def test_an_answer_to_any_version_of_an_edited_post_counts(scene: Scene) -> None:
    case, mention = opened(scene)
    for version in ("2001", "2002"):
        scene.clock.advance(minutes=1)
        edited = replace(mention.post, version_id=version, text=f"Brisk {version}", edited_at=scene.clock.now())
        scene.hear(edited)
    for number, version in enumerate((mention.post.external_id, "2001", "2002")):
        by_hand(scene, version, str(700 + number))
    assert noticing(scene).credit_all() == 3
    assert scene.kinds(case.id).count("case.answered") == 1


def test_an_answer_waits_for_its_case(scene: Scene) -> None:
    post = scene.post()
    by_hand(scene, post.external_id)
    assert noticing(scene).credit_all() == 0
    mention = scene.hear(post)
    assert noticing(scene).credit_all() == 0
    scene.store.assessments.add([(mention, THANKS)], scene.clock.now())
    scene.take(mention)
    assert scene.store.outbox.of_mention(mention.id) == []  # the gate knew of it, so no template went out
    assert noticing(scene).credit_all() == 1


def test_a_customer_who_wrote_after_it_keeps_the_case_open(scene: Scene) -> None:
    case, mention = opened(scene)
    by_hand(scene, mention.post.external_id)
    scene.clock.advance(minutes=1)
    same = {"author": mention.post.author, "conversation_id": mention.post.conversation_id}
    scene.take(scene.mention("Brisk, it went down again", posted_at=scene.clock.now(), **same))
    noticing(scene).credit_all()
    assert scene.store.cases.get(case.id).status is CaseStatus.OPEN


def test_what_the_outbox_sent_is_not_by_hand(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    scene.let_go()
    scene.sender.send_one()
    sent = scene.store.outbox.get(message.id)
    assert sent.external_id is not None
    by_hand(scene, message.target_id, sent.external_id)
    assert noticing(scene).credit_all() == 0
    mention = scene.store.mentions.get(message.mention_id)
    assert not scene.store.own_posts.answers_by_hand(mention.id)


def test_promise_4_a_post_that_may_be_an_uncertain_answer_waits_until_that_is_settled(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    scene.let_go()
    scene.x.trouble = [PostUncertain("time-out")]
    scene.sender.send_one()
    by_hand(scene, message.target_id, "ours-1")
    assert noticing(scene).credit_all() == 0
    scene.clock.advance(seconds=90)
    assert scene.sender.settle() == 1
    assert noticing(scene).credit_all() == 0
    assert scene.kinds(message.case_id).count("case.answered") == 1


@pytest.mark.parametrize("queued", [True, False])
def test_what_was_approved_for_the_post_is_parked(scene: Scene, queued: bool) -> None:
    message = scene.approved(scene.agent())
    if queued:
        scene.let_go()
    by_hand(scene, message.target_id)
    noticing(scene).credit_all()
    parked = scene.store.outbox.get(message.id)
    assert parked.state is OutboxState.PARKED
    assert parked.reason == "An answer that was written by hand stands under the post."
    assert not scene.sender.send_one()


def test_promise_4_the_gate_knows_an_answer_by_hand_before_it_is_credited(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    scene.let_go()
    by_hand(scene, message.target_id)
    scene.sender.send_one()
    assert (scene.x.sent, scene.store.outbox.get(message.id).state) == ([], OutboxState.PARKED)
    mention = scene.store.mentions.get(message.mention_id)
    verdict = judge(gather(scene.store, scene.settings, scene.clock.now(), mention, automated=False))
    assert (verdict.mode, verdict.reasons) == (Mode.NEVER, ("There is already an answer of ours to this post.",))


def test_a_draft_for_the_post_says_that_it_is_answered(scene: Scene) -> None:
    case, mention = opened(scene)
    scene.answering.draft(case.id, f"agent:{scene.agent().id}")
    by_hand(scene, mention.post.external_id)
    noticing(scene).credit_all()
    draft = scene.store.drafts.of_case(case.id)
    assert draft is not None
    assert (draft.mode, draft.mode_reasons) == (Mode.NEVER, ("There is already an answer of ours to this post.",))


def test_who_answers_what_we_wrote_by_hand_speaks_to_us(scene: Scene) -> None:
    case, mention = opened(scene)
    by_hand(scene, mention.post.external_id)
    noticing(scene).credit_all()
    again = scene.post("still dead", in_reply_to="700", summoned=False, conversation_id="elsewhere")
    assert scene.store.mentions.brand_of_conversation(again) == case.brand
    stop = scene.mention("STOP", author=mention.post.author, in_reply_to="700", summoned=False)
    assert scene.take(stop).rule == "opt-out"


def test_a_post_of_ours_that_answers_nobody_is_nobodys(scene: Scene) -> None:
    opened(scene)
    by_hand(scene, None)
    by_hand(scene, "404", "701")
    assert noticing(scene).credit_all() == 0


ACKNOWLEDGING = [{"name": "noted", "when": {"complaint": True}, "action": "auto_reply", "template": "thanks"}]


def given_up(scene: Scene) -> OutboxMessage:
    """The newest answer of the outbox, sent into the unknown and looked for in vain."""
    scene.let_go()
    scene.x.trouble, scene.x.arrives = [PostUncertain("time-out")], False
    scene.sender.send_one()
    for _ in range(2):
        scene.clock.advance(seconds=90)
        scene.sender.settle()
    [message] = scene.store.outbox.in_state(OutboxState.PARKED)
    return message


def listed_late(scene: Scene, message: OutboxMessage) -> Post:
    """The answer that was given up, as our account's page lists it now."""
    left_at = scene.store.outbox.deliveries(message.id)[-1].started_at
    return by_hand(scene, message.target_id, "ours-late", at=left_at + timedelta(seconds=1))


def test_an_automated_reply_that_is_listed_late_is_no_answer_by_hand(scene: Scene) -> None:
    scene = scene.with_settings(rules=ACKNOWLEDGING)
    scene.take(scene.mention())
    message = given_up(scene)
    ours = listed_late(scene, message)
    assert noticing(scene).credit_all() == 0
    sent = scene.store.outbox.get(message.id)
    assert (sent.state, sent.external_id, sent.sent_at) == (OutboxState.SENT, "ours-late", ours.posted_at)
    assert scene.store.outbox.deliveries(message.id)[-1].outcome == "sent"
    case = scene.store.cases.get(message.case_id)
    assert (case.status, case.first_response_at) == (CaseStatus.OPEN, None)
    assert scene.kinds(case.id)[-2:] == ["outbox.sent", "case.acknowledged"]
    assert not scene.store.own_posts.answers_by_hand(message.mention_id)
    assert noticing(scene).credit_all() == 0


def test_an_agents_answer_that_is_listed_late_needs_nobody_any_more(scene: Scene) -> None:
    scene.approved(scene.agent())
    message = given_up(scene)
    ours = listed_late(scene, message)
    noticing(scene).credit_all()
    assert scene.store.outbox.get(message.id).state is OutboxState.SENT
    case = scene.store.cases.get(message.case_id)
    assert (case.status, case.first_response_at) == (CaseStatus.PENDING, ours.posted_at)
    assert scene.kinds(case.id).count("case.answered") == 1


def test_an_automated_reply_that_was_made_a_draft_again_waits_while_another_answer_is_under_way(scene: Scene) -> None:
    scene = scene.with_settings(rules=ACKNOWLEDGING)
    scene.take(scene.mention())
    agent, message = scene.agent(), given_up(scene)
    draft = scene.answering.give_back(message.id, agent)
    another = scene.answering.approve(scene.answering.edit(draft.id, agent, "We are on it. ^AB").id, agent)
    listed_late(scene, message)
    assert noticing(scene).credit_all() == 0
    assert scene.store.outbox.get(message.id).state is OutboxState.WITHDRAWN
    scene.answering.take_back(another.id, agent)
    assert noticing(scene).credit_all() == 0
    assert scene.store.outbox.get(message.id).state is OutboxState.SENT
    assert scene.store.cases.get(message.case_id).first_response_at is None


@pytest.mark.parametrize("minutes", [-5, 5])
def test_what_was_posted_when_no_answer_left_is_by_hand(scene: Scene, minutes: int) -> None:
    scene = scene.with_settings(rules=ACKNOWLEDGING)
    scene.take(scene.mention())
    message = given_up(scene)
    left_at = scene.store.outbox.deliveries(message.id)[-1].started_at
    by_hand(scene, message.target_id, at=left_at + timedelta(minutes=minutes))
    assert noticing(scene).credit_all() == 1
    assert scene.store.outbox.get(message.id).state is OutboxState.PARKED
    assert scene.store.cases.get(message.case_id).first_response_at is not None
