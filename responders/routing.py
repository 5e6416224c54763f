"""Routing: which of the operator's rules decides about a mention, and why, in words.

The rules of ``routes.toml`` are tried in order; the first whose conditions all hold decides. Two things stand
above them: a replayed post is never answered automatically, and what the classifier is unsure of goes to a
person, unless the rule says in so many words that it wants the unsure ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time
from zoneinfo import ZoneInfo

from config.rules import Rule, When
from config.settings import Settings
from config.types import within_hours
from responders.words import found_words
from store.records import Action, Assessment, Decision, Mention, Priority

DEFAULT_QUEUE = "care"


@dataclass(frozen=True, slots=True)
class _Case:
    """What the conditions look at."""

    mention: Mention
    assessment: Assessment
    time_zone: str


def route(mention: Mention, assessment: Assessment, settings: Settings) -> Decision:
    """Return what is to be done with a mention. Pure: the same three arguments give the same decision."""
    if mention.brand not in {brand.name for brand in settings.brands}:
        return Decision(rule="no such brand", action=Action.IGNORE, reason="Its brand is not configured any more.")
    seen = _Case(mention, assessment, settings.brand(mention.brand).time_zone)
    for rule in settings.routes.rules:
        held = _conditions_held(rule.when, seen)
        if held is not None:
            return _safe(_decision(rule, held), rule, mention, assessment)
    return Decision(
        rule="no rule",
        action=Action.QUEUE,
        reason="No rule matches, so a person decides.",
        queue=DEFAULT_QUEUE,
        priority=Priority.NORMAL,
    )


def language_of(mention: Mention, assessment: Assessment) -> str | None:
    """Return the language of a post: the classifier's word, else the platform's."""
    return assessment.language or mention.post.language


def _decision(rule: Rule, held: list[str]) -> Decision:
    words = "; ".join(held) if held else "the rule takes everything that is left"
    return Decision(
        rule=rule.name,
        action=Action(rule.action),
        reason=f"{words[0].upper()}{words[1:]}.",
        queue=rule.queue,
        priority=Priority(rule.priority),
        template=rule.template,
    )


def _safe(decision: Decision, rule: Rule, mention: Mention, assessment: Assessment) -> Decision:
    """Give to a person what no rule may settle by itself."""
    if decision.action is Action.AUTO_REPLY and mention.replayed:
        return _to_a_person(decision, "The post was replayed from a file, so nothing is answered automatically.")
    unattended = decision.action in (Action.AUTO_REPLY, Action.IGNORE)
    if unattended and assessment.unsure and rule.when.unsure is None:
        return _to_a_person(decision, "The classifier is unsure, so a person decides.")
    return decision


def _to_a_person(decision: Decision, why: str) -> Decision:
    queue = decision.queue or DEFAULT_QUEUE
    return replace(decision, action=Action.QUEUE, queue=queue, template=None, reason=f"{decision.reason} {why}")


def _conditions_held(when: When, seen: _Case) -> list[str] | None:
    """Return each condition that holds in words, or None when one of those given does not."""
    held = []
    for name, check in _CHECKS.items():
        wanted = getattr(when, name)
        if wanted is None or wanted == []:
            continue
        words = check(wanted, seen)
        if words is None:
            return None
        held.append(words)
    return held


def _one_of(what: str, value: Callable[[_Case], str | None]) -> Callable[[list[str], _Case], str | None]:
    def check(wanted: list[str], seen: _Case) -> str | None:
        found = value(seen)
        return f"{what} {found}" if found in wanted else None

    return check


def _at_least(what: str, value: Callable[[_Case], float | None]) -> Callable[[float, _Case], str | None]:
    def check(wanted: float, seen: _Case) -> str | None:
        found = value(seen)
        return f"{what} is {found:g}, at least {wanted:g}" if found is not None and found >= wanted else None

    return check


def _below(what: str, value: Callable[[_Case], float | None]) -> Callable[[float, _Case], str | None]:
    def check(wanted: float, seen: _Case) -> str | None:
        found = value(seen)
        return f"{what} is {found:g}, below {wanted:g}" if found is not None and found < wanted else None

    return check


def _whether(yes: str, no: str, value: Callable[[_Case], bool | None]) -> Callable[[bool, _Case], str | None]:
    def check(wanted: bool, seen: _Case) -> str | None:
        return (yes if wanted else no) if value(seen) is wanted else None

    return check


def _words(wanted: list[str], seen: _Case) -> str | None:
    found = found_words(seen.mention.post.text, wanted)
    return f'the post says "{found[0]}"' if found else None


def _hours(wanted: tuple[time, time], seen: _Case) -> str | None:
    posted = seen.mention.post.posted_at.astimezone(ZoneInfo(seen.time_zone)).time()
    if not within_hours(posted, wanted):
        return None
    return f"it was posted at {posted:%H:%M}, between {wanted[0]:%H:%M} and {wanted[1]:%H:%M}"


_CHECKS: dict[str, Callable[..., str | None]] = {
    "platform": _one_of("the platform is", lambda seen: seen.mention.post.platform),
    "source": _one_of("it came in through", lambda seen: seen.mention.source),
    "brand": _one_of("the brand is", lambda seen: seen.mention.brand),
    "kind": _one_of("the kind is", lambda seen: seen.assessment.kind),
    "sentiment": _one_of("the sentiment is", lambda seen: seen.assessment.sentiment),
    "complaint": _whether("it is a complaint", "it is no complaint", lambda seen: seen.assessment.complaint),
    "complaint_score_at_least": _at_least("the complaint score", lambda seen: seen.assessment.complaint_score),
    "complaint_score_below": _below("the complaint score", lambda seen: seen.assessment.complaint_score),
    "severity": _one_of("the severity is", lambda seen: seen.assessment.severity),
    "topic": _one_of("the topic is", lambda seen: seen.assessment.topic),
    "language": _one_of("the language is", lambda seen: language_of(seen.mention, seen.assessment)),
    "words": _words,
    "audience_at_least": _at_least("the audience", lambda seen: seen.mention.post.author.audience),
    "audience_below": _below("the audience", lambda seen: seen.mention.post.author.audience),
    "hours": _hours,
    "summoned": _whether("the post speaks to us", "the post does not speak to us", lambda s: s.mention.post.summoned),
    "unsure": _whether("the classifier is unsure", "the classifier is sure", lambda seen: seen.assessment.unsure),
    "relevant_below": _below("the relevance", lambda seen: seen.assessment.relevant_score),
    "offensive_at_least": _at_least("the offence", lambda seen: seen.assessment.offensive_score),
    "sarcasm_at_least": _at_least("the sarcasm", lambda seen: seen.assessment.sarcasm_score),
}
