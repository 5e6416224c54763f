"""What the sender looks at once more before an answer leaves: the post, its author, and our own rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store.records import Author, CaseStatus, OutboxState, Platform, Suppression
from tests.responders.outgoing import ready, state
from tests.responders.scene import THANKS, Scene


def test_a_post_that_is_gone_is_not_answered(scene: Scene) -> None:
    message = ready(scene)
    scene.x.posts.clear()
    scene.sender.send_one()
    assert scene.x.sent == []
    left = scene.store.outbox.get(message.id)
    assert (left.state, left.text) == (OutboxState.WITHDRAWN, "")
    assert left.reason == "the post was deleted on its platform"
    assert scene.store.mentions.get(message.mention_id).deleted_at == scene.clock.now()
    assert scene.store.deletions.purge_owed_since() is not None  # by the next sweep


@pytest.mark.parametrize("version", ["9001", ""])
def test_a_post_that_was_edited_since_the_approval_is_not_answered(scene: Scene, version: str) -> None:
    message = ready(scene)
    post = scene.x.posts[message.target_id]
    scene.x.posts[message.target_id] = replace(post, version_id=version, text="fine now", edited_at=scene.clock.now())
    scene.sender.send_one()
    assert scene.x.sent == []
    assert scene.store.outbox.get(message.id).reason == "The post was edited after the answer was approved."


def test_promise_4_words_that_changed_without_a_mark_stop_the_answer_as_well(scene: Scene) -> None:
    """Reddit marks no edit of the first minutes."""
    message = ready(scene, platform=Platform.REDDIT, external_id="t1_abc", community="HomeNetworking")
    scene.reddit.posts["t1_abc"] = replace(scene.reddit.posts["t1_abc"], text="Brisk, my line is fine")
    scene.sender.send_one()
    assert scene.reddit.sent == []
    assert scene.store.outbox.get(message.id).reason == "The post was edited after the answer was approved."


def test_an_edit_that_the_collector_saw_first_stops_the_answer_as_well(scene: Scene) -> None:
    message = ready(scene)
    post = scene.x.posts[message.target_id]
    scene.hear(replace(post, text="fine now", edited_at=scene.clock.now()))
    scene.sender.send_one()
    assert scene.x.sent == []
    assert state(scene, message) is OutboxState.PARKED


def test_what_somebody_approved_who_does_not_work_here_any_more_waits_for_somebody_else(scene: Scene) -> None:
    message = ready(scene)
    ana = scene.store.agents.get(1)
    scene.cases.claim(message.case_id, ana)
    scene.cases.resolve(message.case_id, ana)
    scene.store.agents.disable(ana.id, scene.clock.now())
    scene.cases.leave(ana, "operator")
    scene.sender.send_one()
    assert (scene.x.sent, state(scene, message)) == ([], OutboxState.PARKED)
    case = scene.store.cases.get(message.case_id)
    assert (case.status, case.assignee_id) == (CaseStatus.OPEN, None)
    bob = scene.agent("Bob Carr")
    draft = scene.answering.give_back(message.id, bob)
    again = scene.answering.approve(draft.id, bob)
    scene.let_go()
    scene.sender.send_one()
    assert (len(scene.x.sent), state(scene, again)) == (1, OutboxState.SENT)


def test_an_author_who_opted_out_after_the_approval_is_not_answered(scene: Scene) -> None:
    message = ready(scene)
    author = scene.x.posts[message.target_id].author.external_id
    scene.store.suppressions.add(Suppression(Platform.X, author, "they asked us to stop", "daemon", scene.clock.now()))
    scene.sender.send_one()
    assert scene.x.sent == []
    assert "they asked us to stop" in scene.store.outbox.get(message.id).reason


def test_an_opt_out_that_was_only_collected_stops_an_answer_on_its_way(scene: Scene) -> None:
    message = ready(scene)
    author = scene.x.posts[message.target_id].author
    scene.hear(scene.post("@BriskCare STOP", author=author))
    scene.sender.send_one()
    assert scene.x.sent == []
    assert "they asked us to stop" in scene.store.outbox.get(message.id).reason


def test_an_author_who_closed_the_replies_is_not_answered(scene: Scene) -> None:
    message = ready(scene)
    scene.x.posts[message.target_id] = replace(scene.x.posts[message.target_id], reply_settings="following")
    scene.sender.send_one()
    assert scene.x.sent == []
    assert state(scene, message) is OutboxState.PARKED


def test_a_reply_of_ours_that_stands_there_already_is_not_repeated(scene: Scene) -> None:
    message = ready(scene)
    scene.x.replies[message.target_id] = "by-hand-7"
    scene.sender.send_one()
    assert scene.x.sent == []
    assert "already stands under the post (by-hand-7)" in scene.store.outbox.get(message.id).reason


def test_a_template_reply_is_parked_when_an_agent_takes_the_case_first(scene: Scene) -> None:
    mention = scene.mention("thank you Brisk", THANKS)
    scene.take(mention)
    case = scene.store.cases.of_mention(mention.id)
    assert case is not None
    scene.cases.claim(case.id, scene.agent())
    scene.let_go()
    scene.sender.send_one()
    assert scene.x.sent == []
    (message,) = scene.store.outbox.of_mention(mention.id)
    assert (message.state, message.reason) == (OutboxState.PARKED, "An agent is working on this case.")


def test_the_cap_is_kept_at_the_last_moment(scene: Scene) -> None:
    capped = scene.with_settings(answers={"cap_per_hour": 1})
    first = scene.mention("thank you Brisk", THANKS)
    second = scene.mention("thanks Brisk", THANKS)
    for mention in (first, second):
        scene.take(mention)  # approved under the wider cap
    scene.let_go()
    assert [capped.sender.send_one(), capped.sender.send_one()] == [True, True]
    assert len(capped.x.sent) == 1


def test_reddit_replies_leave_through_reddit(scene: Scene) -> None:
    message = ready(scene, platform=Platform.REDDIT, external_id="t1_abc", community="HomeNetworking")
    scene.sender.send_one()
    assert (scene.x.sent, [one.target_id for one in scene.reddit.sent]) == ([], ["t1_abc"])
    assert state(scene, message) is OutboxState.SENT


def test_an_agent_may_answer_the_same_author_in_two_conversations(scene: Scene) -> None:
    author = Author("same", "same", "Same", 1)
    one = ready(scene, author=author, conversation_id="c1")
    scene.sender.send_one()
    scene.clock.advance(minutes=1)
    two = scene.approved(scene.agent("Bob Carr"), "Something else. ^BC", author=author, conversation_id="c2")
    scene.let_go()
    scene.sender.send_one()
    assert (state(scene, one), state(scene, two)) == (OutboxState.SENT, OutboxState.SENT)


def test_a_brand_that_is_not_configured_any_more_does_not_stop_the_others(scene: Scene) -> None:
    renamed = scene.with_settings(brands=[{"name": "Brisker", "terms": ["Brisker"]}])
    message = ready(scene)
    assert renamed.sender.send_one()
    assert renamed.x.sent == []
    assert scene.store.outbox.get(message.id).reason == "The brand is not configured any more."
    assert not renamed.sender.send_one()
