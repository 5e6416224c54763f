"""What somebody typed is never lost, and never approved for a post that they have not read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from config.errors import StoreError
from store.records import Agent, CaseStatus, OutboxState, Platform, Suppression
from tests.desk.conftest import BASE, Browser
from tests.desk.seed import POSTS, Seed

SignIn = Callable[[Agent], Browser]
ANSWER = "We are sorry, Dan: an engineer comes tomorrow between 8 and 10, and calls before. ^AL"


@pytest.fixture
def by_hand_id(seed: Seed) -> int:
    """The case of somebody who spoke about the brand and not to it."""
    return seed.hear(POSTS[4]).id


def test_what_was_written_for_an_answer_by_hand_stays_as_a_note(
    seed: Seed, ana: Agent, by_hand_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{by_hand_id}/claim")
    browser.post(f"/cases/{by_hand_id}/draft", text="first words ^AL")
    assert browser.post(f"/cases/{by_hand_id}/by-hand", text="The street is back, Pete.\r\nSorry! ^AL")[0] == 303
    assert [note.text for note in seed.store.cases.notes(by_hand_id)] == [
        "Answered by hand. What was written here: The street is back, Pete.\nSorry! ^AL"
    ]
    browser.post(f"/cases/{by_hand_id}/by-hand")  # nothing was written here
    assert len(seed.store.cases.notes(by_hand_id)) == 1


def test_that_it_was_answered_by_hand_is_taken_back_for_an_hour(
    seed: Seed, ana: Agent, by_hand_id: int, sign_in: SignIn
) -> None:
    browser, other = sign_in(ana), sign_in(seed.agent("bo", "Bo Adair"))
    browser.post(f"/cases/{by_hand_id}/claim")
    assert browser.post(f"/cases/{by_hand_id}/not-by-hand")[0] == 409  # nothing was said
    browser.post(f"/cases/{by_hand_id}/by-hand", text="The street is back, Pete. ^AL")
    assert seed.store.cases.get(by_hand_id).first_response_at == seed.clock.now()
    assert "I did not answer after all" in browser.get(f"/cases/{by_hand_id}")
    assert "I did not answer after all" not in other.get(f"/cases/{by_hand_id}")
    seed.clock.advance(minutes=59)
    assert browser.post(f"/cases/{by_hand_id}/not-by-hand")[0] == 303
    case = seed.store.cases.get(by_hand_id)
    assert (case.first_response_at, case.status) == (None, CaseStatus.OPEN)
    page = browser.get(f"/cases/{by_hand_id}")
    assert "I did not answer after all" not in page
    assert "had not answered there after all" in page
    assert "What was written here: The street is back, Pete. ^AL" in page
    browser.post(f"/cases/{by_hand_id}/by-hand")
    seed.clock.advance(minutes=61)
    assert browser.post(f"/cases/{by_hand_id}/not-by-hand")[0] == 409
    assert "I did not answer after all" not in browser.get(f"/cases/{by_hand_id}")


def test_a_first_response_that_was_given_before_stays(seed: Seed, ana: Agent, by_hand_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{by_hand_id}/claim")
    browser.post(f"/cases/{by_hand_id}/by-hand")
    first = seed.store.cases.get(by_hand_id).first_response_at
    seed.clock.advance(minutes=5)
    browser.post(f"/cases/{by_hand_id}/by-hand")
    assert browser.post(f"/cases/{by_hand_id}/not-by-hand")[0] == 303
    assert seed.store.cases.get(by_hand_id).first_response_at == first


def form_of(page: str) -> dict[str, str]:
    """Return what the editor's form tells of the post that it was made for."""
    return dict(re.findall(r'name="(about|version|tag)" value="(\w+)"', page))


def edited(seed: Seed, case_id: int, text: str) -> None:
    """Let the author change the words of the newest post of a case, and frankly read it again."""
    seed.clock.advance(minutes=2)
    newest = seed.store.mentions.of_case(case_id)[-1]
    now = seed.clock.now()
    with seed.store.transaction():
        seed.store.mentions.follow_edit(newest.id, replace(newest.post, text=text, edited_at=now), now)
    seed.answering.post_changed(seed.store.mentions.get(newest.id))
    seed.clock.advance(minutes=1)


