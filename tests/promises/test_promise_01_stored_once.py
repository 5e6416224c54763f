"""Promise 1: a mention is stored once, however many sources matched it, and an edit is the same mention."""

from __future__ import annotations

import pytest

from classifiers import BrandContext
from frankly import pipeline
from responders.answers import NotAllowed
from store.records import OutboxState, Platform
from tests.promises.whole import Whole
from tests.stored import count_by_stage


def test_promise_1_a_post_of_two_sources_and_three_versions_is_one_mention_one_case_one_answer(whole: Whole) -> None:
    world, clock, store = whole.servers.world, whole.clock, whole.store
    agent = whole.agent()
    first = world.add_post(Platform.X, "cora", "@BriskBroadband Brisk Broadband is slow")
    clock.advance(minutes=5)
    whole.hear("x mentions")
    clock.advance(minutes=5)
    second = world.edit_post(first.id, "@BriskBroadband Brisk Broadband is slow and now my line is dead")
    clock.advance(minutes=5)
    for _ in range(2):
        whole.hear("x search", "x mentions")
    message = whole.answer(second, agent)
    whole.send()
    third = world.edit_post(first.id, "@BriskBroadband Brisk Broadband is still dead")
    clock.advance(minutes=5)
    whole.hear()
    draft = whole.app.answering.draft(whole.case(third).id, f"agent:{agent.id}")
    rewritten = whole.app.answering.edit(draft.id, agent, "Once more. ^AB")
    with pytest.raises(NotAllowed, match="already an answer of ours"):
        whole.app.answering.approve(rewritten.id, agent)
    whole.send()

    [row] = store.database.rows("SELECT id, external_id, version_id, text FROM mentions")
    assert (row["external_id"], row["version_id"]) == (first.id, third.id)
    assert row["text"] == third.text
    versions = store.database.rows("SELECT version_id, text FROM mention_versions ORDER BY id")
    assert [(one["version_id"], one["text"]) for one in versions] == [(first.id, first.text), (second.id, second.text)]
    assert {one["source"] for one in store.database.rows("SELECT source FROM sightings")} == {"x mentions", "x search"}
    assert store.database.value("SELECT count(*) FROM cases") == 1
    assert store.outbox.get(message.id).state is OutboxState.SENT
    assert [entry.status for entry in whole.posted(Platform.X)] == [201]
    assert [parent for _, parent, _ in whole.replies(Platform.X)] == [second.id]


def test_promise_1_a_comment_of_reddit_read_many_times_and_edited_is_one_mention(whole: Whole) -> None:
    post = whole.complain(Platform.REDDIT)
    for _ in range(3):
        whole.clock.advance(minutes=1)
        whole.hear("reddit comments")
    whole.servers.world.edit_post(post.id, "u/BriskBB_Care Brisk Broadband: it works again")
    whole.clock.advance(minutes=1)
    whole.hear("reddit comments")
    mention = whole.mention(post)
    assert mention.post.text == "u/BriskBB_Care Brisk Broadband: it works again"
    assert whole.store.database.value("SELECT count(*) FROM mentions") == 1
    assert whole.store.database.value("SELECT count(*) FROM cases") == 1
    assert whole.store.database.rows("SELECT text FROM mention_versions") == [{"text": post.text}]


def test_promise_1_an_edit_that_leaves_the_words_alone_can_still_be_answered(whole: Whole) -> None:
    """On X such a version (another picture, say) has an id of its own, and an answer goes under the newest."""
    post = whole.complain(Platform.X)
    whole.clock.advance(minutes=1)
    whole.hear("x mentions")
    newest = whole.servers.world.edit_post(post.id, post.text)
    whole.clock.advance(minutes=1)
    whole.hear("x mentions")
    whole.answer(newest, whole.agent())
    whole.send()
    assert [parent for _, parent, _ in whole.replies(Platform.X)] == [newest.id]
    assert whole.store.database.value("SELECT count(*) FROM mention_versions") == 0


PRAISE = "u/BriskBB_Care Brisk Broadband is lovely, thank you so much, best service ever"
ANGER = "u/BriskBB_Care Brisk Broadband is awful, no internet for a week, terrible, I am furious"


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_1_the_new_words_of_an_edited_post_are_understood_anew(whole: Whole, platform: Platform) -> None:
    """On Reddit an edited comment keeps its id."""
    post = whole.complain(platform, PRAISE)
    whole.clock.advance(minutes=1)
    whole.hear()
    mention = whole.mention(post)
    before = whole.store.assessments.current([mention.id])[mention.id]
    whole.servers.world.edit_post(post.id, f"@BriskBroadband {ANGER}")
    whole.clock.advance(minutes=1)
    whole.hear()
    after = whole.store.assessments.current([mention.id])[mention.id]
    assert after.sentiment_scores != before.sentiment_scores
    assert whole.store.database.value("SELECT count(*) FROM decisions") == 2


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_1_an_edit_that_arrives_in_the_middle_of_a_step_is_not_passed_over(
    whole: Whole, platform: Platform
) -> None:
    """The collector and the other steps run at once: what they have in hand may be edited meanwhile."""
    store, app = whole.store, whole.app
    post = whole.complain(platform, PRAISE)
    whole.clock.advance(minutes=1)
    whole.collect()

    def edited(text: str) -> None:
        whole.servers.world.edit_post(post.id, f"@BriskBroadband u/BriskBB_Care Brisk Broadband {text}")
        whole.clock.advance(minutes=1)
        whole.collect()

    [waiting] = store.mentions.unassessed(10)
    [read] = app.classifier.assess([waiting.post.text], BrandContext("Brisk Broadband", ("Brisk Broadband",), ()))
    edited("was down")  # while the classifier read the first version
    store.assessments.add([(waiting, read)], whole.clock.now())
    assert [one.id for one in store.mentions.unassessed(10)] == [waiting.id]
    pipeline.assess(app)
    [routed] = store.mentions.unrouted(10)
    edited("is down again")  # while the rules were applied to the second
    app.triage.take(routed, store.assessments.current([routed.id])[routed.id])
    assert [one.id for one in store.mentions.unassessed(10)] == [waiting.id]
    whole.understand()
    assert len(store.assessments.history(waiting.id)) == 3
    assert count_by_stage(store) == {"routed": 1}
