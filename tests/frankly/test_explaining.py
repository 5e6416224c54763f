"""``frankly explain --why``: the words that carried the decision stand in the story."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.credentials import load_credentials
from config.loading import load_settings
from config.starting import write_starter
from frankly.app import App
from frankly.explaining import words_of
from frankly.story import tell, told
from store.store import Store
from tests.classifiers.small_models import make_embedded
from tests.digest.seed import Seed

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    write_starter(tmp_path)
    model = make_embedded(tmp_path / "model")
    file = tmp_path / "frankly.toml"
    file.write_text(file.read_text().replace('model = "embedded"', f'model = "{model}"'))
    settings = load_settings(file, {})
    store = Store.open(settings.database_path)
    yield App(settings, load_credentials({}), store)
    store.close()


def test_the_story_names_the_words_the_heaviest_first(app: App) -> None:
    mention = Seed(app.store, "Example").mention(NOON, "my router is broken for 3 days")
    story = told(app, str(mention), why=True)
    assert [word for word, _ in story["why"]] == ["my", "router", "is", "broken", "for", "3", "days"]
    json.dumps(story, default=str)
    assert "Carried by: broken +0." in tell(story)
    assert "why" not in told(app, str(mention))


def test_a_text_that_is_gone_has_no_words(app: App) -> None:
    mention = Seed(app.store, "Example").mention(NOON, "")
    assert words_of(app, app.store.mentions.get(mention)) == []
    assert "There is no text to explain" in tell(told(app, str(mention), why=True))


def test_a_text_that_no_word_carries_says_so(app: App) -> None:
    mention = Seed(app.store, "Example").mention(NOON, "plain words that mean little")
    assert "No single word carried it" in tell(told(app, str(mention), why=True))


def test_the_story_has_whatever_rules_may_ask_of_an_assessment(app: App) -> None:
    seed = Seed(app.store, "Example")
    mention = app.store.mentions.get(seed.mention(NOON, "my router is broken"))
    [found] = app.classifier.assess([mention.post.text])
    scored = replace(found, topic="outage", language=None, relevant_score=0.9, offensive_score=0.2, sarcasm_score=0.1)
    with app.store.transaction():
        app.store.assessments.add([(mention, scored)], NOON)
    story = told(app, str(mention.id))
    last = story["assessments"][-1]
    assert (last["relevant_score"], last["offensive_score"], last["sarcasm_score"]) == (0.9, 0.2, 0.1)
    assert last["sentiment_scores"] == found.sentiment_scores
    assert "topic outage, language unknown" in tell(story)
