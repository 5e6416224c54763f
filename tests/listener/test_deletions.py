"""The sweep: what is gone on its platform is emptied here, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from config.credentials import Credentials
from config.errors import BudgetSpent, PlatformError, PostsUnclear
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from listener.deletions import Deletions, SweepReport, forget, overdue
from listener.platforms.base import PlatformClient
from listener.platforms.clients import open_client
from listener.platforms.x import XClient
from listener.spending import Spending
from store.records import Platform, Post
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import MakeCollector, MakeSettings
from tests.store.test_deletions import add_case
from tests.stored import id_of

SECRET = "zanzibarquell"


@pytest.fixture
def deletions(store: Store, clock: FrozenClock, credentials: Credentials, make_settings: MakeSettings) -> Deletions:
    settings = make_settings()
    clients = {platform: open_client(platform, settings, credentials, clock) for platform in Platform}
    return Deletions(store, settings, clock, clients)


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("frankly.sqlite3*")).lower()


def texts(store: Store) -> dict[str, str]:
    return {row["external_id"]: row["text"] for row in store.database.rows("SELECT external_id, text FROM mentions")}


@pytest.mark.parametrize("platform", list(Platform))
def test_a_post_that_was_deleted_is_emptied_everywhere(
    servers: RehearsalServers,
    store: Store,
    make_collector: MakeCollector,
    deletions: Deletions,
    clock: FrozenClock,
    tmp_path: Path,
    platform: Platform,
) -> None:
    more: dict[str, Any] = {} if platform is Platform.X else {"title": "Help", "subreddit": "Harrowdale"}
    kept = servers.world.add_post(platform, "ed", "Brisk is down", **more).id
    gone = servers.world.add_post(platform, "maria_h", f"Brisk lost my {SECRET}", **more).id
    kind = "x_search" if platform is Platform.X else "reddit_posts"
    assert make_collector(kind).run(kind).stored == 2
    servers.world.delete_post(gone)
    assert deletions.sweep(platform).checked == 0  # seen to stand a moment ago
    clock.advance(hours=13)
    report = deletions.sweep(platform)
    assert (report.checked, report.deleted, report.error) == (2, 1, None)
    assert texts(store)[gone] == ""
    assert "Brisk is down" in texts(store)[kept]
    assert SECRET.encode() not in bytes_on_disk(tmp_path)
    assert deletions.sweep(platform).checked == 0


def test_posts_are_looked_up_by_the_hundred_and_paid_for(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, deletions: Deletions, clock: FrozenClock
) -> None:
    for number in range(130):
        servers.world.add_post(Platform.X, "ed", f"Brisk {number}")
    make_collector("x_search").run("x_search")
    clock.advance(hours=16)  # the next day
    assert deletions.sweep(Platform.X).checked == 130
    assert len([entry for entry in servers.x.log if entry.path == "/2/tweets"]) == 2
    assert store.spending.spent(Platform.X, clock.now() - timedelta(minutes=1)) == pytest.approx(130 * 0.005)


def test_what_was_read_on_the_same_day_is_not_charged_again(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, deletions: Deletions, clock: FrozenClock
) -> None:
    servers.world.add_post(Platform.X, "ed", "Brisk is down")
    make_collector("x_search").run("x_search")
    clock.advance(hours=13)
    assert deletions.sweep(Platform.X).checked == 1
    assert store.spending.spent(Platform.X, clock.now() - timedelta(minutes=1)) == 0


def test_the_sweep_has_a_budget_of_its_own_and_leaves_that_of_listening_alone(
    servers: RehearsalServers,
    store: Store,
    make_collector: MakeCollector,
    make_settings: MakeSettings,
    credentials: Credentials,
    clock: FrozenClock,
) -> None:
    for number in range(130):
        servers.world.add_post(Platform.X, "ed", f"Brisk {number}")
    make_collector("x_search").run("x_search")
    clock.advance(hours=16)
    settings = make_settings(x={"day_budget_usd": 0.5, "deletion_checks_usd": 0.2})
    clients = {Platform.X: open_client(Platform.X, settings, credentials, clock)}
    deletions = Deletions(store, settings, clock, clients)
    report = deletions.sweep(Platform.X)
    assert report.checked == 40  # for 20 cents
    assert "deletion_checks_usd" in (report.error or "")
    assert report.exit_code == BudgetSpent.exit_code
    assert overdue(store, settings, clock, Platform.X) == 90
    spending = Spending(store, settings, clock)
    assert spending.reserve(Platform.X, "search", "post_read", 100) is not None
    with pytest.raises(BudgetSpent):
        spending.reserve(Platform.X, "search", "post_read", 1)
    clock.advance(days=1)
    assert deletions.sweep(Platform.X).checked == 40


def test_a_young_post_is_looked_at_twice_a_day_and_an_older_one_daily(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, deletions: Deletions, clock: FrozenClock
) -> None:
    servers.world.add_post(Platform.REDDIT, "ed", "Brisk is down", title="Help", subreddit="Harrowdale")
    make_collector("reddit_posts").run("reddit_posts")
    looked_at = []
    for hour in range(0, 24 * 6):
        if deletions.sweep(Platform.REDDIT).checked:
            looked_at.append(hour)
        clock.advance(hours=1)
    assert looked_at[:4] == [13, 26, 39, 60]  # 12 hours, and then 20, have to have passed
    assert {later - earlier for earlier, later in pairwise(looked_at[3:])} == {21}


def test_a_text_that_the_money_does_not_reach_is_not_kept(
    servers: RehearsalServers,
    store: Store,
    make_collector: MakeCollector,
    make_settings: MakeSettings,
    credentials: Credentials,
    clock: FrozenClock,
) -> None:
    """X gives a day. What cannot be seen to stand in that time is emptied, the oldest first; its id stays."""
    ids = []
    for number in range(5):
        ids.append(servers.world.add_post(Platform.X, "ed", f"Brisk {number}").id)
        clock.advance(minutes=1)
    make_collector("x_search").run("x_search")
    settings = make_settings(x={"day_budget_usd": 0.5, "deletion_checks_usd": 0.01})
    deletions = Deletions(store, settings, clock, {Platform.X: open_client(Platform.X, settings, credentials, clock)})
    for _ in range(38):  # on the first day a look is free: X bills a post once a day
        clock.advance(hours=1)
        deletions.sweep(Platform.X)
        deletions.expire()
    assert [key for key in ids if texts(store)[key]] == ids[3:]  # two looks for a cent
    assert id_of(store, Platform.X, ids[0]) is not None
    ended = store.compliance.emptied(Platform.X, clock.now() - timedelta(days=2), clock.now() + timedelta(hours=1))
    assert (ended["unchecked"], ended["deleted"]) == (3, 0)


def test_the_texts_of_x_end_after_a_week_unless_their_case_is_open(
    servers: RehearsalServers,
    store: Store,
    make_collector: MakeCollector,
    deletions: Deletions,
    clock: FrozenClock,
    tmp_path: Path,
) -> None:
    closed = servers.world.add_post(Platform.X, "zanzi_maria", f"Brisk lost my {SECRET}").id
    opened = servers.world.add_post(Platform.X, "ed", "Brisk is down").id
    make_collector("x_search").run("x_search")
    mention_id = id_of(store, Platform.X, opened)
    assert mention_id is not None
    add_case(store, mention_id)
    for _ in range(8):
        clock.advance(hours=21)
        deletions.sweep(Platform.X)
        assert deletions.expire() == 0
    clock.advance(hours=1)
    assert deletions.expire() == 1
    assert (texts(store)[closed], texts(store)[opened]) == ("", "Brisk is down")
    on_disk = bytes_on_disk(tmp_path)
    assert SECRET.encode() not in on_disk
    assert b"zanzi" not in on_disk  # nothing of theirs is left, so nor are they


def test_a_platform_that_does_not_answer_deletes_nothing(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, deletions: Deletions, clock: FrozenClock
) -> None:
    servers.world.add_post(Platform.X, "ed", "Brisk is down")
    make_collector("x_search").run("x_search")
    clock.advance(hours=13)
    for kind in (FaultKind.NOT_JSON, FaultKind.STATUS, FaultKind.CUT_BODY):
        servers.x.faults.add(kind, "GET", "/2/tweets")
        report = deletions.sweep(Platform.X)
        assert report.error is not None
        assert (report.checked, report.deleted) == (0, 0)
    assert list(texts(store).values()) == ["Brisk is down"]


class Puzzled:
    """A platform whose answers about some posts cannot be understood."""

    platform = Platform.X

    def __init__(self, client: PlatformClient, unclear: set[str]) -> None:
        self._client = client
        self._unclear = unclear
        self.asked = 0
        self.account, self.reply, self.own_posts = client.account, client.reply, client.own_posts

    def look(self, external_ids: Sequence[str]) -> dict[str, Post]:
        self.asked += 1
        if self._unclear & set(external_ids):
            raise PostsUnclear("X left a post out of its answer without a word")
        return self._client.look(external_ids)


def test_one_post_that_cannot_be_understood_holds_up_no_other(
    servers: RehearsalServers,
    store: Store,
    make_collector: MakeCollector,
    make_settings: MakeSettings,
    x_client: XClient,
    clock: FrozenClock,
) -> None:
    ids = [servers.world.add_post(Platform.X, "ed", f"Brisk {number}").id for number in range(40)]
    make_collector("x_search").run("x_search")
    servers.world.delete_post(ids[39])
    clock.advance(hours=13)
    deletions = Deletions(store, make_settings(), clock, {Platform.X: Puzzled(x_client, {ids[7]})})
    report = deletions.sweep(Platform.X)
    assert (report.checked, report.deleted, report.postponed, report.error) == (39, 1, 1, None)
    assert texts(store)[ids[7]] == "Brisk 7"
    assert deletions.sweep(Platform.X) == SweepReport(Platform.X, 0, 0)
    clock.advance(hours=13)
    assert deletions.sweep(Platform.X).postponed == 1


def test_a_platform_that_explains_no_post_is_asked_again_later(
    servers: RehearsalServers,
    store: Store,
    make_collector: MakeCollector,
    make_settings: MakeSettings,
    x_client: XClient,
    clock: FrozenClock,
) -> None:
    ids = {servers.world.add_post(Platform.X, "ed", f"Brisk {number}").id for number in range(40)}
    make_collector("x_search").run("x_search")
    clock.advance(hours=13)
    puzzled = Puzzled(x_client, ids)
    report = Deletions(store, make_settings(), clock, {Platform.X: puzzled}).sweep(Platform.X)
    assert (report.checked, report.deleted, report.postponed) == (0, 0, 3)
    assert report.error is not None
    assert report.exit_code == PlatformError.exit_code
    assert puzzled.asked < 12
    assert "" not in texts(store).values()


def test_a_post_edited_since_is_not_taken_for_deleted(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, deletions: Deletions, clock: FrozenClock
) -> None:
    first = servers.world.add_post(Platform.X, "ed", "Brisk is down").id
    make_collector("x_search").run("x_search")
    clock.advance(minutes=20)
    servers.world.edit_post(first, "Brisk is down again")
    clock.advance(hours=13)
    assert deletions.sweep(Platform.X).deleted == 0


@pytest.mark.parametrize("platform", list(Platform))
def test_an_edit_that_the_sweep_reads_is_kept(
    servers: RehearsalServers,
    store: Store,
    make_collector: MakeCollector,
    deletions: Deletions,
    clock: FrozenClock,
    platform: Platform,
) -> None:
    more: dict[str, Any] = {} if platform is Platform.X else {"title": "Help", "subreddit": "Harrowdale"}
    first = servers.world.add_post(platform, "ed", "Brisk is down", **more).id
    kind = "x_search" if platform is Platform.X else "reddit_posts"
    make_collector(kind).run(kind)
    seen = store.database.value("SELECT count(*) FROM sightings")
    clock.advance(minutes=10)
    newest = servers.world.edit_post(first, "Brisk is up again")
    clock.advance(hours=16)
    deletions.sweep(platform)
    [mention] = store.mentions.unassessed(10)
    assert "Brisk is up again" in mention.post.text
    assert mention.post.reply_target == newest.id
    assert store.database.value("SELECT count(*) FROM mention_versions") == 1
    assert store.database.value("SELECT count(*) FROM sightings") == seen
    paid = 0.010 if platform is Platform.X else 0  # the version that we knew, and the newest
    assert store.spending.spent(platform, clock.now() - timedelta(minutes=1)) == pytest.approx(paid)


def test_an_edit_brings_no_text_back_that_was_kept_long_enough(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, deletions: Deletions, clock: FrozenClock
) -> None:
    first = servers.world.add_post(Platform.REDDIT, "ed", "x", title="Brisk is down", subreddit="Harrowdale").id
    make_collector("reddit_posts").run("reddit_posts")
    clock.advance(hours=49)
    assert deletions.expire() == 1
    servers.world.edit_post(first, "Brisk is up again")
    assert make_collector("reddit_posts").run("reddit_posts").stored == 0
    clock.advance(days=7)
    assert deletions.sweep(Platform.REDDIT).checked == 0  # there is nothing left to look for
    assert texts(store)[first] == ""


def test_texts_from_reddit_end_after_two_days(
    servers: RehearsalServers,
    store: Store,
    make_collector: MakeCollector,
    deletions: Deletions,
    clock: FrozenClock,
    tmp_path: Path,
) -> None:
    for n in range(3):
        servers.world.add_post(Platform.REDDIT, "ed", f"{SECRET} {n}", title=f"Brisk {n}", subreddit="Harrowdale")
    make_collector("reddit_posts").run("reddit_posts")
    clock.advance(hours=47)
    assert deletions.expire() == 0
    clock.advance(hours=2)
    assert deletions.expire() == 3
    assert set(texts(store).values()) == {""}
    assert SECRET.encode() not in bytes_on_disk(tmp_path)
    assert deletions.expire() == 0


def test_an_author_is_forgotten_down_to_the_bytes(
    servers: RehearsalServers, store: Store, make_collector: MakeCollector, clock: FrozenClock, tmp_path: Path
) -> None:
    servers.world.add_post(Platform.X, "zanzi_maria", f"Brisk lost my {SECRET}")
    make_collector("x_search").run("x_search")
    assert forget(store, clock, Platform.X, "@Zanzi_Maria").mentions == 1
    assert b"zanzi" not in bytes_on_disk(tmp_path)


def test_what_was_passed_over_is_not_remembered_for_ever(
    store: Store, deletions: Deletions, clock: FrozenClock
) -> None:
    store.mentions.pass_over(Platform.X, "search", ["1"], clock.now())
    clock.advance(days=59)
    store.mentions.pass_over(Platform.X, "search", ["2"], clock.now())
    clock.advance(days=2)
    deletions.expire()
    assert store.mentions.known(Platform.X, ["1", "2"]) == {"2"}
