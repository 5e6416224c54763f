"""What is a mention of the brand, and what only looks like one."""

from __future__ import annotations

import pytest

from config.settings import Brand, Handles
from listener.matching import Matcher
from tests.unhurried import an_end

BRISK = Brand(
    name="Brisk",
    terms=["Brisk Broadband", "Brisk", "Café Net", "AT&T", "ブリスク"],
    excluded=["iced tea", "walk"],
    handles=Handles(x=["BriskBroadband"], reddit=["BriskBB_Care"]),
)
OTHER = Brand(name="Rival", terms=["Rival Fibre"])
MATCHER = Matcher([BRISK, OTHER])


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Brisk is down", "Brisk"),
        ("BRISK!!!", "Brisk"),
        ("why is brisk, of all, down?", "Brisk"),
        ("Brisk's engineer never came", "Brisk"),
        ("Brisk\u2019s engineer never came", "Brisk"),
        ("Brisk\u02bcs engineer never came", "Brisk"),
        ("“Brisk”", "Brisk"),
        ("Brísk ist kaputt", "Brisk"),
        ("Br\u200bisk", "Brisk"),
        ("\uff22\uff32\uff29\uff33\uff2b is down", "Brisk"),
        ("#brisk", "Brisk"),
        ("non-Brisk line", "Brisk"),
        ("Briskの回線が遅い", "Brisk"),
        ("Brisk🔥down", "Brisk"),
        ("brisk broadband again", "Brisk Broadband"),
        ("BRISK  \n BROADBAND", "Brisk Broadband"),
        ("Brisk-Broadband", "Brisk Broadband"),
        ("#BriskBroadband is a joke", "Brisk Broadband"),
        ("#brisk_broadband", "Brisk Broadband"),
        ("my cafe net died", "Café Net"),
        ("my CAFÉ NET died", "Café Net"),
        ("at&t or not at all", "AT&T"),
        ("昨日からブリスクが遅い", "ブリスク"),
        ("@briskbroadband help", "@BriskBroadband"),
        (".@BriskBroadband help", "@BriskBroadband"),
        ("hey u/BriskBB_Care", "u/BriskBB_Care"),
        ("hey /u/briskbb_care!", "u/BriskBB_Care"),
        ("see https://example.com/news about Brisk", "Brisk"),
        ("[look](https://example.com/a) Brisk", "Brisk"),
    ],
)
def test_the_brand_is_found(text: str, term: str) -> None:
    match = MATCHER.match(text)
    assert match is not None
    assert match.brand == "Brisk"
    assert term in match.terms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "briskly does it",
        "Brisks",
        "a briskness in the air",
        "unbrisk",
        "brisk_fan",
        "brisk2",
        "@briskfan hello",
        "@BriskBroadbandFans",
        "foo@briskbroadband.com",
        "mail brisk@example.com",
        "https://example.com/brisk-walking",
        "HTTPS://EXAMPLE.COM/BRISK",
        "www.brisk-walking.example",
        "example.com/brisk",
        "[here](https://example.com/brisk)",
        "u/BriskBB_Care2",
        "cafe network",
        "at & t",
        "broadband",
        "#briskbroadbandfans",
    ],
)
def test_what_only_looks_like_the_brand_is_not(text: str) -> None:
    assert MATCHER.match(text) is None


@pytest.mark.parametrize("text", ["a brisk walk", "Brisk Iced  Tea is my drink", "Brisk WALK"])
def test_an_excluded_word_means_something_else(text: str) -> None:
    assert MATCHER.match(text) is None


@pytest.mark.parametrize("text", ["Brisk walkers", "Brisk, my iced coffee"])
def test_an_excluded_word_is_a_whole_word(text: str) -> None:
    assert MATCHER.match(text) is not None


def test_whoever_names_our_account_means_us_whatever_else_they_say() -> None:
    assert MATCHER.match("@BriskBroadband I had to walk to the office") is not None


def test_the_first_brand_in_the_operators_order_wins() -> None:
    match = MATCHER.match("left Rival Fibre for Brisk")
    assert match is not None
    assert match.brand == "Brisk"
    rival = MATCHER.match("left rival fibre")
    assert rival is not None
    assert rival.brand == "Rival"


def test_every_term_that_was_said_is_named_once() -> None:
    match = MATCHER.match("Brisk, Brisk, @BriskBroadband and Brisk Broadband")
    assert match is not None
    assert sorted(match.terms) == ["@BriskBroadband", "Brisk", "Brisk Broadband"]


def test_a_name_in_styled_capitals_is_the_name() -> None:
    assert MATCHER.match("𝗕𝗥𝗜𝗦𝗞 is down again") is not None  # noqa: RUF001


@pytest.mark.parametrize("run", ["\u3316", "a", "a.", "a-", "a@", "a@a-", "-.", "+", "a_", "a..", "www.", "a.a/"])
def test_a_word_without_an_end_is_read_in_time(run: str) -> None:
    with an_end():
        match = MATCHER.match(f"Brisk {run * 40_000}. Brisk")  # a post on Reddit holds as many signs
    assert match is not None


@pytest.mark.parametrize(
    "text", ["-brisk.com/a", "a..brisk.com/a", "brisk@example.com", "(brisk.co.uk/a)", "brisk-net.com/a", "é.brisk/a"]
)
def test_the_name_in_an_address_is_not_read_however_it_begins(text: str) -> None:
    assert MATCHER.match(text) is None
