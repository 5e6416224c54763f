from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI, Request

from responders.desk.app import CONTENT_SECURITY_POLICY, create_desk
from responders.desk.signin import address_of, checks, hash_password, make_login_link, password_fits
from responders.desk.views.account import local_path
from store.records import Agent, Role
from tests.conftest import FrozenClock
from tests.desk.conftest import BASE, PASSWORD, Browser
from tests.desk.seed import Seed

SignIn = Callable[[Agent], Browser]


def enter_password(browser: Browser, username: str, password: str, next_: str = "/") -> tuple[int, str]:
    token = browser.get("/sign-in").split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "username": username, "password": password, "next": next_}
    response = browser.http.post("/sign-in", data=fields)
    return response.status_code, response.headers.get("location") or response.text


def test_the_right_password_opens_the_page_that_was_asked_for(stranger: Browser, ana: Agent) -> None:
    assert stranger.http.get("/search?q=outage").headers["location"] == "/sign-in?next=/search%3Fq%3Doutage"
    assert enter_password(stranger, "ANA", PASSWORD, "/search?q=outage") == (303, "/search?q=outage")
    assert "Queue" in stranger.get("/")


def test_a_wrong_password_and_an_unknown_name_say_the_same(stranger: Browser, ana: Agent) -> None:
    status, page = enter_password(stranger, "ana", "not the password")
    unknown_status, unknown_page = enter_password(stranger, "nobody", "not the password")
    assert status == unknown_status == 401
    assert "do not fit together" in page
    assert "do not fit together" in unknown_page


def test_after_five_failures_even_the_right_password_waits(
    stranger: Browser, ana: Agent, wall: FrozenClock, app: FastAPI
) -> None:
    for _ in range(5):
        assert enter_password(stranger, "ana", "wrong wrong wrong")[0] == 401
    status, page = enter_password(stranger, "ana", PASSWORD)
    assert status == 429
    assert "15 minutes" in page
    wall.advance(minutes=16)
    assert enter_password(stranger, "ana", PASSWORD)[0] == 303


def test_an_address_that_failed_with_many_names_waits_and_a_link_still_lets_in(
    stranger: Browser, ana: Agent, wall: FrozenClock, sign_in: SignIn
) -> None:
    for number in range(30):
        assert enter_password(stranger, f"nobody{number}", "wrong wrong wrong")[0] == 401
    assert enter_password(stranger, "ana", PASSWORD)[0] == 429
    assert "Queue" in sign_in(ana).get("/")
    wall.advance(minutes=16)
    assert enter_password(stranger, "ana", PASSWORD)[0] == 303


@pytest.mark.parametrize(
    ("host", "address"),
    [("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3::4", "2001:db8:1:2::"), ("testclient", "testclient"), (None, "")],
)
def test_one_households_ipv6_addresses_are_one(host: str | None, address: str) -> None:
    client = (host, 50000) if host else None
    assert address_of(Request({"type": "http", "client": client})) == address


def test_strangers_who_try_passwords_cannot_take_every_thread_of_the_desk(app: FastAPI, ana: Agent) -> None:
    """While no password can be checked, eight tries wait in line; the next is turned away at once."""
    browsers = [Browser(app) for _ in range(9)]
    answers: queue.Queue[tuple[int, str]] = queue.Queue()

    def knock(number: int) -> None:
        answers.put(enter_password(browsers[number], f"nobody{number}", "wrong wrong wrong"))

    with ThreadPoolExecutor(len(browsers)) as pool:
        with checks, checks:
            for number in range(len(browsers)):
                pool.submit(knock, number)
            status, page = answers.get(timeout=60)
            assert status == 429
            assert "in a moment" in page
            assert answers.empty()
        assert [answers.get(timeout=60)[0] for _ in range(8)] == [401] * 8
    for browser in browsers:
        browser.http.__exit__(None, None, None)


def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(
    stranger: Browser, seed: Seed, ana: Agent, wall: FrozenClock
) -> None:
    link = urlsplit(make_login_link(seed.store, ana, BASE, wall.now())).path
    page = stranger.get(link)
    assert stranger.get(link)  # as a link preview does
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert stranger.http.post(link, data={"csrf_token": token}).status_code == 303
    assert "Ana Lima" in stranger.get("/account")
    token = stranger.get("/sign-in").split('name="csrf_token" value="')[1].split('"')[0]
    again = stranger.http.post(link, data={"csrf_token": token})
    assert again.status_code == 410
    assert "was used" in again.text


def test_a_link_ends_after_fifteen_minutes(stranger: Browser, seed: Seed, ana: Agent, wall: FrozenClock) -> None:
    link = urlsplit(make_login_link(seed.store, ana, BASE, wall.now())).path
    token = stranger.get(link).split('name="csrf_token" value="')[1].split('"')[0]
    wall.advance(minutes=15)
    assert stranger.http.post(link, data={"csrf_token": token}).status_code == 410


