"""The people of the storm: what they post, edit, delete and lock, and a list of what was offered to be heard."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from frankly.rehearsal.world import Post, World
from store.records import Platform
from tests.storm.company import SUBREDDIT

X_MENTIONS, X_SEARCH, COMMENTS, POSTS = "x mentions", "x search", "reddit comments", "reddit posts"


@dataclass(frozen=True, slots=True)
class Offer:
    """A post that frankly ought to hear, and the sources that list it."""

    post: Post
    sources: tuple[str, ...]
    answerable: bool = True


@dataclass
class People:
    """Whoever writes about the brand."""

    world: World
    offers: list[Offer] = field(default_factory=list)
    locked_at: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._count = 0
        self._crowded = self._thread("The long thread about Brisk", "what people say").id

    def post(self, kind: str, chance: random.Random, *, answerable: bool = True) -> None:
        """Write one post of a kind."""
        self._count += 1
        number, author = self._count, f"author{self._count}"
        if kind in ("comment", "crowded", "thread"):
            self._on_reddit(kind, author, number, answerable)
            return
        texts = {
            "named": f"Brisk Broadband is down again, day {number}",
            "thanks": f"@BriskBroadband thank you, number {number} works again",
            "stop": "@BriskBroadband stop",
        }
        text = texts.get(kind, f"@BriskBroadband my line is down, day {number}")
        if kind == "stop":
            author = f"author{max(1, number - chance.randint(1, 12))}"
        late = timedelta(seconds=chance.randint(5, 60)) if kind == "late" else timedelta(0)
        post = self.world.add_post(Platform.X, author, text, visible_at=self.world.now() + late)
        sources = (X_SEARCH,) if kind == "named" else (X_MENTIONS, X_SEARCH)
        self.offers.append(Offer(post, sources, answerable and kind not in ("thanks", "stop")))

    def _on_reddit(self, kind: str, author: str, number: int, answerable: bool) -> None:
        if kind == "thread":
            post = self._thread(f"Brisk Broadband is down, day {number}", "anyone else?", author)
            self.offers.append(Offer(post, (POSTS,), answerable))
            return
        place = self._crowded if kind == "crowded" else self._thread("What a week", "how are you all?").id
        text = f"u/BriskBB_Care Brisk Broadband is down, day {number}"
        post = self.world.add_post(Platform.REDDIT, author, text, reply_to=place)
        self.offers.append(Offer(post, (COMMENTS,), answerable))

    def _thread(self, title: str, text: str, author: str = "local") -> Post:
        return self.world.add_post(Platform.REDDIT, author, text, title=title, subreddit=SUBREDDIT)

    def change(self, what: str, chance: random.Random) -> None:
        """Edit, delete or lock one of the newest posts."""
        standing = [offer.post for offer in self.offers[-8:] if self._stands(offer.post)]
        if not standing:
            return
        post = chance.choice(standing)
        if what == "delete":
            self.world.delete_post(post.id)
        elif what == "edit":
            self.world.edit_post(post.id, f"{post.text}, and I mean it")
        elif post.platform is Platform.REDDIT:
            self.world.lock_thread(post.id)
            self.locked_at.setdefault(post.id, self.world.now())

    def _stands(self, post: Post) -> bool:
        now = self.world.find(post.id)
        return now is not None and not now.gone(self.world.now())
