from __future__ import annotations

import pytest

from store.records import Assessment, Author, Platform, Post, Role, Sentiment
from store.search import MARK_END, MARK_START, match_expression
from store.store import Store
from tests.conftest import FrozenClock


def heard(store: Store, clock: FrozenClock, text: str, number: int = 1, handle: str = "rosa") -> int:
    post = Post(
        platform=Platform.X,
        external_id=str(1000 + number),
        author=Author(external_id=f"a-{handle}", handle=handle),
        text=text,
        posted_at=clock.now(),
        conversation_id=str(1000 + number),
    )
    with store.transaction():
        mention_id = store.mentions.add(post, brand="Brightline", source="test", at=clock.now())
    assert mention_id is not None
    return mention_id


def test_every_word_must_be_there_and_the_newest_comes_first(store: Store, clock: FrozenClock) -> None:
    first = heard(store, clock, "The router is down again", 1)
    heard(store, clock, "The router is fine", 2)
    third = heard(store, clock, "Down goes the Róuter", 3)
    found = store.search.mentions("router down", 10)
    assert [one.mention.id for one in found] == [third, first]
    assert f"{MARK_START}router{MARK_END}" in found[1].snippet
    assert [one.mention.id for one in store.search.mentions("router down", 10, before_id=third)] == [first]


def test_the_last_word_may_be_unfinished(store: Store, clock: FrozenClock) -> None:
    heard(store, clock, "No broadband since Tuesday")
    assert len(store.search.mentions("since broadb", 10)) == 1


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "AND",
        "OR NOT",
        "NEAR(",
        "text : x",
        "*",
        "^",
        "a* b*",
        "-down",
        "{x}",
        "rou\x00ter",
        "'; DROP TABLE",
        "🤬",
        " ",
        '""',
        "(((",
        "col:down",
        "down NOT router",
        "NEAR(down router, 2)",
    ],
)
def test_the_search_languages_own_signs_are_only_words(store: Store, clock: FrozenClock, query: str) -> None:
    heard(store, clock, "The router is down")
    assert isinstance(store.search.mentions(query, 10), list)
    assert isinstance(store.search.notes(query, 10), list)


def test_operators_do_not_operate(store: Store, clock: FrozenClock) -> None:
    heard(store, clock, "The router is down")
    assert store.search.mentions("router NOT down", 10) == []  # there is no word "not" in it
    assert match_expression('say "hi" NOT') == '"say" """hi""" "NOT"*'
    assert match_expression("  🤬 ") == ""


def test_a_handle_finds_its_author_with_or_without_a_sign(store: Store, clock: FrozenClock) -> None:
    heard(store, clock, "hello", 1, handle="Rosa_P")
    heard(store, clock, "other", 2, handle="someone")
    for spelling in ("rosa_p", "@Rosa_P", "u/rosa_p"):
        assert [one.mention.post.text for one in store.search.by_handle(spelling, 10)] == ["hello"]
    assert store.search.by_handle("@", 10) == []


def test_a_text_that_was_emptied_is_not_found(store: Store, clock: FrozenClock) -> None:
    mention_id = heard(store, clock, "my secret")
    store.database.execute("UPDATE mentions SET text = '' WHERE id = ?", (mention_id,))
    assert store.search.mentions("secret", 10) == []


def test_a_correction_stands_beside_the_assessment(store: Store, clock: FrozenClock) -> None:
    ana = store.agents.add("ana", "Ana", "A", Role.AGENT, None, clock.now())
    mention_id = heard(store, clock, "great, down again")
    with pytest.raises(KeyError):
        store.corrections.add(mention_id, ana.id, "sentiment", "positive", "negative", clock.now())
    said = Assessment(model="m", revision="1", sentiment=Sentiment.POSITIVE)
    with store.transaction():
        store.assessments.add([(store.mentions.get(mention_id), said)], clock.now())
        store.corrections.add(mention_id, ana.id, "sentiment", "positive", "negative", clock.now())
    (correction,) = store.corrections.of_mention(mention_id)
    assert (correction.field, correction.was, correction.corrected) == ("sentiment", "positive", "negative")
    assert store.assessments.current([mention_id])[mention_id].sentiment is Sentiment.POSITIVE
