"""A real browser for tests that need one: Debian's chromium, or the one that ``CHROMIUM`` names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

PATIENCE_MS = 30_000  # beside other workers any step may take long; nothing waits longer than it must
_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def find_chromium() -> str | None:
    """Return the path of a chromium, or None: the one named by CHROMIUM, else the system's."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return shutil.which("chromium") or ("/usr/bin/chromium" if Path("/usr/bin/chromium").is_file() else None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser without a screen; tests open a context of their own in it.

    Skips where there is none, unless REQUIRE_BROWSER says that there must be one.
    """
    path = find_chromium()
    if path is None:
        missing = "no chromium found: install it (apt-get install chromium) or name one in CHROMIUM"
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        expect.set_options(timeout=PATIENCE_MS)
        yield opened
        opened.close()
