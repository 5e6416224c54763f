"""The case page says which words carried the classifier's decision, when an agent asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from config.errors import ConfigurationError
from responders.desk.app import create_desk
from responders.desk.context import Explain
from responders.desk.words import weighed
from store.records import Agent, Mention
from tests.conftest import FrozenClock
from tests.desk.conftest import Browser, signed_in
from tests.desk.seed import POSTS, Said, Seed


def by_length(mention: Mention) -> Sequence[tuple[str, float]]:
    return [(word, len(word) / 100 if word[0] != "<" else -0.2) for word in mention.post.text.split()]


def broken(_: Mention) -> Sequence[tuple[str, float]]:
    raise ConfigurationError("the weights are missing")


class Opened:
    """Desks with one way to explain or another, and an agent at each."""

    def __init__(self, seed: Seed, agent: Agent, wall: FrozenClock) -> None:
        self._seed, self._agent, self._wall = seed, agent, wall
        self.browsers: list[Browser] = []

    def __call__(self, explain: Explain | None) -> Browser:
        seed = self._seed
        parts = (seed.answering, seed.case_work, seed.templates)
        app = create_desk(seed.store, seed.settings, seed.clock, *parts, wall=self._wall, explain=explain)
        self.browsers.append(Browser(app))
        signed_in(self.browsers[-1], seed, self._agent, self._wall)
        return self.browsers[-1]


@pytest.fixture
def opened(seed: Seed, ana: Agent, wall: FrozenClock) -> Iterator[Opened]:
    desks = Opened(seed, ana, wall)
    yield desks
    for browser in desks.browsers:
        browser.http.__exit__(None, None, None)


def test_the_words_are_shown_with_their_weight(seed: Seed, opened: Opened) -> None:
    case = seed.hear(Said("mia", "Mia", "it <b>is</b> disconnected again", 5))
    browser = opened(by_length)
    assert f'hx-get="/cases/{case.id}/words"' in browser.get(f"/cases/{case.id}")
    page = browser.get(f"/cases/{case.id}/words")
    assert '<mark class="for-2">disconnected</mark>' in page
    assert '<mark class="against-3">&lt;b&gt;is&lt;/b&gt;</mark>' in page, "a stranger's markup stays text"
    assert page.index(">disconnected<") < page.index(">again<")


def test_a_text_that_is_gone_is_not_explained(seed: Seed, opened: Opened) -> None:
    case = seed.hear(POSTS[0])
    seed.store.database.execute("UPDATE mentions SET text = ''")
    assert "no text to explain" in opened(by_length).get(f"/cases/{case.id}/words")


def test_a_classifier_that_cannot_be_opened_is_said(seed: Seed, opened: Opened) -> None:
    case = seed.hear(POSTS[0])
    page = opened(broken).get(f"/cases/{case.id}/words")
    assert "The classifier cannot be opened" in page
    assert "the weights" not in page


def test_a_desk_without_a_classifier_does_not_offer_it(seed: Seed, opened: Opened) -> None:
    case = seed.hear(POSTS[0])
    assert "Which words" not in opened(None).get(f"/cases/{case.id}")


def test_words_are_for_those_who_signed_in(seed: Seed, stranger: Browser) -> None:
    assert stranger.http.get(f"/cases/{seed.hear(POSTS[0]).id}/words").status_code in (303, 401)


def test_weights_become_steps() -> None:
    assert weighed([("down", 0.6), ("again", 0.2), ("the", 0.01), ("lovely", -0.4)]) == [
        ("down", 3),
        ("again", 1),
        ("the", 0),
        ("lovely", -2),
    ]
    assert weighed([("a", 0.004), ("b", -0.009)]) == [("a", 0), ("b", 0)]
    assert weighed([]) == []
