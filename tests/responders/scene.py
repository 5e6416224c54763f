"""A small company for the tests of answering: settings, people, posts, and a channel that is only pretended."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.rules import Routes
from config.settings import Settings
from responders.answers import Answering
from responders.cases import CaseWork
from responders.outbox import Sender
from responders.templates import Templates, load_templates
from responders.triage import Triage
from store.records import (
    Action,
    Agent,
    Assessment,
    Author,
    Case,
    Decision,
    Kind,
    Mention,
    OutboxMessage,
    Platform,
    Post,
    Role,
    Sentiment,
    Severity,
)
from store.store import Store
from tests.conftest import FrozenClock
from tests.stored import id_of

DISCLOSED = "(Automated reply. Answer STOP and we stop.)"
COMPLAINT = Assessment(
    model="test",
    revision="1",
    sentiment=Sentiment.NEGATIVE,
    complaint=True,
    complaint_score=0.9,
    severity=Severity.MEDIUM,
    kind=Kind.COMPLAINT,
    topic="outage",
    language="en",
)
THANKS = replace(
    COMPLAINT,
    sentiment=Sentiment.POSITIVE,
    complaint=False,
    complaint_score=0.1,
    severity=None,
    kind=Kind.THANKS,
    topic=None,
)
TO_CARE = Decision(rule="complaint", action=Action.QUEUE, reason="It is a complaint.", queue="care")
RULES: list[dict[str, Any]] = [
    {"name": "severe", "when": {"severity": ["critical"]}, "action": "escalate", "queue": "urgent care"},
    {"name": "thanks", "when": {"kind": ["thanks"], "summoned": True}, "action": "auto_reply", "template": "thanks"},
    {"name": "complaint", "when": {"complaint": True}, "action": "queue", "queue": "care"},
    {"name": "rest", "action": "ignore"},
]


def make_settings(rules: list[dict[str, Any]] | None = None, **sections: Any) -> Settings:
    """Settings of one brand that sends on both platforms; keyword arguments replace whole sections."""
    platforms: dict[str, Any] = {
        "x": {"sending": "on"},
        "reddit": {"sending": "on", "access_approved": True, "app_registered": True, "subreddits": ["HomeNetworking"]},
    }
    brand = {
        "name": "Brisk",
        "terms": ["Brisk"],
        "handles": {"x": ["BriskCare"], "reddit": ["BriskCare"]},
        "time_zone": "Europe/London",
        "private_route": "https://brisk.example.com/help",
        "languages": ["en"],
    }
    given = {"brands": [brand], "platforms": platforms, "topics": [{"name": "outage", "phrases": ["down"]}], **sections}
    routes = Routes.model_validate({"rules": rules or RULES})
    return Settings.model_validate(given).model_copy(update={"routes": routes})


def write_template(
    folder: Path, name: str, body: str, front: str = 'language = "en"\nplatforms = ["x", "reddit"]'
) -> Path:
    """Write a reply template."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.md"
    path.write_text(f"---\n{front}\n---\n{body}\n", encoding="utf-8")
    return path


@dataclass
class PretendedChannel:
    """A channel that keeps what it was given. ``replies`` are what stands on the pretended platform."""

    platform: Platform
    clock: FrozenClock
    posts: dict[str, Post] = field(default_factory=dict)
    replies: dict[str, str] = field(default_factory=dict)  # our reply's id by the post it answers
    sent: list[OutboxMessage] = field(default_factory=list)
    trouble: list[Exception | None] = field(default_factory=list)  # for the next requests; None: no trouble
    arrives: bool = True  # whether a reply in trouble stands there all the same
    look_trouble: Exception | None = None
    before_answer: Callable[[], None] | None = None

    def send(self, message: OutboxMessage) -> str:
        self.sent.append(message)
        if self.before_answer:
            self.before_answer()
        error = self.trouble.pop(0) if self.trouble else None
        reply_id = f"ours-{len(self.sent)}"
        if error is None or self.arrives:
            self.replies[message.target_id] = reply_id
        if error is not None:
            raise error
        return reply_id

    def look(self, message: OutboxMessage) -> Post | None:
        if self.look_trouble is not None:
            raise self.look_trouble
        return self.posts.get(message.target_id)

    def find_reply(self, message: OutboxMessage, since: datetime) -> str | None:
        if self.look_trouble is not None:
            raise self.look_trouble
        return self.replies.get(message.target_id)


