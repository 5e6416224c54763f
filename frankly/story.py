"""``frankly explain``: the whole story of one mention, from the post to what became of it."""

from __future__ import annotations

from typing import Any

from classifiers.explain import Why
from config.errors import UsageError
from frankly.app import App
from frankly.explaining import words_of
from store.events import KINDS
from store.records import Assessment, Event, Mention

_WORDS_SHOWN = 8


def told(app: App, key: str, *, why: bool = False) -> dict[str, Any]:
    """Collect the story of the mention with our id, the platform's id or an address.

    With ``why`` the model reads the text again, and the words that carried its decision stand in the story.
    """
    mention = app.store.mentions.find(key)
    if mention is None:
        raise UsageError(f'no mention is known by "{key}"; give our id, the platform\'s id, or the address of the post')
    case = app.store.cases.of_mention(mention.id)
    decision = app.store.assessments.decision(mention.id)
    events = app.store.events.of_mention(mention.id) + (app.store.events.of_case(case.id) if case else [])
    return {
        "mention": _post(mention),
        **({"why": words_of(app, mention)} if why else {}),
        "assessments": [
            {"at": at, **_assessment(assessment)} for _, at, assessment in app.store.assessments.history(mention.id)
        ],
        "decision": None
        if decision is None
        else {"rule": decision.rule, "action": decision.action, "reason": decision.reason},
        "case": None
        if case is None
        else {
            "id": case.id,
            "status": case.status,
            "queue": case.queue,
            "priority": case.priority,
            "due_at": case.due_at,
        },
        "replies": [
            {"id": reply.id, "state": reply.state, "text": reply.text, "reason": reply.reason, "sent_at": reply.sent_at}
            for reply in app.store.outbox.of_mention(mention.id)
        ],
        "events": [
            _event(event) for event in sorted({event.id: event for event in events}.values(), key=lambda e: e.id)
        ],
    }


_SUMMONS = {"mentioned": "mentions us", "quoted": "quotes us", "replied": "replies to us"}


def _post(mention: Mention) -> dict[str, Any]:
    post = mention.post
    return {
        "id": mention.id,
        "platform": post.platform,
        "external_id": post.external_id,
        "brand": mention.brand,
        "author": post.author.handle,
        "text": post.text,
        "url": post.url,
        "posted_at": post.posted_at,
        "edited_at": post.edited_at,
        "source": mention.source,
        "collected_at": mention.collected_at,
        "deleted_at": mention.deleted_at,
        "summoned": post.summoned,
        "summons": list(post.summons),
        "replayed": mention.replayed,
    }


def _assessment(found: Assessment) -> dict[str, Any]:
    return {
        "sentiment": found.sentiment,
        "sentiment_scores": found.sentiment_scores,
        "complaint": found.complaint,
        "complaint_score": found.complaint_score,
        "severity": found.severity,
        "severity_reasons": list(found.severity_reasons),
        "kind": found.kind,
        "topic": found.topic,
        "language": found.language,
        "relevant_score": found.relevant_score,
        "offensive_score": found.offensive_score,
        "sarcasm_score": found.sarcasm_score,
        "unsure": found.unsure,
        "model": found.model,
        "revision": found.revision,
    }


def _event(event: Event) -> dict[str, Any]:
    return {"at": event.at, "kind": event.kind, "actor": event.actor, "detail": event.detail}


def _turned_to_us(mention: dict[str, Any]) -> str:
    ways = [_SUMMONS[way] for way in mention["summons"]] or (["calls on us"] if mention["summoned"] else [])
    return f"; it {', '.join(ways)}" if ways else ""


def tell(story: dict[str, Any]) -> str:
    """Write the story for a person."""
    mention = story["mention"]
    lines = [
        f"Mention {mention['id']}: {mention['author']} on {mention['platform']}, "
        f"{mention['posted_at']:%Y-%m-%d %H:%M:%S} UTC",
        f"  {mention['url']}" if mention["url"] else "  (no address)",
        "  " + (mention["text"].replace("\n", "\n  ") or "(its text was removed)"),
        f"Heard by {mention['source']} at {mention['collected_at']:%Y-%m-%d %H:%M:%S} UTC"
        + (", from a file: never answered in public" if mention["replayed"] else "")
        + _turned_to_us(mention),
    ]
    lines += [_understood(one) for one in story["assessments"]] or ["Not assessed yet"]
    if "why" in story:
        lines.append(_carried(story["why"]))
    decision = story["decision"]
    lines.append(
        f'Rule "{decision["rule"]}": {decision["action"]}, because {decision["reason"]}'
        if decision
        else "Not routed yet"
    )
    if story["case"]:
        case = story["case"]
        due = f", first response due {case['due_at']:%Y-%m-%d %H:%M} UTC" if case["due_at"] else ""
        lines.append(f"Case {case['id']}: {case['status']}, {case['priority']} priority in {case['queue']}{due}")
    lines += [f"Reply {r['id']}: {r['state']}" + (f" ({r['reason']})" if r["reason"] else "") for r in story["replies"]]
    lines += [f"{e['at']:%Y-%m-%d %H:%M:%S}  {KINDS[e['kind']]} ({e['actor']})" for e in story["events"]]
    return "\n".join(lines)


def _carried(why: Why) -> str:
    heavy = sorted(((word, weight) for word, weight in why if weight), key=lambda pair: -abs(pair[1]))[:_WORDS_SHOWN]
    if not heavy:
        return "No single word carried it" if why else "There is no text to explain"
    return "Carried by: " + ", ".join(f"{word} {weight:+.2f}" for word, weight in heavy)


def _understood(one: dict[str, Any]) -> str:
    score = "" if one["complaint_score"] is None else f" ({one['complaint_score']:.2f})"
    complaint = {True: f"a complaint{score}", False: f"no complaint{score}", None: "complaint unknown"}[
        one["complaint"]
    ]
    reasons = f", because {'; '.join(one['severity_reasons'])}" if one["severity_reasons"] else ""
    severity = f", severity {one['severity']}{reasons}" if one["severity"] else ""
    topic = f", topic {one['topic']}" if one["topic"] else ""
    language = f", language {one['language'] or 'unknown'}"
    unsure = ", unsure: a person decides" if one["unsure"] else ""
    by = f"{one['model']} {one['revision']}"
    return f"Understood by {by}: {one['sentiment']}, {complaint}, kind {one['kind']}{severity}{topic}{language}{unsure}"
