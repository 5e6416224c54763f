"""Which clauses are read for a brand when a rival is named beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.clauses import Clauses
from tests.unhurried import an_end

CLAUSES = Clauses(("Acme", "Acme Mobile"), ("Zenith", "A+ Telecom"))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Zenith is terrible, thank god I'm with Acme", "thank god I'm with Acme"),
        ("acme fixed it in a day. A+ Telecom could not in a month!", "acme fixed it in a day."),
        ("Acme got me home but zenith left me stranded", "Acme got me home"),
        ("Acme: even Zenith pays. You have had my money for a month", "Acme: You have had my money for a month"),
        ("Zenith was fine. Acme charged me twice. Nobody answers.", "Acme charged me twice. Nobody answers."),
    ],
)
def test_clauses_about_a_rival_alone_are_left_out(text: str, read: str) -> None:
    assert CLAUSES.about_brand(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "Acme is worse and Zenith no better",
        "Zenith is terrible, I am with another now",
        "Zenithal views at Acmeville",
        "Acme is down, nobody answers",
        "Acme, switched to Zenith after you charged me twice",
        "Acme, Zenith never treated me as badly as you do",
        "Acme is so slow that Zenith looks fast",
        "Acme, why does Zenith work here when yours has been dead for three days?",
        "Acme, Zenith is better",
        "",
    ],
)
def test_a_text_is_read_whole_where_no_clause_is_the_brands_alone_or_no_rival_is_named(text: str) -> None:
    assert CLAUSES.about_brand(text) == text


def test_without_rivals_everything_is_read() -> None:
    assert Clauses(("Acme",), ()).about_brand("Zenith is bad, Acme too") == "Zenith is bad, Acme too"


@given(st.text(alphabet="AcmeZnith ,.!but\u0301🙂", max_size=200))
def test_every_word_that_is_read_stands_in_the_text_and_the_brand_is_never_lost(text: str) -> None:
    read = CLAUSES.about_brand(text)
    assert set(read.split()) <= set(text.split())
    assert ("Acme" in text) == ("Acme" in read)


@pytest.mark.parametrize("blank", [" ", "\n", "\u3000", " but"])
def test_blanks_without_an_end_are_read_in_time(blank: str) -> None:
    with an_end():
        read = CLAUSES.about_brand(f"Zenith is bad{blank * 40_000} Acme took my money.")
    assert read.endswith("Acme took my money.")
