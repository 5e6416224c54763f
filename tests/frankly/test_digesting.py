"""``frankly digest``: its JSON commands no terminal, whatever strangers wrote."""

from __future__ import annotations

from pathlib import Path

from config.credentials import load_credentials
from config.loading import load_settings
from config.starting import write_starter
from frankly.app import App
from frankly.digesting import digest_texts
from responders.digest.figures import from_json
from store.store import Store
from tests.digest.lively import DAY, HOSTILE, lively
from tests.digest.seed import Seed


def test_a_digest_in_json_turns_no_direction_and_keeps_every_word(store: Store, tmp_path: Path) -> None:
    write_starter(tmp_path)
    with store.transaction():
        lively(Seed(store, "Example"))
    app = App(load_settings(tmp_path / "frankly.toml", {}), load_credentials({}), store)
    [text] = digest_texts(app, None, DAY, "json", deliver=False)
    assert "\\u202egnp.exe\\u202c" in text
    assert "\u202e" not in text
    worst = from_json(text).worst
    assert worst is not None
    assert worst.text == HOSTILE
