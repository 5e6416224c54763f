"""Promise 10: text written by strangers is data: never a template, never markup, never a command, never in a log."""

from __future__ import annotations

import csv
import http.cookiejar
import io
import json
import logging
import re
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from classifiers import BrandContext
from frankly import pipeline
from frankly.logs import failed, set_up_logs
from frankly.rehearsal.servers import RehearsalServers
from store.records import Assessment, Platform, Role
from tests.journey.process import add_agent, configure, frankly, reading, running, wait_until
from tests.promises.conftest import MakeWhole
from tests.promises.whole import TO_PEOPLE
from tests.stored import count_by_stage

MARK = "kwyjibo"
HOSTILE = [
    "<script>alert('kwyjibo')</script><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% for x in ().__class__.__base__.__subclasses__() %}kwyjibo{% endfor %} ${7*7} #{7*7} %(name)s {0}",
    '=HYPERLINK("https://evil.example/kwyjibo","click")',
    "kwyjibo\nat=2026-01-01T00:00:00Z level=error event=forged\r\nevent=forged",
    "kwyjibo \x1b[2J\x1b]0;owned\x07\x1b[31mred \x9b31m \u202egnp.exe\u202c \u200b\ufeff",
    "kwyjibo '); DROP TABLE mentions; -- \" OR 1=1 NEAR(a b) * : ^ AND",
    "[kwyjibo](javascript:alert(1)) ](x) | # heading `code` ***bold*** ![x](https://evil.example/pixel.png)",
    "kwyjibo \ud83d alone, \x00 nothing, \U0001f468\u200d\U0001f469\u200d\U0001f467 \u0301\u0301\u0301 \ufdfd",
    "kwyjibo " + "a" * 3_900,
    "../../../../etc/passwd%00 `kwyjibo` $(touch /tmp/kwyjibo) | rm -rf ~ ; true",
]
HANDLE = "shadowkwyjibo"
SECRET_WORDS = (MARK, "forged", "onerror", "DROP TABLE", "HYPERLINK")


def desk(folder: Path, port: int) -> urllib.request.OpenerDirector:
    """Sign in at the real desk over HTTP, as an agent's browser does."""
    link = add_agent(folder, "robin", "RA", Role.ADMIN)
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = opener.open(link, timeout=20).read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token is not None
    opener.open(link, urllib.parse.urlencode({"csrf_token": token[1]}).encode(), timeout=20).read()
    return opener


def assert_inert(html: str, where: str) -> None:
    """No tag, attribute or scheme of a stranger's is part of a page."""
    assert "<script>alert" not in html, where
    assert not re.search(r"<img[^>]+onerror", html), where
    assert not re.search(r"""(href|src|action)\s*=\s*["']?\s*javascript:""", html, re.IGNORECASE), where
    assert not re.search(r"""<img[^>]+evil\.example""", html), where


