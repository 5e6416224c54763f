"""The search language that both platforms share in outline: words, "phrases", OR, (groups), -negation.

What a single term means (``from:``, ``lang:``, ``title:``, a word) is the platform's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from frankly.rehearsal.world import Post

TOKEN = re.compile(r'\s*(?:(\()|(\))|(-?(?:\w+:)?"[^"]*")|([^\s()"]+))')
WORD = re.compile(r"\w+")

Test = Callable[[Post], bool]
Term = Callable[[str], Test]


class QueryError(ValueError):
    """The query cannot be read."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read: ``matches`` tests a post, ``terms`` are its positive terms as written."""

    matches: Test
    terms: tuple[str, ...]


def words(text: str) -> list[str]:
    """Split a text at everything that is neither letter, digit nor underscore; case does not count."""
    return WORD.findall(text.casefold())


def phrase_in(phrase: Sequence[str], text: Sequence[str]) -> bool:
    """Whether these words stand in the text, one after the other."""
    size = len(phrase)
    return any(list(text[i : i + size]) == list(phrase) for i in range(len(text) - size + 1))


def read_query(text: str, term: Term) -> Query:
    """Read a query; ``term`` turns one term (quotes kept) into a test. Raises QueryError."""
    reader = _Reader(_tokens(text), term)
    test = reader.alternatives()
    if reader.place < len(reader.tokens):
        raise QueryError("a closing parenthesis without an opening one")
    return Query(test, tuple(reader.positive))


def _tokens(text: str) -> list[str]:
    tokens, place, text = [], 0, text.strip()
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            raise QueryError("a quotation mark that is not closed")
        tokens.append(found.group().strip())
        place = found.end()
    if not tokens:
        raise QueryError("the query is empty")
    return tokens


class _Reader:
    """Reads by descent: alternatives of sequences of terms; AND binds tighter than OR."""

    def __init__(self, tokens: list[str], term: Term) -> None:
        self.tokens = tokens
        self.place = 0
        self.positive: list[str] = []
        self._term = term

    def _peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def alternatives(self) -> Test:
        """Read ``a b OR c``."""
        tests = [self._sequence()]
        while self._peek() == "OR":
            self.place += 1
            tests.append(self._sequence())
        return tests[0] if len(tests) == 1 else lambda post: any(test(post) for test in tests)

    def _sequence(self) -> Test:
        tests: list[Test] = []
        while self._peek() not in ("", ")", "OR"):
            if self._peek() == "AND":
                self.place += 1
                continue
            tests.append(self._single(negated=False))
        if not tests:
            raise QueryError("an OR, or a pair of parentheses, with nothing in it")
        return lambda post: all(test(post) for test in tests)

    def _single(self, *, negated: bool) -> Test:
        term = self._peek()
        self.place += 1
        if term in ("NOT", "-"):
            return _negate(self._single(negated=True))
        if term == "(":
            return self._group()
        if term.startswith("-"):
            return _negate(self._term(term[1:]))
        if not negated:
            self.positive.append(term)
        return self._term(term)

    def _group(self) -> Test:
        test = self.alternatives()
        if self._peek() != ")":
            raise QueryError("an opening parenthesis that is not closed")
        self.place += 1
        return test


def _negate(test: Test) -> Test:
    return lambda post: not test(post)
