"""Serves the desk: in a thread beside the daemon, or alone in the foreground."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from dataclasses import replace
from functools import partial
from queue import SimpleQueue

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from config.errors import ConfigurationError, FranklyError
from config.settings import Settings
from frankly.app import App
from frankly.explaining import words_of
from frankly.logs import log, warn
from responders.desk.app import create_desk
from responders.digest.page import render_html

_ASKED_WITHIN = 20.0  # seconds: a browser sends its request at once, headers, form and all
_ANSWERED_WITHIN = 120.0  # a long digest takes a few; who does not read its answer keeps it waiting
_MOST_CONNECTIONS = 256  # thirty agents hold about a hundred; a process may often open no more than 1,024 files
_AT_ONCE = 64  # connections that are taken before the next look at how many there are


class _Impatient(H11Protocol):
    """A connection that is cut where no whole request comes in time, or where newer ones need its place.

    What the daemon reads and asks counts among the same open files: who opens connections and asks nothing, never ends
    asking, or never reads an answer, could take them all.
    """

    _asked = False
    _deadline: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        others = [one for one in self.connections if isinstance(one, _Impatient)]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(_ASKED_WITHIN, self._cut)
        if len(others) >= _MOST_CONNECTIONS:
            min(others, key=lambda one: (one._asked, one._deadline.when()))._cut()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()  # it may find the next request, if that came already
        self._look(answered=True)

    def _look(self, *, answered: bool = False) -> None:
        """Give the next step its time: the answer, once all is asked, and then the next request."""
        asked = self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete
        if answered or asked != self._asked:
            self._asked = asked
            self._deadline.cancel()
            self._deadline = self.loop.call_later(_ANSWERED_WITHIN if asked else _ASKED_WITHIN, self._cut)

    def _cut(self) -> None:
        self._deadline.cancel()
        self.connections.discard(self)  # it is closed in a moment, and makes room now
        self.transport.abort()


class DeskServer:
    """The desk on its address. The port is taken at once, so that a port in use is known before anything starts."""

    def __init__(self, app: App) -> None:
        host, port = app.settings.desk.host, app.settings.desk.port
        self._socket = _bound(host, port)
        self.url = desk_address(app.settings, self._socket.getsockname()[1])
        self._desk = create_desk(
            app.store,
            app.settings,
            app.clock,
            app.answering,
            app.case_work,
            app.templates,
            render_html,
            explain=partial(words_of, app),
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._desk,
                http=_Impatient,
                backlog=_AT_ONCE,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=2,
                server_header=False,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="desk", daemon=True)

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])

    def start(self) -> None:
        """Serve in a thread of its own; returns when the desk answers."""
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.02)

    def run(self, app: App) -> None:
        """Serve in the foreground until SIGTERM or SIGINT; SIGHUP reads rules and templates again."""
        asked: SimpleQueue[int] = SimpleQueue()  # takes an entry from a signal's handler, wherever that interrupts
        signal.signal(signal.SIGHUP, lambda number, _: asked.put(number))

        def wait() -> None:
            while asked.get():
                read_again(app, self)

        threading.Thread(target=wait, name="reload", daemon=True).start()
        self._serve()

    def died(self) -> bool:
        """Tell whether the serving thread ended without being asked to."""
        return not self._thread.is_alive()

    def refresh(self, app: App) -> None:
        """Take over rules and templates that were read again."""
        self._desk.state.desk = replace(
            self._desk.state.desk,
            settings=app.settings,
            answering=app.answering,
            case_work=app.case_work,
            templates=app.templates,
        )

    def stop(self) -> None:
        """Close the desk's connections and wait for its thread."""
        self._server.should_exit = True
        self._thread.join(timeout=3)


def read_again(app: App, desk: DeskServer | None) -> None:
    """Read rules and templates again, for the desk too; wrong ones are told in the log and change nothing."""
    try:
        app.reload()
    except ConfigurationError as error:
        warn("rules and templates stay as they were", reason=str(error))
    else:
        if desk is not None:
            desk.refresh(app)
        log("rules and templates were read again")


def desk_address(settings: Settings, port: int | None = None) -> str:
    """Return where agents reach the desk: the public address, else host and port."""
    return settings.desk.public_url or f"http://{_shown(settings.desk.host)}:{port or settings.desk.port}"


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, because asyncio switches Nagle's algorithm off only for sockets that say they are TCP.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise FranklyError(
            f"the desk cannot listen on {host}:{port} ({error.strerror}); "
            "stop what uses it, or set desk.port to a free port (0 takes any)"
        ) from error
    return bound


def _shown(host: str) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # shown, not listened on
    return f"[{host}]" if ":" in host else host
