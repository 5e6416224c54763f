"""What every channel must do: the pretended one of the other tests, and the real ones over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from config.credentials import load_credentials
from config.errors import PostRefused, PostUncertain, RateLimited
from config.settings import Settings
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World
from listener.platforms.clients import open_client
from listener.spending import Spending
from responders.channels.base import Channel
from responders.channels.platform import PlatformChannel
from store.records import Author, OutboxMessage, OutboxState, Platform, Post
from store.store import Store
from tests.conftest import FrozenClock
from tests.responders.scene import PretendedChannel


@dataclass
class Stage:
    """A channel, the message that goes through it, and how to make its platform misbehave."""

    channel: Channel
    message: OutboxMessage
    misbehave: Callable[[str], None]
    delete: Callable[[], None]
    replies: Callable[[], int]


def message_to(platform: Platform, target_id: str, clock: FrozenClock) -> OutboxMessage:
    return OutboxMessage(
        id=1,
        platform=platform,
        target_id=target_id,
        mention_id=1,
        case_id=1,
        text="Sorry, we are on it. ^AB",
        state=OutboxState.SENDING,
        approved_by="agent:1",
        approved_at=clock.now(),
        automated=False,
    )


def pretended(clock: FrozenClock) -> Stage:
    channel = PretendedChannel(Platform.X, clock)
    author = Author("a1", "ann")
    channel.posts["100"] = Post(Platform.X, "100", author, "@BriskBroadband help", clock.now(), "100", summoned=True)

    def misbehave(how: str) -> None:
        errors = {
            "refuses": PostRefused("refused", detail="not allowed"),
            "asks for patience": RateLimited("slow down", clock.now() + timedelta(minutes=1)),
            "drops after accepting": PostUncertain("the connection broke"),
        }
        channel.trouble, channel.arrives = [errors[how]], how == "drops after accepting"

    return Stage(
        channel,
        message_to(Platform.X, "100", clock),
        misbehave,
        channel.posts.clear,
        lambda: len(channel.replies),
    )


def settings_for(servers: RehearsalServers) -> Settings:
    near = {"timeout": timedelta(seconds=2)}
    reddit = {**near, "base_url": servers.reddit_url, "access_approved": True, "subreddits": ["HomeNetworking"]}
    return Settings.model_validate(
        {
            "brands": [{"name": "Brisk", "terms": ["Brisk"], "handles": {"x": ["BriskBroadband"]}}],
            "platforms": {"x": {**near, "base_url": servers.x_url}, "reddit": reddit},
        }
    )


POST = {Platform.X: "/2/tweets", Platform.REDDIT: "/api/comment"}
FAULTS = {
    Platform.X: {
        "refuses": FaultKind.NOT_SUMMONED,
        "asks for patience": FaultKind.RATE_LIMITED,
        "drops after accepting": FaultKind.DROP_AFTER_ACCEPT,
    },
    Platform.REDDIT: {
        "refuses": FaultKind.LOCKED,
        "asks for patience": FaultKind.RATELIMIT_SECONDS,
        "drops after accepting": FaultKind.DROP_AFTER_ACCEPT,
    },
}


def served(platform: Platform, servers: RehearsalServers, clock: FrozenClock, store: Store) -> Stage:
    world = servers.world
    name = world.brands[platform].name
    if platform is Platform.X:
        target = world.add_post(platform, "ann", f"@{name} my line is down").id
    else:
        submission = world.add_post(platform, "bob", "Anyone else?", title="Brisk is down", subreddit="HomeNetworking")
        target = world.add_post(platform, "ann", f"u/{name} my line is down", reply_to=submission.id).id
    client = open_client(platform, settings_for(servers), load_credentials(servers.credentials()), clock)
    server = servers.x if platform is Platform.X else servers.reddit
    return Stage(
        PlatformChannel(client, Spending(store, settings_for(servers), clock)),
        message_to(platform, target, clock),
        lambda how: server.faults.add(FAULTS[platform][how], "POST", POST[platform], seconds=60),
        lambda: world.delete_post(target),
        lambda: len(server.replies()),
    )


@pytest.fixture(params=["pretended", Platform.X, Platform.REDDIT])
def stage(request: pytest.FixtureRequest, clock: FrozenClock, store: Store) -> Iterator[Stage]:
    if request.param == "pretended":
        yield pretended(clock)
    else:
        with RehearsalServers(World(clock)) as servers:
            yield served(request.param, servers, clock, store)


def before(clock: FrozenClock) -> datetime:
    return clock.now() - timedelta(minutes=1)


def test_a_reply_that_was_sent_can_be_found_again(stage: Stage, clock: FrozenClock) -> None:
    assert stage.channel.find_reply(stage.message, before(clock)) is None
    reply_id = stage.channel.send(stage.message)
    assert stage.channel.find_reply(stage.message, before(clock)) == reply_id
    assert stage.replies() == 1


def test_a_reply_under_another_post_is_not_taken_for_it(stage: Stage, clock: FrozenClock) -> None:
    stage.channel.send(stage.message)
    assert stage.channel.find_reply(replace(stage.message, target_id="404"), before(clock)) is None


def test_the_post_is_seen_as_it_stands_and_gone_when_it_is(stage: Stage) -> None:
    post = stage.channel.look(stage.message)
    assert post is not None
    assert (post.reply_target, post.reply_settings, post.summoned) == (stage.message.target_id, "everyone", True)
    stage.delete()
    assert stage.channel.look(stage.message) is None


def test_a_refusal_is_final_and_nothing_stands_there(stage: Stage, clock: FrozenClock) -> None:
    stage.misbehave("refuses")
    with pytest.raises(PostRefused) as told:
        stage.channel.send(stage.message)
    assert told.value.detail
    assert stage.replies() == 0
    assert stage.channel.find_reply(stage.message, before(clock)) is None


def test_a_request_for_patience_names_a_time(stage: Stage, clock: FrozenClock) -> None:
    stage.misbehave("asks for patience")
    with pytest.raises(RateLimited) as told:
        stage.channel.send(stage.message)
    assert told.value.retry_at > clock.now()
    assert stage.replies() == 0


def test_promise_4_an_answer_that_broke_off_is_uncertain_was_sent_once_and_is_found(
    stage: Stage, clock: FrozenClock
) -> None:
    stage.channel.look(stage.message)  # signs in, so that the reply is the only request in trouble
    stage.misbehave("drops after accepting")
    with pytest.raises(PostUncertain):
        stage.channel.send(stage.message)
    assert stage.replies() == 1
    assert stage.channel.find_reply(stage.message, before(clock)) is not None
