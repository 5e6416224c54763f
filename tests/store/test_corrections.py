"""What agents had before them, and what they let stand."""

from __future__ import annotations

from datetime import timedelta

from store.store import Store
from tests.conftest import FrozenClock
from tests.desk.seed import POSTS, Seed


def test_a_post_that_joined_after_the_agents_last_deed_was_not_let_stand(store: Store, clock: FrozenClock) -> None:
    seed = Seed(store, clock)
    ana = seed.agent("ana", "Ana Lima")
    case = seed.hear(POSTS[1])
    clock.moment += timedelta(minutes=5)
    seed.case_work.claim(case.id, ana)
    clock.moment += timedelta(hours=4)
    seed.hear(POSTS[2])
    first, second = store.mentions.of_case(case.id)
    later = clock.now() + timedelta(days=1)
    assert [one.mention_id for one in store.corrections.reviewed("complaint", later)] == [first.id]
    clock.moment += timedelta(minutes=5)
    seed.case_work.resolve(case.id, ana)
    assert [one.mention_id for one in store.corrections.reviewed("complaint", later)] == [first.id, second.id]
