"""``frankly digest``: its JSON commands no terminal, whatever strangers wrote, and ``--send`` says what it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.credentials import load_credentials
from config.errors import FranklyError, UsageError
from config.loading import load_settings
from config.starting import write_starter
from frankly.app import App
from frankly.digesting import digest_texts
from responders.digest.figures import from_json
from store.store import Store
from tests.digest.lively import DAY, HOSTILE, lively
from tests.digest.seed import Seed

# Apprise 2.2 asks for a module that Python 3.13 drops, and goes on without it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOBODY = {"FRANKLY_DIGEST_URLS": "nonsense://x"}  # an address that takes nothing


def opened(folder: Path, store: Store, given: dict[str, str], environ: dict[str, str]) -> App:
    write_starter(folder)
    return App(load_settings(folder / "frankly.toml", given), load_credentials(environ), store)


def sending(app: App) -> list[str]:
    """What is told of sending the digest of a day."""
    told: list[str] = []
    digest_texts(app, None, DAY, "json", deliver=True, tell=told.append)
    return told


@pytest.mark.parametrize(
    ("given", "environ", "sentence"),
    [
        ({}, {}, "FRANKLY_DIGEST_URLS is not set"),
        ({"FRANKLY_DIGEST__BY_MAIL": "false"}, NOBODY, r"digest\.by_mail is false"),
    ],
)
def test_sending_without_an_address_is_refused_and_the_daemon_tries_on(
    store: Store, tmp_path: Path, given: dict[str, str], environ: dict[str, str], sentence: str
) -> None:
    with store.transaction():
        lively(Seed(store, "Example"))
    failing = opened(tmp_path / "daemon", store, {}, NOBODY)
    with pytest.raises(FranklyError, match="was not sent everywhere"):
        sending(failing)
    with pytest.raises(UsageError, match=sentence):
        sending(opened(tmp_path / "shell", store, given, environ))
    stored = store.digests.get("Example", DAY)
    assert stored is not None
    assert "1 of 1 addresses did not take it" in (stored.problem or "")


def test_sending_says_that_it_sent_had_sent_or_does_not_know(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.transaction():
        lively(Seed(store, "Example"))
    app = opened(tmp_path, store, {}, {"FRANKLY_DIGEST_URLS": "json://desk.example"})
    monkeypatch.setattr("apprise.Apprise.notify", lambda *_, **__: True)
    assert sending(app) == [f"Sent the digest of Example for {DAY}."]
    [again] = sending(app)
    assert again.startswith(f"Nothing was sent: the digest of Example for {DAY} had been sent at ")
    store.database.execute("UPDATE digests SET sent_at = NULL")
    [unknown] = sending(app)
    assert unknown.endswith("was begun before and never ended, so it may have arrived.")


def test_a_digest_in_json_turns_no_direction_and_keeps_every_word(store: Store, tmp_path: Path) -> None:
    write_starter(tmp_path)
    with store.transaction():
        lively(Seed(store, "Example"))
    app = App(load_settings(tmp_path / "frankly.toml", {}), load_credentials({}), store)
    [text] = digest_texts(app, None, DAY, "json", deliver=False, tell=print)
    assert "\\u202egnp.exe\\u202c" in text
    assert "\u202e" not in text
    worst = from_json(text).worst
    assert worst is not None
    assert worst.text == HOSTILE
