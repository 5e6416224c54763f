"""What the program itself weighs: start-up, resident memory of the daemon, installed size."""

from __future__ import annotations

import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib.metadata import distribution
from pathlib import Path

import psutil

from benchmarks.table import Row
from config.starting import write_starter

RUNS = 9
PARTS = ("frankly", "responders", "classifiers", "listener", "store", "config")


def measure() -> list[Row]:
    """Return the three rows."""
    return [start_up(), memory(), installed_size()]


def start_up() -> Row:
    """Time ``frankly --help`` as a process; the median of several runs."""
    seconds = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "frankly", "--help"], check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - begun)
    return Row("frankly --help", "0.3 s", f"{statistics.median(seconds):.2f} s (median of {RUNS})")


def memory() -> Row:
    """Run the daemon with the model loaded and texts read, and take its resident memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_starter(folder)
        text = (folder / "frankly.toml").read_text(encoding="utf-8")
        text = re.sub(r"\[\[sources\]\]\n(?:[^\n\[]+\n)+", "", text).replace("port = 8470", "port = 18470")
        (folder / "frankly.toml").write_text(text, encoding="utf-8")
        rows = "\n".join(
            f'{{"text": "Example is down again, the {n}th time this week", "id": "{n}"}}' for n in range(2000)
        )
        (folder / "posts.jsonl").write_text(rows, encoding="utf-8")
        frankly = [sys.executable, "-m", "frankly", "--config", name]
        subprocess.run([*frankly, "replay", "--all", str(folder / "posts.jsonl")], check=True, capture_output=True)  # noqa: S603
        daemon = subprocess.Popen([*frankly, "run"], stderr=subprocess.DEVNULL)  # noqa: S603
        try:
            peak = _peak(daemon, folder, frankly)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(15)
    return Row("resident memory of the daemon, model loaded", "400 MB", f"{peak / 1e6:.0f} MB after 2,000 mentions")


def _peak(daemon: subprocess.Popen[bytes], folder: Path, frankly: list[str]) -> int:
    """Wait until everything is read, then look at a page, and return the resident bytes."""
    for _ in range(600):
        time.sleep(0.2)
        found = subprocess.run([*frankly, "status", "--json"], check=True, capture_output=True, text=True).stdout  # noqa: S603
        if '"unassessed": 0' in found and '"unrouted": 0' in found:
            break
    urllib.request.urlopen("http://127.0.0.1:18470/sign-in", timeout=5).read()
    return int(psutil.Process(daemon.pid).memory_info().rss)


def installed_size() -> Row:
    """Add up the files of frankly and of everything it requires, extras left out."""
    seen: set[str] = set()
    root = Path(__file__).parent.parent
    files = [path for part in PARTS for path in (root / part).rglob("*") if "__pycache__" not in path.parts]
    total = _size("frankly", seen) + sum(path.stat().st_size for path in files if path.is_file())
    return Row("installed size without PyTorch", "500 MB", f"{total / 1e6:.0f} MB in {len(seen)} packages")


def _size(name: str, seen: set[str]) -> int:
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return 0
    try:
        found = distribution(name)
    except ModuleNotFoundError:  # for another platform or Python
        return 0
    seen.add(key)
    own = sum(path.stat().st_size for file in found.files or [] if (path := Path(str(file.locate()))).is_file())
    needs = [line for line in found.requires or [] if "extra ==" not in line]
    return own + sum(_size(re.split(r"[^A-Za-z0-9._-]", need, maxsplit=1)[0], seen) for need in needs)


if __name__ == "__main__":
    print(*measure(), sep="\n")
