"""The command line: exit codes, one sentence for each mistake, and nothing heavy before it is needed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.version import running_version
from store.store import Store
from tests.journey.process import add_agent, environment, frankly

HERE = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``frankly init`` writes, with a store beside it, made once."""
    made = tmp_path_factory.mktemp("started") / "care"
    done = frankly(made.parent, "init", str(made))
    assert done.returncode == 0, done.stderr
    Store.open(made / "frankly.sqlite3").close()
    return made


@pytest.fixture
def folder(started: Path, tmp_path: Path) -> Path:
    return shutil.copytree(started, tmp_path / "care")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['frankly', '--help']\n"
        "from frankly.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'transformers', 'torch', 'onnxruntime', 'numpy', 'fastapi', 'tweepy', 'praw', 'pydantic'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE)
    assert "heavy: []" in done.stdout


@pytest.mark.parametrize(("command", "code"), [("run", 3), ("desk", 3), ("status", -signal.SIGHUP)])
def test_a_reload_ends_no_server_that_has_only_begun_to_load(tmp_path: Path, command: str, code: int) -> None:
    early = (
        "import os, signal, sys; from frankly.__main__ import main\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # who runs the tests may have ignored it (nohup)
        "class Reload:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGHUP)\n"
        f"sys.meta_path.insert(0, Reload()); sys.argv = ['frankly', '--config', {str(tmp_path)!r}, {command!r}]\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", early], env=environment({}), capture_output=True, text=True, check=False, cwd=HERE
    )
    assert done.returncode == code, done.stderr


