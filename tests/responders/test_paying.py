"""Promise 8 for answers on X: money is set aside before each paid call, and none is spent in vain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from config.credentials import load_credentials
from config.errors import BudgetSpent
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World
from listener.platforms.clients import open_client
from listener.spending import Spending
from responders.channels.platform import PlatformChannel
from store.records import OutboxMessage, Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.responders.test_channels import message_to, settings_for


@dataclass
class Till:
    """A channel to X, and what it costs."""

    servers: RehearsalServers
    store: Store
    clock: FrozenClock

    def channel(self, answers_usd: float = 5.0) -> PlatformChannel:
        settings = settings_for(self.servers)
        x = settings.platforms.x.model_copy(update={"answers_usd": answers_usd})
        settings = settings.model_copy(update={"platforms": settings.platforms.model_copy(update={"x": x})})
        client = open_client(Platform.X, settings, load_credentials(self.servers.credentials()), self.clock)
        return PlatformChannel(client, Spending(self.store, settings, self.clock))

    def message(self) -> OutboxMessage:
        target = self.servers.world.add_post(Platform.X, "ann", "@BriskBroadband my line is down").id
        return message_to(Platform.X, target, self.clock)

    def paid(self) -> dict[str, float]:
        """Dollars by call; a call that cost nothing in the end is left out."""
        rows = self.store.database.rows("SELECT call, sum(settled_usd) AS usd FROM spending GROUP BY call")
        return {row["call"]: round(row["usd"], 6) for row in rows if row["usd"]}


@pytest.fixture
def till(store: Store, clock: FrozenClock) -> Iterator[Till]:
    with RehearsalServers(World(clock)) as servers:
        yield Till(servers, store, clock)


def answer(channel: PlatformChannel, message: OutboxMessage, clock: FrozenClock) -> None:
    """The calls of the sender, in its order."""
    channel.look(message)
    channel.find_reply(message, clock.now() - timedelta(hours=1))
    channel.send(message)


def test_promise_8_an_answer_pays_for_its_look_and_its_reply(till: Till) -> None:
    answer(till.channel(), till.message(), till.clock)
    assert till.paid() == {"post_read": 0.005, "post_create": 0.015}


def test_promise_8_a_reply_with_a_link_costs_more(till: Till) -> None:
    message = replace(till.message(), text="See https://brisk.example.com/help ^AB")
    answer(till.channel(), message, till.clock)
    assert till.paid() == {"post_read": 0.005, "post_create_with_link": 0.2}


def test_promise_8_no_look_is_paid_for_where_the_reply_cannot_be(till: Till) -> None:
    """It is tried again each minute until there is money: looks would eat up what little is left."""
    message = replace(till.message(), text="See https://brisk.example.com/help ^AB")
    channel = till.channel(answers_usd=0.25)
    before = len(till.servers.x.log)
    with pytest.raises(BudgetSpent, match=r"\$0\.25"):
        channel.look(message)
    assert len(till.servers.x.log) == before
    assert till.paid() == {}
    assert till.channel(answers_usd=0.35).look(message) is not None


def test_promise_8_each_page_of_our_own_posts_is_paid_for_before_it_is_read(till: Till) -> None:
    ours = [till.servers.world.answer(Platform.X, till.message().target_id, f"Sorry, {n}") for n in range(250)]
    since = till.clock.now() - timedelta(hours=1)
    newest = replace(till.message(), target_id=str(ours[-1].parent))
    assert till.channel(answers_usd=0.25).find_reply(newest, since) == ours[-1].id
    assert till.paid() == {"owned_read": 0.1}
    with pytest.raises(BudgetSpent, match=r"\$0\.35"):
        till.channel(answers_usd=0.35).find_reply(till.message(), since)
    assert till.paid() == {"owned_read": 0.3}
    assert till.channel().find_reply(till.message(), since) is None


def test_promise_8_what_was_read_today_is_not_paid_for_again(till: Till) -> None:
    """X bills it so; each look reads back the same replies of ours."""
    channel = till.channel()
    for number in range(3):
        answer(channel, replace(till.message(), text=f"We are on it, {number}. ^AB"), till.clock)
        till.clock.advance(seconds=5)
    last = till.message()
    for _ in range(2):
        channel.look(last)
        channel.find_reply(last, till.clock.now() - timedelta(hours=1))
    assert till.paid() == {"post_read": 4 * 0.005, "owned_read": 3 * 0.001, "post_create": 3 * 0.015}
    till.clock.advance(days=1)
    channel.look(last)
    assert till.paid()["post_read"] == 5 * 0.005
