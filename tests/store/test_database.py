"""The file itself: migrations, transactions, threads, and what happens when SQLite cannot go on."""

from __future__ import annotations

import gc
import os
import resource
import sqlite3
import stat
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigurationError, NewerStore, StoreError
from store import schema
from store.database import Database, part_of
from store.store import Store
from tests.conftest import FrozenClock

SEEN = {"platform": "x", "source": "search", "seen_at": "2026-01-01T00:00:00.000000Z"}


def shape(path: Path) -> list[tuple[str, str, str]]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '_sqlite%'").fetchall()
    connection.close()
    return sorted(rows)


def test_a_migrated_file_equals_a_fresh_one(tmp_path: Path) -> None:
    fresh = Database(tmp_path / "fresh")
    fresh.migrate()
    fresh.close()
    old = Database(tmp_path / "old")
    for known in schema.migrations.pending(old.tables):  # release by release, as an old file has lived it
        schema.migrations.apply(old.tables, stop_before=known.name)
    old.migrate()
    old.close()
    assert shape(tmp_path / "old") == shape(tmp_path / "fresh")
    assert len(shape(tmp_path / "fresh")) > 40


@pytest.mark.parametrize("stand", sorted(schema.KNOWN)[:3])
def test_all_who_open_a_new_or_an_old_file_at_once_find_it_migrated(tmp_path: Path, stand: str) -> None:
    file = tmp_path / "shared"
    if stand != min(schema.KNOWN):
        old = Database(file)
        schema.migrations.apply(old.tables, stop_before=stand)
        old.close()
    together = threading.Barrier(6)
    failures: list[Exception] = []

    def open_it() -> None:
        together.wait()
        try:
            Store.open(file).close()
        except Exception as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=open_it) for _ in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_who_is_refused_the_log_while_another_makes_it_asks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []

    class Refusing(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if "journal_mode" in sql and not refused:
                refused.append(sql)
                error = sqlite3.OperationalError("database is locked")
                error.sqlite_errorcode = sqlite3.SQLITE_BUSY
                raise error
            return super().execute(sql, *values)

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Refusing))
    database = Database(tmp_path / "new")
    assert database.value("PRAGMA journal_mode") == "wal"
    assert refused
    database.close()


def test_a_file_that_a_newer_frankly_changed_is_refused_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "newer"
    Store.open(file).close()
    with sqlite3.connect(file) as newer:
        newer.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('frankly', 'm999_to_come', '')"
        )
    newer.close()
    before = file.read_bytes()
    with pytest.raises(NewerStore, match=r"by a newer frankly \(m999_to_come\); run that version, or restore"):
        Store.open(file)
    gc.collect()
    assert file.read_bytes() == before
    assert NewerStore.exit_code == ConfigurationError.exit_code  # a supervisor does not start it again and again


def test_the_file_and_what_sqlite_puts_beside_it_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        store = Store.open(tmp_path / "frankly.sqlite3")
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    store.close()
    assert modes == dict.fromkeys(("frankly.sqlite3", "frankly.sqlite3-wal", "frankly.sqlite3-shm"), 0o600)


def test_a_backup_is_made_for_its_owner_alone(store: Store, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        store.database.back_up(tmp_path / "copy.sqlite3")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "copy.sqlite3").stat().st_mode) == 0o600


def test_a_backup_is_never_written_into_what_somebody_put_in_its_way(store: Store, tmp_path: Path) -> None:
    """In a folder that others may write to they know the name under which a backup is written."""
    target, theirs = tmp_path / "copy.sqlite3", tmp_path / "theirs"
    theirs.write_text("")
    part_of(target).symlink_to(theirs)
    store.database.back_up(target)
    assert theirs.read_text() == ""
    assert not target.is_symlink()
    target.unlink()
    part_of(target).write_text("")
    part_of(target).chmod(0o666)
    store.database.back_up(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_backup_that_breaks_off_leaves_nothing(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))  # as if the disk were full
    try:
        with pytest.raises(StoreError, match="free some space"):
            store.database.back_up(folder / "copy.sqlite3")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(folder.iterdir()) == []