def test_the_store_knows_no_token(seed: Seed, ana: Agent, wall: FrozenClock, sign_in: SignIn) -> None:
    link = make_login_link(seed.store, ana, BASE, wall.now())
    browser = sign_in(ana)
    cookie = browser.http.cookies["frankly_session"]
    dump = str(seed.store.database.rows("SELECT * FROM sessions")) + str(
        seed.store.database.rows("SELECT * FROM login_links")
    )
    assert cookie not in dump
    assert link.rpartition("/")[2] not in dump


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(stranger: Browser, ana: Agent) -> None:
    token = stranger.get("/sign-in").split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "username": "ana", "password": PASSWORD}
    cookie = stranger.http.post("/sign-in", data=fields).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # until the settings say that the desk is served over https


@pytest.mark.parametrize(
    ("own", "secure"),
    [
        ({"secure_cookies": True}, True),
        ({"public_url": "https://desk.example.com"}, True),
        ({"public_url": "HTTPS://desk.example.com"}, True),
        ({"public_url": "http://desk.example.com"}, False),
    ],
)
def test_the_cookie_is_secure_where_the_settings_say_so(
    seed: Seed, ana: Agent, wall: FrozenClock, own: dict[str, object], secure: bool
) -> None:
    desk = seed.settings.desk.model_copy(update=own)
    settings = seed.settings.model_copy(update={"desk": desk})
    app = create_desk(seed.store, settings, seed.clock, seed.answering, seed.case_work, seed.templates, wall=wall)
    browser = Browser(app)
    response = browser.http.get("/sign-in")
    assert ("Secure" in response.headers["set-cookie"]) == secure


def test_a_session_ends_in_time_and_with_its_agent(seed: Seed, ana: Agent, wall: FrozenClock, sign_in: SignIn) -> None:
    browser, other = sign_in(ana), sign_in(ana)
    wall.advance(hours=11, minutes=59)
    browser.get("/")
    seed.store.agents.disable(ana.id, wall.now())
    assert other.http.get("/").status_code == 303
    seed.store.agents.enable(ana.id)
    browser = sign_in(ana)
    wall.advance(hours=12)
    assert browser.http.get("/").headers["location"].startswith("/sign-in")
    assert browser.http.get("/queue", headers={"HX-Request": "true"}).status_code == 401


