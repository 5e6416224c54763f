"""How the desk says things: times, countdowns, scores, events and highlights. Nothing here knows a request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from store.records import Case, CaseStatus, Event, Mode, OutboxMessage, OutboxState, Platform
from store.search import MARK_END, MARK_START

_MARKED = re.compile(f"{MARK_START}([^{MARK_START}{MARK_END}]*){MARK_END}")
_OUR_KEYS = ("draft", "note", "was")  # in the details of events; they say nothing to an agent
_SOON = timedelta(minutes=15)
_LEAST_WEIGHT = 0.01  # a probability that moves by less than a hundredth has no word to thank for it
# They turn the direction of the text after them, so that it reads as something else; their common short names.
_TURNING = {
    "\N{LEFT-TO-RIGHT EMBEDDING}": "LRE",
    "\N{RIGHT-TO-LEFT EMBEDDING}": "RLE",
    "\N{POP DIRECTIONAL FORMATTING}": "PDF",
    "\N{LEFT-TO-RIGHT OVERRIDE}": "LRO",
    "\N{RIGHT-TO-LEFT OVERRIDE}": "RLO",
    "\N{LEFT-TO-RIGHT ISOLATE}": "LRI",
    "\N{RIGHT-TO-LEFT ISOLATE}": "RLI",
    "\N{FIRST STRONG ISOLATE}": "FSI",
    "\N{POP DIRECTIONAL ISOLATE}": "PDI",
}
_TURNS = re.compile(f"[{''.join(_TURNING)}]")

PLATFORMS = {Platform.X: "X", Platform.REDDIT: "Reddit"}

MODES = {
    Mode.AUTO: "a reply template may answer by itself",
    Mode.AGENT: "an agent answers it from here",
    Mode.BY_HAND: "an agent answers it by hand, on the platform's own page",
    Mode.NEVER: "nobody answers it",
}

STATES = {
    OutboxState.HELD: "approved, held for a moment",
    OutboxState.QUEUED: "waiting to be sent",
    OutboxState.SENDING: "leaving now",
    OutboxState.SENT: "sent",
    OutboxState.REFUSED: "refused by the platform",
    OutboxState.UNCERTAIN: "sent, but nobody knows whether it arrived",
    OutboxState.PARKED: "needs a person",
    OutboxState.WITHDRAWN: "taken back",
}

# What an event says after "who"; what is not here is said in the words of its kind.
_DEEDS = {
    "mention.set_aside": "could not assess a mention",
    "mention.edited": "the post was edited on its platform",
    "mention.heard": "heard the post live, which was known from a file",
    "mention.deleted": "the post was deleted on its platform; its text is gone here as well",
    "mention.redacted": "the text of a post was removed",
    "mention.corrected": "corrected the label",
    "case.opened": "opened the case",
    "case.joined": "added a further mention",
    "case.live": "found the first live post of the case, which is owed an answer from then on",
    "case.raised": "made the case more urgent or more severe, as its post was edited",
    "case.claimed": "took the case",
    "case.released": "gave the case back",
    "case.assigned": "assigned the case",
    "case.escalated": "escalated the case",
    "alert.sent": "told people of it at once",
    "alert.unsent": "could not tell anybody of it yet",
    "case.snoozed": "snoozed the case",
    "case.pending": "set it waiting for the customer",
    "case.resolved": "resolved the case",
    "case.reopened": "opened the case again",
    "case.breached": "saw that the promise is broken",
    "case.answered": "saw the first response delivered",
    "case.by_hand": "answered on the platform's own page",
    "case.not_by_hand": "had not answered there after all",
    "case.acknowledged": "saw the automated reply delivered",
    "case.noted": "wrote a note",
    "draft.made": "drafted an answer",
    "draft.edited": "rewrote the answer",
    "draft.overridden": "overrode a guardrail",
    "outbox.held": "approved the answer",
    "outbox.queued": "made the answer ready to be sent",
    "outbox.sending": "is sending the answer",
    "outbox.sent": "sent the answer",
    "outbox.refused": "was refused by the platform",
    "outbox.uncertain": "does not know whether the answer arrived",
    "outbox.parked": "parked the answer for a person",
    "outbox.withdrawn": "took the answer back",
    "outbox.postponed": "postponed the answer",
    "answer.noticed": "noticed an answer that was written by hand on the platform's own page",
    "author.suppressed": "noted that this author is never written to again",
}


@dataclass(frozen=True, slots=True)
class Countdown:
    """How a case stands with its promise: the words, and how pressing they are (late, soon, calm or done)."""

    words: str
    level: str


def length(span: timedelta) -> str:
    """Say a span of time in its two largest units: "45 s", "12 min", "3 h 05 min", "2 d 4 h"."""
    seconds = int(abs(span).total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 24:
        return f"{hours} h {minutes % 60:02d} min"
    return f"{hours // 24} d {hours % 24} h"


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago something was, by the minute, so that a page does not change every second."""
    span = now - moment
    return "just now" if span < timedelta(minutes=1) else f"{length(span)} ago"


