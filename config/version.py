"""Which release of frankly runs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def running_version() -> str:
    """Return the version of the installed package; "unknown" in a checkout that is not installed."""
    try:
        return version("frankly")
    except PackageNotFoundError:
        return "unknown"
