"""Posts, cases and answers that a test is going to delete."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from store.database import to_text
from store.records import Author, Platform, Post
from store.store import Store

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "Zanzibarquell"


def make_post(key: str, text: str, *, author: str = "maria", platform: Platform = Platform.X) -> Post:
    return Post(
        platform=platform,
        external_id=key,
        author=Author(external_id=f"id-{author}", handle=author, name=SECRET if author == "maria" else "", audience=7),
        text=text,
        posted_at=NINE,
        conversation_id=key,
        url=f"https://x.com/{author}/status/{key}",
        in_reply_to="1",
    )


def add(store: Store, post: Post, *, replayed: bool = False, at: datetime = NINE) -> int:
    with store.transaction():
        mention_id = store.mentions.add(post, brand="Brisk", source="search", at=at, replayed=replayed)
    assert mention_id is not None
    return mention_id


def add_case(store: Store, mention_id: int) -> int:
    row = store.database.row("SELECT author_id, conversation_id FROM mentions WHERE id = ?", (mention_id,))
    assert row is not None
    case_id = store.database.insert(
        "cases",
        {
            "brand": "Brisk",
            "platform": "x",
            **row,
            "status": "open",
            "queue": "care",
            "priority": "normal",
            "priority_rank": 1,
            "replayed": 0,
            "opened_at": to_text(NINE),
            "first_post_at": to_text(NINE),
            "last_activity_at": to_text(NINE),
        },
    )
    store.database.insert("case_mentions", {"case_id": case_id, "mention_id": mention_id, "joined_at": to_text(NINE)})
    return case_id


def add_draft(store: Store, mention_id: int, case_id: int) -> None:
    store.database.insert(
        "drafts",
        {
            "case_id": case_id,
            "mention_id": mention_id,
            "text": f"Sorry about {SECRET}",
            "author": "rule:thanks",
            "mode": "agent",
            "mode_reasons": "[]",
            "updated_at": to_text(NINE),
        },
    )


def add_answer(store: Store, mention_id: int, case_id: int, state: str) -> int:
    return store.database.insert(
        "outbox",
        {
            "platform": "x",
            "target_key": f"{mention_id}-{state}",
            "target_id": "1",
            "mention_id": mention_id,
            "case_id": case_id,
            "text": f"We looked into {SECRET}",
            "state": state,
            "approved_by": "agent:1",
            "approved_at": to_text(NINE),
            "automated": 0,
            "external_id": "99" if state == "sent" else None,
            "dry_run": 0,
            "reason": "",
            "settle_checks": 0,
        },
    )


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*")).lower()


def state_of(store: Store, answer: int) -> tuple[str, str]:
    row = store.database.row("SELECT state, text FROM outbox WHERE id = ?", (answer,))
    assert row is not None
    return row["state"], row["text"]
