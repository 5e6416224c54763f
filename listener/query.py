"""The queries that ask a platform's search for a brand; what comes back is matched again here."""

from __future__ import annotations

import re

from config.errors import ConfigurationError
from config.settings import Brand

X_QUERY_LENGTH = 512


def x_queries(brand: Brand) -> list[str]:
    """Return the queries for X's recent search, each of at most 512 characters.

    Together they ask for every term, without the excluded words, retweets and our own posts. Exclusions that do not
    fit are left to the local matching. ``ConfigurationError`` when one term is longer than a query may be.
    """
    terms = list(dict.fromkeys(form for term in brand.all_terms() for form in _forms(term)))
    needed = "".join([" -is:retweet", *(f" -from:{handle}" for handle in brand.handles.x)])
    longest = max(map(len, terms))
    if longest + len(needed) + 2 > X_QUERY_LENGTH:
        raise ConfigurationError(
            f'a term of the brand "{brand.name}" is too long for a search on X: with the brand\'s handles it makes '
            f"{longest + len(needed) + 2} characters of at most {X_QUERY_LENGTH}; shorten it"
        )
    exclusions = ""
    for word in brand.excluded:
        more = f" -{_quoted(word)}"
        # At least half of the query is kept for what is looked for.
        if len(exclusions) + len(more) + len(needed) + max(longest, X_QUERY_LENGTH // 2) + 2 <= X_QUERY_LENGTH:
            exclusions += more
    return [
        f"({choice}){exclusions}{needed}" for choice in _packed(terms, X_QUERY_LENGTH - len(exclusions + needed) - 2)
    ]


def reddit_query(brand: Brand) -> str:
    """Return the query for Reddit's search of submissions."""
    return " OR ".join(_quoted(term) for term in brand.terms)


def _forms(term: str) -> list[str]:
    """A term as X is asked for it: a word, a phrase, and the hashtag that people make of it."""
    if term.startswith("@"):
        return [term]
    if term.startswith("u/"):
        return []  # a name on Reddit
    hashtag = re.sub(r"\W", "", term)
    return [_quoted(term), *([f"#{hashtag}"] if hashtag and not hashtag.isdigit() else [])]


def _quoted(term: str) -> str:
    words = term.replace('"', " ").strip()
    return words if re.fullmatch(r"#?\w+", words) else f'"{words}"'


def _packed(terms: list[str], room: int) -> list[str]:
    choices = [terms[0]]
    for term in terms[1:]:
        longer = f"{choices[-1]} OR {term}"
        if len(longer) <= room:
            choices[-1] = longer
        else:
            choices.append(term)
    return choices
