"""What crosses the borders between the parts: frozen records and the words of their states.

Every part speaks in these; only ``store`` knows the rows behind them. All times are aware and UTC.
``id`` is ours (an integer); ``external_id`` is the platform's and always text, because X's ids do not
fit a JavaScript number and Reddit's are base 36.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Platform(StrEnum):
    """Where a mention was posted."""

    X = "x"
    REDDIT = "reddit"


class Sentiment(StrEnum):
    """How the author feels towards the brand."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Kind(StrEnum):
    """What the author is doing."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    PRAISE = "praise"
    SUGGESTION = "suggestion"
    THANKS = "thanks"
    SPAM = "spam"
    OTHER = "other"


NO_SEVERITY = "none"  # what an agent says instead of one: nothing is bad for the author


class Severity(StrEnum):
    """How bad it is for the author; ordered by ``rank``."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for critical."""
        return _SEVERITIES.index(self)


_SEVERITIES = tuple(Severity)


class Priority(StrEnum):
    """Our order of work; ordered by ``rank``."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for urgent."""
        return _PRIORITIES.index(self)


_PRIORITIES = tuple(Priority)


class CaseStatus(StrEnum):
    """Where a case stands. ``pending`` waits for the customer, ``snoozed`` for a time."""

    OPEN = "open"
    PENDING = "pending"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class OutboxState(StrEnum):
    """Where an outbox message stands; ``responders/outbox.py`` draws the arrows between them."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    PARKED = "parked"
    WITHDRAWN = "withdrawn"


class Mode(StrEnum):
    """How an answer may go out, from the freest to none at all."""

    AUTO = "auto"
    AGENT = "agent"
    BY_HAND = "by_hand"
    NEVER = "never"


class Action(StrEnum):
    """What a routing rule does with a mention."""

    IGNORE = "ignore"
    QUEUE = "queue"
    AUTO_REPLY = "auto_reply"
    ESCALATE = "escalate"


class Role(StrEnum):
    """What somebody may do at the desk; ordered by ``rank``."""

    AGENT = "agent"
    MANAGER = "manager"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for an agent up to 2 for an admin."""
        return list(Role).index(self)


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a post, as the platform tells it."""

    external_id: str
    handle: str
    name: str = ""
    audience: int = 0  # followers on X; 0 where the platform does not say
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """One post as a platform gave it, before anybody decided that it is a mention."""

    platform: Platform
    external_id: str  # X: the first id of the edit chain; Reddit: the fullname (t1_…, t3_…)
    author: Author
    text: str
    posted_at: datetime
    conversation_id: str
    version_id: str = ""  # X: the newest id of the edit chain; empty: the same as external_id
    in_reply_to: str | None = None
    url: str = ""
    edited_at: datetime | None = None
    language: str | None = None  # what the platform says; the classifier decides for itself
    community: str = ""  # subreddit, without r/
    summoned: bool = False  # mentioned or quoted us: X takes replies through its API only then
    summons: tuple[str, ...] = ()  # how it turned to us: "mentioned", "quoted", "replied"
    reply_settings: str = "everyone"  # X's word; Reddit: "everyone" or "locked"

    @property
    def reply_target(self) -> str:
        """The platform's id that an answer is posted under."""
        return self.version_id or self.external_id


@dataclass(frozen=True, slots=True)
class Mention:
    """A stored post that speaks of one of the operator's brands."""

    id: int
    post: Post
    brand: str
    source: str
    collected_at: datetime
    replayed: bool = False  # came from a file: never answered in public
    deleted_at: datetime | None = None


OTHER_TOPIC = "other"  # of a text that is about none of the operator's topics


@dataclass(frozen=True, slots=True)
class Version:
    """What a mention said before an edit."""

    text: str
    replaced_at: datetime  # when we saw that it says something else


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a classifier understood of one text. A head that the model lacks is ``None``."""

    model: str
    revision: str
    sentiment: Sentiment | None = None
    sentiment_scores: dict[str, float] | None = None  # negative, neutral, positive; sums to 1
    complaint: bool | None = None  # complaint_score against the operator's threshold
    complaint_score: float | None = None
    severity: Severity | None = None
    severity_reasons: tuple[str, ...] = ()
    kind: Kind | None = None
    topic: str | None = None  # a name from the settings, or OTHER_TOPIC; None when the settings name none
    language: str | None = None  # ISO 639-1
    relevant_score: float | None = None
    offensive_score: float | None = None
    sarcasm_score: float | None = None
    unsure: bool = False

    @property
    def recognised_topic(self) -> str | None:
        """The topic, unless it is none of the operator's."""
        return None if self.topic == OTHER_TOPIC else self.topic


@dataclass(frozen=True, slots=True)
class Decision:
    """What routing decided for a mention, by which rule, and why (in words)."""

    rule: str
    action: Action
    reason: str
    queue: str | None = None
    priority: Priority = Priority.NORMAL
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who signs in at the desk."""

    id: int
    username: str
    name: str
    initials: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One brand, one author, one conversation, and what is owed to them."""

    id: int
    brand: str
    platform: Platform
    author: Author
    conversation_id: str
    status: CaseStatus
    queue: str
    priority: Priority
    severity: Severity | None
    topic: str | None
    opened_at: datetime
    first_post_at: datetime
    last_activity_at: datetime
    due_at: datetime | None  # when the first response is promised; None: no promise
    first_response_at: datetime | None = None
    breached_at: datetime | None = None
    assignee_id: int | None = None
    claimed_at: datetime | None = None
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """An internal remark on a case. Never sent anywhere."""

    id: int
    case_id: int
    agent_id: int
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer being written for one mention of a case."""

    id: int
    case_id: int
    mention_id: int
    text: str
    template: str | None  # the reply template it came from
    author: str  # an actor: "agent:3" or "rule:NAME"
    mode: Mode  # what the gate said when it was made
    mode_reasons: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """An approved answer on its way out, once."""

    id: int
    platform: Platform
    target_id: str  # the platform's id of the post it answers
    mention_id: int
    case_id: int
    text: str
    state: OutboxState
    approved_by: str  # an actor
    approved_at: datetime
    automated: bool
    held_until: datetime | None = None
    external_id: str | None = None  # of our own post, once known
    sent_at: datetime | None = None
    dry_run: bool = False
    reason: str = ""  # why refused, parked, uncertain or withdrawn
    settle_checks: int = 0  # how often an uncertain send was looked for


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state: who, what, when, why. Never carries anybody's text."""

    at: datetime
    kind: str  # "case.opened", "outbox.sent", …; the list stands in store/events.py
    actor: str  # "agent:3", "rule:NAME", "daemon", "operator"
    mention_id: int | None = None
    case_id: int | None = None
    outbox_id: int | None = None
    brand: str | None = None
    detail: dict[str, object] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """A stretch of time in which a source was listened to, or was not."""

    id: int
    source: str
    started_at: datetime
    ended_at: datetime
    state: str  # covered, gap, filled, lost
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a configured source between its runs."""

    name: str
    kind: str
    platform: Platform
    brand: str | None
    cursor: dict[str, object]
    last_run_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_error: str | None = None
    covered_until: datetime | None = None
    resting_until: datetime | None = None
    failures: int = 0  # in a row


@dataclass(frozen=True, slots=True)
class Suppression:
    """An author that must never be written to again."""

    platform: Platform
    author_external_id: str
    reason: str
    actor: str
    at: datetime
