"""From rows to figures: what was done for people, how soon, and whether it helped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from statistics import median

from responders.digest.heard import HeardDay, total
from responders.digest.records import (
    Answers,
    Band,
    ByPlatform,
    Classifier,
    Correction,
    Promise,
    Recovery,
    Times,
    Waiting,
)
from store.records import Platform, Sentiment
from store.service_metrics import (
    Agreement,
    CorrectionCount,
    FirstResponse,
    PromiseCount,
    ServiceMetrics,
    WaitingCase,
)

LISTED = 100  # as many of the unanswered are named; the desk has the rest
_BANDS = (("under 100 followers", 100), ("100 to 999", 1_000), ("1,000 to 9,999", 10_000))
_MOST = "10,000 and more"
UNKNOWN_AUDIENCE = "not known"  # on Reddit, and where the post is gone
_FEELING = {Sentiment.NEGATIVE: -1, Sentiment.NEUTRAL: 0, Sentiment.POSITIVE: 1}


def answers(service: ServiceMetrics, brand: str, start: datetime, by: datetime) -> Answers:
    """Return what was done for a brand's people between two moments."""
    opened = service.opened(start)
    asking = opened.opened - opened.settled
    responses = service.first_responses(start)
    promises = tuple(_promise(count) for count in service.promises(brand, start, by))
    every = service.waiting(-1)
    waiting = [_waiting(case, by) for case in every]
    return Answers(
        opened=opened.opened,
        settled_of_opened=opened.settled,
        answered_of_opened=opened.answered,
        reply_rate=opened.answered / asking if asking else None,
        closed_without_reply=opened.closed,
        automated_replies=service.automated(brand, start, by),
        first=times([r.seconds for r in responses]),
        bands=bands(responses, service.waiting_by_audience()),
        promise=_all_promises(promises),
        promises=promises,
        waiting_total=len(waiting),
        overdue_total=sum(case.overdue for case in waiting),
        waiting=tuple(waiting[:LISTED]),
    )


def times(seconds: Sequence[int]) -> Times:
    """Return the median and the 90th percentile (nearest rank) of durations."""
    if not seconds:
        return Times(0, None, None)
    ordered = sorted(seconds)
    return Times(len(ordered), round(median(ordered)), ordered[ceil(0.9 * len(ordered)) - 1])


def bands(responses: Sequence[FirstResponse], waiting: dict[tuple[Platform, int | None], int]) -> tuple[Band, ...]:
    """Return the first responses by the size of the author's audience, the smallest first."""
    found = []
    for name in (*(name for name, _ in _BANDS), _MOST, UNKNOWN_AUDIENCE):
        seconds = [r.seconds for r in responses if _band(r.audience) == name]
        still = sum(count for (_, audience), count in waiting.items() if _band(audience) == name)
        if seconds or still:
            found.append(Band(name, times(seconds), still))
    return tuple(found)


def _band(audience: int | None) -> str:
    if audience is None:
        return UNKNOWN_AUDIENCE
    return next((name for name, limit in _BANDS if audience < limit), _MOST)


def _promise(count: PromiseCount) -> Promise:
    return Promise(count.priority, count.due, count.kept, count.kept / count.due if count.due else None, count.left_out)


def _all_promises(promises: Sequence[Promise]) -> Promise:
    due, kept = sum(p.due for p in promises), sum(p.kept for p in promises)
    return Promise(None, due, kept, kept / due if due else None, sum(p.left_out for p in promises))


def _waiting(case: WaitingCase, by: datetime) -> Waiting:
    return Waiting(
        case_id=case.case_id,
        mention_id=case.mention_id,
        platform=case.platform,
        priority=case.priority,
        severity=case.severity,
        since=case.since,
        due_at=case.due_at,
        overdue=case.due_at is not None and case.due_at < by,
        again=case.again,
        acknowledged_at=case.acknowledged_at,
    )


def recovery(pairs: Sequence[tuple[Sentiment, Sentiment]]) -> Recovery:
    """Count who felt better, the same or worse after an agent's reply."""
    steps = [_FEELING[now] - _FEELING[before] for before, now in pairs]
    return Recovery(
        wrote_again=len(steps),
        better=sum(step > 0 for step in steps),
        same=steps.count(0),
        worse=sum(step < 0 for step in steps),
    )


def classifier(
    today: HeardDay, agreement: Agreement, corrections: Sequence[CorrectionCount], set_aside: int
) -> Classifier:
    """Return how often agents agreed with the classifier, and what it left open."""
    right = agreement.seen - agreement.corrected
    return Classifier(
        seen=agreement.seen,
        corrected=agreement.corrected,
        agreed_share=right / agreement.seen if agreement.seen else None,
        corrections=tuple(Correction(c.field, c.was or "nothing", c.corrected, c.times) for c in corrections),
        unread=total(s for s in today.slices if not s.judged),
        unsure=total(s for s in today.slices if s.unsure),
        set_aside=set_aside,
    )


def by_platform(
    today: HeardDay, responses: Sequence[FirstResponse], waiting: dict[tuple[Platform, int | None], int]
) -> tuple[ByPlatform, ...]:
    """Return the main figures of each platform that had any."""
    found = []
    for platform in Platform:
        mine = [s for s in today.slices if s.platform == platform]
        known = total(s for s in mine if s.sentiment is not None)
        negative = total(s for s in mine if s.sentiment == Sentiment.NEGATIVE)
        row = ByPlatform(
            platform=platform,
            mentions=total(mine),
            complaints=total(s for s in mine if s.complaint),
            negative_share=negative / known if known else None,
            answered=sum(r.platform == platform for r in responses),
            waiting=sum(count for (where, _), count in waiting.items() if where == platform),
        )
        if row.mentions or row.answered or row.waiting:
            found.append(row)
    return tuple(found)
