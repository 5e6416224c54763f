"""X's JSON into posts: pure, and tolerant of anything, because a stranger can put anything on the wire.

An entry that cannot be understood is counted, never raised.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from listener.platforms.x_ids import is_id, time_of
from store.records import Author, Platform, Post

TWEET_FIELDS = (
    "author_id",
    "conversation_id",
    "created_at",
    "edit_history_tweet_ids",
    "entities",
    "in_reply_to_user_id",
    "lang",
    "note_tweet",
    "referenced_tweets",
    "reply_settings",
)
USER_FIELDS = ("name", "username", "public_metrics")
EXPANSIONS = ("author_id",)
_X_HOSTS = {"x.com", "www.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"}


def posts_of(
    body: Mapping[str, Any], *, own_id: str = "", own_handles: Iterable[str] = ()
) -> tuple[list[Post], int, int]:
    """Return the posts of a response page, how many entries it held and how many could not be understood.

    ``own_id`` and ``own_handles`` name our account, so that a summons is recognised: of live posts only the account
    that answers leave from, because X asks for a summons of that one.
    """
    entries = body.get("data")
    if isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, list):
        return [], 0, 0
    includes = body.get("includes")
    authors = _authors(includes)
    handles = {handle.casefold() for handle in own_handles}
    quotable = _by_id(includes, "tweets")
    originals = [entry for entry in entries if not _is_retweet(entry)]
    found = [post_of(entry, authors, quotable, own_id, handles) for entry in originals]
    posts = [post for post in found if post is not None]
    return posts, len(entries), len(found) - len(posts)


def _is_retweet(entry: object) -> bool:
    """Somebody who passes a post on has not said it; retweets are read and not taken."""
    return isinstance(entry, dict) and "retweeted" in _references(entry)


def post_of(
    entry: object,
    authors: Mapping[str, Author],
    quotable: Mapping[str, Mapping[str, Any]],
    own_id: str,
    own_handles: set[str],
) -> Post | None:
    """Return one post, or None when the entry is not one."""
    if not isinstance(entry, dict):
        return None
    identifier, text, author_id = entry.get("id"), _text(entry), entry.get("author_id")
    if not is_id(identifier) or text is None or not is_id(author_id):
        return None
    assert isinstance(identifier, str)
    assert isinstance(author_id, str)
    chain = sorted({identifier, *filter(is_id, _list(entry.get("edit_history_tweet_ids")))}, key=int)
    author = authors.get(author_id) or Author(external_id=author_id, handle=author_id)
    conversation = entry.get("conversation_id")
    references = _references(entry)
    created_at = _time(entry.get("created_at"))
    edited = len(chain) > 1
    summons = _summons(entry, references, quotable, own_id, own_handles)
    return Post(
        platform=Platform.X,
        external_id=chain[0],
        version_id=chain[-1],
        author=author,
        text=text,
        posted_at=created_at if created_at and not edited else time_of(chain[0]),
        conversation_id=conversation if isinstance(conversation, str) and is_id(conversation) else chain[0],
        in_reply_to=references.get("replied_to"),
        url=f"https://x.com/{author.handle}/status/{chain[-1]}",
        edited_at=(created_at if identifier == chain[-1] else None) or time_of(chain[-1]) if edited else None,
        language=_language(entry.get("lang")),
        summoned="mentioned" in summons or "quoted" in summons,
        summons=summons,
        reply_settings=_word(entry.get("reply_settings")) or "everyone",
    )


def _text(entry: Mapping[str, Any]) -> str | None:
    """Return the whole text: of a long post X puts the rest into ``note_tweet``. X escapes &, < and >."""
    note = entry.get("note_tweet")
    long_text = note.get("text") if isinstance(note, dict) else None
    text = long_text if isinstance(long_text, str) and long_text else entry.get("text")
    return clean(html.unescape(text)) if isinstance(text, str) else None


def clean(text: str) -> str:
    """Take out what no database and no page can hold: NUL and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _authors(includes: object) -> dict[str, Author]:
    authors = {}
    for identifier, user in _by_id(includes, "users").items():
        metrics = user.get("public_metrics")
        followers = metrics.get("followers_count") if isinstance(metrics, dict) else None
        authors[identifier] = Author(
            external_id=identifier,
            handle=_word(user.get("username")) or identifier,
            name=_word(user.get("name")),
            audience=followers if isinstance(followers, int) and 0 <= followers < 1 << 62 else 0,
        )
    return authors


def _by_id(includes: object, what: str) -> dict[str, Mapping[str, Any]]:
    entries = _list(includes.get(what)) if isinstance(includes, dict) else []
    return {entry["id"]: entry for entry in entries if isinstance(entry, dict) and is_id(entry.get("id"))}


def _references(entry: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for reference in _list(entry.get("referenced_tweets")):
        if isinstance(reference, dict) and is_id(reference.get("id")) and isinstance(reference.get("type"), str):
            found[reference["type"]] = reference["id"]
    return found


def _summons(
    entry: Mapping[str, Any],
    references: Mapping[str, str],
    quotable: Mapping[str, Mapping[str, Any]],
    own_id: str,
    own_handles: set[str],
) -> tuple[str, ...]:
    """Tell how the author turned to us. A reply to us names us by itself, unless they took the name out."""
    found = entry.get("entities")
    entities: Mapping[str, Any] = found if isinstance(found, dict) else {}
    quoted = references.get("quoted")
    ways = {
        "mentioned": any(_names(one, own_id, own_handles) for one in _list(entities.get("mentions"))),
        "quoted": quoted is not None
        and (
            bool(own_id and quotable.get(quoted, {}).get("author_id") == own_id)
            or any(_points_at(link, quoted, own_handles) for link in _list(entities.get("urls")))
        ),
        "replied": bool(own_id) and "replied_to" in references and entry.get("in_reply_to_user_id") == own_id,
    }
    return tuple(way for way, is_so in ways.items() if is_so)


def _names(mention: object, own_id: str, own_handles: set[str]) -> bool:
    return isinstance(mention, dict) and (
        bool(own_id and mention.get("id") == own_id) or _word(mention.get("username")).casefold() in own_handles
    )


def _points_at(link: object, quoted: str, own_handles: set[str]) -> bool:
    """X adds the address of the quoted post to the text, which saves paying for that post to learn its author."""
    address = link.get("expanded_url") if isinstance(link, dict) else None
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    path = parts.path.strip("/").split("/")
    return (
        parts.netloc.lower() in _X_HOSTS
        and len(path) >= 3
        and path[0].casefold() in own_handles
        and path[1:3] == ["status", quoted]
    )


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if plausible(moment) else None


def plausible(moment: datetime) -> bool:
    """Tell whether a post can be of this moment: neither platform is older, and no clock so far ahead."""
    return 2005 <= moment.year < 2100


def _language(value: object) -> str | None:
    word = _word(value)
    return word if 2 <= len(word) <= 8 and word != "und" else None


def _word(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
