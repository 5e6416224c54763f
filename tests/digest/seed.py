"""Rows for a store, written plainly: mentions with what was made of them, cases, replies, coverage."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.settings import Brand, Settings, Source
from store.database import optional_text, to_text
from store.records import Event, Platform
from store.store import Store


def settings(time_zone: str = "UTC", **changes: object) -> Settings:
    """One brand and one source that listens for it."""
    values: dict[str, object] = {
        "brands": [Brand(name="Acme", terms=["acme"], time_zone=time_zone)],
        "sources": [Source(name="x mentions", kind="x_mentions")],
    }
    return Settings.model_validate({**values, **changes})


@dataclass
class Seed:
    """Puts rows into a store and counts ids."""

    store: Store
    brand: str = "Acme"
    _authors: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    def author(self, handle: str, platform: str = "x", audience: int = 50) -> int:
        if handle not in self._authors:
            self._authors[handle] = self.store.database.insert(
                "authors",
                {
                    "platform": platform,
                    "external_id": f"a-{handle}",
                    "handle": handle,
                    "name": handle,
                    "audience": audience,
                    "is_bot": 0,
                    "first_seen_at": to_text(datetime.fromisoformat("2026-01-01T00:00:00Z")),
                },
            )
        return self._authors[handle]

    def mention(
        self,
        at: datetime,
        text: str = "acme is down again",
        *,
        author: str = "ann",
        platform: str = "x",
        audience: int = 50,
        collected: datetime | None = None,
        assessed: datetime | None = None,
        url: str | None = None,
        replayed: bool = False,
        summoned: bool = True,
        action: str = "queue",
        rule: str = "everything to people",
        **assessment: object,
    ) -> int:
        """A mention that was assessed and routed a few seconds after the post; ``sentiment=None``: not read yet."""
        self._count += 1
        collected = collected or at + timedelta(seconds=20)
        mention_id = self.store.database.insert(
            "mentions",
            {
                "platform": platform,
                "external_id": f"p{self._count}",
                "version_id": f"p{self._count}",
                "author_id": self.author(author, platform, audience),
                "brand": self.brand,
                "source": "x mentions",
                "text": text,
                "posted_at": to_text(at),
                "collected_at": to_text(collected),
                "conversation_id": f"c{self._count}",
                "url": f"https://x.example/{author}/{self._count}" if url is None else url,
                "community": "",
                "audience": audience,
                "summoned": int(summoned),
                "reply_settings": "everyone",
                "replayed": int(replayed),
                "stage": "routed",
            },
        )
        if assessment.get("sentiment", "negative") is not None:
            when = assessed or collected + timedelta(seconds=2)
            self.assess(mention_id, when, **assessment)
            self.decide(mention_id, when, action, rule)
        return mention_id

    def assess(self, mention_id: int, at: datetime, **values: object) -> int:
        complaint = values.get("complaint", True)
        row: dict[str, object] = {
            "mention_id": mention_id,
            "version_id": "v",
            "model": "embedded",
            "revision": to_text(at),
            "sentiment": "negative",
            "negative_score": 0.9,
            "neutral_score": 0.05,
            "positive_score": 0.05,
            "complaint": complaint,
            "complaint_score": 0.9 if complaint else 0.1,
            "severity": "medium" if complaint else None,
            "severity_reasons": [],
            "kind": "complaint" if complaint else "other",
            "topic": "outage",
            "language": "en",
            "relevant_score": 0.9,
            "unsure": 0,
            "assessed_at": to_text(at),
            **values,
        }
        row["complaint"] = int(bool(row["complaint"]))
        row["severity_reasons"] = json.dumps(row["severity_reasons"])
        return self.store.database.insert("assessments", row)

    def decide(self, mention_id: int, at: datetime, action: str, rule: str) -> None:
        self.store.database.insert(
            "decisions",
            {
                "mention_id": mention_id,
                "rule": rule,
                "action": action,
                "reason": "a test says so",
                "priority": "normal",
                "decided_at": to_text(at),
            },
        )

    def case(
        self,
        mention_id: int,
        *,
        priority: str = "normal",
        due: datetime | None = None,
        opened: datetime | None = None,
        **changes: object,
    ) -> int:
        """A case that the mention opened."""
        mention = self.store.mentions.get(mention_id)
        opened = opened or mention.collected_at + timedelta(seconds=5)
        author = self._authors[mention.post.author.handle]
        row: dict[str, object] = {
            "brand": self.brand,
            "platform": mention.post.platform,
            "author_id": author,
            "conversation_id": mention.post.conversation_id,
            "status": "open",
            "queue": "care",
            "priority": priority,
            "priority_rank": 1,
            "severity": "medium",
            "topic": "outage",
            "replayed": int(mention.replayed),
            "opened_at": to_text(opened),
            "first_post_at": to_text(mention.post.posted_at),
            "last_activity_at": to_text(mention.post.posted_at),
            "due_at": optional_text(due or mention.post.posted_at + timedelta(hours=4)),
            **changes,
        }
        case_id = self.store.database.insert("cases", row)
        self.join(case_id, mention_id, opened)
        self.event(opened, "case.opened", case_id=case_id, mention_id=mention_id)
        return case_id

    def join(self, case_id: int, mention_id: int, at: datetime) -> None:
        self.store.database.insert(
            "case_mentions", {"case_id": case_id, "mention_id": mention_id, "joined_at": to_text(at)}
        )

    def reply(
        self, case_id: int, at: datetime, *, automated: bool = False, dry_run: bool = False, state: str = "sent"
    ) -> int:
        """An outbox message of the case; a delivered one of an agent stops the promise's clock."""
        case = self.store.cases.get(case_id)
        mention_id = self.store.database.value(
            "SELECT max(mention_id) FROM case_mentions WHERE case_id = ?", (case_id,)
        )
        self._count += 1
        sent = state == "sent"
        outbox_id = self.store.database.insert(
            "outbox",
            {
                "platform": case.platform,
                "target_key": f"t{self._count}",
                "target_id": f"t{self._count}",
                "mention_id": mention_id,
                "case_id": case_id,
                "text": "We are sorry. ^AB",
                "state": state,
                "approved_by": "rule:auto" if automated else "agent:1",
                "approved_at": to_text(at - timedelta(seconds=20)),
                "automated": int(automated),
                "external_id": f"r{self._count}" if sent else None,
                "sent_at": to_text(at) if sent else None,
                "dry_run": int(dry_run),
                "reason": "",
                "settle_checks": 0,
            },
        )
        self.event(at, f"outbox.{state}", case_id=case_id, outbox_id=outbox_id)
        if sent and not dry_run and not automated:
            self.store.cases.set_first_response(case_id, at)
        return outbox_id

    def settle(self, case_id: int, at: datetime) -> None:
        """An automated reply to somebody who is owed no more: the case waits for them."""
        self.reply(case_id, at, automated=True)
        self.event(at, "case.pending", "rule:thanks", case_id=case_id)

    def event(self, at: datetime, kind: str, actor: str = "daemon", **ids: int) -> None:
        self.store.events.add(Event(at=at, kind=kind, actor=actor, brand=self.brand, **ids))  # type: ignore[arg-type]

    def agent(self) -> int:
        return self.store.database.insert(
            "agents",
            {
                "username": f"agent{self._count}",
                "name": "Ada",
                "initials": "AB",
                "role": "agent",
                "created_at": to_text(datetime.fromisoformat("2026-01-01T00:00:00Z")),
            },
        )

    def covered(
        self, start: datetime, end: datetime, state: str = "covered", source: str = "x mentions", detail: str = ""
    ) -> None:
        self.store.database.execute(
            "INSERT INTO sources (name, kind, platform, cursor) VALUES (?, 'x_mentions', ?, '{}') "
            "ON CONFLICT DO NOTHING",
            (source, Platform.X),
        )
        self.store.database.insert(
            "coverage",
            {
                "source": source,
                "started_at": to_text(start),
                "ended_at": to_text(end),
                "state": state,
                "detail": detail,
            },
        )

    def spent(self, at: datetime, usd: float, call: str = "search", settled: bool = True) -> None:
        self.store.database.insert(
            "spending",
            {
                "at": to_text(at),
                "platform": "x",
                "source": "x mentions",
                "call": call,
                "reserved_usd": usd,
                "settled_usd": usd if settled else None,
            },
        )
