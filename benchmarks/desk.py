"""How long a page of the desk takes over a million mentions and 100,000 cases: ``python -m benchmarks.desk``.

Pages are asked for over HTTP on this machine, one after the other, from a store that ``benchmarks/fill.py`` made.
``FRANKLY_BENCH_DESK_STORE`` names a file to keep that store in between runs.
"""

from __future__ import annotations

import os
import random
import re
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import uvicorn

from benchmarks.fill import NOW, fill
from benchmarks.table import Row, as_table
from responders.desk.app import create_desk
from responders.desk.signin import make_login_link
from store.store import Store
from tests.conftest import FrozenClock
from tests.desk.seed import Seed

MENTIONS = int(os.environ.get("FRANKLY_BENCH_MENTIONS", "1000000"))
CASES = MENTIONS // 10
_TIMES = 200
_QUEUE_PAGES = (
    "/",
    "/?queue=billing",
    "/?held=me",
    "/?held=free&priority=urgent",
    "/?severity=critical&topic=speed",
    "/?status=resolved",
    "/?status=all",
    "/?overdue=1",
    "/?page=40",
)


def measure() -> list[Row]:
    """Fill a store, ask for pages, and report the median and the 95th percentile of each kind of page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(os.environ.get("FRANKLY_BENCH_DESK_STORE") or Path(folder) / "desk.sqlite3")
        fresh = not path.exists()
        store = Store.open(path)
        if fresh:
            fill(store, MENTIONS, CASES)
        try:
            with _served(store) as client:
                return _measure(client)
        finally:
            store.close()


def _measure(client: httpx.Client) -> list[Row]:
    dice = random.Random(11)
    words = ("internet", "engineer missed", "refund promised week", "person_77", "landline number cancelled", "zebra")
    kinds: dict[str, Callable[[], str]] = {
        "queue": lambda: "/",
        "queue, any filter": lambda: dice.choice(_QUEUE_PAGES),
        "live list of the queue": lambda: "/queue",
        "case": lambda: f"/cases/{dice.randint(1, CASES)}",
        "search": lambda: f"/search?q={dice.choice(words)}",
    }
    rows = []
    for kind, path in kinds.items():
        times = sorted(_timed(client, path()) for _ in range(_TIMES))
        middle, high = statistics.median(times), times[int(len(times) * 0.95)]
        work = f"desk, {kind} page with {MENTIONS:,} mentions and {CASES:,} cases"
        rows.append(Row(work, "50 ms p95", f"{high * 1000:.0f} ms p95, {middle * 1000:.0f} ms median"))
    return rows


def _timed(client: httpx.Client, path: str) -> float:
    begun = time.perf_counter()
    response = client.get(path)
    took = time.perf_counter() - begun
    response.raise_for_status()
    return took


@contextmanager
def _served(store: Store) -> Iterator[httpx.Client]:
    """Serve the desk and sign an agent in."""
    seed = Seed(store, FrozenClock(NOW))
    app = create_desk(store, seed.settings, seed.clock, seed.answering, seed.case_work, seed.templates)
    # With its protocol named, so that asyncio switches Nagle's algorithm off: else each page waits 40 ms.
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        while not server.started:
            time.sleep(0.01)
        with httpx.Client(base_url=base, timeout=60) as client:
            agent = store.agents.by_username("ana")
            assert agent is not None  # fill() added her
            link = make_login_link(store, agent, base, datetime.now(UTC))
            found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(link).text)
            assert found is not None  # the page of a link is a form
            client.post(link, data={"csrf_token": found[1]})
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


if __name__ == "__main__":
    print(as_table(measure()))
