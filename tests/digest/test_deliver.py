"""The digest by mail, to a real SMTP server on this machine, through Apprise."""

from __future__ import annotations

import logging
import smtplib
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

import pytest
from pydantic import SecretStr

from config.errors import FranklyError
from responders.alerts import send_alerts
from responders.digest.deliver import send_digest
from responders.digest.markdown import escaped
from responders.digest.page import render_html
from responders.digest.pictures import pictures
from responders.digest.records import Digest
from store.store import Store
from tests.conftest import FrozenClock
from tests.digest.conftest import MORNING
from tests.digest.lively import DAY
from tests.digest.seed import Seed, settings

# Apprise 2.2 asks for a module that Python 3.13 drops, and goes on without it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class _Conversation(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321 to take one mail after another."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, MailSink)
        self._say("220 sink")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self._say("354 go on")
                server.mails.append(message_from_bytes(self._data()))
            self._say("221 bye" if verb == "QUIT" else "550 no such person" if server.refuses(verb, line) else "250 ok")
            if verb == "QUIT":
                return

    def _data(self) -> bytes:
        taken = []
        while (line := self.rfile.readline()) != b".\r\n":
            taken.append(line[1:] if line.startswith(b".") else line)
        return b"".join(taken)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class MailSink(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it gets."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mails: list[Message] = []
        self.refuse = False
        self.refused = ""  # a person

    def refuses(self, verb: str, line: str) -> bool:
        return verb == "RCPT" and (self.refuse or (self.refused != "" and self.refused in line))

    @property
    def url(self) -> SecretStr:
        return self.url_to("to=manager@acme.example")

    def url_to(self, people: str) -> SecretStr:
        return SecretStr(
            f"mailto://robot:hunter2secret@127.0.0.1:{self.server_address[1]}/?mode=insecure&smtp=127.0.0.1"
            f"&from=frankly@acme.example&{people}"
        )


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailSink]:
    # The sink knows no passwords: a login is taken as done.
    monkeypatch.setattr(smtplib.SMTP, "login", lambda *_: (235, b"ok"))
    with MailSink() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _part(mail: Message, kind: str) -> Message:
    return next(part for part in mail.walk() if part.get_content_type() == kind)


def _send(digest: Digest, store: Store, *urls: SecretStr) -> bool:
    return send_digest(digest, urls, settings(), store, FrozenClock(MORNING))


def test_the_mail_has_html_a_text_and_the_pictures_in_their_places(
    store: Store, lively_digest: Digest, sink: MailSink
) -> None:
    assert _send(lively_digest, store, sink.url)
    (mail,) = sink.mails
    html = _part(mail, "text/html").get_payload(decode=True)
    text = _part(mail, "text/plain").get_payload(decode=True)
    assert isinstance(html, bytes)
    assert isinstance(text, bytes)
    assert b"Unanswered at the end of the day" in html
    assert b"270 mentions, 141 more than usual" in text
    shown = {part.get("Content-ID"): part.get_payload(decode=True) for part in mail.walk() if part.get("Content-ID")}
    assert shown == {f"<{name}.png>": png for name, png in pictures(lively_digest).items()}
    assert all(f"cid:{name}.png".encode() in html for name in pictures(lively_digest))
    assert b"<script" not in html
    page = render_html(lively_digest, settings(), for_mail=True, carried="cid")
    assert html.decode().split() == page.split()  # not what Apprise makes of Markdown


def test_it_goes_out_once(store: Store, lively_digest: Digest, sink: MailSink) -> None:
    assert _send(lively_digest, store, sink.url)
    assert not _send(lively_digest, store, sink.url)
    assert len(sink.mails) == 1
    stored = store.digests.get("Acme", DAY)
    assert stored is not None
    assert stored.sent_at == MORNING
    assert [event.kind for event in store.events.latest(1)] == ["digest.sent"]


def test_a_failure_is_said_without_the_address(
    store: Store, lively_digest: Digest, sink: MailSink, caplog: pytest.LogCaptureFixture
) -> None:
    sink.refuse = True
    with caplog.at_level(logging.DEBUG), pytest.raises(FranklyError) as failure:
        _send(lively_digest, store, sink.url)
    said = str(failure.value)
    assert "1 of 1 addresses did not take it (mailto)" in said
    assert "hunter2" not in said
    assert "hunter2" not in caplog.text
    stored = store.digests.get("Acme", DAY)
    assert stored is not None
    assert stored.sent_at is None
    assert [event.kind for event in store.events.latest(1)] == ["digest.unsent"]
    sink.refuse = False
    assert _send(lively_digest, store, sink.url)


