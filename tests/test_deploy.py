"""What deploy/ ships: the daemon and a command in a shell, or by ``exec``, use one store, and both can back it up."""

from __future__ import annotations

import re
from pathlib import Path

from config.loading import load_settings
from config.starting import write_starter

DEPLOY = Path(__file__).parent.parent / "deploy"
STATE = Path("/var/lib/frankly")


def test_the_unit_gives_its_daemon_no_setting_that_a_shell_lacks(tmp_path: Path) -> None:
    unit = (DEPLOY / "frankly.service").read_text(encoding="utf-8")
    assert re.findall(r"^Environment=(\w+)", unit, re.MULTILINE) == ["FRANKLY_CONFIG"]
    write_starter(tmp_path)
    starter = (tmp_path / "frankly.toml").read_text(encoding="utf-8")
    for line in re.findall(r"^#   (\w+ = .*)$", unit, re.MULTILINE):
        key = line.split()[0]
        starter = re.sub(rf"^{key} = .*$", line, starter, count=1, flags=re.MULTILINE)
    (tmp_path / "frankly.toml").write_text(starter, encoding="utf-8")
    settings = load_settings(tmp_path / "frankly.toml", {})
    assert settings.database_path == STATE / "frankly.sqlite3"
    assert settings.folder / settings.backups == STATE / "backups"
    assert "StateDirectory=frankly\n" in unit


def test_the_container_keeps_store_and_backups_in_its_volume(tmp_path: Path) -> None:
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    variables = dict(re.findall(r"^(?:ENV|   ) (FRANKLY_\w+)=(\S+)", container, re.MULTILINE))
    write_starter(tmp_path)
    settings = load_settings(tmp_path / "frankly.toml", {**variables})
    assert settings.database_path == STATE / "frankly.sqlite3"
    assert settings.folder / settings.backups == STATE / "backups"
