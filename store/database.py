"""One SQLite file: how it is opened, how transactions begin, how times are written in it.

Each thread has a connection of its own. Every read-then-write begins with ``BEGIN IMMEDIATE``: in WAL mode a
deferred transaction that reads first cannot be upgraded once another writer has committed, and fails at once
however long the busy timeout is (SQLite, "Isolation In SQLite").
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlite_utils

from config.errors import NewerStore, StoreError
from store.schema import KNOWN, migrations

Row = Mapping[str, Any]
PART = ".part"
_BUSY_SECONDS = 15.0
_PAUSE = 0.02  # seconds until another is asked again for what it holds
_NO_STORE = "it is no sound store or backup of frankly's"


def to_text(moment: datetime) -> str:
    """Write a time in the one fixed width that sorts: ``2026-01-31T09:00:00.000000Z``. A naive one: ``ValueError``."""
    if moment.tzinfo is None:
        raise ValueError("a time without a time zone cannot be stored; give it one")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """Read a time written by ``to_text``."""
    return datetime.fromisoformat(text)


def optional_text(moment: datetime | None) -> str | None:
    """Write a time that may be missing."""
    return None if moment is None else to_text(moment)


def optional_time(text: str | None) -> datetime | None:
    """Read a time that may be missing."""
    return None if text is None else from_text(text)


class Database:
    """The connections to one file. ``StoreError`` where SQLite cannot go on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: weakref.WeakSet[sqlite_utils.Database] = weakref.WeakSet()
        self._closed = False
        self._lock = threading.Lock()

    @property
    def tables(self) -> sqlite_utils.Database:
        """This thread's connection, as sqlite-utils sees it."""
        found: sqlite_utils.Database | None = getattr(self._local, "tables", None)
        if found is None:
            found = self._local.tables = self._connect()
        return found

    def _connect(self) -> sqlite_utils.Database:
        _make_private(self.path)
        try:
            # check_same_thread is off only so that close() can reach connections of threads that ended. Without
            # isolation_level=None a statement outside a transaction opens one by itself and holds the lock.
            connection = sqlite3.connect(
                self.path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None
            )
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = FULL")
            _write_ahead(connection)
            connection.execute("PRAGMA cache_size = -16384")  # KiB for each thread; the default of 2 MiB slows replays
        except sqlite3.Error as error:
            raise StoreError(f"cannot open the database {self.path} ({error}){_remedy(str(error))}") from error
        tables = sqlite_utils.Database(connection, strict=True)
        # A thread that ends drops its connection: the desk's threads come and go, and each holds two files open.
        weakref.finalize(tables, connection.close)
        with self._lock:
            if self._closed:
                raise StoreError(f"the database {self.path} was closed; whatever still runs stops here")
            self._open.add(tables)
        return tables

    def migrate(self) -> None:
        """Bring the file to the newest schema; safe to run again. ``NewerStore`` where a newer frankly did so."""
        with _worded(self.path):
            if self._is_newest():
                return
            with self.transaction():
                if not self._is_newest():  # another process may have been faster
                    migrations.apply(self.tables)

    def _is_newest(self) -> bool:
        applied = {one.name for one in migrations.applied(self.tables)}
        unknown = sorted(applied - KNOWN)
        if unknown:
            raise NewerStore(
                f"the database {self.path} was changed by a newer frankly ({', '.join(unknown)}); "
                "run that version, or restore a backup from before"
            )
        return applied == KNOWN

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin at once as a writer; commit at the end, roll back on any error. Joins one already open."""
        connection = self.tables.conn
        if connection.in_transaction:
            yield
            return
        with _worded(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk rolls back by itself
                    connection.execute("ROLLBACK")
                raise

    def execute(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> int:
        """Run one writing statement and return how many rows it changed."""
        with _worded(self.path):
            return self.tables.conn.execute(sql, values).rowcount

    def insert(self, table: str, row: Mapping[str, object]) -> int:
        """Insert one row and return its id."""
        columns = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        with _worded(self.path):
            cursor = self.tables.conn.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", dict(row))
        return int(cursor.lastrowid or 0)

    def rows(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[dict[str, Any]]:
        """Run a query and return its rows by column name."""
        with _worded(self.path):
            cursor = self.tables.conn.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def stream(self, sql: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        """Run a query and return its column names and its rows, which are read as they are asked for."""
        with _worded(self.path):
            cursor = self.tables.conn.execute(sql)
        return [column[0] for column in cursor.description], iter(cursor)

    def back_up(self, target: Path) -> None:
        """Copy the whole database, consistent as of now, while others go on using it: whole or not at all."""
        part = part_of(target)
        _make_anew(part)
        try:
            with _worded(target), closing(sqlite3.connect(part)) as copy:
                self.tables.conn.backup(copy)
            part.rename(target)
        finally:
            with suppress(OSError):  # what went wrong with the copy says more
                part.unlink()

    def row(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> dict[str, Any] | None:
        """Return the first row of a query, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def value(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> Any:
        """Return the first column of the first row, or None."""
        row = self.row(sql, values)
        return next(iter(row.values())) if row else None

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and empty it; False while somebody reads an older state of it."""
        found = self.row("PRAGMA wal_checkpoint(TRUNCATE)")
        return found is not None and found["busy"] == 0

    def close(self) -> None:
        """Close every connection of every thread, for good."""
        with self._lock:
            self._closed = True
            for tables in self._open:
                tables.conn.close()
        self._local = threading.local()


def part_of(target: Path) -> Path:
    """Return where a file stands until it is whole: beside it, hidden, under a name that is no backup's."""
    return target.with_name(f".{target.name}{PART}")


def migrations_of(path: Path) -> set[str]:
    """Return which migrations a store's file has had, changing nothing. ``StoreError``: it is no store of frankly's."""
    # Immutable, so that SQLite neither makes the file nor puts one beside it.
    address = f"{path.absolute().as_uri()}?immutable=1"
    with _worded(path, _NO_STORE), closing(sqlite3.connect(address, uri=True)) as connection:
        table = migrations.migrations_table
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is None:
            raise StoreError(f"{path} is no whole store of frankly's: it is empty, half a copy or another program's")
        rows = connection.execute(f"SELECT name FROM {table} WHERE migration_set = ?", (migrations.name,))
        return {name for (name,) in rows}


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have the file keep a write-ahead log. Of several who make that so, all but one are refused without a wait.

    Each would wait for the others' locks, which SQLite does not begin ("sqlite3_busy_handler").
    """
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(_PAUSE)


def copy_whole(source: Path, target: Path) -> None:
    """Copy a store's file that nobody uses to a new one. ``StoreError``: it is damaged, or of another version."""
    if migrations_of(source) - KNOWN:
        raise NewerStore(f"{source} was made by a newer frankly than this one; install that, or name an older backup")
    log = source.with_name(f"{source.name}-wal")
    how = "mode=rw" if log.exists() else "immutable=1"  # a log beside it is part of it
    _make_anew(target)
    with (
        _worded(source, _NO_STORE),
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?{how}", uri=True)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)
        (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise StoreError(f"{source} is damaged ({found}); name another backup")


def _make_private(path: Path) -> None:
    """Make an empty file for its owner alone, if there is none: what SQLite puts beside it has the file's mode.

    One that is there is not even opened: closing it would take away the locks that SQLite has on it.
    """
    with suppress(OSError):  # SQLite, which opens it next, says what is wrong
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _make_anew(path: Path) -> None:
    """Make an empty file for its owner alone in place of what a killed copy left; ``StoreError`` where that stays.

    In a folder that others may write to, one of them may have put a file or a link there, to read what is copied.
    """
    with suppress(FileNotFoundError, NotADirectoryError):  # SQLite, which opens it next, says what is wrong
        try:
            path.unlink(missing_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except (PermissionError, FileExistsError) as error:
            raise StoreError(
                f"cannot make {path} ({error.strerror}); frankly needs a folder that it alone may write to"
            ) from error


@contextmanager
def _worded(path: Path, damaged: str = "`frankly restore FILE` replaces a damaged store") -> Iterator[None]:
    """Turn SQLite's errors of operation into one sentence; broken constraints stay what they are.

    ``damaged`` says what to do where the file is damaged, or none of SQLite's.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(f"the database {path} refused: {error}{_remedy(str(error))}") from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise StoreError(f"the database {path} cannot be used: {error}; {damaged}") from error


def _remedy(message: str) -> str:
    if "full" in message:
        return "; nothing stored is lost: free some space on the disk and go on"
    if "disk I/O" in message:
        return "; the disk is full or failing: free some space on the disk, nothing stored is lost by that"
    if "readonly" in message:
        return "; make the file and its folder writable for frankly"
    if "unable to open" in message:
        return "; frankly needs a folder it may write to"
    if "not a database" in message:
        return "; restore a backup (`frankly restore FILE`) if it was frankly's, or let `database` name another file"
    if "locked" in message:
        return "; another program holds it: close that, or try again"
    return ""
