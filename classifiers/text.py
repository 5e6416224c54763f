"""Text as the model knows it: the same cleaning before training and before every assessment.

The research sets carry ``@user``, ``http`` and ``<email>`` where people, links and addresses stood, so a
live post gets the same masks. Emoji become the words of their Unicode names, because the encoder's
vocabulary has none of them and anger is often said with a face.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

MASKS = re.compile(r"@user\b|\bhttp\b|<email>")  # what stands for people, links and addresses
# The look behind and the bound keep this linear in texts of one endless word.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.[\w.-]*\w")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@])@(\w{1,30})")
_REDDIT_USER = re.compile(r"(?<![\w/])/?u/([\w-]{2,30})")
_HASHTAG = re.compile(r"(?<![\w&#])#(\w+)")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])")
_PICTURE = re.compile(r"[\u2190-\u2bff\U0001f000-\U0001faff]")
_REPEAT = re.compile(r"([^\s\d])\1{3,}")  # digits say how much
_SPACE = re.compile(r"\s+")
# Full-width and mathematical letters, which some write to look fancy and others to get past word lists.
_DISGUISED = re.compile(r"[\uff01-\uff5e\U0001d400-\U0001d7ff]+")
_INVISIBLE = re.compile(r"[\u00ad\u200b\u2060\ufeff]")


def mask(text: str, accounts: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return valid Unicode with people, links and addresses masked, for rules and for other models.

    ``accounts`` gives names (lower case, without @ or u/) that are no person's, and what shall stand for each: without
    them the model could not see that a post addresses the brand, or a rival. Invisible characters are left out.
    """
    # A lone surrogate (half an emoji, cut by somebody's client) is not Unicode: the tokenizer refuses it.
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = _INVISIBLE.sub("", html.unescape(text))
    text = _DISGUISED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = _LINK.sub("http", text)
    text = _EMAIL.sub("<email>", text)
    for account in (_HANDLE, _REDDIT_USER):
        text = account.sub(lambda found: accounts.get(found[1].lower(), "@user"), text)
    return text


def normalise(text: str, accounts: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return ``text`` as the shipped model reads it: masked, repeats shortened, emoji and hashtags in words."""
    text = mask(text, accounts)
    for step in (shorten_repeats, spell_emoji, split_hashtags):
        text = step(text)
    return join_spaces(text)


def shorten_repeats(text: str) -> str:
    """``nooooooo`` becomes ``nooo``."""
    return _REPEAT.sub(r"\1\1\1", text)


def spell_emoji(text: str) -> str:
    """Emoji become the words of their Unicode names."""
    return _PICTURE.sub(lambda found: _in_words(found[0]), text)


def split_hashtags(text: str) -> str:
    """``#NeverAgain`` becomes ``#Never Again``."""
    return _HASHTAG.sub(lambda found: "#" + _CAPITAL.sub(" ", found[1].replace("_", " ")), text)


def join_spaces(text: str) -> str:
    """One space for each run of them, none at the ends."""
    return _SPACE.sub(" ", text).strip()


def for_rules(text: str) -> str:
    """What the patterns of rules are tried on: lower case, plain apostrophes, one space between words."""
    return join_spaces(text.replace("\u2019", "'").lower())


@lru_cache(maxsize=4096)
def _in_words(picture: str) -> str:
    """An emoji's Unicode name in lower case; nothing for skin tones and the like."""
    if unicodedata.category(picture) == "Sk":
        return ""
    return f" {unicodedata.name(picture, '').lower()} "
