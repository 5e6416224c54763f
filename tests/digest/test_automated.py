"""An automated reply acknowledges, and answers nobody: it is no first response, and it keeps no promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from responders.digest.document import Line, Table
from responders.digest.records import Answers, Digest
from responders.digest.writing import document
from store.store import Store
from tests.digest.conftest import digest_of
from tests.digest.seed import Seed

START = datetime(2026, 3, 5, tzinfo=UTC)
NOON = START + timedelta(hours=12)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def _answers(store: Store) -> Answers:
    return digest_of(store).answers


def _section(digest: Digest, key: str) -> str:
    (section,) = (section for section in document(digest).sections if section.key == key)
    found = [block.text for block in section.blocks if isinstance(block, Line)]
    for block in section.blocks:
        if isinstance(block, Table):
            found += [cell.text for row in block.rows for cell in row]
    return "\n".join(found)


def test_a_complaint_with_an_automated_reply_is_still_unanswered(store: Store, seed: Seed) -> None:
    seed.reply(seed.case(seed.mention(NOON), due=NOON + HOUR), NOON + 2 * MINUTE, automated=True)
    digest = digest_of(store)
    answers = digest.answers
    assert (answers.waiting_total, answers.overdue_total, answers.first.replies) == (1, 1, 0)
    assert (answers.promise.due, answers.promise.kept, answers.promise.left_out) == (1, 0, 0)
    assert (answers.reply_rate, answers.automated_replies, answers.settled_of_opened) == (0, 1, 0)
    assert [(band.times.replies, band.waiting) for band in answers.bands] == [(0, 1)]
    assert [(row.answered, row.waiting) for row in digest.platforms] == [(0, 1)]
    assert "12:00, acknowledged automatically at 12:02" in _section(digest, "unanswered")


def test_the_first_response_is_the_one_by_an_agent(store: Store, seed: Seed) -> None:
    machine = seed.case(seed.mention(NOON, author="ann"))
    seed.reply(machine, NOON + MINUTE, automated=True)
    seed.reply(machine, NOON + 30 * MINUTE)
    person = seed.case(seed.mention(NOON, author="bob"))
    seed.reply(person, NOON + 11 * MINUTE)
    digest = digest_of(store)
    answers = digest.answers
    assert (answers.first.replies, answers.first.median_seconds) == (2, 1230)
    assert (answers.reply_rate, answers.waiting_total, answers.automated_replies) == (1, 0, 1)
    said = _section(digest, "times")
    assert "2 first responses by agents: median 20 min" in said
    assert "1 automated reply went out on this day, which keeps no promise." in said


def test_an_answer_by_hand_after_an_automated_one_counts(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON))
    seed.reply(case, NOON + MINUTE, automated=True)
    store.cases.set_first_response(case, NOON + HOUR)
    answers = _answers(store)
    assert (answers.first.median_seconds, answers.waiting_total, answers.promise.kept) == (3600, 0, 1)


def test_a_case_that_an_automated_reply_settled_is_neither_answered_nor_unanswered(store: Store, seed: Seed) -> None:
    settled = seed.case(seed.mention(NOON, author="fan", kind="suggestion", complaint=False), due=NOON + HOUR)
    seed.settle(settled, NOON + MINUTE)
    seed.reply(seed.case(seed.mention(NOON, author="ann"), due=NOON + HOUR), NOON + 30 * MINUTE)
    digest = digest_of(store)
    answers = digest.answers
    assert (answers.waiting_total, answers.first.replies, answers.settled_of_opened) == (0, 1, 1)
    assert (answers.opened, answers.answered_of_opened, answers.reply_rate) == (2, 1, 1)
    assert (answers.closed_without_reply, answers.automated_replies) == (0, 1)
    assert (answers.promise.due, answers.promise.kept, answers.promise.left_out) == (1, 1, 1)
    assert "1 of 1 case opened on this day had an agent's reply" in _section(digest, "times")
    assert "Nobody was owed more in 1 case opened on this day: left out above." in _section(digest, "times")


def test_one_that_was_settled_late_has_broken_the_promise(store: Store, seed: Seed) -> None:
    seed.settle(seed.case(seed.mention(NOON, kind="thanks", complaint=False), due=NOON + HOUR), NOON + 2 * HOUR)
    promise = _answers(store).promise
    assert (promise.due, promise.kept, promise.left_out) == (1, 0, 0)


def test_who_complains_after_a_settled_case_is_owed_an_answer_to_that(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON, kind="other", complaint=False), due=NOON + 4 * HOUR)
    seed.settle(case, NOON + MINUTE)
    later = NOON + HOUR
    seed.join(case, seed.mention(later), later)
    seed.event(later, "case.reopened", "rule:complaints", case_id=case)
    answers = _answers(store)
    (waiting,) = answers.waiting
    assert (waiting.since, waiting.again, waiting.acknowledged_at) == (later, False, None)
    assert (answers.settled_of_opened, answers.promise.due, answers.promise.left_out) == (0, 1, 0)


def test_what_a_rule_settled_the_next_day_was_unanswered_on_this_one(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON, kind="suggestion", complaint=False))
    before = _answers(store)
    seed.settle(case, START + 25 * HOUR)
    assert _answers(store) == before
    assert (before.waiting_total, before.automated_replies, before.waiting[0].acknowledged_at) == (1, 0, None)


def test_a_dry_run_of_a_rule_is_no_automated_reply(store: Store, seed: Seed) -> None:
    seed.reply(seed.case(seed.mention(NOON)), NOON + MINUTE, automated=True, dry_run=True)
    answers = _answers(store)
    assert (answers.automated_replies, answers.waiting[0].acknowledged_at) == (0, None)


def test_recovery_is_after_an_agents_reply(store: Store, seed: Seed) -> None:
    for author, automated in (("machine", True), ("person", False)):
        case = seed.case(seed.mention(NOON - 48 * HOUR, author=author))
        seed.reply(case, NOON - 47 * HOUR, automated=automated)
        seed.mention(NOON, author=author, sentiment="positive")
    recovery = digest_of(store).recovery
    assert (recovery.wrote_again, recovery.better) == (1, 1)
