"""The daemon as its operator meets it: signals, a second instance, a platform in trouble, a port in use."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from frankly.rehearsal.servers import RehearsalServers
from store.records import Platform
from tests.journey.process import answers, configure, environment, frankly, reading, running, wait_until

POST = "@BriskBroadband the line in Millbeck is dead and my shop cannot take cards"


def test_sigterm_ends_it_with_exit_code_0(tmp_path: Path, servers: RehearsalServers) -> None:
    port = configure(tmp_path, servers)
    with running(tmp_path, port, servers.credentials()) as daemon:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(20) == 0
    assert "event=stopped" in (tmp_path / "daemon.log").read_text()


def test_sigterm_does_not_wait_for_a_platform_that_hangs(tmp_path: Path, servers: RehearsalServers) -> None:
    port = configure(tmp_path, servers)
    settings = tmp_path / "frankly.toml"
    settings.write_text(settings.read_text().replace('timeout = "5s"', 'timeout = "120s"'))
    with running(tmp_path, port, servers.credentials()) as daemon:
        servers.x.faults.add("slow", "GET", "/2/users", seconds=60)
        wait_until(lambda: servers.x.faults.waiting() == [], "a request hangs")
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(30) == 0


def test_a_brand_of_earlier_days_stops_nobody(tmp_path: Path, servers: RehearsalServers) -> None:
    port = configure(tmp_path, servers)
    (tmp_path / "old.jsonl").write_text(json.dumps({"text": "Brisk Broadband is down", "id": "1", "author": "old"}))
    assert frankly(tmp_path, "replay", str(tmp_path / "old.jsonl")).returncode == 0
    settings = tmp_path / "frankly.toml"
    settings.write_text(settings.read_text().replace('name = "Brisk Broadband"', 'name = "Brisk Fibre"'))
    post = servers.world.add_post(Platform.X, "cora", POST)
    with running(tmp_path, port, servers.credentials()), reading(tmp_path) as store:
        wait_until(lambda: store.mentions.find(post.id) is not None, "the new post is heard")
        wait_until(lambda: store.overview.mentions()["unassessed"] == 0, "everything is assessed")
        wait_until(lambda: store.overview.mentions()["unrouted"] == 0, "everything is routed")
        assert store.overview.mentions()["set_aside"] == 0


def test_a_second_instance_is_refused_with_exit_code_5(tmp_path: Path, servers: RehearsalServers) -> None:
    port = configure(tmp_path, servers)
    with running(tmp_path, port, servers.credentials()) as daemon:
        second = frankly(tmp_path, "run", extra=servers.credentials())
        assert second.returncode == 5
        assert f"another frankly (process {daemon.pid}) already runs" in second.stderr


def test_sighup_reads_the_rules_again_and_keeps_the_old_ones_when_they_are_wrong(
    tmp_path: Path, servers: RehearsalServers
) -> None:
    port = configure(tmp_path, servers)
    log = tmp_path / "daemon.log"
    (tmp_path / "frankly.toml").rename(tmp_path / "named.toml")
    named = running(tmp_path, port, servers.credentials(), config="named.toml")
    with named as daemon, reading(tmp_path) as store:
        (tmp_path / "routes.toml").write_text('[[rules]]\nname = "new"\naction = "shout"\n')
        daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: "rules and templates stay as they were" in log.read_text(), "the wrong rule is told")
        (tmp_path / "routes.toml").unlink()
        daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: "there is no routes.toml beside" in log.read_text(), "the missing rules are told")
        (tmp_path / "routes.toml").write_text('[[rules]]\nname = "new"\naction = "queue"\nqueue = "new queue"\n')
        daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: "rules and templates were read again" in log.read_text(), "the new rules are read")
        post = servers.world.add_post(Platform.X, "cora", POST)
        wait_until(lambda: store.mentions.find(post.id) is not None, "the post is heard")
        mention = store.mentions.find(post.id)
        assert mention is not None
        wait_until(lambda: store.cases.of_mention(mention.id) is not None, "a case is open")
        case = store.cases.of_mention(mention.id)
        assert case is not None
        assert case.queue == "new queue"


def test_sighup_makes_a_desk_alone_read_rules_and_templates_again(tmp_path: Path, servers: RehearsalServers) -> None:
    port = configure(tmp_path, servers)
    log, template = tmp_path / "daemon.log", tmp_path / "templates" / "new.md"
    with running(tmp_path, port, {}, command="desk") as desk:
        template.write_text("no front matter")
        desk.send_signal(signal.SIGHUP)
        wait_until(lambda: "rules and templates stay as they were" in log.read_text(), "the wrong template is told")
        template.unlink()
        desk.send_signal(signal.SIGHUP)
        wait_until(lambda: "rules and templates were read again" in log.read_text(), "the right ones are read")
        assert answers(f"http://127.0.0.1:{port}/")


def test_a_reload_while_the_daemon_still_starts_is_done_once_it_runs(tmp_path: Path, servers: RehearsalServers) -> None:
    port = configure(tmp_path, servers)
    secret, log = tmp_path / "secret", tmp_path / "daemon.log"
    os.mkfifo(secret)
    keys = servers.credentials()
    key = keys.pop("FRANKLY_X_BEARER_TOKEN")

    def reload_then_go_on(daemon: subprocess.Popen[str]) -> None:
        with secret.open("w") as pipe:  # opens when the daemon, its rules read, comes to its secrets
            daemon.send_signal(signal.SIGHUP)
            pipe.write(key)

    extra = {**keys, "FRANKLY_X_BEARER_TOKEN_FILE": str(secret)}
    with running(tmp_path, port, extra, meanwhile=reload_then_go_on) as daemon:
        wait_until(lambda: "rules and templates were read again" in log.read_text(), "the rules are read again")
        assert daemon.poll() is None


@pytest.mark.parametrize("fault", ["status", "not_json", "cut_body"])
def test_a_platform_in_trouble_is_told_and_nothing_is_lost(
    tmp_path: Path, servers: RehearsalServers, fault: str
) -> None:
    port = configure(tmp_path, servers)
    servers.x.faults.add(fault, "GET", "/2/users", times=2, status=500)
    servers.reddit.faults.add(fault, "GET", "/r/", times=4, status=500)
    post = servers.world.add_post(Platform.X, "cora", POST)
    thread = servers.world.add_post(Platform.REDDIT, "local", "x", title="Brisk Broadband?", subreddit="Harrowdale")
    comment = servers.world.add_post(Platform.REDDIT, "cy", "Brisk Broadband is down in Millbeck", reply_to=thread.id)
    with running(tmp_path, port, servers.credentials()), reading(tmp_path) as store:
        wait_until(lambda: store.mentions.find(post.id) is not None, "X is heard again")
        wait_until(lambda: store.mentions.find(comment.id) is not None, "Reddit is heard again")
    assert "collecting stopped early" in (tmp_path / "daemon.log").read_text()


def test_wrong_credentials_are_told_by_check_with_exit_code_4(tmp_path: Path, servers: RehearsalServers) -> None:
    configure(tmp_path, servers)
    wrong = {**servers.credentials(), "FRANKLY_X_BEARER_TOKEN": "s3cret", "FRANKLY_X_ACCESS_TOKEN": "s3cret"}
    done = frankly(tmp_path, "check", extra=wrong)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "PROBLEM" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


def test_right_credentials_pass_the_check(tmp_path: Path, servers: RehearsalServers) -> None:
    configure(tmp_path, servers)
    done = frankly(tmp_path, "check", extra=servers.credentials())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "signed in as BriskBroadband" in done.stdout
    for secret in servers.credentials().values():
        assert secret == "BriskBB_Care" or secret not in done.stdout + done.stderr


def test_a_name_that_is_not_that_of_reddits_keys_is_told_by_check(tmp_path: Path, servers: RehearsalServers) -> None:
    configure(tmp_path, servers)
    done = frankly(tmp_path, "check", extra={**servers.credentials(), "FRANKLY_REDDIT_USERNAME": "our_developer"})
    assert done.returncode == 3, done.stdout + done.stderr
    assert 'FRANKLY_REDDIT_USERNAME is "our_developer", but its keys belong to the account BriskBB_Care' in done.stderr
    in_other_case = {**servers.credentials(), "FRANKLY_REDDIT_USERNAME": "briskbb_care"}
    assert frankly(tmp_path, "check", extra=in_other_case).returncode == 0


class _Pager(BaseHTTPRequestHandler):
    """Takes what Apprise sends to a json:// address."""

    heard: list[dict[str, str]]

    def do_POST(self) -> None:
        self.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_the_daemon_tells_of_an_escalated_case_at_once_and_check_says_to_whom(
    tmp_path: Path, servers: RehearsalServers
) -> None:
    port = configure(tmp_path, servers)
    rules = '[[rules]]\nname = "danger"\naction = "escalate"\nqueue = "urgent care"\n'
    (tmp_path / "routes.toml").write_text(rules)
    assert "nobody is told when a rule escalates a case" in frankly(tmp_path, "check").stdout
    _Pager.heard = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pager) as pager:
        threading.Thread(target=pager.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        extra = {**servers.credentials(), "FRANKLY_ALERT_URLS": f"json://127.0.0.1:{pager.server_port}/hunter2"}
        desk = f"http://127.0.0.1:{port}"
        checked = frankly(tmp_path, "check", extra=extra)
        assert f"escalated cases are told at once by json, with links to {desk}" in checked.stdout
        servers.world.add_post(Platform.X, "cora", POST)
        with running(tmp_path, port, extra), reading(tmp_path) as store:
            wait_until(lambda: "alert.sent" in {event.kind for event in store.events.latest(20)}, "people are told")
        pager.shutdown()
    [told] = _Pager.heard
    assert (told["title"], told["message"]) == ("A case was escalated", f"X: {desk}/cases/1")
    assert "hunter2" not in (tmp_path / "daemon.log").read_text()


@pytest.mark.parametrize("variable", ["FRANKLY_ALERT_URLS", "FRANKLY_DIGEST_URLS"])
def test_an_address_that_nobody_knows_is_told_by_check(
    tmp_path: Path, servers: RehearsalServers, variable: str
) -> None:
    configure(tmp_path, servers)
    done = frankly(tmp_path, "check", extra={**servers.credentials(), variable: "json://host.example pigeon://hunter2"})
    assert done.returncode == 3
    assert f"{variable}: address 2: not one that Apprise knows" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_check_says_how_digests_are_sent(tmp_path: Path, servers: RehearsalServers) -> None:
    configure(tmp_path, servers)
    extra = {**servers.credentials(), "FRANKLY_DIGEST_URLS": "json://host.example/hunter2"}
    done = frankly(tmp_path, "check", extra=extra)
    assert done.returncode == 0, done.stderr
    assert "digests are sent by json" in done.stdout + done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_missing_credentials_are_a_wrong_configuration(tmp_path: Path, servers: RehearsalServers) -> None:
    configure(tmp_path, servers)
    done = frankly(tmp_path, "check")
    assert done.returncode == 3
    assert "FRANKLY_X_BEARER_TOKEN" in done.stderr


def test_a_port_in_use_is_one_sentence_and_exit_code_1(tmp_path: Path, servers: RehearsalServers) -> None:
    port = configure(tmp_path, servers)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = frankly(tmp_path, "run", extra=servers.credentials())
    assert done.returncode == 1
    assert f"the desk cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_tells_a_program_everything(tmp_path: Path, servers: RehearsalServers) -> None:
    port = configure(tmp_path, servers)
    with running(tmp_path, port, servers.credentials()):
        report = json.loads(frankly(tmp_path, "status", "--json", extra=servers.credentials()).stdout)
    assert set(report) >= {
        "version",
        "database",
        "mentions",
        "cases",
        "outbox",
        "sources",
        "spending_today_usd",
        "deletion_checks_due",
        "ended_unchecked_today",
        "paused",
        "heartbeat_age_seconds",
    }
    assert {source["name"] for source in report["sources"]} == {"x mentions", "reddit comments"}
    assert report["heartbeat_age_seconds"] is not None


def test_the_environment_of_the_tests_holds_no_setting() -> None:
    assert [name for name in environment({}) if name.startswith("FRANKLY_")] == []
