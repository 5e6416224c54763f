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
_MOST_CONNECTIONS = 256  # thirty agents hold about a hundred; a process may often open no more than 1,024 files
_AT_ONCE = 64  # connections that are taken before the next look at how many there are


class _Impatient(H11Protocol):
    """A connection that is cut where no whole request comes in time, or where newer ones need its place.

    What the daemon reads and asks counts among the same open files: who opens connections and asks nothing, or never
    ends asking, could take them all.
    """

    _deadline: asyncio.TimerHandle | None = None  # None: a request is being answered, or the connection was cut

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > _MOST_CONNECTIONS:
            waiting = [one for one in self.connections if isinstance(one, _Impatient) and one._deadline]
            min(waiting, key=lambda one: one._deadline.when() if one._deadline else 0.0)._cut()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._stop_waiting_if_asked()

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()  # it may find the next request, if that came already
        self._stop_waiting_if_asked()

    def _wait(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(_ASKED_WITHIN, self._cut)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _stop_waiting_if_asked(self) -> None:
        if self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete:
            self._stop_waiting()

    def _cut(self) -> None:
        self._stop_waiting()
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
