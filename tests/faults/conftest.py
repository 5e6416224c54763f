"""The whole program beside simulated platforms: in this process on a clock of its own, and as real processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from classifiers import Classifier, load_classifier
from config.clock import SystemClock
from config.settings import ClassifierSettings
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


@dataclass
class Skewed:
    """A clock that is wrong by ``by``."""

    right: FrozenClock
    by: timedelta = timedelta(0)

    def now(self) -> datetime:
        return self.right.now() + self.by


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """The shipped model, loaded once for all of these tests."""
    return load_classifier(ClassifierSettings(), [])


@pytest.fixture
def whole(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FrozenClock, classifier: Classifier
) -> Iterator[Whole]:
    """A program in this process, on a clock that is moved by hand and that its platforms go by as well.

    The parameter, where there is one, is its patience with a platform.
    """
    patience = getattr(request, "param", "20s")
    with RehearsalServers(World(clock, brand_x="BriskBroadband", brand_reddit="BriskBB_Care")) as servers:
        environ = {f"FRANKLY_PLATFORMS__{name}__TIMEOUT": patience for name in ("X", "REDDIT")}
        made = Whole(tmp_path, servers, clock, environ=environ)
        made.app.__dict__["_classifier"] = classifier
        yield made
        made.close()
