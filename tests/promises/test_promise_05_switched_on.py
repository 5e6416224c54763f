"""Promise 5: nothing is posted until the operator switches that channel on; dry run and pause cannot be gone round."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.loading import load_settings
from frankly.rehearsal.servers import RehearsalServers
from frankly.replaying import replay_files
from responders.pausing import pause_sending, resume_sending
from store.records import OutboxState, Platform
from tests.journey.process import configure, frankly, reading
from tests.promises.conftest import MakeWhole
from tests.promises.test_promise_04_sent_once import approve
from tests.promises.whole import TO_PEOPLE, Whole

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("frankly", "responders", "classifiers", "listener", "store", "config")


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_5_what_was_never_switched_on_posts_nothing(make_whole: MakeWhole, platform: Platform) -> None:
    """With every setting about sending left out, as an operator's first configuration has it."""
    whole = make_whole()
    file = whole.folder / "frankly.toml"
    file.write_text(file.read_text().replace('sending = "on"\n', ""))
    whole.app.settings = load_settings(file, {})
    post = whole.complain(platform)
    whole.clock.advance(minutes=1)
    whole.hear()
    message = whole.answer(post, whole.agent())
    whole.send()
    assert whole.store.outbox.get(message.id).dry_run
    assert whole.case(post).first_response_at is None
    assert (whole.posted(platform), whole.replies(platform)) == ([], [])


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_5_a_pause_stops_what_is_queued_already(whole: Whole, platform: Platform) -> None:
    post = whole.complain(platform)
    whole.clock.advance(minutes=1)
    whole.hear()
    message = whole.answer(post, whole.agent())
    sender = whole.app.sender()
    sender.release_held()
    assert whole.store.outbox.get(message.id).state is OutboxState.QUEUED
    pause_sending(whole.store, whole.clock, "operator", "storm in the press")
    for _ in range(3):
        assert not sender.send_one()
        whole.clock.advance(minutes=5)
        whole.send()
    assert whole.posted(platform) == []
    assert whole.store.outbox.get(message.id).state is OutboxState.QUEUED
    resume_sending(whole.store, whole.clock, "operator")
    whole.send()
    assert len(whole.posted(platform)) == 1


def test_promise_5_a_pause_between_the_look_and_the_request_stops_the_request(whole: Whole) -> None:
    """The post is looked at over HTTP first, which takes a while; somebody may pause meanwhile."""
    post = whole.complain(Platform.X)
    whole.hear("x mentions")
    message = whole.answer(post, whole.agent())
    sender = whole.app.sender()
    sender.release_held()
    whole.servers.x.faults.add("slow", "GET", "/2/tweets", seconds=1)
    sending = threading.Thread(target=sender.send_one)
    sending.start()
    whole.servers.x.wait_for("GET", "/2/tweets")
    pause_sending(whole.store, whole.clock, "operator", "now")
    sending.join()
    assert whole.posted(Platform.X) == []
    assert whole.store.outbox.get(message.id).state is OutboxState.QUEUED


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_5_replayed_posts_are_never_answered(make_whole: MakeWhole, platform: Platform) -> None:
    rule = 'action = "auto_reply"\ntemplate = "thanks"\nqueue = "care"\n'
    routes = "".join(f'[[rules]]\nname = "{one}"\nwhen = {{ unsure = {one} }}\n{rule}' for one in ("true", "false"))
    whole = make_whole(routes=routes)
    rows = whole.folder / "rows.csv"
    rows.write_text("id,text,author\n" + "\n".join(f"{n},thank you Brisk Broadband,kay{n}" for n in range(1001, 1021)))
    columns = "text=text,author=author,id=id"
    replay_files(whole.app, [rows], columns, platform.value, None, None, take_all=True, complain=lambda _: None)
    whole.understand()
    assert whole.store.database.value("SELECT count(*) FROM mentions") == 20
    for _ in range(3):
        whole.clock.advance(minutes=5)
        whole.send()
    assert whole.store.database.value("SELECT count(*) FROM outbox") == 0
    assert whole.posted(platform) == []


def test_promise_5_the_send_command_keeps_to_the_pause(tmp_path: Path, servers: RehearsalServers) -> None:
    configure(tmp_path, servers)
    (tmp_path / "routes.toml").write_text(TO_PEOPLE)
    post = servers.world.add_post(Platform.X, "cora", "@BriskBroadband Brisk Broadband is down")
    extra = {**servers.credentials(), "FRANKLY_ANSWERS__HOLD": "0s"}
    for step in ("collect", "assess", "route", "pause"):
        assert frankly(tmp_path, step, extra=extra).returncode == 0
    message = approve(tmp_path, post.id)
    for _ in range(2):
        assert frankly(tmp_path, "send", extra=extra).returncode == 0
    assert servers.x.replies() == []
    with reading(tmp_path) as store:
        assert store.outbox.get(message).state is OutboxState.QUEUED
    frankly(tmp_path, "resume", extra=extra)
    frankly(tmp_path, "send", extra=extra)
    assert len(servers.x.replies()) == 1


def calls(attribute: str) -> Iterator[str]:
    """Yield the files of the product in which something of this name is called."""
    for part in PRODUCT:
        for path in sorted((ROOT / part).rglob("*.py")):
            if "rehearsal" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr == attribute and isinstance(node.ctx, ast.Load):
                    yield str(path.relative_to(ROOT))


def test_promise_5_there_is_no_other_way_out() -> None:
    """Each step towards a public post is called from one place: library, client, channel."""
    assert set(calls("create_tweet")) == {"listener/platforms/x.py"}
    assert set(calls("reply")) == {"responders/channels/platform.py"}
    senders = {path for path in calls("send") if path.startswith("responders/")}
    assert senders == {"responders/outbox.py"}
    posting = [
        str(path.relative_to(ROOT))
        for part in PRODUCT
        for path in (ROOT / part).rglob("*.py")
        if "api/comment/" in path.read_text(encoding="utf-8") and "rehearsal" not in path.parts
    ]
    assert posting == ["listener/platforms/reddit.py"]
