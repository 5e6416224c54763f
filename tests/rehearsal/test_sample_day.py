"""The sample day: what it is made of, and how it plays."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import tweepy

from config.clock import PacedClock
from frankly.rehearsal.sample_day import DAY, SampleDay, day_start, load_day, play_day, read_entries
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import Post, World
from frankly.rehearsal.x_posting import weighted_length
from store.records import Kind, Platform, Severity
from tests.rehearsal.conftest import SetClock, x_client

ENTRIES = {platform: read_entries(platform) for platform in Platform}
EVERY = [entry for entries in ENTRIES.values() for entry in entries]
KINDS = {kind.value for kind in Kind} | {"joke", "sarcasm", "rival", "homonym", "hostile"}
REMARKS = {severity.value for severity in Severity} | {"outage", "sarcasm", "optout"}


@pytest.fixture
def day(world: World, clock: SetClock) -> SampleDay:
    clock.time = day_start(date(2026, 3, 10)).astimezone(UTC)
    return load_day(world, clock.time)


def seen(world: World, platform: Platform) -> list[Post]:
    return list(world.newest_first(platform))[::-1]


def test_there_are_more_than_three_hundred_texts_and_no_two_are_alike() -> None:
    texts = [later["text"] for entry in EVERY for later in [entry, *entry.get("returns", []), *entry.get("chase", [])]]
    assert len(EVERY) >= 300
    assert len({" ".join(text.casefold().split()) for text in texts}) == len(texts)


def test_the_platforms_have_their_shares() -> None:
    x = ENTRIES[Platform.X]
    assert 0.55 < len(x) / len(EVERY) < 0.65
    assert 0.6 < sum(f"@{DAY.brand_x}" in entry["text"] for entry in x) / len(x) < 0.75


def test_every_label_is_made_of_known_words() -> None:
    for entry in EVERY:
        kind, *remarks = entry["about"].split("/")
        assert kind in KINDS, entry["about"]
        assert set(remarks) <= REMARKS, entry["about"]
        assert (kind == "complaint") is bool({s.value for s in Severity} & set(remarks)), entry["text"]


def test_whoever_comes_back_on_x_has_summoned_us_again() -> None:
    later = [back for entry in ENTRIES[Platform.X] for back in [*entry.get("returns", []), *entry.get("chase", [])]]
    assert len(later) >= 15
    assert all(f"@{DAY.brand_x}" in back["text"] for back in later)


def test_every_sort_of_voice_is_heard() -> None:
    kinds = Counter(entry["about"].split("/")[0] for entry in EVERY)
    severities = Counter(entry["about"].split("/")[1] for entry in EVERY if "complaint" in entry["about"])
    assert set(kinds) == KINDS
    assert set(severities) == {severity.value for severity in Severity}
    assert len({entry.get("lang", "en") for entry in EVERY}) >= 6
    assert max(len(entry["text"]) for entry in EVERY) > 5_000


def test_every_post_would_be_taken_by_its_platform() -> None:
    for entry in ENTRIES[Platform.X]:
        assert weighted_length(entry["text"]) <= 280, entry["text"]
        assert len(entry["by"]) <= 15
    for entry in ENTRIES[Platform.REDDIT]:
        assert ("to" in entry) != ("title" in entry)
        assert "to" in entry or entry["in"] in DAY.subreddits
        assert len(entry["by"]) <= 20


def test_the_day_runs_from_six_to_ten_in_the_companys_town(day: SampleDay, world: World, clock: SetClock) -> None:
    assert day_start(date(2026, 7, 1)) == datetime(2026, 7, 1, 5, 0, tzinfo=UTC)
    assert seen(world, Platform.X) == []
    clock.time = day.end
    posts = [post for platform in Platform for post in seen(world, platform)]
    assert len(posts) > 300
    assert all(day.start <= post.posted_at < day.end for post in posts)
    assert all(post.id in day.labels for post in posts)


def test_the_outage_makes_a_spike(day: SampleDay, world: World, clock: SetClock) -> None:
    clock.time = day.end
    hours = Counter((post.posted_at - day.start) // timedelta(minutes=45) for p in Platform for post in seen(world, p))
    assert hours[(timedelta(hours=4)) // timedelta(minutes=45)] >= 1.5 * sorted(hours.values())[len(hours) // 2]


def test_a_deleted_post_is_there_and_then_gone(day: SampleDay, world: World, clock: SetClock) -> None:
    for key in ("deleted-x", "r-deleted"):
        post = day.posts[key]
        clock.time = post.posted_at + timedelta(minutes=5)
        assert post.id in [found.id for found in seen(world, post.platform)]
        clock.time = day.end
        assert post.id not in [found.id for found in seen(world, post.platform)]


def test_an_edited_post_reads_differently_afterwards(day: SampleDay, world: World, clock: SetClock) -> None:
    clock.time = day.end
    on_x = [p for p in seen(world, Platform.X) if p.chain == day.posts["edited-x"].chain]
    assert [("EDIT" in post.text, len(world.versions(post))) for post in on_x] == [(True, 2)]
    on_reddit = world.find(day.posts["r-edit"].id)
    assert on_reddit is not None
    assert "EDIT" in on_reddit.text_at(clock.now())


def test_an_author_comes_back_after_our_answer_in_the_worlds_time(
    day: SampleDay, world: World, clock: SetClock
) -> None:
    post = day.posts["pendant"]
    clock.time = post.posted_at + timedelta(minutes=10)
    reply = world.answer(Platform.X, post.id, "We are calling you now. ^AB")
    assert world.children(reply.id) == []
    clock.move(minutes=20)
    assert [back.author.name for back in world.children(reply.id)] == ["l_okafor"]
    clock.move(minutes=170)
    first, second = world.children(reply.id)
    assert day.labels[second.id] == "thanks"
    assert second.conversation == first.conversation == post.id


def test_an_author_comes_back_once_however_often_we_answer(day: SampleDay, world: World, clock: SetClock) -> None:
    post = day.posts["stop-after"]
    clock.time = post.posted_at
    first = world.answer(Platform.X, post.id, "Of course.")
    second = world.answer(Platform.X, post.id, "Done.")
    clock.time = day.end
    assert [day.labels[back.id] for back in world.children(first.id)] == ["other/optout"]
    assert world.children(second.id) == []


def test_an_answer_to_any_post_of_the_author_in_the_thread_counts(
    day: SampleDay, world: World, clock: SetClock
) -> None:
    clock.time = day.posts["r-smell"].posted_at + timedelta(hours=1)
    reply = world.answer(Platform.REDDIT, day.posts["r-smell"].id, "Please keep it unplugged.")
    clock.move(minutes=30)
    assert [back.author.name for back in world.children(reply.id)] == ["mamabear_mb"]


def test_whoever_gets_no_answer_asks_again_and_whoever_gets_one_does_not(
    day: SampleDay, world: World, clock: SetClock
) -> None:
    clock.time = day.start + timedelta(hours=2)
    waiting = next(post for post in seen(world, Platform.X) if post.author.name == "carlosenharrow")
    again = "ni una respuesta"
    world.answer(Platform.X, waiting.id, "Hola Carlos, lo miramos ahora mismo.")
    clock.time = day.end
    texts = [post.text for post in seen(world, Platform.X)]
    assert not any(again in text for text in texts)
    assert any("over an hour, no answer" in text for text in texts)


def test_the_day_plays_at_the_pace_of_its_clock_over_http() -> None:
    start = day_start(date(2026, 3, 10)).astimezone(UTC)
    world = play_day(PacedClock(start=start, anchor=datetime.now(UTC) - timedelta(seconds=60), speed=96))
    with RehearsalServers(world) as servers:
        client: tweepy.Client = x_client(servers)
        me = client.get_me(user_auth=True).data.id
        heard = client.get_users_mentions(me, max_results=100, tweet_fields=["created_at"]).data
        client.session.close()
    assert 10 < len(heard) < 60
    assert all(start <= post.created_at <= world.now() for post in heard)
