"""An application that nothing runs yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.credentials import load_credentials
from config.loading import load_settings
from config.starting import write_starter
from frankly.app import App
from store.store import Store


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The starter's settings but for its sources, and the desk on any free port."""
    write_starter(tmp_path)
    settings = tmp_path / "frankly.toml"
    text = re.sub(r"\[\[sources\]\]\n(?:[^\n\[]+\n)+", "", settings.read_text()).replace("port = 8470", "port = 0")
    settings.write_text(text)
    loaded = load_settings(settings, {})
    store = Store.open(loaded.database_path)
    yield App(loaded, load_credentials({}), store)
    store.close()
