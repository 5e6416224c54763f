"""Guardrails: what every text is checked for before it may go out, an agent's as well as a template's.

A finding blocks or warns; which, the operator says for each rule (``guardrails`` in the settings). An agent may
override a block with a reason, which leaves an event; those of ``FINAL`` cannot be overridden, because the platform
would refuse the text or a law of ours would be broken. In a text that goes out without a person every finding blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from config.settings import GuardrailLevels
from responders.disclosure import is_disclosed
from responders.length import LIMITS, length_on, links_in
from responders.private_data import EMAIL, private_kinds
from responders.words import fold, found_words
from store.records import Platform

FINAL = frozenset({"empty", "length", "disclosure"})

_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{\w+\}|_{3,}|\bX{3,}\b|\bTODO\b|\bTBD\b"
    r"|(?i:\[[^\]\n]{0,200}(?:name|link|number|date|insert|here|handle)[^\]\n]{0,200}\])"
    r"|(?i:<[a-z_ ]*(?:name|link|number)[a-z_ ]*>)"
    r"|(?i:\blorem ipsum\b)"
)
_INITIALS = re.compile(r"(?:\^|[-\u2013\u2014] ?)([^\W\d_]{1,4})\s*$")
# Words that mean "give us": a text that has one of these and one of the things below asks for private data.
_GIVE = (
    "send|tell|give|share|post|reply with|provide|let us know|what is|what's|confirm|need|schick|sende|nenne|teile|gib|"
    "wie lautet|brauchen|envia|envie|manda|comparte|dinos|cual es|necesitamos|envoyez|donnez|communiquez|"
    "quel est|indiquez"
)
_PRIVATE = (
    "phone number|account number|customer number|email|e-mail|mail address|address|postcode|zip code|date of birth|"
    "password|pin|card number|bank details|telefonnummer|kundennummer|kontonummer|adresse|geburtsdatum|passwort|"
    "numero de telefono|numero de cliente|correo|direccion|fecha de nacimiento|contrasena|numero de telephone|"
    "numero de client|date de naissance|mot de passe"
)
# Words that sell. Somebody who complains is to be served.
_PERCENT_OFF = re.compile(r"\d ?% (?:off|discount|cheaper|rabatt|de descuento|de reduction|de remise)\b")
_SELLING = (
    "special offer|great offer|our offers|latest offers|great deal|best deal|our deals|sign up now|sign up today|"
    "subscribe now|buy now|shop now|order now|join now|free trial|upgrade to|upgrade now|upgrade today|check out our|"
    "discover our|don't miss|promo code|discount code|voucher code|download our app|refer a friend|switch to us|"
    "sonderangebot|unser angebot|unsere angebote|jetzt kaufen|jetzt bestellen|jetzt sichern|jetzt upgraden|rabattcode|"
    "gutscheincode|entdecke unsere|entdecken sie unsere|kostenlos testen|"
    "oferta especial|nuestras ofertas|codigo de descuento|codigo promocional|compra ahora|compre ahora|suscribete|"
    "suscribase|descubre nuestros|descubre nuestras|prueba gratis|no te pierdas|"
    "offre speciale|nos offres|code promo|commandez maintenant|abonnez-vous|decouvrez nos|essai gratuit|ne manquez pas"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a text that somebody should know before it goes out."""

    rule: str
    level: Literal["block", "warn"]
    sentence: str


@dataclass(frozen=True, slots=True)
class TextContext:
    """What the checks need to know about where a text is going."""

    platform: Platform
    automated: bool
    initials: str = ""  # of the agent who signs; empty for automated texts
    private_route: str = ""  # where customers may give private data; its own address is no private data
    complaint: bool = False
    forbidden_words: Sequence[str] = ()
    recent_texts: Sequence[str] = ()
    link_price_usd: float = 0.0
    levels: GuardrailLevels = field(default_factory=GuardrailLevels)


_Found = Iterator[tuple[str, str]]  # the rule, and what it found in words


