"""What is printed after a storm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from store.records import OutboxState, Platform
from tests.storm import oracle
from tests.storm.oracle import Witnesses

_SHOWN = 20  # of each kind of finding


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a storm. Those that ``faults`` lists must be none."""

    offered: int
    stored: int
    deleted_unheard: int
    admitted: int
    lost_silently: tuple[str, ...]
    approved: int
    automated: int
    requests: int
    received: int
    received_twice: tuple[str, ...]
    against_a_rule: tuple[str, ...]
    never_arrived: tuple[str, ...]
    standing_unknown: tuple[str, ...]
    outbox: dict[str, int]
    faults_met: int = 0
    deaths: dict[str, int] = field(default_factory=dict)
    unexpected: tuple[str, ...] = ()

    @property
    def failures(self) -> dict[str, tuple[str, ...]]:
        """What may not be, by its name."""
        found = {
            "lost silently": self.lost_silently,
            "received twice": self.received_twice,
            "received against a rule": self.against_a_rule,
            "called sent and never received": self.never_arrived,
        }
        return {name: what for name, what in found.items() if what}

    def lines(self) -> Iterable[str]:
        """Yield the report, a line a figure, and then what is wrong."""
        figures: dict[str, object] = {
            "posts offered": self.offered,
            "mentions stored": self.stored,
            "deleted before anybody listened": self.deleted_unheard,
            "not heard, and said so": self.admitted,
            "lost silently": len(self.lost_silently),
            "replies approved by an agent": self.approved,
            "replies approved by a rule": self.automated,
            "requests to post": self.requests,
            "replies received": self.received,
            "received twice": len(self.received_twice),
            "received against a rule": len(self.against_a_rule),
            "called sent and never received": len(self.never_arrived),
            "received, and parked for a person": len(self.standing_unknown),
            "uncertain left": self.outbox.get(OutboxState.UNCERTAIN, 0),
            "outbox": ", ".join(f"{state} {n}" for state, n in self.outbox.items() if n) or "empty",
            "faults met": self.faults_met,
            "deaths": ", ".join(f"{how}: {n}" for how, n in sorted(self.deaths.items())) or "none",
            "unexpected errors in the log": len(self.unexpected),
        }
        yield from (f"{name:<36}{value}" for name, value in figures.items())
        others = {"received, and parked for a person": self.standing_unknown, "unexpected": self.unexpected}
        for name, what in {**self.failures, **others}.items():
            yield from (f"  {name}: {one}" for one in what[:_SHOWN])


def make_report(seen: Witnesses, deaths: Counter[str], unexpected: Iterable[str]) -> Report:
    """Compare the platforms with the store."""
    missing = oracle.unheard(seen)
    silent = oracle.lost_silently(seen, missing)
    deleted = [offer for offer in missing if oracle.was_deleted(seen, offer)]
    return Report(
        offered=len(seen.offers),
        stored=len(seen.offers) - len(missing),
        deleted_unheard=len(deleted),
        admitted=len(missing) - len(silent) - len(deleted),
        lost_silently=tuple(
            f"{one.post.platform} {one.post.id} of {one.post.posted_at:%d %H:%M:%S}, listed by {', '.join(one.sources)}"
            for one in silent
        ),
        approved=len(seen.approvals),
        automated=seen.store.database.value("SELECT count(*) FROM outbox WHERE automated = 1"),
        requests=len(seen.requests()),
        received=sum(len(seen.replies(platform)) for platform in Platform),
        received_twice=tuple(oracle.received_twice(seen)),
        against_a_rule=tuple(oracle.against_a_rule(seen)),
        never_arrived=tuple(oracle.never_arrived(seen)),
        standing_unknown=tuple(oracle.standing_unknown(seen)),
        outbox={str(state): n for state, n in seen.store.overview.outbox().items()},
        faults_met=sum(entry.fault != "" for platform in Platform for entry in seen.log(platform)),
        deaths=dict(deaths),
        unexpected=tuple(unexpected),
    )
