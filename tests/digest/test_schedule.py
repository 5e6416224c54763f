"""When a digest is due, and that a missed one is caught up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import SecretStr

from config.errors import FranklyError
from responders.digest.deliver import send_digest
from responders.digest.schedule import due_digests
from store.store import Store
from tests.conftest import FrozenClock
from tests.digest.conftest import digest_of
from tests.digest.seed import Seed, settings

# Apprise 2.2 asks for a module that Python 3.13 drops, and goes on without it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

START = datetime(2026, 3, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _due(store: Store, now: datetime, time_zone: str = "UTC") -> list[date]:
    return [day for _, day in due_digests(store, settings(time_zone), FrozenClock(now))]


def test_a_digest_is_due_from_its_time_on_the_next_morning_in_the_brands_zone(store: Store, seed: Seed) -> None:
    seed.mention(START + 12 * HOUR)
    assert _due(store, START + 30 * HOUR) == []
    assert _due(store, START + 31 * HOUR) == [date(2026, 3, 5)]
    assert _due(store, START + 31 * HOUR, "America/New_York") == []
    assert _due(store, START + 36 * HOUR, "America/New_York") == [date(2026, 3, 5)]


def test_missed_days_are_caught_up_for_a_week_and_never_before_the_first_mention(store: Store, seed: Seed) -> None:
    seed.mention(START)
    assert _due(store, START + timedelta(days=3, hours=8)) == [date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 7)]
    assert len(_due(store, START + timedelta(days=30))) == 6
    assert len(_due(store, START + timedelta(days=30, hours=8))) == 7


def test_an_older_post_that_is_heard_late_leaves_the_days_before_it_due(store: Store, seed: Seed) -> None:
    seed.mention(START, author="a")
    late = START + timedelta(days=3)
    seed.mention(START - timedelta(days=1), collected=late, author="b")
    days = [date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 7)]
    assert _due(store, late + timedelta(hours=8)) == days


def test_nothing_is_due_where_nothing_was_ever_heard(store: Store) -> None:
    assert _due(store, START) == []


def test_one_without_an_address_is_made_and_done(store: Store, seed: Seed) -> None:
    seed.mention(START)
    now = START + 32 * HOUR
    digest = digest_of(store, now=now, remake=False)
    assert _due(store, now) == [date(2026, 3, 5)]
    assert not send_digest(digest, (), settings(), store, FrozenClock(now))
    assert _due(store, now) == []


def test_one_that_could_not_be_sent_is_tried_again_a_little_later(store: Store, seed: Seed) -> None:
    seed.mention(START)
    now = START + 32 * HOUR
    digest = digest_of(store, now=now, remake=False)
    with pytest.raises(FranklyError, match="was not sent everywhere"):
        send_digest(digest, (SecretStr("nonsense"),), settings(), store, FrozenClock(now))
    assert _due(store, now + timedelta(minutes=14)) == []
    assert _due(store, now + timedelta(minutes=15)) == [date(2026, 3, 5)]


def test_one_whose_sending_was_cut_off_is_not_sent_again(store: Store, seed: Seed) -> None:
    seed.mention(START)
    now = START + 32 * HOUR
    digest = digest_of(store, now=now, remake=False)
    assert store.digests.mark_trying("Acme", digest.day, now)
    assert _due(store, now + HOUR) == []
    assert not send_digest(digest, (SecretStr("nonsense"),), settings(), store, FrozenClock(now + HOUR))


def test_one_that_could_not_be_written_is_tried_again_a_little_later(
    store: Store, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed.mention(START)
    now = START + 32 * HOUR
    digest = digest_of(store, now=now, remake=False)

    def full_disk(_: object) -> dict[str, bytes]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("responders.digest.deliver.pictures", full_disk)
        with pytest.raises(OSError, match="No space left"):
            send_digest(digest, (SecretStr("json://desk.example"),), settings(), store, FrozenClock(now))
    stored = store.digests.get("Acme", digest.day)
    assert stored is not None
    assert stored.problem == "it could not be written; the log says why"
    assert _due(store, now + timedelta(minutes=14)) == []
    later = now + timedelta(minutes=15)
    assert _due(store, later) == [digest.day]
    monkeypatch.setattr("apprise.Apprise.notify", lambda *_, **__: True)
    assert send_digest(digest, (SecretStr("json://desk.example"),), settings(), store, FrozenClock(later))
    assert _due(store, later + HOUR) == []


def test_one_that_broke_off_after_its_first_byte_is_not_sent_again(
    store: Store, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed.mention(START)
    now = START + 32 * HOUR
    digest = digest_of(store, now=now, remake=False)

    def broken(*_: object, **__: object) -> bool:
        raise RuntimeError("halfway")

    monkeypatch.setattr("apprise.Apprise.notify", broken)
    with pytest.raises(RuntimeError, match="halfway"):
        send_digest(digest, (SecretStr("json://desk.example"),), settings(), store, FrozenClock(now))
    assert _due(store, now + HOUR) == []
