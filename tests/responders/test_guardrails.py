"""Guardrails: what no text may contain, whoever wrote it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.settings import GuardrailLevels
from responders.guardrails import TextContext, blocks, check
from store.records import Platform
from tests.responders.scene import DISCLOSED
from tests.unhurried import an_end

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
    assert finding.sentence == f"The answer has {length + 1} characters, {length - 279} more than the 280 that fit."


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
        ("Paid to 20-00-00, account 55779911 ^AB", "a bank account"),
        ("We found account number 4711003 ^AB", "an account or customer number"),
        ("Ihre Kundennummer lautet 4711-0034 ^AB", "an account or customer number"),
        ("Su numero de cliente es 4711003 ^AB", "an account or customer number"),
        ("Le numero de compte : 4711003 ^AB", "an account or customer number"),
        ("Is 536-90-4399 still yours? ^AB", "an identity number"),
        ("El DNI 54362315K no aparece ^AB", "an identity number"),
        ("We have QQ 12 34 56 C on file, or AB 12 34 56 C ^AB", "an identity number"),
        ("Your new PIN is 4821 ^AB", "a password or PIN"),
        ("Das Passwort: winter44 ^AB", "a password or PIN"),
        ("You were born on 12/03/1980 ^AB", "a date of birth"),
    ],
)
def test_private_data_does_not_go_out(text: str, what: str) -> None:
    found = [finding for finding in check(text, AGENT) if finding.rule == "private_data"]
    assert [finding.level for finding in found] == ["block"] * len(found)
    assert any(what in finding.sentence for finding in found)
    digits = [part for part in text.split() if part[:4].isdigit()]
    assert all(piece not in finding.sentence for finding in found for piece in ("7946", "jo.doe", "DE89", *digits))


@pytest.mark.parametrize(
    "text",
    [
        "Write to care@brisk.example.com or call +44 20 7946 0018 ^AB",
        "Your ticket is 1234567890123, opened on 2026-03-02 at 10:15 ^AB",
        "That is 4 of 24 hours, 99.95 % of the time ^AB",
        "Your account was credited on 2026-03-02, and your contract ends in 2027 ^AB",
        "The password page works again, and your PIN is safe ^AB",
        "54362315A is no number that anybody has ^AB",
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
    "text",
    [
        "Sorry! Our special offer of the week may cheer you up ^AB",
        "Sorry. Upgrade to Brisk Max and this is gone ^AB",
        "We are sorry, here is 20% off anything you buy ^AB",
        "Das tut uns leid. Entdecke unsere neuen Tarife ^AB",
        "Lo sentimos. \u00a1Suscr\u00edbete ya! ^AB",
        "D\u00e9sol\u00e9s. D\u00e9couvrez nos forfaits ^AB",
    ],
)
def test_who_complains_is_served_and_sold_nothing(text: str) -> None:
    complaint = replace(AGENT, complaint=True)
    assert rules(text, complaint) == [("promotion", "block")]
    assert rules(text) == []


@pytest.mark.parametrize("text", ["We order a new part today ^AB", "A refund of 20% is on its way ^AB"])
def test_serving_is_no_promotion(text: str) -> None:
    assert rules(text, replace(AGENT, complaint=True)) == []


@pytest.mark.parametrize("rule", [name for name in GuardrailLevels.model_fields])
def test_each_guardrail_blocks_or_warns_as_the_operator_says(rule: str) -> None:
    text = (
        "Please send your account number 4711003 to {{ here }}: https://x.example.org Upgrade to Max, an honest mistake"
    )
    for level in ("block", "warn"):
        levels = GuardrailLevels.model_validate({rule: level})
        context = replace(AGENT, complaint=True, forbidden_words=["honest mistake"], recent_texts=[text], levels=levels)
        assert (rule, level) in rules(text, context)


def test_without_a_person_whatever_is_found_blocks() -> None:
    lenient = replace(RULE, platform=Platform.REDDIT, complaint=True, link_price_usd=0.0)
    warned = GuardrailLevels.model_validate(dict.fromkeys(GuardrailLevels.model_fields, "warn"))
    text = f"Send your account number to https://x.example.org {DISCLOSED}"
    assert set(rules(text, replace(lenient, levels=warned))) == {("links", "block"), ("asks_private", "block")}


@pytest.mark.parametrize(
    "text",
    [
        "Hello {{ name }}",
        "Hello {name}",
        "Dear ____ ,",
        "Hello [customer name]",
        "Hello <first name>",
        "Ticket XXX is open",
        "TODO: say sorry",
    ],
)
def test_an_empty_placeholder_is_blocked(text: str) -> None:
    assert ("placeholder", "block") in rules(f"{text} ^AB")


@pytest.mark.parametrize("text", ["Lo siento por todo ^AB", "It was on [1] of our lists <3 ^AB"])
def test_ordinary_words_are_no_placeholder(text: str) -> None:
    assert rules(text) == []


def test_the_words_of_a_recent_answer_are_not_said_again() -> None:
    context = replace(AGENT, recent_texts=["We are  on it. ^ab"])
    assert rules("We are on it. ^AB", context) == [("repeat", "block")]
    assert rules("We are on it. ^CD", replace(context, initials="CD")) == [("repeat", "block")]  # a colleague's
    assert rules("We are on it, Ann. ^AB", context) == []


def test_forbidden_words_are_blocked_whatever_their_case() -> None:
    context = replace(AGENT, forbidden_words=["honest mistake"])
    assert rules("It was an HONEST mistake ^AB", context) == [("forbidden_word", "block")]


def test_an_agent_signs_for_themselves() -> None:
    (finding,) = check("We are on it. ^CD", AGENT)
    assert (finding.rule, finding.level) == ("initials", "warn")
    assert finding.sentence == 'The answer is signed "CD", and it is you who answers: "^AB".'


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


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("run", ["a.", "1.", "a.\u3316", "[a", "_"])
def test_what_somebody_pastes_without_an_end_is_checked_in_time(run: str, platform: Platform) -> None:
    with an_end():
        found = rules(run * (20_000 // len(run)), replace(AGENT, platform=platform))  # as much as the desk takes
    assert ("length", "block") in found


@pytest.mark.parametrize(
    "dots", ["." * 40, " " + "a." * 40, "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24."]
)
def test_dots_that_are_no_link_count_as_they_stand(dots: str) -> None:
    fits = "a" * (280 - len(dots) - 5) + f" {dots} ^AB"
    assert ("length", "block") not in rules(fits[1:])
    assert ("length", "block") in rules(fits.replace(" ^", "aa ^"))


def test_a_link_behind_many_dots_is_found() -> None:
    assert ("links", "warn") in rules(f"{'.' * 40} see acme.example.com/help ^AB")
