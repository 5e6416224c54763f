"""The sender: at most once, whatever happens, and never past the gate."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

import responders.outbox
from config.errors import (
    BudgetSpent,
    CredentialsRefused,
    PlatformUnavailable,
    PostRefused,
    PostUncertain,
    RateLimited,
    StoreError,
)
from frankly import pipeline
from responders.outbox import Sender
from responders.pausing import pause_sending, resume_sending
from store.outbox import ARROWS
from store.records import CaseStatus, OutboxState, Platform
from tests.responders.outgoing import outcomes, ready, state
from tests.responders.scene import THANKS, Scene


class Killed(BaseException):
    """The process ends here."""


def test_the_drawing_of_the_states_is_what_the_store_allows() -> None:
    drawn: dict[OutboxState, set[OutboxState]] = {one: set() for one in OutboxState}
    for line in (responders.outbox.__doc__ or "").splitlines():
        match = re.match(r" +(\w+) +-> ([\w, ]*?)(?:  |$)", line)
        if match:
            drawn[OutboxState(match[1])] = {OutboxState(name) for name in match[2].split(", ")}
    assert drawn == {one: set(ARROWS[one]) for one in OutboxState}
    assert sum(map(len, drawn.values())) == 15


def test_an_approved_answer_is_sent_once_under_its_post(scene: Scene) -> None:
    message = ready(scene)
    assert message.state is OutboxState.QUEUED
    assert scene.sender.send_one()
    assert not scene.sender.send_one()
    sent = scene.store.outbox.get(message.id)
    assert (sent.state, sent.external_id, sent.sent_at) == (OutboxState.SENT, "ours-1", scene.clock.now())
    assert [(one.target_id, one.text) for one in scene.x.sent] == [(message.target_id, message.text)]
    assert outcomes(scene, message) == ["sent"]


def test_the_first_delivered_reply_stops_the_clock_and_waits_for_the_customer(scene: Scene) -> None:
    message = ready(scene)
    scene.sender.send_one()
    case = scene.store.cases.get(message.case_id)
    assert (case.first_response_at, case.status) == (scene.clock.now(), CaseStatus.PENDING)
    assert scene.kinds(case.id)[-5:] == [
        "outbox.queued",
        "outbox.sending",
        "outbox.sent",
        "case.answered",
        "case.pending",
    ]


def test_nothing_leaves_before_its_hold_is_over(scene: Scene) -> None:
    scene.approved(scene.agent())
    scene.clock.advance(seconds=19)
    assert scene.sender.release_held() == 0
    assert not scene.sender.send_one()
    scene.clock.advance(seconds=1)
    assert scene.sender.release_held() == 1


def test_promise_4_the_intent_is_on_disk_before_the_request_leaves(scene: Scene) -> None:
    message = ready(scene)
    seen: list[object] = []

    def while_sending() -> None:
        assert not scene.store.database.tables.conn.in_transaction
        seen.append(state(scene, message))
        seen.append(outcomes(scene, message))

    scene.x.before_answer = while_sending
    scene.sender.send_one()
    assert seen == [OutboxState.SENDING, [None]]


@pytest.mark.parametrize("arrived", [True, False])
def test_promise_4_it_does_not_send_twice_after_a_crash(scene: Scene, arrived: bool) -> None:
    message = ready(scene)
    started_at = scene.clock.now()

    class Dying(Sender):
        """Dies between the request and writing down its result."""

        def _sent(self, *args: object) -> None:
            raise Killed

    with pytest.raises(Killed):
        Dying(scene.store, scene.settings, scene.clock, {Platform.X: scene.x}).send_one()
    assert state(scene, message) is OutboxState.SENDING
    if not arrived:
        scene.x.replies.clear()
    assert scene.sender.recover() == 1
    assert not scene.sender.send_one()
    assert scene.sender.settle() == 0  # not yet: what was just posted is not listed at once
    for _ in range(2):
        scene.clock.advance(seconds=90)
        scene.sender.settle()
        assert not scene.sender.send_one()
    assert len(scene.x.sent) == 1
    settled = scene.store.outbox.get(message.id)
    if arrived:
        assert (settled.state, settled.external_id, settled.sent_at) == (OutboxState.SENT, "ours-1", started_at)
        assert scene.store.cases.get(message.case_id).first_response_at == started_at
    else:
        assert (settled.state, settled.settle_checks) == (OutboxState.PARKED, 2)
        assert "looked for 2 times" in settled.reason
        assert scene.store.cases.get(message.case_id).first_response_at is None


def test_promise_4_a_result_that_could_not_be_written_down_is_looked_for_by_the_next_run(scene: Scene) -> None:
    message = ready(scene)

    class Full(Sender):
        """Has no room on the disk for the result."""

        def _sent(self, *args: object) -> None:
            raise StoreError("the disk is full")

    with pytest.raises(StoreError):
        pipeline.send(Full(scene.store, scene.settings, scene.clock, {Platform.X: scene.x}))
    assert state(scene, message) is OutboxState.SENDING
    assert pipeline.send(scene.sender) == 0
    assert state(scene, message) is OutboxState.UNCERTAIN
    scene.clock.advance(seconds=90)
    pipeline.send(scene.sender)
    assert state(scene, message) is OutboxState.SENT
    assert len(scene.x.sent) == 1


@pytest.mark.parametrize("trouble", [PostUncertain("time-out"), Killed(), RuntimeError("a defect")])
def test_promise_4_whatever_is_unknown_is_uncertain(scene: Scene, trouble: Exception) -> None:
    message = ready(scene)
    scene.x.trouble = [trouble]
    if isinstance(trouble, PostUncertain):
        assert scene.sender.send_one()
    else:
        with pytest.raises(type(trouble)):
            scene.sender.send_one()
    assert state(scene, message) is OutboxState.UNCERTAIN
    assert not scene.sender.send_one()
    scene.clock.advance(seconds=90)
    assert scene.sender.settle() == 1
    assert state(scene, message) is OutboxState.SENT
    assert outcomes(scene, message) == ["sent"]


def test_an_uncertain_answer_is_not_given_up_while_the_platform_cannot_be_asked(scene: Scene) -> None:
    message = ready(scene)
    scene.x.trouble = [PostUncertain("the connection broke")]
    scene.sender.send_one()
    scene.x.look_trouble = PlatformUnavailable("X cannot be reached")
    for _ in range(5):
        scene.clock.advance(minutes=2)
        assert scene.sender.settle() == 0
    waiting = scene.store.outbox.get(message.id)
    assert (waiting.state, waiting.settle_checks, waiting.reason) == (OutboxState.UNCERTAIN, 0, "the connection broke")
    scene.x.look_trouble = None
    scene.clock.advance(minutes=2)
    assert scene.sender.settle() == 1


def test_a_refused_answer_keeps_the_platforms_words_and_can_be_written_anew(scene: Scene) -> None:
    message = ready(scene)
    scene.x.trouble, scene.x.arrives = [PostRefused("X refused", detail="403: not allowed to reply")], False
    scene.sender.send_one()
    refused = scene.store.outbox.get(message.id)
    assert (refused.state, refused.reason) == (OutboxState.REFUSED, "403: not allowed to reply")
    draft = scene.answering.give_back(message.id, scene.store.agents.get(1))
    assert draft.text == message.text
    assert scene.store.cases.get(message.case_id).status is CaseStatus.OPEN


@pytest.mark.parametrize("trouble", [PostRefused("X refused", detail="403: not allowed"), PostUncertain("time-out")])
def test_a_case_that_was_closed_on_an_answer_that_did_not_go_out_opens_again(scene: Scene, trouble: Exception) -> None:
    message = ready(scene)
    scene.cases.resolve(message.case_id, scene.store.agents.get(1))
    scene.x.trouble, scene.x.arrives = [trouble], False
    scene.sender.send_one()
    for _ in range(2):
        scene.clock.advance(seconds=90)
        scene.sender.settle()
    assert state(scene, message) in (OutboxState.REFUSED, OutboxState.PARKED)
    assert scene.store.cases.get(message.case_id).status is CaseStatus.OPEN


def test_a_case_of_which_no_post_stands_is_not_opened_by_an_answer_that_did_not_go_out(scene: Scene) -> None:
    message = ready(scene)
    scene.x.trouble, scene.x.arrives = [PostUncertain("time-out")], False
    scene.sender.send_one()
    with scene.store.transaction():
        scene.store.deletions.empty_mention(message.mention_id, scene.clock.now(), "deleted")
    for _ in range(2):
        scene.clock.advance(seconds=90)
        scene.sender.settle()
    assert state(scene, message) is OutboxState.PARKED
    assert scene.store.cases.get(message.case_id).status is CaseStatus.RESOLVED


def test_a_snooze_after_the_approval_outlasts_the_delivery(scene: Scene) -> None:
    message = scene.approved(scene.agent())
    tomorrow = scene.clock.now() + timedelta(days=1)
    scene.cases.snooze(message.case_id, scene.store.agents.get(1), tomorrow)
    scene.let_go()
    scene.sender.send_one()
    case = scene.store.cases.get(message.case_id)
    assert (case.status, case.snoozed_until) == (CaseStatus.SNOOZED, tomorrow)
    assert case.first_response_at is not None
    scene.clock.advance(days=1)
    assert scene.cases.wake_snoozed() == 1


def test_a_parked_answer_can_be_given_back_and_approved_again(scene: Scene) -> None:
    message = ready(scene)
    scene.x.trouble, scene.x.arrives = [PostUncertain("time-out")], False
    scene.sender.send_one()
    for _ in range(2):
        scene.clock.advance(seconds=90)
        scene.sender.settle()
    agent = scene.store.agents.get(1)
    draft = scene.answering.give_back(message.id, agent)
    assert state(scene, message) is OutboxState.WITHDRAWN
    scene.answering.approve(draft.id, agent)
    scene.let_go()
    scene.sender.send_one()
    assert len(scene.x.replies) == 1


@pytest.mark.parametrize("where", ["look", "send"])
@pytest.mark.parametrize(
    "trouble",
    [PlatformUnavailable("cannot be reached"), CredentialsRefused("bad keys"), BudgetSpent("nothing left today")],
)
def test_what_did_not_leave_waits_and_is_sent_later(scene: Scene, trouble: Exception, where: str) -> None:
    message = ready(scene)
    if where == "look":
        scene.x.look_trouble = trouble
    else:
        scene.x.trouble, scene.x.arrives = [trouble], False
    assert scene.sender.send_one()
    waiting = scene.store.outbox.get(message.id)
    assert (waiting.state, waiting.reason) == (OutboxState.QUEUED, str(trouble))
    assert not scene.sender.send_one()
    assert scene.kinds(message.case_id)[-1] == "outbox.postponed"
    scene.x.look_trouble = None
    scene.clock.advance(minutes=1)
    assert scene.sender.send_one()
    assert state(scene, message) is OutboxState.SENT


@pytest.mark.parametrize("as_refusal", [True, False])
def test_patience_lasts_until_the_moment_the_platform_names(scene: Scene, as_refusal: bool) -> None:
    message = ready(scene)
    retry_at = scene.clock.now() + timedelta(minutes=9)
    error = PostRefused("slow down", "RATELIMIT", retry_at) if as_refusal else RateLimited("slow down", retry_at)
    scene.x.trouble, scene.x.arrives = [error], False
    scene.sender.send_one()
    scene.clock.advance(minutes=8)
    assert not scene.sender.send_one()
    scene.clock.advance(minutes=1)
    assert scene.sender.send_one()
    assert outcomes(scene, message) == ["postponed", "sent"]


def test_waiting_for_the_same_reason_is_told_once(scene: Scene) -> None:
    message = ready(scene)
    scene.x.look_trouble = PlatformUnavailable("cannot be reached")
    for _ in range(5):
        scene.sender.send_one()
        scene.clock.advance(minutes=1)
    assert scene.kinds(message.case_id).count("outbox.postponed") == 1


def test_one_waiting_answer_does_not_keep_the_others(scene: Scene) -> None:
    waiting = ready(scene)
    scene.x.trouble, scene.x.arrives = [PlatformUnavailable("cannot be reached")], False
    other = scene.approved(scene.agent("Bob Carr"), "Another one. ^BC")
    scene.let_go()
    scene.sender.send_one()
    scene.sender.send_one()
    assert (state(scene, waiting), state(scene, other)) == (OutboxState.QUEUED, OutboxState.SENT)


def test_promise_5_a_dry_run_sends_nothing_and_is_no_response(scene: Scene) -> None:
    dry = scene.with_settings(platforms={"x": {"sending": "dry_run"}})
    message = ready(dry)
    assert dry.sender.send_one()
    done = dry.store.outbox.get(message.id)
    assert (done.state, done.dry_run, done.external_id) == (OutboxState.SENT, True, None)
    assert dry.x.sent == []
    assert outcomes(dry, message) == ["dry_run"]
    case = dry.store.cases.get(message.case_id)
    assert (case.first_response_at, case.status) == (None, CaseStatus.OPEN)
    agent = dry.store.agents.get(1)
    again = dry.answering.draft(case.id, "agent:1")
    dry.answering.edit(again.id, agent, "For real now. ^AB")
    assert dry.answering.approve(again.id, agent).state is OutboxState.HELD


def test_promise_5_what_was_tried_dry_does_not_stand_in_the_way_of_real_answers(scene: Scene) -> None:
    dry = scene.with_settings(platforms={"x": {"sending": "dry_run"}})
    tried = dry.mention("thank you Brisk", THANKS)
    dry.take(tried)
    dry.let_go()
    assert dry.sender.send_one()
    live = dry.with_settings()
    again = live.mention(
        "thanks again Brisk", THANKS, author=tried.post.author, conversation_id=tried.post.conversation_id
    )
    live.take(again)
    live.let_go()
    assert live.sender.send_one()
    assert [one.target_id for one in live.x.sent] == [again.post.reply_target]


def test_promise_5_a_dry_run_goes_through_the_same_gate(scene: Scene) -> None:
    dry = scene.with_settings(platforms={"x": {"sending": "dry_run"}})
    message = ready(dry)
    dry.x.posts.clear()
    dry.sender.send_one()
    assert state(dry, message) is OutboxState.WITHDRAWN


def test_a_dry_run_works_without_credentials_and_sending_waits_for_them(scene: Scene) -> None:
    dry = scene.with_settings(platforms={"x": {"sending": "dry_run"}})
    message = ready(scene)
    assert Sender(scene.store, scene.settings, scene.clock, {}).send_one()
    assert state(scene, message) is OutboxState.QUEUED
    scene.clock.advance(minutes=1)
    Sender(scene.store, dry.settings, scene.clock, {}).send_one()
    assert scene.store.outbox.get(message.id).dry_run


def test_promise_5_a_pause_stops_what_is_queued(scene: Scene) -> None:
    message = ready(scene)
    pause_sending(scene.store, scene.clock, "operator", "storm of complaints")
    assert not scene.sender.send_one()
    assert scene.x.sent == []
    resume_sending(scene.store, scene.clock, "operator")
    assert scene.sender.send_one()
    assert state(scene, message) is OutboxState.SENT


def test_promise_5_a_pause_that_comes_during_the_last_look_still_stops_the_request(scene: Scene) -> None:
    message = ready(scene)

    class PausingChannel(type(scene.x)):
        def find_reply(self, *args: object) -> None:
            pause_sending(scene.store, scene.clock, "operator", "wait")

    channel = PausingChannel(Platform.X, scene.clock, scene.x.posts)
    Sender(scene.store, scene.settings, scene.clock, {Platform.X: channel}).send_one()
    assert channel.sent == []
    assert state(scene, message) is OutboxState.QUEUED
