from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from responders.outbox import Sender
from store.cases import CaseFilter
from store.records import Agent, CaseStatus, Kind, OutboxMessage, OutboxState, Priority, Severity
from tests.desk.conftest import Browser
from tests.desk.seed import POSTS, Said, Seed

SignIn = Callable[[Agent], Browser]
ANSWER = "We are sorry, Dan: an engineer comes tomorrow between 8 and 10, and calls before. ^AL"


@pytest.fixture
def by_hand_id(seed: Seed) -> int:
    """The case of somebody who spoke about the brand and not to it."""
    return seed.hear(POSTS[4]).id


def test_the_page_tells_the_whole_story(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    page = sign_in(ana).get(f"/cases/{case_id}")
    assert page.index("third engineer visit missed") < page.index("the app says the visit was")
    for words in (
        "https://x.com/dan.okafor/status/",
        'rel="noopener noreferrer nofollow"',
        "says that a record is false",
        "almost certain (94 %)",
        "complaints to people: complaint, severity high",
        "due in 5 min",
        "opened the case",
        "Nobody holds this case",
    ):
        assert words in page


def test_a_case_is_explained_by_its_gravest_post(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    first = seed.hear(replace(POSTS[1], severity=Severity.HIGH, reasons=("lost a day of work",)))
    seed.hear(replace(POSTS[2], severity=None, kind=Kind.QUESTION, reasons=()))
    browser = sign_in(ana)
    page = browser.get(f"/cases/{first.id}")
    grave = seed.store.mentions.of_case(first.id)[0]
    assert "lost a day of work" in page
    assert "not told" not in page
    assert f'href="#mention-{grave.id}"' in page
    assert f'name="mention_id" value="{grave.id}"' in page
    assert "almost certain (94 %)" in page
    seed.hear(replace(POSTS[2], severity=Severity.HIGH, reasons=("says that a record is false",), minutes_ago=1))
    page = browser.get(f"/cases/{first.id}")
    assert "says that a record is false" in page
    assert "lost a day of work" not in page
    assert "the one that says most" not in page


def test_a_post_whose_name_may_mean_something_else_says_so(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    about = replace(POSTS[4], summoned=False)
    ours, another, to_us = (
        seed.hear(replace(about, handle=f"author{score}{summoned}", relevant=score, summoned=summoned)).id
        for score, summoned in ((0.2, False), (0.19, False), (0.19, True))
    )
    browser = sign_in(ana)
    assert "something else" not in browser.get(f"/cases/{ours}")
    assert "unlikely (19 %): the name may mean something else" in browser.get(f"/cases/{another}")
    assert "something else" not in browser.get(f"/cases/{to_us}")


def edited(seed: Seed, case_id: int, text: str) -> int:
    """Let the author of a case edit the first post of it; returns our id of that."""
    mention = seed.store.mentions.of_case(case_id)[0]
    now = seed.clock.now()
    with seed.store.transaction():
        seed.store.mentions.follow_edit(mention.id, replace(mention.post, text=text, edited_at=now), now)
    return mention.id


def test_what_a_post_said_before_an_edit_is_shown_until_it_is_deleted(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    assert "What it said before" not in browser.get(f"/cases/{case_id}")
    mention_id = edited(seed, case_id, "@brightline they came after all <3")
    page = browser.get(f"/cases/{case_id}/talk")
    assert page.count("What it said before") == 1
    before, after = page.index("third engineer visit missed"), page.index("they came after all &lt;3")
    assert after < page.index("What it said before") < before
    with seed.store.transaction():
        seed.store.deletions.empty_mention(mention_id, seed.clock.now(), "deleted")
    page = browser.get(f"/cases/{case_id}/talk")
    assert "What it said before" not in page
    assert "third engineer visit missed" not in page


def test_a_text_that_turns_its_own_direction_is_written_out(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    edited(seed, case_id, "@brightline \N{RIGHT-TO-LEFT OVERRIDE}ycnegreme")
    for page in (f"/cases/{case_id}", "/search?q=ycnegreme"):
        text = sign_in(ana).get(page)
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
        assert '<span class="turning">RLO</span>' in text


def test_a_claim_begins_the_answer_and_approval_holds_it(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    assert browser.post(f"/cases/{case_id}/claim") == (303, f"/cases/{case_id}?said=claimed")
    page = browser.get(f"/cases/{case_id}?said=claimed")
    assert "The case is yours." in page
    assert "data-answer" in page  # the editor
    assert browser.post(f"/cases/{case_id}/approve", text=ANSWER)[0] == 303
    (message,) = seed.store.outbox.of_case(case_id)
    assert (message.text, message.state, message.approved_by) == (ANSWER, OutboxState.HELD, f"agent:{ana.id}")
    page = browser.get(f"/cases/{case_id}")
    assert "approved, held for a moment" in page
    assert "leaves in 20 s" in page
    assert "data-answer" not in page


def test_a_held_answer_can_be_taken_back_and_a_queued_one_is_shown(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    browser.post(f"/cases/{case_id}/approve", text=ANSWER)
    (message,) = seed.store.outbox.of_case(case_id)
    assert browser.post(f"/cases/{case_id}/answers/{message.id}/take-back")[0] == 303
    page = browser.get(f"/cases/{case_id}")
    assert "taken back" in page
    assert ANSWER in page.split("data-answer")[1]  # in the editor again
    browser.post(f"/cases/{case_id}/approve", text=ANSWER)
    seed.clock.advance(seconds=30)
    Sender(seed.store, seed.settings, seed.clock, {}).release_held()
    assert "waiting to be sent" in browser.get(f"/cases/{case_id}/talk")


def test_an_answer_of_another_case_cannot_be_taken_back_here(
    seed: Seed, ana: Agent, case_id: int, by_hand_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    browser.post(f"/cases/{case_id}/approve", text=ANSWER)
    (message,) = seed.store.outbox.of_case(case_id)
    assert browser.post(f"/cases/{by_hand_id}/answers/{message.id}/take-back")[0] == 404


def test_a_second_agent_is_told_who_holds_it_and_can_do_nothing(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    bo = seed.agent("bo", "Bo Adair")
    sign_in(ana).post(f"/cases/{case_id}/claim")
    browser = sign_in(bo)
    page = browser.get(f"/cases/{case_id}")
    assert "Ana Lima holds this case" in page
    assert re.search(r'<button data-key="r" disabled>Resolve', page)
    for action, fields in (
        ("claim", {}),
        ("approve", {"text": "mine"}),
        ("draft", {"text": "mine"}),
        ("template", {"template": "sorry"}),
        ("resolve", {}),
        ("release", {}),
        ("by-hand", {}),
        ("snooze", {"until": "hour"}),
    ):
        status, text = browser.post(f"/cases/{case_id}/{action}", **fields)
        assert (action, status) == (action, 409)
        assert "Ana Lima holds this case" in text
    assert seed.store.cases.get(case_id).assignee_id == ana.id
    assert seed.store.outbox.of_case(case_id) == []


def test_two_agents_who_claim_at_once_do_not_both_get_it(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    bo = seed.agent("bo", "Bo Adair")
    first, second = sign_in(ana), sign_in(bo)
    assert "Claim and answer" in first.get(f"/cases/{case_id}")
    assert "Claim and answer" in second.get(f"/cases/{case_id}")
    assert first.post(f"/cases/{case_id}/claim")[0] == 303
    assert second.post(f"/cases/{case_id}/claim")[0] == 409


def test_what_was_typed_is_not_lost_when_a_guardrail_stops_it(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    text = "Call me on +44 20 7946 0958 or write to dan@example.com ^AL"
    status, page = browser.post(f"/cases/{case_id}/approve", text=text)
    assert status == 409
    assert text in page.split("data-answer")[1]
    assert "Send it anyway" in page
    assert seed.store.outbox.of_case(case_id) == []
    assert browser.post(f"/cases/{case_id}/approve", text=text, override="the number is our own")[0] == 303


def test_the_length_is_counted_as_x_does_and_cannot_be_overridden(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    checked = browser.post(f"/cases/{case_id}/check", text="漢字 https://brightline.com/a/very/long/address")
    assert "28 of 280 characters" in checked[1]  # two signs of two, a blank, a link of 23
    long = browser.post(f"/cases/{case_id}/check", text="é" * 281)[1]
    assert "281 of 280 characters, too long" in long
    assert "Send it anyway" not in long
    assert browser.post(f"/cases/{case_id}/approve", text="é" * 281, override="please")[0] == 409
    draft = seed.store.drafts.of_case(case_id)
    assert draft is not None


def test_approving_twice_sends_once_and_leaves_no_draft(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    assert browser.post(f"/cases/{case_id}/approve", text=ANSWER)[0] == 303
    status, page = browser.post(f"/cases/{case_id}/approve", text=ANSWER)
    assert status == 409
    assert "already an answer of ours" in page
    assert len(seed.store.outbox.of_case(case_id)) == 1
    assert seed.store.drafts.of_case(case_id) is None


def test_an_answer_to_an_older_post_waits_until_the_newer_one_was_read(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    found = re.search(r'name="about" value="(\d+)"', browser.get(f"/cases/{case_id}"))
    assert found
    seed.hear(Said("dan.okafor", "Dan Okafor", "@brightline never mind, he has just arrived", 0))
    status, page = browser.post(f"/cases/{case_id}/approve", text=ANSWER, about=found[1])
    assert status == 409
    assert "written again meanwhile" in page
    assert ANSWER in page.split("data-answer")[1]
    assert seed.store.outbox.of_case(case_id) == []
    found = re.search(r'name="about" value="(\d+)"', page)
    assert found
    assert browser.post(f"/cases/{case_id}/approve", text=ANSWER, about=found[1])[0] == 303


def test_words_stay_on_the_page_when_the_hold_was_lost(
    seed: Seed, ana: Agent, mara: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    seed.case_work.assign(case_id, mara, mara)
    status, page = browser.post(f"/cases/{case_id}/approve", text=ANSWER)
    assert status == 409
    assert "Mara Vogt holds this case" in page
    assert f'What you wrote</h3><p class="words" dir="auto">{ANSWER}' in page
    assert f'hx-get="/cases/{case_id}/answer"' not in page  # nothing replaces them


def test_a_template_can_be_picked(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    assert browser.post(f"/cases/{case_id}/template", template="outage", text="")[0] == 303
    draft = seed.store.drafts.of_case(case_id)
    assert draft is not None
    assert draft.template == "outage"
    status, page = browser.post(f"/cases/{case_id}/template", template="../../etc/passwd", text="kept")
    assert status == 422
    assert "no such reply template" in page


def test_who_answered_there_has_read_the_newest_post(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    first = seed.hear(POSTS[1])
    browser = sign_in(ana)
    browser.post(f"/cases/{first.id}/claim")
    [read] = seed.store.mentions.of_case(first.id)
    seed.hear(POSTS[2])
    code, page = browser.post(f"/cases/{first.id}/by-hand", about=str(read.id))
    assert code == 409
    assert "has written again meanwhile" in page
    assert seed.store.cases.get(first.id).first_response_at is None
    newest = seed.store.mentions.of_case(first.id)[-1]
    assert browser.post(f"/cases/{first.id}/by-hand", about=str(newest.id))[0] == 303


def test_a_case_by_hand_offers_the_draft_and_the_link_and_cannot_be_sent(
    seed: Seed, ana: Agent, by_hand_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{by_hand_id}/claim")
    page = browser.get(f"/cases/{by_hand_id}")
    assert "By hand only" in page
    assert "X accepts an answer through its API only then" in page
    assert "I answered it there" in page
    assert f"/cases/{by_hand_id}/approve" not in page
    assert browser.post(f"/cases/{by_hand_id}/approve", text="hello ^AL")[0] == 409
    assert seed.store.outbox.of_case(by_hand_id) == []
    assert browser.post(f"/cases/{by_hand_id}/by-hand")[0] == 303
    assert seed.store.cases.get(by_hand_id).first_response_at is not None


def test_a_case_with_an_automated_reply_is_answered_by_hand(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    mention = seed.store.mentions.of_case(case_id)[-1]
    post = mention.post
    now = seed.clock.now()
    reply = OutboxMessage(
        id=0, platform=post.platform, target_id=post.external_id, mention_id=mention.id, case_id=case_id, text="Noted.",
        state=OutboxState.SENT, approved_by="rule:noted", approved_at=now, automated=True, held_until=now, sent_at=now,
    )  # fmt: skip
    seed.store.outbox.add(reply, post.external_id)
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    page = browser.get(f"/cases/{case_id}")
    assert "By hand only" in page
    assert "each post gets one through the platform" in page
    assert browser.post(f"/cases/{case_id}/draft", text=ANSWER)[0] == 303
    assert ANSWER in browser.get(f"/cases/{case_id}")
    assert browser.post(f"/cases/{case_id}/approve", text=ANSWER)[0] == 409  # one reply a post through the platform
    assert browser.post(f"/cases/{case_id}/by-hand")[0] == 303
    assert seed.store.cases.get(case_id).first_response_at == now


def test_the_ways_of_a_case(seed: Seed, ana: Agent, mara: Agent, case_id: int, sign_in: SignIn) -> None:
    browser, manager = sign_in(ana), sign_in(mara)
    browser.post(f"/cases/{case_id}/claim")
    assert browser.post(f"/cases/{case_id}/pending")[0] == 303
    assert seed.store.cases.get(case_id).status is CaseStatus.PENDING
    assert browser.post(f"/cases/{case_id}/reopen")[0] == 303
    assert browser.post(f"/cases/{case_id}/escalate", reason="the press is calling")[0] == 303
    assert seed.store.cases.get(case_id).priority is Priority.URGENT
    assert browser.post(f"/cases/{case_id}/assign", to=str(ana.id))[0] == 403
    assert manager.post(f"/cases/{case_id}/assign", to="999")[0] == 422
    assert manager.post(f"/cases/{case_id}/assign", to=str(mara.id))[0] == 303
    assert seed.store.cases.get(case_id).assignee_id == mara.id
    assert manager.post(f"/cases/{case_id}/resolve", reason="engineer booked")[0] == 303
    page = manager.get(f"/cases/{case_id}")
    for words in (
        "escalated the case (the press is calling)",
        "resolved the case (engineer booked)",
        "assigned the case",
    ):
        assert words in page
    assert manager.post(f"/cases/{case_id}/reopen")[0] == 303
    assert manager.post(f"/cases/{case_id}/release")[0] == 303
    assert seed.store.cases.count(CaseFilter(status=CaseStatus.OPEN, unassigned=True)) == 1


def test_snoozing_goes_by_the_brands_own_morning(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    seed.clock.moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)  # 23:30 in London, in summer
    assert browser.post(f"/cases/{case_id}/snooze", until="tomorrow")[0] == 303
    assert seed.store.cases.get(case_id).snoozed_until == datetime(2026, 7, 2, 8, 0, tzinfo=UTC)
    assert browser.post(f"/cases/{case_id}/snooze", until="hour")[0] == 303
    assert seed.store.cases.get(case_id).snoozed_until == seed.clock.now() + timedelta(hours=1)
    assert browser.post(f"/cases/{case_id}/snooze", until="at", at="2026-07-03T10:00")[0] == 303
    assert seed.store.cases.get(case_id).snoozed_until == datetime(2026, 7, 3, 9, 0, tzinfo=UTC)
    assert browser.post(f"/cases/{case_id}/snooze", until="at", at="2026-07-01T10:00")[0] == 422
    assert browser.post(f"/cases/{case_id}/snooze", until="at", at="")[0] == 422
    status, page = browser.post(f"/cases/{case_id}/snooze", until="at", at="2062-07-03T10:00")
    assert (status, "A case rests for a year at most" in page) == (422, True)
    assert seed.store.cases.get(case_id).snoozed_until == datetime(2026, 7, 3, 9, 0, tzinfo=UTC)


def test_a_note_is_kept_and_an_empty_one_is_not(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    assert browser.post(f"/cases/{case_id}/note", text="  rang twice \n")[0] == 303
    assert browser.post(f"/cases/{case_id}/note", text="   ")[0] == 422
    assert [note.text for note in seed.store.cases.notes(case_id)] == ["rang twice"]
    assert "rang twice" in browser.get(f"/cases/{case_id}")


def test_a_case_that_does_not_exist_is_not_found(ana: Agent, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    for path in ("/cases/999", "/cases/999/talk", f"/cases/{10**30}"):
        assert browser.http.get(path).status_code == 404
    assert browser.post("/cases/999/claim")[0] == 404


def test_an_address_that_is_no_page_is_told_in_plain_words(ana: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    typed = browser.http.get("/cases/abc")
    assert (typed.status_code, "There is no such page." in typed.text) == (404, True)
    asked_again = browser.http.get(f"/cases/{case_id}/approve")  # in the address bar after a refusal
    assert asked_again.status_code == 405
    assert "This address takes what a form sends" in asked_again.text


def test_each_part_comes_again_only_when_it_changed(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    tags = {part: browser.http.get(f"/cases/{case_id}/{part}").headers["etag"] for part in ("talk", "answer", "side")}
    for part, tag in tags.items():
        assert browser.http.get(f"/cases/{case_id}/{part}", headers={"If-None-Match": tag}).status_code == 304
    seed.case_work.claim(case_id, ana)
    side = browser.http.get(f"/cases/{case_id}/side", headers={"If-None-Match": tags["side"]})
    assert "You hold this case" in side.text
    talk = browser.http.get(f"/cases/{case_id}/talk", headers={"If-None-Match": tags["talk"]})
    assert talk.status_code == 304
