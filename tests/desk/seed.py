"""Fills a store with lively cases, for the desk's tests, its pictures and its benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import config.starter
from config.settings import Settings
from responders.answers import Answering
from responders.cases import CaseWork
from responders.templates import Templates, load_templates
from store.records import (
    Action,
    Agent,
    Assessment,
    Author,
    Case,
    Decision,
    Kind,
    Platform,
    Post,
    Priority,
    Role,
    Sentiment,
    Severity,
)
from store.store import Store
from tests.conftest import FrozenClock


@dataclass(frozen=True, slots=True)
class Said:
    """One post of the demonstration."""

    handle: str
    name: str
    text: str
    minutes_ago: int
    severity: Severity | None = Severity.MEDIUM
    topic: str = "outage"
    priority: Priority = Priority.NORMAL
    queue: str = "care"
    platform: Platform = Platform.X
    summoned: bool = True
    audience: int = 180
    kind: Kind = Kind.COMPLAINT
    reasons: tuple[str, ...] = ("says that nothing works",)
    thread: str = ""  # posts of one thread and author make one case
    relevant: float = 0.98


_U, _H, _N, _L = Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW
_X, _R = Platform.X, Platform.REDDIT

POSTS = (
    Said(
        "mia_tolliver", "Mia Tolliver",
        "@brightline no internet since 6 this morning and my dad's telecare alarm runs over it. "
        "Nobody answers the phone. Please, somebody.",
        41, Severity.CRITICAL, "outage", _U, "urgent",
        reasons=("a vulnerable person depends on the line", "nobody answers the phone"),
    ),
    Said(
        "dan.okafor", "Dan Okafor",
        "@brightline third engineer visit missed. THIRD. I took a day off work for each of them.",
        55, Severity.HIGH, "engineer visits", _H, reasons=("has complained before", "lost a day of work"),
    ),
    Said(
        "dan.okafor", "Dan Okafor",
        '@brightline and now the app says the visit was "completed". It was not.',
        12, Severity.HIGH, "engineer visits", _H, reasons=("has complained before", "says that a record is false"),
    ),
    Said(
        "priya_writes", "Priya N.",
        "@brightline you've billed me twice for March, £42.50 each. Can I have one of them back?",
        90, Severity.MEDIUM, "billing", _N, "billing", audience=12_480, reasons=("was charged twice",),
    ),
    Said(
        "old_pete", "Pete",
        "Brightline down AGAIN in the whole of Harwell street. What are we paying for",
        18, Severity.MEDIUM, "outage", _N, summoned=False,
    ),
    Said(
        "grumpy_router", "",
        "Day 4 with Brightline: download 0.8 Mbit, upload: prayer. Support asked me to restart the router. "
        "Eleven times.",
        130, Severity.MEDIUM, "speed", _N, platform=_R, reasons=("has restarted the router many times",),
    ),
    Said(
        "lena_k", "Lena K",
        "@brightline seit gestern Abend kein Internet in Neustadt, wann geht das wieder?",
        25, Severity.MEDIUM, "outage", _N, kind=Kind.QUESTION, reasons=("has had no service since yesterday",),
    ),
    Said(
        "samir", "Samir",
        "@brightline is there a fault in OX11 or is it just me?",
        7, Severity.LOW, "outage", _N, kind=Kind.QUESTION, reasons=("asks about a fault",),
    ),
    Said(
        "the_real_jo", "Jo ✨",
        "@brightline oh brilliant, another price rise for the privilege of buffering. truly you spoil us 🙃",
        65, Severity.LOW, "prices", _L, "billing", audience=48_200, reasons=("is sarcastic about the price",),
    ),
    Said(
        "katya_m", "Katya",
        "@brightline cancelled in January, still being charged in March, and the collections letter came today. "
        "I have all the e-mails.",
        75, Severity.HIGH, "billing", _H, "billing",
        reasons=("is being chased for money after leaving", "threatens to go elsewhere"),
    ),
    Said(
        "noor_a", "Noor",
        "honestly the Brightline engineer who came today was lovely, pity about the four weeks before that",
        200, Severity.LOW, "engineer visits", _L, platform=_R, kind=Kind.OTHER,
        reasons=("praise and complaint in one",),
    ),
    Said(
        "ben_h", "Ben H",
        "@brightline my landline number was given to somebody else during the switch. 22 years I had that number.",
        33, Severity.HIGH, "switching", _H, reasons=("lost something that cannot be replaced",),
    ),
)  # fmt: skip

TOPICS = ("outage", "billing", "engineer visits", "speed", "prices", "switching")


def demo_settings() -> Settings:
    """Return settings for a brand of the demonstration, with a Reddit community to answer in."""
    return Settings.model_validate(
        {
            "brands": [
                {
                    "name": "Brightline",
                    "terms": ["Brightline"],
                    "handles": {"x": ["brightline"], "reddit": ["brightline_care"]},
                    "languages": ["en", "de"],
                    "time_zone": "Europe/London",
                    "private_route": "https://brightline.example/contact",
                }
            ],
            "topics": [{"name": name, "phrases": [name]} for name in TOPICS],
            "platforms": {"reddit": {"access_approved": True, "subreddits": ["harwell"]}},
        }
    )


def demo_templates(settings: Settings) -> Templates:
    """Return the reply templates that frankly starts with."""
    return load_templates(Path(config.starter.__file__).parent / "templates", settings)


class Seed:
    """A store with agents and cases, and the parts that the desk works with."""

    def __init__(self, store: Store, clock: FrozenClock, settings: Settings | None = None) -> None:
        self.store = store
        self.clock = clock
        self.settings = settings or demo_settings()
        self.templates = demo_templates(self.settings)
        self.case_work = CaseWork(store, self.settings, clock)
        self.answering = Answering(store, self.settings, clock, self.templates)
        self._posts = 0

    def agent(self, username: str, name: str, role: Role = Role.AGENT, password_hash: str | None = None) -> Agent:
        """Add an agent; initials follow from the name."""
        initials = "".join(word[0] for word in name.split()).upper()[:4]
        return self.store.agents.add(username, name, initials, role, password_hash, self.clock.now())

    def hear(self, said: Said) -> Case:
        """Put one post through the journey, up to its case."""
        now = self.clock.now()
        self._posts += 1
        post = self._post(said, now - timedelta(minutes=said.minutes_ago))
        with self.store.transaction():
            mention_id = self.store.mentions.add(post, brand="Brightline", source="x mentions", at=now)
            assert mention_id is not None
            mention = self.store.mentions.get(mention_id)
            assessment = _assessment(said)
            self.store.assessments.add([(mention, assessment)], now)
            decision = Decision(
                rule="complaints to people",
                action=Action.ESCALATE if said.priority is _U else Action.QUEUE,
                reason=f"complaint, severity {said.severity}",
                queue=said.queue,
                priority=said.priority,
            )
            self.store.assessments.decide(mention, decision, now)
            return self.case_work.open_or_join(mention, assessment, decision)

    def hear_all(self) -> list[Case]:
        """Put the whole demonstration through."""
        return [self.hear(said) for said in POSTS]

    def beat(self, real_at: datetime) -> None:
        """Leave the sign of life that a running daemon leaves."""
        self.store.switches.put("heartbeat", {"pid": 1, "real_at": real_at.isoformat()}, self.clock.now())

    def _post(self, said: Said, at: datetime) -> Post:
        number = 1_900_000_000_000_000_000 + self._posts
        thread = said.thread or said.handle
        on_x = said.platform is Platform.X
        url = f"https://x.com/{said.handle}/status/{number}"
        audience = said.audience if on_x else 0
        return Post(
            platform=said.platform,
            external_id=str(number) if on_x else f"t1_{self._posts:06x}",
            author=Author(external_id=f"u-{said.handle}", handle=said.handle, name=said.name, audience=audience),
            text=said.text,
            posted_at=at,
            conversation_id=f"thread-{thread}",
            url=url if on_x else f"https://www.reddit.com/r/harwell/comments/{self._posts}/",
            language="de" if " seit " in said.text else "en",
            community="" if on_x else "harwell",
            summoned=said.summoned,
        )


def _assessment(said: Said) -> Assessment:
    complaint = said.kind is Kind.COMPLAINT
    return Assessment(
        model="embedded",
        revision="2026-01",
        sentiment=Sentiment.NEGATIVE if complaint else Sentiment.NEUTRAL,
        sentiment_scores={"negative": 0.91, "neutral": 0.07, "positive": 0.02}
        if complaint
        else {"negative": 0.2, "neutral": 0.7, "positive": 0.1},
        complaint=complaint,
        complaint_score=0.94 if complaint else 0.31,
        severity=said.severity,
        severity_reasons=said.reasons,
        kind=said.kind,
        topic=said.topic,
        language="de" if " seit " in said.text else "en",
        relevant_score=said.relevant,
        offensive_score=0.03,
        sarcasm_score=0.72 if "sarcastic" in " ".join(said.reasons) else 0.05,
    )
