"""The outbox against a simple model: whatever happens in whatever order, no post is answered twice.

Agents approve, take back and answer by hand; posts go away, authors opt out; the operator pauses and tries things dry;
the platform misbehaves and the process dies at every edge (``config/fail_points.py``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from config.errors import PlatformError, PlatformUnavailable, PostRefused, PostUncertain
from config.fail_points import Edge
from frankly import pipeline
from responders.answers import NotAllowed
from responders.by_hand import Noticing
from responders.outbox import Sender
from responders.pausing import pause_sending, resume_sending
from store.outbox import ARROWS
from store.records import Author, OutboxMessage, OutboxState, Platform, Post, Suppression
from store.store import Store
from tests.conftest import FrozenClock
from tests.responders.scene import PretendedChannel, make_scene


class Killed(BaseException):
    """The process ends here."""


_LAG = timedelta(seconds=85)  # shorter than settle_after, longer than the patience after a definite failure
_TROUBLES = {
    "uncertain": PostUncertain("nobody knows"),
    "refused": PostRefused("no", detail="no"),
    "unavailable": PlatformUnavailable("later"),
    "killed": Killed(),
}
_LEAVING = (OutboxState.HELD, OutboxState.QUEUED)
_EDGES = [edge for edge in Edge if edge.startswith("outbox.") and edge is not Edge.HELD_WRITTEN]
# The state that each event tells of; a postponed message is in the queue again, or still.
_TELLS = {**{f"outbox.{state}": state for state in OutboxState}, "outbox.postponed": OutboxState.QUEUED}


class WitnessChannel(PretendedChannel):
    """A platform that counts the replies of ours under a post, lists them a while later, and knows who wants none."""

    def __init__(self, clock: FrozenClock, store: Store) -> None:
        super().__init__(Platform.X, clock)
        self.store = store
        self.arrived: dict[str, int] = {}
        self.arrived_at: dict[str, datetime] = {}
        self.dry = False
        self.closed: set[str] = set()  # posts under which nothing may appear any more

    def send(self, message: OutboxMessage) -> str:
        assert self.store.switches.paused() is None, "a request left while sending was paused"
        assert not self.dry, "a request left in a dry run"
        assert message.target_id not in self.closed, "a request left to somebody who may not be answered"
        assert self.store.outbox.get(message.id).state is OutboxState.SENDING, "a request left before its intent"
        trouble = self.trouble[0] if self.trouble else None
        if trouble is None or self.arrives:
            self.arrived[message.target_id] = self.arrived.get(message.target_id, 0) + 1
            self.arrived_at[message.target_id] = self.clock.now()
        return super().send(message)

    def find_reply(self, message: OutboxMessage, since: datetime) -> str | None:
        found = super().find_reply(message, since)
        at = self.arrived_at.get(message.target_id)
        return found if found and at and self.clock.now() - at >= _LAG else None


class Outbox(RuleBasedStateMachine):
    """One platform, a few cases, and one process that dies and starts again."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FrozenClock()
        self.store = Store.open(Path(self.folder.name) / "frankly.sqlite3")
        self.store.database.execute("PRAGMA synchronous = OFF")  # nobody pulls a plug here
        self.scene = make_scene(self.store, self.clock, Path(self.folder.name) / "templates")
        self.dry_settings = self.scene.with_settings(platforms={"x": {"sending": "dry_run"}}).settings
        self.channel = WitnessChannel(self.clock, self.store)
        self.scene.x.posts = self.channel.posts
        self.agent = self.scene.agent()
        self.words = 0
        self.stood: dict[int, OutboxState] = {}
        self.make_mortal()
        self.start()

    def make_mortal(self) -> None:
        """Let an edge kill the process: from then on it writes nothing more, as after a power cut."""
        self.dead, self.dies_at = False, None
        self.patch = pytest.MonkeyPatch()
        for module in ("responders.outbox", "responders.answers"):
            self.patch.setattr(f"{module}.reached", self.reached)
        begin = self.store.transaction

        @contextmanager
        def transaction() -> Iterator[None]:
            if self.dead:
                raise Killed
            with begin():
                yield

        self.patch.setattr(self.store, "transaction", transaction)

    def reached(self, edge: Edge) -> None:
        if edge is self.dies_at:
            self.dead = True
            raise Killed

    @contextmanager
    def mortal(self, edge: Edge | None, *, twice: bool = False) -> Iterator[None]:
        """Do something that may die at an edge; then another process takes over, which may die in doing so."""
        self.dies_at = edge
        try:
            yield
        except Killed:
            if twice:
                with suppress(Killed):
                    self.start(Edge.RECOVERED)
            self.start()
        self.dies_at = None

    def start(self, dies_at: Edge | None = None) -> None:
        self.dead, self.dies_at = False, dies_at
        chosen = self.dry_settings if self.channel.dry else self.scene.settings
        self.sender = Sender(self.store, chosen, self.clock, {Platform.X: self.channel})
        self.sender.recover()

    def teardown(self) -> None:
        self.patch.undo()
        self.store.close()
        self.folder.cleanup()

    def cases(self) -> list[int]:
        return [row["id"] for row in self.store.database.rows("SELECT id FROM cases")]

    def messages(self) -> list[OutboxMessage]:
        return [message for case_id in self.cases() for message in self.store.outbox.of_case(case_id)]

    def under_way(self, *states: OutboxState) -> list[OutboxMessage]:
        return [message for message in self.messages() if message.state in states]

    def approve(self, case_id: int) -> None:
        with suppress(NotAllowed):  # by the gate, or since every post of the case was deleted
            draft = self.scene.answering.draft(case_id, f"agent:{self.agent.id}")
            self.words += 1
            draft = self.scene.answering.edit(draft.id, self.agent, f"Answer number {self.words}. ^AB")
            self.scene.answering.approve(draft.id, self.agent)

    @initialize()
    def the_day_begins(self) -> None:
        self.somebody_complains_and_is_answered(dies=False)

    @precondition(lambda self: len(self.cases()) < 6)
    @rule(dies=st.sampled_from([True, False, False]))
    def somebody_complains_and_is_answered(self, dies: bool) -> None:
        case = self.scene.case()
        with self.mortal(Edge.HELD_WRITTEN if dies else None):
            self.approve(case.id)

    @rule(data=st.data())
    def an_agent_approves_another_answer(self, data: st.DataObject) -> None:
        self.approve(data.draw(st.sampled_from(self.cases())))

    @precondition(lambda self: self.messages())
    @rule(data=st.data(), way=st.sampled_from(["take_back", "give_back", "give_back"]))
    def an_agent_changes_their_mind(self, data: st.DataObject, way: str) -> None:
        with suppress(NotAllowed):
            getattr(self.scene.answering, way)(data.draw(st.sampled_from(self.messages())).id, self.agent)

    @rule(seconds=st.sampled_from([25, 90]))
    def a_quiet_moment_passes(self, seconds: int) -> None:
        self.clock.moment += timedelta(seconds=seconds)
        Noticing(self.store, self.clock, self.scene.answering, self.scene.cases).credit_all()
        pipeline.send(self.sender)

    @rule(
        trouble=st.sampled_from([None, None, None, *_TROUBLES]),
        edge=st.sampled_from([*[None] * len(_EDGES), *_EDGES]),
        arrives=st.booleans(),
        twice=st.booleans(),
        seconds=st.sampled_from([25, 65, 90]),
    )
    def the_sender_works(
        self, trouble: str | None, edge: Edge | None, arrives: bool, twice: bool, seconds: int
    ) -> None:
        self.clock.moment += timedelta(seconds=seconds)
        self.channel.trouble = [_TROUBLES[trouble]] if trouble else []
        self.channel.arrives = arrives and trouble in ("uncertain", "killed")
        with self.mortal(edge, twice=twice):
            self.sender.release_held()
            while self.sender.send_one():
                self.channel.trouble = []
        self.channel.trouble = []

    @rule(reachable=st.booleans(), edge=st.sampled_from([None, Edge.LOOKED_FOR, Edge.PARKED_WRITTEN]))
    def what_is_uncertain_is_looked_for(self, reachable: bool, edge: Edge | None) -> None:
        self.clock.moment += timedelta(seconds=90)
        self.channel.look_trouble = None if reachable else PlatformError("not now")
        with self.mortal(edge):
            self.sender.settle()
        self.channel.look_trouble = None

    @rule(what=st.sampled_from(["pauses", "resumes", "resumes", "tries it dry", "switches it on", "switches it on"]))
    def an_operator(self, what: str) -> None:
        if what == "pauses":
            pause_sending(self.store, self.clock, "operator", "a test")
        elif what == "resumes":
            resume_sending(self.store, self.clock, "operator")
        else:
            self.channel.dry = what == "tries it dry"
            self.start()

    @precondition(lambda self: self.under_way(*_LEAVING))
    @rule(data=st.data(), how=st.sampled_from(["deleted", "edited", "opted out", "answered by hand"]))
    def a_post_may_not_be_answered_any_more(self, data: st.DataObject, how: str) -> None:
        message = data.draw(st.sampled_from(self.under_way(*_LEAVING)))
        post, now = self.store.mentions.get(message.mention_id).post, self.clock.now()
        self.channel.closed.add(message.target_id)
        if how == "deleted":
            self.channel.posts.pop(message.target_id, None)
        elif how == "edited" and message.target_id in self.channel.posts:
            self.channel.posts[message.target_id] = replace(post, text=f"{post.text}!", edited_at=now)
        elif how == "answered by hand":
            us, name = Author("us", "BriskCare"), f"hand-{message.target_id}"
            ours = Post(Platform.X, name, us, "Sorted", now, "c", in_reply_to=message.target_id)
            self.store.own_posts.add([ours], now)
        else:
            reason = "they asked us to stop"
            self.store.suppressions.add(Suppression(Platform.X, post.author.external_id, reason, "daemon", now))

    @invariant()
    def no_post_is_answered_twice(self) -> None:
        assert all(count == 1 for count in self.channel.arrived.values())

    @invariant()
    def what_we_call_sent_stands_there_and_what_was_dry_does_not_count(self) -> None:
        for message in self.store.outbox.in_state(OutboxState.SENT):
            assert message.dry_run == (message.external_id is None)
            assert message.dry_run or self.channel.arrived.get(message.target_id) == 1

    @invariant()
    def what_stands_there_is_never_taken_for_unsent(self) -> None:
        for state in (OutboxState.HELD, OutboxState.QUEUED, OutboxState.REFUSED):
            for message in self.store.outbox.in_state(state):
                others = self.store.outbox.of_mention(message.mention_id)
                assert message.target_id not in self.channel.arrived or len(others) > 1

    @invariant()
    def an_answered_case_has_its_time(self) -> None:
        for message in self.store.outbox.in_state(OutboxState.SENT):
            if not message.dry_run:
                assert self.store.cases.get(message.case_id).first_response_at is not None

    @invariant()
    def states_move_along_the_arrows_and_events_tell_of_them(self) -> None:
        for message in self.messages():
            before = self.stood.get(message.id, OutboxState.HELD)
            assert message.state in _reachable(before), f"{before} became {message.state}"
            self.stood[message.id] = message.state
            events = [e for e in self.store.events.of_case(message.case_id) if e.outbox_id == message.id]
            told = [_TELLS[event.kind] for event in events if event.kind in _TELLS]
            assert told[-1] is message.state

    @invariant()
    def each_request_had_its_intent_on_disk(self) -> None:
        for message in self.messages():
            requests = sum(one.id == message.id for one in self.channel.sent)
            assert requests <= len(self.store.outbox.deliveries(message.id))


def _reachable(state: OutboxState) -> set[OutboxState]:
    """Every state that one may come to along the arrows."""
    found, news = {state}, {state}
    while news:
        news = {further for one in news for further in ARROWS[one]} - found
        found |= news
    return found


Outbox.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOutbox = Outbox.TestCase
