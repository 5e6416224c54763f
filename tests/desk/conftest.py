"""A desk over a fresh store, and browsers-without-a-screen that are signed in at it."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import playwright.sync_api as playwright
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from responders.desk.app import create_desk
from responders.desk.signin import hash_password, make_login_link
from store.records import Agent, Role
from store.store import Store
from tests.browser import PATIENCE_MS
from tests.conftest import FrozenClock
from tests.desk.seed import POSTS, Said, Seed

PASSWORD = "correct horse battery"
HOSTILE = '<script>document.title="owned"</script><img src=x onerror="document.title=1"><style>*{color:red}</style>'
BASE = "http://localhost"


@pytest.fixture
def wall() -> FrozenClock:
    """The machine's own time, standing still."""
    return FrozenClock(datetime(2030, 1, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def seed(store: Store, clock: FrozenClock) -> Seed:
    return Seed(store, clock)


@pytest.fixture
def case_id(seed: Seed) -> int:
    """The case of a missed engineer visit, with two posts."""
    seed.hear(POSTS[1])
    return seed.hear(POSTS[2]).id


@pytest.fixture
def app(seed: Seed, wall: FrozenClock) -> FastAPI:
    return create_desk(seed.store, seed.settings, seed.clock, seed.answering, seed.case_work, seed.templates, wall=wall)


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def ana(seed: Seed, password_hash: str) -> Agent:
    return seed.agent("ana", "Ana Lima", Role.AGENT, password_hash)


@pytest.fixture
def mara(seed: Seed) -> Agent:
    return seed.agent("mara", "Mara Vogt", Role.MANAGER)


@pytest.fixture
def root(seed: Seed) -> Agent:
    return seed.agent("root", "Ruth Oyelaran", Role.ADMIN)


class Browser:
    """A client that keeps cookies and sends forms as the pages would."""

    def __init__(self, app: FastAPI) -> None:
        self.http = TestClient(app, base_url=BASE, follow_redirects=False)
        self.http.__enter__()

    def get(self, path: str, **options: object) -> str:
        response = self.http.get(path, **options)  # type: ignore[arg-type]  # passed on as they come
        assert response.status_code == 200, (path, response.status_code, response.text[:500])
        return response.text

    def token(self, path: str = "/account") -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path))
        assert found, f"no form on {path}"
        return found[1]

    def post(self, path: str, /, **fields: str) -> tuple[int, str]:
        """Send a form with the token of the session; returns the status, and the text or where it leads."""
        response = self.http.post(path, data={"csrf_token": self.token(), **fields})
        return response.status_code, response.headers.get("location") or response.text


def signed_in(browser: Browser, seed: Seed, agent: Agent, wall: FrozenClock) -> None:
    """Sign an agent in with a one-time link."""
    link = make_login_link(seed.store, agent, BASE, wall.now())
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(link))
    assert found
    assert browser.http.post(link, data={"csrf_token": found[1]}).status_code == 303


@pytest.fixture
def sign_in(app: FastAPI, seed: Seed, wall: FrozenClock) -> Iterator[Callable[[Agent], Browser]]:
    """Return a function that opens a browser in which an agent is signed in."""
    opened: list[Browser] = []

    def enter(agent: Agent) -> Browser:
        browser = Browser(app)
        opened.append(browser)
        signed_in(browser, seed, agent, wall)
        return browser

    yield enter
    for browser in opened:
        browser.http.__exit__(None, None, None)


@pytest.fixture
def stranger(app: FastAPI) -> Iterator[Browser]:
    """A browser in which nobody is signed in."""
    browser = Browser(app)
    yield browser
    browser.http.__exit__(None, None, None)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture
def desk_url(seed: Seed) -> Iterator[str]:
    # Sessions go by real time here: a browser drops a cookie by its own clock.
    app = create_desk(seed.store, seed.settings, seed.clock, seed.answering, seed.case_work, seed.templates)
    with served(app) as url:
        yield url


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console had to say."""
    return []


@pytest.fixture
def page(browser: playwright.Browser, seed: Seed, desk_url: str, root: Agent, complaints: list[str]) -> Iterator[Page]:
    """A page in which an admin is signed in and sees the queue of the demonstration."""
    seed.hear_all()
    seed.hear(Said("mallory", HOSTILE, "@brightline " + HOSTILE, 3))
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(make_login_link(seed.store, root, desk_url, datetime.now(UTC)))
    opened.get_by_role("button", name="Sign in").click()
    expect(opened.locator("[data-case]").first).to_be_visible()
    opened.wait_for_load_state()  # keys are heard only then
    yield opened
    context.close()
