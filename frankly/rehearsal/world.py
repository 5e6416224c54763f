"""The small world behind the simulated platforms: accounts and posts that appear when the clock passes them.

Both servers read it and write into it, so it is guarded by one lock. A post may be added ahead of its
time, and so may its edit and its deletion: nothing here runs by itself, the clock decides what is seen.
"""

from __future__ import annotations

import threading
import zlib
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from config.clock import Clock
from store.records import Platform

SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REDDIT_EPOCH = datetime(2005, 6, 23, tzinfo=UTC)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(number: int) -> str:
    """Write a number the way Reddit writes its ids."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"


def snowflake(moment: datetime, sequence: int = 0) -> int:
    """Return the X id of a post made at this moment: milliseconds in the upper bits, a count below."""
    milliseconds = (moment - UNIX_EPOCH) // timedelta(milliseconds=1)
    return ((milliseconds - SNOWFLAKE_EPOCH_MS) << 22) | sequence


def snowflake_time(identifier: int) -> datetime:
    """Return the moment an X id was made."""
    return UNIX_EPOCH + timedelta(milliseconds=(identifier >> 22) + SNOWFLAKE_EPOCH_MS)


def _whole_milliseconds(moment: datetime) -> datetime:
    # X's ids hold no more, and two orders of the same posts would not agree.
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with an account on one platform; ``external_id`` is the platform's own, without prefix."""

    platform: Platform
    external_id: str
    name: str
    display_name: str
    followers: int
    description: str
    verified: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Edit:
    """A new text that a Reddit post has from ``at`` on."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Post:
    """One post. ``id`` is a snowflake on X and a fullname (t1_ comment, t3_ submission) on Reddit.

    ``chain`` is the id of the first version: an edit on X makes a new post with a new id, an edit on
    Reddit is kept in ``edits``. ``visible_at`` is later than ``posted_at`` when the platform lists it late.
    """

    id: str
    platform: Platform
    author: Account
    text: str
    posted_at: datetime
    visible_at: datetime
    conversation: str
    chain: str
    parent: str = ""
    quotes: str = ""
    title: str = ""
    subreddit: str = ""
    language: str = "en"
    reply_settings: str = "everyone"
    edits: tuple[Edit, ...] = ()
    deleted_at: datetime | None = None
    removed: bool = False
    locked: bool = False

    @property
    def number(self) -> int:
        """The id as the number that it is, for ordering."""
        return int(self.id) if self.platform is Platform.X else int(self.id[3:], 36)

    def gone(self, now: datetime) -> bool:
        """Whether its author deleted it, or a moderator removed it, by now."""
        return self.deleted_at is not None and self.deleted_at <= now

    def text_at(self, now: datetime) -> str:
        """Return the text as it reads now."""
        return next((edit.text for edit in reversed(self.edits) if edit.at <= now), self.text)

    def edited_at(self, now: datetime) -> datetime | None:
        """Return when it was last edited, by now (Reddit)."""
        return next((edit.at for edit in reversed(self.edits) if edit.at <= now), None)


Listener = Callable[[Post, Post], None]


class World:
    """Everything the simulated platforms know, on one clock.

    ``brand_x`` and ``brand_reddit`` are the names of the accounts that the credentials belong to.
    ``search_lag`` delays X's search behind the post, as the real index does.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        brand_x: str = "BriskBroadband",
        brand_reddit: str = "BriskBB_Care",
        search_lag: timedelta = timedelta(0),
    ) -> None:
        self.clock = clock
        self.search_lag = search_lag
        self.lock = threading.RLock()
        self._accounts: dict[tuple[Platform, str], Account] = {}
        self._accounts_by_id: dict[tuple[Platform, str], Account] = {}
        self._posts: dict[str, Post] = {}
        self._order: dict[Platform, list[tuple[datetime, int, str]]] = {Platform.X: [], Platform.REDDIT: []}
        self._chains: dict[str, list[str]] = {}
        self._children: dict[str, list[str]] = {}
        self._listeners: list[Listener] = []
        self.brands = {
            Platform.X: self.add_account(Platform.X, brand_x, followers=48_210, verified=True),
            Platform.REDDIT: self.add_account(Platform.REDDIT, brand_reddit, followers=12),
        }

    def now(self) -> datetime:
        """Return the world's present moment."""
        return self.clock.now()

    def add_account(
        self,
        platform: Platform,
        name: str,
        *,
        display_name: str = "",
        followers: int | None = None,
        description: str = "",
        verified: bool = False,
    ) -> Account:
        """Return the account of this name, made on first sight; what it looks like follows from its name."""
        with self.lock:
            known = self.account(platform, name)
            if known is not None:
                return known
            seed = zlib.crc32(f"{platform}:{name.casefold()}".encode())
            number = 1_000_000_000 + seed
            while (platform, self._account_id(platform, number)) in self._accounts_by_id:
                number += 1
            account = Account(
                platform=platform,
                external_id=self._account_id(platform, number),
                name=name,
                display_name=display_name or name,
                followers=seed % 2_400 if followers is None else followers,
                description=description,
                verified=verified,
                created_at=datetime(2012, 1, 1, tzinfo=UTC) + timedelta(hours=seed % 90_000),
            )
            self._accounts[(platform, name.casefold())] = account
            self._accounts_by_id[(platform, account.external_id)] = account
            return account

    @staticmethod
    def _account_id(platform: Platform, number: int) -> str:
        return str(number) if platform is Platform.X else base36(number)

    def account(self, platform: Platform, name: str) -> Account | None:
        """Return the account of this name, in any case, if there is one."""
        return self._accounts.get((platform, name.casefold()))

    def account_by_id(self, platform: Platform, external_id: str) -> Account | None:
        """Return the account with this platform id, if there is one."""
        return self._accounts_by_id.get((platform, external_id))

    def add_post(
        self,
        platform: Platform,
        author: str,
        text: str,
        *,
        posted_at: datetime | None = None,
        visible_at: datetime | None = None,
        reply_to: str = "",
        quotes: str = "",
        title: str = "",
        subreddit: str = "",
        language: str = "en",
        reply_settings: str = "everyone",
        deleted_at: datetime | None = None,
    ) -> Post:
        """Add a post, now or at a time to come. On Reddit a title makes it a submission, else a comment."""
        with self.lock:
            moment = _whole_milliseconds(posted_at or self.now())
            parent = self._posts.get(reply_to)
            identifier = self._new_id(platform, moment, submission=bool(title) or not reply_to)
            post = Post(
                id=identifier,
                platform=platform,
                author=self.add_account(platform, author),
                text=text,
                posted_at=moment,
                visible_at=visible_at or moment,
                conversation=parent.conversation if parent else identifier,
                chain=identifier,
                parent=reply_to,
                quotes=quotes,
                title=title,
                subreddit=subreddit or (parent.subreddit if parent else ""),
                language=language,
                reply_settings=reply_settings,
                deleted_at=deleted_at,
            )
            self._insert(post)
            return post

    def _new_id(self, platform: Platform, moment: datetime, *, submission: bool) -> str:
        if platform is Platform.X:
            number = snowflake(moment)
            while str(number) in self._posts:
                number += 1
            return str(number)
        number = int((moment - REDDIT_EPOCH).total_seconds()) * 64
        prefix = "t3_" if submission else "t1_"
        while prefix + base36(number) in self._posts:
            number += 1
        return prefix + base36(number)

    def _insert(self, post: Post) -> None:
        self._posts[post.id] = post
        self._chains.setdefault(post.chain, []).append(post.id)
        if post.parent and post.id == post.chain:
            self._children.setdefault(post.parent, []).append(post.id)
        insort(self._order[post.platform], (post.posted_at, post.number, post.id))

    def answer(self, platform: Platform, target: str, text: str) -> Post:
        """Store a reply of the brand's to ``target`` and tell whoever waits for one."""
        with self.lock:
            reply = self.add_post(platform, self.brands[platform].name, text, reply_to=target)
            for listener in self._listeners:
                listener(reply, self._posts[target])
            return reply

    def on_answer(self, listener: Listener) -> None:
        """Call ``listener(reply, target)`` whenever the brand replies through a server."""
        self._listeners.append(listener)

    def edit_post(self, identifier: str, text: str, *, at: datetime | None = None) -> Post:
        """Give a post a new text, now or later: a new id on X, the same one on Reddit."""
        with self.lock:
            post = self._posts[identifier]
            moment = _whole_milliseconds(at or self.now())
            if post.platform is Platform.REDDIT:
                changed = replace(post, edits=(*post.edits, Edit(moment, text)))
                self._posts[identifier] = changed
                return changed
            version = replace(
                post,
                id=self._new_id(Platform.X, moment, submission=False),
                text=text,
                posted_at=moment,
                visible_at=moment,
            )
            self._insert(version)
            return version

    def delete_post(self, identifier: str, *, at: datetime | None = None, by_moderator: bool = False) -> None:
        """Delete a post with every version of it, now or later; a moderator's removal reads differently."""
        with self.lock:
            for version in self._chains[self._posts[identifier].chain]:
                self._posts[version] = replace(self._posts[version], deleted_at=at or self.now(), removed=by_moderator)

    def lock_thread(self, identifier: str) -> None:
        """Lock a Reddit thread or comment against replies."""
        with self.lock:
            self._posts[identifier] = replace(self._posts[identifier], locked=True)

    def find(self, identifier: str) -> Post | None:
        """Return a post that exists by now, deleted or not."""
        post = self._posts.get(identifier)
        return post if post is not None and post.visible_at <= self.now() else None

    def versions(self, post: Post) -> list[str]:
        """Return the ids of all versions that exist by now, the oldest first."""
        now = self.now()
        return [key for key in self._chains[post.chain] if self._posts[key].visible_at <= now]

    def _is_newest(self, post: Post) -> bool:
        return len(self._chains[post.chain]) == 1 or self.versions(post)[-1] == post.id

    def newest_first(self, platform: Platform, *, before: datetime | None = None) -> Iterator[Post]:
        """Walk the live posts that are visible by now, the newest first; older versions are left out.

        Hold ``lock`` while walking when a server runs beside.
        """
        now = self.now()
        order = self._order[platform]
        end = bisect_left(order, (min(before or now, now) + timedelta(microseconds=1),))
        for _, _, identifier in reversed(order[:end]):
            post = self._posts[identifier]
            if post.visible_at <= now and not post.gone(now) and self._is_newest(post):
                yield post

    def replies(self, platform: Platform) -> list[Post]:
        """Return what the brand's account has posted and not deleted, the oldest first."""
        brand = self.brands[platform]
        with self.lock:
            return [post for post in self.newest_first(platform) if post.author == brand][::-1]

    def children(self, identifier: str) -> list[Post]:
        """Return the visible direct replies to a post, the oldest first."""
        now = self.now()
        found = (self._posts[key] for key in self._children.get(identifier, []))
        return [post for post in found if post.visible_at <= now]
