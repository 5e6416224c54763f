"""What counts as a quote of a post in something that we wrote."""

from __future__ import annotations

import pytest

from store.quoting import quotes

POST = "My router restarts every night since Tuesday, order 5530127, and nobody at Brisk answers me"


@pytest.mark.parametrize(
    "writing",
    [
        POST,
        "They say that the ROUTER restarts, every NIGHT since last week",
        "see 5530127",
        "wrote: nobody at brisk answers",
    ],
)
def test_four_words_in_a_row_or_a_number_are_a_quote(writing: str) -> None:
    assert quotes(writing, [POST])


@pytest.mark.parametrize(
    "writing",
    [
        "",
        "Their router breaks down at night; an engineer comes on Tuesday",
        "My router restarts, they say",
        "order 5530128",
        "called at 10:30, 2026",
    ],
)
def test_common_words_are_none(writing: str) -> None:
    assert not quotes(writing, [POST])


def test_a_short_post_is_quoted_whole_or_not_at_all() -> None:
    assert quotes("They wrote “Brisk again?!” and left", ["brisk again"])
    assert not quotes("Brisk, and again Brisk", ["brisk again then"])
    assert not quotes("Brisk", ["Brisk"])
    assert not quotes("anything", ["", "\N{PILE OF POO}"])


def test_a_mail_address_is_a_quote() -> None:
    assert quotes("mailed to Maria.H@example.org today", ["write me: maria.h@example.org"])
    assert not quotes("@BriskBroadband", ["@BriskBroadband hello there you people"])


def test_any_version_counts() -> None:
    assert quotes("one two three four", ["something else", "zero one two three four five"])
