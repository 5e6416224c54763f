"""The company of ``scene.py`` as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.store import Store
from tests.conftest import FrozenClock
from tests.responders.scene import Scene, make_scene


@pytest.fixture
def scene(store: Store, clock: FrozenClock, tmp_path: Path) -> Scene:
    return make_scene(store, clock, tmp_path / "templates")
