"""The gate: may this post be answered, and how? A pure function with its reasons in words.

It is asked when a draft is made, when it is approved, and once more right before the request. A channel may not be
switched on yet: the gate judges the same, so that a dry run shows what would really happen. The rules come
from X's Developer Guidelines and Automation rules, and Reddit's Responsible Builder Policy and Data API Wiki.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.types import format_duration
from store.records import Mode, Platform

_FREEST_FIRST = tuple(Mode)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the gate goes by."""

    now: datetime
    platform: Platform
    posted_at: datetime
    automated: bool = True  # False: an agent approves the answer, and only what binds everybody is asked
    # the post
    deleted: bool = False
    replayed: bool = False
    summoned: bool = False
    reply_settings: str = "everyone"
    community: str = ""
    own_post: bool = False
    author_is_bot: bool = False
    sensitive: bool = False
    unsure: bool = False
    language: str | None = None
    # what was said already
    suppressed: str | None = None  # why the author is not written to
    answered: bool = False  # an answer of ours is on its way, out, or parked, or was written there by hand
    acknowledged: bool = False  # an automated reply of ours stands under the post, and nothing by a person
    agent_at_work: bool = False
    automated_in_conversation: int = 0
    replies_in_submission: int = 0
    replies_in_community: int = 0  # of the last day
    last_automated_at: datetime | None = None
    automated_last_hour: int = 0
    automated_last_day: int = 0
    # the operator's settings
    has_template: bool = True  # in the language of the post
    quiet: bool = False  # it is one of the quiet hours
    paused: str | None = None  # why all sending is paused
    max_age: timedelta = timedelta(hours=24)
    author_cooldown: timedelta = timedelta(hours=6)
    cap_per_hour: int = 30
    cap_per_day: int = 200
    reddit_approved: bool = False
    reddit_registered: bool = False
    subreddits: tuple[str, ...] = ()
    replies_per_submission: int = 1
    replies_per_community: int = 20  # in a day


@dataclass(frozen=True, slots=True)
class Verdict:
    """The freest way in which an answer may go out, and every reason why it is not freer."""

    mode: Mode
    reasons: tuple[str, ...]


def judge(facts: Facts) -> Verdict:
    """Return how a post may be answered: automatically, by an agent, by hand on its page, or never."""
    limits = [*_never(facts), *_by_hand(facts)]
    freest = Mode.AGENT
    if facts.automated:
        limits += _by_an_agent(facts)
        freest = Mode.AUTO
    mode = max((limit[0] for limit in limits), key=_FREEST_FIRST.index, default=freest)
    return Verdict(mode, tuple(reason for _, reason in limits))


_Limits = Iterator[tuple[Mode, str]]


def _never(facts: Facts) -> _Limits:
    if facts.deleted:
        yield Mode.NEVER, "The post was deleted."
    if facts.suppressed is not None:
        yield Mode.NEVER, f"The author is not written to: {facts.suppressed}."
    if facts.own_post:
        yield Mode.NEVER, "The post is one of our own."
    if facts.author_is_bot:
        yield Mode.NEVER, "The author is a bot."
    if facts.answered or (facts.acknowledged and facts.automated):
        yield Mode.NEVER, "There is already an answer of ours to this post."
    if facts.platform is Platform.REDDIT and facts.reply_settings == "locked":
        yield Mode.NEVER, "The thread is locked."


def _by_hand(facts: Facts) -> _Limits:
    if facts.replayed:
        yield Mode.BY_HAND, "The post was replayed from a file, and such posts are never answered through a platform."
    if facts.now - facts.posted_at > facts.max_age:
        age = format_duration(facts.max_age)
        yield Mode.BY_HAND, f"The post is older than {age}, so answering through the platform would look like spam."
    if facts.acknowledged:
        yield Mode.BY_HAND, "An automated reply of ours stands there, and each post gets one through the platform."
    rules = _x_rules(facts) if facts.platform is Platform.X else _reddit_rules(facts)
    for reason in rules:
        yield Mode.BY_HAND, reason


def _x_rules(facts: Facts) -> Iterator[str]:
    if not facts.summoned:
        yield "The author did not mention or quote us, and X accepts an answer through its API only then."
    if facts.reply_settings != "everyone":
        yield "The author chose who may reply to this post."


def _reddit_rules(facts: Facts) -> Iterator[str]:
    if not facts.reddit_approved:
        yield "Reddit has not approved this use (platforms.reddit.access_approved)."
    if facts.community.casefold() not in {name.casefold() for name in facts.subreddits}:
        yield f"r/{facts.community} is not on the list of communities that we answer in."
    if facts.replies_in_submission >= facts.replies_per_submission:
        yield f"We have answered under this submission already ({facts.replies_in_submission} times)."
    if facts.replies_in_community >= facts.replies_per_community:
        yield f"The cap of {facts.replies_per_community} answers a day in r/{facts.community} is reached."


def _by_an_agent(facts: Facts) -> _Limits:
    for reason in (*_person_decides(facts), *_enough_automation(facts)):
        yield Mode.AGENT, reason


def _person_decides(facts: Facts) -> Iterator[str]:
    if facts.sensitive:
        yield "The post touches a subject that only a person may answer."
    if facts.unsure:
        yield "The classifier is unsure about the post."
    if facts.agent_at_work:
        yield "An agent is working on this case."
    if not facts.summoned:
        yield "The post does not speak to us, and only those that do are answered automatically."
    if not facts.has_template:
        yield f"There is no such reply template in the language of the post ({facts.language or 'unknown'})."
    if facts.platform is Platform.REDDIT and not facts.reddit_registered:
        yield "The account is not registered with Reddit as automated (platforms.reddit.app_registered)."


def _enough_automation(facts: Facts) -> Iterator[str]:
    if facts.automated_in_conversation:
        yield "The author has had an automated reply in this conversation."
    last = facts.last_automated_at
    if last is not None and facts.now - last < facts.author_cooldown:
        yield f"The author had an automated reply less than {format_duration(facts.author_cooldown)} ago."
    if facts.quiet:
        yield "These are quiet hours."
    if facts.paused is not None:
        yield f"Sending is paused ({facts.paused}), and what a rule says now may be wrong when it goes on."
    if facts.automated_last_hour >= facts.cap_per_hour:
        yield f"The cap of {facts.cap_per_hour} automated replies an hour is reached."
    if facts.automated_last_day >= facts.cap_per_day:
        yield f"The cap of {facts.cap_per_day} automated replies a day is reached."
