"""One daemon for each database, and logs that machines can read."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from config.errors import AlreadyRunning, StoreError
from frankly.lock import only_one
from frankly.logs import _KeyValue


def test_a_second_daemon_is_told_who_runs(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "db"),
        pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"),
        only_one(tmp_path / "db"),
    ):
        pass
    assert AlreadyRunning.exit_code == 5


def test_the_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with only_one(tmp_path / "db"):
            pass


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="needs a folder it may write to"), only_one(tmp_path / "nowhere" / "db"):
        pass


def line(message: str, **fields: object) -> str:
    record = logging.LogRecord("frankly", logging.INFO, __file__, 1, message, (), None)
    record.fields = fields
    return _KeyValue().format(record)


def test_a_log_line_is_key_and_value() -> None:
    assert line("collected", source="x mentions", stored=3).endswith('event=collected source="x mentions" stored=3')


def test_a_value_cannot_forge_a_second_line() -> None:
    assert "\n" not in line("failed", reason='first\nlevel=info event="second"')
