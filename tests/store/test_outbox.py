"""The outbox in the store: one answer for each post, and only the arrows that are drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from store.outbox import ARROWS, AlreadyAnswered
from store.records import (
    Author,
    Case,
    CaseStatus,
    Draft,
    Mode,
    OutboxMessage,
    OutboxState,
    Platform,
    Post,
    Priority,
    Suppression,
)
from store.store import Store
from tests.conftest import FrozenClock

ANN = Author("a1", "ann", "Ann", 5)


@pytest.fixture
def message(store: Store, clock: FrozenClock) -> OutboxMessage:
    """A held answer to a post, as it is before it is stored."""
    now = clock.now()
    post = Post(Platform.X, "100", ANN, "down", now, "100")
    case = Case(
        id=0,
        brand="Brisk",
        platform=Platform.X,
        author=ANN,
        conversation_id="100",
        status=CaseStatus.OPEN,
        queue="care",
        priority=Priority.NORMAL,
        severity=None,
        topic=None,
        opened_at=now,
        first_post_at=now,
        last_activity_at=now,
        due_at=None,
    )
    mention_id = store.mentions.add(post, brand="Brisk", source="test", at=now)
    assert mention_id is not None
    case_id = store.cases.open(mention_id, case)
    return OutboxMessage(
        id=0,
        platform=Platform.X,
        target_id="101",
        mention_id=mention_id,
        case_id=case_id,
        text="We are on it.",
        state=OutboxState.HELD,
        approved_by="agent:1",
        approved_at=now,
        automated=True,
        held_until=now + timedelta(seconds=20),
    )


def put(store: Store, message: OutboxMessage, state: OutboxState = OutboxState.HELD) -> OutboxMessage:
    return store.outbox.get(store.outbox.add(replace(message, state=state), "100"))


def test_a_message_comes_back_as_it_was_stored(store: Store, message: OutboxMessage) -> None:
    kept = put(store, message)
    assert kept == replace(message, id=kept.id)
    assert store.outbox.of_case(message.case_id) == store.outbox.of_mention(message.mention_id) == [kept]
    with pytest.raises(KeyError):
        store.outbox.get(404)


@pytest.mark.parametrize("state", list(OutboxState))
def test_promise_4_while_an_answer_is_on_its_way_or_out_there_is_no_second(
    store: Store, message: OutboxMessage, state: OutboxState
) -> None:
    first = put(store, message, state)
    if state in (OutboxState.REFUSED, OutboxState.WITHDRAWN):
        assert store.outbox.answer_to(Platform.X, "100") is None
        assert put(store, message).id != first.id
    else:
        assert store.outbox.answer_to(Platform.X, "100") == first
        assert store.outbox.answer_to(Platform.X, "100", but=first.id) is None
        with pytest.raises(AlreadyAnswered):
            put(store, message)


def test_after_a_dry_run_a_post_may_still_be_answered(store: Store, message: OutboxMessage) -> None:
    first = put(store, message, OutboxState.SENDING)
    assert store.outbox.move(first, OutboxState.SENT, dry_run=True)
    assert store.outbox.answer_to(Platform.X, "100") is None
    put(store, message)


@pytest.mark.parametrize("come_from", list(OutboxState))
@pytest.mark.parametrize("to", list(OutboxState))
def test_a_message_moves_along_the_arrows_only(
    store: Store, message: OutboxMessage, come_from: OutboxState, to: OutboxState
) -> None:
    kept = put(store, message, come_from)
    if to in ARROWS[come_from]:
        assert store.outbox.move(kept, to, reason="why")
        assert (store.outbox.get(kept.id).state, store.outbox.get(kept.id).reason) == (to, "why")
        assert store.outbox.count_by_state() == {to.value: 1}
    else:
        with pytest.raises(ValueError, match=f"from {come_from} to {to}"):
            store.outbox.move(kept, to)
        assert store.outbox.get(kept.id) == kept


def test_of_two_that_move_a_message_one_wins(store: Store, message: OutboxMessage) -> None:
    kept = put(store, message)
    assert store.outbox.move(kept, OutboxState.WITHDRAWN)
    assert not store.outbox.move(kept, OutboxState.QUEUED)
    assert store.outbox.get(kept.id).state is OutboxState.WITHDRAWN


def test_what_waits_for_a_time_is_left_alone_until_then(
    store: Store, message: OutboxMessage, clock: FrozenClock
) -> None:
    kept = put(store, message)
    assert store.outbox.hold_over(clock.now() + timedelta(seconds=19)) == []
    assert store.outbox.hold_over(clock.now() + timedelta(seconds=20)) == [kept]
    store.outbox.move(kept, OutboxState.QUEUED)
    queued = store.outbox.get(kept.id)
    assert store.outbox.next_queued(clock.now()) == queued
    later = clock.now() + timedelta(minutes=1)
    store.outbox.postpone(queued, later, "patience")
    assert store.outbox.next_queued(clock.now()) is None
    waiting = store.outbox.next_queued(later)
    assert waiting is not None
    assert waiting.reason == "patience"


def test_looks_for_an_uncertain_answer_are_counted_and_apart(
    store: Store, message: OutboxMessage, clock: FrozenClock
) -> None:
    kept = put(store, message, OutboxState.UNCERTAIN)
    assert store.outbox.to_settle(clock.now()) == [kept]
    store.outbox.looked_for(kept, clock.now() + timedelta(seconds=90))
    assert store.outbox.to_settle(clock.now()) == []
    clock.advance(seconds=90)
    assert [one.settle_checks for one in store.outbox.to_settle(clock.now())] == [1]


def test_every_attempt_is_kept(store: Store, message: OutboxMessage, clock: FrozenClock) -> None:
    kept = put(store, message)
    first = store.outbox.start_delivery(kept.id, clock.now())
    assert [(one.outcome, one.finished_at) for one in store.outbox.deliveries(kept.id)] == [(None, None)]
    store.outbox.finish_delivery(first, "postponed", clock.now(), "patience")
    store.outbox.start_delivery(kept.id, clock.now())
    assert [(one.outcome, one.detail) for one in store.outbox.deliveries(kept.id)] == [
        ("postponed", "patience"),
        (None, ""),
    ]


def test_what_the_gate_asks_about_automation(store: Store, message: OutboxMessage, clock: FrozenClock) -> None:
    kept, now = put(store, message), clock.now()
    outbox, hour_ago = store.outbox, now - timedelta(hours=1)
    assert outbox.automated_since(Platform.X, hour_ago) == 1
    assert outbox.automated_since(Platform.X, now + timedelta(seconds=1)) == 0
    assert outbox.automated_since(Platform.REDDIT, hour_ago) == 0
    assert outbox.automated_since(Platform.X, hour_ago, but=kept.id) == 0
    assert outbox.last_automated_to(Platform.X, "a1") == now
    assert outbox.last_automated_to(Platform.X, "a2") is None
    assert outbox.last_automated_to(Platform.X, "a1", but=kept.id) is None
    assert outbox.automated_in(Platform.X, "a1", "100") == 1
    assert outbox.automated_in(Platform.X, "a1", "200") == 0
    assert outbox.in_conversation(Platform.X, "100") == 1
    assert outbox.in_conversation(Platform.X, "100", but=kept.id) == 0
    assert outbox.texts_since(Platform.X, hour_ago) == ["We are on it."]
    outbox.move(kept, OutboxState.WITHDRAWN)
    assert outbox.automated_since(Platform.X, hour_ago) == outbox.in_conversation(Platform.X, "100") == 0
    assert outbox.texts_since(Platform.X, hour_ago) == []


def test_a_dry_run_counts_for_nothing_that_the_gate_asks(store: Store, message: OutboxMessage) -> None:
    before = message.approved_at - timedelta(hours=1)
    outbox = store.outbox
    sending = put(store, message, OutboxState.SENDING)
    assert outbox.automated_since(Platform.X, before) == 1
    outbox.move(sending, OutboxState.SENT, dry_run=True)
    assert outbox.automated_since(Platform.X, before) == 0
    assert outbox.last_automated_to(Platform.X, "a1") is None
    assert outbox.automated_in(Platform.X, "a1", "100") == 0
    assert outbox.in_conversation(Platform.X, "100") == 0
    assert outbox.texts_since(Platform.X, before) == []


def test_our_own_posts_are_known_again(store: Store, message: OutboxMessage, clock: FrozenClock) -> None:
    kept = put(store, message, OutboxState.SENDING)
    store.outbox.move(kept, OutboxState.SENT, external_id="555", sent_at=clock.now())
    assert store.outbox.is_ours(Platform.X, "555")
    assert not store.outbox.is_ours(Platform.REDDIT, "555")
    assert not store.outbox.is_ours(Platform.X, "556")


def test_an_edit_that_came_later_is_noticed(store: Store, message: OutboxMessage, clock: FrozenClock) -> None:
    before = clock.now()
    clock.advance(minutes=1)
    edited = Post(Platform.X, "100", ANN, "fine", before, "100", version_id="102", edited_at=clock.now())
    store.mentions.add(edited, brand="Brisk", source="test", at=clock.now())
    assert store.outbox.replaced_since(message.mention_id, before)
    assert not store.outbox.replaced_since(message.mention_id, clock.now())


def test_a_mention_has_one_draft_that_is_written_over(store: Store, message: OutboxMessage, clock: FrozenClock) -> None:
    draft = Draft(
        id=0,
        case_id=message.case_id,
        mention_id=message.mention_id,
        text="first",
        template="sorry",
        author="agent:1",
        mode=Mode.AGENT,
        mode_reasons=("Because.", "Über alles."),
        updated_at=clock.now(),
    )
    kept = store.drafts.put(draft)
    assert kept == replace(draft, id=kept.id)
    again = store.drafts.put(replace(draft, text="second"))
    assert (again.id, again.text) == (kept.id, "second")
    assert store.drafts.of_case(message.case_id) == store.drafts.of_mention(message.mention_id) == again
    store.drafts.remove_of_case(message.case_id)
    assert store.drafts.of_case(message.case_id) is None
    with pytest.raises(KeyError):
        store.drafts.get(again.id)


def test_the_first_reason_for_a_suppression_stays(store: Store, clock: FrozenClock) -> None:
    asked = Suppression(Platform.X, "a1", "they asked us to stop", "daemon", clock.now())
    assert store.suppressions.add(asked)
    assert not store.suppressions.add(replace(asked, reason="another"))
    assert store.suppressions.get(Platform.X, "a1") == asked
    assert store.suppressions.get(Platform.REDDIT, "a1") is None
