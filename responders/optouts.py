"""Opt-outs: whoever tells us to stop is never written to again, on that platform, by anybody.

Only posts that speak to us are read this way, because "stop" said to somebody else is none of our business. X's
Automation rules ask for an easy way to opt out that is honoured promptly; our automated replies name the word STOP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from config.settings import Settings
from responders.words import fold, found_words
from store.records import Post
from store.store import Store

LANGUAGES = frozenset({"en", "de", "es", "fr", "it", "nl", "pt"})
OPTED_OUT = "they asked us to stop"
# The whole post is one of these, apart from names, marks and politeness.
_WORDS = (
    "stop|stop it|stop this|unsubscribe|opt out|bad bot|go away|"  # en
    "stopp|aufhoren|abmelden|schlechter bot|"  # de
    "basta|para|parar|cancelar suscripcion|mal bot|bot malo|"  # es
    "arrete|arretez|desabonner|mauvais bot|"  # fr
    "smettila|smettetela|disiscrivimi|annulla iscrizione|pessimo bot|"  # it
    "hou op|houd op|uitschrijven|afmelden|slechte bot|"  # nl
    "pare|parem|chega|cancelar inscricao|bot ruim"  # pt
)
_PLEASE = (
    "please|pls|plz|now|just|kindly|thanks|thank you|ok|okay|bitte|jetzt|danke|por favor|ya|gracias|per favore|grazie|"
    "alsjeblieft|aub|svp|s'il vous plait|s'il te plait|merci|obrigado|obrigada"
)
# What an imperative may begin with; "why did you", "you" and "nobody" make it something else.
_BEFORE = rf"(?:{_PLEASE}|hi|hey|hello|so|and|then|lol|what a|i said|can you|could you|will you|would you)"
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
    "stop responding to me",
    "stop bothering me",
    "stop spamming me",
    "stop sending me messages",
    "stop sending me automated messages",
    "stop sending me replies",
    "stop sending me automated replies",
    "stop sending me tweets",
    "no more replies",
    "no more messages",
    "no more automated replies",
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
    "smettete di scrivermi",
    "smettetela di scrivermi",
    "smettila di scrivermi",
    "smettete di rispondermi",
    "non scrivetemi più",
    "non scrivermi più",
    "non rispondetemi",
    "non contattatemi",
    "lasciatemi in pace",
    "lasciami in pace",
    "stop met reageren",
    "hou op met reageren",
    "reageer niet meer op mij",
    "schrijf me niet meer",
    "neem geen contact meer op",
    "laat me met rust",
    "laat mij met rust",
    "parem de me escrever",
    "pare de me escrever",
    "parem de me responder",
    "não me escrevam",
    "não me respondam",
    "não me contactem",
    "não me contatem",
    "deixem me em paz",
    "me deixem em paz",
    "me deixa em paz",
)
_NAMES_AND_LINKS = re.compile(r"@\w+|\b/?u/\w+|https?://\S+")
_SENTENCE_END, _CLAUSE_END = re.compile(r"[.!?;:\n\u2026]+"), re.compile(r"[.!?;:,\n\u2026]+")
_MARKS = re.compile(r"[^\w' ]+")
# Whoever says by which way, or when, wants to be written to in another one.
_NOT_AT_ALL = r"(?! (?:by|via|per|on my|at|before|after|until|unless|in dms?)\b)(?!\w)"


def opts_out(store: Store, settings: Settings, post: Post) -> bool:
    """Tell whether a post speaks to us and asks us to stop."""
    answers_us = post.in_reply_to is not None and store.outbox.is_ours(post.platform, post.in_reply_to)
    further = [phrase for phrases in settings.answers.opt_out_phrases.values() for phrase in phrases]
    return (post.summoned or answers_us) and asks_to_stop(post.text, further, answers_us=answers_us)


def asks_to_stop(text: str, further: Iterable[str] = (), *, answers_us: bool = False) -> bool:
    """Tell whether a text asks us to stop, in one of ``LANGUAGES`` or in further phrases of the operator's.

    A phrase counts where a sentence or clause begins with it: "why did you stop replying to me?" is a complaint. The
    word alone counts as the whole text, and in an answer to ours as a clause of it too ("Yes, STOP").
    """
    bare = _NAMES_AND_LINKS.sub(" ", text)
    whole = _words_of(bare)
    sentences = [_words_of(part) for part in _SENTENCE_END.split(bare)]
    clauses = [_words_of(part) for part in _CLAUSE_END.split(bare)]
    if any(_WHOLE.fullmatch(each) for each in ([whole, *clauses] if answers_us else [whole])):
        return True
    if any(_imperative().match(each) for each in (*sentences, *clauses)):
        return True
    return bool(found_words(whole, [phrase for each in further if (phrase := _words_of(each))]))


def _words_of(part: str) -> str:
    return " ".join(_MARKS.sub(" ", fold(part)).split())


@cache
def _imperative() -> re.Pattern[str]:
    phrases = "|".join(re.escape(_words_of(phrase)) for phrase in _PHRASES)
    return re.compile(rf"(?:{_BEFORE} )*(?:{phrases}){_NOT_AT_ALL}")
