"""Replaying files: every format, every row accounted for, and nothing that stops on a bad one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.errors import UsageError
from config.settings import Settings
from frankly.rehearsal.servers import RehearsalServers
from listener.platforms.x import XClient
from listener.replay import ReplayReport, replay
from store.records import Mention, Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import BRAND

Replayer = Callable[..., ReplayReport]


@pytest.fixture
def bad_rows() -> list[str]:
    return []


@pytest.fixture
def run(store: Store, clock: FrozenClock, tmp_path: Path, bad_rows: list[str]) -> Replayer:
    """Write ``content`` to a file and replay that."""

    def replayed(content: str | bytes, **given: Any) -> ReplayReport:
        path = tmp_path / "posts"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        given.setdefault("on_bad_row", bad_rows.append)
        settings = Settings.model_validate({"brands": [BRAND]})
        report = replay([path], store, settings, clock, **given)
        assert report.rows == report.stored + report.known + report.passed_over + report.bad
        return report

    return replayed


def mentions(store: Store) -> list[Mention]:
    return store.mentions.unassessed(100_000)


CSV = """tweet_id,airline_sentiment,name,text,tweet_created
570306133677760513,neutral,cairdin,@BriskBroadband What said.,2015-02-24 11:35:52 -0800
570301130888122368,positive,jnardino,"Brisk, plus you've added
commercials",2015-02-24 11:15:59 -0800
570301083672813571,neutral,yvonnalynn,lovely weather,2015-02-24 11:15:48 -0800
"""
MAP = {"text": "text", "author": "name", "posted_at": "tweet_created", "id": "tweet_id"}


def test_a_csv_is_read_by_its_map(run: Replayer, store: Store) -> None:
    report = run(CSV, column_map=MAP)
    assert report == ReplayReport(rows=3, stored=2, known=0, passed_over=1, bad=0)
    first, second = mentions(store)
    assert first.post.external_id == "570306133677760513"
    assert first.post.author.handle == "cairdin"
    assert first.post.posted_at == datetime(2015, 2, 24, 19, 35, 52, tzinfo=UTC)
    assert first.post.url == "https://x.com/cairdin/status/570306133677760513"
    assert second.post.text == "Brisk, plus you've added\ncommercials"
    assert (first.replayed, first.source, first.brand) == (True, "replay", "Brisk")


def test_the_same_file_again_brings_nothing_new(run: Replayer, store: Store) -> None:
    run(CSV, column_map=MAP)
    assert run(CSV, column_map=MAP) == ReplayReport(rows=3, stored=0, known=2, passed_over=1, bad=0)


def test_every_row_is_taken_when_that_is_asked(run: Replayer, store: Store) -> None:
    assert run(CSV, column_map=MAP, take_all_brand="Brisk").stored == 3


def test_rows_without_an_id_keep_the_one_that_is_made_for_them(run: Replayer, store: Store) -> None:
    content = "text\nBrisk is down\nBrisk is slow\nBrisk is down\n"
    assert run(content) == ReplayReport(rows=3, stored=2, known=1, passed_over=0, bad=0)
    assert run(content).known == 3


def test_ids_that_a_spreadsheet_rounded_are_not_taken_for_ids(run: Replayer) -> None:
    content = "id,text\n5.70306E+17,Brisk is down\n5.70306E+17,Brisk is slow\n"
    assert run(content).stored == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_other_delimiters_are_told_by_the_header(run: Replayer, delimiter: str) -> None:
    assert run(f"text{delimiter}author\nBrisk is down{delimiter}maria\n").stored == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_of_byte_order_do_no_harm(run: Replayer, store: Store, encoding: str) -> None:
    assert run("text,author\nBrisk ist böse 😡,märia\n".encode(encoding)).stored == 1
    assert mentions(store)[0].post.text == "Brisk ist böse 😡"


def test_bad_rows_are_told_by_number_and_skipped(run: Replayer, bad_rows: list[str]) -> None:
    content = (
        b"id,text,posted_at\n"
        b"1,Brisk one,2026-01-01\n"
        b"2,,2026-01-01\n"
        b"3,Brisk three,the other day\n"
        b"4,Brisk four\n"
        b"5,Brisk \xff\xfe five,2026-01-01\n"
        b"6,Brisk \x00 six,2026-01-01\n"
        b"7,Brisk seven,2026-01-01,more\n"
        b"\n"
        b"8,Brisk eight,2026-01-01\n"
    )
    report = run(content)
    assert (report.rows, report.stored, report.bad) == (8, 2, 6)
    assert [row.split(" ", 1)[0] for row in bad_rows] == [f"posts:{line}" for line in (3, 4, 5, 6, 7, 8)]
    for row, words in zip(bad_rows, ("no text", "date", "2 columns", "UTF-8", "NUL", "4 columns"), strict=True):
        assert words in row


def test_a_quote_that_is_never_closed_does_not_stop_the_rest_of_the_files(
    store: Store, clock: FrozenClock, tmp_path: Path
) -> None:
    broken, fine = tmp_path / "broken.csv", tmp_path / "fine.csv"
    broken.write_text('text,author\nBrisk one,ed\n"Brisk two,ed\n' + "Brisk more,ed\n" * 10)
    fine.write_text("text\nBrisk is fine\n")
    report = replay([broken, fine], store, Settings.model_validate({"brands": [BRAND]}), clock)
    assert (report.stored, report.bad) == (2, 1)


def test_a_very_long_text_goes_through_whole(run: Replayer, store: Store) -> None:
    long_text = "Brisk " + "x" * 300_000
    assert run(f"text\n{long_text}\n").stored == 1
    assert mentions(store)[0].post.text == long_text


@pytest.mark.parametrize(
    ("column_map", "words"),
    [
        ({"text": "tweet"}, 'no column "tweet"'),
        ({"author": "name"}, "which column is the text"),
        ({"text": "text", "colour": "name"}, 'knows no "colour"'),
    ],
)
def test_a_map_that_does_not_fit_is_a_usage_error(run: Replayer, column_map: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run(CSV, column_map=column_map)


def test_a_missing_file_is_a_usage_error(store: Store, clock: FrozenClock, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        replay([tmp_path / "none.csv"], store, Settings.model_validate({"brands": [BRAND]}), clock)


def test_an_empty_file_has_no_rows(run: Replayer) -> None:
    assert run("").rows == 0
    assert run("\n\n").rows == 0


def test_json_lines_with_our_keys_are_read(run: Replayer, store: Store, bad_rows: list[str]) -> None:
    lines = [
        {"id": 4, "platform": "reddit", "external_id": "t1_abc", "author": "ed", "text": "Brisk is down",
         "posted_at": "2026-03-01T10:00:00Z", "conversation_id": "t3_x", "in_reply_to": "t3_x", "community": "isp"},
        {"text": "Brisk is slow", "language": None, "summoned": True, "extra": [1]},
        {"text": "nothing of ours"},
        {"platform": "myspace", "text": "Brisk"},
        {"author": "ed"},
    ]  # fmt: skip
    report = run("\n".join(map(json.dumps, lines)) + '\n{"text": "Brisk\n[1, 2]\nnull\n')
    assert (report.stored, report.passed_over, report.bad) == (2, 1, 6)
    first, second = mentions(store)
    assert (first.post.platform, first.post.external_id, first.post.community) == (Platform.REDDIT, "t1_abc", "isp")
    assert (second.post.platform, second.post.author.handle) == (Platform.X, "unknown")
    assert second.post.posted_at == FrozenClock().now()
    assert [row.split(" ", 1)[0] for row in bad_rows] == [
        "posts:4", "posts:5", "posts:6", "posts:7[1]", "posts:7[2]", "posts:8"
    ]  # fmt: skip


def test_what_frankly_exports_it_reads_again(run: Replayer, store: Store, clock: FrozenClock, tmp_path: Path) -> None:
    run(CSV, column_map=MAP)
    exported = "\n".join(json.dumps(row) for row in store.exports.rows("mentions"))
    elsewhere = Store.open(tmp_path / "other.sqlite3")
    file = tmp_path / "export.jsonl"
    file.write_text(exported)
    report = replay([file], elsewhere, Settings.model_validate({"brands": [BRAND]}), clock)
    posts = [mention.post for mention in mentions(elsewhere)]
    elsewhere.close()
    assert report.stored == 2
    assert posts == [mention.post for mention in mentions(store)]


@pytest.mark.parametrize("style", ["whole", "indented", "lines", "list"])
def test_pages_of_x_are_read(
    run: Replayer, store: Store, servers: RehearsalServers, x_client: XClient, style: str
) -> None:
    for number in range(3):
        servers.world.add_post(Platform.X, "maria_h", f"@BriskBroadband {number} &amp; more")
    page = recorded_page(x_client)
    page["data"].append({"id": "12", "text": "RT @maria: Brisk", "author_id": "5",
                         "referenced_tweets": [{"type": "retweeted", "id": "11"}]})  # fmt: skip
    page["data"].append({"id": "13"})
    content = {
        "whole": json.dumps(page),
        "indented": json.dumps(page, indent=2),
        "lines": f"{json.dumps(page)}\n{json.dumps(page)}\n",
        "list": json.dumps([page]),
    }[style]
    report = run(content)
    double = 2 if style == "lines" else 1
    assert (report.stored, report.passed_over, report.bad) == (3, double, double)
    assert report.known == 3 * (double - 1)
    post = mentions(store)[0].post
    assert (post.author.handle, post.text[-6:], post.summoned) == ("maria_h", "& more", True)


def recorded_page(x_client: XClient) -> dict[str, Any]:
    """A response page as X sends it, taken from the wire."""
    pages: list[dict[str, Any]] = []
    session = x_client._client.session
    session.hooks["response"] = [lambda response, **_: pages.append(response.json())]
    x_client.account()
    x_client.search("@BriskBroadband")
    return pages[-1]


def test_listings_of_reddit_are_read_with_their_replies(run: Replayer, store: Store) -> None:
    def comment(key: str, text: str, replies: object = "") -> dict[str, Any]:
        data = {"name": f"t1_{key}", "author": "ed", "body": text, "created_utc": 1_772_000_000.0,
                "link_id": "t3_x", "parent_id": "t3_x", "subreddit": "isp", "replies": replies}  # fmt: skip
        return {"kind": "t1", "data": data}

    def listing(*children: object) -> dict[str, Any]:
        return {"kind": "Listing", "data": {"children": list(children), "after": None}}

    inner = listing(comment("b", "Brisk as well"), {"kind": "more", "data": {"count": 4}})
    submission = {"name": "t3_x", "author": "maria", "title": "Brisk?", "selftext": "down", "created_utc": 1.7e9}
    page = [
        listing({"kind": "t3", "data": submission}),
        listing(comment("a", "not us", inner), comment("c", "[deleted]"), {"kind": "t1", "data": {"name": 5}}),
    ]
    report = run(json.dumps(page), platform=Platform.REDDIT)
    assert (report.stored, report.passed_over, report.bad) == (2, 2, 1)
    assert {mention.post.external_id for mention in mentions(store)} == {"t3_x", "t1_b"}


def test_our_own_posts_are_no_mentions(run: Replayer) -> None:
    content = "text,author\nBrisk is back,@BriskBroadband\nBrisk is down,maria\n"
    assert run(content) == ReplayReport(rows=2, stored=1, known=0, passed_over=1, bad=0)


def test_a_replay_at_speed_keeps_the_distances(run: Replayer, store: Store) -> None:
    waits: list[float] = []
    stored_before: list[int] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        stored_before.append(len(mentions(store)))

    times = ("10:00", "10:10", "10:05", "11:10")
    content = "text,posted_at\n" + "".join(f"Brisk {time},2026-01-01T{time}\n" for time in times)
    run(content, speed=60, wait=wait)
    assert waits == [10, 60]
    assert stored_before == [1, 3]  # what was due before a pause is in the store during it


def test_progress_counts_every_row(run: Replayer) -> None:
    moved: list[int] = []
    run("text\n" + "Brisk\n" * 3 + "other\n" + '""\n', progress=moved.append)
    assert sum(moved) == 5


def test_fifteen_thousand_rows_go_through_whole(run: Replayer, store: Store) -> None:
    rows = "".join(f"{number},Brisk {number},2026-01-01\n" for number in range(14_990))
    report = run("id,text,posted_at\n" + rows + "14990,,2026-01-01\n" * 10)
    assert (report.rows, report.stored, report.bad) == (15_000, 14_990, 10)