@pytest.mark.parametrize("address", ["hunter2://secret@x.example", "hunter2secret", "https://hunter2.example/secret"])
def test_an_address_that_nobody_knows_is_told_by_its_place_alone(
    store: Store, lively_digest: Digest, sink: MailSink, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    with pytest.raises(FranklyError, match=r"1 of 2 addresses did not take it \(address 2: not one") as failure:
        _send(lively_digest, store, sink.url, SecretStr(address))
    stored = store.digests.get("Acme", DAY)
    for said in (str(failure.value), caplog.text, str(stored), str(store.events.latest(1))):
        assert "hunter2" not in said
        assert "secret" not in said


def test_an_address_that_nobody_knows_does_not_keep_the_others_from_it(
    store: Store, lively_digest: Digest, sink: MailSink
) -> None:
    with pytest.raises(FranklyError, match="1 of 2 addresses"):
        _send(lively_digest, store, SecretStr("nonsense://hunter2secret"), sink.url)
    assert len(sink.mails) == 1
    assert not _send(lively_digest, store, sink.url)


@pytest.mark.parametrize("people", ["to=ada@acme.example,leo@acme.example", "to=ada@acme.example&cc=leo@acme.example"])
def test_a_person_whom_the_mail_server_refuses_does_not_make_the_others_get_it_again(
    store: Store, lively_digest: Digest, sink: MailSink, people: str
) -> None:
    sink.refused = "leo@"
    with pytest.raises(FranklyError, match=r"1 of 2 addresses did not take it \(mailto\)"):
        _send(lively_digest, store, sink.url_to(people))
    assert [mail["To"] for mail in sink.mails] == ["ada@acme.example"]
    stored = store.digests.get("Acme", DAY)
    assert stored is not None
    assert stored.sent_at == MORNING
    assert not _send(lively_digest, store, sink.url_to(people))
    assert len(sink.mails) == 1


@pytest.mark.parametrize("words_sent", [True, False])
def test_a_digest_can_be_sent_without_anybodys_words(
    store: Store, lively_digest: Digest, sink: MailSink, words_sent: bool
) -> None:
    quotes = [*lively_digest.most_severe, *(quote for topic in lively_digest.topics for quote in topic.quotes)]
    said = {quote.text for quote in quotes} | {f"@{case.author}" for case in lively_digest.answers.waiting}
    wanted = settings(digest={"words_sent": words_sent})
    assert send_digest(lively_digest, [sink.url], wanted, store, FrozenClock(MORNING))
    text = _part(sink.mails[0], "text/plain").get_payload(decode=True)
    assert isinstance(text, bytes)
    found = {words for words in said if escaped(words).encode() in text}
    assert bool(found) is words_sent
    assert b"270 mentions, 141 more than usual" in text


def test_an_alert_of_an_escalated_case_is_a_mail_with_the_way_to_it(
    store: Store, seed: Seed, sink: MailSink, caplog: pytest.LogCaptureFixture
) -> None:
    case_id = seed.case(seed.mention(MORNING, text="the socket sparks"))
    seed.event(MORNING, "case.escalated", case_id=case_id)
    with caplog.at_level(logging.DEBUG):
        assert send_alerts(store, FrozenClock(MORNING), [sink.url], "https://desk.acme.example") == 1
    (mail,) = sink.mails
    text = _part(mail, "text/plain").get_payload(decode=True)
    assert isinstance(text, bytes)
    assert mail["Subject"] == "A case was escalated"
    assert f"X: https://desk.acme.example/cases/{case_id}" in text.decode()
    assert "sparks" not in mail.as_string()
    assert "hunter2" not in caplog.text


def test_mail_that_is_switched_off_stays_here(store: Store, lively_digest: Digest, sink: MailSink) -> None:
    quiet = settings(digest={"by_mail": False})
    assert not send_digest(lively_digest, (sink.url,), quiet, store, FrozenClock(MORNING))
    assert sink.mails == []
