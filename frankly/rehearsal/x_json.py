"""Posts and accounts in the JSON of X's API v2; only the fields that were asked for are sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from frankly.rehearsal.world import Account, Post, World
from frankly.rehearsal.x_query import HANDLE, HASHTAG, LINK
from store.records import Platform

_TWEET_FIELDS = (
    "article attachments author_id card_uri community_id context_annotations conversation_id created_at"
    " display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang"
    " media_metadata note_tweet possibly_sensitive public_metrics referenced_tweets reply_settings scopes"
    " source suggested_source_links text withheld"
)
_USER_FIELDS = (
    "affiliation connection_status created_at description entities id is_identity_verified location"
    " most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected"
    " public_metrics receives_your_dm subscription subscription_type url username verified"
    " verified_followers_count verified_type withheld"
)
_EXPANSIONS = (
    "author_id in_reply_to_user_id referenced_tweets.id referenced_tweets.id.author_id"
    " entities.mentions.username edit_history_tweet_ids"
)
TWEET_FIELDS = frozenset(_TWEET_FIELDS.split())
USER_FIELDS = frozenset(_USER_FIELDS.split())
EXPANSIONS = frozenset(_EXPANSIONS.split())


def wire_time(moment: datetime) -> str:
    """Write a moment the way X does."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


class XJson:
    """Writes what one answer holds: the posts, and the accounts and posts that expansions ask for."""

    def __init__(self, world: World, query: Mapping[str, str]) -> None:
        self._world = world
        self._tweet_fields = {"id", "text", "edit_history_tweet_ids", *asked(query, "tweet.fields")}
        self._user_fields = {"id", "name", "username", *asked(query, "user.fields")}
        self._expansions = asked(query, "expansions")
        if "author_id" in self._expansions:
            self._tweet_fields.add("author_id")

    def tweet(self, post: Post) -> dict[str, Any]:
        """Write one post."""
        whole = self._whole_tweet(post)
        return {name: value for name, value in whole.items() if name in self._tweet_fields}

    def user(self, account: Account) -> dict[str, Any]:
        """Write one account."""
        whole: dict[str, Any] = {
            "id": account.external_id,
            "name": account.display_name,
            "username": account.name,
            "created_at": wire_time(account.created_at),
            "description": account.description,
            "location": "Harrowdale",
            "profile_image_url": "https://pbs.twimg.com/profile_images/0/normal.png",
            "protected": False,
            "public_metrics": {
                "followers_count": account.followers,
                "following_count": account.followers // 2 + 30,
                "tweet_count": account.followers * 3 + 100,
                "listed_count": account.followers // 200,
                "like_count": account.followers * 5,
                "media_count": account.followers // 10,
            },
            "url": "",
            "verified": account.verified,
            "verified_type": "business" if account.verified else "none",
        }
        return {name: value for name, value in whole.items() if name in self._user_fields}

    def includes(self, posts: Iterable[Post]) -> dict[str, list[dict[str, Any]]]:
        """Return the ``includes`` object: each account and post once."""
        posts = list(posts)
        accounts: dict[str, Account] = {}
        referred: dict[str, Post] = {}
        for post in posts:
            for account in self._accounts_of(post):
                accounts[account.external_id] = account
            if any(name.startswith("referenced_tweets.id") for name in self._expansions):
                for identifier in filter(None, (post.parent, post.quotes)):
                    target = self._world.find(identifier)
                    if target is not None and not target.gone(self._world.now()):
                        referred[identifier] = target
        if "referenced_tweets.id.author_id" in self._expansions:
            accounts |= {post.author.external_id: post.author for post in referred.values()}
        found = {
            "users": [self.user(account) for account in accounts.values()],
            "tweets": [self.tweet(post) for post in referred.values()],
        }
        return {name: items for name, items in found.items() if items}

    def _accounts_of(self, post: Post) -> list[Account]:
        accounts: list[Account | None] = []
        if "author_id" in self._expansions:
            accounts.append(post.author)
        if "in_reply_to_user_id" in self._expansions:
            parent = self._world.find(post.parent)
            accounts.append(parent.author if parent else None)
        if "entities.mentions.username" in self._expansions:
            accounts += [account for _, account in mentioned(self._world, post)]
        return [account for account in accounts if account is not None]

    def _whole_tweet(self, post: Post) -> dict[str, Any]:
        whole: dict[str, Any] = {
            "id": post.id,
            "text": post.text,
            "edit_history_tweet_ids": self._world.versions(post),
            "author_id": post.author.external_id,
            "conversation_id": post.conversation,
            "created_at": wire_time(post.posted_at),
            "lang": post.language,
            "possibly_sensitive": False,
            "reply_settings": post.reply_settings,
            "source": "X for web",
            "public_metrics": {
                "retweet_count": 0,
                "reply_count": len(self._world.children(post.id)),
                "like_count": int(post.id[-6:]) % 7,
                "quote_count": 0,
                "bookmark_count": 0,
                "impression_count": int(post.id[-6:]) % 4_000,
            },
        }
        references = [("replied_to", post.parent), ("quoted", post.quotes)]
        if post.parent or post.quotes:
            whole["referenced_tweets"] = [{"type": kind, "id": key} for kind, key in references if key]
        parent = self._world.find(post.parent)
        if parent is not None:
            whole["in_reply_to_user_id"] = parent.author.external_id
        entities = _entities(self._world, post)
        if entities:
            whole["entities"] = entities
        return whole


def asked(query: Mapping[str, str], name: str) -> set[str]:
    """Return the values of a comma-separated parameter."""
    return set(filter(None, query.get(name, "").split(",")))


def mentioned(world: World, post: Post) -> list[tuple[tuple[int, int], Account]]:
    """Return where a post names which accounts that exist."""
    places = HANDLE.finditer(post.text)
    found = ((place.span(), world.account(Platform.X, place.group(1))) for place in places)
    return [(span, account) for span, account in found if account is not None]


def _entities(world: World, post: Post) -> dict[str, list[dict[str, Any]]]:
    mentions = [
        {"start": start, "end": end, "username": account.name, "id": account.external_id}
        for (start, end), account in mentioned(world, post)
    ]
    tags = [
        {"start": match.start(), "end": match.end(), "tag": match.group(1)} for match in HASHTAG.finditer(post.text)
    ]
    links = [
        {"start": match.start(), "end": match.end(), "url": match.group(), "expanded_url": match.group()}
        for match in LINK.finditer(post.text)
    ]
    found = {"mentions": mentions, "hashtags": tags, "urls": links}
    return {name: items for name, items in found.items() if items}