def editing_while_the_post_is_edited(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> tuple[Browser, dict[str, str]]:
    """An agent's browser, and the form on the page that was loaded before the edit."""
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    read = form_of(browser.get(f"/cases/{case_id}"))
    edited(seed, case_id, "@brightline it was another company's engineer, sorry!")
    return browser, read


def test_an_answer_that_was_typed_for_an_older_version_of_the_post_is_not_approved(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser, read = editing_while_the_post_is_edited(seed, ana, case_id, sign_in)
    status, page = browser.post(f"/cases/{case_id}/approve", text=ANSWER, **read)
    assert status == 409
    assert "The post was edited meanwhile. Read it again, then approve your answer." in page
    assert ANSWER in page.split("data-answer")[1]
    assert seed.store.outbox.of_case(case_id) == []
    assert browser.post(f"/cases/{case_id}/approve", text=ANSWER, **form_of(page))[0] == 303


def test_the_same_words_are_stood_by_when_they_are_saved_after_an_edit(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    browser.post(f"/cases/{case_id}/draft", text=ANSWER)
    edited(seed, case_id, '@brightline the app says the visit was "completed". It was not!')
    page = browser.get(f"/cases/{case_id}")
    assert "read it again, and save the draft to stand by it" in page
    status, refused = browser.post(f"/cases/{case_id}/approve", text=ANSWER, **form_of(page))
    assert status == 409
    assert "save the draft to stand by it" in refused
    assert browser.post(f"/cases/{case_id}/draft", text=ANSWER, **form_of(page))[1].endswith("said=saved")
    page = browser.get(f"/cases/{case_id}")
    assert "save the draft to stand by it" not in page
    assert browser.post(f"/cases/{case_id}/approve", text=ANSWER, **form_of(page))[0] == 303


def test_who_saves_words_for_an_older_version_of_the_post_is_told(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser, read = editing_while_the_post_is_edited(seed, ana, case_id, sign_in)
    _, shown = browser.post(f"/cases/{case_id}/draft", text=ANSWER, **read)
    assert "The post was edited meanwhile: read it again before you approve." in browser.get(shown)
    draft = seed.store.drafts.of_case(case_id)
    assert draft is not None
    assert draft.text == ANSWER


def test_a_saved_draft_is_gone_on_with_when_the_author_writes_again(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    case_id = seed.hear(POSTS[1]).id
    browser.post(f"/cases/{case_id}/claim")
    browser.post(f"/cases/{case_id}/draft", text=ANSWER)
    seed.hear(POSTS[2])
    page = browser.get(f"/cases/{case_id}")
    assert f'Written before that post</h3><p class="words" dir="auto">{ANSWER}' in page
    assert browser.post(f"/cases/{case_id}/begin")[0] == 303
    page = browser.get(f"/cases/{case_id}")
    assert "written before the author&#39;s newest post" in page
    assert ANSWER in page.split("data-answer")[1]
    assert browser.post(f"/cases/{case_id}/approve", text=ANSWER, **form_of(page))[0] == 303
    seed.hear(replace(POSTS[2], minutes_ago=1))  # what has been approved is not gone on with
    assert "Written before that post" not in browser.get(f"/cases/{case_id}")


def test_a_saved_draft_is_gone_on_with_however_often_the_author_writes_again(
    seed: Seed, ana: Agent, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    case_id = seed.hear(POSTS[1]).id
    browser.post(f"/cases/{case_id}/claim")
    browser.post(f"/cases/{case_id}/draft", text=ANSWER)  # over the words of a template
    for _ in range(2):
        seed.hear(POSTS[2])
        browser.post(f"/cases/{case_id}/begin")
        assert ANSWER in browser.get(f"/cases/{case_id}").split("data-answer")[1]


@pytest.mark.parametrize("act", ["draft", "approve"])
def test_words_of_an_older_tab_replace_newer_ones_only_when_both_were_seen(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn, act: str
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    older = form_of(browser.get(f"/cases/{case_id}"))
    browser.post(f"/cases/{case_id}/draft", text=ANSWER, **older)
    status, page = browser.post(f"/cases/{case_id}/{act}", text="older words ^AL", **older)
    assert status == 409
    assert "Other words were saved here since you loaded the page." in page
    assert f'What is saved</h3><p class="words" dir="auto">{ANSWER}' in page
    assert "older words ^AL" in page.split("data-answer")[1]
    assert (seed.store.outbox.of_case(case_id), seed.store.drafts.of_case(case_id).text) == ([], ANSWER)  # type: ignore[union-attr]
    assert browser.post(f"/cases/{case_id}/{act}", text="older words ^AL", **form_of(page))[0] == 303


def test_who_is_told_of_other_words_sees_them_also_where_nobody_holds_the_case(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser, bo = sign_in(ana), seed.agent("bo", "Bo Adair")
    browser.post(f"/cases/{case_id}/claim")
    older = form_of(browser.get(f"/cases/{case_id}"))
    draft = seed.store.drafts.of_case(case_id)
    assert draft is not None
    seed.case_work.release(case_id, ana)
    seed.answering.edit(draft.id, bo, "a colleague's words ^BA")
    status, page = browser.post(f"/cases/{case_id}/draft", text=ANSWER, **older)
    assert status == 409
    assert f'What you wrote</h3><p class="words" dir="auto">{ANSWER}' in page
    assert 'What is saved</h3><p class="words" dir="auto">a colleague&#39;s words ^BA' in page


def test_an_answer_is_begun_with_its_template(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    case_id = seed.hear(POSTS[1]).id
    browser.post(f"/cases/{case_id}/claim")
    first = seed.store.drafts.of_case(case_id)
    seed.hear(POSTS[2])
    assert "Written before that post" not in browser.get(f"/cases/{case_id}")  # nobody wrote: it is a template's text
    browser.post(f"/cases/{case_id}/begin")
    draft = seed.store.drafts.of_case(case_id)
    assert first is not None
    assert draft is not None
    assert (draft.id != first.id, draft.text, draft.mode_reasons) == (True, first.text, first.mode_reasons)
    assert draft.text


def resolved_by(seed: Seed, case_id: int, agent: Agent) -> None:
    seed.case_work.resolve(case_id, agent)


def answered_by(seed: Seed, case_id: int, agent: Agent) -> None:
    draft = seed.answering.draft(case_id, f"agent:{agent.id}")
    seed.answering.approve(seed.answering.edit(draft.id, agent, "I take this one, Dan. ^BA").id, agent)


def opted_out(seed: Seed, case_id: int, agent: Agent) -> None:
    author = seed.store.cases.get(case_id).author.external_id
    seed.store.suppressions.add(Suppression(Platform.X, author, "they asked us to stop", "daemon", seed.clock.now()))
    seed.case_work.release(case_id, agent)


def deleted(seed: Seed, case_id: int, agent: Agent) -> None:
    with seed.store.transaction():
        for mention in seed.store.mentions.of_case(case_id):
            seed.store.deletions.empty_mention(mention.id, seed.clock.now(), "deleted")
    seed.case_work.release(case_id, agent)


@pytest.mark.parametrize("meanwhile", [resolved_by, answered_by, opted_out, deleted])
def test_words_stay_on_the_page_whatever_was_done_to_the_case_meanwhile(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn, meanwhile: Callable[[Seed, int, Agent], None]
) -> None:
    browser, bo = sign_in(ana), seed.agent("bo", "Bo Adair")
    browser.post(f"/cases/{case_id}/claim")
    seed.case_work.release(case_id, ana)
    seed.case_work.claim(case_id, bo)
    meanwhile(seed, case_id, bo)
    status, page = browser.post(f"/cases/{case_id}/approve", text=ANSWER)
    assert status == 409
    assert f'What you wrote</h3><p class="words" dir="auto">{ANSWER}' in page
    assert f'hx-get="/cases/{case_id}/answer"' not in page  # nothing replaces them


@pytest.mark.parametrize("act", ["approve", "draft", "by-hand", "note"])
def test_words_of_a_form_that_is_not_taken_stand_on_the_page_that_says_so(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn, act: str
) -> None:
    browser = sign_in(ana)
    path = f"/cases/{case_id}/{act}"
    form = {"csrf_token": browser.token(), "text": f"{ANSWER} </textarea><b>"}
    refusals = [browser.http.post(path, data={**form, "csrf_token": "of an earlier session"})]  # 403
    with seed.store.transaction():
        seed.store.sessions.end_others(ana.id, "")
    refusals.append(browser.http.post(path, data=form))  # 401
    for refused, status in zip(refusals, (403, 401), strict=True):
        assert refused.status_code == status
        assert f"{ANSWER} &lt;/textarea&gt;&lt;b&gt;" in refused.text
    foreign = browser.http.post(path, data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert ANSWER not in foreign.text  # another site's page put them there


def test_words_stand_on_the_page_where_the_store_takes_none(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(ana)
    form = {"csrf_token": browser.token(), "text": ANSWER}

    def full(*_: object) -> None:
        raise StoreError("the disk is full; make room")

    monkeypatch.setattr(seed.answering, "edit", full)
    with TestClient(app, base_url=BASE, raise_server_exceptions=False, cookies=browser.http.cookies) as http:
        failed = http.post(f"/cases/{case_id}/draft", data=form)
    assert failed.status_code == 500
    assert "the disk is full; make room." in failed.text
    assert ANSWER in failed.text


def test_an_old_refused_answer_is_not_written_over_a_newer_draft(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    browser.post(f"/cases/{case_id}/approve", text="refused words ^AL")
    (message,) = seed.store.outbox.of_case(case_id)
    for state in (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.REFUSED):
        seed.store.outbox.move(seed.store.outbox.get(message.id), state)
    assert "Make it a draft again" in browser.get(f"/cases/{case_id}")
    browser.post(f"/cases/{case_id}/begin")  # a template's text is no newer draft
    assert "Make it a draft again" in browser.get(f"/cases/{case_id}")
    browser.post(f"/cases/{case_id}/draft", text=ANSWER)
    assert "Make it a draft again" not in browser.get(f"/cases/{case_id}")
    status, page = browser.post(f"/cases/{case_id}/answers/{message.id}/give-back")
    assert status == 409
    assert "There is a newer draft of an answer to this post already" in page
    draft = seed.store.drafts.of_case(case_id)
    assert draft is not None
    assert draft.text == ANSWER


def test_who_types_keeps_their_hold(seed: Seed, ana: Agent, mara: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    browser.post(f"/cases/{case_id}/claim")
    seed.clock.advance(minutes=29)
    browser.post(f"/cases/{case_id}/check", text="We are sor")
    seed.clock.advance(minutes=29)
    assert seed.case_work.release_stale() == 0
    seed.case_work.assign(case_id, mara, mara)
    browser.post(f"/cases/{case_id}/check", text="We are sorry")  # takes nothing from anybody
    assert seed.store.cases.get(case_id).assignee_id == mara.id
