"""A checkout runs without having been installed, and then has no version that could be asked for."""

from __future__ import annotations

from importlib import metadata

import pytest

from config import version


def test_the_version_is_that_of_the_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "version", {"frankly": "1.2.3"}.__getitem__)
    assert version.running_version() == "1.2.3"


def test_a_checkout_that_is_not_installed_has_an_unknown_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(version, "version", missing)
    assert version.running_version() == "unknown"
