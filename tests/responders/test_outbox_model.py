"""The outbox against a simple model: whatever happens in whatever order, no post is answered twice."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from config.errors import PlatformError, PlatformUnavailable, PostRefused, PostUncertain
from responders.answers import NotAllowed
from responders.outbox import Sender
from responders.pausing import pause_sending, resume_sending
from store.records import OutboxMessage, OutboxState, Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.responders.scene import PretendedChannel, make_scene


class Killed(BaseException):
    """The process ends here."""


_LAG = timedelta(seconds=85)  # shorter than settle_after, longer than the patience after a definite failure


class CountingChannel(PretendedChannel):
    """A platform that counts the replies of ours under a post, and lists them a while after they arrived."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__(Platform.X, clock)
        self.arrived: dict[str, int] = {}
        self.arrived_at: dict[str, datetime] = {}
        self.paused = False

    def send(self, message: OutboxMessage) -> str:
        assert not self.paused, "a request left while sending was paused"
        trouble = self.trouble[0] if self.trouble else None
        if trouble is None or self.arrives:
            self.arrived[message.target_id] = self.arrived.get(message.target_id, 0) + 1
            self.arrived_at[message.target_id] = self.clock.now()
        return super().send(message)

    def find_reply(self, message: OutboxMessage, since: datetime) -> str | None:
        found = super().find_reply(message, since)
        return found if found and self.clock.now() - self.arrived_at[message.target_id] >= _LAG else None


class Outbox(RuleBasedStateMachine):
    """Agents approve, take back and give back; the platform and the process misbehave."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FrozenClock()
        self.store = Store.open(Path(self.folder.name) / "frankly.sqlite3")
        self.store.database.execute("PRAGMA synchronous = OFF")  # nobody pulls a plug here
        self.scene = make_scene(self.store, self.clock, Path(self.folder.name) / "templates")
        self.channel = CountingChannel(self.clock)
        self.agent = self.scene.agent()
        self.words = 0
        self.start()

    def start(self) -> None:
        self.sender = Sender(self.store, self.scene.settings, self.clock, {Platform.X: self.channel})
        self.sender.recover()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def cases(self) -> list[int]:
        return [row["id"] for row in self.store.database.rows("SELECT id FROM cases")]

    @initialize()
    def the_day_begins(self) -> None:
        self.somebody_complains()

    @precondition(lambda self: len(self.cases()) < 3)
    @rule()
    def somebody_complains(self) -> None:
        self.scene.x.posts = self.channel.posts
        self.scene.case()

    @precondition(lambda self: self.cases())
    @rule(data=st.data())
    def an_agent_approves(self, data: st.DataObject) -> None:
        case_id = data.draw(st.sampled_from(self.cases()))
        draft = self.scene.answering.draft(case_id, f"agent:{self.agent.id}")
        self.words += 1
        draft = self.scene.answering.edit(draft.id, self.agent, f"Answer number {self.words}. ^AB")
        try:
            self.scene.answering.approve(draft.id, self.agent)
        except NotAllowed:
            return

    @precondition(lambda self: self.cases())
    @rule(data=st.data(), way=st.sampled_from(["take_back", "give_back"]))
    def an_agent_changes_their_mind(self, data: st.DataObject, way: str) -> None:
        messages = self.store.outbox.of_case(data.draw(st.sampled_from(self.cases())))
        if messages:
            try:
                getattr(self.scene.answering, way)(data.draw(st.sampled_from(messages)).id, self.agent)
            except NotAllowed:
                return

    @rule(
        trouble=st.sampled_from(
            [None, "uncertain", "uncertain", "refused", "unavailable", "killed before writing it down", "killed"]
        ),
        arrives=st.booleans(),
        seconds=st.sampled_from([25, 65, 90]),
    )
    def the_sender_works(self, trouble: str | None, arrives: bool, seconds: int) -> None:
        self.clock.moment += timedelta(seconds=seconds)
        errors: dict[str, BaseException] = {
            "uncertain": PostUncertain("nobody knows"),
            "refused": PostRefused("no", detail="no"),
            "unavailable": PlatformUnavailable("later"),
            "killed": Killed(),
        }
        error = errors.get(trouble or "")
        self.channel.trouble = [error] if error else []
        self.channel.arrives = arrives and trouble in ("uncertain", "killed")
        if trouble == "killed before writing it down":
            self.channel.arrives = True
            self.sender._sent = self._die
        try:
            self.sender.release_held()
            self.sender.send_one()
        except Killed:
            self.start()
        self.channel.trouble = []
        self.sender.__dict__.pop("_sent", None)

    @staticmethod
    def _die(*_: object) -> None:
        raise Killed

    @rule(reachable=st.booleans())
    def what_is_uncertain_is_looked_for(self, reachable: bool) -> None:
        self.clock.moment += timedelta(seconds=90)
        self.channel.look_trouble = None if reachable else PlatformError("not now")
        self.sender.settle()
        self.channel.look_trouble = None

    @rule(paused=st.booleans())
    def an_operator_pauses(self, paused: bool) -> None:
        if paused:
            pause_sending(self.store, self.clock, "operator", "a test")
        else:
            resume_sending(self.store, self.clock, "operator")
        self.channel.paused = paused

    @invariant()
    def no_post_is_answered_twice(self) -> None:
        assert all(count == 1 for count in self.channel.arrived.values())

    @invariant()
    def what_we_call_sent_stands_there(self) -> None:
        for message in self.store.outbox.in_state(OutboxState.SENT):
            assert self.channel.arrived.get(message.target_id) == 1

    @invariant()
    def what_stands_there_is_never_taken_for_unsent(self) -> None:
        for state in (OutboxState.HELD, OutboxState.QUEUED, OutboxState.REFUSED):
            for message in self.store.outbox.in_state(state):
                others = self.store.outbox.of_mention(message.mention_id)
                assert message.target_id not in self.channel.arrived or len(others) > 1

    @invariant()
    def an_answered_case_has_its_time(self) -> None:
        for message in self.store.outbox.in_state(OutboxState.SENT):
            assert self.store.cases.get(message.case_id).first_response_at is not None


Outbox.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOutbox = Outbox.TestCase
