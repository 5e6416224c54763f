"""Typed words in a real browser: they are not lost, not sent by half, and not replaced without a question."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from responders.desk.signin import make_login_link
from store.records import Agent, CaseStatus, Role
from tests.desk.seed import POSTS, Said, Seed

pytestmark = pytest.mark.browser


def take_the_first_case(page: Page, desk_url: str) -> None:
    page.goto(f"{desk_url}/cases/1")
    page.keyboard.press("c")
    page.wait_for_url("**/cases/*?said=claimed")


def sign_in_anew(page: Page, seed: Seed, agent: Agent, desk_url: str) -> None:
    anew = page.context.new_page()
    anew.goto(make_login_link(seed.store, agent, desk_url, datetime.now(UTC)))
    anew.get_by_role("button", name="Sign in").click()
    expect(anew.locator("[data-case]").first).to_be_visible()


def test_whoever_leaves_an_answer_that_is_not_saved_is_asked_first(page: Page, desk_url: str, seed: Seed) -> None:
    take_the_first_case(page, desk_url)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    editor = page.locator("#text")
    editor.fill("We are on our way, Mia. ^RO")
    page.get_by_label("A note for your colleagues").fill("rang twice")
    with page.expect_event("dialog"):
        page.get_by_role("button", name="Keep the note").click(no_wait_after=True)
    expect(editor).to_have_value("We are on our way, Mia. ^RO")
    assert seed.store.cases.notes(1) == []
    page.get_by_label("A note for your colleagues").fill("")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    assert asked == ["beforeunload"]


def test_whoever_leaves_a_note_that_is_not_kept_is_asked_first(page: Page, desk_url: str, seed: Seed) -> None:
    page.goto(f"{desk_url}/cases/1")
    page.get_by_label("A note for your colleagues").fill("rang twice")
    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("button", name="Resolve").click(no_wait_after=True)
    assert asked.value.type == "beforeunload"
    assert seed.store.cases.get(1).status is CaseStatus.OPEN
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("The note is kept.")).to_be_visible()


def test_whoever_leaves_words_that_a_refusal_left_on_the_page_alone_is_asked_first(
    page: Page, desk_url: str, seed: Seed, root: Agent
) -> None:
    take_the_first_case(page, desk_url)
    page.locator("#text").fill("We are on our way, Mia. ^RO")
    seed.case_work.assign(1, root, seed.agent("bo", "Bo Adair"))
    page.get_by_role("button", name="Approve").click()
    words = page.get_by_text("We are on our way, Mia. ^RO")
    expect(words).to_be_visible()
    words.click()
    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.keyboard.press("q")
    assert asked.value.type == "beforeunload"
    expect(words).to_be_visible()


def test_a_page_from_before_a_new_sign_in_says_so_while_somebody_types(
    page: Page, desk_url: str, seed: Seed, root: Agent
) -> None:
    take_the_first_case(page, desk_url)
    page.locator("#text").fill("We are on our way. ^RO")  # from here on the form is left as it is
    sign_in_anew(page, seed, root, desk_url)
    page.locator("#text").fill("We are on our way, Mia. ^RO")
    expect(page.get_by_role("alert").filter(has_text="You have been signed out.")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_label("What you typed")).to_have_value("We are on our way, Mia. ^RO")
    page.go_back()
    expect(page.locator("#text")).to_have_value("We are on our way, Mia. ^RO")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("approved, held for a moment")).to_be_visible()


def test_a_page_that_nobody_typed_in_goes_on_after_a_new_sign_in(
    page: Page, desk_url: str, seed: Seed, root: Agent
) -> None:
    take_the_first_case(page, desk_url)
    old = page.locator("#answer [name=csrf_token]").first.input_value()
    sign_in_anew(page, seed, root, desk_url)
    expect(page.locator("#answer [name=csrf_token]").first).not_to_have_value(old)
    with page.expect_response(lambda answer: answer.url.endswith("/check")) as checked:
        page.locator("#text").fill("We are on our way, Mia. ^RO")
    assert checked.value.status == 200
    expect(page.get_by_role("alert").filter(has_text="You have been signed out.")).to_be_hidden()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("approved, held for a moment")).to_be_visible()


def test_words_that_going_back_brings_again_are_not_replaced(page: Page, desk_url: str, seed: Seed) -> None:
    take_the_first_case(page, desk_url)
    page.locator("#text").fill("We are on our way, Mia. ^RO")
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(f"{desk_url}/cases/2")
    page.go_back()
    seed.case_work.note(1, seed.store.agents.get(1), "the case changes")
    with page.expect_response(lambda answer: answer.url.endswith("/side")):
        pass
    expect(page.get_by_text("the case changes")).to_be_visible()
    expect(page.locator("#text")).to_have_value("We are on our way, Mia. ^RO")


def test_enter_in_the_reason_to_send_it_anyway_approves_what_was_written(page: Page, desk_url: str, seed: Seed) -> None:
    take_the_first_case(page, desk_url)
    page.locator("#text").fill("Ring 020 7946 0958, Mia, they wait for you. ^RO")
    page.locator("#override").fill("it is our own number")
    page.keyboard.press("Enter")
    expect(page.get_by_text("approved, held for a moment")).to_be_visible()
    assert [one.text for one in seed.store.outbox.of_case(1)] == ["Ring 020 7946 0958, Mia, they wait for you. ^RO"]


def test_a_template_takes_the_place_of_written_words_only_after_a_question(page: Page, desk_url: str) -> None:
    take_the_first_case(page, desk_url)
    template = page.locator("#text").input_value()
    page.get_by_role("button", name="Use it").click()  # nothing was written: nobody is asked
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    page.locator("#text").fill("We are on our way, Mia. ^RO")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#text")).to_have_value("We are on our way, Mia. ^RO")
    page.get_by_role("button", name="Save the draft").click()
    page.wait_for_load_state()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#text")).to_have_value(template)


def test_whoever_types_on_beside_the_editor_approves_no_half_of_an_answer(
    page: Page, desk_url: str, seed: Seed
) -> None:
    take_the_first_case(page, desk_url)
    page.locator("#text").fill("We ")
    page.locator("h1").click()
    page.keyboard.type("are")
    expect(page.locator("#text")).to_be_focused()
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    assert seed.store.outbox.of_case(1) == []
    page.keyboard.press("a")
    expect(page.get_by_text("approved, held for a moment")).to_be_visible()


def test_who_finishes_writing_an_answer_by_hand_keeps_it_and_has_answered_nothing_yet(
    page: Page, desk_url: str, seed: Seed
) -> None:
    case_id = seed.store.search.by_handle("old_pete", 1)[0].case_id or 0  # to be answered by hand
    page.goto(f"{desk_url}/cases/{case_id}")
    page.keyboard.press("c")
    page.wait_for_url("**/cases/*?said=claimed")
    page.locator("#text").fill("The street is back since nine, Pete. ^RO")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    expect(page.locator("#text")).to_have_value("The street is back since nine, Pete. ^RO")
    assert seed.store.cases.get(case_id).first_response_at is None


def test_what_somebody_types_is_left_alone_while_the_case_changes(
    page: Page, desk_url: str, seed: Seed, root: Agent
) -> None:
    case = seed.hear(POSTS[1])
    page.goto(f"{desk_url}/cases/{case.id}")
    note = page.get_by_label("A note for your colleagues")
    note.fill("half a though")
    seed.case_work.note(case.id, seed.agent("bo", "Bo Adair", Role.AGENT), "somebody else's note")
    with page.expect_response(lambda answer: answer.url.endswith("/talk")):
        seed.hear(Said("dan.okafor", "Dan Okafor", "@brightline hello?", 1))
    expect(page.get_by_text("@brightline hello?")).to_be_visible()
    expect(note).to_have_value("half a though")


def test_a_button_that_is_pressed_twice_sends_its_form_once(page: Page, desk_url: str) -> None:
    take_the_first_case(page, desk_url)
    sent = page.get_by_role("button", name="Approve").evaluate(
        """(button) => {
          const sent = [];
          window.addEventListener("submit", (event) => {
            if (!event.defaultPrevented) sent.push(event.submitter.textContent);
            event.preventDefault(); // a page that goes away cannot be pressed again
          });
          button.click();
          button.click();
          return sent;
        }"""
    )
    assert sent == ["Approve"]


def test_after_copying_the_answer_keys_type_nothing_into_it(page: Page, desk_url: str, seed: Seed, root: Agent) -> None:
    case_id = seed.store.search.by_handle("old_pete", 1)[0].case_id or 0  # to be answered by hand
    page.goto(f"{desk_url}/cases/{case_id}")
    page.keyboard.press("c")
    page.wait_for_url("**/cases/*?said=claimed")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_focused()
    page.keyboard.press("a")
    expect(page.get_by_text("Noted that you answered it there.")).to_be_visible()
    assert seed.store.cases.get(case_id).first_response_at is not None
