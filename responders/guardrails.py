"""Guardrails: what every text is checked for before it may go out, an agent's as well as a template's.

A finding blocks or warns. An agent may override a block with a reason, which leaves an event; those of ``FINAL``
cannot be overridden, because the platform would refuse the text or a law of ours would be broken. A text that
goes out without a person must have no blocking finding at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from stdnum import iban, luhn

from responders.disclosure import is_disclosed
from responders.length import LIMITS, length_on, links_in
from responders.words import fold, found_words
from store.records import Platform

FINAL = frozenset({"empty", "length", "disclosure"})

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_DIGITS = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b")
_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\bX{3,}\b|\bTODO\b|\bTBD\b"
    r"|(?i:\[[^\]\n]*(?:name|link|number|date|insert|here|handle)[^\]\n]*\]|<[a-z_ ]*(?:name|link|number)[a-z_ ]*>)"
    r"|(?i:\blorem ipsum\b)"
)
_INITIALS = re.compile(r"(?:\^|[-\u2013\u2014] ?)[^\W\d_]{1,4}\s*$")
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


def check(text: str, context: TextContext) -> tuple[Finding, ...]:
    """Return everything that speaks against a text; nothing when it may go out as it is."""
    if not text.strip():
        return (Finding("empty", "block", "The answer is empty."),)
    return tuple(
        finding
        for found in (_length, _private_data, _asking, _links, _placeholder, _repeat, _forbidden, _signature)
        for finding in found(text, context)
    )


def blocks(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that block."""
    return [finding for finding in findings if finding.level == "block"]


def _length(text: str, context: TextContext) -> Iterator[Finding]:
    limit = LIMITS[context.platform]
    length = length_on(context.platform, text)
    if length > limit:
        yield Finding("length", "block", f"The answer has {length} characters, and {context.platform} takes {limit}.")


def _private_data(text: str, context: TextContext) -> Iterator[Finding]:
    """Find private data that would become public. What the brand's own private route says is not private."""
    own = fold(context.private_route)
    kinds = {
        "an e-mail address": [match[0] for match in _EMAIL.finditer(text)],
        "a phone number": list(_phone_numbers(text)),
        "a card number": [match[0] for match in _DIGITS.finditer(text) if luhn.is_valid(_plain(match[0]))],
        "a bank account": [match[0] for match in _IBAN.finditer(text) if iban.is_valid(_plain(match[0]))],
    }
    for what, found in kinds.items():
        if any(fold(one) not in own for one in found):
            yield Finding("private_data", "block", f"The answer contains {what}, and everybody can read it.")


def _phone_numbers(text: str) -> Iterator[str]:
    """Find phone numbers: international ones of any country, and those written the American or British way."""
    seen: set[str] = set()
    for region in (None, "US", "GB", "DE"):
        for match in phonenumbers.PhoneNumberMatcher(text, region):
            if match.raw_string not in seen:
                seen.add(match.raw_string)
                yield match.raw_string


def _asking(text: str, context: TextContext) -> Iterator[Finding]:
    if found_words(text, _GIVE.split("|")) and found_words(text, _PRIVATE.split("|")):
        if context.private_route and fold(context.private_route) in fold(text):
            return
        route = f"; offer the private route instead: {context.private_route}" if context.private_route else ""
        yield Finding("asks_private", "warn", f"The answer seems to ask for private data in public{route}.")


def _links(text: str, context: TextContext) -> Iterator[Finding]:
    without_mail = _EMAIL.sub(" ", text)
    if all(fold(link) in fold(context.private_route) for link in links_in(without_mail)):
        return
    if context.automated and context.platform is Platform.X:
        yield Finding("links", "block", "An automated answer on X carries a link, which looks like spam.")
    elif context.platform is Platform.X:
        price = f" and costs ${context.link_price_usd:.2f}" if context.link_price_usd else ""
        yield Finding("links", "warn", f"The answer carries a link, which easily looks like spam{price}.")
    elif context.complaint:
        yield Finding("links", "warn", "The answer to a complaint carries a link; say the thing itself if you can.")


def _placeholder(text: str, context: TextContext) -> Iterator[Finding]:
    match = _PLACEHOLDER.search(text)
    if match:
        yield Finding("placeholder", "block", f'The answer still has a placeholder in it: "{match[0]}".')


def _repeat(text: str, context: TextContext) -> Iterator[Finding]:
    """Refuse the very words of a recent answer: X takes them for spam, and a customer for a machine's."""
    if fold(text) in {fold(recent) for recent in context.recent_texts}:
        yield Finding("repeat", "block", "The same words were sent to somebody else lately; write them anew.")


def _forbidden(text: str, context: TextContext) -> Iterator[Finding]:
    for word in found_words(text, context.forbidden_words):
        yield Finding("forbidden_word", "block", f'"{word}" is a word that answers.forbidden_words rules out.')


def _signature(text: str, context: TextContext) -> Iterator[Finding]:
    if context.automated:
        if not is_disclosed(text):
            yield Finding(
                "disclosure", "block", "An automated answer must say that it is automated and how to make it stop."
            )
    elif context.initials and not _INITIALS.search(text):
        yield Finding("initials", "warn", f'The answer is not signed; end it with "^{context.initials}".')


def _plain(number: str) -> str:
    return re.sub(r"[ -]", "", number)
