"""How long the digest of a day of a million mentions takes, and how much memory: ``python -m benchmarks.digest``.

The store is generated: a million mentions on the day and a tenth as many on each of the seven days before, all
assessed and routed, with twenty thousand cases and their answers. The digest is made in a process of its own, so that
its peak memory is its own. ``FRANKLY_BENCH_MENTIONS`` sets another size.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.table import Row, as_table
from config.clock import Clock
from config.settings import Brand, Settings
from responders.digest.figures import make_digest
from store.database import to_text
from store.store import Store

MENTIONS = int(os.environ.get("FRANKLY_BENCH_MENTIONS", "1000000"))
_DAY = date(2026, 3, 5)
_START = datetime(2026, 3, 5, tzinfo=UTC)
_TOPICS = ("outage", "billing", "delivery", "support", "price", "app", "contract", "speed", None)
_SEVERITIES = ("low", "low", "medium", "high", "critical")


class _NextMorning:
    def now(self) -> datetime:
        return _START + timedelta(hours=32)


def measure() -> list[Row]:
    """Generate the store, make the digest in a fresh process, and report."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sqlite3"
        _generate(path, MENTIONS)
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "benchmarks.digest", "--make", str(path)], check=True, capture_output=True, text=True
        )
        result = json.loads(done.stdout)
    work = f"digest over a day of {MENTIONS:,} mentions"
    return [
        Row(f"{work}: time", "10 s", f"{result['seconds']:.1f} s"),
        Row(f"{work}: peak memory", "400 MB", f"{result['megabytes']:.0f} MB"),
    ]


def _make(path: Path) -> None:
    store = Store.open(path)
    settings = Settings(brands=[Brand(name="Acme", terms=["acme"])])
    clock: Clock = _NextMorning()
    begun = time.perf_counter()
    digest = make_digest(store, settings, clock, settings.brands[0], _DAY, remake=True)
    seconds = time.perf_counter() - begun
    if digest.mentions.value + sum(aside.mentions for aside in digest.asides) < MENTIONS:
        raise SystemExit("the digest lost mentions")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": peak}))


def _generate(path: Path, mentions: int) -> None:
    store = Store.open(path)
    connection = store.database.tables.conn
    connection.execute("PRAGMA synchronous = OFF")  # the file is thrown away
    connection.execute("BEGIN")
    authors = 20_000
    connection.executemany(
        "INSERT INTO authors (platform, is_bot, id, external_id, handle, name, audience, first_seen_at) "
        "VALUES ('x', 0, ?, ?, ?, ?, ?, ?)",
        ((n, f"a{n}", f"handle{n}", f"Name {n}", n % 50_000, to_text(_START)) for n in range(1, authors + 1)),
    )
    number = 1
    for back in range(7, -1, -1):
        count = mentions if back == 0 else mentions // 10
        begin, number = number, number + count
        moments = [_moment(back, index, count) for index in range(count)]
        connection.executemany(
            "INSERT INTO mentions (brand, source, platform, language, community, summoned, reply_settings, replayed, "
            "stage, id, external_id, version_id, author_id, text, posted_at, collected_at, conversation_id, url, "
            "audience) "
            "VALUES ('Acme', 'x mentions', 'x', 'en', '', 1, 'everyone', 0, 'routed', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            _mentions(begin, moments, authors),
        )
        connection.executemany(
            "INSERT INTO assessments (version_id, model, revision, negative_score, neutral_score, positive_score, "
            "severity_reasons, kind, language, unsure, id, mention_id, sentiment, complaint, complaint_score, "
            "severity, topic, relevant_score, assessed_at) "
            "VALUES ('v', 'embedded', '1', 0.8, 0.1, 0.1, '[]', 'complaint', 'en', 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            _assessments(begin, moments),
        )
        connection.executemany(
            "INSERT INTO decisions (rule, action, reason, queue, priority, id, mention_id, decided_at) "
            "VALUES ('everything', 'queue', 'a reason', 'care', 'normal', ?, ?, ?)",
            ((n, n, to_text(at + timedelta(seconds=30))) for n, at in enumerate(moments, begin)),
        )
    _cases(store, begin, min(20_000, mentions))
    connection.execute("COMMIT")
    store.close()


def _moment(back: int, index: int, count: int) -> datetime:
    return _START + timedelta(days=-back, seconds=86_000 * index / count)


def _mentions(begin: int, moments: list[datetime], authors: int) -> Iterator[tuple[object, ...]]:
    for n, at in enumerate(moments, begin):
        text = f"acme post number {n} says that something about the service does not work as it should"
        yield (
            n,
            f"p{n}",
            f"p{n}",
            1 + n * 7919 % authors,
            text,
            to_text(at),
            to_text(at + timedelta(seconds=20)),
            f"c{n}",
            f"https://x.example/{n}",
            n % 50_000,
        )


def _assessments(begin: int, moments: list[datetime]) -> Iterator[tuple[object, ...]]:
    for n, at in enumerate(moments, begin):
        complaint = n % 10 < 3
        yield (
            n,
            n,
            ("negative", "neutral", "positive")[n % 3],
            int(complaint),
            0.5 + n % 50 / 100 if complaint else 0.1,
            _SEVERITIES[n % 5] if complaint else None,
            _TOPICS[n % 9],
            0.2 if n % 40 == 0 else 0.9,
            to_text(at + timedelta(seconds=25)),
        )


def _cases(store: Store, first: int, cases: int) -> None:
    connection = store.database.tables.conn
    connection.execute(
        "INSERT INTO cases (id, brand, platform, author_id, conversation_id, status, queue, priority, priority_rank, "
        "replayed, opened_at, first_post_at, last_activity_at, due_at) SELECT id, brand, platform, author_id, "
        "conversation_id, 'open', 'care', 'normal', 1, 0, collected_at, posted_at, posted_at, "
        "strftime('%Y-%m-%dT%H:%M:%S.000000Z', posted_at, '+4 hours') FROM mentions WHERE id >= ? AND id < ?",
        (first, first + cases),
    )
    connection.execute("INSERT INTO case_mentions SELECT id, id, opened_at FROM cases")
    connection.execute(
        "INSERT INTO events (at, kind, actor, case_id, mention_id, brand, detail) "
        "SELECT opened_at, 'case.opened', 'rule:everything', id, id, brand, '{}' FROM cases"
    )
    connection.execute(
        "INSERT INTO outbox (platform, target_key, target_id, mention_id, case_id, text, state, approved_by, "
        "approved_at, automated, external_id, sent_at, dry_run, reason, settle_checks) SELECT 'x', 'p' || id, "
        "'p' || id, id, id, 'We are sorry. ^AB', 'sent', 'agent:1', opened_at, 0, 'r' || id, "
        "strftime('%Y-%m-%dT%H:%M:%S.000000Z', opened_at, '+1 hours'), 0, '', 0 FROM cases WHERE id % 4 > 0"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        _make(Path(sys.argv[2]))
    else:
        print(as_table(measure()))
