"""Tells people of escalated cases at once, by whatever Apprise reaches: the way to the desk, and no word of a post."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pydantic import SecretStr

from config.clock import Clock
from config.errors import FranklyError
from responders.notifier import addresses, not_taken
from store.alerts import Escalation
from store.records import Event, Platform
from store.store import Store

TOLD_FOR = timedelta(days=1)  # what was escalated earlier has been seen at the desk, or its promise is broken by now
TRIED_AGAIN = timedelta(minutes=5)
_NAMED = 20  # cases in one alert: after a storm of posts the queue tells more
_PLATFORMS = {Platform.X: "X", Platform.REDDIT: "Reddit"}


def send_alerts(store: Store, clock: Clock, urls: Sequence[SecretStr], desk: str) -> int:
    """Tell every address of the cases that were escalated since the last time, together; returns how many they were.

    That telling begins is on disk before the first byte leaves, so a crash cannot tell it twice. ``FranklyError``
    when an address failed: where all did, it is tried again later.
    """
    now = clock.now()
    waiting = store.alerts.waiting(now - TOLD_FOR, now - TRIED_AGAIN) if urls else []
    if not waiting:
        return 0
    reached = addresses(urls)
    with store.transaction():
        waiting = store.alerts.begin(waiting, now)
    if not waiting:
        return 0
    failed = [address for address in reached if not address.notify(_title(waiting), _body(waiting, desk), "text")]
    problem = not_taken(failed, len(reached))
    _settle(store, clock, waiting, problem, sent=len(failed) < len(reached))
    if problem:
        raise FranklyError(
            f"an alert was not sent everywhere: {problem}; "
            "check FRANKLY_ALERT_URLS and whether what stands there can be reached"
        )
    return len(waiting)


def _settle(store: Store, clock: Clock, told: Sequence[Escalation], problem: str | None, *, sent: bool) -> None:
    now = clock.now()
    with store.transaction():
        store.alerts.end(told, now if sent else None, problem)
        for one in told:
            if sent or not one.failed_before:  # what fails again is in the log, and not in each case's history
                kind = "alert.sent" if sent else "alert.unsent"
                detail: dict[str, object] = {"problem": problem} if problem else {}
                store.events.add(
                    Event(at=now, kind=kind, actor="daemon", case_id=one.case_id, brand=one.brand, detail=detail)
                )


def _title(waiting: Sequence[Escalation]) -> str:
    cases = {one.case_id for one in waiting}
    return "A case was escalated" if len(cases) == 1 else f"{len(cases)} cases were escalated"


def _body(waiting: Sequence[Escalation], desk: str) -> str:
    home = desk.rstrip("/")
    cases = {one.case_id: _PLATFORMS[one.platform] for one in waiting}
    lines = [f"{platform}: {home}/cases/{case_id}" for case_id, platform in list(cases.items())[:_NAMED]]
    if len(cases) > _NAMED:
        lines.append(f"and {len(cases) - _NAMED} more: {home}/")
    return "\n".join(lines)
