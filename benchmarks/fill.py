"""Fills a store with a busy year: a million mentions, a hundred thousand cases, their answers and their history.

Rows go in by ``executemany`` in one transaction; what counts is that they look like what frankly writes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from store.database import to_text
from store.records import Role
from store.store import Store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OPEN_CASES = 20_000
_BRAND = "Brightline"
_QUEUES = ("care", "care", "care", "billing", "billing", "field", "urgent")
_TOPICS = ("outage", "billing", "engineer visits", "speed", "prices", "switching", None)
_SEVERITIES = ("low", "low", "medium", "medium", "medium", "high", "critical")
_PRIORITIES = ("low", "normal", "normal", "normal", "high", "high", "urgent")
_RANK = {"low": 0, "normal": 1, "high": 2, "urgent": 3}
_TEXT = (
    "internet down again since this morning router engineer visit missed bill charged twice slow speed price rise "
    "nobody answers phone support waiting hours street town landline number contract cancelled letter please help why "
    "still broken third time app says completed refund promised week month customer service useless thanks nothing"
)
_WORDS = _TEXT.split()


def fill(store: Store, mentions: int, cases: int) -> None:
    """Put that many mentions and cases into an empty store. ``cases`` is at most half of ``mentions``."""
    dice = random.Random(7)
    connection = store.database.tables.conn
    for pragma in ("synchronous = OFF", "secure_delete = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")  # a benchmark's file is thrown away
    authors = max(1, mentions // 4)
    with store.transaction():
        store.agents.add("ana", "Ana Lima", "AL", Role.AGENT, None, NOW)
        store.agents.add("bo", "Bo Adair", "BA", Role.AGENT, None, NOW)
        connection.executemany(
            "INSERT INTO authors VALUES (?, 'x', ?, ?, ?, ?, 0, ?)",
            ((n, f"a{n}", f"person_{n}", f"Person {n}", n % 5000, to_text(NOW)) for n in range(1, authors + 1)),
        )
        connection.executemany(
            "INSERT INTO mentions (id, platform, external_id, version_id, author_id, brand, source, text, posted_at, "
            "collected_at, conversation_id, url, language, community, audience, summoned, reply_settings, replayed, "
            "stage) VALUES (?, 'x', ?, ?, ?, ?, 'x mentions', ?, ?, ?, ?, ?, 'en', '', ?, 1, 'everyone', 0, 'routed')",
            _mentions(mentions, cases, authors, dice),
        )
        connection.executemany(
            "INSERT INTO assessments (mention_id, version_id, model, revision, sentiment, negative_score, "
            "neutral_score, positive_score, complaint, complaint_score, severity, severity_reasons, kind, topic, "
            "language, unsure, assessed_at) "
            "VALUES (?, ?, 'embedded', '1', 'negative', 0.8, 0.15, 0.05, 1, 0.9, ?, ?, 'complaint', ?, 'en', 0, ?)",
            _assessments(mentions, dice),
        )
        connection.executemany(
            "INSERT INTO cases VALUES (?, ?, 'x', ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, NULL, ?, NULL, NULL, ?)",
            _cases(mentions, cases, authors, dice),
        )
        connection.executemany(
            "INSERT INTO case_mentions VALUES (?, ?, ?)",
            ((_case_of(n, cases), n, to_text(_at(n, mentions))) for n in range(mentions - 2 * cases + 1, mentions + 1)),
        )
        connection.executemany(
            "INSERT INTO events (at, kind, actor, case_id, brand, detail) VALUES (?, ?, 'agent:1', ?, ?, '{}')",
            ((to_text(NOW), kind, n, _BRAND) for n in range(1, cases + 1) for kind in _KINDS),
        )
        connection.executemany(
            "INSERT INTO notes (case_id, agent_id, text, written_at) VALUES (?, 1, ?, ?)",
            ((n, _text(dice), to_text(NOW)) for n in range(1, cases + 1, 5)),
        )
        connection.executemany(
            "INSERT INTO outbox (platform, target_key, target_id, mention_id, case_id, text, state, approved_by, "
            "approved_at, automated, external_id, sent_at, dry_run, reason, settle_checks) "
            "VALUES ('x', ?, ?, ?, ?, ?, 'sent', 'agent:1', ?, ?, ?, ?, 0, '', 0)",
            _answers(mentions, cases, dice),
        )


_KINDS = ("case.opened", "case.claimed", "draft.made", "case.resolved")


def _at(number: int, mentions: int) -> datetime:
    """Return when a mention was posted: spread evenly over the year before, the last one just now."""
    return NOW - timedelta(days=365) * ((mentions - number) / mentions)


def _case_of(mention: int, cases: int) -> int:
    """Two mentions to a case: neighbours, so that the newest cases have the newest mentions."""
    return 1 + (mention // 2) % cases


def _text(dice: random.Random) -> str:
    return "@brightline " + " ".join(dice.choices(_WORDS, k=dice.randint(8, 24)))


def _thread(number: int, mentions: int, cases: int) -> str:
    in_a_case = number > mentions - 2 * cases
    return f"thread-{_case_of(number, cases)}" if in_a_case else f"alone-{number}"


def _mentions(count: int, cases: int, authors: int, dice: random.Random) -> Iterator[tuple[object, ...]]:
    for n in range(1, count + 1):
        at = to_text(_at(n, count))
        external = str(10**18 + n)
        author = 1 + (n // 2) % authors
        url = f"https://x.com/person_{author}/status/{external}"
        thread = _thread(n, count, cases)
        yield n, external, external, author, _BRAND, _text(dice), at, at, thread, url, n % 5000


def _assessments(count: int, dice: random.Random) -> Iterator[tuple[object, ...]]:
    for n in range(1, count + 1):
        severity = dice.choice(_SEVERITIES)
        at = to_text(_at(n, count))
        yield (
            n,
            str(10**18 + n),
            severity,
            '["says that nothing works", "has complained before"]',
            dice.choice(_TOPICS),
            at,
        )


def _cases(mentions: int, cases: int, authors: int, dice: random.Random) -> Iterator[tuple[object, ...]]:
    by_case = {_case_of(n, cases): n for n in range(mentions - 2 * cases + 1, mentions + 1)}
    newest_first = {case: place for place, case in enumerate(sorted(by_case, key=by_case.__getitem__, reverse=True))}
    for case, mention in sorted(by_case.items()):
        place = newest_first[case]
        status = "open" if place < min(OPEN_CASES, cases) else "pending" if place % 20 == 0 else "resolved"
        priority = dice.choice(_PRIORITIES)
        at = to_text(_at(mention, mentions))
        due = to_text(_at(mention, mentions) + timedelta(hours=4))
        done = None if status == "open" else at
        yield (
            case,
            _BRAND,
            1 + (mention // 2) % authors,
            f"thread-{case}",
            status,
            dice.choice(_QUEUES),
            priority,
            _RANK[priority],
            dice.choice(_SEVERITIES),
            dice.choice(_TOPICS),
            at,
            at,
            at,
            due,
            done,
            dice.choice((1, 2, None, None, None, None)) if status == "open" else None,
            done if status == "resolved" else None,
        )


def _answers(mentions: int, cases: int, dice: random.Random) -> Iterator[tuple[object, ...]]:
    for n in range(mentions - 2 * cases + 1, mentions - 2 * min(OPEN_CASES, cases), 2):
        external = str(10**18 + n)
        at = to_text(_at(n, mentions))
        case = _case_of(n, cases)
        yield external, external, n, case, _text(dice), at, int(dice.random() < 0.3), f"ours-{n}", at
