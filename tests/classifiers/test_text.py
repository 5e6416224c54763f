from __future__ import annotations

import pytest

from classifiers.text import mask, normalise


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("@acme why?", "@user why?"),
        ("ask u/some-one or /u/other", "ask @user or @user"),
        ("see https://t.co/AbC and www.example.com/x", "see http and http"),
        ("write to jo.bloggs+1@example.co.uk now", "write to <email> now"),
        ("rock &amp; roll &lt;3", "rock & roll <3"),
    ],
)
def test_people_links_and_addresses_are_masked_as_in_the_research_sets(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


def test_the_brands_own_handle_becomes_its_name() -> None:
    assert normalise("@AcmeHelp and @other", {"acmehelp"}, "Acme") == "Acme and @user"


def test_an_emoji_is_read_as_words() -> None:
    assert normalise("great 😡") == "great pouting face"
    assert normalise("👍🏽") == "thumbs up sign"


def test_half_an_emoji_and_zero_width_characters_are_no_error() -> None:
    assert normalise("cut \ud83d off") == "cut ? off"
    assert mask("a\u200bb") == "a\u200bb"


def test_long_repeats_and_white_space_are_shortened() -> None:
    assert normalise("sooooooo   bad!!!!!!\n\nreally") == "sooo bad!!! really"
