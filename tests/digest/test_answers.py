"""What the digest says about answers: who waits, promises, times, recovery, problems, silence and money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from responders.digest.answered import UNKNOWN_AUDIENCE, times
from responders.digest.document import Line
from responders.digest.markdown import render_markdown
from responders.digest.records import Digest
from responders.digest.writing import document, summary
from responders.digest.writing_done import audience_lines
from store.database import to_text
from store.own_posts import ByHand
from store.records import Author, Event, Platform, Post, Priority
from store.store import Store
from tests.digest.conftest import MORNING, digest_of
from tests.digest.lively import DAY
from tests.digest.seed import Seed

START = datetime(2026, 3, 5, tzinfo=UTC)
NOON = START + timedelta(hours=12)
HOUR = timedelta(hours=1)


def _texts(digest: Digest) -> str:
    return "\n".join(
        block.text for section in document(digest).sections for block in section.blocks if isinstance(block, Line)
    )


def test_the_unanswered_are_named_with_link_since_and_due(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON, author="ann"), due=NOON + HOUR, priority="high")
    digest = digest_of(store)
    (waiting,) = digest.answers.waiting
    assert (waiting.author, waiting.case_id, waiting.since, waiting.due_at) == ("ann", case, NOON, NOON + HOUR)
    assert waiting.overdue
    assert waiting.url.startswith("https://x.example/ann/")
    assert "1 case was still waiting for an answer, past its due time." in [line.text for line in summary(digest)]


def test_one_person_who_waits_in_two_cases_is_not_called_two_people(store: Store, seed: Seed) -> None:
    for minutes in (0, 7):
        seed.case(seed.mention(NOON + timedelta(minutes=minutes), author="ann"))
    said = [line.text for line in summary(digest_of(store))]
    assert "2 cases were still waiting for an answer, all of them past their due time." in said


def test_a_dry_run_is_no_answer(store: Store, seed: Seed) -> None:
    seed.reply(seed.case(seed.mention(NOON)), NOON + HOUR, dry_run=True)
    digest = digest_of(store)
    assert digest.answers.waiting_total == 1
    assert digest.answers.first.replies == 0
    assert digest.answers.promise.kept == 0


def test_an_answer_by_hand_counts(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON))
    store.cases.set_first_response(case, NOON + HOUR)
    digest = digest_of(store)
    assert digest.answers.waiting_total == 0
    assert digest.answers.first.median_seconds == 3600


def test_an_answer_by_hand_that_was_taken_back_is_none(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON))
    seed.event(NOON + HOUR, "case.by_hand", case_id=case)
    assert digest_of(store).answers.waiting_total == 0
    seed.event(NOON + HOUR, "case.not_by_hand", case_id=case)
    assert digest_of(store).answers.waiting_total == 1
    seed.event(NOON + 2 * HOUR, "case.by_hand", case_id=case)
    assert digest_of(store).answers.waiting_total == 0


def test_a_second_answer_by_hand_leaves_nothing_owed(store: Store, seed: Seed) -> None:
    for author, said_again in (("ann", False), ("bob", True)):
        case = seed.case(seed.mention(NOON, author=author))
        seed.reply(case, NOON + HOUR)
        seed.join(case, seed.mention(NOON + 2 * HOUR, author=author), NOON + 2 * HOUR)
        if said_again:
            seed.event(NOON + 3 * HOUR, "case.by_hand", case_id=case)
    assert [one.author for one in digest_of(store).answers.waiting] == ["ann"]


def test_a_later_answer_by_hand_counts_from_when_it_was_posted(store: Store, seed: Seed) -> None:
    """The answer may stand there before we have heard of the post that it answers."""
    for number, author in enumerate(("ann", "bob")):
        case = seed.case(seed.mention(NOON, author=author))
        seed.reply(case, NOON + HOUR)
        seed.join(case, seed.mention(NOON + 2 * HOUR, author=author), NOON + 4 * HOUR)
        wrote = Post(
            Platform.X, f"70{number}", Author("us", "us"), "", NOON + (1.5 + number) * HOUR, "c", in_reply_to="1"
        )
        store.own_posts.add([wrote], NOON + 5 * HOUR)
        store.own_posts.credit(ByHand(Platform.X, f"70{number}", wrote.posted_at, 1, case))
    (waiting,) = digest_of(store).answers.waiting
    assert (waiting.author, waiting.again) == ("ann", True)


def test_who_writes_again_after_the_answer_waits_again_but_thanks_need_no_answer(store: Store, seed: Seed) -> None:
    for author, kind in (("ann", "complaint"), ("bob", "thanks")):
        case = seed.case(seed.mention(NOON, author=author))
        seed.reply(case, NOON + HOUR)
        seed.join(case, seed.mention(NOON + 2 * HOUR, author=author, kind=kind), NOON + 2 * HOUR)
    (waiting,) = digest_of(store).answers.waiting
    assert (waiting.author, waiting.again, waiting.since) == ("ann", True, NOON + 2 * HOUR)


def test_who_rewrites_a_post_after_the_answer_waits_again(store: Store, seed: Seed) -> None:
    rewritten, fixed, thanked = (seed.mention(NOON, author=author) for author in ("ann", "bob", "cid"))
    for mention in (rewritten, fixed, thanked):
        seed.reply(seed.case(mention), NOON + HOUR)
        seed.event(NOON + 2 * HOUR, "mention.edited", mention_id=mention)
    seed.assess(rewritten, NOON + 2 * HOUR, version_id="v2")  # the words of the second stayed: it is not read again
    seed.assess(thanked, NOON + 2 * HOUR, version_id="v2", kind="thanks", complaint=False)
    (waiting,) = digest_of(store).answers.waiting
    assert (waiting.author, waiting.again) == ("ann", True)


def test_the_agents_word_says_whether_a_post_needs_an_answer(store: Store, seed: Seed) -> None:
    agent = seed.agent()
    for author, kind, field, corrected in (
        ("ann", "praise", "kind", "complaint"),
        ("bob", "thanks", "complaint", "yes"),
        ("cid", "complaint", "kind", "praise"),
    ):
        mention = seed.mention(NOON, author=author, kind=kind, complaint=kind == "complaint")
        seed.case(mention)
        store.corrections.add(mention, agent, field, "what it said", corrected, NOON + HOUR)
    assert {case.author for case in digest_of(store).answers.waiting} == {"ann", "bob"}


def test_a_case_that_was_resolved_and_reopened_the_next_day_was_resolved_on_this_one(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON))
    seed.event(NOON + HOUR, "case.resolved", case_id=case)
    seed.event(NOON + 20 * HOUR, "case.reopened", case_id=case)
    answers = digest_of(store).answers
    assert (answers.waiting_total, answers.closed_without_reply) == (0, 1)


def test_the_promise_counts_what_was_due_on_the_day(store: Store, seed: Seed) -> None:
    kept = seed.case(seed.mention(START - 2 * HOUR, author="kept"), due=START + HOUR, priority="high")
    seed.reply(kept, START - HOUR)
    late = seed.case(seed.mention(NOON, author="late"), due=NOON + HOUR)
    seed.reply(late, NOON + 2 * HOUR)
    seed.case(seed.mention(NOON, author="never"), due=NOON + HOUR)
    spam = seed.case(
        seed.mention(NOON, author="spam"),
        due=NOON + HOUR,
        status="resolved",
        resolved_at=to_text(NOON + timedelta(minutes=5)),
    )
    seed.event(NOON + timedelta(minutes=5), "case.resolved", case_id=spam)
    seed.case(seed.mention(START + 23 * HOUR, author="tomorrow"), due=START + 30 * HOUR)

    promise = digest_of(store).answers.promise
    assert (promise.due, promise.kept, promise.left_out) == (3, 1, 1)
    assert [(p.priority, p.due, p.kept) for p in digest_of(store).answers.promises] == [
        (Priority.HIGH, 1, 1),
        (Priority.NORMAL, 2, 0),
    ]


def test_a_case_that_was_closed_when_it_was_due_is_left_out_though_it_was_opened_again(
    store: Store, seed: Seed
) -> None:
    case = seed.case(seed.mention(NOON), due=NOON + 2 * HOUR)
    seed.event(NOON + HOUR, "case.resolved", case_id=case)
    seed.event(NOON + 3 * HOUR, "case.reopened", case_id=case)
    promise = digest_of(store).answers.promise
    assert (promise.due, promise.left_out) == (0, 1)
    seed.reply(case, NOON + 4 * HOUR)
    assert digest_of(store).answers.promise == promise


def test_a_promise_that_was_broken_counts_though_the_case_was_promised_anew(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON), due=START + 20 * HOUR)  # since the author wrote again after it was closed
    seed.reply(case, START + 19 * HOUR)
    broken = {"priority": "high", "due_at": to_text(NOON + HOUR)}
    for minutes in (1, 2):  # marked again after a reply by hand that was taken back
        at = NOON + HOUR + timedelta(minutes=minutes)
        store.events.add(Event(at=at, kind="case.breached", actor="daemon", case_id=case, detail=broken))
    answers = digest_of(store).answers
    assert (answers.promise.due, answers.promise.kept) == (2, 1)
    assert [(p.priority, p.due, p.kept) for p in answers.promises] == [(Priority.HIGH, 1, 0), (Priority.NORMAL, 1, 1)]


def test_a_promise_that_was_over_before_its_post_was_heard_is_broken_on_the_day_of_that(
    store: Store, seed: Seed
) -> None:
    heard = NOON + 24 * HOUR
    seed.case(seed.mention(NOON, collected=heard), due=NOON + 4 * HOUR)
    assert digest_of(store).answers.promise.due == 0
    again = seed.case(seed.mention(NOON - 9 * HOUR), due=NOON + HOUR, first_post_at=to_text(NOON))
    seed.event(NOON - HOUR, "case.resolved", case_id=again)
    seed.join(again, seed.mention(NOON, collected=heard), heard)
    anew = {"due_at": to_text(NOON + HOUR)}
    store.events.add(Event(at=heard, kind="case.joined", actor="rule:all", case_id=again, detail=anew))
    seed.event(heard, "case.reopened", case_id=again)
    assert digest_of(store).answers.promise.due == 0
    promise = digest_of(store, DAY + timedelta(days=1), MORNING + timedelta(days=1)).answers.promise
    assert (promise.due, promise.kept) == (2, 0)


def test_the_median_and_the_ninetieth_percentile_are_of_real_replies() -> None:
    assert times(range(10, 110, 10)).p90_seconds == 90
    assert times([7]).p90_seconds == 7
    assert times([1, 2]).median_seconds == 2
    assert times([]).median_seconds is None


def test_it_says_whether_people_with_few_followers_wait_longer(store: Store, seed: Seed) -> None:
    for index in range(6):
        for audience, minutes in ((20, 120), (50_000, 5)):
            case = seed.case(seed.mention(NOON, author=f"{audience}-{index}", audience=audience))
            seed.reply(case, NOON + timedelta(minutes=minutes))
    seed.case(seed.mention(NOON, author="forgotten", audience=20))
    bands = digest_of(store).answers.bands
    assert audience_lines(bands) == [
        "People with under 100 followers waited longer than those with 10,000 and more: 2 h against 5 min (medians).",
        "Still unanswered: 1 of 7 with under 100 followers and 0 of 6 with 10,000 and more.",
    ]


def test_a_few_replies_are_not_compared(store: Store, seed: Seed) -> None:
    seed.reply(seed.case(seed.mention(NOON)), NOON + HOUR)
    assert "Too few replies" in audience_lines(digest_of(store).answers.bands)[0]


def test_recovery_compares_an_author_before_and_after_our_reply(store: Store, seed: Seed) -> None:
    for author, after in (("better", "positive"), ("same", "negative"), ("worse", "negative"), ("silent", None)):
        before = "positive" if author == "worse" else "negative"
        case = seed.case(seed.mention(NOON - 48 * HOUR, author=author, sentiment=before))
        seed.reply(case, NOON - 47 * HOUR)
        if after:
            seed.mention(NOON, author=author, sentiment=after)
    unanswered = seed.mention(NOON - 48 * HOUR, author="unanswered")
    seed.case(unanswered)
    seed.mention(NOON, author="unanswered", sentiment="positive")
    recovery = digest_of(store).recovery
    assert (recovery.wrote_again, recovery.better, recovery.same, recovery.worse) == (3, 1, 1, 1)


def test_it_says_when_nobody_was_listening(store: Store, seed: Seed) -> None:
    seed.covered(START - 24 * HOUR, START + 2 * HOUR)
    seed.covered(START + 2 * HOUR, START + timedelta(hours=4, minutes=10), "lost", detail="the daemon was down")
    seed.covered(START + timedelta(hours=4, minutes=10), START + 20 * HOUR)
    seed.mention(NOON)
    digest = digest_of(store)
    said = [line.text for line in summary(digest)]
    assert "Nobody was listening from 02:00 to 04:10 (x mentions)." in said
    assert "Nobody was listening from 20:00 to midnight (x mentions)." in said
    assert [(s.state, s.detail) for s in digest.listening.silences] == [
        ("lost", "the daemon was down"),
        ("unrecorded", ""),
    ]
    assert [hour.label for hour in digest.hours if not hour.heard] == [
        "02:00", "03:00", "04:00", "20:00", "21:00", "22:00", "23:00",
    ]  # fmt: skip
    [source] = digest.listening.sources
    hour = 3600
    assert (source.source, source.heard_seconds) == ("x mentions", 20 * hour - 7_800)
    assert (source.lost_gaps, source.lost_seconds, source.unread_seconds) == (1, 7_800, 4 * hour)
    assert "| x mentions | 17 h 50 min | \N{EN DASH} | 1 gap, 2 h 10 min |" in render_markdown(digest)


def test_a_gap_that_was_read_later_is_listed_but_was_heard(store: Store, seed: Seed) -> None:
    seed.covered(START - 24 * HOUR, NOON)
    seed.covered(NOON, NOON + HOUR, "filled", detail="ten pages were not enough")
    seed.covered(NOON + HOUR, START + 24 * HOUR)
    seed.mention(NOON)
    digest = digest_of(store)
    assert [s.state for s in digest.listening.silences] == ["filled"]
    assert digest.listening.heard_share == 1
    assert all(hour.heard for hour in digest.hours)
    assert not [line for line in summary(digest) if "listening" in line.text]


def test_a_source_that_was_never_run_was_silent_all_day_and_one_that_began_later_was_not(
    store: Store, seed: Seed
) -> None:
    seed.mention(NOON)
    (silence,) = digest_of(store).listening.silences
    assert (silence.started_at, silence.ended_at) == (START, START + 24 * HOUR)
    seed.covered(START + 30 * HOUR, START + 40 * HOUR)
    assert digest_of(store).listening.silences == ()


def test_who_wrote_again_while_the_answer_was_on_its_way_still_waits(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON))
    outbox = seed.reply(case, NOON + 2 * HOUR)
    store.database.execute("UPDATE outbox SET approved_at = ? WHERE id = ?", (to_text(NOON + HOUR), outbox))
    seed.join(case, seed.mention(NOON + 1.5 * HOUR), NOON + 1.5 * HOUR)
    assert digest_of(store).answers.waiting_total == 1


def test_spam_and_an_opt_out_leave_nobody_waiting(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON))
    seed.reply(case, NOON + HOUR)
    seed.join(case, seed.mention(NOON + 2 * HOUR, kind="spam", complaint=False), NOON + 2 * HOUR)
    stop = seed.mention(NOON + 3 * HOUR, kind="other", complaint=False, action="ignore", rule="opt-out")
    seed.join(case, stop, NOON + 3 * HOUR)
    assert digest_of(store).answers.waiting_total == 0


def test_who_deleted_their_post_waits_no_more_and_is_let_go_if_that_was_in_time(store: Store, seed: Seed) -> None:
    early, late, standing = (seed.mention(NOON, author=author) for author in ("early", "late", "standing"))
    for mention in (early, late):
        seed.case(mention, due=NOON + 2 * HOUR)
    both = seed.case(early_too := seed.mention(NOON - HOUR, author="both"), due=START + 30 * HOUR)
    seed.join(both, standing, NOON)
    store.deletions.empty_mention(early, NOON + HOUR, "deleted")
    store.deletions.empty_mention(early_too, NOON + HOUR, "deleted")
    store.deletions.empty_mention(late, NOON + 3 * HOUR, "deleted")
    answers = digest_of(store).answers
    assert [waiting.mention_id for waiting in answers.waiting] == [standing]
    assert (answers.promise.due, answers.promise.kept, answers.promise.left_out) == (1, 0, 1)


def test_who_deleted_their_post_the_next_morning_waited_on_that_day(store: Store, seed: Seed) -> None:
    mention = seed.mention(NOON)
    seed.case(mention)
    store.deletions.empty_mention(mention, START + 25 * HOUR, "deleted")
    assert digest_of(store).answers.waiting_total == 1


def test_the_audience_of_a_post_that_is_gone_is_not_known(store: Store, seed: Seed) -> None:
    mention = seed.mention(NOON, audience=250_000)
    seed.reply(seed.case(mention), NOON + HOUR)
    store.deletions.empty_mention(mention, NOON + 3 * HOUR, "deleted")
    bands = digest_of(store).answers.bands
    assert [band.name for band in bands if band.times.replies] == [UNKNOWN_AUDIENCE]


def test_a_source_that_was_taken_out_of_the_settings_is_not_missed_for_ever(store: Store, seed: Seed) -> None:
    seed.covered(START - 240 * HOUR, START + 24 * HOUR)
    seed.covered(START - 240 * HOUR, START - 200 * HOUR, source="x search old")
    seed.mention(NOON)
    digest = digest_of(store)
    assert digest.listening.silences == ()
    assert digest.listening.heard_share == 1
    assert [one.source for one in digest.listening.sources] == ["x mentions"]


def test_a_complaint_that_could_be_read_only_after_midnight_is_told_on_the_next_day(store: Store, seed: Seed) -> None:
    seed.covered(START - 24 * HOUR, START + 24 * HOUR)
    seed.mention(START - HOUR, assessed=START + HOUR)
    seed.mention(START - 2 * HOUR, author="bob")
    listening = digest_of(store).listening
    assert (listening.late_mentions, listening.late_complaints) == (1, 1)


def test_answers_that_did_not_go_out_are_listed_as_they_stood(store: Store, seed: Seed) -> None:
    case = seed.case(seed.mention(NOON))
    outbox = seed.reply(case, NOON + HOUR, state="uncertain")
    seed.event(NOON + 2 * HOUR, "outbox.parked", outbox_id=outbox, case_id=case)
    seed.event(NOON + 20 * HOUR, "outbox.withdrawn", outbox_id=outbox, case_id=case)
    problems = digest_of(store).problems
    assert [(p.what, p.stands, p.case_id) for p in problems] == [
        ("uncertain", "parked", case),
        ("parked", "parked", case),
    ]


def test_money_under_way_counts_as_reserved(store: Store, seed: Seed) -> None:
    seed.spent(NOON, 0.5)
    seed.spent(NOON, 0.25, settled=False)
    seed.spent(START - HOUR, 4.0)
    digest = digest_of(store)
    assert digest.spent_usd == 0.75
    assert [(row.call, row.calls, row.usd) for row in digest.spending] == [("search", 2, 0.75)]
    assert "$0.75 on this day, all brands together." in _texts(digest)


def test_another_brand_is_another_digest(store: Store, seed: Seed) -> None:
    other = Seed(store, brand="Umbra", _count=1000)
    other.reply(other.case(other.mention(NOON, author="zoe")), NOON + HOUR, state="parked")
    digest = digest_of(store)
    assert digest.mentions.value == 0
    assert digest.answers.waiting_total == 0
    assert digest.problems == ()


def test_replayed_cases_are_owed_nothing(store: Store, seed: Seed) -> None:
    seed.case(seed.mention(NOON, replayed=True))
    digest = digest_of(store)
    assert (digest.answers.waiting_total, digest.answers.opened, digest.answers.promise.due) == (0, 0, 0)
