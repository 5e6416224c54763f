"""Puts a digest into words: the same sentences for the page, the mail and Markdown."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from responders.digest import writing_done, writing_heard
from responders.digest.document import Document, Line, Section, Tile
from responders.digest.glossary import FIGURES
from responders.digest.phrases import (
    against,
    change,
    clock,
    count,
    duration,
    line,
    long_day,
    many,
    median_of,
    share,
)
from responders.digest.records import Compared, Digest


def document(digest: Digest, *, listed: int | None = None) -> Document:
    """Return a digest as sections of plain text; of the unanswered, no more than ``listed`` are named."""
    return Document(
        title=f"{line(digest.brand)}: {long_day(digest.day)}",
        subtitle=_subtitle(digest),
        summary=tuple(summary(digest)),
        tiles=() if nothing(digest) else _tiles(digest),
        sections=() if nothing(digest) else _sections(digest, listed),
        glossary=tuple(FIGURES.items()),
    )


def subject(digest: Digest) -> str:
    """Return the digest in one line: the subject of the mail."""
    until = " so far" if digest.so_far else ""
    head = f"{line(digest.brand)}, {digest.day.day} {digest.day:%B}{until}"
    if nothing(digest):
        return f"{head}: nothing was heard"
    said = f"{head}: {many(digest.mentions.value, 'mention')}, {many(digest.complaints.value, 'complaint')}"
    waiting = digest.answers.waiting_total
    said = f"{said}, {count(waiting)} unanswered" if waiting else said
    return said if digest.trend[-1].heard else f"{said} (not all heard)"


def nothing(digest: Digest) -> bool:
    """Tell whether there is nothing to say: nobody wrote, nobody waits, nothing was missed, done or spent."""
    answers = digest.answers
    return not (
        digest.mentions.value
        or digest.mentions.usual
        or digest.asides
        or answers.waiting_total
        or answers.promise.due
        or answers.first.replies
        or answers.automated_replies
        or digest.listening.silences
        or digest.listening.late_mentions
        or digest.spent_usd
        or digest.problems
        or digest.classifier.corrected
    )


def _subtitle(digest: Digest) -> str:
    zone = ZoneInfo(digest.time_zone)
    hours = round((digest.ends_at - digest.starts_at).total_seconds() / 3600, 1)
    odd = "" if hours == 24 else f" The clocks changed: this day has {hours:g} hours."
    odd += _other_zone(digest, zone)
    if digest.so_far:
        return f"So far: up to {clock(digest.as_of, zone, digest.day)}, times in {digest.time_zone}.{odd}"
    return f"The whole day, times in {digest.time_zone}.{odd}"


def _other_zone(digest: Digest, zone: ZoneInfo) -> str:
    """Say what no digest counts, or two do, where the day before was one of another time zone."""
    if digest.before_ended_at is None:
        return ""
    lost = digest.before_ended_at < digest.starts_at
    start, end = sorted((digest.before_ended_at, digest.starts_at))
    hours = f"{clock(start, zone, digest.day)} to {clock(end, zone, digest.day)}"
    counted = "is in no digest" if lost else "is in that digest and in this one"
    return f" The digest before was in another time zone: what happened from {hours} {counted}."


def summary(digest: Digest) -> list[Line]:
    """Return the few sentences that matter most; one if there is nothing to say."""
    if nothing(digest):
        until = " so far" if digest.so_far else ""
        return [Line(f"Nothing was heard about {line(digest.brand)} on this day{until}, and nobody is waiting.")]
    said = [
        Line(f"{against(digest.mentions, 'mention')}."),
        Line(f"{against(digest.complaints, 'complaint')}."),
        *(Line(text) for text in writing_heard.spike_lines(digest)),
    ]
    answers = digest.answers
    if answers.waiting_total:
        some = "all" if answers.overdue_total == answers.waiting_total else count(answers.overdue_total)
        one = answers.waiting_total == 1
        past = "past its due time" if one else f"{some} of them past their due time"
        late = f", {past}" if answers.overdue_total else ""
        verb = "was" if one else "were"
        text = f"{many(answers.waiting_total, 'case')} {verb} still waiting for an answer{late}."
        said.append(Line(text, "bad" if answers.overdue_total else "plain"))
    elif answers.opened or answers.promise.due:
        said.append(Line("Nobody was waiting for an answer."))
    said += [Line(text, "bad") for text in writing_heard.silence_lines(digest)]
    return said


def _tiles(digest: Digest) -> tuple[Tile, ...]:
    answers = digest.answers
    promise = answers.promise
    negative = digest.sentiments[0]
    usual = "" if negative.usual_share is None else f"usually {share(negative.usual_share)}"
    kept = f"{count(promise.kept)} of {count(promise.due)} due" if promise.due else "nothing was due"
    took = f"median of {count(answers.first.replies)}, by agents" if answers.first.replies else "no agent replied"
    return (
        Tile("Mentions", count(digest.mentions.value), _usual(digest.mentions)),
        Tile("Complaints", count(digest.complaints.value), _usual(digest.complaints)),
        Tile("Negative", share(negative.share), usual),
        Tile("Unanswered", count(answers.waiting_total), f"{count(answers.overdue_total)} past due",
             bad=answers.overdue_total > 0),
        Tile("Promise kept", share(promise.share), kept),
        Tile("First response", duration(answers.first.median_seconds), took),
    )  # fmt: skip


def _usual(figure: Compared) -> str:
    return "nothing to compare with" if figure.usual is None else f"{change(figure)}, {median_of(figure)}"


def _sections(digest: Digest, listed: int | None) -> tuple[Section, ...]:
    zone = ZoneInfo(digest.time_zone)
    written = (
        writing_done.waiting(digest, zone, listed),
        writing_heard.worst(digest, zone),
        writing_heard.volume(digest),
        writing_heard.topics(digest, zone),
        writing_heard.severe(digest, zone),
        writing_done.promise(digest),
        writing_done.times(digest),
        writing_done.recovery(digest),
        writing_done.classifier(digest),
        writing_heard.not_heard(digest, zone),
        writing_heard.platforms(digest),
        writing_done.problems(digest, zone),
        writing_done.spent(digest),
    )
    return tuple(section for section in written if section.blocks)
