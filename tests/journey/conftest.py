"""Simulated platforms for the whole program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.clock import SystemClock
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World


@pytest.fixture
def servers() -> Iterator[RehearsalServers]:
    world = World(SystemClock(), brand_x="BriskBroadband", brand_reddit="BriskBB_Care")
    with RehearsalServers(world) as running:
        yield running
