"""The whole program beside simulated platforms: in this process on a clock of its own, and as real processes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.clock import SystemClock
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World
from tests.conftest import FrozenClock
from tests.promises.whole import Whole

AT_ONCE = {"FRANKLY_ANSWERS__HOLD": "0s", "FRANKLY_ANSWERS__SETTLE_AFTER": "0s", "FRANKLY_ANSWERS__SETTLE_CHECKS": "1"}


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Whole]:
    """A program in real time, so that processes can work on the same store; answers are not held back."""
    with RehearsalServers(World(SystemClock(), brand_x="BriskBroadband", brand_reddit="BriskBB_Care")) as servers:
        whole = Whole(tmp_path, servers, FrozenClock(datetime.now(UTC)), environ=AT_ONCE)
        yield whole
        whole.close()