@pytest.fixture
def lived(tmp_path: Path, servers: RehearsalServers) -> Path:
    """A folder in which the real daemon has heard, answered and shown hostile posts; what it showed is in pages/."""
    port = configure(tmp_path, servers)
    (tmp_path / "routes.toml").write_text(TO_PEOPLE)
    pages = tmp_path / "pages"
    pages.mkdir()
    thread = servers.world.add_post(Platform.REDDIT, "local", "x", title="A week", subreddit="Harrowdale")
    servers.world.add_account(Platform.X, f"{HANDLE}x", display_name="<b onmouseover=alert(1)>{{ 7*7 }} kwyjibo")
    with running(tmp_path, port, servers.credentials()), reading(tmp_path) as store:
        # Reddit's comments count from when it is first read.
        wait_until(lambda: len([one for one in store.sources.all() if one.last_ok_at]) == 2, "both sources are read")
        for text in HOSTILE:
            servers.world.add_post(Platform.X, f"{HANDLE}x", f"@BriskBroadband {text}")
            servers.world.add_post(Platform.REDDIT, f"{HANDLE}r", f"Brisk Broadband {text}", reply_to=thread.id)
        count = 2 * len(HOSTILE)
        wait_until(lambda: count_by_stage(store).get("routed", 0) == count, "all went through the rules")
        cases = [row["id"] for row in store.database.rows("SELECT id FROM cases")]
        browser = desk(tmp_path, port)
        asked = ["/", "/status", "/digests", "/metrics", "/healthz", *(f"/cases/{case}" for case in cases)]
        asked += ["/search?" + urllib.parse.urlencode({"q": text[:200].encode(errors="replace")}) for text in HOSTILE]
        for number, path in enumerate(asked):
            with browser.open(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                (pages / f"{number}.html").write_bytes(answer.read())
    return tmp_path


def test_promise_10_hostile_texts_go_through_everything_and_stay_inert(lived: Path) -> None:
    log = (lived / "daemon.log").read_text()
    for word in (*SECRET_WORDS, HANDLE):
        assert word.lower() not in log.lower(), f"the log repeats a stranger: {word}"
    assert all(re.match(r"at=\S+ level=\w+ event=", line) for line in log.splitlines()), log
    pages = {path.name: path.read_text() for path in sorted((lived / "pages").iterdir())}
    assert any(MARK in page for page in pages.values())
    for name, page in pages.items():
        assert_inert(page, name)
    with reading(lived) as store:
        assert count_by_stage(store) == {"routed": 2 * len(HOSTILE)}
        stored = [row["text"] for row in store.database.rows("SELECT text FROM mentions")]
    assert any("{{ 7 * 7 }}" in text for text in stored)
    assert any("DROP TABLE mentions" in text for text in stored)
    for form in ("html", "markdown", "json"):
        done = frankly(lived, "digest", "--format", form)
        assert done.returncode == 0, done.stderr
        if form == "html":
            assert_inert(done.stdout, "digest")
        elif form == "markdown":
            assert "](javascript:" not in done.stdout
            assert "<script" not in done.stdout
        else:
            json.loads(done.stdout)
    rows = list(csv.reader(io.StringIO(frankly(lived, "export", "mentions", "--format", "csv").stdout)))
    assert len(rows) == 2 * len(HOSTILE) + 1
    assert [cell for row in rows[1:] for cell in row if cell.startswith(("=", "+", "@", "\t"))] == []
    lines = frankly(lived, "export", "mentions").stdout.split("\n")[:-1]
    assert len([json.loads(line) for line in lines]) == 2 * len(HOSTILE)
    for words in (("cases",), ("explain", "1"), ("explain", "5"), ("status",)):
        done = frankly(lived, *words)
        assert done.returncode == 0, done.stderr
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u202c]", done.stdout), words


class Quoting:
    """A classifier that breaks on every text and quotes it in its error, as libraries do."""

    name, revision = "quoting", "1"

    def assess(self, texts: list[str], brand: BrandContext) -> list[Assessment]:
        """Break."""
        try:
            raise LookupError(f"no token for {texts[0]!r}")
        except LookupError as error:
            raise ValueError(f"cannot read {texts}") from error


def test_promise_10_an_error_that_quotes_a_text_does_not_carry_it_into_the_log(
    make_whole: MakeWhole, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = make_whole()
    for number in range(3):
        whole.complain(Platform.X, f"{MARK} {number}", author=f"{HANDLE}{number}")
    whole.collect("x mentions")
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    whole.app.__dict__["_classifier"] = Quoting()
    try:
        set_up_logs()
        pipeline.assess(whole.app)
        try:
            json.loads(f"{{ {MARK} ")
        except json.JSONDecodeError:
            failed("a step failed unexpectedly and will be tried again", step="test")
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=RuntimeError(MARK))
    finally:
        root.handlers[:], root.level = kept
    told = capsys.readouterr().err
    assert MARK not in told
    assert HANDLE not in told
    lines = told.splitlines()
    assert len(lines) == 5
    assert all("ValueError" in line for line in lines[:3])
    assert "LookupError" in lines[0]
    assert "test_promise_10_data.py" in lines[0], "where it happened is told"
    assert "RuntimeError" in lines[-1]
    assert count_by_stage(whole.store) == {"set_aside": 3}
