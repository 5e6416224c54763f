"""What happens in a storm, drawn from its seed: round by round, before anything runs.

A round is a function of the seed and its number alone, so any round can be looked up again. What a schedule cannot
pin is how two processes race: at which instruction a SIGKILL arrives, and which of two requests is first. The fail
points are exact; the kills at random instants are not.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from config.fail_points import Edge
from frankly.rehearsal.faults import FaultKind
from store.records import Platform

ROUND_SECONDS = 0.6  # of real time, where nothing has to be waited for
SLOW_SECONDS = 2.5  # longer than the daemon's patience with a platform
POSTS = {"call": 8, "named": 4, "thanks": 4, "stop": 1, "late": 2, "comment": 6, "crowded": 2, "thread": 1}
CHANGES = ("edit", "delete", "delete", "lock")
JUMP_ROUNDS = 8
JUMPS = (-1800, -600, -120, -5, 5, 120, 600, 1800)

_F = FaultKind
_LOST_ANSWERS = (_F.DROP, _F.DROP_AFTER_ACCEPT, _F.ERROR_AFTER_ACCEPT, _F.SLOW, _F.CUT_BODY, _F.NOT_JSON, _F.STATUS)
_PATIENCE = (_F.RATE_LIMITED, _F.RATE_LIMITED_WITHOUT_RESET)
_KEYS = (_F.UNAUTHORIZED, _F.UNAUTHORIZED_WITHOUT_HEADER)
_READING = (_F.DROP, _F.SLOW, _F.CUT_BODY, _F.NOT_JSON, _F.STATUS, _F.LATE, *_PATIENCE, *_KEYS)
_MEANWHILE = (_F.EDITED_MEANWHILE, _F.DELETED_MEANWHILE)
# Where a fault can strike, and which ones make sense there.
TARGETS: tuple[tuple[Platform, str, str, tuple[FaultKind, ...]], ...] = (
    (Platform.X, "POST", "/2/tweets", (*_LOST_ANSWERS, *_LOST_ANSWERS, *_PATIENCE, *_KEYS)),
    (Platform.X, "POST", "/2/tweets", (_F.DUPLICATE, _F.NOT_SUMMONED, _F.LOCKED, _F.DELETED)),
    (Platform.X, "GET", "/2/users/", _READING),
    (Platform.X, "GET", "/2/tweets/search", (*_READING, _F.STALE_SINCE_ID)),
    (Platform.X, "GET", "/2/tweets", (*_READING, _F.PARTIAL_ERRORS, *_MEANWHILE)),
    (Platform.REDDIT, "POST", "/api/comment", (*_LOST_ANSWERS, *_LOST_ANSWERS, _F.EMPTY_THINGS, *_PATIENCE, *_KEYS)),
    (Platform.REDDIT, "POST", "/api/comment", (_F.RATELIMIT_SECONDS, _F.RATELIMIT_MINUTES)),
    (Platform.REDDIT, "POST", "/api/comment", (_F.LOCKED, _F.DELETED, _F.TOO_OLD)),
    (Platform.REDDIT, "GET", "/r/", _READING),
    (Platform.REDDIT, "GET", "/user/", _READING),
    (Platform.REDDIT, "GET", "/api/info", (*_READING, *_MEANWHILE)),
    (Platform.REDDIT, "POST", "/api/v1/access_token", (_F.STATUS, _F.DROP)),
)


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that waits for the next request it fits."""

    platform: Platform
    kind: FaultKind
    method: str
    path: str
    times: int
    status: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.kind}x{self.times} at {self.platform} {self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of a round, in real seconds from its beginning; ``room`` is in KiB and belongs to a full disk."""

    begins: float
    lasts: float
    room: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """Everything that a round has in store."""

    number: int
    posts: tuple[str, ...]
    burst: tuple[str, int] | None
    changes: tuple[str, ...]
    strikes: tuple[Strike, ...]
    killed_at: float | None
    edge: str  # where the next daemon dies, with its count; empty: nowhere
    dry: bool  # whether the next daemon has Reddit in dry run
    full: Spell | None
    locked: Spell | None
    paused: Spell | None
    jump_seconds: int
    retried: bool  # whether a person sends one of the parked answers again

    def __str__(self) -> str:
        words = [f"round {self.number}: {' '.join(self.posts)}"]
        words += [f"burst of {self.burst[1]} {self.burst[0]}"] if self.burst else []
        words += [*self.changes, *map(str, self.strikes)]
        words += [f"kill at {self.killed_at:.2f}"] if self.killed_at is not None else []
        words += [f"the next dies at {self.edge}"] if self.edge else []
        words += ["the next is dry on reddit"] if self.dry else []
        for name, spell in (("disk full", self.full), ("locked", self.locked), ("paused", self.paused)):
            words += [f"{name} {spell.begins:.2f}+{spell.lasts:.2f}"] if spell else []
        words += [f"clock {self.jump_seconds:+d} s"] if self.jump_seconds else []
        return "; ".join(words)


def draw(seed: str, number: int) -> Round:
    """Return the round of this number in the storm of this seed."""
    chance = random.Random(f"{seed}/{number}")
    kinds, weights = list(POSTS), list(POSTS.values())
    killed = chance.random() < 0.2
    return Round(
        number=number,
        posts=tuple(chance.choices(kinds, weights, k=chance.choice((1, 2, 2, 3)))),
        burst=_burst(chance),
        changes=tuple(chance.choice(CHANGES) for _ in range(chance.random() < 0.3)),
        strikes=tuple(_strike(chance) for _ in range(chance.choice((0, 0, 1, 1, 2)))),
        killed_at=chance.uniform(0, ROUND_SECONDS) if killed else None,
        edge=f"{chance.choice(list(Edge))}:{chance.choice((1, 1, 1, 2))}" if killed and chance.random() < 0.5 else "",
        dry=killed and chance.random() < 0.15,
        full=_full(chance),
        locked=_spell(chance, 0.08),
        paused=_spell(chance, 0.06),
        jump_seconds=_jump(seed, number),
        retried=chance.random() < 0.3,
    )


def _jump(seed: str, number: int) -> int:
    """Return how wrong the daemon's clock is; it stays so for some rounds."""
    chance = random.Random(f"{seed}/clock/{number // JUMP_ROUNDS}")
    return chance.choice(JUMPS) if chance.random() < 0.2 else 0


def _burst(chance: random.Random) -> tuple[str, int] | None:
    if chance.random() >= 0.02:
        return None
    return chance.choice(("call", "named", "crowded")), chance.choice((120, 120, 230, 230, 1_100))


def _strike(chance: random.Random) -> Strike:
    platform, method, path, kinds = chance.choice(TARGETS)
    return Strike(
        platform,
        chance.choice(kinds),
        method,
        path,
        times=chance.choice((1, 1, 2, 3)),
        status=chance.choice((408, 500, 502, 503)),
        seconds=SLOW_SECONDS,
    )


def _spell(chance: random.Random, share: float) -> Spell | None:
    spell = Spell(chance.uniform(0, ROUND_SECONDS / 2), chance.uniform(0.1, 1.0))
    return spell if chance.random() < share else None


def _full(chance: random.Random) -> Spell | None:
    spell = _spell(chance, 0.08)
    return None if spell is None else replace(spell, room=chance.choice((0, 0, 4, 16, 64)))
