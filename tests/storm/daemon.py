"""The real daemon in a real process, with two things handed in that the storm must be able to turn.

Its clock jumps, and it waits 0.4 seconds for a locked store. Each daemon is forked off a server process that has
everything imported, since importing takes ten times as long as all else that a start has to do.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

import frankly.commands.operating
import frankly.daemon
import frankly.serving
import listener.platforms.clients
import store.database
from config.clock import Clock
from config.settings import Settings
from frankly.cli import main
from tests.storm.clock import JumpingClock

BUSY_SECONDS = 0.4
IMPORTED = (frankly.commands.operating, frankly.daemon, frankly.serving, listener.platforms.clients)


def run_daemon(folder: Path, environ: Mapping[str, str], log: Connection) -> None:
    """Be ``frankly run`` in this process, until it ends."""
    os.dup2(log.fileno(), sys.stderr.fileno())
    faulthandler.enable()
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["frankly", "--config", str(folder), "run", "--no-desk"]
    paced = Settings.clock

    def jumping(settings: Settings) -> Clock:
        return JumpingClock.beside(paced(settings), folder / "offset")

    with patch.object(Settings, "clock", jumping), patch.object(store.database, "_BUSY_SECONDS", BUSY_SECONDS):
        main()
