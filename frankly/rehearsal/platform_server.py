"""The server of one simulated platform: it logs every request, and misbehaves when it is told to.

It is made from the standard library's server, one thread a connection, because a fault needs the socket
itself: closing it without an answer, or half way through one.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from frankly.rehearsal.control import CONTROL, Control
from frankly.rehearsal.faults import AFTER, MEANWHILE, Fault, FaultKind, FaultQueue
from frankly.rehearsal.wire import Answer, LogEntry, PlatformApp, Request
from frankly.rehearsal.world import Post

SECRET_FIELDS = frozenset({"refresh_token", "password", "access_token"})


class PlatformServer:
    """One simulated platform on a port of 127.0.0.1; ``log`` is the oracle of the tests."""

    def __init__(self, app: PlatformApp, port: int = 0) -> None:
        self.app = app
        self.faults = FaultQueue(app.faults)
        self._entries: list[LogEntry] = []
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._http = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The address that the clients are pointed at."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def log(self) -> list[LogEntry]:
        """Every request so far, in order; those to the control endpoint are left out."""
        with self._changed:
            return list(self._entries)

    def replies(self) -> list[Post]:
        """Return what the brand's account has posted through this server and not deleted, oldest first."""
        return self.app.world.replies(self.app.platform)

    def clear_log(self) -> None:
        """Begin the log afresh."""
        with self._changed:
            self._entries.clear()

    def start(self) -> None:
        """Listen from now on."""
        self._thread.start()

    def close(self) -> None:
        """Give the port back without having listened."""
        self._http.server_close()

    def stop(self) -> None:
        """Close the port and every connection, and wait for their threads."""
        self._stopping.set()
        self._http.shutdown()
        self._thread.join()
        self.close()
        with self._changed:
            for connection in self._connections:
                _hang_up(connection)
            self._changed.wait_for(lambda: not self._connections, timeout=0.9)

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, so that stopping can close it."""
        with self._changed:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection that has ended."""
        with self._changed:
            self._connections.discard(connection)
            self._changed.notify_all()

    def answer(self, request: Request) -> tuple[Answer | None, Fault | None]:
        """Let the platform, or the fault that waits for this request, answer; None closes the socket."""
        if request.path.startswith(CONTROL):
            return Control(self.app.world, self.app.platform, self.faults, self.log).handle(request), None
        fault = self.faults.take(request.method, request.path)
        answer = self._honest_or_not(request, fault)
        self._write_down(request, answer, fault)
        if fault is not None and fault.kind is FaultKind.SLOW:
            self._stopping.wait(fault.seconds)
        return answer, fault

    def _honest_or_not(self, request: Request, fault: Fault | None) -> Answer | None:
        if fault is None:
            return self.app.handle(request)
        if fault.kind in AFTER:
            accepted = self.app.handle(request)
            if fault.kind is FaultKind.DROP_AFTER_ACCEPT:
                return None
            return self.app.spoil(fault, accepted)
        if fault.kind in MEANWHILE:
            answer = self.app.handle(request)
            self._change_meanwhile(fault, request)
            return answer
        return None if fault.kind is FaultKind.DROP else self.app.misbehave(fault, request)

    def _change_meanwhile(self, fault: Fault, request: Request) -> None:
        """Edit or delete the posts that this request asked about, as their author might in the same moment."""
        world = self.app.world
        asked = f"{request.query.get('ids', '')},{request.query.get('id', '')}".split(",")
        for identifier in filter(world.find, asked):
            if fault.kind is FaultKind.DELETED_MEANWHILE:
                world.delete_post(identifier)
            else:
                world.edit_post(identifier, fault.body or "Never mind, it works again.")

    def _write_down(self, request: Request, answer: Answer | None, fault: Fault | None) -> None:
        form = {key: "***" if key in SECRET_FIELDS else value for key, value in request.form.items()}
        entry = LogEntry(
            at=self.app.world.now(),
            method=request.method,
            path=request.path,
            query=request.query,
            form=form,
            json=None if form else request.json,
            status=answer.status if answer else 0,
            fault=fault.kind.value if fault else "",
        )
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    def wait_for(self, method: str, path: str, count: int = 1, timeout: float = 10.0) -> list[LogEntry]:
        """Wait until the log holds ``count`` such requests (path by its beginning) and return them.

        Raises TimeoutError when they do not come.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = [e for e in self._entries if e.method == method and e.path.startswith(path)]
                if len(found) >= count:
                    return found
                if not self._changed.wait(deadline - time.monotonic()):
                    raise TimeoutError(f"{len(found)} of {count} requests {method} {path} came in time")


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was quicker


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], platform: PlatformServer) -> None:
        self.platform = platform
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet when a client hung up, which is what the faults are for; print anything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Write the Date header by the world's clock."""
        now = self.server.platform.app.world.now()
        return super().date_time_string(now.timestamp() if timestamp is None else timestamp)

    def setup(self) -> None:
        super().setup()
        self.server.platform.opened(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.platform.closed(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing to the terminal; the request log is kept by the server."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        answer, fault = self.server.platform.answer(self._request())
        if answer is None:
            self.close_connection = True
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        headers = {"Content-Type": "application/json; charset=utf-8", **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.headers.get("Connection", "").lower() == "close":
            # Without it the client keeps the socket, and its next request fails at random.
            self.send_header("Connection", "close")
        self.end_headers()
        if fault is not None and fault.kind is FaultKind.CUT_BODY:
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(pairs),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            pairs=pairs,
            peer=str(self.client_address[0]),
        )
