"""The queries behind the digest: one view, in slices, and digests that are kept once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from store.database import to_text
from store.records import Event, Platform, Sentiment
from store.store import Store
from tests.digest.seed import Seed

START = datetime(2026, 3, 5, tzinfo=UTC)
END = START + timedelta(days=1)
NOON = START + timedelta(hours=12)
DAY = date(2026, 3, 5)


def _slices(store: Store) -> list[tuple[datetime, str, Sentiment | None, int]]:
    with store.metrics.reading("Acme", START, END):
        return [(s.starts_at, s.topic, s.sentiment, s.mentions) for s in store.metrics.of_day()]


def test_a_slice_is_a_quarter_of_an_hour_so_that_every_time_zone_can_add_them_up(store: Store) -> None:
    seed = Seed(store)
    for minutes in (0, 14, 15, 59):
        seed.mention(NOON + timedelta(minutes=minutes), author=f"a{minutes}")
    assert [(start.minute, n) for start, _, _, n in _slices(store)] == [(0, 2), (15, 1), (45, 1)]


def test_the_day_and_an_earlier_day_are_counted_alike(store: Store) -> None:
    seed = Seed(store)
    for index, topic in enumerate(("outage", "bills", None)):
        seed.mention(NOON, author=f"a{index}", topic=topic, complaint=topic is not None)
    with store.metrics.reading("Acme", START, END):
        today = store.metrics.of_day()
        assert store.metrics.of_earlier_day("Acme", START, END) == today
    assert sorted(s.topic for s in today) == ["", "bills", "outage"]


def test_the_newest_assessment_of_that_moment_counts(store: Store) -> None:
    seed = Seed(store)
    mention = seed.mention(NOON)
    seed.assess(mention, NOON + timedelta(hours=1), sentiment="neutral", topic="bills")
    seed.assess(mention, END, sentiment="positive", topic="praise")
    assert [(topic, sentiment) for _, topic, sentiment, _ in _slices(store)] == [("bills", Sentiment.NEUTRAL)]


def test_an_agents_last_correction_counts(store: Store) -> None:
    seed = Seed(store)
    agent, mention = seed.agent(), seed.mention(NOON)
    for topic, hour in (("bills", 13), ("speed", 14), ("other", 25)):
        store.corrections.add(mention, agent, "topic", "outage", topic, START + timedelta(hours=hour))
    assert [topic for _, topic, _, _ in _slices(store)] == ["speed"]


def test_reading_leaves_nothing_behind_and_takes_no_lock(store: Store) -> None:
    Seed(store).mention(NOON)
    with store.metrics.reading("Acme", START, END):
        other = Store.open(store.database.path)
        with other.transaction():
            other.events.add(Event(at=NOON, kind="pause.on", actor="operator"))
        other.close()
    assert not store.database.tables.conn.in_transaction
    assert store.database.value("SELECT count(*) FROM temp.sqlite_master") == 0


def test_reading_ends_cleanly_when_something_fails_inside(store: Store) -> None:
    with pytest.raises(KeyError), store.metrics.reading("Acme", START, END):
        raise KeyError
    assert not store.database.tables.conn.in_transaction
    assert _slices(store) == []


def test_all_figures_of_one_reading_see_the_same_store(store: Store) -> None:
    seed = Seed(store)
    seed.mention(NOON)
    with store.metrics.reading("Acme", START, END):
        other = Store.open(store.database.path)
        Seed(other, _count=50).mention(NOON, author="meanwhile")
        other.database.tables.conn.commit()
        other.close()
        assert len(store.metrics.of_earlier_day("Acme", START, END)) == 1
        assert store.metrics.of_earlier_day("Acme", START, END)[0].mentions == 1
    assert sum(n for *_, n in _slices(store)) == 2


def test_words_are_those_of_that_time_and_gone_with_the_post(store: Store) -> None:
    seed = Seed(store)
    kept, edited, deleted = (seed.mention(NOON, f"text of {name}", author=name) for name in ("ann", "bob", "cy"))
    store.database.execute("UPDATE mentions SET text = 'new words' WHERE id = ?", (edited,))
    store.database.insert(
        "mention_versions", {"mention_id": edited, "version_id": "v", "text": "text of bob", "seen_at": to_text(END)}
    )
    store.database.execute("UPDATE mentions SET text = '', deleted_at = ? WHERE id = ?", (to_text(END), deleted))
    words = store.metrics.words([kept, edited, deleted], END)
    assert {number: said.text for number, said in words.items()} == {kept: "text of ann", edited: "text of bob"}
    assert store.metrics.words([edited], END + timedelta(seconds=1))[edited].text == "new words"
    assert store.metrics.words([], END) == {}


def test_the_day_is_found_by_its_index(store: Store) -> None:
    plan = store.database.rows(
        "EXPLAIN QUERY PLAN SELECT id FROM mentions WHERE brand = 'Acme' AND posted_at >= 'a' AND posted_at < 'b'"
    )
    assert "mentions_by_brand_time" in plan[0]["detail"]


def test_waiting_is_counted_by_platform_and_followers(store: Store) -> None:
    seed = Seed(store)
    seed.case(seed.mention(NOON, author="ann", audience=70))
    seed.case(seed.mention(NOON, author="rob", platform="reddit"))
    with store.metrics.reading("Acme", START, END):
        store.service.gather("Acme", START, END)
        assert store.service.waiting_by_audience() == {(Platform.X, 70): 1, (Platform.REDDIT, None): 1}


def test_the_first_digest_of_a_day_stays(store: Store) -> None:
    assert store.digests.save("Acme", DAY, "one", NOON).content == "one"
    assert store.digests.save("Acme", DAY, "two", END).content == "one"
    assert store.digests.save("Acme", DAY, "three", END, remake=True).content == "three"
    assert store.digests.get("Acme", date(2026, 3, 6)) is None


def test_digests_are_listed_newest_first(store: Store) -> None:
    for brand, day in (("Acme", 4), ("Acme", 5), ("Umbra", 5)):
        store.digests.save(brand, date(2026, 3, day), "x", NOON)
    assert [(d.brand, d.day.day) for d in store.digests.latest()] == [("Acme", 5), ("Umbra", 5), ("Acme", 4)]
    assert [d.day.day for d in store.digests.latest("Acme", limit=1)] == [5]


def test_only_one_may_begin_to_send_a_digest(store: Store) -> None:
    store.digests.save("Acme", DAY, "x", NOON)
    assert store.digests.mark_trying("Acme", DAY, NOON)
    assert not store.digests.mark_trying("Acme", DAY, NOON)
    store.digests.mark_unsent("Acme", DAY, "the server is down")
    assert store.digests.mark_trying("Acme", DAY, END)
    store.digests.mark_sent("Acme", DAY, END)
    assert not store.digests.mark_trying("Acme", DAY, END)
