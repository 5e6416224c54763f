"""``frankly forget``: it takes away one person, never somebody else of the same name on the other platform."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.credentials import load_credentials
from config.errors import UsageError
from config.loading import load_settings
from config.starting import write_starter
from frankly.app import App
from frankly.forgetting import forget_author
from store.records import Author, Platform, Post
from store.store import Store

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def app(store: Store, tmp_path: Path) -> App:
    """Somebody called sam writes on each platform, and ann on X alone."""
    write_starter(tmp_path)
    for platform, handle, external_id in (
        (Platform.X, "sam", "1"),
        (Platform.REDDIT, "sam", "t1_a"),
        (Platform.X, "ann", "2"),
    ):
        author = Author(external_id=f"id-{platform}-{handle}", handle=handle, name=handle)
        post = Post(
            platform=platform,
            external_id=external_id,
            author=author,
            text="Example is down",
            posted_at=NINE,
            conversation_id=external_id,
            url=f"https://e.example/{external_id}",
        )
        with store.transaction():
            store.mentions.add(post, brand="Example", source="s", at=NINE)
    return App(load_settings(tmp_path / "frankly.toml", {}), load_credentials({}), store)


def left(app: App) -> list[str]:
    rows = app.store.database.rows("SELECT external_id FROM mentions WHERE deleted_at IS NULL ORDER BY id")
    return [row["external_id"] for row in rows]


@pytest.mark.parametrize(
    ("author", "platform", "kept"),
    [
        ("@sam", None, ["t1_a", "2"]),
        ("u/sam", None, ["1", "2"]),
        ("/u/SAM", None, ["1", "2"]),
        ("sam", "x", ["t1_a", "2"]),
        ("@sam", "x", ["t1_a", "2"]),
        ("sam", "reddit", ["1", "2"]),
        ("id-reddit-sam", None, ["1", "2"]),
        ("ann", None, ["1", "t1_a"]),
    ],
)
def test_who_is_forgotten_is_one_person_of_one_platform(
    app: App, author: str, platform: str | None, kept: list[str]
) -> None:
    sentence, problems = forget_author(app, author, platform)
    assert "Removed 1 mentions" in sentence
    assert problems == []
    assert left(app) == kept


@pytest.mark.parametrize(
    ("author", "platform", "sentence"),
    [
        ("sam", None, 'there is an author "sam" on x and on reddit'),
        ("u/ann", None, 'no author "ann" is known here on reddit'),
        ("ann", "reddit", 'no author "ann" is known here on reddit'),
        ("nobody", None, 'no author "nobody" is known here; nothing was removed'),
        ("@sam", "reddit", '"@sam" is how a handle on x is written, but --platform is reddit'),
        ("sam", "myspace", '"myspace" is no platform'),
    ],
)
def test_where_it_is_not_clear_who_is_meant_nobody_is_forgotten(
    app: App, author: str, platform: str | None, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        forget_author(app, author, platform)
    assert left(app) == ["1", "t1_a", "2"]


def test_who_was_forgotten_on_one_platform_keeps_no_name_from_being_clear(app: App) -> None:
    forget_author(app, "@sam", None)
    forget_author(app, "sam", None)
    assert left(app) == ["2"]
