from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI

from responders.desk.app import create_desk
from responders.digest.figures import make_digest, to_json
from responders.digest.page import render_html
from store.records import Agent, Platform, Role
from tests.conftest import FrozenClock
from tests.desk.conftest import Browser, signed_in
from tests.desk.seed import POSTS, Said, Seed

SignIn = Callable[[Agent], Browser]

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7187*7919 }}{% raw %}${7187*7919}\u202eevil\u2066 "
    "=HYPERLINK(\"x\") '\"></textarea></title><svg/onload=alert(3)>"
)  # fmt: skip


def test_hostile_text_in_every_field_shows_up_as_text(seed: Seed, root: Agent, sign_in: SignIn) -> None:
    said = Said(HOSTILE[:40], HOSTILE, "findme " + HOSTILE, 5, topic=HOSTILE, queue=HOSTILE, platform=Platform.REDDIT,
                reasons=(HOSTILE,), thread="t")  # fmt: skip
    case = seed.hear(said)
    seed.store.database.execute("UPDATE mentions SET url = 'javascript:alert(4)', community = ?", (HOSTILE,))
    browser = sign_in(root)
    seed.case_work.claim(case.id, root)
    seed.case_work.note(case.id, root, HOSTILE)
    browser.post(f"/cases/{case.id}/draft", text=HOSTILE)
    browser.post(f"/cases/{case.id}/escalate", reason=HOSTILE)
    browser.post("/pause", reason=HOSTILE)
    browser.post("/agents", username="x", name="<b>Mallory</b>", initials="MM", role="agent")
    seed.store.sources.ensure("<i>x</i>", "x_search", Platform.X)
    seed.store.sources.failed("<i>x</i>", HOSTILE)
    pages = [
        "/",
        "/queue",
        "/strip",
        f"/cases/{case.id}",
        f"/cases/{case.id}/side",
        "/search?q=findme",
        "/status",
        "/agents",
    ]
    pages.append("/search?q=" + "%3Cscript%3Ealert(1)%3C/script%3E")
    for path in pages:
        page = browser.get(path)
        for raw in (
            "<script>alert",
            "<img src=x",
            "<svg/onload",
            "javascript:alert",
            "<b>Mallory",
            "<i>x</i>",
            "56913853",
        ):
            assert raw not in page.replace("1949", ""), (path, raw)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in browser.get(f"/cases/{case.id}")


