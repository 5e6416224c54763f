"""The newcomer's command: a day plays, cases open, template replies go out, and Ctrl-C ends all of it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.journey.process import answers, environment, frankly, reading, wait_until


def test_rehearse_shows_a_living_desk_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    with (tmp_path / "said").open("w") as said:
        rehearsal = subprocess.Popen(
            [sys.executable, "-m", "frankly", "rehearse", "--minutes", "4", "--folder", str(folder)],
            env=environment({}),
            stdout=said,
            stderr=said,
            cwd=tmp_path,
        )
        try:
            wait_until(lambda: "/sign-in/link/" in (tmp_path / "said").read_text(), "the sign-in link is printed")
            found = re.search(r"http://127\.0\.0\.1:\d+", (tmp_path / "said").read_text())
            assert found is not None
            with reading(folder) as store:
                wait_until(lambda: store.overview.mentions()["total"] > 10, "mentions arrive")
                wait_until(lambda: store.overview.cases()["open"] > 5, "complaints are flagged")
                wait_until(lambda: store.overview.outbox()["sent"] > 0, "a template reply goes out")
            assert "so far" in frankly(folder, "digest", "--day", _today(folder)).stdout.lower()
            rehearsal.send_signal(signal.SIGINT)
            assert rehearsal.wait(30) == 0
        finally:
            rehearsal.kill()
            rehearsal.wait(30)
    assert not answers(f"{found[0]}/healthz")
    assert "Traceback" not in (folder / "daemon.log").read_text() + (tmp_path / "said").read_text()


def test_a_rehearsal_that_is_killed_leaves_no_daemon_behind(tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    with (tmp_path / "said").open("w") as said:
        rehearsal = subprocess.Popen(
            [sys.executable, "-m", "frankly", "rehearse", "--folder", str(folder)],
            env=environment({}),
            stdout=said,
            stderr=said,
            cwd=tmp_path,
        )
        try:
            wait_until(lambda: "/sign-in/link/" in (tmp_path / "said").read_text(), "the sign-in link is printed")
        finally:
            rehearsal.kill()
            rehearsal.wait(30)
    found = re.search(r"http://127\.0\.0\.1:\d+", (tmp_path / "said").read_text())
    assert found is not None
    wait_until(lambda: not answers(f"{found[0]}/healthz"), "the daemon ends as well")
    wait_until(lambda: "stopped" in (folder / "daemon.log").read_text(), "it ends in order")


def _today(folder: Path) -> str:
    """The simulated day's date: the rehearsal writes its pace into its settings."""
    start = re.search(r"start = (\d{4}-\d\d-\d\d)", (folder / "frankly.toml").read_text())
    assert start is not None
    return start[1]


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear aunt")
    done = frankly(tmp_path, "rehearse", "--folder", str(tmp_path))
    assert done.returncode == 2
    assert "holds no earlier rehearsal" in done.stderr
    assert (tmp_path / "letter").read_text() == "dear aunt"
