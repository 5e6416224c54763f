"""Guardrails: what no text may contain, whoever wrote it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from responders.guardrails import TextContext, blocks, check
from store.records import Platform
from tests.responders.scene import DISCLOSED

AGENT = TextContext(
    platform=Platform.X,
    automated=False,
    initials="AB",
    private_route="https://brisk.example.com/help or care@brisk.example.com, +44 20 7946 0018",
    link_price_usd=0.2,
)
RULE = replace(AGENT, automated=True, initials="")


def rules(text: str, context: TextContext = AGENT) -> list[tuple[str, str]]:
    return [(finding.rule, finding.level) for finding in check(text, context)]


def test_a_plain_signed_answer_has_no_findings() -> None:
    assert rules("Sorry about this. We have restarted your line, is it better now? ^AB") == []
    assert rules(f"Thank you! {DISCLOSED}", RULE) == []


def test_an_empty_answer_is_blocked() -> None:
    assert rules("  \n ") == [("empty", "block")]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("a" * 277 + " ^A", 280),
        ("漢" * 138 + " ^AB", 280),
        ("😷" * 138 + " ^AB", 280),
        ("https://brisk.example.com/help " + "a" * 253 + " ^A", 280),  # a link counts 23, whatever its length
    ],
)
def test_length_is_counted_as_x_does(text: str, length: int) -> None:
    context = replace(AGENT, private_route="https://brisk.example.com/help")
    assert ("length", "block") not in rules(text, context)
    (finding,) = [one for one in check(text.replace(" ^", "a ^"), context) if one.rule == "length"]
    assert finding.sentence == f"The answer has {length + 1} characters, and x takes 280."


def test_reddit_counts_characters_up_to_ten_thousand() -> None:
    context = replace(AGENT, platform=Platform.REDDIT)
    assert rules("漢" * 9_996 + " ^AB", context) == []
    assert rules("漢" * 9_997 + " ^AB", context) == [("length", "block")]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("We will call you on +44 20 7946 0999 ^AB", "a phone number"),
        ("Is (415) 555-2671 still right? ^AB", "a phone number"),
        ("We wrote to jo.doe@mail.example.org ^AB", "an e-mail address"),
        ("The card 4111 1111 1111 1111 was charged ^AB", "a card number"),
        ("Paid to DE89 3704 0044 0532 0130 00 ^AB", "a bank account"),
    ],
)
def test_private_data_does_not_go_out(text: str, what: str) -> None:
    found = [finding for finding in check(text, AGENT) if finding.rule == "private_data"]
    assert [finding.level for finding in found] == ["block"] * len(found)
    assert any(what in finding.sentence for finding in found)
    assert all(
        piece not in finding.sentence for finding in found for piece in ("7946", "555", "jo.doe", "4111", "DE89")
    )


@pytest.mark.parametrize(
    "text",
    [
        "Write to care@brisk.example.com or call +44 20 7946 0018 ^AB",
        "Your ticket is 1234567890123, opened on 2026-03-02 at 10:15 ^AB",
        "That is 4 of 24 hours, 99.95 % of the time ^AB",
    ],
)
def test_the_brands_own_address_and_other_numbers_are_not_private(text: str) -> None:
    assert not [finding for finding in check(text, AGENT) if finding.rule == "private_data"]


@pytest.mark.parametrize(
    "text",
    [
        "Please tell us your account number ^AB",
        "Can you post your phone number here? ^AB",
        "Bitte nenne uns deine Kundennummer ^AB",
        "¿Cuál es su número de teléfono? ^AB",
        "Donnez votre date de naissance ^AB",
    ],
)
def test_asking_for_private_data_in_public_warns_and_offers_the_private_route(text: str) -> None:
    (finding,) = [one for one in check(text, AGENT) if one.rule == "asks_private"]
    assert finding.level == "warn"
    assert AGENT.private_route in finding.sentence


def test_asking_through_the_private_route_is_right() -> None:
    context = replace(AGENT, private_route="https://brisk.example.com/help")
    assert rules("Please send your account number here: https://brisk.example.com/help ^AB", context) == []


def test_links_warn_an_agent_with_their_price_and_block_a_rule() -> None:
    (finding,) = check("See https://news.example.com/today ^AB", AGENT)
    assert (finding.rule, finding.level) == ("links", "warn")
    assert "$0.20" in finding.sentence
    assert rules(f"See https://news.example.com/today {DISCLOSED}", RULE) == [("links", "block")]
    on_reddit = replace(AGENT, platform=Platform.REDDIT, link_price_usd=0.0)
    assert rules("See https://news.example.com/today ^AB", on_reddit) == []
    assert rules("See https://news.example.com/today ^AB", replace(on_reddit, complaint=True)) == [("links", "warn")]


@pytest.mark.parametrize(
    "text", ["Hello {{ name }}", "Hello [customer name]", "Hello <first name>", "Ticket XXX is open", "TODO: say sorry"]
)
def test_an_empty_placeholder_is_blocked(text: str) -> None:
    assert ("placeholder", "block") in rules(f"{text} ^AB")


@pytest.mark.parametrize("text", ["Lo siento por todo ^AB", "It was on [1] of our lists <3 ^AB"])
def test_ordinary_words_are_no_placeholder(text: str) -> None:
    assert rules(text) == []


def test_the_words_of_a_recent_answer_are_not_said_again() -> None:
    context = replace(AGENT, recent_texts=["We are  on it. ^ab"])
    assert rules("We are on it. ^AB", context) == [("repeat", "block")]
    assert rules("We are on it, Ann. ^AB", context) == []


def test_forbidden_words_are_blocked_whatever_their_case() -> None:
    context = replace(AGENT, forbidden_words=["honest mistake"])
    assert rules("It was an HONEST mistake ^AB", context) == [("forbidden_word", "block")]


@pytest.mark.parametrize("text", ["We are on it.", "We are on it. AB"])
def test_an_agents_answer_wants_a_signature(text: str) -> None:
    (finding,) = check(text, AGENT)
    assert (finding.rule, finding.level) == ("initials", "warn")
    assert '"^AB"' in finding.sentence


@pytest.mark.parametrize("text", ["We are on it. ^AB", "We are on it. - AB", "We are on it. \N{EM DASH}AB "])
def test_a_signature_may_be_written_in_several_ways(text: str) -> None:
    assert rules(text) == []


@pytest.mark.parametrize("text", ["Thank you!", "Thank you! (Automated reply.)", "Thank you! Answer STOP to stop."])
def test_an_automated_answer_must_say_so_and_how_to_stop_it(text: str) -> None:
    assert rules(text, RULE) == [("disclosure", "block")]


def test_only_blocking_findings_block() -> None:
    found = check("See https://news.example.com/{{ today }}", AGENT)
    assert {finding.rule for finding in blocks(found)} == {"placeholder"}
