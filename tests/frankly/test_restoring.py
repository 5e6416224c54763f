"""``frankly restore``: a sound backup takes the store's place, whatever stood there, and nothing else does."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from config.errors import AlreadyRunning, FranklyError
from config.loading import load_settings
from config.settings import Settings
from config.starting import write_starter
from frankly.lock import only_one
from frankly.restoring import restore
from store.database import part_of
from store.store import Store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_starter(tmp_path / "care")
    return load_settings(tmp_path / "care" / "frankly.toml", {})


def remember(store: Store, key: str) -> None:
    store.database.insert("seen_posts", {"platform": "x", "external_id": key, "source": "s", "seen_at": "2026"})


def remembered(path: Path) -> list[str]:
    store = Store.open(path)
    rows = store.database.rows("SELECT external_id FROM seen_posts ORDER BY external_id")
    assert store.database.value("PRAGMA integrity_check") == "ok"
    store.close()
    return [row["external_id"] for row in rows]


@pytest.fixture
def backup(settings: Settings, tmp_path: Path) -> Path:
    store = Store.open(settings.database_path)
    remember(store, "before")
    store.database.back_up(tmp_path / "backup.sqlite3")
    remember(store, "after")
    store.close()
    return tmp_path / "backup.sqlite3"


def crash(database: Path) -> None:
    """Leave the files as a process leaves them that is killed: rows that stand in the log alone."""
    store = Store.open(database)
    remember(store, "logged")
    copies = {file: file.read_bytes() for file in database.parent.glob(f"{database.name}*")}
    store.close()
    for file, content in copies.items():
        file.write_bytes(content)
    assert database.with_name(f"{database.name}-wal").stat().st_size > 0


def test_a_backup_replaces_a_store_that_crashed_and_that_is_kept(settings: Settings, backup: Path) -> None:
    crash(settings.database_path)
    kept = restore(settings, backup)
    assert remembered(settings.database_path) == ["before"]
    assert stat.S_IMODE(settings.database_path.stat().st_mode) == 0o600
    assert kept is not None
    assert remembered(kept) == ["after", "before", "logged"]
    store = Store.open(settings.database_path)
    assert store.switches.get("paused") is not None
    store.close()


def test_what_was_kept_can_be_restored_with_its_log(settings: Settings, backup: Path) -> None:
    crash(settings.database_path)
    kept = restore(settings, backup)
    assert kept is not None
    restore(settings, kept)
    assert remembered(settings.database_path) == ["after", "before", "logged"]


def test_what_a_killed_restore_left_is_no_part_of_the_next(settings: Settings, backup: Path) -> None:
    part = part_of(settings.database_path)
    crash(settings.database_path)
    for ending in ("", "-wal"):
        content = settings.database_path.with_name(settings.database_path.name + ending).read_bytes()
        part.with_name(part.name + ending).write_bytes(content)
    restore(settings, backup)
    assert remembered(settings.database_path) == ["before"]
    assert list(settings.folder.glob(".*")) == []


def test_a_backup_goes_where_no_store_is(settings: Settings, backup: Path) -> None:
    settings.database_path.unlink()
    assert restore(settings, backup) is None
    assert remembered(settings.database_path) == ["before"]


def test_a_link_to_the_store_still_leads_to_it(settings: Settings, backup: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    settings.database_path.rename(disk / "store.sqlite3")
    settings.database_path.symlink_to(disk / "store.sqlite3")
    crash(disk / "store.sqlite3")
    restore(settings, backup)
    assert settings.database_path.is_symlink()
    assert remembered(disk / "store.sqlite3") == ["before"]


def empty(backup: Path) -> None:
    backup.write_bytes(b"")


def half(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:100_000])


def foreign(backup: Path) -> None:
    backup.unlink()
    with sqlite3.connect(backup) as connection:
        connection.execute("CREATE TABLE notes (text TEXT)")
    connection.close()


def text(backup: Path) -> None:
    backup.write_text("no database")


def newer(backup: Path) -> None:
    with sqlite3.connect(backup) as connection:
        connection.execute("UPDATE _sqlite_migrations SET name = 'm999_of_tomorrow' WHERE id = 1")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (empty, "is no whole store of frankly's"),
        (half, "malformed|damaged"),
        (foreign, "is no whole store of frankly's"),
        (text, "cannot be used: file is not a database; it is no sound store or backup of frankly's$"),
        (newer, "was made by a newer frankly"),
        (Path.unlink, "there is no file"),
    ],
)
def test_what_is_no_sound_backup_changes_nothing(settings: Settings, backup: Path, spoil: object, words: str) -> None:
    assert callable(spoil)
    spoil(backup)
    before = sorted(settings.folder.iterdir())
    with pytest.raises(FranklyError, match=words):
        restore(settings, backup)
    assert [file for file in sorted(settings.folder.iterdir()) if not file.name.endswith(".lock")] == before
    assert remembered(settings.database_path) == ["after", "before"]


def test_the_store_itself_is_no_backup(settings: Settings, backup: Path) -> None:
    with pytest.raises(FranklyError, match="is the store itself"):
        restore(settings, settings.database_path)


def test_under_a_running_daemon_nothing_is_restored(settings: Settings, backup: Path) -> None:
    with only_one(settings.database_path), pytest.raises(AlreadyRunning):
        restore(settings, backup)
    assert remembered(settings.database_path) == ["after", "before"]
