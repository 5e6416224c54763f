"""``./run.sh storm``: the real daemon in bad weather, and afterwards the platforms' logs against the store.

--rounds N   how many rounds (0.6 s and more each)            --seed S   the schedule; printed when it is not given
--plan       print the schedule and stop                      --keep     leave the folder with the store and the log
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from unittest.mock import patch

import store.database
from tests.storm.daemon import BUSY_SECONDS
from tests.storm.oracle import Witnesses
from tests.storm.report import Report, make_report
from tests.storm.schedule import draw
from tests.storm.storm import Storm, storm_over


def main() -> int:
    """Play the storm; returns the exit code: 0, or 1 when a promise was broken."""
    asked = _arguments()
    print(f"The same again: ./run.sh storm --rounds {asked.rounds} --seed {asked.seed}")
    if asked.plan:
        for number in range(1, asked.rounds + 1):
            print(draw(asked.seed, number))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="frankly-storm-"))
    report = run(folder, asked.seed, asked.rounds)
    print("\n".join(report.lines()))
    if asked.keep or report.failures:
        print(f"The store and the daemon's log are in {folder}.")
    else:
        shutil.rmtree(folder)
    return 1 if report.failures else 0


def run(folder: Path, seed: str, rounds: int) -> Report:
    """Play the rounds of a seed and return what came of it. Ctrl-C or SIGTERM ends the rounds, and it is told then."""
    began, asked_to_end = time.monotonic(), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_end.set())
    with patch.object(store.database, "_BUSY_SECONDS", BUSY_SECONDS), storm_over(folder, seed) as storm:
        for number in range(1, rounds + 1):
            if asked_to_end.is_set():
                print(f"asked to end after {number - 1} of {rounds} rounds", flush=True)
                break
            one = draw(seed, number)
            print(one, flush=True)
            storm.play(one)
        print(f"calm after {time.monotonic() - began:.0f} s", flush=True)
        storm.calm()
        print(f"over after {time.monotonic() - began:.0f} s", flush=True)
        return make_report(_witnesses(storm), storm.daemon.deaths, storm.daemon.unexpected)


def _witnesses(storm: Storm) -> Witnesses:
    return Witnesses(
        servers=storm.servers,
        offers=storm.people.offers,
        locked_at=storm.people.locked_at,
        approvals=storm.desk.approvals,
        pauses=storm.desk.pauses,
        lives=storm.daemon.lives,
        store=storm.desk.store,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run.sh storm", description="The real daemon in bad weather.")
    parser.add_argument("--rounds", type=int, default=30, help="how many [default: 30]")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="the schedule [default: a new one]")
    parser.add_argument("--plan", action="store_true", help="print the schedule and stop")
    parser.add_argument("--keep", action="store_true", help="leave the store and the log behind")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
