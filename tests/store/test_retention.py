"""The end of what is kept: authors, cases and texts by age, and which posts are looked up again."""

from __future__ import annotations

from datetime import datetime, timedelta

from store.database import to_text
from store.deletions import _DUE, Rounds
from store.records import Platform
from store.store import Store
from tests.store.deletable import NINE, add, add_answer, add_case, make_post


def rounds_at(moment: datetime, **since: datetime) -> Rounds:
    """Rounds in which everything last seen before a moment is due."""
    return Rounds(**{"young_since": moment, "young": moment, "others": moment, "waiting_since": NINE, **since})


def test_an_author_is_kept_while_a_text_of_theirs_or_an_open_case_is(store: Store) -> None:
    in_case, other = (add(store, make_post(key, "Brisk", platform=Platform.REDDIT)) for key in ("t1_a", "t1_b"))
    case_id = add_case(store, in_case)
    later = rounds_at(NINE + timedelta(hours=1))

    def let_go() -> int:
        with store.transaction():
            return store.deletions.let_authors_go(Platform.REDDIT, NINE, NINE)

    with store.transaction():
        store.deletions.empty_mention(in_case, NINE, "retention")
    assert let_go() == 0
    with store.transaction():
        store.deletions.empty_mention(other, NINE, "retention")
    assert let_go() == 0
    # Its author might delete it: then even their name must go.
    assert [check.mention_id for check in store.deletions.to_check(Platform.REDDIT, later, 10)] == [in_case]
    store.database.execute("UPDATE cases SET status = 'resolved' WHERE id = ?", (case_id,))
    assert store.deletions.to_check(Platform.REDDIT, later, 10) == []
    assert let_go() == 1
    author = store.mentions.get(in_case).post.author
    assert (author.handle, author.name, author.external_id) == ("", "", "gone:1")
    assert store.mentions.get(in_case).post.url == ""
    assert let_go() == 0


def test_an_author_of_replayed_posts_is_kept(store: Store) -> None:
    add(store, make_post("1", "Brisk"), replayed=True)
    with store.transaction():
        assert store.deletions.let_authors_go(Platform.X, NINE, NINE) == 0


def test_a_case_that_waits_for_its_customer_counts_as_open_for_a_while(store: Store) -> None:
    mention_id = add(store, make_post("1", "Brisk"))
    store.database.execute("UPDATE cases SET status = 'pending' WHERE id = ?", (add_case(store, mention_id),))
    hour = timedelta(hours=1)
    with store.transaction():
        assert store.deletions.expire_text(Platform.X, NINE + hour, NINE, waiting_since=NINE) == 0
        assert store.deletions.expire_text(Platform.X, NINE + hour, NINE, waiting_since=NINE + hour) == 1


def test_texts_end_by_age_on_their_platform_only(store: Store) -> None:
    old = add(store, make_post("t1_a", "Brisk", platform=Platform.REDDIT))
    recent = add(store, make_post("t1_b", "Brisk", platform=Platform.REDDIT), at=NINE + timedelta(hours=3))
    replayed = add(store, make_post("t1_c", "Brisk", platform=Platform.REDDIT), replayed=True)
    on_x = add(store, make_post("1", "Brisk"))
    with store.transaction():
        assert store.deletions.expire_text(Platform.REDDIT, NINE + timedelta(hours=1), NINE) == 1
    texts = {mention_id: store.mentions.get(mention_id).post.text for mention_id in (old, recent, replayed, on_x)}
    assert texts == {old: "", recent: "Brisk", replayed: "Brisk", on_x: "Brisk"}
    assert store.mentions.get(old).post.author.handle == "maria"  # the case goes on
    assert store.mentions.get(old).deleted_at is None


def test_a_text_is_kept_while_its_answer_is_on_its_way(store: Store) -> None:
    mention_id = add(store, make_post("t1_a", "Brisk", platform=Platform.REDDIT))
    add_answer(store, mention_id, add_case(store, mention_id), "queued")
    with store.transaction():
        assert store.deletions.expire_text(Platform.REDDIT, NINE + timedelta(hours=1), NINE) == 0


def test_texts_that_were_not_seen_to_stand_end(store: Store) -> None:
    unseen, seen = (add(store, make_post(key, "Brisk")) for key in ("1", "2"))
    add(store, make_post("3", "Brisk"), replayed=True)
    add_case(store, unseen)  # an open case is no reason: its post may be gone
    store.deletions.checked([seen], NINE + timedelta(hours=2))
    with store.transaction():
        assert store.deletions.expire_unchecked(Platform.X, NINE + timedelta(hours=1), NINE + timedelta(hours=25)) == 1
    assert (store.mentions.get(unseen).post.text, store.mentions.get(seen).post.text) == ("", "Brisk")
    [redacted] = store.events.of_mention(unseen)
    assert redacted.detail == {"why": "the post could not be looked up again in time", "unseen_seconds": 25 * 3600}


def test_open_cases_are_checked_first_then_the_newest_and_replayed_posts_never(store: Store) -> None:
    ids = {hours: add(store, make_post(str(hours), "Brisk"), at=NINE - timedelta(hours=4)) for hours in (1, 3, 2)}
    for hours, mention_id in ids.items():
        posted = to_text(NINE - timedelta(hours=hours))
        store.database.execute("UPDATE mentions SET posted_at = ? WHERE id = ?", (posted, mention_id))
    add_case(store, ids[3])
    add(store, make_post("9", "Brisk"), replayed=True, at=NINE - timedelta(hours=9))
    due = store.deletions.to_check(Platform.X, rounds_at(NINE), 2)
    assert [check.mention_id for check in due] == [ids[3], ids[1]]
    assert store.deletions.count_to_check(Platform.X, rounds_at(NINE)) == 3
    store.deletions.checked(list(ids.values()), NINE)
    assert store.deletions.to_check(Platform.X, rounds_at(NINE), 10) == []


def test_young_posts_are_checked_more_often(store: Store) -> None:
    hour = timedelta(hours=1)
    old, young = (add(store, make_post(key, "Brisk"), at=NINE) for key in "12")
    store.database.execute("UPDATE mentions SET posted_at = ? WHERE id = ?", (to_text(NINE + 9 * hour), young))

    def due(**since: datetime) -> set[int]:
        rounds = rounds_at(NINE, young_since=NINE + hour, **since)
        return {check.mention_id for check in store.deletions.to_check(Platform.X, rounds, 10)}

    assert due() == set()
    assert due(young=NINE + hour) == {young}
    assert due(young=NINE + hour, others=NINE + hour) == {old, young}


def test_what_is_due_is_found_along_indexes(store: Store) -> None:
    """A store of years is full of tombstones: a round may not read them."""
    found = store.database.rows(
        f"EXPLAIN QUERY PLAN {_DUE}",
        {"platform": "x", **{name: "" for name in ("young", "others", "young_since", "waiting_since")}},
    )
    plan = [row["detail"] for row in found if "m " in row["detail"] or "mentions" in row["detail"]]
    assert any("mentions_with_text" in step for step in plan)
    assert not [step for step in plan if step.startswith("SCAN m")]
