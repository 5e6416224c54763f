"""What the terms of X's search mean, as far as frankly's queries and their neighbours use them."""

from __future__ import annotations

import re

from frankly.rehearsal.query import Query, QueryError, Test, phrase_in, read_query, words

QUERY_LIMIT = 512
HANDLE = re.compile(r"(?<![\w@])@(\w{1,15})")
HASHTAG = re.compile(r"(?<!\w)#(\w+)")
LINK = re.compile(r"https?://\S+")
OPERATORS = ("is", "has", "from", "to", "lang", "conversation_id", "url")
# These only narrow what another term finds.
CONJUNCTION_REQUIRED = ("is:", "has:", "lang:")


def handles(text: str) -> list[str]:
    """Return the handles that a text names, in lower case, without the @."""
    return [name.lower() for name in HANDLE.findall(text)]


def read_x_query(text: str) -> Query:
    """Read a query of X's. Raises QueryError with words like X's own."""
    if len(text) > QUERY_LIMIT:
        raise QueryError(f"Invalid value for 'query': it has {len(text)} characters; at most 512 are allowed")
    query = read_query(text, _term)
    if all(term.startswith(CONJUNCTION_REQUIRED) for term in query.terms):
        raise QueryError("Rules must contain a non-negated standalone operator")
    return query


def _term(term: str) -> Test:
    name, colon, value = term.partition(":")
    if colon and name in OPERATORS and value:
        return _operator(name, value.strip('"'))
    if colon and not term.startswith('"'):
        raise QueryError(f"Reference to invalid operator '{name}'")
    if term.startswith("@"):
        return lambda post: term[1:].lower() in handles(post.text)
    if term.startswith("#"):
        return lambda post: term[1:].casefold() in [tag.casefold() for tag in HASHTAG.findall(post.text)]
    phrase = words(term)
    if not phrase:
        raise QueryError(f"no viable alternative at character '{term[:1]}'")
    return lambda post: phrase_in(phrase, words(post.text))


def _operator(name: str, value: str) -> Test:
    if name == "from":
        return lambda post: value.lstrip("@").lower() in (post.author.name.lower(), post.author.external_id)
    if name == "to":
        return lambda post: handles(post.text)[:1] == [value.lstrip("@").lower()]
    if name == "lang":
        return lambda post: post.language == value
    if name == "conversation_id":
        return lambda post: post.conversation == value
    if name == "url":
        return lambda post: any(value in link for link in LINK.findall(post.text))
    return _kind_of_post(name, value)


def _kind_of_post(name: str, value: str) -> Test:
    tests: dict[tuple[str, str], Test] = {
        # Search holds no retweets any more, so none is ever found.
        ("is", "retweet"): lambda post: False,
        ("is", "reply"): lambda post: bool(post.parent),
        ("is", "quote"): lambda post: bool(post.quotes),
        ("is", "verified"): lambda post: post.author.verified,
        ("has", "links"): lambda post: bool(LINK.search(post.text)),
        ("has", "mentions"): lambda post: bool(handles(post.text)),
        ("has", "hashtags"): lambda post: bool(HASHTAG.search(post.text)),
    }
    if (name, value) not in tests:
        raise QueryError(f"Reference to invalid operator '{name}:{value}'")
    return tests[(name, value)]
