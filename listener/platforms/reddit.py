"""Reddit, through praw: the one account's refresh token, for reads and for replies.

praw's ``request`` gives Reddit's own JSON. Its objects are not used: they break on an author that is null, and
``reply()`` on them sleeps and sends again by itself when Reddit asks for patience.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import praw
from praw.exceptions import PRAWException
from prawcore.exceptions import (
    Forbidden,
    InsufficientScope,
    InvalidToken,
    OAuthException,
    PrawcoreException,
    RequestException,
    ResponseException,
)

from config.clock import Clock
from config.credentials import RedditCredentials
from config.errors import (
    CredentialsRefused,
    PlatformError,
    PlatformUnavailable,
    PostRefused,
    PostsUnclear,
    PostUncertain,
    RateLimited,
)
from config.settings import RedditPlatform
from config.version import running_version
from listener.platforms.base import Account
from listener.platforms.page import PlatformPage
from listener.platforms.reddit_posts import FULLNAME, after_of, posts_of
from listener.platforms.reddit_transport import PATIENCE, OnceMoreAtOnce, RedditTransport, ReplyWatch
from store.records import Platform, Post

REDDIT = "https://oauth.reddit.com"
REDDIT_SIGN_IN = "https://www.reddit.com"
LOOK_AT_ONCE = 100
_WAIT = re.compile(r"(\d{1,4}) (millisecond|second|minute|hour)")
_UNITS = {"millisecond": 0.001, "second": 1, "minute": 60, "hour": 3600}
# What praw and prawcore raise by accident over bodies of a shape they do not expect.
_STUMBLES = (KeyError, IndexError, ValueError, TypeError, AttributeError, AssertionError, RecursionError)

# At DEBUG they write the texts of replies.
logging.getLogger("praw").setLevel(logging.INFO)
logging.getLogger("prawcore").setLevel(logging.INFO)


class RedditClient:
    """A way to Reddit. Raises only the errors of ``config/errors.py``; not shared between threads."""

    platform = Platform.REDDIT

    def __init__(
        self,
        settings: RedditPlatform,
        credentials: RedditCredentials,
        clock: Clock,
        own_handles: Iterable[str] = (),
    ) -> None:
        home = settings.base_url == REDDIT
        self._clock = clock
        self._own_names = tuple({*own_handles, credentials.username})
        self._account: Account | None = None
        self._watch = ReplyWatch()
        self._reddit = praw.Reddit(
            client_id=credentials.client_id.get_secret_value(),
            client_secret=credentials.client_secret.get_secret_value(),
            refresh_token=credentials.refresh_token.get_secret_value(),
            user_agent=f"linux:frankly:{running_version()} (by /u/{credentials.username})",
            oauth_url=settings.base_url,
            reddit_url=REDDIT_SIGN_IN if home else settings.base_url,
            check_for_updates=False,
            check_for_async=False,
            ratelimit_seconds=0,
            requestor_class=RedditTransport,
            requestor_kwargs={"seconds": settings.timeout.total_seconds(), "clock": clock, "watch": self._watch},
        )

        # Private, but prawcore has no other way to say it; it is pinned, and a test counts requests and sleeps.
        core: Any = self._reddit._core
        core._retry_strategy_class = OnceMoreAtOnce

    def account(self) -> Account:
        """Return whose credentials these are."""
        if self._account is None:
            body = self._read("api/v1/me")
            name = body.get("name") if isinstance(body, dict) else None
            if not isinstance(name, str) or not name:
                raise PlatformUnavailable("Reddit did not say whose keys these are; will try again")
            self._account = Account(external_id=name.casefold(), handle=name)
        return self._account

    def comments(self, subreddits: Sequence[str], after: str | None = None) -> PlatformPage:
        """Return one page of the newest comments in the communities."""
        return self._listing(f"r/{'+'.join(subreddits)}/comments/", {"after": after})

    def new(self, subreddits: Sequence[str], after: str | None = None) -> PlatformPage:
        """Return one page of the newest submissions in the communities."""
        return self._listing(f"r/{'+'.join(subreddits)}/new", {"after": after})

    def search(self, query: str, after: str | None = None, subreddits: Sequence[str] = ()) -> PlatformPage:
        """Return one page of the newest submissions that match; Reddit has no search over comments."""
        where = "+".join(subreddits) or "all"
        asked = {"q": query, "sort": "new", "syntax": "lucene", "t": "week", "after": after}
        return self._listing(f"r/{where}/search/", {**asked, "restrict_sr": str(bool(subreddits))})

    def inbox_mentions(self, after: str | None = None) -> PlatformPage:
        """Return one page of the comments that name our account."""
        return self._listing("message/mentions", {"after": after})

    def look(self, external_ids: Sequence[str]) -> dict[str, Post]:
        """Return those of the posts that still stand, by the id asked for; 100 to a request."""
        found: dict[str, Post] = {}
        for start in range(0, len(external_ids), LOOK_AT_ONCE):
            batch = external_ids[start : start + LOOK_AT_ONCE]
            posts, _, skipped = posts_of(
                _listed(self._read("api/info/", {"id": ",".join(batch)})), own_names=self._own_names
            )
            if skipped:
                # To be taken for deleted, a post must be left out: its text would be lost for good.
                raise PostsUnclear("Reddit answered with posts that cannot be understood; will try again")
            found |= {post.external_id: post for post in posts if post.external_id in batch}
        return found

    def reply(self, target_id: str, text: str) -> str:
        """Post one reply with exactly one request and return its id."""
        self._watch.left = False
        try:
            body = self._reddit.request(
                method="POST", path="api/comment/", data={"api_type": "json", "text": text, "thing_id": target_id}
            )
        except (PrawcoreException, PRAWException, *_STUMBLES) as error:
            if self._watch.left:
                raise PostUncertain("Reddit's answer to a reply cannot be understood") from error
            raise _refusal(error) from error
        return self._id_of(body)

    def _id_of(self, body: object) -> str:
        answer = body.get("json") if isinstance(body, dict) else None
        errors = answer.get("errors") if isinstance(answer, dict) else None
        if isinstance(errors, list) and errors:
            raise self._refused(errors)
        data = answer.get("data") if isinstance(answer, dict) else None
        things = data.get("things") if isinstance(data, dict) else None
        first = things[0] if isinstance(things, list) and things else None
        thing = first.get("data") if isinstance(first, dict) else None
        if isinstance(thing, dict):
            for fullname in (thing.get("name"), f"t1_{thing.get('id')}"):
                if isinstance(fullname, str) and FULLNAME.fullmatch(fullname):
                    return fullname
        # Reddit does this when it is busy: the comment is mostly there.
        raise PostUncertain("Reddit accepted a reply without giving its id")

    def _refused(self, errors: list[object]) -> PlatformError:
        pairs = [[str(part) for part in error if part] for error in errors if isinstance(error, list)]
        words = "; ".join(": ".join(pair[:2]) for pair in pairs)[:300] or "no reason given"
        if any(pair and pair[0] == "RATELIMIT" for pair in pairs):
            wait = _WAIT.search(words)
            patience = timedelta(seconds=int(wait[1]) * _UNITS[wait[2]] + 1) if wait else PATIENCE
            return RateLimited("Reddit asks for patience between replies", self._clock.now() + patience)
        return PostRefused("Reddit refused the reply", detail=words)

    def own_posts(self, since: datetime, after: str | None = None) -> PlatformPage:
        """Return one page of the comments that our account wrote since then, newest first."""
        # By the keys' own name: in another's listing no reply of ours is found, and it would be sent a second time.
        page = self._listing(f"user/{self.account().handle}/comments", {"sort": "new", "after": after})
        young = tuple(post for post in page.posts if post.posted_at >= since)
        return replace(page, posts=young, next=page.next if len(young) == len(page.posts) else None)

    def _listing(self, path: str, asked: Mapping[str, str | None]) -> PlatformPage:
        body = _listed(self._read(path, {**asked, "limit": "100"}))
        posts, read, skipped = posts_of(body, own_names=self._own_names)
        return PlatformPage(tuple(posts), read, skipped, after_of(body), answered_at=self._watch.answered_at)

    def _read(self, path: str, asked: Mapping[str, str | None] | None = None) -> object:
        """Read a path and return Reddit's JSON."""
        params: dict[str, str | int] = {name: value for name, value in (asked or {}).items() if value is not None}
        try:
            body: object = self._reddit.request(method="GET", path=path, params=params)
        except (PrawcoreException, PRAWException, *_STUMBLES) as error:
            raise _refusal(error) from error
        return body


def _listed(body: object) -> object:
    """Let only a listing pass: anything else would look like an empty one, and we would be deaf without knowing."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("children"), list):
        raise PlatformUnavailable("Reddit answered with something that is not a listing; will try again")
    return body


def _refusal(error: Exception) -> PlatformError:
    """Return our error for one of praw's that is not about a reply on its way."""
    if isinstance(error, OAuthException | InvalidToken | InsufficientScope | Forbidden):
        return CredentialsRefused("Reddit does not accept our keys for this; check them and what the account may do")
    if isinstance(error, ResponseException):
        status = error.response.status_code
        # The token call answers 400 or 401 to keys that are wrong.
        if status in (400, 401) and error.response.url.endswith("/api/v1/access_token"):
            return CredentialsRefused("Reddit does not accept our keys; check client id, secret and refresh token")
        return PlatformUnavailable(f"Reddit answered {status}; will try again")
    if isinstance(error, RequestException):
        kind = type(error.original_exception).__name__
        return PlatformUnavailable(f"Reddit cannot be reached ({kind}); will try again")
    return PlatformUnavailable(f"Reddit's answer cannot be understood ({type(error).__name__}); will try again")
