"""How long a text is on each platform, by the platform's own counting.

X counts weighted (280): most letters one, East Asian signs and emoji two, every link 23 (twitter-text, configuration
v3). Reddit counts characters (10,000 for a comment).
"""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib import import_module, resources
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from store.records import Platform

LIMITS = {Platform.X: 280, Platform.REDDIT: 10_000}
_TOO_LONG_FOR_X = 2_000  # characters, whatever the links among them count
# No host has as many parts. twitter-text looks for one in any such run, for the square of its length.
_NO_HOST = re.compile(r"(?<![^\s/])(?:[^\s./]*+\.){30,}+")


def length_on(platform: Platform, text: str) -> int:
    """Return the length of a text as the platform counts it."""
    if platform is Platform.REDDIT or len(text) > _TOO_LONG_FOR_X:
        return len(text)
    return int(_twitter_text().parse_tweet(_without_endless_hosts(text)).weightedLength)


def links_in(text: str) -> list[str]:
    """Return the links in a text, those without https:// included, as X would turn them into links."""
    found = _twitter_text("extract_urls").extract_urls_with_indices(_without_endless_hosts(text))
    return [link["url"] for link in found]


def _without_endless_hosts(text: str) -> str:
    """Take the dots, and nothing of the length, from what only looks like a host."""
    return _NO_HOST.sub(lambda found: found[0].replace(".", "_"), text)


@cache
def _twitter_text(part: str = "") -> Any:
    """Import twitter-text-parser, which has no type hints and takes a moment.

    Its release 3.0.0 reads one file of its own through ``pkg_resources``, which setuptools 82 dropped; where that is
    missing, a module with the one function it calls stands in while it is imported.
    """
    stand_in = find_spec("pkg_resources") is None and "pkg_resources" not in sys.modules
    if stand_in:
        module = ModuleType("pkg_resources")
        vars(module)["resource_string"] = _resource
        sys.modules["pkg_resources"] = module
    try:
        return import_module(f"twitter_text.{part}" if part else "twitter_text")
    finally:
        if stand_in:
            del sys.modules["pkg_resources"]


def _resource(module: str, name: str) -> bytes:
    return (resources.files(module.rpartition(".")[0]) / name).read_bytes()
