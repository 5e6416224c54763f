"""The whole program in one process, and simulated platforms for it and for the daemon as a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.clock import SystemClock
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World
from tests.conftest import FrozenClock
from tests.promises.whole import Whole

MakeWhole = Callable[..., Whole]


@pytest.fixture
def make_whole(tmp_path: Path, clock: FrozenClock) -> Iterator[MakeWhole]:
    """A program on a clock that is moved by hand; keyword arguments are those of ``Whole``."""
    opened: list[Whole] = []
    world = World(clock, brand_x="BriskBroadband", brand_reddit="BriskBB_Care")
    with RehearsalServers(world) as servers:

        def make(**given: Any) -> Whole:
            opened.append(Whole(tmp_path, servers, clock, **given))
            return opened[-1]

        yield make
        for whole in opened:
            whole.close()


@pytest.fixture
def whole(make_whole: MakeWhole) -> Whole:
    return make_whole()


@pytest.fixture
def servers() -> Iterator[RehearsalServers]:
    """Simulated platforms in real time, for the daemon as a process."""
    with RehearsalServers(World(SystemClock(), brand_x="BriskBroadband", brand_reddit="BriskBB_Care")) as running:
        yield running
