"""A step that is run alone ends with what stopped it: a spent budget is the operator's, no platform's refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from frankly.rehearsal.servers import RehearsalServers
from tests.journey.process import configure, frankly

BUDGETS = {
    "collect": "FRANKLY_PLATFORMS__X__DAY_BUDGET_USD",
    "notice": "FRANKLY_PLATFORMS__X__ANSWERS_USD",
}


@pytest.fixture
def folder(tmp_path: Path, servers: RehearsalServers) -> Path:
    configure(tmp_path, servers)
    return tmp_path


@pytest.mark.parametrize("step", ["collect", "notice"])
def test_a_step_whose_budget_is_spent_ends_with_1(folder: Path, servers: RehearsalServers, step: str) -> None:
    done = frankly(folder, step, extra={**servers.credentials(), BUDGETS[step]: "0"})
    assert "the budget for" in done.stderr
    assert done.returncode == 1, done.stderr


@pytest.mark.parametrize("step", ["collect", "notice"])
def test_a_step_that_a_platform_refuses_ends_with_4(folder: Path, servers: RehearsalServers, step: str) -> None:
    servers.x.faults.add("status", "GET", "/2/users", times=9, status=500)
    done = frankly(folder, step, extra=servers.credentials())
    assert done.returncode == 4, done.stderr
