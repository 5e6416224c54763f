"""Opt-outs: heard in four languages, and not where somebody only uses the word."""

from __future__ import annotations

import pytest

from responders.optouts import asks_to_stop


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "@BriskCare stop!!",
        "@BriskCare please stop",
        "Stop it now",
        "Unsubscribe.",
        "bad bot",
        "lol what a bad bot, go home",
        "@BriskCare stop replying to me, I did not ask",
        "Don\u2019t reply to me ever again",
        "u/BriskCare leave me alone",
        "Stopp bitte",
        "Schreibt mir nicht mehr!",
        "Hört auf, mir zu schreiben",
        "lasst mich in Ruhe",
        "Basta ya",
        "por favor dejen de escribirme",
        "No me escriban más",
        "Arrêtez !",
        "arretez de m'ecrire svp",
        "Ne me répondez plus",
        "Smettila per favore",
        "non scrivetemi più",
        "Hou op!",
        "@BriskCare laat me met rust",
        "Parem de me escrever, por favor",
        "Não me respondam",
        "STOP, thank you",
        "Stop thanks",
        "@BriskCare stop spamming me!",
        "Can you stop responding to me?",
        "Stop sending me automated messages",
        "no more replies please",
        "It works now. Please don't contact me again.",
    ],
)
def test_an_opt_out_is_heard(text: str) -> None:
    assert asks_to_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "My internet stops every evening",
        "when will this stop?",
        "Stop raising your prices",
        "I want to unsubscribe from the sports package, how?",
        "please stop the outage",
        "The bus stop has better wifi than Brisk",
        "es ist zum Aufhören",
        "para mi casa necesito internet",
        "ik wil mijn abonnement stoppen",
        "a internet para toda hora",
        "",
        "@BriskCare",
        "why did you stop replying to me? My internet has been down for 5 days",
        "you don't reply to me in DM",
        "your people don't contact me back",
        "debt collectors won't leave me alone",
        "do not contact me by phone, I am deaf, mail me",
        "stop sending me bills for a line that I cancelled",
        "Yes, STOP",
    ],
)
def test_using_the_word_is_no_opt_out(text: str) -> None:
    assert not asks_to_stop(text)


@pytest.mark.parametrize("text", ["Yes, STOP", "STOP. I want a human", "@BriskCare no. stop, thanks", "Stop!"])
def test_in_an_answer_to_ours_a_clause_is_enough(text: str) -> None:
    assert asks_to_stop(text, answers_us=True)


@pytest.mark.parametrize("text", ["the outages never stop", "it does stop at night, and starts again", ""])
def test_in_an_answer_to_ours_the_word_among_others_is_not(text: str) -> None:
    assert not asks_to_stop(text, answers_us=True)


def test_the_operator_adds_phrases_of_a_language_of_their_own() -> None:
    assert not asks_to_stop("nie pisz do mnie")
    assert asks_to_stop("@BriskCare nie pisz do mnie!", ["nie pisz do mnie"])
