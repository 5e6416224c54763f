"""The sections that tell what was heard, and what was not."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from responders.digest.document import Block, Cell, Heading, Line, Picture, Section, Spoken, Table
from responders.digest.phrases import (
    NONE,
    against,
    change,
    clock,
    count,
    duration,
    joined,
    line,
    lines,
    many,
    share,
    web_address,
)
from responders.digest.records import Digest, Quote, Silence, Topic

_ASIDE = {"spam": "spam", "irrelevant": "not about the brand", "ignored": "ignored by a rule"}
_FATE = {
    "gap": "not filled when this was made",
    "filled": "read later; what came after the end of the day counts as heard late",
    "late": "read only after the end of the day; it counts as heard late",
    "lost": "it cannot be heard any more",
    "unrecorded": "no record of listening",
}
_MISSED = {"late": "Read only after the day, and not counted here: what was said"}
_ALL_DAY = 0.99  # holes too short to be named are no reason to say less
PLATFORMS = {"x": "X", "reddit": "Reddit"}


def spike_lines(digest: Digest) -> list[str]:
    """Return a sentence for each spike, with what it is measured by: the days before, else this day's other hours."""
    compared = any(hour.usual is not None for hour in digest.hours)
    found = []
    for spike in digest.spikes:
        about = ""
        if spike.topic:
            about = f"; {count(spike.topic_mentions)} of them were about {line(spike.topic)}"
        usual = count(spike.usual)
        expected = (
            f"where {usual} are usual" if compared else f"where the day's other hours make {usual} likely (median)"
        )
        found.append(
            f"A spike from {spike.start} to {spike.end}: {many(spike.mentions, 'mention')} {expected}, "
            f"{many(spike.complaints, 'complaint')} among them{about}."
        )
    return found


def silence_lines(digest: Digest) -> list[str]:
    """Return a sentence for each stretch in which nobody was listening, or which was read only after the day."""
    zone = ZoneInfo(digest.time_zone)
    return [
        f"{_MISSED.get(s.state, 'Nobody was listening')} from {clock(s.started_at, zone, digest.day)} to "
        f"{_end(s, digest, zone)} ({line(s.source)})."
        for s in digest.listening.silences
        if s.state != "filled"
    ]


def _end(silence: Silence, digest: Digest, zone: ZoneInfo) -> str:
    if silence.ended_at >= digest.as_of:
        return "now" if digest.so_far else "midnight"
    return clock(silence.ended_at, zone, digest.day)


def worst(digest: Digest, zone: ZoneInfo) -> Section:
    """The worst verbatim, in full view."""
    spoken = (_spoken(digest.worst, digest, zone),) if digest.worst else ()
    return Section("worst", "The worst verbatim", spoken)


def volume(digest: Digest) -> Section:
    """Volume by hour, the eight days and the sentiment."""
    rows = tuple(
        (Cell(s.sentiment.value), Cell(count(s.mentions)), Cell(share(s.share)), Cell(share(s.usual_share)))
        for s in digest.sentiments
    )
    blocks: list[Block] = [Picture("hours", hours_alt(digest)), Picture("trend", trend_alt(digest))]
    blocks += [
        Picture("sentiment", sentiment_alt(digest)),
        Table(("Sentiment", "Mentions", "Share", "Usual share"), rows, (1, 2, 3)),
    ]
    blocks += [Line(text, "faint") for text in _notes(digest)]
    return Section("volume", "Volume and sentiment", tuple(blocks))


def _notes(digest: Digest) -> Iterable[str]:
    unknown = digest.mentions.value - sum(s.mentions for s in digest.sentiments)
    if unknown:
        yield f"The sentiment of {many(unknown, 'mention')} is not known; the shares leave them out."
    if digest.asides:
        parts = [
            f"{count(a.mentions)} {_ASIDE.get(a.reason, a.reason)}" + (f" ({line(a.rule)})" if a.rule else "")
            for a in digest.asides
        ]
        yield f"Kept apart and not counted above: {joined(parts)}."


def hours_alt(digest: Digest) -> str:
    """Say what the picture of the hours shows."""
    if not digest.hours:
        return "Mentions by hour: the day has only begun."
    busiest = max(digest.hours, key=lambda hour: hour.mentions)
    deaf = sum(not hour.heard for hour in digest.hours)
    missed = f" In {many(deaf, 'hour')} not everything was heard." if deaf else ""
    if not busiest.mentions:
        return f"Mentions and complaints by hour: none.{missed}"
    return (
        f"Mentions and complaints by hour. The busiest hour began at {busiest.label} with "
        f"{many(busiest.mentions, 'mention')} and {many(busiest.complaints, 'complaint')}.{missed}"
    )


def trend_alt(digest: Digest) -> str:
    """Say what the picture of the eight days shows."""
    days = ", ".join(
        f"{t.day.day} {t.day:%b}: {count(t.mentions)}" + ("" if t.heard else " (not all heard)") for t in digest.trend
    )
    return f"Mentions on the eight days up to this one. {days}."


def sentiment_alt(digest: Digest) -> str:
    """Say what the picture of the sentiment shows."""
    shares = [f"{share(s.share)} {s.sentiment.value}" for s in digest.sentiments if s.share is not None]
    return f"Sentiment of the mentions: {joined(shares)}." if shares else "The sentiment of the mentions is not known."


