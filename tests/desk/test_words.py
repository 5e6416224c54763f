from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from responders.desk import words
from store.events import KINDS
from store.records import CaseStatus, Event, Mode, OutboxState
from store.search import MARK_END, MARK_START
from tests.desk.seed import POSTS, Seed


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3660, "1 h 01 min"), (86400 * 2 + 7300, "2 d 2 h")],
)
def test_a_length_is_said_in_two_units(seconds: int, said: str) -> None:
    assert words.length(timedelta(seconds=seconds)) == said


def test_a_countdown_ends_with_the_answer(seed: Seed) -> None:
    case = seed.hear(POSTS[3])  # 90 minutes ago, four hours promised
    now = seed.clock.now()
    assert words.countdown(case, now) == words.Countdown("due in 2 h 30 min", "calm")
    assert words.countdown(case, now + timedelta(hours=2, minutes=20)).level == "soon"
    assert words.countdown(case, now + timedelta(hours=2, minutes=35)) == words.Countdown("overdue 5 min", "late")
    assert words.countdown(case, now + timedelta(hours=2, minutes=29, seconds=30)).words == "due in less than 1 min"
    answered = replace(case, first_response_at=now)
    assert words.countdown(answered, now + timedelta(days=3)).words == "answered after 1 h 30 min"
    resolved = words.countdown(replace(case, status=CaseStatus.RESOLVED), now)
    assert resolved == words.Countdown("resolved, no answer by an agent sent", "done")
    assert words.countdown(replace(case, due_at=None), now).words == "no promise"


def test_every_kind_of_event_of_a_case_has_words(seed: Seed) -> None:
    for kind in KINDS:
        if kind.split(".")[0] in ("case", "draft", "outbox"):
            said = words.deed(Event(at=seed.clock.now(), kind=kind, actor="daemon"), {}, "UTC")
            assert " " in said
            assert "." not in said


def test_every_mode_and_state_has_words() -> None:
    assert set(words.MODES) == set(Mode)
    assert set(words.STATES) == set(OutboxState)


def test_details_name_people_and_reasons(seed: Seed) -> None:
    detail: dict[str, object] = {"to": 3, "reason": "on leave.", "was": 1, "by_hand": True, "automated": False}
    event = Event(at=seed.clock.now(), kind="case.assigned", actor="agent:1", detail=detail)
    assert words.deed(event, {3: "Bo"}, "UTC") == "assigned the case (to Bo; on leave; by hand)"
    assert words.who("agent:3", {3: "Bo"}) == "Bo"
    assert words.who("agent:9", {}) == "agent 9"
    assert words.who("rule:thanks", {}) == "rule “thanks”"
    assert words.who("daemon", {}) == "daemon"


def test_the_times_of_an_event_are_the_brands() -> None:
    at = datetime(2026, 3, 5, 9, tzinfo=UTC)
    told = [("case.breached", {"due_at": "2026-03-05T08:39:33.000000Z"}), ("case.snoozed", {"until": at.isoformat()})]
    events = [Event(at=at, kind=kind, actor="daemon", detail=dict(detail)) for kind, detail in told]
    assert [words.deed(event, {}, "Europe/Berlin") for event in events] == [
        "saw that the promise is broken (due 5 Mar 09:39)",
        "snoozed the case (until 5 Mar 10:00)",
    ]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil", "data:text/html,x", "https:", "", "http://[", " https://x"]
)
def test_only_addresses_of_the_web_become_links(url: str) -> None:
    assert words.safe_link(url) is None


def test_highlights_are_made_after_escaping() -> None:
    said = f"<i> {MARK_START}a&b{MARK_END} {MARK_START}loose"
    assert words.highlight(said) == "&lt;i&gt; <mark>a&amp;b</mark> loose"


def test_what_turns_the_direction_of_a_text_is_seen_and_does_nothing() -> None:
    said = "pay \N{RIGHT-TO-LEFT OVERRIDE}moc.elpmaxe\N{POP DIRECTIONAL FORMATTING} <now>"
    shown = words.visible(said)
    assert shown == ('pay <span class="turning">RLO</span>moc.elpmaxe<span class="turning">PDF</span> &lt;now&gt;')
    assert words.highlight(f"{MARK_START}\N{FIRST STRONG ISOLATE}a{MARK_END}") == (
        '<mark><span class="turning">FSI</span>a</mark>'
    )


def test_a_text_that_merely_is_right_to_left_stays_as_it_is() -> None:
    said = "\N{RIGHT-TO-LEFT MARK}\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET} 1\N{LEFT-TO-RIGHT MARK}"
    assert words.visible(said) == said


def test_scores_are_said_in_words() -> None:
    assert words.likely(None) == "this model does not tell"
    assert words.likely(0.5) == "possible (50 %)"
    assert words.percent(None) == "not scored"


def test_the_first_words_are_one_line() -> None:
    assert words.first_words("a\n\nb") == "a b"
    assert words.first_words("x" * 500, 10) == "x" * 9 + "…"
