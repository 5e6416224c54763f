"""Posts, accounts and communities in the JSON of Reddit's API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from frankly.rehearsal.world import Account, Post, World, base36

DELETED = "[deleted]"
REMOVED = "[removed]"


def listing(children: Iterable[dict[str, Any]], after: str | None = None) -> dict[str, Any]:
    """Wrap things in a Listing."""
    items = list(children)
    data = {
        "after": after,
        "dist": len(items),
        "modhash": None,
        "geo_filter": "",
        "children": items,
        "before": None,
    }
    return {"kind": "Listing", "data": data}


class RedditJson:
    """Writes things as they stand at the world's present moment."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._now = world.now()

    def thing(self, post: Post) -> dict[str, Any]:
        """Write a comment (t1) or a submission (t3)."""
        return self._comment(post) if post.id.startswith("t1_") else self._submission(post)

    def message(self, post: Post, subject: str, *, unread: bool, to: Account) -> dict[str, Any]:
        """Write a comment the way the inbox shows it."""
        created = int(post.posted_at.timestamp())
        data = {
            **self._author(post),
            "id": post.id[3:],
            "name": post.id,
            "body": post.text_at(self._now),
            "body_html": _html(post.text_at(self._now)),
            "subject": subject,
            "type": subject.replace(" ", "_"),
            "was_comment": True,
            "new": unread,
            "dest": to.name,
            "context": f"{self._permalink(post)}?context=3",
            "link_title": self._title(post),
            "parent_id": post.parent,
            "first_message": None,
            "first_message_name": None,
            "replies": "",
            "likes": None,
            "score": 1,
            "subreddit": post.subreddit,
            "subreddit_name_prefixed": f"r/{post.subreddit}",
            "distinguished": None,
            "num_comments": len(self._world.children(post.conversation)),
            "created": created,
            "created_utc": created,
            "associated_awarding_id": None,
        }
        return {"kind": "t1", "data": data}

    def _comment(self, post: Post) -> dict[str, Any]:
        gone = post.gone(self._now)
        body = (REMOVED if post.removed else DELETED) if gone else post.text_at(self._now)
        thread = self._world.find(post.conversation)
        data = {
            **self._common(post),
            "body": body,
            "body_html": _html(body),
            "parent_id": post.parent,
            "link_id": post.conversation,
            "link_title": self._title(post),
            "link_author": thread.author.name if thread and not thread.gone(self._now) else DELETED,
            "link_permalink": f"https://www.reddit.com{self._permalink(thread)}" if thread else "",
            "link_url": f"https://www.reddit.com{self._permalink(thread)}" if thread else "",
            "is_submitter": thread is not None and thread.author == post.author,
            "replies": "",
            "collapsed": False,
            "controversiality": 0,
            "depth": 0,
            "score_hidden": False,
        }
        return {"kind": "t1", "data": data}

    def _submission(self, post: Post) -> dict[str, Any]:
        gone = post.gone(self._now)
        text = (REMOVED if post.removed else DELETED) if gone else post.text_at(self._now)
        data = {
            **self._common(post),
            "title": post.title,
            "selftext": text,
            "selftext_html": _html(text) if text else None,
            "is_self": True,
            "domain": f"self.{post.subreddit}",
            "url": f"https://www.reddit.com{self._permalink(post)}",
            "num_comments": len(self._world.children(post.id)),
            "removed_by_category": ("moderator" if post.removed else "deleted") if gone else None,
            "over_18": False,
            "spoiler": False,
            "hidden": False,
            "is_video": False,
            "link_flair_text": None,
            "subreddit_type": "public",
            "thumbnail": "self",
            "upvote_ratio": 0.91,
        }
        return {"kind": "t3", "data": data}

    def _common(self, post: Post) -> dict[str, Any]:
        created = int(post.posted_at.timestamp())
        edited = post.edited_at(self._now)
        score = post.number % 23 + 1
        return {
            **self._author(post),
            "id": post.id[3:],
            "name": post.id,
            "subreddit": post.subreddit,
            "subreddit_id": f"t5_{subreddit_id(post.subreddit)}",
            "subreddit_name_prefixed": f"r/{post.subreddit}",
            "permalink": self._permalink(post),
            "created": created,
            "created_utc": created,
            "edited": int(edited.timestamp()) if edited else False,
            "score": score,
            "ups": score,
            "downs": 0,
            "locked": post.locked,
            "archived": False,
            "stickied": False,
            "saved": False,
            "send_replies": True,
            "likes": None,
            "distinguished": None,
            "gilded": 0,
            "all_awardings": [],
            "mod_reports": [],
            "user_reports": [],
            "num_reports": None,
            "approved_by": None,
            "banned_by": None,
        }

    def _author(self, post: Post) -> dict[str, Any]:
        if post.gone(self._now):
            # Never null: praw cannot read an author of null.
            return {"author": DELETED}
        return {"author": post.author.name, "author_fullname": f"t2_{post.author.external_id}"}

    def _title(self, post: Post) -> str:
        thread = self._world.find(post.conversation)
        return thread.title if thread else ""

    def _permalink(self, post: Post) -> str:
        tail = "" if post.id.startswith("t3_") else f"{post.id[3:]}/"
        return f"/r/{post.subreddit}/comments/{post.conversation[3:]}/_/{tail}"


def account_json(account: Account) -> dict[str, Any]:
    """Write the fields of an account."""
    created = int(account.created_at.timestamp())
    karma = account.followers
    return {
        "id": account.external_id,
        "name": account.name,
        "created": created,
        "created_utc": created,
        "link_karma": karma // 3,
        "comment_karma": karma - karma // 3,
        "total_karma": karma,
        "has_verified_email": True,
        "verified": True,
        "is_employee": False,
        "is_mod": False,
        "is_gold": False,
        "icon_img": "",
        "subreddit": {"display_name": f"u_{account.name}", "name": f"t5_{account.external_id}"},
    }


def community(name: str, members: int) -> dict[str, Any]:
    """Write a subreddit (t5)."""
    data: Mapping[str, Any] = {
        "id": subreddit_id(name),
        "name": f"t5_{subreddit_id(name)}",
        "display_name": name,
        "display_name_prefixed": f"r/{name}",
        "title": name,
        "url": f"/r/{name}/",
        "public_description": "",
        "subscribers": members,
        "over18": False,
        "subreddit_type": "public",
        "user_is_banned": False,
        "user_is_moderator": False,
        "created_utc": 1_300_000_000,
    }
    return {"kind": "t5", "data": dict(data)}


def subreddit_id(name: str) -> str:
    """Return an id that follows from the name."""
    return base36(int.from_bytes(name.lower().encode()[:4].ljust(4, b"r")) % 36**5)


def _html(text: str) -> str:
    paragraphs = "".join(f"<p>{escape(part)}</p>\n" for part in text.split("\n\n"))
    return f'<div class="md">{paragraphs}</div>'
