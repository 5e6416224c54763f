"""A customer who writes again while an answer is on its way is not lost with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from config.errors import PostUncertain
from store.records import Case, CaseStatus, Mention, OutboxMessage, OutboxState
from tests.responders.scene import Scene


def follow_up(scene: Scene, message: OutboxMessage, minutes_ago: int = 0) -> Mention:
    """Another post of the same customer in the same conversation, routed."""
    first = scene.store.mentions.get(message.mention_id).post
    mention = scene.mention(
        "Brisk, and now the phone is dead too",
        author=first.author,
        conversation_id=first.conversation_id,
        posted_at=scene.clock.now() - timedelta(minutes=minutes_ago),
    )
    scene.take(mention)
    return mention


def after_sending(scene: Scene, message: OutboxMessage) -> Case:
    scene.let_go()
    assert scene.sender.send_one()
    assert scene.store.outbox.get(message.id).state is OutboxState.SENT
    return scene.store.cases.get(message.case_id)


@pytest.mark.parametrize("minutes_ago", [0, 60])
def test_a_post_that_joins_while_the_answer_is_held_keeps_the_case_open(scene: Scene, minutes_ago: int) -> None:
    """Also one that is older than the answered post and was only found now: whoever answered had not read it."""
    message = scene.approved(scene.agent())
    scene.clock.advance(seconds=5)
    follow_up(scene, message, minutes_ago)
    case = after_sending(scene, message)
    assert (case.status, case.first_response_at) == (CaseStatus.OPEN, scene.clock.now())
    assert "case.pending" not in scene.kinds(case.id)


def test_a_newer_post_that_came_before_the_approval_keeps_the_case_open(scene: Scene) -> None:
    agent = scene.agent()
    case = scene.case()
    draft = scene.answering.edit(scene.answering.draft(case.id, f"agent:{agent.id}").id, agent, "We are on it. ^AB")
    mention = scene.store.mentions.get(draft.mention_id)
    again = scene.mention(
        "and the phone",
        author=mention.post.author,
        conversation_id=mention.post.conversation_id,
        posted_at=scene.clock.now(),
    )
    scene.take(again)
    scene.clock.advance(seconds=5)
    message = scene.answering.approve(draft.id, agent)
    assert after_sending(scene, message).status is CaseStatus.OPEN


def test_an_uncertain_answer_that_is_found_later_leaves_the_case_open_as_well(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    scene.let_go()
    scene.x.trouble = [PostUncertain("time-out")]
    scene.sender.send_one()
    follow_up(scene, message)
    scene.clock.advance(seconds=90)
    assert scene.sender.settle() == 1
    assert scene.store.cases.get(message.case_id).status is CaseStatus.OPEN


def test_an_edit_that_is_seen_while_the_answer_is_uncertain_keeps_the_case_open(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    scene.let_go()
    scene.x.trouble = [PostUncertain("time-out")]
    scene.sender.send_one()
    post = scene.store.mentions.get(message.mention_id).post
    scene.hear(replace(post, text="Brisk, it burns!", edited_at=scene.clock.now()))
    scene.clock.advance(seconds=90)
    assert scene.sender.settle() == 1
    assert scene.store.cases.get(message.case_id).status is CaseStatus.OPEN


def test_the_answer_to_the_newest_post_waits_for_the_customer(scene: Scene) -> None:
    agent = scene.agent()
    first = scene.approved(agent)
    scene.clock.advance(seconds=5)
    follow_up(scene, first)
    after_sending(scene, first)
    scene.clock.advance(minutes=1)
    draft = scene.answering.draft(first.case_id, f"agent:{agent.id}")
    second = scene.answering.approve(scene.answering.edit(draft.id, agent, "We will call you. ^AB").id, agent)
    assert after_sending(scene, second).status is CaseStatus.PENDING


def test_a_later_post_that_was_deleted_keeps_nothing_open(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    scene.clock.advance(seconds=5)
    again = follow_up(scene, message)
    with scene.store.transaction():
        scene.store.deletions.empty_mention(again.id, scene.clock.now(), "deleted")
    assert after_sending(scene, message).status is CaseStatus.PENDING


def closed_on_an_answer_to_the_follow_up(scene: Scene, *, pending: bool = False) -> tuple[OutboxMessage, Mention]:
    """A case whose agent answered its newest post and closed it while that answer was held."""
    agent = scene.agent()
    case = scene.case()
    first = scene.store.mentions.of_case(case.id)[0].post
    again = scene.mention("@BriskCare nobody calls", author=first.author, conversation_id=first.conversation_id)
    scene.take(again)
    draft = scene.answering.edit(scene.answering.draft(case.id, f"agent:{agent.id}").id, agent, "We are on it. ^AB")
    message = scene.answering.approve(draft.id, agent)
    if pending:
        scene.cases.pending(case.id, agent)
    else:
        scene.cases.resolve(case.id, agent)
    return message, again


@pytest.mark.parametrize("pending", [False, True])
def test_a_follow_up_that_is_gone_with_its_answer_opens_the_case_of_the_first_post_again(
    scene: Scene, pending: bool
) -> None:
    message, again = closed_on_an_answer_to_the_follow_up(scene, pending=pending)
    del scene.x.posts[again.post.reply_target]
    scene.let_go()
    scene.sender.send_one()
    case = scene.store.cases.get(message.case_id)
    assert (scene.x.sent, case.status, case.resolved_at) == ([], CaseStatus.OPEN, None)
    reopened = scene.store.events.of_case(case.id)[-1]
    assert (reopened.kind, reopened.actor) == ("case.reopened", "daemon")
    assert reopened.detail == {
        "was": "pending" if pending else "resolved",
        "why": "the post was deleted on its platform",
    }


def test_a_case_of_which_no_post_stands_stays_closed(scene: Scene) -> None:
    message, _ = closed_on_an_answer_to_the_follow_up(scene)
    for mention in scene.store.mentions.of_case(message.case_id):
        with scene.store.transaction():
            scene.store.deletions.empty_mention(mention.id, scene.clock.now(), "deleted")
    assert scene.store.cases.get(message.case_id).status is CaseStatus.RESOLVED


def test_a_case_that_was_closed_in_spite_of_a_parked_answer_stays_closed(scene: Scene) -> None:
    message, again = closed_on_an_answer_to_the_follow_up(scene)
    scene.answering.post_changed(again)
    scene.cases.resolve(message.case_id, scene.store.agents.get(1))
    with scene.store.transaction():
        scene.store.deletions.empty_mention(again.id, scene.clock.now(), "deleted")
    assert scene.store.outbox.get(message.id).state is OutboxState.WITHDRAWN
    assert scene.store.cases.get(message.case_id).status is CaseStatus.RESOLVED
