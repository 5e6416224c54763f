"""Bad input from the machine around frankly: one clear sentence, the right exit code, nothing stored is lost."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import StoreError
from frankly.lock import only_one
from frankly.rehearsal.servers import RehearsalServers
from store.records import Platform
from store.store import Store
from tests.journey.process import configure, frankly, reading, running, wait_until
from tests.promises.whole import TO_PEOPLE

POST = "@BriskBroadband the line in Millbeck is dead"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes that can really be full."""
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root may mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("mounting a small disk is not permitted here")
    yield place
    subprocess.run([shutil.which("umount") or "umount", "-l", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Take every byte that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast


def one_sentence(done: subprocess.CompletedProcess[str], code: int, words: str) -> None:
    assert done.returncode == code, done.stderr
    assert words in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def external_ids(store: Store) -> set[str]:
    return {row["external_id"] for row in store.database.rows("SELECT external_id FROM mentions")}


def test_a_full_disk_under_the_daemon_loses_nothing_and_it_goes_on_when_there_is_space(
    tmp_path: Path, servers: RehearsalServers, small_disk: Path
) -> None:
    port = configure(tmp_path, servers)
    (tmp_path / "routes.toml").write_text(TO_PEOPLE)
    database = small_disk / "frankly.sqlite3"
    extra = {**servers.credentials(), "FRANKLY_DATABASE": str(database)}
    log = tmp_path / "daemon.log"
    before = {servers.world.add_post(Platform.X, f"early{n}", f"{POST} {n}").id for n in range(20)}
    with running(tmp_path, port, extra) as daemon:
        store = Store.open(database)
        wait_until(lambda: before <= external_ids(store), "the first posts are stored")
        wait_until(lambda: store.overview.mentions()["unrouted"] == 0, "and routed")
        ballast = fill(small_disk)
        later = {servers.world.add_post(Platform.X, f"late{n}", f"{POST} {n} " + "long " * 50).id for n in range(300)}
        wait_until(lambda: "free some space on the disk" in log.read_text(), "the full disk is told")
        assert daemon.poll() is None, "the daemon stays alive"
        assert before <= external_ids(store)
        ballast.unlink()
        wait_until(lambda: before | later == external_ids(store), "everything is stored after all")
        assert store.database.value("PRAGMA integrity_check") == "ok"
        store.close()
    told = [line for line in log.read_text().splitlines() if "free some space" in line]
    assert all(line.count("at=") == 1 for line in told)
    assert "Traceback" not in log.read_text()


def test_every_command_on_a_full_disk_says_one_sentence(
    tmp_path: Path, servers: RehearsalServers, small_disk: Path
) -> None:
    configure(tmp_path, servers)
    extra = {**servers.credentials(), "FRANKLY_DATABASE": str(small_disk / "frankly.sqlite3")}
    servers.world.add_post(Platform.X, "cora", POST)
    assert frankly(tmp_path, "collect", "x mentions", extra=extra).returncode == 0
    servers.world.add_post(Platform.X, "dan", POST)
    fill(small_disk)
    for words in (("run",), ("collect", "x mentions"), ("pause",), ("backup", str(small_disk / "copy.sqlite3"))):
        done = frankly(tmp_path, *words, extra=extra)
        assert done.returncode == 1, (words, done.stdout, done.stderr)
        assert "free some space" in done.stderr, (words, done.stderr)
        assert "Traceback" not in done.stderr, words
    (small_disk / "ballast").unlink()
    assert not (small_disk / "copy.sqlite3").exists(), "half a backup would be taken for a whole one"
    assert frankly(tmp_path, "collect", "x mentions", extra=extra).returncode == 0
    report = json.loads(frankly(tmp_path, "status", "--json", extra=extra).stdout)
    assert report["mentions"]["total"] == 2


def test_a_full_disk_for_an_export_is_one_sentence(tmp_path: Path, servers: RehearsalServers, small_disk: Path) -> None:
    configure(tmp_path, servers)
    for number in range(300):
        servers.world.add_post(Platform.X, f"a{number}", f"{POST} {number}")
    frankly(tmp_path, "collect", "x mentions", extra=servers.credentials())
    fill(small_disk)
    one_sentence(frankly(tmp_path, "export", "mentions", "--output", str(small_disk / "out")), 1, "No space left")
    one_sentence(frankly(tmp_path, "export", "mentions", "--output", str(tmp_path / "no" / "out")), 1, "No such file")


def test_the_lock_on_a_full_disk_is_one_sentence(small_disk: Path) -> None:
    (small_disk / "db.lock").touch()
    fill(small_disk)
    with pytest.raises(StoreError, match=r"cannot write .*db\.lock"), only_one(small_disk / "db"):
        pass


def test_a_database_that_may_only_be_read_is_one_sentence(tmp_path: Path, servers: RehearsalServers) -> None:
    """For root no file is read-only, so an immutable mount or flag would be needed: SQLite's own switch stands in."""
    configure(tmp_path, servers)
    store = Store.open(tmp_path / "frankly.sqlite3")
    store.database.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="make the file and its folder writable"):
        store.switches.remove("paused")
    store.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_database_file_without_permission_to_write_is_one_sentence(tmp_path: Path, servers: RehearsalServers) -> None:
    configure(tmp_path, servers)
    Store.open(tmp_path / "frankly.sqlite3").close()
    (tmp_path / "frankly.sqlite3").chmod(0o400)
    one_sentence(frankly(tmp_path, "pause"), 1, "make the file and its folder writable")


def test_a_disk_that_may_only_be_read_is_one_sentence(
    tmp_path: Path, servers: RehearsalServers, small_disk: Path
) -> None:
    configure(tmp_path, servers)
    database = small_disk / "frankly.sqlite3"
    extra = {**servers.credentials(), "FRANKLY_DATABASE": str(database)}
    Store.open(database).close()
    assert frankly(tmp_path, "pause", extra=extra).returncode == 0
    subprocess.run([shutil.which("mount") or "mount", "-o", "remount,ro", str(small_disk)], check=True)
    for words in (("resume",), ("run",), ("collect", "x mentions")):
        done = frankly(tmp_path, *words, extra=extra)
        assert done.returncode == 1, (words, done.stderr)
        assert "writ" in done.stderr, (words, done.stderr)
        assert "Traceback" not in done.stderr, (words, done.stderr)
    subprocess.run([shutil.which("mount") or "mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert json.loads(frankly(tmp_path, "status", "--json", extra=extra).stdout)["paused"]


def test_a_database_that_another_program_holds_is_one_sentence_and_the_daemon_outlives_it(
    tmp_path: Path, servers: RehearsalServers
) -> None:
    port = configure(tmp_path, servers)
    (tmp_path / "routes.toml").write_text(TO_PEOPLE)
    log = tmp_path / "daemon.log"
    with running(tmp_path, port, servers.credentials()) as daemon, reading(tmp_path) as store:
        wait_until(lambda: len([one for one in store.sources.all() if one.last_ok_at]) == 2, "both sources are read")
        holder = sqlite3.connect(tmp_path / "frankly.sqlite3", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        post = servers.world.add_post(Platform.X, "cora", POST)
        waiting: list[subprocess.CompletedProcess[str]] = []
        command = threading.Thread(target=lambda: waiting.append(frankly(tmp_path, "pause")))
        command.start()
        wait_until(lambda: "another program holds it" in log.read_text(), "the daemon says what is wrong")
        command.join()
        assert daemon.poll() is None
        holder.execute("ROLLBACK")
        holder.close()
        wait_until(lambda: store.mentions.find(post.id) is not None, "the post is heard after all")
    one_sentence(waiting[0], 1, "another program holds it: close that, or try again")


WRONG_FILES = {
    "a template with an unknown key": (
        "templates/x.md",
        '---\nlangauge = "en"\nplatforms = ["x"]\n---\nHi\n',
        "langauge",
    ),
    "a template that is no text": ("templates/x.md", b"---\n\xff\xfe\n---\n", "cannot be read as UTF-8 text"),
    "a template that is not closed": (
        "templates/x.md",
        "---\nlanguage = 'en'\nplatforms = ['x']\n---\n{{ brand",
        "x.md",
    ),
    "a rule with an unknown condition": (
        "routes.toml",
        '[[rules]]\nname = "a"\naction = "queue"\nqueue = "q"\nwhen = { sentimnet = ["negative"] }\n',
        "sentimnet",
    ),
    "a rule with an unknown template": (
        "routes.toml",
        '[[rules]]\nname = "a"\naction = "auto_reply"\ntemplate = "nosuch"\nqueue = "q"\n',
        "nosuch",
    ),
    "a rule with an unknown source": (
        "routes.toml",
        '[[rules]]\nname = "a"\naction = "queue"\nqueue = "q"\nwhen = { source = ["twitter"] }\n',
        "twitter",
    ),
    "two rules of one name": (
        "routes.toml",
        2 * '[[rules]]\nname = "a"\naction = "queue"\nqueue = "q"\n',
        '"a"',
    ),
    "rules that are no text": ("routes.toml", b"\xff\xfe", "is not UTF-8 text"),
}


@pytest.mark.parametrize("name", list(WRONG_FILES))
def test_a_wrong_rule_or_template_stops_every_start_and_is_named(
    tmp_path: Path, servers: RehearsalServers, name: str
) -> None:
    configure(tmp_path, servers)
    file, content, words = WRONG_FILES[name]
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    done = frankly(tmp_path, "run", extra=servers.credentials())
    one_sentence(done, 3, words)
    assert Path(file).name in done.stderr


def test_missing_rules_stop_every_start(tmp_path: Path, servers: RehearsalServers) -> None:
    configure(tmp_path, servers)
    (tmp_path / "routes.toml").unlink()
    one_sentence(frankly(tmp_path, "run", extra=servers.credentials()), 3, "there is no routes.toml beside")
    one_sentence(frankly(tmp_path, "check", extra=servers.credentials()), 3, "there is no routes.toml beside")


def test_templates_that_cannot_be_read_are_not_taken_for_none(tmp_path: Path, servers: RehearsalServers) -> None:
    configure(tmp_path, servers)
    (tmp_path / "routes.toml").write_text(TO_PEOPLE)
    shutil.rmtree(tmp_path / "templates")
    (tmp_path / "templates").write_text("a file where a folder is needed")
    one_sentence(frankly(tmp_path, "check"), 3, "templates")


WRONG_VARIABLES = [
    ("FRANKLY_DIGEST__AT", "25:00", "FRANKLY_DIGEST__AT"),
    ("FRANKLY_DESK__PORT", "many", "FRANKLY_DESK__PORT"),
    ("FRANKLY_DATABSE", "x", "did you mean FRANKLY_DATABASE?"),
    ("FRANKLY_ANSWERS__HOLD", "soon", "FRANKLY_ANSWERS__HOLD"),
    ("FRANKLY_PLATFORMS__X__BASE_URL", "ftp://x", "FRANKLY_PLATFORMS__X__BASE_URL"),
    (
        "FRANKLY_BRANDS",
        '[{ name = "Brisk Broadband", terms = ["x"], time_zone = "Europe/Lodnon" }]',
        "expected an IANA time zone",
    ),
]


@pytest.mark.parametrize(("variable", "value", "words"), WRONG_VARIABLES)
def test_a_wrong_variable_is_named_with_what_would_be_right(
    tmp_path: Path, servers: RehearsalServers, variable: str, value: str, words: str
) -> None:
    configure(tmp_path, servers)
    done = frankly(tmp_path, "status", extra={variable: value})
    one_sentence(done, 3, words)
    assert variable in done.stderr
    assert value in done.stderr or variable == "FRANKLY_DATABSE" or "Lodnon" in done.stderr


def test_a_platform_that_answers_500_for_ever_is_told_and_the_other_goes_on(
    tmp_path: Path, servers: RehearsalServers
) -> None:
    port = configure(tmp_path, servers)
    servers.x.faults.add("status", times=1_000_000, status=500)
    thread = servers.world.add_post(Platform.REDDIT, "local", "x", title="A week", subreddit="Harrowdale")
    with running(tmp_path, port, servers.credentials()) as daemon, reading(tmp_path) as store:
        wait_until(lambda: any(one.last_ok_at for one in store.sources.all()), "Reddit is read")
        comment = servers.world.add_post(Platform.REDDIT, "cy", "Brisk Broadband is down", reply_to=thread.id)
        wait_until(lambda: store.mentions.find(comment.id) is not None, "Reddit is heard")
        servers.x.clear_log()
        begun = time.monotonic()
        servers.x.wait_for("GET", "/", count=3, timeout=60)
        assert time.monotonic() - begun > 1, "it is asked at its turns, not without a pause"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        report = json.loads(frankly(tmp_path, "status", "--json").stdout)
        assert daemon.poll() is None
    errors = {one["name"]: one["last_error"] for one in report["sources"]}
    assert "X answered 500" in errors["x mentions"]
    assert errors["reddit comments"] is None
    told = [line for line in (tmp_path / "daemon.log").read_text().splitlines() if "X answered 500" in line]
    assert len([line for line in told if "collecting" in line]) == 1, "told once, not at every turn"


@pytest.mark.parametrize("fault", ["not_json", "status", "cut_body"])
def test_reddits_token_call_out_of_order_is_told_and_got_over(
    tmp_path: Path, servers: RehearsalServers, fault: str
) -> None:
    configure(tmp_path, servers)
    servers.reddit.faults.add(fault, "POST", "/api/v1/access_token", times=5, status=502)
    done = frankly(tmp_path, "collect", "reddit comments", extra=servers.credentials())
    one_sentence(done, 4, "reddit comments: Reddit")
    report = json.loads(frankly(tmp_path, "status", "--json").stdout)
    [source] = [one for one in report["sources"] if one["name"] == "reddit comments"]
    assert source["last_error"].startswith("Reddit")
    servers.reddit.faults.clear()
    assert frankly(tmp_path, "collect", "reddit comments", extra=servers.credentials()).returncode == 0