def test_signing_out_ends_the_session(ana: Agent, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    cookie = browser.http.cookies["frankly_session"]
    assert browser.post("/sign-out") == (303, "/sign-in")
    browser.http.cookies.set("frankly_session", cookie)
    assert browser.http.get("/").status_code == 303


def test_an_agent_without_a_password_sets_one_and_then_needs_it(seed: Seed, mara: Agent, sign_in: SignIn) -> None:
    browser, other = sign_in(mara), sign_in(mara)
    new = "another long one"
    assert browser.post("/account/password", new=new, again="other")[0] == 422
    assert browser.post("/account/password", new="short", again="short")[0] == 422
    assert browser.post("/account/password", new=new, again=new)[0] == 303
    assert other.http.get("/").status_code == 303  # signed out everywhere else
    assert browser.post("/account/password", new="a third long one", again="a third long one")[0] == 422
    assert browser.post("/account/password", new="a third long one", again="a third long one", current=new)[0] == 303
    assert password_fits(seed.store.agents.password_hash(mara.id), "a third long one")


def test_whoever_finds_a_desk_signed_in_guesses_its_password_no_more_often_than_a_stranger(
    ana: Agent, wall: FrozenClock, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    new = "another long one"
    for _ in range(5):
        assert browser.post("/account/password", new=new, again=new, current="wrong wrong wrong")[0] == 422
    assert browser.post("/account/password", new=new, again=new, current=PASSWORD)[0] == 429
    wall.advance(minutes=16)
    assert browser.post("/account/password", new=new, again=new, current=PASSWORD)[0] == 303


def test_an_agent_who_sets_passwords_cannot_take_every_thread_of_the_desk(
    app: FastAPI, mara: Agent, sign_in: SignIn
) -> None:
    browsers = [sign_in(mara) for _ in range(9)]
    answers: queue.Queue[int] = queue.Queue()
    new = "another long one"

    with ThreadPoolExecutor(len(browsers)) as pool:
        with checks, checks:
            for browser in browsers:
                pool.submit(lambda one: answers.put(one.post("/account/password", new=new, again=new)[0]), browser)
            assert answers.get(timeout=60) == 429
            assert answers.empty()
        assert 303 in [answers.get(timeout=60) for _ in range(8)]


def test_a_password_that_is_taken_away_takes_the_sessions_with_it(
    seed: Seed, ana: Agent, root: Agent, sign_in: SignIn
) -> None:
    """Whoever signed in with a stolen one could set a new one, which nobody else knows."""
    thief, admin = sign_in(ana), sign_in(root)
    assert admin.post(f"/agents/{ana.id}/forget-password")[0] == 303
    assert thief.http.get("/account").status_code == 303
    assert admin.post(f"/agents/{root.id}/forget-password")[0] == 303
    admin.get("/account")  # who does it to themselves can set a new one


def test_every_change_needs_the_token_of_the_session(app: FastAPI, root: Agent, sign_in: SignIn) -> None:
    browser = sign_in(root)
    posts = paths(app, "post")
    assert len(posts) > 20
    for path in posts:
        real = path.replace("{case_id}", "1").replace("{agent_id}", "1").replace("{outbox_id}", "1")
        fields = {"text": "x", "until": "hour", "to": "1", "role": "agent", "mention_id": "1", "new": "x", "again": "x"}
        fields |= {"username": "x", "name": "x", "initials": "x", "password": "x"}
        missing = browser.http.post(real.replace("{token}", "x"), data=fields)
        wrong = browser.http.post(real.replace("{token}", "x"), data={**fields, "csrf_token": "é" * 43})
        assert (path, missing.status_code, wrong.status_code) == (path, 403, 403)


def paths(app: FastAPI, method: str) -> list[str]:
    """Return the paths that take a method, as the framework itself would document them."""
    return [path for path, methods in app.openapi()["paths"].items() if method in methods]


def test_a_form_from_another_site_is_refused_even_with_the_token(ana: Agent, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    fields = {"csrf_token": browser.token()}
    answer = browser.http.post("/sign-out", data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_everything_but_signing_in_and_the_probes_needs_a_session(app: FastAPI, stranger: Browser) -> None:
    open_to_all = {"/sign-in", "/sign-in/link/{token}", "/healthz", "/metrics"}
    pages = [path for path in paths(app, "get") if path not in open_to_all]
    assert len(pages) > 8
    for path in pages:
        real = path.replace("{case_id}", "1").replace("{brand}", "B").replace("{day}", "2026-01-01")
        assert (path, stranger.http.get(real).status_code) == (path, 303)


@pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/static/desk.css", "/no-such-page", "/", "/metrics"])
def test_every_response_carries_the_protective_headers(stranger: Browser, path: str) -> None:
    response = stranger.http.get(path)
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == ("public, max-age=86400" if path.startswith("/static") else "no-store")


def test_a_failure_carries_them_as_well_and_tells_nothing(seed: Seed, stranger: Browser) -> None:
    seed.store.database.execute("DROP TABLE login_links")
    stranger.http._transport.raise_server_exceptions = False  # type: ignore[attr-defined]  # as a real server does
    token = stranger.get("/sign-in").split('name="csrf_token" value="')[1].split('"')[0]
    response = stranger.http.post("/sign-in/link/x", data={"csrf_token": token})
    assert response.status_code == 500
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "Traceback" not in response.text


def test_only_the_hosts_of_the_settings_are_answered(stranger: Browser) -> None:
    assert stranger.http.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
    assert stranger.http.get("/sign-in", headers={"Host": "127.0.0.1:8470"}).status_code == 200


@pytest.mark.parametrize("own", [{"public_url": "http://[2001:db8::1]:8470"}, {"host": "2001:db8::1"}])
def test_an_ipv6_address_of_the_settings_is_answered(seed: Seed, own: dict[str, str]) -> None:
    settings = seed.settings.model_copy(update={"desk": seed.settings.desk.model_copy(update=own)})
    app = create_desk(seed.store, settings, seed.clock, seed.answering, seed.case_work, seed.templates)
    assert Browser(app).http.get("/sign-in", headers={"Host": "[2001:db8::1]:8470"}).status_code == 200
    assert Browser(app).http.get("/sign-in", headers={"Host": "[2001:db8::2]:8470"}).status_code == 400
    assert Browser(app).http.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


def test_a_form_that_is_too_large_is_refused_before_it_is_read(ana: Agent, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    answer = browser.http.post("/cases/1/note", data={"csrf_token": browser.token(), "text": "x" * 300_000})
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/\tx", ""])
def test_signing_in_leads_nowhere_else(path: str) -> None:
    assert local_path(path) == "/"


def test_a_password_has_ten_characters_or_more() -> None:
    with pytest.raises(ValueError, match="10 to 200"):
        hash_password("123456789")


def test_roles_open_their_pages_and_no_others(
    seed: Seed, ana: Agent, mara: Agent, root: Agent, sign_in: SignIn
) -> None:
    agent, manager, admin = sign_in(ana), sign_in(mara), sign_in(root)
    assert agent.http.get("/agents").status_code == manager.http.get("/agents").status_code == 403
    assert "This needs the role admin; yours is agent." in agent.http.get("/agents").text
    admin.get("/agents")
    assert agent.post("/pause", reason="x")[0] == 403
    assert seed.store.switches.paused() is None
    assert manager.post("/pause", reason="bad weather")[0] == 303
    assert seed.store.switches.paused() == "bad weather"
    assert agent.post("/resume")[0] == 403
    assert manager.post("/resume")[0] == 303
    assert seed.store.switches.paused() is None
    assert manager.post(f"/agents/{ana.id}/role", role=Role.ADMIN)[0] == 403
