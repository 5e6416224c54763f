"""Recorded posts, out of whatever file somebody has: the format is told by the content, and every row is accounted for.

Understood are response pages of X's API v2 (one to a file, or one to a line), listings of Reddit, JSON lines with the
keys of ``frankly export mentions``, and CSV. A row that cannot be used becomes a ``BadRow`` with place and reason.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from config.errors import UsageError
from listener.dates import read_date
from listener.platforms import reddit_posts, x_posts
from store.records import Author, Platform, Post

FIELDS = (
    "text",
    "author",
    "author_external_id",
    "posted_at",
    "id",
    "external_id",
    "url",
    "conversation_id",
    "in_reply_to",
    "language",
    "community",
    "audience",
    "platform",
)
_DELIMITERS = ",;\t|"
_FIELD_LIMIT = 1 << 20  # one quote that is never closed swallows no more than this
_FIRST_LINES = 20
# Spreadsheets turn long numbers into these, and then many posts share one.
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used, and why. ``rows`` is how many it stands for."""

    place: str
    reason: str
    rows: int = 1


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Entries that are no posts of anybody: retweets, and the shells of deleted posts."""

    rows: int


Recorded = Post | BadRow | NotTaken


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: which column is which, whose posts they are, what stands in for a missing time."""

    platform: Platform
    columns: Mapping[str, str]
    now: datetime
    own_handles: tuple[str, ...] = ()


def read_file(path: Path, reading: Reading) -> Iterator[Recorded]:
    """Yield what a file holds. ``UsageError`` when it cannot be opened, or lacks a column that was asked for."""
    unknown = set(reading.columns) - set(FIELDS)
    if unknown:
        raise UsageError(f'--map knows no "{min(unknown)}"; it takes {", ".join(FIELDS)}')
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
        encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        # Bytes that are no text become lone surrogates, so that a row with some is found and the next is read.
        with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
            yield from _read(file, path, reading)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def _read(file: IO[str], path: Path, reading: Reading) -> Iterator[Recorded]:
    first = list(islice(file, _FIRST_LINES))
    head = next((line for line in first if line.strip()), "").lstrip()
    lines = chain(first, file)
    if not head.startswith(("{", "[")):
        yield from _csv_rows(lines, path, reading)
    elif any(isinstance(_json(line), dict) for line in first):
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield from _document(_json(line), f"{path.name}:{number}", reading)
    else:
        yield from _document(_json("".join(lines)), path.name, reading)


