"""Answers: drafts, findings, approval, taking back and giving back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from responders.answers import NotAllowed
from responders.cases import HeldByOther
from store.outbox import AlreadyAnswered
from store.records import CaseStatus, Draft, Mode, OutboxMessage, OutboxState, Platform, Suppression
from tests.responders.scene import COMPLAINT, TO_CARE, Scene


def drafted(scene: Scene, text: str = "We are on it. ^AB", **changed: object) -> Draft:
    agent = scene.agent()
    case = scene.case(**changed)
    draft = scene.answering.draft(case.id, f"agent:{agent.id}")
    return scene.answering.edit(draft.id, agent, text)


def test_a_draft_begins_with_the_template_for_its_kind_signed_by_the_agent(scene: Scene) -> None:
    agent, case = scene.agent(), scene.case()
    draft = scene.answering.draft(case.id, f"agent:{agent.id}")
    assert draft.text == f"Sorry, {case.author.name}. We are on it. ^AB"
    assert (draft.template, draft.mode, draft.mode_reasons) == ("sorry", Mode.AGENT, ())
    assert scene.kinds(case.id) == ["case.opened", "draft.made"]


def test_a_draft_is_kept_until_a_template_is_named(scene: Scene) -> None:
    draft = drafted(scene, "my own words ^AB")
    assert scene.answering.draft(draft.case_id, draft.author).text == "my own words ^AB"
    named = scene.answering.draft(draft.case_id, draft.author, template="thanks")
    assert (named.id, named.template) == (draft.id, "thanks")
    assert named.text.startswith("Thank you")
    with pytest.raises(KeyError):
        scene.answering.draft(draft.case_id, draft.author, template="no such")


def test_a_draft_without_a_fitting_template_is_empty(scene: Scene) -> None:
    case = scene.case(assessment=replace(COMPLAINT, language="fr"), language="fr")
    assert scene.answering.draft(case.id, f"agent:{scene.agent().id}").text == ""


def test_an_agent_may_use_a_template_of_the_brands_language(scene: Scene) -> None:
    case = scene.case(assessment=replace(COMPLAINT, language="fr"), language="fr")
    assert scene.answering.draft(case.id, f"agent:{scene.agent().id}", template="sorry").text.startswith("Sorry")


def test_the_newest_standing_post_of_the_case_is_answered(scene: Scene) -> None:
    first = scene.mention()
    case = scene.cases.open_or_join(first, COMPLAINT, TO_CARE)
    second = scene.mention(
        author=first.post.author, conversation_id=first.post.conversation_id, posted_at=scene.clock.now()
    )
    scene.cases.open_or_join(second, COMPLAINT, TO_CARE)
    assert scene.answering.draft(case.id, f"agent:{scene.agent().id}").mention_id == second.id
    scene.store.database.execute("UPDATE mentions SET deleted_at = ? WHERE id = ?", ("2026-03-02", second.id))
    assert scene.answering.newest(case.id).id == first.id
    scene.store.database.execute("UPDATE mentions SET deleted_at = ? WHERE id = ?", ("2026-03-02", first.id))
    with pytest.raises(NotAllowed, match="deleted"):
        scene.answering.newest(case.id)


def test_a_post_for_hands_only_has_a_draft_that_cannot_be_approved(scene: Scene) -> None:
    draft = drafted(scene, summoned=False)
    assert draft.mode is Mode.BY_HAND
    with pytest.raises(NotAllowed, match="did not mention or quote us") as told:
        scene.answering.approve(draft.id, scene.store.agents.get(1))
    assert told.value.reasons == draft.mode_reasons
    assert scene.store.outbox.of_case(draft.case_id) == []


def test_an_approved_draft_is_held_in_the_outbox(scene: Scene) -> None:
    draft = drafted(scene)
    agent = scene.store.agents.get(1)
    message = scene.answering.approve(draft.id, agent)
    assert (message.state, message.text, message.automated) == (OutboxState.HELD, draft.text, False)
    assert message.held_until == scene.clock.now() + timedelta(seconds=20)
    assert message.approved_by == "agent:1"
    assert scene.store.drafts.of_case(draft.case_id) is None
    assert scene.kinds(draft.case_id)[-1] == "outbox.held"


def test_a_blocked_text_needs_a_reason_that_is_written_down(scene: Scene) -> None:
    draft = drafted(scene, "Call +44 20 7946 0999 ^AB")
    agent = scene.store.agents.get(1)
    assert [finding.rule for finding in scene.answering.findings(draft)] == ["private_data"]
    for override in ("", "  "):
        with pytest.raises(NotAllowed, match="a phone number"):
            scene.answering.approve(draft.id, agent, override=override)
    scene.answering.approve(draft.id, agent, override="it is our public helpline")
    overridden, held = scene.store.events.of_case(draft.case_id)[-2:]
    assert (overridden.kind, overridden.actor) == ("draft.overridden", f"agent:{agent.id}")
    assert overridden.detail == {"guardrails": ["private_data"], "reason": "it is our public helpline"}
    assert (held.kind, held.detail["findings"]) == ("outbox.held", ["private_data"])


def test_a_reason_where_nothing_blocks_overrides_nothing(scene: Scene) -> None:
    draft = drafted(scene, "We are on it. ^AB")
    scene.answering.approve(draft.id, scene.store.agents.get(1), override="to be sure")
    assert "draft.overridden" not in scene.kinds(draft.case_id)


def test_the_operator_says_which_guardrails_block_and_which_warn(scene: Scene) -> None:
    other = scene.with_settings(guardrails={"private_data": "warn", "initials": "block"})
    draft = drafted(other, "Call +44 20 7946 0999")
    agent = other.store.agents.get(1)
    with pytest.raises(NotAllowed, match="not signed") as told:
        other.answering.approve(draft.id, agent)
    assert "phone" not in str(told.value)
    other.answering.approve(other.answering.edit(draft.id, agent, "Call +44 20 7946 0999 ^AB").id, agent)
    assert "draft.overridden" not in other.kinds(draft.case_id)


@pytest.mark.parametrize("text", ["a" * 277 + " ^AB", "   "])
def test_what_the_platform_would_refuse_cannot_be_overridden(scene: Scene, text: str) -> None:
    draft = drafted(scene, text)
    with pytest.raises(NotAllowed):
        scene.answering.approve(draft.id, scene.store.agents.get(1), override="let me")


def test_a_warning_does_not_stop_an_approval(scene: Scene) -> None:
    draft = drafted(scene, "We are on it.")
    assert [finding.level for finding in scene.answering.findings(draft)] == ["warn"]
    assert scene.answering.approve(draft.id, scene.store.agents.get(1)).state is OutboxState.HELD


def test_the_gate_is_asked_again_at_approval(scene: Scene) -> None:
    draft = drafted(scene)
    mention = scene.store.mentions.get(draft.mention_id)
    author = mention.post.author.external_id
    scene.store.suppressions.add(Suppression(Platform.X, author, "they asked us to stop", "daemon", scene.clock.now()))
    with pytest.raises(NotAllowed, match="they asked us to stop"):
        scene.answering.approve(draft.id, scene.store.agents.get(1))


def test_a_draft_for_a_post_that_was_edited_since_must_be_saved_again(scene: Scene) -> None:
    draft = drafted(scene)
    agent = scene.store.agents.get(1)
    mention = scene.store.mentions.get(draft.mention_id)
    scene.clock.advance(minutes=2)
    scene.hear(replace(mention.post, version_id="9001", text="it works again", edited_at=scene.clock.now()))
    with pytest.raises(NotAllowed, match="edited after this answer was begun"):
        scene.answering.approve(draft.id, agent)
    scene.answering.edit(draft.id, agent, draft.text)
    assert scene.answering.approve(draft.id, agent).target_id == "9001"


def test_a_draft_that_was_approved_meanwhile_is_gone(scene: Scene) -> None:
    draft = drafted(scene)
    agent = scene.store.agents.get(1)
    scene.answering.approve(draft.id, agent)
    with pytest.raises(NotAllowed, match="approved meanwhile"):
        scene.answering.approve(draft.id, agent)
    with pytest.raises(NotAllowed, match="approved meanwhile"):
        scene.answering.edit(draft.id, agent, "other words ^AB")


def test_nobody_answers_a_case_that_another_agent_holds(scene: Scene) -> None:
    draft = drafted(scene)
    bob = scene.agent("Bob Carr")
    scene.cases.claim(draft.case_id, bob)
    ana = scene.store.agents.get(1)
    with pytest.raises(HeldByOther, match="Bob Carr"):
        scene.answering.edit(draft.id, ana, "mine")
    with pytest.raises(HeldByOther, match="Bob Carr"):
        scene.answering.approve(draft.id, ana)


def test_promise_4_two_agents_who_approve_at_once_make_one_answer(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    again = scene.answering.draft(message.case_id, message.approved_by)
    assert again.mode is Mode.NEVER
    with pytest.raises(NotAllowed, match="already an answer of ours"):
        scene.answering.approve(again.id, scene.store.agents.get(1))


def test_promise_4_the_database_itself_refuses_a_second_answer(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    key = scene.store.mentions.get(message.mention_id).post.external_id
    with pytest.raises(AlreadyAnswered):
        scene.store.outbox.add(message, key)


def test_a_held_answer_can_be_taken_back_and_is_a_draft_again(scene: Scene) -> None:
    message = scene.approved(scene.agent(), "We are on it. ^AB")
    agent = scene.store.agents.get(1)
    assert scene.answering.take_back(message.id, agent).state is OutboxState.WITHDRAWN
    draft = scene.store.drafts.of_case(message.case_id)
    assert draft is not None
    assert (draft.text, draft.mode) == ("We are on it. ^AB", Mode.AGENT)
    scene.let_go()
    assert not scene.sender.send_one()
    assert scene.x.sent == []
    assert scene.answering.approve(draft.id, agent).state is OutboxState.HELD


def closed(scene: Scene, message: OutboxMessage, pending: bool) -> None:
    """Close a case while its answer can still be taken back, as somebody does who believes that it goes out."""
    close = scene.cases.pending if pending else scene.cases.resolve
    close(message.case_id, scene.store.agents.get(1))


@pytest.mark.parametrize("pending", [False, True])
def test_a_case_that_was_closed_on_an_answer_which_is_taken_back_is_open_again(scene: Scene, pending: bool) -> None:
    message = scene.approved(scene.agent())
    closed(scene, message, pending)
    scene.answering.take_back(message.id, scene.store.agents.get(1))
    assert scene.store.cases.get(message.case_id).status is CaseStatus.OPEN
    assert scene.kinds(message.case_id)[-1] == "case.reopened"


@pytest.mark.parametrize("pending", [False, True])
def test_a_case_that_was_closed_on_an_answer_to_a_post_which_is_edited_is_open_again(
    scene: Scene, pending: bool
) -> None:
    message = scene.approved(scene.agent())
    closed(scene, message, pending)
    scene.answering.post_changed(scene.store.mentions.get(message.mention_id))
    assert scene.store.outbox.get(message.id).state is OutboxState.PARKED
    assert scene.store.cases.get(message.case_id).status is CaseStatus.OPEN
    closed(scene, message, pending)  # in spite of what is parked
    scene.answering.post_changed(scene.store.mentions.get(message.mention_id))
    assert scene.store.cases.get(message.case_id).status is not CaseStatus.OPEN


def test_an_answer_to_a_case_that_was_resolved_meanwhile_is_not_approved(scene: Scene) -> None:
    draft = drafted(scene)
    agent = scene.store.agents.get(1)
    scene.cases.resolve(draft.case_id, agent)
    with pytest.raises(NotAllowed, match="The case is resolved"):
        scene.answering.approve(draft.id, agent)
    scene.cases.reopen(draft.case_id, f"agent:{agent.id}")
    assert scene.answering.approve(draft.id, agent).state is OutboxState.HELD


def test_an_answer_that_left_cannot_be_taken_back(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    scene.let_go()
    scene.sender.send_one()
    with pytest.raises(NotAllowed, match="sent and cannot be taken back"):
        scene.answering.take_back(message.id, scene.store.agents.get(1))


def test_only_what_a_person_must_decide_is_given_back(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    with pytest.raises(NotAllowed, match="only parked and refused"):
        scene.answering.give_back(message.id, scene.store.agents.get(1))


def test_an_answer_by_hand_stops_the_clock(scene: Scene) -> None:
    draft = drafted(scene, summoned=False)
    case = scene.answering.by_hand(draft.case_id, scene.store.agents.get(1))
    assert (case.first_response_at, case.status) == (scene.clock.now(), CaseStatus.PENDING)
    event = next(one for one in scene.store.events.of_case(case.id) if one.kind == "case.answered")
    assert event.detail == {"by_hand": True}
    scene.answering.by_hand(case.id, scene.store.agents.get(1))
    assert (scene.kinds(case.id).count("case.by_hand"), scene.kinds(case.id).count("case.answered")) == (2, 1)
    assert scene.store.drafts.of_case(case.id) is None
