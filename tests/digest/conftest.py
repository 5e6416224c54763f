"""A seeded store and a digest of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from responders.digest.figures import make_digest
from responders.digest.records import Digest
from store.store import Store
from tests.conftest import FrozenClock
from tests.digest.lively import DAY, lively
from tests.digest.seed import Seed, settings

MORNING = datetime(2026, 3, 6, 8, tzinfo=UTC)


@pytest.fixture
def seed(store: Store) -> Seed:
    return Seed(store)


@pytest.fixture
def lively_digest(store: Store, seed: Seed) -> Digest:
    with store.transaction():
        lively(seed)
    known = settings()
    return make_digest(store, known, FrozenClock(MORNING), known.brands[0], DAY)


def digest_of(
    store: Store, day: date = DAY, now: datetime = MORNING, *, time_zone: str = "UTC", remake: bool = True
) -> Digest:
    """Make a digest anew, as of now."""
    known = settings(time_zone)
    return make_digest(store, known, FrozenClock(now), known.brands[0], day, remake=remake)
