"""Makes the digest of a brand's day: the last step of the journey, and the same when it is made again.

A day is final from the configured digest time on the next morning: by then what was missed at its end is known.
The first digest of a final day is stored and stays. Strangers' words are put in when it is read, so that a post
that was deleted since is in no digest.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter

from config.clock import Clock
from config.errors import UsageError
from config.settings import Brand, Settings
from listener.coverage import SourceCoverage
from responders.digest import answered, heard, silence
from responders.digest.days import Span, final_at, span
from responders.digest.heard import HeardDay
from responders.digest.records import (
    Digest,
    Listening,
    Problem,
    Quote,
    Silence,
    Spending,
    Topic,
    Waiting,
)
from store.metrics import Picked, Words
from store.records import Event
from store.store import Store

DAYS_BEFORE = 7
TOPICS = 12
SEVERE = 5
QUOTE_LENGTH = 500
_JSON = TypeAdapter(Digest)


def make_digest(
    store: Store, settings: Settings, clock: Clock, brand: Brand, day: date, *, remake: bool = False
) -> Digest:
    """Return a brand's digest: the stored one of a final day, or a new one, which is stored if the day is final.

    ``remake`` replaces a stored one on purpose. ``UsageError`` for a day that has not begun.
    """
    now = clock.now()
    part = span(brand, day, now)
    if now < part.start:
        raise UsageError(f"{day} has not begun in {brand.time_zone}; name a day up to today")
    stored = None if remake else store.digests.get(brand.name, day)
    if stored is not None:
        return with_words(store, _JSON.validate_json(stored.content))
    digest = _compute(store, settings, brand, part)
    if now >= final_at(brand, day, settings.digest.at):
        with store.transaction():
            kept = store.digests.save(brand.name, day, to_json(digest), now, remake)
            store.events.add(
                Event(at=now, kind="digest.made", actor="daemon", brand=brand.name, detail={"day": day.isoformat()})
            )
        digest = _JSON.validate_json(kept.content)  # another process may have been first
    return with_words(store, digest)


def to_json(digest: Digest) -> str:
    """Write a digest with its keys in the order of the records, which only a release changes."""
    return _JSON.dump_json(digest, indent=2).decode() + "\n"


def from_json(text: str) -> Digest:
    """Read what ``to_json`` wrote."""
    return _JSON.validate_json(text)


def with_words(store: Store, digest: Digest) -> Digest:
    """Put in what strangers wrote and who they are, as the posts stood then; quotes that are gone are left out."""
    quotes = [*(q for topic in digest.topics for q in topic.quotes), *digest.most_severe]
    quotes += [digest.worst] if digest.worst else []
    ids = sorted({quote.mention_id for quote in quotes} | {case.mention_id for case in digest.answers.waiting})
    words = store.metrics.words(ids, digest.as_of)
    worst = _spoken([digest.worst] if digest.worst else [], words)
    return replace(
        digest,
        topics=tuple(replace(topic, quotes=_spoken(topic.quotes, words)) for topic in digest.topics),
        most_severe=_spoken(digest.most_severe, words),
        worst=worst[0] if worst else None,
        answers=replace(
            digest.answers, waiting=tuple(_named(case, words.get(case.mention_id)) for case in digest.answers.waiting)
        ),
    )


def without_words(digest: Digest) -> Digest:
    """Leave out what strangers wrote and who they are: what is sent cannot be taken back when a post is deleted."""
    waiting = tuple(replace(case, author="", url="") for case in digest.answers.waiting)
    return replace(
        digest,
        topics=tuple(replace(topic, quotes=()) for topic in digest.topics),
        most_severe=(),
        worst=None,
        answers=replace(digest.answers, waiting=waiting),
    )


def _spoken(quotes: Iterable[Quote], words: dict[int, Words]) -> tuple[Quote, ...]:
    return tuple(
        replace(quote, text=_shortened(said.text), author=said.author, url=said.url)
        for quote in quotes
        if (said := words.get(quote.mention_id)) is not None
    )


def _named(case: Waiting, said: Words | None) -> Waiting:
    return case if said is None else replace(case, author=said.author, url=said.url)


def _shortened(text: str) -> str:
    return text if len(text) <= QUOTE_LENGTH else text[: QUOTE_LENGTH - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class _Heard:
    """The day, the days before it, and what was silent."""

    today: HeardDay
    days: tuple[HeardDay, ...]  # oldest first, today last
    silences: tuple[Silence, ...]
    sources: tuple[SourceCoverage, ...]
    share: float | None
    fully_heard: frozenset[int]  # hours of today
    unheard: frozenset[int]  # hours of today of which something was not heard

    @property
    def comparable(self) -> list[HeardDay]:
        """The days before that were heard."""
        return [day for day in self.days[:-1] if day.heard]


def _compute(store: Store, settings: Settings, brand: Brand, part: Span) -> Digest:
    with store.metrics.reading(brand.name, part.start, part.by):
        store.service.gather(brand.name, part.start, part.by)
        listened = _listen(store, settings, brand, part)
        today, before = listened.today, listened.comparable
        hours = heard.hours(today, before, listened.unheard)
        responses, waiting = store.service.first_responses(part.start), store.service.waiting_by_audience()
        spent = store.service.spent(part.start, part.by)
        worst = store.metrics.worst()
        return Digest(
            brand=brand.name,
            day=part.day,
            time_zone=brand.time_zone,
            starts_at=part.start,
            ends_at=part.end,
            as_of=part.by,
            so_far=part.running,
            desk_url=settings.desk.public_url.rstrip("/"),
            mentions=heard.compared(today.mentions, [day.mentions for day in before], heard=today.heard),
            complaints=heard.compared(today.complaints, [day.complaints for day in before], heard=today.heard),
            sentiments=heard.sentiments(today, before),
            hours=hours,
            spikes=heard.spikes(today, hours, listened.fully_heard),
            trend=heard.trend(listened.days),
            topics=_topics(store, today, before, settings.digest.quotes),
            asides=heard.asides(today),
            platforms=answered.by_platform(today, responses, waiting),
            worst=_quote(worst[0]) if worst else None,
            most_severe=tuple(_quote(picked) for picked in store.metrics.most_severe(SEVERE)),
            answers=answered.answers(store.service, brand.name, part.start, part.by),
            recovery=answered.recovery(store.service.recovery(part.start, part.by)),
            classifier=answered.classifier(
                today,
                store.service.agreement(brand.name, part.start, part.by),
                store.service.corrections(brand.name, part.start, part.by),
                store.service.set_aside(brand.name, part.start, part.by),
            ),
            listening=_listening(store, brand, part, listened),
            spent_usd=round(sum(row.usd for row in spent), 6),
            spending=tuple(Spending(row.platform, row.source, row.call, row.calls, row.usd) for row in spent),
            problems=tuple(
                Problem(row.outbox_id, row.case_id, row.platform, row.what, row.stands, row.at)
                for row in store.service.troubles(brand.name, part.start, part.by)
            ),
            before_ended_at=_before_ended_at(store, brand, part),
        )


def _before_ended_at(store: Store, brand: Brand, part: Span) -> datetime | None:
    """Return when the digest of the day before ended, if not where this one starts: in another time zone."""
    before = store.digests.get(brand.name, part.day - timedelta(days=1))
    ended_at = from_json(before.content).ends_at if before else part.start
    return None if ended_at == part.start else ended_at


def _listen(store: Store, settings: Settings, brand: Brand, part: Span) -> _Heard:
    since = store.service.listening_since()
    days: list[HeardDay] = []
    for back in range(DAYS_BEFORE, 0, -1):
        earlier = part.earlier(back)
        stretches = store.service.coverage(earlier.start, earlier.by)
        sources = silence.sources_of(settings, brand.name, stretches)
        in_time = silence.as_of(earlier, sources, stretches, store.service.late_reads(earlier.start, earlier.by))
        share = silence.heard_share(earlier, sources, since, in_time)
        slices = store.metrics.of_earlier_day(brand.name, earlier.start, earlier.by)
        days.append(heard.heard_day(earlier, slices, share, silence.HEARD_ENOUGH))
    stretches = store.service.coverage(part.start, part.by)
    sources = silence.sources_of(settings, brand.name, stretches)
    in_time = silence.as_of(part, sources, stretches, store.service.late_reads(part.start, part.by))
    share = silence.heard_share(part, sources, since, in_time)
    today = heard.heard_day(part, store.metrics.of_day(), share, silence.HEARD_ENOUGH)
    silent = silence.silences(part, sources, since, in_time)
    mine = {name: since[name] for name in sources if name in since}
    return _Heard(
        today=today,
        days=(*days, today),
        silences=tuple(silent),
        sources=tuple(silence.sums(part, sources, since, stretches)),
        share=share,
        fully_heard=silence.heard_hours(part, mine, silent),
        unheard=silence.unheard_hours(part, mine, silent),
    )


def _listening(store: Store, brand: Brand, part: Span, listened: _Heard) -> Listening:
    late = store.metrics.late(brand.name, part.start, part.by)
    return Listening(listened.share, listened.silences, late.mentions, late.complaints, listened.sources)


def _topics(store: Store, today: HeardDay, before: Sequence[HeardDay], quotes: int) -> tuple[Topic, ...]:
    """Return the topics with the most complaints, then mentions; what has no topic comes last."""
    mentions, complaints = _by_topic(today)
    earlier = [_by_topic(day) for day in before]
    order = sorted(mentions, key=lambda name: (not name, -complaints[name], -mentions[name], name))
    return tuple(
        Topic(
            name=name,
            mentions=heard.compared(mentions[name], [day[0][name] for day in earlier], heard=today.heard),
            complaints=heard.compared(complaints[name], [day[1][name] for day in earlier], heard=today.heard),
            quotes=_quotes(store, name, quotes) if name else (),
        )
        for name in order[:TOPICS]
    )


def _by_topic(day: HeardDay) -> tuple[Counter[str], Counter[str]]:
    mentions: Counter[str] = Counter()
    complaints: Counter[str] = Counter()
    for s in day.slices:
        mentions[s.topic] += s.mentions
        complaints[s.topic] += s.mentions if s.complaint else 0
    return mentions, complaints


def _quotes(store: Store, topic: str, limit: int) -> tuple[Quote, ...]:
    return tuple(_quote(picked) for picked in store.metrics.quotable(topic, limit)) if limit else ()


def _quote(picked: Picked) -> Quote:
    reasons = tuple(str(reason) for reason in json.loads(picked.reasons))
    return Quote(picked.mention_id, picked.platform, picked.posted_at, picked.severity, reasons)
