"""A mention is stored once, edited in place, and told apart from what was passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from store.records import Author, OutboxState, Platform, Post
from store.store import Store
from tests.stored import count_by_stage, id_of

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POST = Post(
    platform=Platform.X,
    external_id="100",
    author=Author(external_id="7", handle="maria", name="Maria", audience=12),
    text="Brisk is down",
    posted_at=NINE,
    conversation_id="90",
    in_reply_to="90",
    url="https://x.com/maria/status/100",
    language="en",
    summoned=True,
)


def add(store: Store, post: Post, source: str = "search") -> int | None:
    with store.transaction():
        return store.mentions.add(post, brand="Brisk", source=source, at=NINE)


def count(store: Store, table: str) -> int:
    found: int = store.database.value(f"SELECT count(*) FROM {table}")
    return found


def test_a_mention_comes_back_as_it_was_stored(store: Store) -> None:
    mention_id = add(store, POST)
    assert mention_id is not None
    mention = store.mentions.get(mention_id)
    assert mention.post == replace(POST, version_id="100")
    assert (mention.brand, mention.source, mention.collected_at) == ("Brisk", "search", NINE)


def test_a_mention_is_stored_once_however_many_sources_saw_it(store: Store) -> None:
    first = add(store, POST)
    assert add(store, POST, "mentions") is None
    assert add(store, POST, "mentions") is None
    assert (count(store, "mentions"), count(store, "sightings"), count(store, "authors")) == (1, 2, 1)
    assert id_of(store, Platform.X, "100") == first


def test_the_same_id_on_two_platforms_is_two_mentions(store: Store) -> None:
    assert add(store, POST) != add(store, replace(POST, platform=Platform.REDDIT))


def test_a_batch_with_repeats_stores_each_once(store: Store) -> None:
    add(store, POST)
    posts = [POST, replace(POST, external_id="101"), replace(POST, external_id="101"), POST]
    with store.transaction():
        added = store.mentions.add_all([(post, "Brisk") for post in posts], source="search", at=NINE)
    assert [mention_id is not None for mention_id in added] == [False, True, False, False]
    assert count(store, "mentions") == 2


def test_an_edit_replaces_the_text_keeps_the_old_one_and_is_assessed_again(store: Store) -> None:
    mention_id = add(store, POST)
    assert mention_id is not None
    store.mentions.set_stage([mention_id], "routed")
    edited = replace(POST, version_id="105", text="Brisk is down, still", edited_at=NINE + timedelta(minutes=3))
    assert add(store, edited) is None
    [waiting] = store.mentions.unassessed(10)
    assert (waiting.id, waiting.post.text, waiting.post.reply_target) == (mention_id, "Brisk is down, still", "105")
    assert store.database.rows("SELECT version_id, text FROM mention_versions") == [
        {"version_id": "100", "text": "Brisk is down"}
    ]


@pytest.mark.parametrize(
    "again",
    [
        replace(POST, text="something else"),  # not edited, says the platform
        replace(POST, edited_at=NINE + timedelta(minutes=9)),  # edited into the same words
    ],
)
def test_what_is_no_edit_changes_nothing(store: Store, again: Post) -> None:
    mention_id = add(store, POST)
    assert mention_id is not None
    store.mentions.set_stage([mention_id], "routed")
    add(store, again)
    assert store.mentions.get(mention_id).post.text == "Brisk is down"
    assert store.mentions.unassessed(10) == []


@pytest.mark.parametrize("stage", ["collected", "assessed", "routed"])
def test_a_version_with_the_same_words_is_the_one_to_answer_and_is_not_judged_again(store: Store, stage: str) -> None:
    mention_id = add(store, POST)
    assert mention_id is not None
    store.mentions.set_stage([mention_id], stage)
    add(store, replace(POST, version_id="105", edited_at=NINE + timedelta(minutes=3)))
    assert store.mentions.get(mention_id).post.reply_target == "105"
    assert count_by_stage(store) == {stage: 1}
    assert count(store, "mention_versions") == 0
    assert [event.kind for event in store.events.latest(10)] == ["mention.edited"]


def test_an_older_version_that_arrives_late_does_not_win(store: Store) -> None:
    newest = replace(POST, version_id="106", text="third", edited_at=NINE + timedelta(minutes=6))
    mention_id = add(store, newest)
    assert mention_id is not None
    add(store, replace(POST, version_id="105", text="second", edited_at=NINE + timedelta(minutes=3)))
    add(store, POST)
    assert store.mentions.get(mention_id).post.text == "third"


def test_an_author_is_refreshed_when_seen_again(store: Store) -> None:
    mention_id = add(store, POST)
    assert mention_id is not None
    add(store, replace(POST, author=replace(POST.author, handle="maria_h", audience=99)))
    mention = store.mentions.get(mention_id)
    assert mention.post.author.handle == "maria_h"
    assert mention.post.author.audience == 12  # as it was at the time of the post


def test_a_forgotten_author_does_not_come_back_with_an_old_post(store: Store) -> None:
    add(store, POST)
    with store.transaction():
        store.deletions.forget_author(Platform.X, "maria", NINE)
    assert add(store, POST) is None
    assert count(store, "authors") == 1
    assert store.database.value("SELECT handle FROM authors") == ""


def test_mentions_and_what_was_passed_over_are_known(store: Store) -> None:
    add(store, POST)
    store.mentions.pass_over(Platform.X, "search", ["200", "200"], NINE)
    assert store.mentions.known(Platform.X, ["100", "200", "300"]) == {"100", "200"}
    assert store.mentions.known(Platform.X, ["100", "200"], since=NINE) == {"100", "200"}
    assert store.mentions.known(Platform.X, ["100", "200"], since=NINE + timedelta(seconds=1)) == set()
    assert store.mentions.known(Platform.REDDIT, ["100"]) == set()
    assert store.mentions.forget_passed_over(NINE + timedelta(seconds=1)) == 1
    assert store.mentions.known(Platform.X, ["200"]) == set()


def test_how_a_post_turned_to_us_is_kept_and_follows_an_edit(store: Store) -> None:
    mention_id = add(store, replace(POST, summoned=True, summons=("mentioned", "replied")))
    assert mention_id is not None
    assert store.mentions.get(mention_id).post.summons == ("mentioned", "replied")
    with store.transaction():
        edited = replace(POST, version_id="101", edited_at=NINE + timedelta(minutes=1), summons=("replied",))
        store.mentions.follow_edit(mention_id, edited, NINE)
    assert store.mentions.get(mention_id).post.summons == ("replied",)


def test_what_one_source_has_read_another_has_not(store: Store) -> None:
    add(store, POST)
    store.mentions.pass_over(Platform.X, "other", ["200"], NINE)
    ids = ["100", "200", "300"]
    assert store.mentions.seen_by("other", Platform.X, ids) == {"200"}
    assert store.mentions.seen_by("search", Platform.X, ids) == {"100"}
    assert store.mentions.seen_by("search", Platform.REDDIT, ids) == set()
    with store.transaction():
        store.mentions.add(POST, brand="Brisk", source="other", at=NINE)
    assert store.mentions.seen_by("other", Platform.X, ids) == {"100", "200"}


def test_a_source_has_seen_what_was_emptied_before_it_came(store: Store) -> None:
    mention_id = add(store, POST)
    assert mention_id is not None
    with store.transaction():
        store.deletions.empty_mention(mention_id, NINE, "deleted")
        store.mentions.add(POST, brand="Brisk", source="other", at=NINE)
    assert store.mentions.seen_by("other", Platform.X, ["100"]) == {"100"}
    assert store.mentions.get(mention_id).post.text == ""


def test_a_conversation_goes_on_with_its_author_and_with_answers_to_us(store: Store) -> None:
    mention_id = add(store, POST)
    assert mention_id is not None
    same_author = replace(POST, external_id="101")
    stranger = replace(POST, external_id="102", author=Author(external_id="8", handle="ed"))
    assert store.mentions.brand_of_conversation(same_author) == "Brisk"
    assert store.mentions.brand_of_conversation(stranger) is None
    assert store.mentions.brand_of_conversation(replace(same_author, conversation_id="91")) is None
    assert store.mentions.brand_of_conversation(replace(same_author, platform=Platform.REDDIT)) is None
    case_id = store.database.insert(
        "cases",
        {
            "brand": "Brisk",
            "platform": "x",
            "author_id": 1,
            "conversation_id": "90",
            "status": "open",
            "queue": "care",
            "priority": "normal",
            "priority_rank": 1,
            "replayed": 0,
            "opened_at": "2026",
            "first_post_at": "2026",
            "last_activity_at": "2026",
        },
    )
    store.database.insert(
        "outbox",
        {
            "platform": "x",
            "target_key": "100",
            "target_id": "100",
            "mention_id": mention_id,
            "case_id": case_id,
            "text": "On it",
            "state": OutboxState.SENT,
            "approved_by": "agent:1",
            "approved_at": "2026",
            "automated": 0,
            "external_id": "150",
            "dry_run": 0,
            "reason": "",
            "settle_checks": 0,
        },
    )
    assert store.mentions.brand_of_conversation(replace(stranger, in_reply_to="150")) == "Brisk"
