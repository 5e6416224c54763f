from __future__ import annotations

import pytest

from classifiers.text import mask, normalise, shorten_repeats, spell_emoji, split_hashtags


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


def test_the_accounts_of_the_brand_and_of_rivals_become_their_names() -> None:
    accounts = {"acmehelp": "Acme", "zenith": "Zenith"}
    assert normalise("@AcmeHelp u/AcmeHelp @Zenith and @other", accounts) == "Acme Acme Zenith and @user"


def test_an_emoji_is_read_as_words() -> None:
    assert normalise("great 😡") == "great pouting face"
    assert normalise("👍🏽") == "thumbs up sign"


def test_half_an_emoji_is_no_error() -> None:
    assert normalise("cut \ud83d off") == "cut ? off"


@pytest.mark.parametrize(
    "written", ["caught f\u200bire", "\uff43aught fire", "caught \U0001d5f3\U0001d5f6\U0001d5ff\U0001d5f2"]
)
def test_disguised_words_are_read_as_what_they_look_like(written: str) -> None:
    assert mask(written) == "caught fire"


def test_long_repeats_and_white_space_are_shortened() -> None:
    assert normalise("sooooooo   bad!!!!!!\n\nreally") == "sooo bad!!! really"
    assert normalise("😡" * 9) == "pouting face pouting face pouting face"
    assert normalise("you took 10000 instead of 1000") == "you took 10000 instead of 1000"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("#WorstServiceEver", "#Worst Service Ever"),
        ("#never_again!", "#never again!"),
        ("#iOS17 #BMWFail", "#i OS 17 #BMW Fail"),
        ("order #12345, see a#B and &#39;", "order #12345, see a#B and '"),
    ],
)
def test_a_hashtag_is_read_as_words(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


def test_each_step_of_cleaning_does_one_thing() -> None:
    text = "#NeverAgain noooooo 😡"
    assert shorten_repeats(text) == "#NeverAgain nooo 😡"
    assert split_hashtags(text) == "#Never Again noooooo 😡"
    assert spell_emoji(text) == "#NeverAgain noooooo  pouting face "