def countdown(case: Case, now: datetime) -> Countdown:
    """Say how a case stands with its promise."""
    if case.first_response_at is not None:
        took = length(case.first_response_at - case.first_post_at)
        return Countdown(f"answered after {took}", "done")
    if case.status is CaseStatus.RESOLVED:
        return Countdown("resolved, no answer by an agent sent", "done")
    if case.due_at is None:
        return Countdown("no promise", "calm")
    left = case.due_at - now
    if left < timedelta(0):
        return Countdown(f"overdue {_minutes(left)}", "late")
    return Countdown(f"due in {_minutes(left)}", "soon" if left < _SOON else "calm")


def _minutes(span: timedelta) -> str:
    return "less than 1 min" if abs(span) < timedelta(minutes=1) else length(span)


def local(moment: datetime, zone: str) -> str:
    """Write a moment in a brand's time zone: "2 Mar 14:05"."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there.day} {there:%b %H:%M}"


def percent(score: float | None) -> str:
    """Write a score between 0 and 1."""
    return "not scored" if score is None else f"{score * 100:.0f} %"


def likely(score: float | None) -> str:
    """Say how sure a score between 0 and 1 is, and write it."""
    if score is None:
        return "this model does not tell"
    steps = ((0.9, "almost certain"), (0.7, "likely"), (0.4, "possible"), (0.1, "unlikely"))
    word = next((word for least, word in steps if score >= least), "very unlikely")
    return f"{word} ({percent(score)})"


def who(actor: str, names: Mapping[int, str]) -> str:
    """Name an actor."""
    kind, _, rest = actor.partition(":")
    if kind == "agent" and rest.isdecimal():
        return names.get(int(rest), f"agent {rest}")
    return f"rule “{rest}”" if kind == "rule" else actor


def deed(event: Event, names: Mapping[int, str], zone: str) -> str:
    """Say what an event was, with the details that it carries; times in the brand's zone."""
    words = _DEEDS.get(event.kind, event.kind.replace(".", " "))
    details = [
        _detail(name, value, names, zone)
        for name, value in event.detail.items()
        if name not in _OUR_KEYS and value not in (None, "", [], False)
    ]
    return f"{words} ({'; '.join(details)})" if details else words


def _detail(name: str, value: object, names: Mapping[int, str], zone: str) -> str:
    if name in ("reason", "why"):
        return str(value).removesuffix(".")  # a rule's reason is a sentence; here it stands among other details
    if value is True:
        return name.replace("_", " ")
    if name in ("due_at", "until"):
        return f"{name.removesuffix('_at')} {local(datetime.fromisoformat(str(value)), zone)}"
    if name == "mode":
        return MODES[Mode(str(value))]
    if name in ("to", "agent_id", "from") and isinstance(value, int):
        return f"{name.removesuffix('_id')} {names.get(value, value)}"
    if isinstance(value, list):
        return f"{name.replace('_', ' ')}: {', '.join(str(one) for one in value)}"
    return f"{name.replace('_', ' ')}: {value}"


def delivery(message: OutboxMessage) -> str:
    """Say where an answer stands."""
    words = STATES[message.state]
    if message.state is OutboxState.SENT and message.dry_run:
        words = "dry run: would have been sent"
    return f"{words}: {message.reason}" if message.reason else words


def first_words(text: str, most: int = 160) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text[: most * 4].split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def visible(text: str) -> Markup:
    """Escape what a stranger wrote, with the characters that turn its direction written out and without effect.

    An address or a name cannot pass for another one then. What merely is right-to-left stays as it is: the page
    isolates each text (``dir="auto"``, ``bdi``).
    """
    shown = _TURNS.sub(lambda found: f'<span class="turning">{_TURNING[found[0]]}</span>', str(escape(text)))
    return Markup(shown)  # noqa: S704 - escaped in the line above


def weighed(why: Sequence[tuple[str, float]]) -> list[tuple[str, int]]:
    """Return each word with what it did to the decision, from 3 (carried it) over 0 to -3 (spoke against it most)."""
    most = max((abs(weight) for _, weight in why), default=0.0)
    if most < _LEAST_WEIGHT:
        return [(word, 0) for word, _ in why]
    return [(word, round(3 * weight / most)) for word, weight in why]


def highlight(snippet: str) -> Markup:
    """Escape a snippet of the search, and only then mark what matched."""
    marked = _MARKED.sub(r"<mark>\1</mark>", str(visible(snippet)))
    return Markup(marked.replace(MARK_START, "").replace(MARK_END, ""))  # noqa: S704 - escaped in the line above


def safe_link(url: str) -> str | None:
    """Return an address that a page may link to: http or https with a host, else None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    plain = url.isprintable() and " " not in url
    return url if plain and parts.scheme in ("http", "https") and parts.netloc else None
