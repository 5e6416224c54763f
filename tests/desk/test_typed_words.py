"""What somebody typed is never lost, and never approved for a post that they have not read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from store.records import Agent
from tests.desk.conftest import Browser
from tests.desk.seed import POSTS, Seed

SignIn = Callable[[Agent], Browser]
ANSWER = "We are sorry, Dan: an engineer comes tomorrow between 8 and 10, and calls before. ^AL"


@pytest.fixture
def by_hand_id(seed: Seed) -> int:
    """The case of somebody who spoke about the brand and not to it."""
    return seed.hear(POSTS[4]).id


def test_what_was_written_for_an_answer_by_hand_stays_as_a_note(
    seed: Seed, ana: Agent, by_hand_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{by_hand_id}/claim")
    browser.post(f"/cases/{by_hand_id}/draft", text="first words ^AL")
    assert browser.post(f"/cases/{by_hand_id}/by-hand", text="The street is back, Pete.\r\nSorry! ^AL")[0] == 303
    assert [note.text for note in seed.store.cases.notes(by_hand_id)] == [
        "Answered by hand. What was written here: The street is back, Pete.\nSorry! ^AL"
    ]
    browser.post(f"/cases/{by_hand_id}/by-hand")  # nothing was written here
    assert len(seed.store.cases.notes(by_hand_id)) == 1
