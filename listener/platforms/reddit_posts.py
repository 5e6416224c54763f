"""Reddit's JSON into posts: pure, and tolerant of anything.

An entry that cannot be understood is counted, never raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from listener.platforms.x_posts import clean, plausible
from store.records import Author, Platform, Post

GONE_TEXTS = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]"})
BOTS = frozenset({"automoderator"})
FULLNAME = re.compile(r"t[13]_[0-9a-z]{1,16}")
_THREAD = re.compile(r"/comments/([0-9a-z]{1,16})")


def posts_of(body: object, *, own_names: Iterable[str] = ()) -> tuple[list[Post], int, int]:
    """Return the posts of a listing, how many entries it held and how many could not be understood.

    Deleted and removed posts are no posts; they count as read and not as skipped.
    """
    names = {name.casefold() for name in own_names}
    entries = children_of(body)
    posts, skipped = [], 0
    for entry in entries:
        data = entry.get("data") if isinstance(entry, dict) else None
        post = post_of(data, names) if isinstance(data, dict) else None
        if post is not None:
            posts.append(post)
        elif not (isinstance(data, dict) and is_gone(data)):
            skipped += 1
    return posts, len(entries), skipped


def children_of(body: object) -> list[Any]:
    """Return the entries of a listing; none when it is not one."""
    data = body.get("data") if isinstance(body, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    return children if isinstance(children, list) else []


def after_of(body: object) -> str | None:
    """Return where a listing goes on, or None at its end."""
    data = body.get("data") if isinstance(body, dict) else None
    after = data.get("after") if isinstance(data, dict) else None
    return after if isinstance(after, str) and FULLNAME.fullmatch(after) else None


def is_gone(data: Mapping[str, Any]) -> bool:
    """Tell whether an entry is the shell of a deleted or removed post."""
    if data.get("removed_by_category"):
        return True
    text = data.get("body") if "body" in data else data.get("selftext")
    no_author = data.get("author", "") in (None, "[deleted]")
    return no_author or (isinstance(text, str) and text.strip() in GONE_TEXTS)


def post_of(data: Mapping[str, Any], own_names: set[str]) -> Post | None:
    """Return one post from the ``data`` of a comment (t1), submission (t3) or inbox entry, or None."""
    fullname, name, text = data.get("name"), _word(data.get("author")), _text(data)
    posted_at = _time(data.get("created_utc"))
    if not isinstance(fullname, str) or not FULLNAME.fullmatch(fullname) or posted_at is None:
        return None
    if not name or text is None or is_gone(data):
        return None
    permalink = _permalink(data)
    parent = data.get("parent_id")
    named = any(re.search(rf"(?<![\w/])/?u/{re.escape(own)}(?![\w-])", text, re.IGNORECASE) for own in own_names)
    replied = data.get("type") in ("comment_reply", "post_reply")  # the inbox's word for an answer to something of ours
    return Post(
        platform=Platform.REDDIT,
        external_id=fullname,
        author=Author(
            # Not every listing carries the author's id; the name always stands there and can never be changed.
            external_id=name.casefold(),
            handle=name,
            name=name,
            is_bot=name.casefold() in BOTS,
        ),
        text=text,
        posted_at=posted_at,
        conversation_id=_thread(data, fullname, permalink),
        in_reply_to=parent if isinstance(parent, str) and FULLNAME.fullmatch(parent) else None,
        url=f"https://www.reddit.com{permalink}" if permalink else "",
        edited_at=_time(data.get("edited")),
        community=_word(data.get("subreddit")),
        summoned=named,
        summons=(*(["mentioned"] if named else []), *(["replied"] if replied else [])),
        reply_settings="locked" if data.get("locked") or data.get("archived") else "everyone",
    )


def _word(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def _text(data: Mapping[str, Any]) -> str | None:
    body = data.get("body")
    if isinstance(body, str):
        return clean(body)
    title, selftext = data.get("title"), data.get("selftext")
    if not isinstance(title, str):
        return None
    return clean(f"{title}\n\n{selftext}" if isinstance(selftext, str) and selftext else title)


def _thread(data: Mapping[str, Any], fullname: str, permalink: str) -> str:
    """Return the submission that everything hangs on, as a fullname."""
    link = data.get("link_id")
    if isinstance(link, str) and FULLNAME.fullmatch(link):
        return link
    if fullname.startswith("t3_"):
        return fullname
    found = _THREAD.search(permalink)
    return f"t3_{found[1]}" if found else fullname


def _permalink(data: Mapping[str, Any]) -> str:
    """Comments and submissions carry ``permalink``, inbox entries ``context`` with a query."""
    for key in ("permalink", "context"):
        value = data.get(key)
        if isinstance(value, str) and value.startswith("/"):
            return clean(value.partition("?")[0])
    return ""


def _time(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        moment = datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if plausible(moment) else None
