"""A lively week for looking at: a spike, a silence, hostile texts, people who wait and people who recover."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

from tests.digest.seed import Seed

DAY = date(2026, 3, 5)
_START = datetime(2026, 3, 5, tzinfo=UTC)
HOSTILE = (
    '<script>alert(1)</script> ](javascript:alert(1)) | <img src=x onerror="alert(2)"> \u202egnp.exe\u202c\n'
    "# heading [bill](https://evil.example) `code` =HYPERLINK(1)"
)
_TEXTS = {
    "outage": ["@acme no internet since noon, third time this month", "acme down again. I work from home!"],
    "billing": ["acme charged me twice and the chat hangs up", "why is my acme bill 40 higher than last month"],
    "delivery": ["my acme router never arrived", "acme says delivered. It is not here."],
    "praise": ["thanks acme, the technician was lovely", "acme upgrade went smoothly"],
}


def lively(seed: Seed) -> None:
    """Fill the eight days up to ``DAY``."""
    rng = random.Random(7)
    for back in range(7, -1, -1):
        day = _START - timedelta(days=back)
        for hour in range(24):
            busy = 5 if 7 <= hour <= 22 else 1
            count = rng.randrange(busy, busy * 2 + 1)
            if back == 0 and hour in (14, 15):
                count = 60
            if back == 0 and hour in (2, 3):
                count = 0
            for _ in range(count):
                _mention(seed, rng, day + timedelta(hours=hour, seconds=rng.randrange(3600)), spike=count == 60)
        seed.covered(day, day + (timedelta(hours=2) if back == 0 else timedelta(days=1)))
    seed.covered(
        _START + timedelta(hours=2), _START + timedelta(hours=4, minutes=10), "lost", detail="the daemon was down"
    )
    seed.covered(_START + timedelta(hours=4, minutes=10), _START + timedelta(days=1, hours=8))
    _cases(seed, rng)
    for hour in range(24):
        seed.spent(_START + timedelta(hours=hour), 0.15, call="mentions")
    seed.spent(_START + timedelta(hours=9), 0.45, call="post")


def _mention(seed: Seed, rng: random.Random, at: datetime, spike: bool) -> int:
    topic = "outage" if spike and rng.random() < 0.8 else rng.choice(list(_TEXTS))
    praise = topic == "praise"
    text = rng.choice(_TEXTS[topic])
    author = f"customer{rng.randrange(4000)}"
    audience = rng.choice([12, 80, 300, 4000, 25_000])
    complaint = not praise and rng.random() < 0.6
    said: dict[str, object] = dict(
        sentiment="positive" if praise else rng.choice(["negative", "negative", "neutral"]),
        kind="praise" if praise else "complaint",
        severity=None if praise else rng.choice(["low", "low", "medium", "high"]),
        severity_reasons=[] if praise else ["says that it happened before"],
        topic=topic,
        negative_score=rng.random() * 0.8,
    )
    if rng.random() < 0.05:  # about something else
        return seed.mention(
            at, text, author=author, audience=audience, summoned=False, complaint=False, relevant_score=0.02, **said
        )
    return seed.mention(at, text, author=author, audience=audience, complaint=complaint, relevant_score=0.95, **said)


def _cases(seed: Seed, rng: random.Random) -> None:
    agent = seed.agent()
    for index in range(40):
        at = _START + timedelta(hours=8, minutes=12 * index)
        mention = seed.mention(at, rng.choice(_TEXTS["outage"]), author=f"case{index}", audience=(index % 4) * 900 + 30)
        case = seed.case(mention, priority=("normal", "high", "urgent")[index % 3])
        if index % 4:
            seed.reply(case, at + timedelta(minutes=10 + 11 * (index % 9)), automated=index % 7 == 0)
            seed.event(at + timedelta(minutes=10), "case.claimed", f"agent:{agent}", case_id=case)
        if index % 5 == 1:
            later = seed.mention(
                at + timedelta(hours=3),
                "that helped, thank you",
                author=f"case{index}",
                sentiment="positive",
                complaint=False,
                kind="thanks",
            )
            seed.join(case, later, at + timedelta(hours=3, seconds=30))
    bad = seed.mention(
        _START + timedelta(hours=16),
        HOSTILE,
        author="<b>eve</b>",
        url="javascript:alert(1)",
        severity="critical",
        severity_reasons=["speaks of danger to people", "threatens to go to the regulator"],
        negative_score=0.99,
        topic="</td>|billing",
    )
    seed.case(bad, priority="urgent", due=_START + timedelta(hours=16, minutes=30), topic="</td>|billing")
    seed.store.corrections.add(bad, agent, "severity", "critical", "high", _START + timedelta(hours=17))
    seed.event(_START + timedelta(hours=17), "mention.corrected", f"agent:{agent}", mention_id=bad)
    parked = seed.case(seed.mention(_START + timedelta(hours=18), author="parked"))
    seed.reply(parked, _START + timedelta(hours=18, minutes=30), state="parked")
