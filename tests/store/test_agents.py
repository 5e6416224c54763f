from __future__ import annotations

import pytest

from store.records import Agent, Role
from store.store import Store
from tests.conftest import FrozenClock


def added(store: Store, clock: FrozenClock, username: str = "ana", role: Role = Role.AGENT) -> Agent:
    return store.agents.add(username, "Ana Lima", "AL", role, None, clock.now())


def test_a_username_is_taken_whatever_its_case(store: Store, clock: FrozenClock) -> None:
    added(store, clock, "ana")
    with pytest.raises(ValueError, match="already an agent"):
        added(store, clock, "ANA")
    found = store.agents.by_username("Ana")
    assert found is not None
    assert found.username == "ana"


def test_an_agent_that_does_not_exist_is_a_key_error(store: Store) -> None:
    with pytest.raises(KeyError):
        store.agents.get(7)
    assert store.agents.by_username("nobody") is None


def test_role_password_and_order_are_kept(store: Store, clock: FrozenClock) -> None:
    ana = added(store, clock)
    bo = store.agents.add("bo", "bo", "B", Role.ADMIN, "hash", clock.now())
    assert store.agents.password_hash(ana.id) is None
    store.agents.set_password(ana.id, "another")
    assert store.agents.password_hash(ana.id) == "another"
    store.agents.set_role(ana.id, Role.MANAGER)
    assert store.agents.get(ana.id).role is Role.MANAGER
    store.agents.disable(ana.id, clock.now())
    assert [agent.id for agent in store.agents.all()] == [bo.id, ana.id]


def test_a_disabled_agent_loses_sessions_and_links_and_is_no_admin_any_more(store: Store, clock: FrozenClock) -> None:
    boss = added(store, clock, role=Role.ADMIN)
    later = clock.now().replace(hour=20)
    store.sessions.start("token", boss.id, "csrf", clock.now(), later)
    store.sessions.add_link("link", boss.id, later)
    assert store.agents.active_admins() == 1
    store.agents.disable(boss.id, clock.now())
    assert store.agents.active_admins() == 0
    store.agents.enable(boss.id)
    assert store.sessions.find("token", clock.now()) is None
    assert store.sessions.use_link("link", clock.now()) is None


def test_a_session_ends_at_its_hour(store: Store, clock: FrozenClock) -> None:
    ana = added(store, clock)
    store.sessions.start("token", ana.id, "csrf", clock.now(), clock.now().replace(hour=12))
    found = store.sessions.find("token", clock.now())
    assert found is not None
    assert (found.agent, found.csrf_token) == (ana, "csrf")
    clock.advance(hours=3)
    assert store.sessions.find("token", clock.now()) is None


def test_ending_the_other_sessions_keeps_this_one(store: Store, clock: FrozenClock) -> None:
    ana = added(store, clock)
    for token in ("here", "there"):
        store.sessions.start(token, ana.id, "csrf", clock.now(), clock.now().replace(hour=12))
    store.sessions.end_others(ana.id, "here")
    assert store.sessions.find("here", clock.now()) is not None
    assert store.sessions.find("there", clock.now()) is None
    store.sessions.end("here")
    assert store.sessions.find("here", clock.now()) is None


def test_a_link_is_used_once_and_not_after_its_end(store: Store, clock: FrozenClock) -> None:
    ana = added(store, clock)
    store.sessions.add_link("one", ana.id, clock.now().replace(hour=10))
    store.sessions.add_link("late", ana.id, clock.now().replace(hour=10))
    assert store.sessions.use_link("one", clock.now()) == ana.id
    assert store.sessions.use_link("one", clock.now()) is None
    assert store.sessions.use_link("never made", clock.now()) is None
    clock.advance(hours=2)
    assert store.sessions.use_link("late", clock.now()) is None


def test_failures_are_counted_by_username_and_by_address_and_forgotten_in_time(
    store: Store, clock: FrozenClock
) -> None:
    started = clock.now()
    for username, address in (("ana", "a"), ("ANA", "b"), ("bo", "a")):
        store.sessions.add_failure(username, address, clock.now(), started)
    assert store.sessions.failures("ana", started) == 2
    assert store.sessions.failures_from("a", started) == 2
    clock.advance(hours=1)
    store.sessions.add_failure("bo", "a", clock.now(), clock.now())
    assert store.sessions.failures("ana", started) == 0
    assert store.sessions.failures_from("a", started) == 1
    store.sessions.forgive("bo")
    assert store.sessions.failures("bo", started) == store.sessions.failures_from("a", started) == 0
