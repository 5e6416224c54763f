from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

from store.records import Agent, CaseStatus, Severity
from tests.desk.conftest import Browser
from tests.desk.seed import POSTS, Seed

SignIn = Callable[[Agent], Browser]


def listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-case="(\d+)"', page)]


def test_the_order_is_priority_and_then_what_is_due_soonest(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    seed.hear_all()
    shown = [seed.store.cases.get(number) for number in listed(sign_in(ana).get("/"))]
    assert len(shown) == len(POSTS) - 1  # two posts are one case
    order = [(-case.priority.rank, str(case.due_at)) for case in shown]
    assert order == sorted(order)
    assert shown[0].author.handle == "mia_tolliver"


def test_a_row_says_what_why_until_when_and_who(seed: Seed, ana: Agent, mara: Agent, sign_in: SignIn) -> None:
    case = seed.hear(POSTS[0])
    seed.case_work.claim(case.id, mara)
    page = sign_in(ana).get("/")
    for words in ("overdue 11 min", "critical", "a vulnerable person depends on the line", "held by Mara Vogt"):
        assert words in page
    assert "no internet since 6 this morning" in page


def test_the_reason_shown_is_that_of_the_gravest_post(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    grave = replace(POSTS[1], severity=Severity.CRITICAL, reasons=("smoke comes out of the box",))
    later = replace(POSTS[2], severity=Severity.LOW, reasons=("names a problem without a reproach",))
    seed.hear(grave)
    case = seed.hear(later)
    page = sign_in(ana).get("/")
    assert "smoke comes out of the box" in page
    assert "names a problem" not in page
    mention = seed.store.mentions.of_case(case.id)[0]
    with seed.store.transaction():
        seed.store.deletions.empty_mention(mention.id, seed.clock.now(), "deleted")
    for page in (sign_in(ana).get("/"), sign_in(ana).get(f"/cases/{case.id}")):
        assert "critical" in page
        assert "smoke comes out of the box" not in page
        assert "names a problem" not in page


def test_filters_narrow_the_list(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    cases = seed.hear_all()
    mine = cases[3]
    seed.case_work.claim(mine.id, ana)
    browser = sign_in(ana)
    assert listed(browser.get("/?held=me")) == [mine.id]
    assert mine.id not in listed(browser.get("/?held=free"))
    assert len(listed(browser.get("/?platform=reddit"))) == 2
    assert len(listed(browser.get("/?queue=billing"))) == 3
    assert len(listed(browser.get("/?severity=critical&priority=urgent&topic=outage"))) == 1
    assert listed(browser.get("/?brand=Nobody")) == []
    assert len(listed(browser.get("/?overdue=1"))) == 2
    assert listed(browser.get("/?status=resolved")) == []
    seed.case_work.resolve(mine.id, ana)
    assert listed(browser.get("/?status=resolved")) == [mine.id]
    assert mine.id in listed(browser.get("/?status=all"))


def test_words_that_are_no_filter_do_no_harm(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    seed.hear_all()
    browser = sign_in(ana)
    page = browser.get("/?severity=%27%20OR%201&page=-3&priority=%3Cscript%3E&held=x&status=nonsense")
    assert len(listed(page)) == len(POSTS) - 1
    assert "<script>" not in page
    assert listed(browser.get("/?page=99999999999999999999")) == listed(browser.get("/"))


def test_pages_hold_fifty(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    for number in range(53):
        said = POSTS[7]
        seed.hear(type(said)(f"author{number}", "", said.text, said.minutes_ago))
    browser = sign_in(ana)
    first = listed(browser.get("/"))
    second = listed(browser.get("/?page=2"))
    assert (len(first), len(second)) == (50, 3)
    assert not set(first) & set(second)
    emptied = browser.get("/?page=9")  # the cases of a page that is open may all be resolved
    assert "No further cases." in emptied
    assert "To the first page" in emptied
    assert not re.search(r"\d+ to \d+", emptied)


def test_the_list_comes_again_only_when_it_changed(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    seed.hear_all()
    browser = sign_in(ana)
    first = browser.http.get("/queue")
    tag = first.headers["etag"]
    assert tag.strip('"') in first.text  # the fragment sends it back by itself
    again = browser.http.get("/queue", headers={"If-None-Match": tag})
    assert (again.status_code, again.text) == (304, "")
    seed.clock.advance(minutes=1)
    changed = browser.http.get("/queue", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert "overdue 12 min" in changed.text


def test_the_list_that_comes_again_is_the_list_that_was_asked_for(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    cases = seed.hear_all()
    seed.case_work.resolve(cases[0].id, ana)
    seed.case_work.claim(cases[1].id, ana)
    browser = sign_in(ana)
    for path in ("/", "/?status=all", "/?status=resolved", "/?held=me", "/?overdue=1", "/?queue=billing&platform=x"):
        page = browser.get(path)
        found = re.search(r'hx-get="(/queue\?[^"]*)"', page)
        assert found
        again = browser.get(html.unescape(found[1]))
        assert (path, listed(again)) == (path, listed(page))


def test_the_strip_says_who_listens_and_what_waits(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    assert "The daemon is silent" in browser.get("/strip")
    assert "nothing heard yet" in browser.get("/strip")
    seed.hear_all()
    seed.store.switches.put("paused", {"reason": "a storm"}, seed.clock.now())
    page = browser.get("/strip")
    assert "Sending is paused" in page
    assert f"<b>{len(POSTS) - 1}</b> open" in page
    assert "<b>2</b> overdue" in page


def test_a_deleted_post_leaves_no_words(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    case = seed.hear(POSTS[0])
    seed.store.database.execute("UPDATE mentions SET text = '', deleted_at = '2026-03-02T09:00:00.000000Z'")
    browser = sign_in(ana)
    assert "deleted by its author" in browser.get("/")
    assert "Deleted by its author" in browser.get(f"/cases/{case.id}")
    assert seed.store.cases.get(case.id).status is CaseStatus.OPEN
