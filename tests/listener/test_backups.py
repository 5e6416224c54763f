"""Backups that were made before a deletion are emptied like the store; others are left alone and named."""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from listener.backups import CLEANED_EVERY, clean_backups
from listener.deletions import forget
from store.database import part_of
from store.records import Platform
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.conftest import MakeSettings
from tests.store.test_deletions import NINE, SECRET, add, add_case, add_draft, make_post

NOW = timedelta(0)


@pytest.fixture
def settings(make_settings: MakeSettings, tmp_path: Path) -> Settings:
    settings = make_settings().model_copy(update={"file": tmp_path / "frankly.toml"})
    (tmp_path / settings.backups).mkdir()
    return settings


def backup(store: Store, settings: Settings, name: str = "frankly-1.sqlite3") -> Path:
    path = settings.folder / settings.backups / name
    store.database.back_up(path)
    return path


def beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.glob(f"{path.name}*"))


def test_a_backup_is_emptied_like_the_store(store: Store, settings: Settings, clock: FrozenClock) -> None:
    gone, stays = (
        add(store, make_post("1", f"Brisk lost my {SECRET}")),
        add(store, make_post("2", "Brisk", author="ed")),
    )
    add_draft(store, gone, add_case(store, gone))
    path = backup(store, settings)
    store.drafts.remove_of_case(1)  # long sent: only the backup still has it
    assert path.read_bytes().lower().count(SECRET.lower().encode()) >= 3
    with store.transaction():
        store.deletions.empty_mention(gone, clock.now(), "deleted")
    assert clean_backups(store, settings, clock) == []
    assert SECRET.lower().encode() not in path.read_bytes().lower()
    assert beside(path) == [path.name]
    restored = Store.open(path)
    assert restored.mentions.get(gone).deleted_at == clock.now()
    assert restored.mentions.get(stays).post.text == "Brisk"
    restored.close()


def test_a_forgotten_author_and_one_whose_texts_ended_leave_the_backup(
    store: Store, settings: Settings, clock: FrozenClock
) -> None:
    add(store, make_post("1", "Brisk"))
    ended = add(store, make_post("2", "Brisk", author="zanzi_ed"))
    path = backup(store, settings)
    forget(store, clock, Platform.X, "maria")
    with store.transaction():
        store.deletions.empty_mention(ended, clock.now(), "retention")
        store.deletions.let_authors_go(Platform.X, clock.now(), NINE)
    clean_backups(store, settings, clock)
    found = path.read_bytes().lower()
    assert b"maria" not in found
    assert b"zanzi_ed" not in found


def test_a_backup_is_followed_again_and_again(store: Store, settings: Settings, clock: FrozenClock) -> None:
    first, second = add(store, make_post("1", "Brisk one")), add(store, make_post("2", "Brisk two"))
    path = backup(store, settings)
    for mention_id, word in ((first, b"brisk one"), (second, b"brisk two")):
        with store.transaction():
            store.deletions.empty_mention(mention_id, clock.now(), "deleted")
        assert clean_backups(store, settings, clock, every=NOW) == []
        assert word not in path.read_bytes().lower()


def test_the_rounds_clean_twice_a_day(store: Store, settings: Settings, clock: FrozenClock) -> None:
    mention_id = add(store, make_post("1", f"Brisk lost my {SECRET}"))
    clean_backups(store, settings, clock)
    path = backup(store, settings)
    with store.transaction():
        store.deletions.empty_mention(mention_id, clock.now(), "deleted")
    clock.advance(hours=11)
    clean_backups(store, settings, clock)
    assert SECRET.lower().encode() in path.read_bytes().lower()
    clock.advance(hours=1)
    clean_backups(store, settings, clock)
    assert SECRET.lower().encode() not in path.read_bytes().lower()
    assert timedelta(hours=24) >= 2 * CLEANED_EVERY


@pytest.mark.parametrize("size", [0, 100_000])
def test_a_file_that_is_no_whole_backup_is_named_and_never_made_into_a_store(
    store: Store, settings: Settings, clock: FrozenClock, size: int
) -> None:
    path = settings.folder / settings.backups / "frankly-1.sqlite3"
    path.write_bytes(bytes(size))
    [problem] = clean_backups(store, settings, clock)
    assert str(path) in problem
    assert path.read_bytes() == bytes(size)
    assert beside(path) == [path.name]


def test_a_folder_that_cannot_be_read_is_named(store: Store, settings: Settings, clock: FrozenClock) -> None:
    folder = settings.folder / settings.backups
    folder.rmdir()
    assert clean_backups(store, settings, clock, every=NOW) == [], "where no backup was made yet, there is no folder"
    folder.write_text("a file where a folder is needed")
    [problem] = clean_backups(store, settings, clock, every=NOW)
    assert problem.startswith(f"the backups folder {folder} cannot be read (")


def test_what_a_killed_backup_left_is_removed_and_one_that_is_being_written_is_not(
    store: Store, settings: Settings, clock: FrozenClock
) -> None:
    folder = settings.folder / settings.backups
    left = [part_of(folder / "frankly-1.sqlite3"), folder / f"{part_of(folder / 'frankly-1.sqlite3').name}-journal"]
    written = part_of(folder / "frankly-2.sqlite3")
    for file in (*left, written):
        file.write_text("half a copy")
    for file in left:
        os.utime(file, (0, 0))
    assert clean_backups(store, settings, clock) == []
    assert list(folder.iterdir()) == [written]


def test_a_backup_of_another_store_and_a_broken_one_are_named_and_hold_up_no_other(
    store: Store, settings: Settings, clock: FrozenClock, tmp_path: Path
) -> None:
    mention_id = add(store, make_post("1", f"Brisk lost my {SECRET}"))
    folder = settings.folder / settings.backups
    (folder / "frankly-0.sqlite3").write_text("no database at all")
    other = Store.open(tmp_path / "other.sqlite3")
    with other.transaction():
        other.deletions.empty_mention(add(other, make_post("7", "Brisk")), NINE + timedelta(days=1), "deleted")
    backup(other, settings, "frankly-1.sqlite3")
    other.close()
    good = backup(store, settings, "frankly-2.sqlite3")
    with store.transaction():
        store.deletions.empty_mention(mention_id, clock.now(), "deleted")
    broken, foreign = clean_backups(store, settings, clock)
    assert "frankly-0.sqlite3 cannot be used" in broken or "frankly-0.sqlite3 (" in broken
    assert "frankly-1.sqlite3 is no copy of the store as it is now" in foreign
    assert SECRET.lower().encode() not in good.read_bytes().lower()
    assert sqlite3.connect(folder / "frankly-1.sqlite3").execute("SELECT count(*) FROM events").fetchone() == (1,)