def test_every_table_is_strict(store: Store) -> None:
    rows = store.database.rows("SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0")
    loose = {row["name"] for row in rows} - {"sqlite_schema", "sqlite_temp_schema", "_sqlite_migrations"}
    assert {name for name in loose if "_search" not in name} == set()


def test_foreign_keys_are_enforced(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        store.database.execute("INSERT INTO sightings VALUES (99, 'x', 'now')")


def test_a_failed_transaction_leaves_nothing_behind(store: Store) -> None:
    def half_done() -> None:
        with store.transaction():
            store.database.insert("seen_posts", {**SEEN, "external_id": "1"})
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        half_done()
    assert store.database.value("SELECT count(*) FROM seen_posts") == 0


def test_an_inner_transaction_joins_the_outer_one(store: Store) -> None:
    def inner_done_outer_failed() -> None:
        with store.transaction():
            with store.transaction():
                store.database.insert("seen_posts", {**SEEN, "external_id": "1"})
            raise RuntimeError("after the inner one")

    with pytest.raises(RuntimeError, match="after"):
        inner_done_outer_failed()
    assert store.database.value("SELECT count(*) FROM seen_posts") == 0


def test_many_threads_that_read_then_write_all_succeed(store: Store) -> None:
    """With a deferred BEGIN this fails at once with "database is locked"; hence BEGIN IMMEDIATE."""
    store.switches.put("counter", {"n": 0}, FrozenClock().now())
    failures: list[BaseException] = []

    def count_up() -> None:
        try:
            for _ in range(25):
                with store.transaction():
                    found = store.switches.get("counter")
                    assert found is not None
                    store.switches.put("counter", {"n": found[0]["n"] + 1}, FrozenClock().now())
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    counter = store.switches.get("counter")
    assert counter is not None
    assert counter[0] == {"n": 100}


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot open the database .*needs a folder it may write to"):
        Store.open(tmp_path / "nowhere" / "frankly.sqlite3")


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "frankly.sqlite3").write_text("this is a letter to my aunt, and quite a long one at that " * 20)
    with pytest.raises(
        StoreError,
        match=r"not a database\); restore a backup \(`frankly restore FILE`\) if it was frankly's, or let `database`",
    ):
        Store.open(tmp_path / "frankly.sqlite3")


def test_a_full_disk_is_one_sentence_and_loses_nothing_stored(store: Store) -> None:
    store.database.insert("seen_posts", {**SEEN, "external_id": "kept"})
    pages = store.database.value("PRAGMA page_count")
    store.database.tables.conn.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        with store.transaction():
            for number in range(5000):
                store.database.insert("seen_posts", {**SEEN, "external_id": f"{number:200}"})

    with pytest.raises(StoreError, match="full; nothing stored is lost: free some space"):
        fill()
    store.database.tables.conn.execute("PRAGMA max_page_count = 1000000")
    assert store.database.rows("SELECT external_id FROM seen_posts") == [{"external_id": "kept"}]


def test_a_backup_is_whole_while_others_write(store: Store, tmp_path: Path) -> None:
    store.database.insert("seen_posts", {**SEEN, "external_id": "1"})
    store.database.back_up(tmp_path / "copy.sqlite3")
    copy = Store.open(tmp_path / "copy.sqlite3")
    assert copy.database.value("SELECT count(*) FROM seen_posts") == 1
    copy.close()


def test_a_script_that_ends_inside_a_statement_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="ends inside a statement"):
        schema.run_script(store.database.tables, "CREATE TABLE half (id INTEGER")


def test_a_thread_that_ended_holds_no_file_open(store: Store) -> None:
    store.database.value("SELECT 1")

    def ask() -> None:
        store.database.value("SELECT 1")

    for _ in range(20):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    gc.collect()
    assert len(store.database._open) == 1


def test_a_closed_store_opens_no_new_connection(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "frankly.sqlite3")
    store.close()
    with pytest.raises(StoreError, match="was closed"):
        store.database.value("SELECT 1")
