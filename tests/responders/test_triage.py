"""Triage: one mention, one transaction: the decision, the case, the reply by template."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from responders.templates import load_templates
from responders.triage import Triage
from store.cases import CaseFilter
from store.records import Action, CaseStatus, Kind, Mention, Mode, OutboxState, Platform, Priority, Severity
from tests.responders.scene import COMPLAINT, DISCLOSED, THANKS, Scene, write_template
from tests.stored import count_by_stage

CHATTER = replace(THANKS, kind=Kind.OTHER)


def test_a_complaint_becomes_a_case_and_its_decision_is_kept(scene: Scene) -> None:
    mention = scene.mention()
    decision = scene.take(mention)
    assert (decision.action, decision.rule) == (Action.QUEUE, "complaint")
    assert scene.store.assessments.decision(mention.id) == decision
    case = scene.store.cases.of_mention(mention.id)
    assert case is not None
    assert case.queue == "care"
    assert scene.store.mentions.unrouted(10) == []


def test_what_a_rule_ignores_makes_no_case(scene: Scene) -> None:
    mention = scene.mention("nice weather, Brisk", CHATTER)
    assert scene.take(mention).action is Action.IGNORE
    assert scene.store.cases.of_mention(mention.id) is None


def test_a_critical_post_is_escalated(scene: Scene) -> None:
    mention = scene.mention(assessment=replace(COMPLAINT, severity=Severity.CRITICAL))
    assert scene.take(mention).action is Action.ESCALATE
    case = scene.store.cases.of_mention(mention.id)
    assert case is not None
    assert (case.queue, case.priority) == ("urgent care", Priority.URGENT)


def test_thanks_to_us_are_answered_with_the_template(scene: Scene) -> None:
    mention = scene.mention("thank you Brisk", THANKS)
    scene.take(mention)
    (message,) = scene.store.outbox.of_mention(mention.id)
    assert (message.state, message.automated, message.approved_by) == (OutboxState.HELD, True, "rule:thanks")
    assert message.text == f"Thank you, {mention.post.author.name}! {DISCLOSED}"


def test_where_the_gate_objects_a_person_gets_a_draft(scene: Scene) -> None:
    mention = scene.mention("thank you Brisk, the hospital has its line back", THANKS)
    scene.take(mention)
    assert scene.store.outbox.of_mention(mention.id) == []
    draft = scene.store.drafts.of_mention(mention.id)
    assert draft is not None
    assert (draft.author, draft.template, draft.mode) == ("rule:thanks", "thanks", Mode.AGENT)
    assert draft.mode_reasons == ("The post touches a subject that only a person may answer.",)


def test_thanks_in_a_language_without_a_template_go_to_a_person(scene: Scene) -> None:
    mention = scene.mention("danke Brisk", replace(THANKS, language="de"), language="de")
    scene.take(mention)
    draft = scene.store.drafts.of_mention(mention.id)
    assert draft is not None
    assert (draft.text, draft.template) == ("", None)
    assert "language of the post (de)" in draft.mode_reasons[0]


def test_a_second_thanks_in_the_conversation_gets_no_second_template(scene: Scene) -> None:
    first = scene.mention("thank you Brisk", THANKS)
    scene.take(first)
    scene.clock.advance(days=1)
    again = scene.mention(
        "thanks again Brisk", THANKS, author=first.post.author, conversation_id=first.post.conversation_id
    )
    scene.take(again)
    assert scene.store.outbox.of_mention(again.id) == []
    draft = scene.store.drafts.of_mention(again.id)
    assert draft is not None
    assert draft.mode_reasons[0] == "The author has had an automated reply in this conversation."


def test_promise_4_two_posts_hear_different_words_and_the_last_variant_is_not_said_twice(
    scene: Scene, tmp_path: Path
) -> None:
    write_template(tmp_path / "many", "thanks", f"One. {DISCLOSED}\n***\nTwo. {DISCLOSED}\n***\nThree. {DISCLOSED}")
    several = Scene(scene.store, scene.clock, scene.settings, load_templates(tmp_path / "many", scene.settings))
    mentions = [several.mention("thank you Brisk", THANKS) for _ in range(4)]
    for mention in mentions:
        several.take(mention)
    texts = [message.text for mention in mentions for message in several.store.outbox.of_mention(mention.id)]
    assert len(set(texts)) == len(texts) == 3
    draft = several.store.drafts.of_mention(mentions[-1].id)
    assert draft is not None
    assert "The same words were sent to somebody else lately; write them anew." in draft.mode_reasons


def test_a_replayed_thanks_is_never_answered(scene: Scene) -> None:
    mention = scene.mention("thank you Brisk", THANKS, replayed=True)
    assert scene.take(mention).action is Action.QUEUE
    assert scene.store.outbox.of_mention(mention.id) == []


def test_a_follow_up_joins_its_authors_case_even_when_a_rule_ignores_it(scene: Scene) -> None:
    first = scene.mention()
    scene.take(first)
    case = scene.store.cases.of_mention(first.id)
    assert case is not None
    scene.cases.resolve(case.id, scene.agent())
    same = {"author": first.post.author, "conversation_id": first.post.conversation_id}
    scene.take(scene.mention("cheers", replace(THANKS, kind=Kind.PRAISE), **same))
    assert scene.store.cases.get(case.id).status is CaseStatus.RESOLVED
    scene.take(scene.mention("well, it went again", CHATTER, **same))
    assert scene.store.cases.get(case.id).status is CaseStatus.OPEN
    assert len(scene.store.mentions.of_case(case.id)) == 3
    assert scene.store.cases.count(CaseFilter()) == 1


def test_whoever_says_stop_is_never_written_to_again(scene: Scene) -> None:
    mention = scene.mention("@BriskCare stop", THANKS)
    decision = scene.take(mention)
    assert (decision.rule, decision.action) == ("opt-out", Action.IGNORE)
    assert scene.store.outbox.of_mention(mention.id) == []
    found = scene.store.suppressions.get(Platform.X, mention.post.author.external_id)
    assert found is not None
    assert found.reason == "they asked us to stop"
    assert scene.store.events.of_mention(mention.id)[-1].kind == "author.suppressed"
    later = scene.mention("Brisk thank you", THANKS, author=mention.post.author)
    scene.take(later)
    draft = scene.store.drafts.of_mention(later.id)
    assert draft is not None
    assert draft.mode is Mode.NEVER


def test_a_complaint_that_asks_us_to_stop_is_read_by_a_person_and_not_answered(scene: Scene) -> None:
    mention = scene.mention("@BriskCare no heating for 5 days. Stop replying to me with templates!", COMPLAINT)
    decision = scene.take(mention)
    assert (decision.rule, decision.action) == ("opt-out", Action.QUEUE)
    assert scene.store.cases.of_mention(mention.id) is not None
    assert scene.store.suppressions.get(Platform.X, mention.post.author.external_id) is not None


def test_stop_under_our_own_reply_counts_without_a_summons(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    scene.let_go()
    scene.sender.send_one()
    sent = scene.store.outbox.get(message.id)
    author = scene.store.mentions.get(message.mention_id).post.author
    same = {"author": author, "summoned": False}
    assert scene.take(scene.mention("stop", CHATTER, in_reply_to=sent.external_id, **same)).rule == "opt-out"


def test_stop_said_to_somebody_else_is_none_of_our_business(scene: Scene) -> None:
    mention = scene.mention("stop", CHATTER, summoned=False, in_reply_to="77")
    assert scene.take(mention).rule == "rest"
    assert scene.store.suppressions.get(Platform.X, mention.post.author.external_id) is None


def edited(scene: Scene, mention: Mention, text: str = "Brisk, it burns!") -> Mention:
    """The mention after the collector met an edit of its post that keeps the id, as on Reddit."""
    scene.clock.advance(seconds=1)
    return scene.hear(replace(mention.post, text=text, edited_at=scene.clock.now()))


def test_a_mention_that_another_run_has_routed_is_left_alone(scene: Scene) -> None:
    mention = scene.mention("thank you Brisk", THANKS)
    scene.take(mention)
    assert scene.triage.take(mention, THANKS) is None
    (message,) = scene.store.outbox.of_mention(mention.id)
    assert message.state is OutboxState.HELD
    assert scene.store.database.value("SELECT count(*) FROM decisions") == 1


@pytest.mark.parametrize("assessed", [True, False])
def test_a_text_that_was_edited_meanwhile_is_not_routed(scene: Scene, assessed: bool) -> None:
    """What was waiting to be routed is the old text; the new one waits for its own assessment and its own turn."""
    mention = scene.mention("thank you Brisk", THANKS)
    changed = edited(scene, mention)
    if assessed:
        with scene.store.transaction():
            scene.store.assessments.add([(changed, COMPLAINT)], scene.clock.now())
    assert scene.triage.take(mention, THANKS) is None
    assert scene.store.assessments.decision(mention.id) is None
    assert scene.store.outbox.of_mention(mention.id) == []
    assert count_by_stage(scene.store) == {"assessed" if assessed else "collected": 1}


def test_a_post_that_was_deleted_meanwhile_is_not_routed(scene: Scene) -> None:
    mention = scene.mention()
    with scene.store.transaction():
        scene.store.deletions.empty_mention(mention.id, scene.clock.now(), "deleted")
    assert scene.triage.take(mention, COMPLAINT) is None
    assert scene.store.cases.count(CaseFilter()) == 0


def test_an_edited_post_parks_the_answer_that_was_on_its_way(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    mention = scene.store.mentions.get(message.mention_id)
    scene.take(mention)
    changed = edited(scene, mention)
    with scene.store.transaction():
        scene.store.assessments.add([(changed, COMPLAINT)], scene.clock.now())
    scene.take(changed)
    held = scene.store.outbox.get(message.id)
    assert held.state is OutboxState.PARKED
    assert held.reason == "The post was edited after the answer was approved."


def test_an_edited_post_marks_its_draft(scene: Scene) -> None:
    mention = scene.mention()
    scene.take(mention)
    case = scene.store.cases.of_mention(mention.id)
    assert case is not None
    agent = scene.agent()
    draft = scene.answering.draft(case.id, f"agent:{agent.id}")
    edited = replace(
        mention.post,
        version_id="9001",
        text="Brisk, it works again",
        edited_at=scene.clock.now() + timedelta(minutes=1),
    )
    scene.clock.advance(minutes=2)
    scene.hear(edited)
    changed = scene.store.mentions.get(mention.id)
    with scene.store.transaction():
        scene.store.assessments.add([(changed, COMPLAINT)], scene.clock.now())
    scene.take(changed)
    marked = scene.store.drafts.get(draft.id)
    assert marked.mode_reasons[0].startswith("The post was edited after this answer was begun; read it again, and save")
    assert scene.store.mentions.unrouted(10) == []


def test_a_batch_is_routed_together(scene: Scene) -> None:
    batch = [(scene.mention(), COMPLAINT), (scene.mention("thank you Brisk", THANKS), THANKS)]
    scene.triage.take_all(batch)
    assert scene.store.mentions.unrouted(10) == []
    assert scene.store.cases.count(CaseFilter()) == 2


def test_a_crash_leaves_a_mention_untouched_or_wholly_routed(scene: Scene) -> None:
    class Crashing(Triage):
        def _case(self, *args: object) -> None:
            raise RuntimeError("crash")

    mention = scene.mention()
    crashing = Crashing(scene.store, scene.settings, scene.clock, scene.answering, scene.cases)
    with pytest.raises(RuntimeError):
        crashing.take(mention, COMPLAINT)
    assert scene.store.assessments.decision(mention.id) is None
    assert [one.id for one in scene.store.mentions.unrouted(10)] == [mention.id]