def test_the_version_is_told_whether_installed_or_not() -> None:
    code = (
        "import importlib.metadata as metadata, sys; sys.argv = ['frankly', '--version']\n"
        "def missing(name): raise metadata.PackageNotFoundError(name)\n"
        "if {hidden}: metadata.version = missing\n"
        "from frankly.cli import main\nmain()"
    )
    for hidden, told in ((True, "frankly unknown\n"), (False, f"frankly {running_version()}\n")):
        words = [sys.executable, "-c", code.format(hidden=hidden)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=HERE)
        assert (done.returncode, done.stdout) == (0, told), done.stderr


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("status",), 3, "there is no configuration at"),
        (("nonsense",), 2, "No such command"),
        (("status", "--config", "care"), 2, "--config stands before the command: frankly --config FOLDER COMMAND"),
        (("agents", "list", "--config", "care"), 2, "--config stands before the command"),
        (("status", "--colour"), 2, "No such option: --colour"),
    ],
)
def test_without_a_configuration(tmp_path: Path, words: tuple[str, ...], code: int, sentence: str) -> None:
    done = frankly(tmp_path, *words)
    assert (done.returncode, sentence in done.stderr) == (code, True), done.stderr


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("collect", "nowhere"), 2, 'there is no source "nowhere"; configured: x mentions, x search'),
        (("collect",), 3, "no credentials for it are set; set FRANKLY_X_BEARER_TOKEN"),
        (("run",), 3, "no credentials for it are set"),
        (("export", "secrets"), 2, "expected one of: mentions, cases, replies, events"),
        (("explain", "99"), 2, 'no mention is known by "99"'),
        (("forget", "@nobody", "--yes"), 2, 'no author "nobody" is known here'),
        (("cases", "--status", "odd"), 2, '"odd" is no status of a case'),
        (("digest", "--format", "pdf"), 2, "expected markdown, html or json"),
        (("digest", "--day", "tomorrow"), 2, 'found "tomorrow"; expected a day such as 2026-03-31'),
        (("compliance", "--from", "2026-13-01"), 2, 'found "2026-13-01"; expected a day such as'),
        (("digest", "--brand", "Acne"), 2, 'there is no brand "Acne"; known: Example'),
        (("agents", "link", "nobody"), 2, 'there is no agent "nobody"'),
        (("agents", "add", "x", "--name", "X", "--initials", "X", "--role", "king"), 2, '"king" is no role'),
        (("agents", "add", "x", "--name", "X", "--initials", "X9!"), 2, "Initials are one to four letters"),
        (("export", "events", "--output", "/no/such/folder/x"), 1, "/no/such/folder/x cannot be used"),
        (("backup", "/no/such/folder/x"), 1, "unable to open database file; frankly needs a folder it may write to"),
        (("replay", "missing.csv"), 2, "missing.csv"),
        (("replay", "--map", "text", "missing.csv"), 2, '--map has "text"'),
        (("replay", "--brand", "Example", "missing.csv"), 2, "--brand says whose the rows of --all are; add --all"),
        (("classify", "--model", " ", "hello"), 2, "found an empty name of a model"),
        (("classify", "--model", "/no/such/folder", "hello"), 3, "/no/such/folder"),
    ],
)
def test_each_mistake_is_one_sentence_with_its_exit_code(
    folder: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    done = frankly(folder, *words)
    assert sentence in done.stderr, done.stderr
    assert done.returncode == code
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", ["status --json", "export events", "cases", "evaluate texts.csv"])
def test_a_closed_output_is_one_sentence(folder: Path, words: str, tmp_path: Path) -> None:
    (tmp_path / "texts.csv").write_text("text,label\nlate again,complaint\nfine,other\n")
    done = subprocess.run(
        ["/bin/sh", "-c", f"{shlex.quote(sys.executable)} -m frankly --config {shlex.quote(str(folder))} {words} >&-"],
        capture_output=True, text=True, check=False, timeout=120, env=environment({}), cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("frankly: standard output is closed; expected")
    assert len(done.stderr.splitlines()) == 1


def test_broken_toml_is_named_with_its_line(folder: Path) -> None:
    with (folder / "frankly.toml").open("a") as file:
        file.write("\n[desk\n")
    done = frankly(folder, "run")
    assert done.returncode == 3
    assert "is not valid TOML" in done.stderr
    assert "line" in done.stderr


def test_a_template_with_an_unknown_name_stops_every_start(folder: Path) -> None:
    template = next((folder / "templates").glob("*.md"))
    template.write_text(template.read_text() + "\n{{ customer_salary }}\n")
    done = frankly(folder, "status")
    assert done.returncode == 3
    assert template.name in done.stderr
    assert "customer_salary" in done.stderr


def test_an_unwritable_database_is_one_sentence(folder: Path) -> None:
    if os.geteuid() == 0:
        locked = folder / "locked"
        locked.write_text("a file where a folder is needed")
        extra = {"FRANKLY_DATABASE": str(locked / "frankly.sqlite3")}
    else:
        (folder / "frankly.sqlite3").unlink()
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
        extra = {}
    done = frankly(folder, "cases", extra=extra)
    folder.chmod(stat.S_IRWXU)
    assert done.returncode == 1
    assert "needs a folder it may write to" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_steps_alone_take_a_file_through_the_whole_journey(folder: Path) -> None:
    rows = [
        {"text": "Example is down again and nobody answers, third time I write", "id": "1", "author": "cora"},
        {"text": "nothing about you", "id": "2", "author": "dan"},
        {"text": "for example this", "id": "3", "author": "eve"},
    ]
    file = folder / "posts.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows) + "\nnot json at all\n")
    report = json.loads(frankly(folder, "replay", "--json", str(file)).stdout)
    assert report == {"rows": 4, "stored": 1, "known": 0, "passed_over": 2, "bad": 1}
    assert frankly(folder, "assess").stdout == "Assessed 1 mentions.\n"
    assert frankly(folder, "route").stdout == "Routed 1 mentions.\n"
    (row,) = [json.loads(line) for line in frankly(folder, "export", "mentions").stdout.splitlines()]
    assert row["author"] == "cora"
    assert row["rule"]
    assert json.loads(frankly(folder, "status", "--json").stdout)["mentions"]["total"] == 1
    assert "Mention 1: cora" in frankly(folder, "explain", "1").stdout
    assert frankly(folder, "backup").returncode == 0
    [backup] = (folder / "backups").iterdir()
    assert b"third time" in backup.read_bytes()
    assert "also from the backups" in frankly(folder, "forget", "cora", "--yes").stdout
    assert b"third time" not in backup.read_bytes()
    assert "third time" not in frankly(folder, "export", "mentions").stdout
    report = json.loads(frankly(folder, "compliance", "--json").stdout)
    assert report["platforms"]["x"]["forget_requests"] == 1
    assert frankly(folder, "compliance", "--from", "2026-03-02", "--to", "2026-03-01").returncode == 2


def test_a_restored_store_says_what_is_kept_and_that_it_is_paused(folder: Path) -> None:
    assert frankly(folder, "backup", str(folder / "copy.sqlite3")).returncode == 0
    done = frankly(folder, "restore", str(folder / "copy.sqlite3"))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Restored {folder / 'copy.sqlite3'} to {folder / 'frankly.sqlite3'}." in done.stdout
    [kept] = folder.glob("*.before-*")
    assert f"The old store is kept as {kept}." in done.stdout
    assert "a backup was restored" in json.loads(frankly(folder, "status", "--json").stdout)["paused"]


def test_a_backup_that_could_not_be_emptied_is_no_success(folder: Path) -> None:
    file = folder / "posts.jsonl"
    file.write_text(json.dumps({"text": "Example is down", "id": "1", "author": "cora"}))
    frankly(folder, "replay", str(file))
    broken = folder / "backups" / "frankly-1.sqlite3"
    broken.parent.mkdir()
    broken.touch()
    done = frankly(folder, "forget", "cora", "--yes")
    assert done.returncode == 1
    assert "Removed 1 mentions of cora" in done.stdout
    assert "but not from every backup" in done.stdout
    assert str(broken) in done.stderr
    swept = frankly(folder, "sweep", "--json")
    assert swept.returncode == 1
    [problem] = json.loads(swept.stdout)["problems"]
    assert str(broken) in problem
    broken.unlink()
    swept = frankly(folder, "sweep", "--json")
    assert (swept.returncode, json.loads(swept.stdout)["problems"]) == (0, [])


def test_an_export_that_fails_leaves_the_file_as_it_was(folder: Path) -> None:
    file = folder / "old.csv"
    file.write_text("last month's rows\n")
    for words in (("mentoins", "--format", "csv"), ("mentions", "--format", "cvs")):
        assert frankly(folder, "export", *words, "--output", str(file)).returncode == 2
        assert file.read_text() == "last month's rows\n"
    assert not list(folder.glob(".frankly-export-*"))
    done = frankly(folder, "export", "mentions", "--format", "csv", "--output", str(file))
    assert (done.returncode, done.stderr) == (0, f"Wrote 0 rows to {file}.\n")
    assert file.read_text().startswith("id,platform,external_id")
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


def test_an_export_goes_through_a_link_and_into_a_pipe(folder: Path) -> None:
    file, link = folder / "rows.csv", folder / "link.csv"
    link.symlink_to(file)
    assert frankly(folder, "export", "cases", "--format", "csv", "--output", str(link)).returncode == 0
    assert link.is_symlink()
    piped = frankly(folder, "export", "cases", "--format", "csv", "--output", "/dev/stdout")
    assert piped.stdout.splitlines() == file.read_text().splitlines() != []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a link that is somebody else's")
def test_an_export_goes_through_no_link_of_somebody_elses_where_everybody_may_make_one(folder: Path) -> None:
    shared, file = folder / "shared", folder / "precious.txt"
    shared.mkdir()
    shared.chmod(0o1777)
    file.write_text("precious")
    link = shared / "rows.csv"
    link.symlink_to(file)
    os.lchown(link, 65534, 65534)
    done = frankly(folder, "export", "cases", "--format", "csv", "--output", str(link))
    assert done.returncode == 2
    assert "a link that somebody else made" in done.stderr
    assert file.read_text() == "precious"


def test_pause_and_resume_say_what_they_did(folder: Path) -> None:
    frankly(folder, "pause", "--reason", "storm in the press")
    assert json.loads(frankly(folder, "status", "--json").stdout)["paused"] == "storm in the press"
    assert frankly(folder, "resume").stdout == "Sending goes on.\n"
    assert frankly(folder, "resume").stdout == "Sending was not paused.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("pause",),
        ("resume",),
        ("status",),
        ("backup",),
        ("export", "events"),
        ("forget", "@cora", "--yes"),
        ("agents", "list"),
        ("agents", "link", "robin"),
        ("agents", "disable", "robin"),
    ],
)
def test_what_is_for_a_running_frankly_makes_no_store_of_its_own(folder: Path, words: tuple[str, ...]) -> None:
    (folder / "frankly.sqlite3").unlink()
    done = frankly(folder, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"frankly: there is no store at {folder / 'frankly.sqlite3'}; `frankly run` makes it, "
        "or let `database` in the settings name the one that the daemon uses\n"
    )
    assert not (folder / "frankly.sqlite3").exists()


