"""Promise 9: all times are aware and UTC inside; only the edges know a time zone."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.clock import PacedClock, SystemClock
from frankly import pipeline
from responders.desk.signin import make_login_link
from responders.digest.days import span
from responders.pausing import pause_sending
from store.database import from_text, to_text
from store.records import Platform
from tests.conftest import FrozenClock
from tests.journey.process import frankly
from tests.promises.conftest import MakeWhole
from tests.promises.whole import Whole

FIXED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
# Columns that hold a time: by the ending that our words give them, and two that are called otherwise.
TIMES = re.compile(r"(^|_)(at|until)$")


def lively(whole: Whole) -> None:
    """Let one thing of every kind happen."""
    agent = whole.agent()
    make_login_link(whole.store, agent, "http://127.0.0.1", whole.clock.now())
    posts = [whole.complain(platform, author=f"{platform}author") for platform in Platform]
    whole.clock.advance(minutes=1)
    whole.hear()
    for post in posts:
        case = whole.case(post)
        whole.app.case_work.claim(case.id, agent)
        whole.app.case_work.note(case.id, agent, "rang them")
        whole.answer(post, agent, f"We are on it, {post.id}. ^AB")
    whole.send()
    whole.servers.world.edit_post(posts[0].id, "@BriskBroadband still dead")
    snoozed = whole.complain(Platform.X, author="later")
    whole.clock.advance(minutes=1)
    whole.hear()
    whole.app.case_work.snooze(whole.case(snoozed).id, agent, whole.clock.now() + timedelta(days=3))
    whole.app.case_work.resolve(whole.case(posts[1]).id, agent)
    pause_sending(whole.store, whole.clock, "operator", "storm")
    whole.servers.world.delete_post(posts[1].id)
    whole.clock.advance(days=1, hours=9)
    pipeline.tend(whole.app)
    pipeline.sweep(whole.app.deletions(), list(Platform))
    pipeline.digest(whole.app)


def test_promise_9_every_stored_time_is_utc_in_the_one_fixed_width(whole: Whole) -> None:
    lively(whole)
    checked: dict[str, int] = {}
    wrong = []
    database = whole.store.database
    tables = [row["name"] for row in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        columns = [row["name"] for row in database.rows(f"SELECT name FROM pragma_table_info('{table}')")]
        for column in (one for one in columns if TIMES.search(one) and not table.startswith("_sqlite")):
            values = [row[column] for row in database.rows(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")]
            wrong += [f"{table}.{column} = {one!r}" for one in values if not FIXED.fullmatch(str(one))]
            checked[f"{table}.{column}"] = len(values)
    assert wrong == []
    seen = [name for name, count in checked.items() if count]
    for name in ("mentions.posted_at", "mentions.deleted_at", "cases.due_at", "cases.snoozed_until", "outbox.sent_at"):
        assert name in seen, f"the run was not lively enough: {name} is empty everywhere"
    assert len(seen) > 30
    for row in database.rows("SELECT detail FROM events"):
        for value in json.loads(row["detail"]).values():
            if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
                assert datetime.fromisoformat(value).utcoffset() == timedelta(0)


def test_promise_9_a_naive_time_is_refused_and_any_other_zone_becomes_utc() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        to_text(datetime(2026, 3, 29, 1, 30))  # noqa: DTZ001  # the mistake itself
    summer = datetime(2026, 7, 1, 10, 0, tzinfo=ZoneInfo("Europe/London"))
    assert to_text(summer) == "2026-07-01T09:00:00.000000Z"
    assert from_text(to_text(summer)).utcoffset() == timedelta(0)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for clock in (SystemClock(), PacedClock(start, start, 96.0)):
        assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/London", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),  # half an hour before summer time
        ("Europe/London", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, 6, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 30, tzinfo=UTC)),  # half an hour of summer time
    ],
)
def test_promise_9_a_change_of_the_clocks_moves_no_due_time_and_no_waking(
    make_whole: MakeWhole, clock: FrozenClock, zone: str, moment: datetime
) -> None:
    clock.moment = moment
    whole = make_whole()
    brand = whole.app.settings.brands[0].model_copy(update={"time_zone": zone})
    whole.app.settings = whole.app.settings.model_copy(update={"brands": [brand]})
    post = whole.complain(Platform.X)
    whole.hear("x mentions")
    case = whole.case(post)
    assert case.due_at is not None
    assert case.due_at - post.posted_at == whole.app.settings.promises.target("normal")
    agent = whole.agent()
    whole.app.case_work.snooze(case.id, agent, clock.now() + timedelta(hours=2))
    clock.advance(hours=1, minutes=59)
    pipeline.tend(whole.app)
    assert whole.case(post).status == "snoozed"
    clock.advance(minutes=1)
    pipeline.tend(whole.app)
    assert whole.case(post).status == "open"
    assert whole.case(post).breached_at is None
    clock.moment = case.due_at + timedelta(seconds=1)
    pipeline.tend(whole.app)
    assert whole.case(post).breached_at is not None
    day = moment.astimezone(ZoneInfo(zone)).date()
    hours = (span(brand, day, clock.now() + timedelta(days=2)).by - span(brand, day, clock.now()).start) / timedelta(
        hours=1
    )
    assert hours in (23, 23.5, 24.5, 25), "the digest's day is as long as the calendar's"


def test_promise_9_the_machines_own_time_zone_changes_nothing(tmp_path: Path) -> None:
    stored = []
    for zone in ("UTC", "Asia/Kathmandu", "America/St_Johns"):
        folder = tmp_path / zone.replace("/", "-")
        frankly(tmp_path, "init", str(folder))
        rows = ("id,text,author,when", "1,Example,ann,2026-03-29 01:30:00", "2,Example,bob,2026-03-29T01:30:00+02:00")
        (folder / "rows.csv").write_text("\n".join(rows))
        columns = "text=text,author=author,id=id,posted_at=when"
        done = frankly(folder, "replay", "--map", columns, "--all", str(folder / "rows.csv"), extra={"TZ": zone})
        assert done.returncode == 0, done.stderr
        export = frankly(folder, "export", "mentions", extra={"TZ": zone}).stdout.splitlines()
        stored.append([json.loads(line)["posted_at"] for line in export])
    assert stored[0] == ["2026-03-29T01:30:00.000000Z", "2026-03-28T23:30:00.000000Z"]
    assert stored[1] == stored[2] == stored[0]