class Scene:
    """One company at work."""

    def __init__(self, store: Store, clock: FrozenClock, settings: Settings, templates: Templates) -> None:
        self.store, self.clock, self.settings, self.templates = store, clock, settings, templates
        self.cases = CaseWork(store, settings, clock)
        self.answering = Answering(store, settings, clock, templates)
        self.triage = Triage(store, settings, clock, self.answering, self.cases)
        self.x = PretendedChannel(Platform.X, clock)
        self.reddit = PretendedChannel(Platform.REDDIT, clock)
        self.sender = Sender(store, settings, clock, {Platform.X: self.x, Platform.REDDIT: self.reddit})
        self._ids = itertools.count(1001)

    def with_settings(self, **sections: Any) -> Scene:
        """The same company with other settings."""
        scene = Scene(self.store, self.clock, make_settings(**sections), self.templates)
        scene.x.posts, scene.reddit.posts = self.x.posts, self.reddit.posts
        scene._ids = self._ids
        return scene

    def agent(self, name: str = "Ana Bell", role: Role = Role.AGENT) -> Agent:
        username = name.split()[0].lower()
        return self.store.agents.add(username, name, name[0] + name.split()[-1][0], role, None, self.clock.now())

    def post(self, text: str = "Brisk, my line is down", **changed: Any) -> Post:
        number = str(next(self._ids))
        author = changed.pop("author", None) or Author(f"a{number}", f"user{number}", f"User {number}", 50)
        given: dict[str, Any] = {
            "platform": Platform.X,
            "external_id": number,
            "author": author,
            "text": text,
            "posted_at": self.clock.now() - timedelta(minutes=5),
            "conversation_id": f"c{number}",
            "summoned": True,
            "language": "en",
            "url": f"https://x.example/{number}",
        }
        return Post(**(given | changed))

    def hear(self, post: Post, replayed: bool = False) -> Mention:
        """Store a post as the collector does, and let it stand on its pretended platform."""
        with self.store.transaction():
            self.store.mentions.add(post, brand="Brisk", source="test", at=self.clock.now(), replayed=replayed)
        channel = self.x if post.platform is Platform.X else self.reddit
        channel.posts[post.reply_target] = post
        found = id_of(self.store, post.platform, post.external_id)
        assert found is not None
        return self.store.mentions.get(found)

    def mention(
        self,
        text: str = "Brisk, my line is down",
        assessment: Assessment = COMPLAINT,
        replayed: bool = False,
        **changed: Any,
    ) -> Mention:
        """A stored and assessed mention."""
        mention = self.hear(self.post(text, **changed), replayed)
        with self.store.transaction():
            self.store.assessments.add([(mention, assessment)], self.clock.now())
        return mention

    def take(self, mention: Mention) -> Decision:
        """Route a mention by its newest assessment."""
        decision = self.triage.take(mention, self.store.assessments.current([mention.id])[mention.id])
        assert decision is not None
        return decision

    def case(self, decision: Decision = TO_CARE, **changed: Any) -> Case:
        """An open case of one mention."""
        mention = self.mention(**changed)
        with self.store.transaction():
            assessment = self.store.assessments.current([mention.id])[mention.id]
            return self.cases.open_or_join(mention, assessment, decision)

    def approved(self, agent: Agent, text: str = "We are on it. ^AB", **changed: Any) -> OutboxMessage:
        """An approved answer to a new case."""
        case = self.case(**changed)
        draft = self.answering.draft(case.id, f"agent:{agent.id}")
        return self.answering.approve(self.answering.edit(draft.id, agent, text).id, agent)

    def let_go(self) -> None:
        """Wait until nothing can be taken back any more, and queue it."""
        self.clock.advance(seconds=21)
        self.sender.release_held()

    def kinds(self, case_id: int) -> list[str]:
        """What happened to a case, in the words of its events."""
        return [event.kind for event in self.store.events.of_case(case_id)]


def make_scene(store: Store, clock: FrozenClock, folder: Path, **sections: Any) -> Scene:
    """A company with two reply templates."""
    settings = make_settings(**sections)
    write_template(
        folder,
        "thanks",
        f"Thank you, {{{{ author_name }}}}! {DISCLOSED}",
        'language = "en"\nplatforms = ["x", "reddit"]\nwhen = ["thanks"]',
    )
    write_template(
        folder,
        "sorry",
        "Sorry, {{ author_name }}. We are on it. ^{{ initials }}",
        'language = "en"\nplatforms = ["x", "reddit"]\nwhen = ["complaint"]',
    )
    return Scene(store, clock, settings, load_templates(folder, settings))
