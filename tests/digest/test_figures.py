"""What the digest counts, and that it stays what it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from config.errors import UsageError
from responders.digest.figures import from_json, to_json
from responders.digest.glossary import FIGURES
from responders.digest.page import render_html
from responders.digest.pictures import pictures
from responders.digest.records import Digest
from responders.digest.writing import document, summary
from store.database import to_text
from store.store import Store
from tests.digest.conftest import MORNING, digest_of
from tests.digest.lively import DAY
from tests.digest.seed import Seed, settings

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_mention_counts_on_the_day_it_was_posted_if_it_was_stored_by_its_end(store: Store, seed: Seed) -> None:
    seed.mention(NOON)
    seed.mention(MIDNIGHT - timedelta(seconds=1), author="late", collected=MIDNIGHT + timedelta(seconds=1))
    seed.mention(MIDNIGHT + timedelta(seconds=1), author="tomorrow")

    assert digest_of(store).mentions.value == 1
    next_day = digest_of(store, date(2026, 3, 6), now=MIDNIGHT + 36 * HOUR)
    assert next_day.mentions.value == 1
    assert (next_day.listening.late_mentions, next_day.listening.late_complaints) == (1, 1)


def test_what_is_heard_late_is_counted_like_what_is_heard_in_time(store: Store, seed: Seed) -> None:
    agent = seed.agent()
    said: list[dict[str, object]] = [
        {},
        {"complaint": False, "kind": "spam"},
        {"complaint": False, "relevant_score": 0.01, "summoned": False},
        {"complaint": False, "action": "ignore"},
    ]
    late = [
        seed.mention(NOON, author=f"late{number}", collected=MIDNIGHT + HOUR, **how)  # type: ignore[arg-type]
        for number, how in enumerate([*said, {}])
    ]
    store.corrections.add(late[-1], agent, "complaint", "yes", "no", MIDNIGHT + 2 * HOUR)
    listening = digest_of(store, DAY + timedelta(days=1), MORNING + timedelta(days=1)).listening
    assert (listening.late_mentions, listening.late_complaints) == (2, 1)


def test_a_replayed_mention_counts_on_its_day_whenever_it_was_read(store: Store, seed: Seed) -> None:
    seed.mention(NOON, replayed=True, collected=MIDNIGHT + 500 * HOUR)
    digest = digest_of(store)
    assert digest.mentions.value == 1
    assert digest.complaints.value == 1


def test_what_happens_later_changes_no_figure_of_a_past_day(store: Store, seed: Seed) -> None:
    agent = seed.agent()
    mention = seed.mention(NOON, "it is broken")
    case = seed.case(mention)
    resolved = seed.case(seed.mention(NOON, "mine too", author="bob"), resolved_at=to_text(NOON + 2 * HOUR))
    seed.event(NOON + 2 * HOUR, "case.resolved", case_id=resolved)
    outbox = seed.reply(seed.case(seed.mention(NOON, "and mine", author="cy")), NOON + HOUR, state="parked")
    before = digest_of(store)

    later = MIDNIGHT + HOUR
    seed.reply(case, later)
    seed.assess(mention, later, sentiment="positive", complaint=False, severity=None, topic="praise")
    seed.decide(mention, later, "ignore", "not ours")
    store.corrections.add(mention, agent, "complaint", "1", "0", later)
    store.database.execute("UPDATE cases SET resolved_at = NULL, status = 'open' WHERE id = ?", (resolved,))
    seed.event(later, "case.reopened", case_id=resolved)
    store.database.execute("UPDATE cases SET resolved_at = ?, status = 'resolved' WHERE id = ?", (to_text(later), case))
    seed.event(later, "case.resolved", f"agent:{agent}", case_id=case)
    seed.event(later, "outbox.withdrawn", outbox_id=outbox, case_id=case)
    follow_up = seed.mention(later, "still broken")
    seed.join(case, follow_up, later)
    store.database.execute("UPDATE mentions SET text = 'edited since' WHERE id = ?", (mention,))
    store.database.insert(
        "mention_versions",
        {"mention_id": mention, "version_id": "p1", "text": "it is broken", "seen_at": to_text(later)},
    )
    seed.spent(later, 9.0)

    assert to_json(digest_of(store)) == to_json(before)
    assert before.answers.waiting_total == 2


def test_the_first_digest_of_a_final_day_stays_until_it_is_made_again_on_purpose(store: Store, seed: Seed) -> None:
    seed.mention(NOON)
    first = digest_of(store, remake=False)
    seed.mention(NOON, author="replayed", replayed=True)
    assert to_json(digest_of(store, now=MORNING + HOUR, remake=False)) == to_json(first)
    assert digest_of(store, remake=True).mentions.value == 2
    assert [event.kind for event in store.events.latest(9)] == ["digest.made", "digest.made"]


def test_making_it_twice_gives_the_same_bytes_in_every_form(store: Store, lively_digest: Digest) -> None:
    again = digest_of(store)
    assert to_json(again) == to_json(lively_digest)
    assert pictures(again) == pictures(lively_digest)
    assert render_html(again, settings(), for_mail=True) == render_html(lively_digest, settings(), for_mail=True)
    assert from_json(to_json(again)) == again


def test_a_day_that_is_over_is_not_kept_before_its_digest_time(store: Store, seed: Seed) -> None:
    seed.mention(NOON)
    digest_of(store, now=MIDNIGHT + HOUR, remake=False)
    assert store.digests.get("Acme", DAY) is None


def test_a_day_that_has_not_begun_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="has not begun"):
        digest_of(store, date(2026, 3, 9))


def test_a_stored_digest_holds_nothing_that_a_stranger_wrote(store: Store, lively_digest: Digest) -> None:
    stored = store.digests.get("Acme", DAY)
    assert stored is not None
    for words in ("alert(", "<b>", "acme down", "customer", "x.example"):
        assert words not in stored.content
    assert lively_digest.worst is not None
    assert "alert(1)" in lively_digest.worst.text


def test_a_post_that_is_deleted_later_is_quoted_and_named_nowhere(store: Store, seed: Seed) -> None:
    mention = seed.mention(NOON, "a private sorrow", author="dora")
    seed.case(mention)
    assert "a private sorrow" in render_html(digest_of(store, remake=False), settings(), for_mail=True)
    store.database.execute(
        "UPDATE mentions SET text = '', deleted_at = ? WHERE id = ?", (to_text(MIDNIGHT + HOUR), mention)
    )
    for remake in (False, True):
        digest = digest_of(store, remake=remake)
        page = render_html(digest, settings(), for_mail=True)
        assert "a private sorrow" not in page
        assert "dora" not in page
        assert digest.mentions.value == 1
        assert digest.answers.waiting_total == 1


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_day_is_as_long_as_the_clocks_of_the_brand_make_it(store: Store, seed: Seed, day: date, hours: int) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=3)
    for hour in range(31):
        seed.mention(start + timedelta(hours=hour, minutes=30), author=f"a{hour}")
    digest = digest_of(store, day, start + 72 * HOUR, time_zone="Europe/Berlin")
    assert len(digest.hours) == hours
    assert digest.mentions.value == hours
    assert all(hour.mentions == 1 for hour in digest.hours)
    assert len({hour.label for hour in digest.hours}) == hours


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("UTC", "America/New_York", "from 5 Mar 19:00 to 00:00 is in no digest."),
        ("America/New_York", "UTC", "from 00:00 to 05:00 is in that digest and in this one."),
        ("UTC", "Africa/Abidjan", ""),
    ],
)
def test_what_another_time_zone_leaves_out_or_counts_twice_is_said(
    store: Store, seed: Seed, before: str, after: str, said: str
) -> None:
    seed.mention(MIDNIGHT + HOUR)
    digest_of(store, now=MIDNIGHT + 24 * HOUR, time_zone=before)
    digest = digest_of(store, date(2026, 3, 6), now=MIDNIGHT + 48 * HOUR, time_zone=after)
    assert document(digest).subtitle.partition("in another time zone: what happened ")[2] == said


def test_usual_rests_only_on_days_that_were_heard(store: Store, seed: Seed) -> None:
    for back, mentions, share in ((0, 4, 1.0), (1, 2, 1.0), (2, 8, 0.5), (3, 6, 1.0), (4, 1, 1.0)):
        day = datetime(2026, 3, 5, tzinfo=UTC) - timedelta(days=back)
        seed.covered(day, day + share * 24 * HOUR)
        for index in range(mentions):
            seed.mention(day + HOUR, author=f"d{back}-{index}")
    digest = digest_of(store)
    assert (digest.mentions.value, digest.mentions.usual, digest.mentions.days) == (4, 2, 3)
    assert summary(digest)[0].text == (
        "4 mentions, 2 more than usual (median of 3 days: 2, as no more of the 7 days before were heard long enough)."
    )
    assert [day.heard for day in digest.trend] == [False, False, False, True, True, False, True, True]


def test_a_day_so_far_is_compared_with_the_same_part_of_the_days_before(store: Store, seed: Seed) -> None:
    for back in range(8):
        day = datetime(2026, 3, 5, tzinfo=UTC) - timedelta(days=back)
        for hour in (1, 2, 20):
            if back or hour < 20:
                seed.mention(day + hour * HOUR, author=f"{back}-{hour}")
    digest = digest_of(store, now=datetime(2026, 3, 5, 9, 30, tzinfo=UTC), remake=False)
    assert digest.so_far
    assert (digest.mentions.value, digest.mentions.usual) == (2, 2)
    assert len(digest.hours) == 10
    assert store.digests.latest() == []


def test_spam_and_what_a_rule_ignores_are_kept_apart_but_ignored_praise_is_still_an_opinion(
    store: Store, seed: Seed
) -> None:
    seed.mention(NOON)
    seed.mention(NOON, author="spammer", kind="spam")
    seed.mention(NOON, author="other", relevant_score=0.02, complaint=False, summoned=False)
    seed.mention(NOON, author="bot", action="ignore", rule="no bots")
    seed.mention(
        NOON, author="fan", action="ignore", rule="no praise", kind="praise", sentiment="positive", complaint=False
    )
    digest = digest_of(store)
    assert digest.mentions.value == 2
    assert {(aside.reason, aside.rule, aside.mentions) for aside in digest.asides} == {
        ("spam", "", 1),
        ("irrelevant", "", 1),
        ("ignored", "no bots", 1),
    }
    assert [s.share for s in digest.sentiments] == [0.5, 0, 0.5]


@pytest.mark.parametrize(
    ("changed", "aside"),
    [
        ({}, True),
        ({"relevant_score": 0.05}, False),
        ({"relevant_score": None}, False),
        ({"unsure": 1}, False),
        ({"summoned": True}, False),
        ({"complaint": True}, False),
    ],
)
def test_only_what_is_surely_about_something_else_is_kept_apart(
    store: Store, seed: Seed, changed: dict[str, object], aside: bool
) -> None:
    about_another: dict[str, object] = {"relevant_score": 0.04, "complaint": False, "summoned": False}
    seed.mention(NOON, **(about_another | changed))
    digest = digest_of(store)
    assert digest.mentions.value == (0 if aside else 1)
    assert [each.reason for each in digest.asides] == (["irrelevant"] if aside else [])


def test_the_agents_word_stands_over_the_classifiers(store: Store, seed: Seed) -> None:
    agent = seed.agent()
    wrong, right = seed.mention(NOON), seed.mention(NOON, author="bob")
    case = seed.case(right)
    seed.event(NOON + HOUR, "case.claimed", f"agent:{agent}", case_id=case)
    store.corrections.add(wrong, agent, "complaint", "true", "false", NOON + HOUR)
    store.corrections.add(wrong, agent, "sentiment", "negative", "positive", NOON + HOUR)
    digest = digest_of(store)
    assert (digest.mentions.value, digest.complaints.value) == (2, 1)
    assert [s.mentions for s in digest.sentiments] == [1, 0, 1]
    assert (digest.classifier.seen, digest.classifier.corrected, digest.classifier.agreed_share) == (2, 1, 0.5)
    assert [(c.field, c.was, c.corrected) for c in digest.classifier.corrections] == [
        ("complaint", "true", "false"),
        ("sentiment", "negative", "positive"),
    ]


def test_of_what_an_agent_corrected_twice_the_last_word_is_told_and_what_was_taken_back_is_not(
    store: Store, seed: Seed
) -> None:
    agent = seed.agent()
    back, twice = seed.mention(NOON), seed.mention(NOON, author="bob")
    for mention, words in ((back, ("high", "medium")), (twice, ("high", "low"))):
        for minutes, word in enumerate(words):
            store.corrections.add(mention, agent, "severity", "medium", word, NOON + timedelta(minutes=minutes))
    found = digest_of(store).classifier
    assert (found.corrected, [(c.was, c.corrected, c.times) for c in found.corrections]) == (1, [("medium", "low", 1)])


def test_what_was_not_read_by_the_end_of_the_day_is_said(store: Store, seed: Seed) -> None:
    seed.mention(NOON, sentiment=None)
    seed.mention(NOON, author="bob", assessed=MIDNIGHT + HOUR)
    digest = digest_of(store)
    assert (digest.mentions.value, digest.complaints.value, digest.classifier.unread) == (2, 0, 2)
    broke_the_rules = seed.mention(NOON, author="cid")  # it was read
    seed.event(NOON + HOUR, "mention.set_aside", mention_id=broke_the_rules)
    assert "2 mentions not read by the end of the day, 1 mention set aside, because a step failed." in "".join(
        block.text
        for section in document(digest_of(store)).sections
        for block in section.blocks
        if block.kind == "line"
    )


def test_topics_are_ordered_by_complaints_and_quote_each_wording_once(store: Store, seed: Seed) -> None:
    for index in range(4):
        seed.mention(NOON, "the same words", author=f"a{index}", topic="bills", severity="high")
    seed.mention(NOON, "other words", author="b", topic="bills")
    seed.mention(NOON, "slow", author="c", topic="speed")
    topics = digest_of(store).topics
    assert [topic.name for topic in topics] == ["bills", "speed"]
    assert [quote.text for quote in topics[0].quotes] == ["the same words", "other words"]


def test_a_spike_is_named_with_its_hours_and_its_topic(lively_digest: Digest) -> None:
    (spike,) = lively_digest.spikes
    assert (spike.start, spike.end, spike.topic) == ("14:00", "16:00", "outage")
    said = " ".join(line.text for line in summary(lively_digest))
    assert "A spike from 14:00 to 16:00: 126 mentions" in said
    assert "about outage" in said


def test_an_ordinary_day_has_no_spike(store: Store, seed: Seed) -> None:
    for hour in range(24):
        for index in range(12):
            seed.mention(datetime(2026, 3, 5, hour, tzinfo=UTC), author=f"{hour}-{index}")
    assert digest_of(store).spikes == ()


def test_a_day_without_anything_says_so_in_one_line(store: Store) -> None:
    known = settings(sources=[])
    from responders.digest.figures import make_digest
    from tests.conftest import FrozenClock

    digest = make_digest(store, known, FrozenClock(MORNING), known.brands[0], DAY)
    paper = document(digest)
    assert [line.text for line in paper.summary] == ["Nothing was heard about Acme on this day, and nobody is waiting."]
    assert paper.sections == ()
    assert paper.tiles == ()


def test_every_figure_is_explained_in_one_sentence(lively_digest: Digest) -> None:
    assert all(text.endswith(".") for text in FIGURES.values())
    assert document(lively_digest).glossary == tuple(FIGURES.items())