def check(text: str, context: TextContext) -> tuple[Finding, ...]:
    """Return everything that speaks against a text; nothing when it may go out as it is."""
    if not text.strip():
        return (Finding("empty", "block", "The answer is empty."),)
    checks = (_length, _private_data, _asking, _promotion, _links, _placeholder, _repeat, _forbidden, _signature)
    return tuple(
        Finding(rule, _level(rule, context), sentence) for one in checks for rule, sentence in one(text, context)
    )


def blocks(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that block."""
    return [finding for finding in findings if finding.level == "block"]


def is_repeat(text: str, recent_texts: Sequence[str]) -> bool:
    """Tell whether a text says the very words of a recent one; who signed them makes no difference."""
    return _unsigned(text) in {_unsigned(recent) for recent in recent_texts}


def _level(rule: str, context: TextContext) -> Literal["block", "warn"]:
    if rule in FINAL or context.automated:
        return "block"
    level: Literal["block", "warn"] = getattr(context.levels, rule)
    return level


def _length(text: str, context: TextContext) -> _Found:
    limit = LIMITS[context.platform]
    length = length_on(context.platform, text)
    if length > limit:
        yield "length", f"The answer has {length} characters, {length - limit} more than the {limit} that fit."


def _private_data(text: str, context: TextContext) -> _Found:
    """Find private data that would become public. What the brand's own private route says is not private."""
    for what in private_kinds(text, context.private_route):
        yield "private_data", f"The answer contains {what}, and everybody can read it."


def _asking(text: str, context: TextContext) -> _Found:
    if found_words(text, _GIVE.split("|")) and found_words(text, _PRIVATE.split("|")):
        if context.private_route and fold(context.private_route) in fold(text):
            return
        route = f"; offer the private route instead: {context.private_route}" if context.private_route else ""
        yield "asks_private", f"The answer seems to ask for private data in public{route}."


def _promotion(text: str, context: TextContext) -> _Found:
    if not context.complaint:
        return
    percent = _PERCENT_OFF.search(fold(text))
    for words in [percent[0]] if percent else found_words(text, _SELLING.split("|"))[:1]:
        yield "promotion", f'The answer to a complaint seems to sell something ("{words}"); serve, and sell elsewhere.'


def _links(text: str, context: TextContext) -> _Found:
    without_mail = EMAIL.sub(" ", text)
    if all(fold(link) in fold(context.private_route) for link in links_in(without_mail)):
        return
    if context.automated and context.platform is Platform.X:
        yield "links", "An automated answer on X carries a link, which looks like spam."
    elif context.platform is Platform.X:
        price = f" and costs ${context.link_price_usd:.2f}" if context.link_price_usd else ""
        yield "links", f"The answer carries a link, which easily looks like spam{price}."
    elif context.complaint:
        yield "links", "The answer to a complaint carries a link; say the thing itself if you can."


def _placeholder(text: str, context: TextContext) -> _Found:
    match = _PLACEHOLDER.search(text)
    if match:
        yield "placeholder", f'The answer still has a placeholder in it: "{match[0]}".'


def _repeat(text: str, context: TextContext) -> _Found:
    """Refuse the very words of a recent answer: X takes them for spam, and a customer for a machine's."""
    if is_repeat(text, context.recent_texts):
        yield "repeat", "The same words were sent to somebody else lately; write them anew."


def _forbidden(text: str, context: TextContext) -> _Found:
    for word in found_words(text, context.forbidden_words):
        yield "forbidden_word", f'"{word}" is a word that answers.forbidden_words rules out.'


def _signature(text: str, context: TextContext) -> _Found:
    signed = _INITIALS.search(text)
    if context.automated:
        if not is_disclosed(text):
            yield "disclosure", "An automated answer must say that it is automated and how to make it stop."
    elif context.initials and signed is None:
        yield "initials", f'The answer is not signed; end it with "^{context.initials}".'
    elif context.initials and signed and fold(signed[1]) != fold(context.initials):
        yield "initials", f'The answer is signed "{signed[1]}", and it is you who answers: "^{context.initials}".'


def _unsigned(text: str) -> str:
    return fold(_INITIALS.sub("", text))
