"""The desk in a real browser: keys, live updates, and nothing that the content security policy has to stop."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from store.records import Agent, CaseStatus, Platform
from tests.desk.seed import Said, Seed

pytestmark = pytest.mark.browser

# The words of table cells that stand on two lines; what may be as long as an address is left out.
BROKEN_WORDS = """
() => [...document.querySelectorAll("th, td:not(.long)")].flatMap((cell) => {
  if (cell.children.length || !cell.firstChild) return [];
  return [...cell.textContent.matchAll(/\\S+/g)].filter((word) => {
    const range = document.createRange();
    range.setStart(cell.firstChild, word.index);
    range.setEnd(cell.firstChild, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map((word) => word[0]);
})
"""


def test_no_page_breaks_the_content_security_policy(
    page: Page, desk_url: str, seed: Seed, complaints: list[str]
) -> None:
    mallory = seed.store.search.by_handle("mallory", 1)[0].case_id
    for path in ("/", f"/cases/{mallory}", "/search?q=document", "/status", "/digests", "/agents", "/account"):
        page.goto(desk_url + path)
        expect(page.locator(".strip b").first).to_be_visible()  # htmx has brought the strip
        assert "frankly" in page.title()
    assert complaints == []


def test_keys_walk_the_queue_open_claim_and_approve(page: Page, seed: Seed, root: Agent) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("[data-case]").first
    assert "chosen" in (first.get_attribute("class") or "")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")
    case_id = int(page.url.rpartition("/")[2])
    page.keyboard.press("c")
    page.wait_for_url("**/cases/*?said=claimed")  # loaded: keys are heard only then
    expect(page.get_by_text("You hold this case.")).to_be_visible()
    page.keyboard.press("e")
    editor = page.locator("#text")
    expect(editor).to_be_focused()
    editor.fill("We are on our way, Mia. RO")
    expect(page.get_by_text("26 of 280 characters")).to_be_visible()
    editor.fill("We are on our way, Mia. ^RO")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("approved, held for a moment")).to_be_visible()
    assert [message.text for message in seed.store.outbox.of_case(case_id)] == ["We are on our way, Mia. ^RO"]


def test_what_has_the_focus_keeps_it_when_its_part_of_the_page_comes_again(
    page: Page, desk_url: str, seed: Seed, root: Agent
) -> None:
    page.goto(f"{desk_url}/cases/2")
    resolve = page.get_by_role("button", name="Resolve")
    resolve.focus()
    seed.case_work.note(2, root, "a colleague's note")
    expect(page.get_by_text("a colleague's note")).to_be_visible()
    expect(resolve).to_be_focused()
    page.goto(desk_url)
    free = page.get_by_role("link", name="Held by nobody")
    free.focus()
    seed.hear(Said("newcomer", "New Comer", "@brightline is anybody there?", 1))
    expect(page.get_by_text("is anybody there?")).to_be_visible()
    expect(free).to_be_focused()


def test_a_proxy_that_answers_in_the_desk_s_place_is_told_of(page: Page, desk_url: str) -> None:
    page.route("**/strip", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    page.goto(f"{desk_url}/cases/1")
    banner = page.get_by_role("alert").filter(has_text="The desk cannot be reached.")
    expect(banner).to_be_visible()
    page.unroute("**/strip")
    expect(banner).to_be_hidden()


def test_the_way_back_to_the_queue_keeps_filters_and_page(page: Page, desk_url: str) -> None:
    for back in (lambda: page.keyboard.press("q"), lambda: page.get_by_role("link", name="Queue", exact=True).click()):
        page.goto(f"{desk_url}/?queue=billing&held=free")
        page.locator("[data-case] a").first.click()
        page.wait_for_url("**/cases/*")  # a key that is pressed before the page has loaded reaches nothing
        page.keyboard.press("c")
        page.wait_for_url("**/cases/*?said=claimed")
        page.get_by_role("button", name="Release").click()
        page.wait_for_url("**/cases/*?said=released")
        back()
        page.wait_for_url("**/?queue=billing&held=free")


def test_by_keys_one_comes_to_any_choice_of_a_filter(page: Page, desk_url: str) -> None:
    status = page.get_by_label("Status")
    status.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(status).to_be_focused()
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**/?*status=snoozed*")
    page.get_by_label("Status").select_option("resolved")  # as the mouse does
    page.wait_for_url("**/?*status=resolved*")


def test_enter_in_the_time_of_a_snooze_means_that_time(page: Page, desk_url: str, seed: Seed) -> None:
    page.goto(f"{desk_url}/cases/1")
    page.keyboard.press("s")
    day = seed.clock.now().date() + timedelta(days=9)
    page.get_by_label("Snooze until").fill(f"{day}T09:00")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The case rests until then.")).to_be_visible()
    until = seed.store.cases.get(1).snoozed_until
    assert until is not None
    assert until.date() == day


def test_a_case_can_be_claimed_from_the_queue(page: Page, seed: Seed, root: Agent) -> None:
    page.keyboard.press("j")
    chosen = page.locator(".chosen").get_attribute("data-case")
    page.keyboard.press("c")
    page.wait_for_url(f"**/cases/{chosen}?said=claimed")
    assert seed.store.cases.get(int(chosen or 0)).assignee_id == root.id


def test_snoozing_shows_its_choices_first(page: Page, desk_url: str, seed: Seed) -> None:
    page.goto(f"{desk_url}/cases/1")
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Snooze 1 h")).to_be_focused()
    assert seed.store.cases.get(1).status is CaseStatus.OPEN
    page.keyboard.press("Enter")
    expect(page.get_by_text("The case rests until then.")).to_be_visible()
    assert seed.store.cases.get(1).snoozed_until == seed.clock.now() + timedelta(hours=1)


def test_a_label_is_corrected_by_keys(page: Page, desk_url: str, seed: Seed) -> None:
    page.goto(f"{desk_url}/cases/1")
    page.keyboard.press("l")
    expect(page.get_by_label("Sentiment")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Severity", exact=True)).to_be_focused()
    page.keyboard.type("none")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thank you: the correction is kept")).to_be_visible()
    mention = seed.store.mentions.of_case(1)[-1]
    assert [(one.field, one.corrected) for one in seed.store.corrections.of_mention(mention.id)] == [
        ("severity", "none")
    ]


def test_the_help_opens_and_typing_a_letter_does_nothing_else(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("jckra?")
    expect(page.locator("#search")).to_have_value("jckra?")


def test_a_new_case_arrives_by_itself_and_the_selection_stays(page: Page, seed: Seed) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    chosen = page.locator(".chosen").get_attribute("data-case")
    before = page.locator("[data-case]").count()
    seed.hear(Said("newcomer", "New Comer", "@brightline is anybody there?", 1))
    expect(page.locator("[data-case]")).to_have_count(before + 1)
    assert page.locator(".chosen").get_attribute("data-case") == chosen
    expect(page.locator(f'[data-case="{chosen}"] a')).to_be_focused()


def test_a_narrow_window_shows_everything_without_scrolling_sideways(page: Page, desk_url: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    for path in ("/", "/cases/1", "/status", "/search?q=engineer", "/agents", "/account"):
        page.goto(desk_url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_narrow_window_breaks_no_word_of_a_table(page: Page, desk_url: str, seed: Seed) -> None:
    seed.store.sources.ensure("reddit comments", "reddit_comments", Platform.REDDIT)
    seed.store.sources.failed("reddit comments", "https://reddit.example/" + "a" * 300)
    page.set_viewport_size({"width": 400, "height": 800})
    for path in ("/agents", "/status"):
        page.goto(desk_url + path)
        expect(page.get_by_role("columnheader").first).to_be_visible()
        assert page.evaluate(BROKEN_WORDS) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.locator("td.long").first.bounding_box()["width"] < 400  # type: ignore[index]  # it is visible
