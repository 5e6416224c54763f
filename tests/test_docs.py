"""The documentation is held to the code: a command, setting, table or event that is missing fails here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from classifiers.stream import as_json
from docs.generate import DOCS, pages
from frankly.cli import app
from frankly.commands.operating import agents
from store.records import Assessment

ROOT = Path(__file__).parent.parent
PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name], "run ./run.sh docs and commit what it writes"


def test_every_command_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [command.callback.__name__ for command in app.registered_commands if command.callback]
    assert [name for name in names if f"frankly {name}" not in readme] == []
    assert agents.registered_commands
    assert "frankly agents" in readme


def test_every_field_of_classify_is_described() -> None:
    page = (ROOT / "docs" / "classifier.md").read_text(encoding="utf-8")
    section = page[: page.index("\n## How good it is")]
    described = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)))
    assert described == list(as_json(Assessment("model", "revision"), why=[]))


def test_every_dependency_is_explained() -> None:
    explained = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"\ndependencies = \[(.*?)\n\]", text, re.DOTALL)
    assert listed is not None
    for name in re.findall(r'"([a-z0-9-]+)[>\[]', listed[1]):
        assert f"`{name}`" in explained, f"ARCHITECTURE.md does not say why {name} is there"


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"
