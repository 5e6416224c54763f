"""From approval to the platform's own log, with the real clients over HTTP. The log is the witness, not our store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from config.credentials import load_credentials
from config.settings import Settings
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World
from listener.platforms.clients import open_client
from listener.spending import Spending
from responders.channels.platform import PlatformChannel
from responders.outbox import Sender
from store.records import OutboxMessage, OutboxState, Platform
from tests.conftest import FrozenClock
from tests.responders.scene import COMPLAINT, Scene
from tests.responders.test_channels import POST, settings_for


@dataclass
class Company:
    """A company whose channels lead to the rehearsal servers."""

    scene: Scene
    servers: RehearsalServers
    platform: Platform
    settings: Settings

    def sender(self, **platform: object) -> Sender:
        """A sender, as a process that has just started would make it."""
        credentials = load_credentials(self.servers.credentials())
        client = open_client(self.platform, self.settings, credentials, self.scene.clock)
        settings = self.scene.settings
        if platform:
            one = getattr(settings.platforms, self.platform).model_copy(update=platform)
            settings = settings.model_copy(
                update={"platforms": settings.platforms.model_copy(update={self.platform: one})}
            )
        spending = Spending(self.scene.store, self.settings, self.scene.clock)
        channel = PlatformChannel(client, spending)
        return Sender(self.scene.store, settings, self.scene.clock, {self.platform: channel})

    def approved(self) -> OutboxMessage:
        """An answer that may leave, to a post that stands on the simulated platform."""
        world, scene = self.servers.world, self.scene
        name = world.brands[self.platform].name
        if self.platform is Platform.X:
            target = world.add_post(self.platform, "ann", f"@{name} my line is down").id
        else:
            thread = world.add_post(self.platform, "bob", "Anyone?", title="Brisk is down", subreddit="HomeNetworking")
            target = world.add_post(self.platform, "ann", f"u/{name} my line is down", reply_to=thread.id).id
        client = open_client(self.platform, self.settings, load_credentials(self.servers.credentials()), scene.clock)
        mention = scene.hear(client.look([target])[target])
        with scene.store.transaction():
            scene.store.assessments.add([(mention, COMPLAINT)], scene.clock.now())
        scene.take(mention)
        case = scene.store.cases.of_mention(mention.id)
        assert case is not None
        agent = scene.agent()
        draft = scene.answering.draft(case.id, f"agent:{agent.id}")
        message = scene.answering.approve(scene.answering.edit(draft.id, agent, "We are on it. ^AB").id, agent)
        scene.let_go()
        return message

    @property
    def posts(self) -> int:
        """How many requests to post something the platform saw."""
        server = self.servers.x if self.platform is Platform.X else self.servers.reddit
        return len([one for one in server.log if one.method == "POST" and one.path.startswith(POST[self.platform])])

    @property
    def replies(self) -> list[str]:
        """What stands on the platform in our name."""
        server = self.servers.x if self.platform is Platform.X else self.servers.reddit
        return [reply.text for reply in server.replies()]

    def trouble(self, kind: FaultKind) -> None:
        """Let the next reply go wrong."""
        server = self.servers.x if self.platform is Platform.X else self.servers.reddit
        server.faults.add(kind, "POST", POST[self.platform], seconds=2.5)


@pytest.fixture(params=list(Platform))
def company(request: pytest.FixtureRequest, scene: Scene, clock: FrozenClock) -> Iterator[Company]:
    with RehearsalServers(World(clock)) as servers:
        yield Company(scene, servers, request.param, settings_for(servers))


def test_an_approved_answer_stands_once_under_its_post(company: Company) -> None:
    message = company.approved()
    sender = company.sender()
    assert sender.send_one()
    assert not sender.send_one()
    assert (company.posts, company.replies) == (1, ["We are on it. ^AB"])
    sent = company.scene.store.outbox.get(message.id)
    assert sent.state is OutboxState.SENT
    server = company.servers.x if company.platform is Platform.X else company.servers.reddit
    assert [(reply.parent, reply.id) for reply in server.replies()] == [(message.target_id, sent.external_id)]


def test_promise_5_a_dry_run_posts_nothing_by_the_platforms_own_log(company: Company) -> None:
    message = company.approved()
    sender = company.sender(sending="dry_run")
    assert sender.send_one()
    assert (company.posts, company.replies) == (0, [])
    assert company.scene.store.outbox.get(message.id).dry_run


@pytest.mark.parametrize(
    "kind", [FaultKind.DROP_AFTER_ACCEPT, FaultKind.ERROR_AFTER_ACCEPT, FaultKind.CUT_BODY, FaultKind.SLOW]
)
def test_promise_4_an_accepted_reply_whose_answer_is_lost_is_found_and_not_sent_again(
    company: Company, kind: FaultKind
) -> None:
    message = company.approved()
    company.trouble(kind)
    sender, clock = company.sender(), company.scene.clock
    sender.send_one()
    assert company.scene.store.outbox.get(message.id).state is OutboxState.UNCERTAIN
    for _ in range(3):
        clock.moment += timedelta(seconds=90)
        sender.settle()
        sender.send_one()
    settled = company.scene.store.outbox.get(message.id)
    assert (settled.state, company.posts) == (OutboxState.SENT, 1)
    assert settled.external_id is not None


def test_promise_4_a_reply_that_was_dropped_is_parked_for_a_person(company: Company) -> None:
    message = company.approved()
    company.trouble(FaultKind.DROP)
    sender, clock = company.sender(), company.scene.clock
    sender.send_one()
    for _ in range(2):
        clock.moment += timedelta(seconds=90)
        sender.settle()
    assert company.scene.store.outbox.get(message.id).state is OutboxState.PARKED
    assert company.replies == []


def test_promise_4_a_process_that_died_after_the_request_sends_nothing_again(company: Company) -> None:
    message = company.approved()
    dying, clock = company.sender(), company.scene.clock

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    dying._sent = die
    with pytest.raises(KeyboardInterrupt):
        dying.send_one()
    started = company.sender()
    assert started.recover() == 1
    assert not started.send_one()
    clock.moment += timedelta(seconds=90)
    assert started.settle() == 1
    assert company.scene.store.outbox.get(message.id).state is OutboxState.SENT
    assert (company.posts, len(company.replies)) == (1, 1)


def test_a_post_that_was_deleted_since_is_not_answered(company: Company) -> None:
    message = company.approved()
    company.servers.world.delete_post(message.target_id)
    company.sender().send_one()
    assert company.posts == 0
    assert company.scene.store.outbox.get(message.id).state is OutboxState.WITHDRAWN


def test_a_post_that_was_edited_since_is_not_answered(company: Company) -> None:
    message = company.approved()
    company.servers.world.edit_post(message.target_id, "works again", at=company.scene.clock.now())
    company.scene.clock.advance(seconds=5)
    company.sender().send_one()
    assert company.posts == 0
    assert company.scene.store.outbox.get(message.id).state is OutboxState.PARKED


@pytest.mark.parametrize("company", [Platform.REDDIT], indirect=True)
def test_a_comment_whose_thread_was_locked_since_is_not_answered(company: Company) -> None:
    message = company.approved()
    thread = company.scene.store.mentions.get(message.mention_id).post.conversation_id
    company.servers.world.lock_thread(thread)
    company.sender().send_one()
    assert company.posts == 0
    parked = company.scene.store.outbox.get(message.id)
    assert (parked.state, parked.reason) == (OutboxState.PARKED, "The thread is locked.")