def _json(text: str) -> object:
    """Return the JSON value of a text, or the error that it is not one."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return error


def _document(value: object, place: str, reading: Reading) -> Iterator[Recorded]:
    """Read one JSON value: a page, a listing, a row of ours, or a list of any of them."""
    if isinstance(value, list):
        for number, entry in enumerate(value, start=1):
            yield from _document(entry, f"{place}[{number}]", reading)
    elif not isinstance(value, dict):
        broken = isinstance(value, Exception)
        yield BadRow(place, "is not valid JSON" if broken else "is not a JSON object")
    elif value.get("kind") == "Listing":
        yield from _listing(value, place, reading)
    elif "text" not in value and ("meta" in value or isinstance(value.get("data"), list | dict)):
        yield from _page(value, place, reading)
    else:
        yield _row({key: value.get(key) for key in FIELDS}, place, reading)


def _page(page: Mapping[str, Any], place: str, reading: Reading) -> Iterator[Recorded]:
    posts, read, skipped = x_posts.posts_of(page, own_handles=reading.own_handles)
    yield from posts
    if skipped:
        yield BadRow(place, f"holds {skipped} posts that cannot be understood", skipped)
    if read - len(posts) - skipped:
        yield NotTaken(read - len(posts) - skipped)


def _listing(listing: Mapping[str, Any], place: str, reading: Reading) -> Iterator[Recorded]:
    """Read a listing and the replies that hang below its comments."""
    waiting: list[object] = [listing]
    while waiting:
        one = waiting.pop()
        entries = [e for e in reddit_posts.children_of(one) if not (isinstance(e, dict) and e.get("kind") == "more")]
        posts, read, skipped = reddit_posts.posts_of({"data": {"children": entries}}, own_names=reading.own_handles)
        yield from posts
        if skipped:
            yield BadRow(place, f"holds {skipped} posts that cannot be understood", skipped)
        if read - len(posts) - skipped:
            yield NotTaken(read - len(posts) - skipped)
        for entry in entries:
            data = entry.get("data") if isinstance(entry, dict) else None
            if isinstance(data, dict) and isinstance(data.get("replies"), dict):
                waiting.append(data["replies"])


def _csv_rows(lines: Iterable[str], path: Path, reading: Reading) -> Iterator[Recorded]:
    rest = iter(lines)
    head = next(rest, "")
    if not head.strip():
        return
    csv.field_size_limit(_FIELD_LIMIT)
    delimiter = max(_DELIMITERS, key=head.count)
    rows = csv.reader(chain([head], rest), delimiter=delimiter)
    header = [name.strip() for name in next(rows)]
    places = _places(header, path, reading)
    number = rows.line_num + 1
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(f"{path.name}:{number}", f"cannot be read as CSV ({error})")
        else:
            if len(row) == len(header):
                yield _row({field: row[column] for field, column in places.items()}, f"{path.name}:{number}", reading)
            elif any(row):
                yield BadRow(f"{path.name}:{number}", f"has {len(row)} columns where the header has {len(header)}")
        number = rows.line_num + 1


def _places(header: list[str], path: Path, reading: Reading) -> dict[str, int]:
    """Return which column holds which field. Without a map, columns of our own names are taken."""
    columns = dict(reading.columns) or {field: field for field in FIELDS if field in header}
    missing = [name for name in columns.values() if name not in header]
    if missing:
        raise UsageError(f'{path.name} has no column "{missing[0]}"; it has {", ".join(header)[:300]}')
    if "text" not in columns:
        raise UsageError(
            f"{path.name} does not say which column is the text; name it with --map text=COLUMN, out of "
            f"{', '.join(header)[:300]}"
        )
    return {field: header.index(name) for field, name in columns.items()}


def _row(values: Mapping[str, object], place: str, reading: Reading) -> Recorded:
    """Make a post from one row of a table."""
    given = {name: str(value).strip() for name, value in values.items() if value is not None}
    text = str(values.get("text") or "")
    reason = _unusable(text, given)
    if reason:
        return BadRow(place, reason)
    platform = Platform(given.get("platform") or reading.platform)
    written_at = given.get("posted_at", "")
    posted_at = read_date(written_at) if written_at else reading.now
    if posted_at is None:
        return BadRow(place, "has a date that cannot be understood; ISO 8601 such as 2026-01-31T09:00:00Z is")
    author = given.get("author", "").removeprefix("@").removeprefix("u/") or "unknown"
    external_id = _id_of(given) or _made_up_id(author, written_at, text)
    audience = given.get("audience", "")
    return Post(
        platform=platform,
        external_id=external_id,
        author=Author(
            external_id=given.get("author_external_id") or author.casefold(),
            handle=author,
            audience=int(audience) if audience.isascii() and audience.isdigit() and len(audience) < 16 else 0,
        ),
        text=text,
        posted_at=posted_at,
        conversation_id=given.get("conversation_id") or external_id,
        in_reply_to=given.get("in_reply_to") or None,
        url=given.get("url") or _url(platform, author, external_id),
        language=given.get("language") or None,
        community=given.get("community", ""),
    )


def _unusable(text: str, given: Mapping[str, str]) -> str:
    """Return why a row cannot be used; empty when it can."""
    if not text.strip():
        return "has no text"
    everything = "".join(given.values())
    if "\x00" in everything:
        return "holds NUL bytes"
    if not everything.isascii() and any("\ud800" <= letter <= "\udfff" for letter in everything):
        return "is not UTF-8"
    platform = given.get("platform")
    if platform and platform not in list(Platform):
        return f"names no known platform; expected one of: {', '.join(Platform)}"
    return ""


def _id_of(given: Mapping[str, str]) -> str:
    identifier = given.get("external_id") or given.get("id") or ""
    return "" if _ROUNDED.fullmatch(identifier) else identifier


def _made_up_id(author: str, written_at: str, text: str) -> str:
    """The same row gets the same id, however often its file is replayed."""
    whole = "\x1f".join((author, written_at, text)).encode("utf-8", "surrogatepass")
    return f"row-{hashlib.sha256(whole).hexdigest()[:24]}"


def _url(platform: Platform, author: str, external_id: str) -> str:
    return f"https://x.com/{author}/status/{external_id}" if platform is Platform.X and external_id.isdigit() else ""