def test_search_marks_what_matched_and_escapes_the_rest(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    seed.hear(Said("eve", "", "<b>router</b> & co \x02fake\x03 router", 5))
    page = sign_in(ana).get("/search?q=router")
    assert "&lt;b&gt;<mark>router</mark>&lt;/b&gt; &amp; co" in page


@pytest.mark.parametrize(
    "query", ['"', "NEAR(", "a AND", "* ^ : -", "{x} OR (", "\x00", "é" * 500, "%", "'); DROP TABLE mentions;--"]
)
def test_search_operators_do_no_harm(seed: Seed, ana: Agent, sign_in: SignIn, query: str) -> None:
    seed.hear_all()
    sign_in(ana).get("/search", params={"q": query})


def test_search_finds_posts_authors_and_notes(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    cases = seed.hear_all()
    seed.case_work.note(cases[0].id, ana, "called the ambulance line")
    browser = sign_in(ana)
    assert "visit missed" in browser.get("/search?q=engineer+missed").replace("<mark>", "").replace("</mark>", "")
    assert f"/cases/{cases[0].id}" in browser.get("/search?q=ambulance")
    assert "By this author" in browser.get("/search?q=@katya_m")
    assert "No mention has all of these words" in browser.get("/search?q=zebra")
    browser.get("/search?q=the&before=x")


def test_status_tells_of_sources_gaps_outbox_and_money(
    seed: Seed, ana: Agent, wall: FrozenClock, sign_in: SignIn
) -> None:
    now = seed.clock.now()
    with seed.store.transaction():
        seed.store.sources.ensure("x mentions", "x_mentions", Platform.X)
        seed.store.sources.failed("x mentions", "the bearer token was refused")
        seed.store.sources.record("x mentions", "gap", now - timedelta(hours=2), now - timedelta(hours=1), "rate limit")
        entry = seed.store.spending.reserve(Platform.X, "x mentions", "search", 1.5, now)
        seed.store.spending.settle(entry, 1.25)
    seed.beat(wall.now() - timedelta(seconds=7))
    page = sign_in(ana).get("/status")
    for words in (
        "the bearer token was refused",
        "to be filled",
        "rate limit",
        "1, 1 h 00 min",
        "$1.25",
        "7 s",
        "dry run, nothing is posted",
    ):
        assert words in page
    assert "Pause all sending" not in page  # that is for managers


def test_an_admin_adds_disables_and_links_agents(seed: Seed, root: Agent, sign_in: SignIn) -> None:
    browser = sign_in(root)
    assert browser.post("/agents", username="eva", name="Eva Berg", initials="EB", role="agent")[0] == 303
    eva = seed.store.agents.by_username("eva")
    assert eva is not None
    assert browser.post("/agents", username="EVA", name="Eva Berg", initials="EB", role="agent")[0] == 422
    assert browser.post("/agents", username="two words", name="x", initials="X", role="agent")[0] == 422
    assert browser.post("/agents", username="fay", name="x", initials="<b>", role="agent")[0] == 422
    assert browser.post("/agents", username="fay", name="x", initials="X", role="emperor")[0] == 422
    status, page = browser.post(f"/agents/{eva.id}/link")
    assert status == 200
    assert "http://localhost/sign-in/link/" in page
    assert browser.post(f"/agents/{eva.id}/role", role="manager")[0] == 303
    assert seed.store.agents.get(eva.id).role is Role.MANAGER
    seed.store.agents.set_password(eva.id, "hash")
    assert browser.post(f"/agents/{eva.id}/forget-password")[0] == 303
    assert seed.store.agents.password_hash(eva.id) is None
    case = seed.case_work.claim(seed.hear(POSTS[0]).id, eva)
    assert browser.post(f"/agents/{eva.id}/disable")[0] == 303
    assert seed.store.agents.get(eva.id).disabled_at is not None
    assert seed.store.cases.get(case.id).assignee_id is None
    assert browser.post(f"/agents/{eva.id}/enable")[0] == 303
    assert browser.post("/agents/999/enable")[0] == 404


def test_a_refused_agent_keeps_what_was_typed(root: Agent, sign_in: SignIn) -> None:
    browser = sign_in(root)
    status, page = browser.post("/agents", username="fay", name='Fay "<b>" Ode', initials="F1", role="manager")
    assert status == 422
    assert 'value="fay"' in page
    assert "&lt;b&gt;" in page
    assert 'value="F1"' in page
    assert page.rindex("<option selected>manager") > page.index("Add an agent")


def test_an_error_page_leads_on_whoever_is_signed_in_alone(stranger: Browser, ana: Agent, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    for path in ("/cases/999", "/cases/abc", "/nowhere", "/agents"):
        page = browser.http.get(path).text
        assert '<nav aria-label="Pages">' in page
        assert "Sign out" in page
    strange = stranger.http.get("/nowhere")
    assert strange.status_code == 404
    assert "<nav" not in strange.text
    assert "Sign out" not in strange.text


def test_the_last_admin_stays(seed: Seed, root: Agent, sign_in: SignIn) -> None:
    browser = sign_in(root)
    assert browser.post(f"/agents/{root.id}/role", role="agent")[0] == 409
    assert browser.post(f"/agents/{root.id}/disable")[0] == 409
    assert seed.store.agents.get(root.id).role is Role.ADMIN


def test_health_follows_the_heartbeat(seed: Seed, stranger: Browser, wall: FrozenClock) -> None:
    assert stranger.http.get("/healthz").status_code == 503
    seed.beat(wall.now() - timedelta(seconds=80))
    assert stranger.http.get("/healthz").json() == {"status": "ok", "heartbeat_age_seconds": 80.0}
    wall.advance(seconds=20)
    assert stranger.http.get("/healthz").status_code == 503


def test_metrics_count_and_tell_no_words(seed: Seed, stranger: Browser, wall: FrozenClock) -> None:
    seed.hear_all()
    seed.beat(wall.now())
    text = stranger.get("/metrics")
    for line in (
        f"frankly_mentions {float(len(POSTS))}",
        'frankly_cases{status="open"} 11.0',
        "frankly_cases_overdue 2.0",
        "frankly_paused 0.0",
        "frankly_heartbeat_age_seconds 0.0",
        'frankly_mentions_waiting{step="assess"} 0.0',
    ):
        assert line in text
    assert "okafor" not in text


def test_digests_are_listed_and_a_missing_one_is_not_found(app: FastAPI, ana: Agent, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    assert "No digest has been made yet" in browser.get("/digests")
    for path in (
        "/digests/Brightline/2026-03-01",
        "/digests/Brightline/0001-01-01",
        "/digests/Brightline/9999-12-31",
        "/digests/Brightline/yesterday",
        "/digests/No/2026-03-01",
    ):
        assert browser.http.get(path).status_code == 404


def test_the_list_of_digests_says_what_became_of_each(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    noon, digests = seed.clock.now(), seed.store.digests
    for number in range(1, 6):
        digests.save("Brightline", date(2026, 2, number), "{}", noon)
    for number in (2, 3, 4, 5):
        assert digests.mark_trying("Brightline", date(2026, 2, number), noon)
    digests.mark_unsent("Brightline", date(2026, 2, 3), "1 of 1 addresses did not take it (mailto)")
    digests.mark_sent("Brightline", date(2026, 2, 4), noon)
    digests.mark_sent("Brightline", date(2026, 2, 5), noon, "1 of 2 addresses did not take it (mailto)")
    page = sign_in(ana).get("/digests")
    told = re.findall(r"<td>[^<]*</td><td>([^<]*)</td>\n  </tr>", page)
    assert told == [
        "2 Mar 09:00: 1 of 2 addresses did not take it (mailto)",
        "2 Mar 09:00",
        "not sent: 1 of 1 addresses did not take it (mailto)",
        "not known: sending it was cut off",
        "not sent",
    ]


def test_a_digest_is_shown_with_its_pictures(seed: Seed, wall: FrozenClock, ana: Agent) -> None:
    seed.hear_all()
    brand = seed.settings.brands[0]
    seed.clock.advance(days=1)
    digest = make_digest(seed.store, seed.settings, seed.clock, brand, date(2026, 3, 2))
    with seed.store.transaction():
        seed.store.digests.save(brand.name, digest.day, to_json(digest), seed.clock.now())
    parts = (seed.answering, seed.case_work, seed.templates, render_html)
    browser = Browser(create_desk(seed.store, seed.settings, seed.clock, *parts, wall=wall))
    signed_in(browser, seed, ana, wall)
    assert "/digests/Brightline/2026-03-02" in browser.get("/digests")
    page = browser.get("/digests/Brightline/2026-03-02")
    assert "Brightline" in page
    pictures = re.findall(r'src="(/digests/[^"]+\.png)"', page)
    assert pictures
    for address in pictures:
        assert browser.http.get(address).content.startswith(b"\x89PNG")
    assert browser.http.get("/digests/Brightline/2026-03-02/secrets.png").status_code == 404


def test_two_desks_do_not_share_anything(seed: Seed, app: FastAPI) -> None:
    other = create_desk(seed.store, seed.settings, seed.clock, seed.answering, seed.case_work, seed.templates)
    assert other.state.desk is not app.state.desk


def test_the_running_day_is_shown_so_far(seed: Seed, wall: FrozenClock, ana: Agent) -> None:
    seed.hear_all()
    seed.clock.advance(hours=1)
    parts = (seed.answering, seed.case_work, seed.templates, render_html)
    browser = Browser(create_desk(seed.store, seed.settings, seed.clock, *parts, wall=wall))
    signed_in(browser, seed, ana, wall)
    assert "Brightline today, so far" in browser.get("/digests")
    today = seed.clock.now().astimezone(ZoneInfo(seed.settings.brands[0].time_zone)).date()
    page = browser.get(f"/digests/Brightline/{today}")
    assert "so far" in page
    drawn = re.findall(r'src="(/digests/[^"]+\.png)"', page)
    assert drawn
    for picture in drawn:
        assert browser.http.get(picture).content.startswith(b"\x89PNG")
    assert seed.store.digests.get("Brightline", today) is None
    assert browser.http.get(f"/digests/Brightline/{today + timedelta(days=1)}").status_code == 404
