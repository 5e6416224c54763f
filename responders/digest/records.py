"""The digest as data: a tree of frozen records that every page, mail and file is made from.

Shares are between 0 and 1, durations in whole seconds, money in dollars, times aware and UTC. ``author``,
``url`` and ``text`` belong to strangers: they are empty in a stored digest and when a post is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from listener.coverage import SourceCoverage
from store.records import Platform, Priority, Sentiment, Severity


@dataclass(frozen=True, slots=True)
class Compared:
    """A count beside the median of the same count on the days before that were heard."""

    value: int
    usual: float | None  # None: no such day was heard, or so little of this one that fewer would mean nothing
    days: int  # how many were


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the brand's day, by its local label."""

    label: str
    mentions: int
    complaints: int
    usual: float | None  # median mentions of that hour on the days before
    heard: bool  # False where a source was silent for all or part of it


@dataclass(frozen=True, slots=True)
class Spike:
    """Hours with far more mentions than usual, and what they were about."""

    start: str
    end: str
    mentions: int
    usual: float
    complaints: int
    topic: str  # the one with the most mentions; empty: none
    topic_mentions: int


@dataclass(frozen=True, slots=True)
class Trend:
    """One of the eight days, the last of which is the digest's own."""

    day: date
    mentions: int
    complaints: int
    heard: bool


@dataclass(frozen=True, slots=True)
class SentimentShare:
    """How many mentions felt so, and what share that is of those whose sentiment is known."""

    sentiment: Sentiment
    mentions: int
    share: float | None
    usual_share: float | None


@dataclass(frozen=True, slots=True)
class Quote:
    """A post, word for word."""

    mention_id: int
    platform: Platform
    posted_at: datetime
    severity: Severity | None
    reasons: tuple[str, ...]
    text: str = ""
    author: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """What people talked about."""

    name: str  # empty: no topic was recognised
    mentions: Compared
    complaints: Compared
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """Mentions that are counted apart from all other figures, and why."""

    reason: str  # spam, irrelevant, ignored
    rule: str  # that ignored them; empty: none did
    mentions: int


@dataclass(frozen=True, slots=True)
class ByPlatform:
    """The main figures of one platform."""

    platform: Platform
    mentions: int
    complaints: int
    negative_share: float | None
    answered: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who was owed an answer at the end of the day."""

    case_id: int
    mention_id: int
    platform: Platform
    priority: Priority
    severity: Severity | None
    since: datetime
    due_at: datetime | None
    overdue: bool
    again: bool
    acknowledged_at: datetime | None  # by an automated reply, which answers nobody
    author: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """First responses due on the day, and how many came in time. ``priority`` None: all of them."""

    priority: Priority | None
    due: int
    kept: int
    share: float | None
    left_out: int


@dataclass(frozen=True, slots=True)
class Times:
    """How long a number of first responses took."""

    replies: int
    median_seconds: int | None
    p90_seconds: int | None


@dataclass(frozen=True, slots=True)
class Band:
    """People with an audience of about the same size."""

    name: str
    times: Times
    waiting: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What agents did for people on the day; automated replies are counted apart."""

    opened: int
    settled_of_opened: int  # by an automated reply alone, to what nobody was owed more for
    answered_of_opened: int
    reply_rate: float | None  # of those opened and not settled so
    closed_without_reply: int
    automated_replies: int
    first: Times
    bands: tuple[Band, ...]
    promise: Promise
    promises: tuple[Promise, ...]
    waiting_total: int
    overdue_total: int
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Recovery:
    """How authors felt who wrote again after an agent's reply."""

    wrote_again: int
    better: int
    same: int
    worse: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What the classifier got wrong, as agents would have it."""

    field: str
    was: str
    corrected: str
    times: int


@dataclass(frozen=True, slots=True)
class Classifier:
    """How far the classifier can be trusted on this day."""

    seen: int
    corrected: int
    agreed_share: float | None
    corrections: tuple[Correction, ...]
    unread: int  # stored, and not assessed by the end of the day
    unsure: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch in which a source was not listened to."""

    source: str
    started_at: datetime
    ended_at: datetime
    state: str  # gap, filled, late (read only after the day), lost, or unrecorded
    detail: str


@dataclass(frozen=True, slots=True)
class Listening:
    """What was heard and what was not."""

    heard_share: float | None  # of the day, mean over the sources; None: no source is known
    silences: tuple[Silence, ...]
    late_mentions: int
    late_complaints: int
    sources: tuple[SourceCoverage, ...] = ()


@dataclass(frozen=True, slots=True)
class Spending:
    """What one source's calls cost."""

    platform: str
    source: str
    call: str
    calls: int
    usd: float


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer that did not simply go out."""

    outbox_id: int
    case_id: int
    platform: Platform
    what: str
    stands: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """One brand's day, in figures."""

    brand: str
    day: date
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    as_of: datetime
    so_far: bool  # the day is not over
    desk_url: str
    mentions: Compared
    complaints: Compared
    sentiments: tuple[SentimentShare, ...]
    hours: tuple[Hour, ...]
    spikes: tuple[Spike, ...]
    trend: tuple[Trend, ...]
    topics: tuple[Topic, ...]
    asides: tuple[Aside, ...]
    platforms: tuple[ByPlatform, ...]
    worst: Quote | None
    most_severe: tuple[Quote, ...]
    answers: Answers
    recovery: Recovery
    classifier: Classifier
    listening: Listening
    spent_usd: float
    spending: tuple[Spending, ...]
    problems: tuple[Problem, ...]
    before_ended_at: datetime | None = None  # when the digest before ended, if not where this one starts
