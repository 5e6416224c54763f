"""Opt-outs: whoever tells us to stop is never written to again, on that platform, by anybody.

Only posts that speak to us are read this way, because "stop" said to somebody else is none of our business. X's
Automation rules ask for an easy way to opt out that is honoured promptly; our automated replies name the word STOP.
"""

from __future__ import annotations

import re

from responders.words import fold, found_words

# The whole post is one of these, apart from names, marks and politeness.
_WORDS = (
    "stop|stop it|stop this|unsubscribe|opt out|bad bot|go away|"  # en
    "stopp|aufhoren|abmelden|schlechter bot|"  # de
    "basta|para|parar|cancelar suscripcion|mal bot|bot malo|"  # es
    "arrete|arretez|desabonner|mauvais bot"  # fr
)
_PLEASE = "please|pls|plz|now|bitte|jetzt|por favor|ya|svp|s'il vous plait|s'il te plait"
_WHOLE = re.compile(rf"(?:(?:{_PLEASE}) )*(?:{_WORDS})(?: (?:{_WORDS}|{_PLEASE}))*")
_PHRASES = (
    "bad bot",
    "unsubscribe me",
    "stop replying to me",
    "stop answering me",
    "stop messaging me",
    "stop writing to me",
    "stop writing me",
    "stop contacting me",
    "stop tweeting me",
    "stop tagging me",
    "don't reply to me",
    "do not reply to me",
    "don't contact me",
    "do not contact me",
    "don't write to me",
    "do not write to me",
    "leave me alone",
    "schreibt mir nicht mehr",
    "schreib mir nicht mehr",
    "antwortet mir nicht mehr",
    "hört auf mir zu schreiben",
    "hör auf mir zu schreiben",
    "hört auf mir zu antworten",
    "lasst mich in ruhe",
    "lass mich in ruhe",
    "dejen de escribirme",
    "deja de escribirme",
    "dejen de responderme",
    "deja de responderme",
    "no me escriban",
    "no me respondan",
    "no me contacten",
    "déjenme en paz",
    "dejadme en paz",
    "arrêtez de m'écrire",
    "arrête de m'écrire",
    "arrêtez de me répondre",
    "ne me répondez plus",
    "ne m'écrivez plus",
    "ne me contactez plus",
    "laissez moi tranquille",
)
_NAMES_AND_LINKS = re.compile(r"@\w+|\b/?u/\w+|https?://\S+")
_MARKS = re.compile(r"[^\w' ]+")


def asks_to_stop(text: str) -> bool:
    """Tell whether a post that speaks to us asks us to stop (English, German, Spanish, French)."""
    bare = fold(_NAMES_AND_LINKS.sub(" ", text))
    words = " ".join(_MARKS.sub(" ", bare).split())
    return _WHOLE.fullmatch(words) is not None or bool(found_words(words, _PHRASES))
