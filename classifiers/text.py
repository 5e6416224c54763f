"""Text as the model knows it: the same cleaning before training and before every assessment.

The research sets carry ``@user``, ``http`` and ``<email>`` where people, links and addresses stood, so a
live post gets the same masks. Emoji become the words of their Unicode names, because the encoder's
vocabulary has none of them and anger is often said with a face.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@])@(\w{1,30})")
_REDDIT_USER = re.compile(r"(?<![\w/])/?u/[\w-]{2,30}")
_PICTURE = re.compile(r"[\u2190-\u2bff\U0001f000-\U0001faff]")
_REPEAT = re.compile(r"(\S)\1{3,}")
_SPACE = re.compile(r"\s+")


def mask(text: str, names: Iterable[str] = (), name: str = "") -> str:
    """Return valid Unicode with people, links and addresses masked, for rules and for other models.

    A handle among ``names`` (lower case, without @) is the brand's own and becomes ``name``: otherwise the
    model could not see that a post addresses the brand.
    """
    own = frozenset(names)
    # A lone surrogate (half an emoji, cut by somebody's client) is not Unicode: the tokenizer refuses it.
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = html.unescape(text)
    text = _LINK.sub("http", text)
    text = _EMAIL.sub("<email>", text)
    text = _HANDLE.sub(lambda found: name if found[1].lower() in own else "@user", text)
    return _REDDIT_USER.sub("@user", text)


def normalise(text: str, names: Iterable[str] = (), name: str = "") -> str:
    """Return ``text`` as the shipped model reads it: masked, emoji in words, long repeats and spaces shortened."""
    text = mask(text, names, name)
    text = _PICTURE.sub(lambda found: _in_words(found[0]), text)
    text = _REPEAT.sub(r"\1\1\1", text)
    return _SPACE.sub(" ", text).strip()


@lru_cache(maxsize=4096)
def _in_words(picture: str) -> str:
    """An emoji's Unicode name in lower case; nothing for skin tones and the like."""
    if unicodedata.category(picture) == "Sk":
        return ""
    return f" {unicodedata.name(picture, '').lower()} "
