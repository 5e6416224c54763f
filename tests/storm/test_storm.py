"""The storm: its schedule follows from the seed, its oracle notices what may not be, and a short one is survived."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import tweepy

from config.clock import SystemClock
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World
from listener.platforms.x_posts import posts_of
from store.records import Event, Platform
from store.store import Store
from tests.rehearsal.conftest import x_client
from tests.storm import oracle
from tests.storm.company import Approval, Pause
from tests.storm.oracle import Witnesses
from tests.storm.schedule import TARGETS, draw
from tests.storm.supervisor import Life
from tests.storm.world import Offer, People

ROOT = Path(__file__).parents[2]
MANY = [draw("some seed", number) for number in range(1, 1_001)]


def test_a_round_follows_from_the_seed_and_its_number() -> None:
    assert draw("some seed", 7) == MANY[6]
    assert draw("another", 7) != MANY[6]
    assert str(MANY[6]).startswith("round 7: ")


def test_a_thousand_rounds_have_every_kind_of_weather() -> None:
    struck = {(strike.platform, strike.path, strike.kind) for one in MANY for strike in one.strikes}
    assert struck == {(platform, path, kind) for platform, _, path, kinds in TARGETS for kind in kinds}
    for weather in ("burst", "killed_at", "edge", "dry", "full", "locked", "paused", "jump_seconds", "retried"):
        assert 10 <= sum(bool(getattr(one, weather)) for one in MANY) <= 350


@pytest.fixture
def seen(store: Store) -> Iterator[Witnesses]:
    """A day on which nothing has happened yet."""
    with RehearsalServers(World(SystemClock(), brand_x="BriskBroadband", brand_reddit="BriskBB_Care")) as servers:
        people = People(servers.world)
        yield Witnesses(servers, people.offers, people.locked_at, [], [], [], store)


@pytest.fixture
def x(seen: Witnesses) -> Iterator[tweepy.Client]:
    client = x_client(seen.servers)
    yield client
    client.session.close()


def offer(seen: Witnesses, text: str = "@BriskBroadband help", *, stored: bool = True) -> Offer:
    """Let somebody write, and let it be heard or not."""
    post = seen.world.add_post(Platform.X, "ann", text)
    if stored:
        author = {"id": post.author.external_id, "username": "ann", "name": "ann"}
        entry = {"id": post.id, "text": text, "author_id": author["id"], "created_at": post.posted_at.isoformat()}
        body: dict[str, Any] = {"data": [entry], "includes": {"users": [author]}}
        (heard,), _, _ = posts_of(body)
        with seen.store.transaction():
            seen.store.mentions.add(heard, brand="Brisk Broadband", source="x search", at=post.posted_at)
    made = Offer(post, ("x mentions", "x search"))
    seen.offers.append(made)  # type: ignore[attr-defined]
    return made


def approve(seen: Witnesses, one: Offer, text: str) -> None:
    approval = Approval(Platform.X, one.post.id, text, seen.world.now())
    seen.approvals.append(approval)  # type: ignore[attr-defined]


def answer(x: tweepy.Client, one: Offer, text: str = "Sorry. ^AB") -> None:
    """Do what the daemon does: look, then send once."""
    x.get_tweets([one.post.id])
    x.create_tweet(text=text, in_reply_to_tweet_id=one.post.id)


def test_a_day_on_which_all_went_well_has_no_findings(seen: Witnesses, x: tweepy.Client) -> None:
    one = offer(seen)
    approve(seen, one, "Sorry. ^AB")
    answer(x, one)
    assert oracle.unheard(seen) == []
    assert oracle.received_twice(seen) == []
    assert oracle.against_a_rule(seen) == []


def test_a_post_is_lost_silently_unless_each_of_its_sources_admits_it(seen: Witnesses) -> None:
    one = offer(seen, stored=False)
    assert oracle.lost_silently(seen, oracle.unheard(seen)) == [one]
    for source, kind in (("x mentions", "x_mentions"), ("x search", "x_search")):
        seen.store.sources.ensure(source, kind, Platform.X)
    around = (one.post.posted_at - timedelta(minutes=1), one.post.posted_at + timedelta(minutes=1))
    seen.store.sources.record("x mentions", "lost", *around)
    assert oracle.lost_silently(seen, oracle.unheard(seen)) == [one]
    seen.store.sources.record("x search", "gap", *around)
    assert oracle.lost_silently(seen, oracle.unheard(seen)) == []


def test_a_post_that_was_deleted_is_not_lost(seen: Witnesses) -> None:
    one = offer(seen, stored=False)
    seen.world.delete_post(one.post.id)
    assert oracle.lost_silently(seen, oracle.unheard(seen)) == []


def test_two_replies_to_one_post_are_noticed(seen: Witnesses, x: tweepy.Client) -> None:
    one = offer(seen)
    answer(x, one, "Sorry. ^AB")
    answer(x, one, "So sorry. ^AB")
    assert len(oracle.received_twice(seen)) == 1


@pytest.mark.parametrize("fault", ["drop", "drop_after_accept", "status"])
def test_an_answer_that_is_sent_again_blindly_is_noticed(seen: Witnesses, x: tweepy.Client, fault: str) -> None:
    one = offer(seen)
    seen.servers.x.faults.add(fault, "POST", status=500)
    for _ in range(2):
        with pytest.raises((requests.ConnectionError, tweepy.HTTPException)):
            answer(x, one)
        seen.servers.x.faults.clear()
        seen.servers.x.faults.add("status", "POST", status=403)
    assert any("sent again" in what for what in oracle.received_twice(seen))


def test_an_answer_may_wait_for_a_rate_limit(seen: Witnesses, x: tweepy.Client) -> None:
    one = offer(seen)
    seen.servers.x.faults.add("rate_limited", "POST")
    with pytest.raises(tweepy.TooManyRequests):
        answer(x, one)
    answer(x, one)
    assert oracle.received_twice(seen) == []


def test_a_request_that_broke_a_rule_is_noticed(seen: Witnesses, x: tweepy.Client) -> None:
    unasked = offer(seen, "Brisk Broadband is down")
    with pytest.raises(tweepy.Forbidden):
        x.create_tweet(text="Sorry. ^AB", in_reply_to_tweet_id=unasked.post.id)
    words = " ".join(oracle.against_a_rule(seen))
    for why in ("nobody approved", "did not turn to us", "not looked at before"):
        assert why in words


def test_an_answer_during_a_pause_is_noticed(seen: Witnesses, x: tweepy.Client) -> None:
    one = offer(seen)
    approve(seen, one, "Sorry. ^AB")
    seen.pauses.append(Pause(seen.world.now() - timedelta(hours=1)))  # type: ignore[attr-defined]
    answer(x, one)
    assert "all sending was paused" in " ".join(oracle.against_a_rule(seen))


def test_an_answer_that_began_to_leave_during_a_pause_is_noticed(seen: Witnesses) -> None:
    for kind in ("pause.on", "outbox.sending", "pause.off"):
        seen.store.events.add(Event(at=seen.world.now(), kind=kind, actor="test"))
    assert len(oracle.against_a_rule(seen)) == 1


def test_an_answer_to_a_post_that_had_gone_is_noticed(seen: Witnesses, x: tweepy.Client) -> None:
    one = offer(seen)
    approve(seen, one, "Sorry. ^AB")
    seen.world.delete_post(one.post.id, at=seen.world.now() - timedelta(hours=1))
    with pytest.raises(tweepy.Forbidden):
        answer(x, one)
    assert "deleted when it was looked at" in " ".join(oracle.against_a_rule(seen))


def test_an_answer_from_a_dry_run_is_noticed(seen: Witnesses, x: tweepy.Client) -> None:
    thread = seen.world.add_post(Platform.REDDIT, "bob", "text", title="Brisk?", subreddit="Harrowdale")
    one = oracle.Sent(Platform.REDDIT, 0, seen.world.now(), thread.id, "Sorry", 200, "")
    dry = replace(seen, lives=[Life(seen.world.now() - timedelta(hours=1), dry=True)])
    assert "Reddit was in dry run" in list(oracle.breaches(dry, one, {}))
    assert "Reddit was in dry run" not in list(oracle.breaches(seen, one, {}))


def test_a_short_storm_breaks_no_promise() -> None:
    words = ["-m", "tests.storm", "--rounds", "6", "--seed", "short"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^mentions stored +[1-9]", done.stdout, re.MULTILINE)
