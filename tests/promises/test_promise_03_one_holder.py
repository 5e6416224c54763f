"""Promise 3: one agent holds a case at a time; a second one is told who; a stale hold is released."""

from __future__ import annotations

import threading

import pytest

from frankly import pipeline
from responders.cases import CaseWork, HeldByOther
from store.records import Platform
from store.store import Store
from tests.promises.whole import Whole


def test_promise_3_of_two_who_claim_at_once_one_has_the_case_and_the_other_is_told_who(whole: Whole) -> None:
    agents = [whole.agent("Ana Bell"), whole.agent("Robin Ash")]
    for number in range(15):
        whole.complain(Platform.X, f"my line {number} is dead", author=f"author{number}")
    whole.hear("x mentions")
    cases = [row["id"] for row in whole.store.database.rows("SELECT id FROM cases ORDER BY id")]
    assert len(cases) == 15
    start = threading.Barrier(2)
    told: list[dict[int, str]] = [{}, {}]  # by case: who holds it

    def claim_all(place: int) -> None:
        store = Store.open(whole.app.settings.database_path)  # as another process would
        work = CaseWork(store, whole.app.settings, whole.clock)
        for case_id in cases:
            start.wait(timeout=30)
            try:
                work.claim(case_id, agents[place])
            except HeldByOther as held:
                told[place][case_id] = held.agent_name
            else:
                told[place][case_id] = "me"
        store.close()

    threads = [threading.Thread(target=claim_all, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for case_id in cases:
        holder = whole.store.cases.get(case_id).assignee_id
        winner = 0 if holder == agents[0].id else 1
        assert holder == agents[winner].id
        assert told[winner][case_id] == "me"
        assert told[1 - winner][case_id] == agents[winner].name
        assert [event.kind for event in whole.store.events.of_case(case_id)].count("case.claimed") == 1


def test_promise_3_whoever_does_not_hold_a_case_can_neither_write_nor_send_nor_close(whole: Whole) -> None:
    ana, robin = whole.agent("Ana Bell"), whole.agent("Robin Ash")
    post = whole.complain(Platform.X)
    whole.hear("x mentions")
    case, answering, work = whole.case(post), whole.app.answering, whole.app.case_work
    draft = answering.draft(case.id, f"agent:{ana.id}")
    work.claim(case.id, ana)
    tries = (
        lambda: answering.edit(draft.id, robin, "Mine. ^RA"),
        lambda: answering.approve(draft.id, robin),
        lambda: answering.by_hand(case.id, robin),
        lambda: work.resolve(case.id, robin),
        lambda: work.pending(case.id, robin),
        lambda: work.release(case.id, robin),
    )
    for attempt in tries:
        with pytest.raises(HeldByOther, match="Ana Bell"):
            attempt()
    assert whole.case(post) == work.claim(case.id, ana)
    assert whole.store.drafts.get(draft.id).text == draft.text


def test_promise_3_a_forgotten_hold_is_released_by_the_daemons_own_round(whole: Whole) -> None:
    ana, robin = whole.agent("Ana Bell"), whole.agent("Robin Ash")
    post = whole.complain(Platform.X)
    whole.hear("x mentions")
    case = whole.app.case_work.claim(whole.case(post).id, ana)
    whole.clock.advance(minutes=29)
    pipeline.tend(whole.app)
    assert whole.case(post).assignee_id == ana.id
    whole.clock.advance(minutes=2)
    pipeline.tend(whole.app)
    assert whole.case(post).assignee_id is None
    assert whole.app.case_work.claim(case.id, robin).assignee_id == robin.id
    last = [(event.kind, event.actor) for event in whole.store.events.of_case(case.id)][-2:]
    assert last == [("case.released", "daemon"), ("case.claimed", f"agent:{robin.id}")]
