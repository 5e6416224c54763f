"""The company that the storm goes over: its settings, and its agent at the desk."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from config.clock import Clock, PacedClock
from config.credentials import load_credentials
from config.errors import FranklyError
from config.loading import load_settings
from config.starting import write_starter
from frankly.app import App
from frankly.rehearsal.servers import RehearsalServers
from responders.pausing import pause_sending, resume_sending
from store.records import OutboxMessage, OutboxState, Platform, Role
from store.store import Store
from tests.stored import id_of

SUBREDDIT = "Harrowdale"
SETTINGS = """
[[brands]]
name = "Brisk Broadband"
terms = ["Brisk Broadband"]
handles = {{ x = ["BriskBroadband"], reddit = ["BriskBB_Care"] }}

[[sources]]
name = "x mentions"
kind = "x_mentions"
every = "0.5s"

[[sources]]
name = "x search"
kind = "x_search"
every = "0.7s"

[[sources]]
name = "reddit comments"
kind = "reddit_comments"
every = "0.5s"

[[sources]]
name = "reddit posts"
kind = "reddit_posts"
every = "0.9s"

[platforms.x]
base_url = "{x}"
timeout = "1.5s"
sending = "on"
day_budget_usd = 1000000
month_budget_usd = 1000000
answers_usd = 1000000
deletion_checks_usd = 1000000

[platforms.reddit]
base_url = "{reddit}"
timeout = "1.5s"
sending = "on"
access_approved = true
app_registered = true
subreddits = ["{subreddit}"]

[answers]
hold = "10s"
settle_after = "30s"
author_cooldown = "1h"
cap_per_hour = 1000
cap_per_day = 100000

[daemon]
tick = "0.3s"
tend = "2s"
sweep = "6s"

[rehearsal]
start = {start}
anchor = {anchor}
speed = {speed}
"""
_THANKS = """
[[rules]]
name = "thanks, unsure = {unsure}"
when = {{ words = ["thank you"], unsure = {unsure} }}
action = "auto_reply"
template = "thanks"
queue = "care"
"""
_TO_PEOPLE = '[[rules]]\nname = "to people"\naction = "queue"\nqueue = "care"\n'
# Nothing depends on what the model makes of a text.
ROUTES = _THANKS.format(unsure="true") + _THANKS.format(unsure="false") + _TO_PEOPLE


def configure(folder: Path, servers: RehearsalServers, clock: PacedClock) -> None:
    """Write the configuration that the daemon and the desk go by."""
    write_starter(folder)
    text = SETTINGS.format(
        x=servers.x_url,
        reddit=servers.reddit_url,
        subreddit=SUBREDDIT,
        start=clock.start.isoformat(),
        anchor=clock.anchor.isoformat(),
        speed=clock.speed,
    )
    (folder / "frankly.toml").write_text(text)
    (folder / "routes.toml").write_text(ROUTES)


@dataclass(frozen=True, slots=True)
class Approval:
    """An answer that an agent approved, as the agent remembers it."""

    platform: Platform
    target_id: str
    text: str
    at: datetime


@dataclass(slots=True)
class Pause:
    """A stretch, by the platforms' clock, in which nothing may leave."""

    began_at: datetime
    ended_at: datetime | None = None


@dataclass
class Desk:
    """One agent, in this process, on the daemon's own store and by its clock."""

    folder: Path
    steady: Clock
    clock: Clock
    approvals: list[Approval] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = load_settings(self.folder / "frankly.toml", {})
        self.store = Store.open(settings.database_path)
        self.app = App(settings, load_credentials({}), self.store)
        self.app.clock = self.clock
        self.agent = self.store.agents.add("ana", "Ana Bell", "AB", Role.ADMIN, None, self.clock.now())

    def answer(self, platform: Platform, post_id: str) -> bool:
        """Answer a post where that is allowed; False while it cannot be decided yet."""
        try:
            mention_id = id_of(self.store, platform, post_id)
            case = self.store.cases.of_mention(mention_id) if mention_id else None
            if case is None:
                return False
            self._approve(self.app.answering.draft(case.id, f"agent:{self.agent.id}").id)
        except FranklyError as error:
            return "refused:" not in str(error)  # a store that is locked is asked again
        return True

    def try_again(self, chance: random.Random) -> None:
        """Take one parked answer, as a person would who thinks that it never arrived, and approve it anew."""
        try:
            parked = self.store.outbox.in_state(OutboxState.PARKED, 1_000)
            if parked:
                self._approve(self.app.answering.give_back(chance.choice(parked).id, self.agent).id)
        except FranklyError:
            return

    def _approve(self, draft_id: int) -> None:
        text = f"We are on it, ticket {len(self.approvals) + 1}. ^AB"
        draft = self.app.answering.edit(draft_id, self.agent, text)
        message = self.app.answering.approve(draft.id, self.agent, override="the storm's agent read it")
        self._remember(message)

    def _remember(self, message: OutboxMessage) -> None:
        self.approvals.append(Approval(message.platform, message.target_id, message.text, self.steady.now()))

    def pause(self) -> bool:
        """Stop all sending; False where the store could not be written."""
        try:
            pause_sending(self.store, self.clock, "operator", "a storm")
        except FranklyError:
            return False
        self.pauses.append(Pause(self.steady.now()))
        return True

    def resume(self) -> bool:
        """Let sending go on; False where the store could not be written."""
        if not self.pauses or self.pauses[-1].ended_at is not None:
            return True
        before = self.steady.now()
        try:
            resume_sending(self.store, self.clock, "operator")
        except FranklyError:
            return False
        self.pauses[-1].ended_at = before
        return True

    def let_go_on(self) -> None:
        """Resume where the daemon paused by itself, as it does after several refusals running."""
        if self.pauses and self.pauses[-1].ended_at is None:
            return
        try:
            resume_sending(self.store, self.clock, "operator")
        except FranklyError:
            return

    def close(self) -> None:
        """Go home."""
        self.store.close()
