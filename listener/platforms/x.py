"""X, through tweepy: reads with the app's bearer token, posts with the account's OAuth 1.0a keys."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import requests
import tweepy  # type: ignore[import-untyped]  # tweepy ships no types

from config.clock import Clock
from config.credentials import XCredentials
from config.errors import CredentialsRefused, PlatformUnavailable, PostsUnclear, PostUncertain
from config.settings import XPlatform
from listener.platforms.base import OWN_PAGE, Account
from listener.platforms.network import answered_at, never_left
from listener.platforms.page import PlatformPage
from listener.platforms.x_ids import id_at, is_id
from listener.platforms.x_posts import EXPANSIONS, TWEET_FIELDS, USER_FIELDS, posts_of
from listener.platforms.x_transport import HOST, XTransport, body_of, words_of
from listener.spending import Spending
from store.records import Platform, Post

LOOK_AT_ONCE = 100
PAGE_SIZE = 100
# What X says of a post that is gone, or that we may no longer see: the account is suspended or protected.
_GONE = ("resource-not-found", "not-authorized-for-resource", "resource-unavailable")
# Lists, because tweepy joins only those with commas.
_FIELDS: dict[str, Any] = {
    "tweet_fields": list(TWEET_FIELDS),
    "user_fields": list(USER_FIELDS),
    "expansions": list(EXPANSIONS),
}

# At DEBUG tweepy writes tokens and texts.
logging.getLogger("tweepy").setLevel(logging.INFO)


class XClient:
    """A way to X. Raises only the errors of ``config/errors.py``; not shared between threads."""

    platform = Platform.X

    def __init__(
        self, settings: XPlatform, credentials: XCredentials, clock: Clock, spending: Spending | None = None
    ) -> None:
        self._spending = spending
        self._client = tweepy.Client(
            bearer_token=credentials.bearer_token.get_secret_value(),
            consumer_key=credentials.consumer_key.get_secret_value(),
            consumer_secret=credentials.consumer_secret.get_secret_value(),
            access_token=credentials.access_token.get_secret_value(),
            access_token_secret=credentials.access_token_secret.get_secret_value(),
            return_type=requests.Response,
            wait_on_rate_limit=False,  # it sleeps in the caller's thread, and without a reset time it never ends
        )
        self._client.session.mount(HOST, XTransport(settings.base_url, settings.timeout, clock))
        self._account: Account | None = None
        self._answered_at: datetime | None = None

    def account(self) -> Account:
        """Return whose credentials these are."""
        if self._account is None:
            data = self._read(self._client.get_me, user_auth=True).get("data")
            if not isinstance(data, dict) or not is_id(data.get("id")) or not isinstance(data.get("username"), str):
                raise PlatformUnavailable("X did not say whose keys these are; will try again")
            self._account = Account(external_id=data["id"], handle=data["username"])
            if self._spending is not None:
                self._spending.note_account_read(self.platform)
        return self._account

    def search(
        self,
        query: str,
        *,
        since_id: str | None = None,
        until_id: str | None = None,
        next_token: str | None = None,
        max_results: int = PAGE_SIZE,
    ) -> PlatformPage:
        """Return one page of recent search. X takes ids or times, never both: here it is always ids."""
        body = self._read(
            self._client.search_recent_tweets,
            query,
            since_id=since_id,
            until_id=until_id,
            next_token=next_token,
            max_results=max_results,
            **_FIELDS,
        )
        return self._page(body)

    def count(self, query: str) -> int:
        """Return how many posts of the last seven days a query finds."""
        meta = self._read(self._client.get_recent_tweets_count, query, granularity="day").get("meta")
        total = meta.get("total_tweet_count") if isinstance(meta, dict) else None
        if not isinstance(total, int) or isinstance(total, bool) or total < 0:
            raise PlatformUnavailable("X did not say how many posts a query finds; will try again")
        return total

    def mentions(
        self,
        *,
        since_id: str | None = None,
        until_id: str | None = None,
        next_token: str | None = None,
        max_results: int = PAGE_SIZE,
    ) -> PlatformPage:
        """Return one page of the posts that name our account; X keeps the 800 newest."""
        body = self._read(
            self._client.get_users_mentions,
            self.account().external_id,
            since_id=since_id,
            until_id=until_id,
            pagination_token=next_token,
            max_results=max_results,
            **_FIELDS,
        )
        return self._page(body)

    def look(self, external_ids: Sequence[str]) -> dict[str, Post]:
        """Return those of the posts that still stand, by the id asked for; 100 to a request."""
        found: dict[str, Post] = {}
        asked = [external_id for external_id in external_ids if is_id(external_id)]
        for start in range(0, len(asked), LOOK_AT_ONCE):
            batch = asked[start : start + LOOK_AT_ONCE]
            body = self._read(self._client.get_tweets, batch, may_lack_data=True, **_FIELDS)
            posts, _, _ = self._posts(body)
            standing = {**{post.external_id: post for post in posts}, **{post.reply_target: post for post in posts}}
            for external_id in batch:
                if external_id in standing:
                    found[external_id] = standing[external_id]
                elif not _is_gone(body, external_id):
                    # To be taken for deleted, a post must be said to be: its text would be lost for good.
                    raise PostsUnclear("X left a post out of its answer without a word; will try again")
        return found

    def reply(self, target_id: str, text: str) -> str:
        """Post one reply with exactly one request and return its id."""
        try:
            response: requests.Response = self._client.create_tweet(
                text=text, in_reply_to_tweet_id=target_id, user_auth=True
            )
        except requests.RequestException as error:
            if never_left(error):
                raise PlatformUnavailable("X cannot be reached; the reply did not leave") from error
            raise PostUncertain("the connection to X broke while a reply was on its way") from error
        except tweepy.TweepyException as error:
            raise CredentialsRefused("the keys for X cannot sign a request; check all four of them") from error
        data = body_of(response).get("data")
        if not isinstance(data, dict) or not is_id(data.get("id")):
            raise PostUncertain("X accepted a reply without giving its id")
        return str(data["id"])

    def own_posts(self, since: datetime, after: str | None = None) -> PlatformPage:
        """Return one page of what our account posted since then, newest first."""
        body = self._read(
            self._client.get_users_tweets,
            self.account().external_id,
            since_id=str(id_at(since)),
            pagination_token=after,
            max_results=OWN_PAGE,
            **_FIELDS,
        )
        return self._page(body)

    def _posts(self, body: dict[str, Any]) -> tuple[list[Post], int, int]:
        account = self.account()
        return posts_of(body, own_id=account.external_id, own_handles=[account.handle])

    def _page(self, body: dict[str, Any]) -> PlatformPage:
        posts, read, skipped = self._posts(body)
        return PlatformPage(tuple(posts), read, skipped, _next_token(body), _oldest_id(body), self._answered_at)

    def _read(
        self, method: Callable[..., Any], *args: object, may_lack_data: bool = False, **parameters: object
    ) -> dict[str, Any]:
        """Call a reading method of tweepy and return the JSON object that X answered with.

        A listing that holds only errors would pass for an empty one, and we would be deaf without knowing.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        try:
            response: requests.Response = method(*args, **given)
        except requests.RequestException as error:
            raise PlatformUnavailable(f"X cannot be reached ({type(error).__name__}); will try again") from error
        except tweepy.TweepyException as error:
            raise CredentialsRefused("the keys for X cannot sign a request; check all of them") from error
        body, self._answered_at = body_of(response), answered_at(response.headers)
        if not body:
            raise PlatformUnavailable("X answered with something that is not its JSON; will try again")
        if "data" not in body and "meta" not in body and not (may_lack_data and isinstance(body.get("errors"), list)):
            raise PlatformUnavailable(f"X answered without posts: {words_of(body)[:200] or 'no reason given'}")
        return body


def _next_token(body: dict[str, Any]) -> str | None:
    meta = body.get("meta")
    token = meta.get("next_token") if isinstance(meta, dict) else None
    return token if isinstance(token, str) and token else None


def _is_gone(body: dict[str, Any], external_id: str) -> bool:
    errors = body.get("errors")
    for entry in errors if isinstance(errors, list) else []:
        if isinstance(entry, dict) and external_id in (entry.get("resource_id"), entry.get("value")):
            return any(word in str(entry.get("type")) for word in _GONE)
    return False


def _oldest_id(body: dict[str, Any]) -> str | None:
    """Return the smallest id of a page, also of entries that could not be understood: reading goes on below it."""
    entries = body.get("data")
    listed = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return min((str(entry["id"]) for entry in listed if is_id(entry.get("id"))), key=int, default=None)
