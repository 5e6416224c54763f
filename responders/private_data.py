"""Private data in a text that everybody will be able to read: what kinds of it there are, and where they stand.

phonenumbers and python-stdnum tell a phone, card, bank or identity number from any other row of digits by its form and
its check digits. What has none is known by the word before it: "account number 4711003", "your PIN is 4821".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from stdnum import iban, luhn
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.us import ssn

from responders.words import fold

# Tried from the start of each run of signs alone: from every sign, a word without an end would take its length squared.
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(\.[\w-]+)+")
_DIGITS = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b")
_SORT_CODE = re.compile(r"\b\d{2}-\d{2}-\d{2}\b\D{0,20}\b\d{8}\b")  # British, with the account behind it
_IDENTITIES = (
    (re.compile(r"\b\d{3}-\d{2}-\d{4}\b"), ssn.is_valid),
    (re.compile(r"\b\d{8}[A-Z]\b"), dni.is_valid),
    (re.compile(r"\b[XYZ]\d{7}[A-Z]\b"), nie.is_valid),
    (re.compile(r"\b[12] ?\d\d ?\d\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d\b"), nir.is_valid),
    (re.compile(r"\b[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]\b"), codicefiscale.is_valid),
    (re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]\b"), lambda _: True),  # British: has no check digit
)
# In folded texts: small letters, no accents.
_IS = r"(?:\s*(?:is|was|ist|lautet|es|est))?\s*[:=#]?\s*"
_ACCOUNT = re.compile(
    r"\b(?:account|customer|contract|policy|member|kunden|konto|vertrags|cliente|cuenta|contrato|client|compte|contrat)"
    rf"(?:nummer|nr)?\.?(?:\s*(?:number|no|nr|id|code)\b\.?)?{_IS}([a-z]{{0,3}}-?\d(?:[ -]?\d){{3,}})"
)
_SECRET = re.compile(
    r"\b(?:password|passcode|pin(?: code)?|passwort|kennwort|contrasena|clave|mot de passe)"
    r"\s*(?:is|ist|lautet|es|est|[:=])\s*(\S*\d\S*)"
)
_BIRTH = re.compile(
    r"\b(?:date of birth|born on|dob|geburtsdatum|geboren am|fecha de nacimiento|nacido el|nacida el|"
    rf"date de naissance|nee? le){_IS}(\d[\w./ -]{{5,}}\d)"
)


def private_kinds(text: str, allowed: str = "") -> list[str]:
    """Return the kinds of private data in a text, as a sentence names them; what ``allowed`` holds is not private."""
    own = fold(allowed)
    return [what for what, found in _found(text) if any(fold(one) not in own for one in found)]


def _found(text: str) -> Iterator[tuple[str, list[str]]]:
    folded = fold(text)
    yield "an e-mail address", [match[0] for match in EMAIL.finditer(text)]
    yield "a phone number", list(_phone_numbers(text))
    yield "a card number", [match[0] for match in _DIGITS.finditer(text) if luhn.is_valid(_plain(match[0]))]
    ibans = [match[0] for match in _IBAN.finditer(text) if iban.is_valid(_plain(match[0]))]
    yield "a bank account", [*ibans, *(match[0] for match in _SORT_CODE.finditer(text))]
    yield "an account or customer number", [match[1] for match in _ACCOUNT.finditer(folded)]
    yield "an identity number", [m[0] for form, valid in _IDENTITIES for m in form.finditer(text) if valid(m[0])]
    yield "a password or PIN", [match[1] for match in _SECRET.finditer(folded)]
    yield "a date of birth", [match[1] for match in _BIRTH.finditer(folded)]


def _phone_numbers(text: str) -> Iterator[str]:
    """Find phone numbers: international ones of any country, and those written the American or British way."""
    seen: set[str] = set()
    for region in (None, "US", "GB", "DE"):
        for match in phonenumbers.PhoneNumberMatcher(text, region):
            if match.raw_string not in seen:
                seen.add(match.raw_string)
                yield match.raw_string


def _plain(number: str) -> str:
    return re.sub(r"[ -]", "", number)
