"""The house of ARCHITECTURE.md: which part may import which, and who owns each outside library."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("frankly", "responders", "classifiers", "listener", "store", "config")
MAY_IMPORT = {
    "frankly": set(PARTS),
    "responders": {"responders", "listener", "store", "config"},
    "classifiers": {"classifiers", "store.records", "config"},
    "listener": {"listener", "store", "config"},
    "store": {"store", "config"},
    "config": {"config"},
}
OWNERS = {
    "sqlite3": ("store/",),
    "sqlite_utils": ("store/",),
    "tweepy": ("listener/platforms/",),
    "praw": ("listener/platforms/",),
    "prawcore": ("listener/platforms/",),
    "onnxruntime": ("classifiers/",),
    "tokenizers": ("classifiers/",),
    "transformers": ("classifiers/",),
    "torch": ("classifiers/",),
    "apscheduler": ("frankly/daemon.py",),
    "fastapi": ("responders/desk/",),
    "starlette": ("responders/desk/", "frankly/rehearsal/"),
    "uvicorn": ("frankly/serving.py", "frankly/rehearsal/"),
    "apprise": ("responders/notifier.py",),
    "matplotlib": ("responders/digest/",),
    "typer": ("frankly/cli.py", "frankly/commands/"),
}
FILES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module a file imports, wherever in the file the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import; write the whole name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def allowed(module: str, permitted: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in permitted)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    permitted = MAY_IMPORT[path.relative_to(ROOT).parts[0]]
    ours = {module for module in imported(path) if module.split(".")[0] in PARTS}
    assert [module for module in sorted(ours) if not allowed(module, permitted)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_outside_library_has_one_owner(path: Path) -> None:
    here = str(path.relative_to(ROOT))
    for module in imported(path):
        owners = OWNERS.get(module.split(".")[0])
        assert owners is None or here.startswith(owners), f"{here} imports {module}, which belongs to {owners}"


def test_the_walk_sees_imports_inside_functions(tmp_path: Path) -> None:
    file = tmp_path / "inside.py"
    file.write_text("def f():\n    from responders import routing\n    import praw.models\n")
    assert imported(file) == {"responders.routing", "praw.models"}


def graph() -> dict[str, set[str]]:
    """Which of our modules each of our modules imports at its top level."""
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}
    edges: dict[str, set[str]] = {}
    for name, path in names.items():
        targets: set[str] = set()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                targets |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
            elif isinstance(node, ast.Import):
                targets |= {alias.name for alias in node.names}
        edges[name] = {target for target in targets if target in names and target != name}
    return edges


def test_no_module_imports_itself_through_others() -> None:
    edges = graph()
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"a cycle of imports: {' -> '.join((*trail[trail.index(name) :], name))}"
        if name not in done:
            for target in edges[name]:
                # A package's __init__ is loaded before its modules; only what it imports itself makes a cycle.
                walk(target, (*trail, name))
            done.add(name)

    for name in edges:
        walk(name, ())


def test_no_file_outgrows_a_reader() -> None:
    long = {str(path.relative_to(ROOT)): lines for path in FILES if (lines := len(path.read_text().splitlines())) > 400}
    # The first migration is one list of tables, read from top to bottom.
    assert set(long) <= {"store/schema.py"}
