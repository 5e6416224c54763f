"""The promise of a case: when its first response is due, and what moves that time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from config.settings import Settings
from store.records import Case, CaseStatus, Priority, Severity


class Promises:
    """Reckons when a first response is due. It stores nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def due(self, posted_at: datetime, priority: Priority, replayed: bool) -> datetime | None:
        """Return when the first response is promised. A replayed post is not answered, so nothing is promised."""
        return None if replayed else posted_at + self._settings.promises.target(priority.value)

    def anew(self, case: Case, posted_at: datetime) -> Case:
        """Return a case in which nothing was owed any more, and no agent has answered, with the clock begun again."""
        nothing_owed = case.status in (CaseStatus.RESOLVED, CaseStatus.PENDING) and case.first_response_at is None
        if not nothing_owed or posted_at < case.first_post_at:
            return case
        due_at = self.due(posted_at, case.priority, case.replayed)
        return replace(case, first_post_at=posted_at, due_at=due_at, breached_at=None)

    def of_live(self, case: Case, posted_at: datetime) -> Case:
        """Return a case that held only replayed posts, as its first live one makes it: owed an answer from then on."""
        due_at = self.due(posted_at, case.priority, False) if case.first_response_at is None else None
        return replace(case, replayed=False, first_post_at=posted_at, due_at=due_at)

    def raised(
        self, case: Case, priority: Priority, severity: Severity | None, since: datetime | None, now: datetime
    ) -> Case:
        """Return the case at the higher priority and severity, with its promise made shorter, never longer.

        The shorter time counts from what raised the priority: a post, or an agent's word now. None: a replayed post.
        """
        priority = max(case.priority, priority, key=lambda one: one.rank)
        known = [one for one in (case.severity, severity) if one is not None]
        return replace(
            case,
            priority=priority,
            severity=max(known, key=lambda one: one.rank) if known else None,
            due_at=self._shortened(case, priority, since, now),
        )

    def _shortened(self, case: Case, priority: Priority, since: datetime | None, now: datetime) -> datetime | None:
        """Return when a case is due at a priority. A time that was kept or has passed stays as it was promised."""
        if case.due_at is None or case.due_at < now or case.first_response_at is not None:
            return case.due_at
        if since is None or priority is case.priority:
            return case.due_at
        return min(case.due_at, since + self._settings.promises.target(priority.value))