def topics(digest: Digest, zone: ZoneInfo) -> Section:
    """The topics, and what people said about each."""
    if not digest.topics:
        return Section("topics", "Topics", ())
    rows = tuple(
        (
            Cell(_name(topic)),
            Cell(count(topic.complaints.value)),
            Cell(change(topic.complaints)),
            Cell(count(topic.mentions.value)),
            Cell(change(topic.mentions)),
        )
        for topic in digest.topics
    )
    headings = ("Topic", "Complaints", "to usual", "Mentions", "to usual")
    blocks: list[Block] = [Table(headings, rows, (1, 2, 3, 4))]
    for topic in digest.topics:
        if topic.quotes and topic.complaints.value:
            blocks.append(Heading(_name(topic)))
            blocks.append(Line(f"{against(topic.complaints, 'complaint')}.", "faint"))
            blocks += [_spoken(quote, digest, zone) for quote in topic.quotes]
    return Section("topics", "Topics", tuple(blocks))


def _name(topic: Topic) -> str:
    return line(topic.name) or "no topic recognised"


def severe(digest: Digest, zone: ZoneInfo) -> Section:
    """The complaints that are worst for their authors."""
    spoken = tuple(_spoken(quote, digest, zone) for quote in digest.most_severe)
    return Section("severe", "The most severe", spoken)


def _spoken(quote: Quote, digest: Digest, zone: ZoneInfo) -> Spoken:
    facts = [PLATFORMS[quote.platform], clock(quote.posted_at, zone, digest.day)]
    if quote.severity:
        facts.append(f"severity {quote.severity}")
    facts += [line(reason) for reason in quote.reasons]
    return Spoken(lines(quote.text), handle(quote.author, quote.platform), ", ".join(facts), web_address(quote.url))


def handle(author: str, platform: str) -> str:
    """Write an author the way their platform does."""
    name = line(author)
    return f"{'@' if platform == 'x' else 'u/'}{name}" if name else "somebody who is not named"


def not_heard(digest: Digest, zone: ZoneInfo) -> Section:
    """What was not heard, and what was heard late."""
    listening = digest.listening
    rows = tuple(
        (
            Cell(line(s.source)),
            Cell(clock(s.started_at, zone, digest.day)),
            Cell(_end(s, digest, zone)),
            Cell(line(s.detail) or _FATE.get(s.state, s.state)),
            Cell(_FATE.get(s.state, s.state) if s.detail else ""),
        )
        for s in listening.silences
    )
    blocks: list[Block] = []
    if rows:
        blocks.append(Table(("Source", "From", "To", "Why", "What became of it"), rows))
    elif listening.heard_share is not None:
        part = share(listening.heard_share)
        late = listening.heard_share < _ALL_DAY
        blocks.append(
            Line(f"Every source was listened to {f'since it began: {part} of the day' if late else 'all day'}.")
        )
    if listening.heard_share is not None and rows:
        blocks.append(Line(f"The sources were listened to for {share(listening.heard_share)} of the day.", "faint"))
    if any(one.heard_seconds < _seconds(digest) for one in listening.sources):
        blocks.append(_by_source(digest))
    if listening.heard_share is None and not rows:
        blocks.append(Line("No source was listening; what is counted here was replayed from a file.", "faint"))
    if listening.late_mentions:
        blocks.append(
            Line(
                f"{many(listening.late_mentions, 'mention')} of earlier days came in, or could be read, only now, "
                f"{many(listening.late_complaints, 'complaint')} among them; no earlier digest counts these complaints."
            )
        )
    return Section("not-heard", "What was not heard", tuple(blocks))


def _by_source(digest: Digest) -> Table:
    """How long each source was heard, and what of the day it still has to read or never will."""
    rows = tuple(
        (
            Cell(line(one.source)),
            Cell(duration(one.heard_seconds)),
            Cell(_gaps(one.open_gaps, one.open_seconds)),
            Cell(_gaps(one.lost_gaps, one.lost_seconds)),
        )
        for one in digest.listening.sources
    )
    return Table(("Source", "Heard", "Still to be read", "Lost"), rows, (1, 2, 3))


def _gaps(number: int, seconds: int) -> str:
    return f"{many(number, 'gap')}, {duration(seconds)}" if number else NONE


def _seconds(digest: Digest) -> int:
    return round((min(digest.ends_at, digest.as_of) - digest.starts_at).total_seconds())


def platforms(digest: Digest) -> Section:
    """The main figures of each platform; one platform alone has said it all."""
    rows = tuple(
        (
            Cell(PLATFORMS[p.platform]),
            Cell(count(p.mentions)),
            Cell(count(p.complaints)),
            Cell(share(p.negative_share)),
            Cell(count(p.answered)),
            Cell(count(p.waiting)),
        )
        for p in digest.platforms
    )
    headings = ("Platform", "Mentions", "Complaints", "Negative", "First responses", "Unanswered")
    return Section("platforms", "By platform", (Table(headings, rows, (1, 2, 3, 4, 5)),) if len(rows) > 1 else ())
