"""Cases in the store: the order of work, the filters, and the claim that only one can win."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from store.cases import CaseFilter
from store.records import Author, Case, CaseStatus, Platform, Post, Priority, Role, Severity
from store.store import Store
from tests.conftest import FrozenClock


class Cases:
    """Makes cases that differ in what a test cares about."""

    def __init__(self, store: Store, clock: FrozenClock) -> None:
        self.store, self.clock, self.made = store, clock, 0

    def __call__(self, brand: str = "Brisk", platform: Platform = Platform.X, **changed: object) -> Case:
        self.made += 1
        key, now = str(self.made), self.clock.now()
        post = Post(platform, key, Author(key, f"user{key}", "", 5), "down", now, key)
        new = Case(
            id=0,
            brand=brand,
            platform=platform,
            author=post.author,
            conversation_id=key,
            status=CaseStatus.OPEN,
            queue="care",
            priority=Priority.NORMAL,
            severity=Severity.LOW,
            topic="outage",
            opened_at=now,
            first_post_at=now,
            last_activity_at=now,
            due_at=now + timedelta(hours=4),
        )
        with self.store.transaction():
            mention_id = self.store.mentions.add(post, brand=brand, source="test", at=now)
            assert mention_id is not None
            return self.store.cases.get(self.store.cases.open(mention_id, replace(new, **changed)))


@pytest.fixture
def make(store: Store, clock: FrozenClock) -> Cases:
    return Cases(store, clock)


def ids(cases: list[Case]) -> list[int]:
    return [case.id for case in cases]


def test_a_case_comes_back_as_it_was_stored(store: Store, make: Cases, clock: FrozenClock) -> None:
    case = make(priority=Priority.URGENT, topic=None, severity=None, due_at=None)
    assert (case.priority, case.topic, case.severity, case.due_at) == (Priority.URGENT, None, None, None)
    assert (case.author.handle, case.opened_at, case.status) == ("user1", clock.now(), CaseStatus.OPEN)


def test_the_queue_is_in_order_of_priority_then_of_what_is_due(store: Store, make: Cases, clock: FrozenClock) -> None:
    soon, late = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=9)
    normal_late, normal_soon = make(due_at=late), make(due_at=soon)
    low = make(priority=Priority.LOW, due_at=soon)
    replayed = make(due_at=None)
    urgent = make(priority=Priority.URGENT, due_at=late)
    found = store.cases.queue(CaseFilter(status=CaseStatus.OPEN))
    assert ids(found) == ids([urgent, normal_soon, normal_late, replayed, low])
    assert ids(store.cases.queue(CaseFilter(), limit=2, offset=1)) == ids([normal_soon, normal_late])


def test_every_filter_finds_its_own_and_nothing_else(store: Store, make: Cases, clock: FrozenClock) -> None:
    agent = store.agents.add("ana", "Ana", "AB", Role.AGENT, None, clock.now())
    plain = make()
    other = make(
        brand="Other",
        platform=Platform.REDDIT,
        queue="questions",
        priority=Priority.HIGH,
        severity=Severity.HIGH,
        topic="billing",
        due_at=clock.now() - timedelta(minutes=1),
    )
    store.cases.claim(other.id, agent.id, clock.now())
    store.cases.set_status(other.id, CaseStatus.SNOOZED, until=clock.now())
    filters = [
        CaseFilter(status=CaseStatus.SNOOZED),
        CaseFilter(queue="questions"),
        CaseFilter(brand="Other"),
        CaseFilter(platform=Platform.REDDIT),
        CaseFilter(priority=Priority.HIGH),
        CaseFilter(severity=Severity.HIGH),
        CaseFilter(topic="billing"),
        CaseFilter(assignee_id=agent.id),
        CaseFilter(overdue_at=clock.now()),
    ]
    for wanted in filters:
        assert ids(store.cases.queue(wanted)) == [other.id], wanted
        assert store.cases.count(wanted) == 1
    assert ids(store.cases.queue(CaseFilter(unassigned=True))) == [plain.id]
    assert store.cases.count(CaseFilter()) == 2
    assert store.cases.count_by_status() == {"open": 1, "snoozed": 1}


def test_an_answered_case_is_not_overdue(store: Store, make: Cases, clock: FrozenClock) -> None:
    case = make(due_at=clock.now() - timedelta(hours=1))
    assert store.cases.set_first_response(case.id, clock.now())
    assert store.cases.count(CaseFilter(overdue_at=clock.now())) == 0
    assert not store.cases.set_first_response(case.id, clock.now() + timedelta(hours=1))
    assert not store.cases.set_breached(case.id, clock.now())


def test_a_claim_is_won_once_and_renewed_by_its_holder(store: Store, make: Cases, clock: FrozenClock) -> None:
    ana = store.agents.add("ana", "Ana", "AB", Role.AGENT, None, clock.now())
    bob = store.agents.add("bob", "Bob", "BC", Role.AGENT, None, clock.now())
    case = make()
    assert store.cases.claim(case.id, ana.id, clock.now())
    assert not store.cases.claim(case.id, bob.id, clock.now())
    clock.advance(minutes=5)
    assert store.cases.claim(case.id, ana.id, clock.now())
    assert store.cases.get(case.id).claimed_at == clock.now()


def test_a_mention_leads_to_its_case_and_to_the_case_it_would_join(
    store: Store, make: Cases, clock: FrozenClock
) -> None:
    case = make()
    post = Post(Platform.X, "77", case.author, "and again", clock.now(), case.conversation_id)
    with store.transaction():
        second = store.mentions.add(post, brand="Brisk", source="test", at=clock.now())
    assert second is not None
    assert store.cases.of_mention(second) is None
    found = store.cases.of_thread(second)
    assert found is not None
    assert found.id == case.id
    assert store.cases.join(case.id, second, clock.now())
    assert not store.cases.join(case.id, second, clock.now())
    assert store.cases.of_mention(second) == store.cases.get(case.id)


def test_notes_stay_in_order(store: Store, make: Cases, clock: FrozenClock) -> None:
    agent = store.agents.add("ana", "Ana", "AB", Role.AGENT, None, clock.now())
    case = make()
    written = [store.cases.add_note(case.id, agent.id, text, clock.now()) for text in ("first", "second")]
    assert store.cases.notes(case.id) == written


def test_a_case_that_is_not_there_is_a_key_error(store: Store) -> None:
    with pytest.raises(KeyError):
        store.cases.get(404)


def test_the_queue_walks_its_index(store: Store, make: Cases) -> None:
    make()
    plan = store.database.rows(
        "EXPLAIN QUERY PLAN SELECT c.id FROM cases c JOIN authors a ON a.id = c.author_id WHERE c.status = ? "
        "ORDER BY c.priority_rank DESC, c.due_at IS NULL, c.due_at, c.id LIMIT 50",
        ("open",),
    )
    words = " ".join(row["detail"] for row in plan)
    assert "cases_in_queue" in words
    assert "TEMP B-TREE" not in words