def test_the_first_agent_is_added_before_the_first_run(folder: Path) -> None:
    (folder / "frankly.sqlite3").unlink()
    add_agent(folder, "robin", "RA")
    assert "robin" in frankly(folder, "agents", "list").stdout


def test_a_backup_never_writes_over_a_file(folder: Path) -> None:
    done = frankly(folder, "backup", str(folder / "copy.sqlite3"))
    assert done.returncode == 0
    again = frankly(folder, "backup", str(folder / "copy.sqlite3"))
    assert again.returncode == 2
    assert "never writes over a file" in again.stderr


def test_classify_works_in_an_empty_directory_and_keeps_the_order(tmp_path: Path) -> None:
    lines = 'plain words of praise\n{"text": "my bill is wrong again", "id": "b7"}\n{"id": 3}\n'
    done = subprocess.run(
        [sys.executable, "-m", "frankly", "classify"],
        input=lines,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**environment({}), "PYTHONPATH": str(HERE)},
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one.get("id") for one in found] == [None, "b7", 3]
    assert found[1]["model"]
    assert done.returncode == 1
    assert "line 3" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "No case that is open."),
        (("--status", "all"), "No case."),
        (("--queue", "billing"), 'No case that is open in the queue "billing".'),
    ],
)
def test_a_queue_without_cases_says_so(folder: Path, words: tuple[str, ...], sentence: str) -> None:
    assert frankly(folder, "cases", *words).stdout.strip() == sentence


def test_terminal_output_holds_no_control_characters(folder: Path) -> None:
    row = {"text": "Example \x1b[2J\x1b]0;owned\x07 hello \x9b31m \u202eevil", "id": "1", "author": "esc\x1b[31m"}
    (folder / "posts.jsonl").write_text(json.dumps(row))
    frankly(folder, "replay", str(folder / "posts.jsonl"))
    lines = ["explain 1", "cases --status all", "explain 1 --json", "export mentions", "export mentions --format csv"]
    printing = [tuple(line.split()) for line in lines]
    told = {words: frankly(folder, *words).stdout for words in printing}
    for words, out in told.items():
        assert out, words
        assert not re.search("[\x1b\x07\x9b\u202e]", out), words
    assert json.loads(told["explain", "1", "--json"])["mention"]["text"] == row["text"]
    assert json.loads(told["export", "mentions"])["text"] == row["text"]
