"""``frankly evaluate`` as an operator calls it: on files of their own, and on what agents corrected at the desk."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.starting import write_starter
from frankly.cli import main
from store.store import Store
from tests.classifiers.small_models import WORDS, make_embedded, make_hub
from tests.digest.seed import Seed

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
SENTENCES = [
    ("my router is broken again", "complaint"),
    ("broken and awful since the move", "complaint"),
    ("so broken that I gave up on it", "complaint"),
    ("they never called me back about it", "complaint"),
    ("what a lovely day at the lake", "other"),
    ("lovely people work in that shop", "other"),
    ("a broken heart is only a song", "other"),
    ("the router stands on the shelf", "other"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_embedded(tmp_path_factory.mktemp("model"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.jsonl"
    rows = [{"text": text, "label": label, "group": str(place)} for place, (text, label) in enumerate(SENTENCES)]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


class Command:
    """The command line in this process: what it wrote, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *words: str | Path) -> tuple[str, str, int]:
        self._monkeypatch.setattr(sys, "argv", ["frankly", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capsys.readouterr()
        return out, err, int(ended.value.code or 0)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FRANKLY_CONFIG", raising=False)
    return Command(capsys, monkeypatch)


def test_a_file_gets_every_figure_without_any_configuration(run: Command, file: Path, model: Path) -> None:
    out, err, code = run("evaluate", file, "--model", model)
    assert (err, code) == ("", 0)
    assert "own.jsonl, head complaint: 8 texts (complaint 4, other 4)" in out
    assert "8 texts are few" in out
    # Three of four complaints are found, and one of four others is taken for one.
    assert "complaint      75.0%   75.0%  75.0%      4" in out
    assert "complaint      1          3" in out
    assert "expected calibration error" in out
    assert "It was unsure of" in out


def test_the_same_figures_as_json(run: Command, file: Path, model: Path) -> None:
    out, _, code = run("evaluate", file, "--model", model, "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["source"], found["head"], found["texts"], found["left_out"]) == ("own.jsonl", "complaint", 8, 0)
    assert found["labels"] == {"complaint": 4, "other": 4}
    [one] = found["models"]
    assert one["confusion"] == {"labels": ["other", "complaint"], "rows": [[3, 1], [1, 3]]}
    assert one["accuracy"]["value"] == 0.75
    assert one["accuracy"]["low"] < 0.75 < one["accuracy"]["high"]
    assert 0 <= one["calibration_error"] <= 1
    assert sum(each["texts"] for each in one["reliability"]) == 8
    assert one["texts_a_second"] > 0
    assert found["thresholds"] is None


def test_baselines_and_another_model_stand_in_the_same_table(
    run: Command, file: Path, model: Path, tmp_path: Path
) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("vaderSentiment")
    moods = {word: {name: logit for name, logit in logits.items() if name in _MOODS} for word, logits in WORDS.items()}
    other = make_hub(tmp_path / "moods", _MOODS, moods)
    words = ["evaluate", file, "--model", model, "--against", "vader", "--against", "tfidf", "--against", other]
    found = json.loads(run(*words, "--json")[0])
    assert [one["model"] for one in found["models"]] == [str(model), "vader", "tfidf", str(other)]
    assert [one["against"] for one in found["against"]] == ["vader", "tfidf", str(other)]
    for one in found["against"]:
        assert one["accuracy"]["low"] <= one["accuracy"]["value"] <= one["accuracy"]["high"]
    assert "negative sentiment is taken for a complaint" in found["models"][3]["note"]
    assert found == {**json.loads(run(*words, "--json")[0]), "models": found["models"]}, "seeded: the same each time"
    out, _, _ = run(*words)
    assert f"{model} against vader, on the same texts" in out
    assert "no clear difference" in out


_MOODS = ("negative", "neutral", "positive")


def test_bad_rows_are_told_and_cost_nothing(run: Command, tmp_path: Path, model: Path) -> None:
    (tmp_path / "own.csv").write_text("Tweet,Mood\nbroken,angry\n,angry\nlovely,calm\nlovely,odd\n")
    out, err, code = run(
        "evaluate",
        "own.csv",
        "--model",
        model,
        "--map",
        "text=Tweet,label=Mood",
        "--labels",
        "angry=complaint,calm=other",
    )
    assert code == 0
    assert err.splitlines() == [
        "own.csv:3 has no text",
        'own.csv:5 has the label "odd", which is none of the head complaint; --labels can say what it means',
    ]
    assert "2 texts (complaint 1, other 1); 2 rows left out" in out


def test_the_chosen_thresholds_can_be_set(run: Command, tmp_path: Path, model: Path) -> None:
    rows = [{"text": f"{words} {place}", "label": label} for place in range(60) for words, label in SENTENCES[:2] * 2]
    rows += [{"text": f"{words} {place}", "label": label} for place in range(60) for words, label in SENTENCES[4:6]]
    (tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, rows)))
    out, _, code = run("evaluate", "own.jsonl", "--model", model, "--target-precision", "0.9")
    assert code == 0
    assert "Thresholds for 90%, chosen on" in out
    chosen = dict(re.findall(r"^(complaint_threshold|unsure_below) = (\S+)$", out, re.MULTILINE))
    assert len(chosen) == 2
    write_starter(tmp_path / "care")
    settings = tmp_path / "care" / "frankly.toml"
    text = settings.read_text()
    for key, value in chosen.items():
        text = re.sub(rf"^{key} = [\d.]+", f"{key} = {value}", text, count=1, flags=re.MULTILINE)
    settings.write_text(text)
    assert run("--config", tmp_path / "care", "evaluate", "own.jsonl", "--model", model)[2] == 0


def test_the_brand_of_a_row_and_of_the_command_reach_the_model(run: Command, tmp_path: Path, model: Path) -> None:
    rows = [{"text": "hello", "label": "relevant", "target": "acme"}, {"text": "hello", "label": "irrelevant"}]
    (tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = json.loads(run("evaluate", "own.jsonl", "--model", model, "--brand", "zenith", "--json")[0])
    assert found["models"][0]["confusion"]["rows"] == [[1, 0], [0, 1]]
    found = json.loads(run("evaluate", "own.jsonl", "--model", model, "--brand", "acme", "--json")[0])
    assert found["models"][0]["confusion"]["rows"] == [[0, 1], [0, 1]]
    assert "name the brand with --brand" in run("evaluate", "own.jsonl", "--model", model)[1]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["evaluate"], 2, "evaluate takes one file of labelled texts, or --from-corrections"),
        (["evaluate", "own.jsonl", "--from-corrections"], 2, "evaluate takes one file"),
        (["evaluate", "nowhere.csv"], 2, "nowhere.csv cannot be read: No such file or directory"),
        (["evaluate", "own.jsonl", "--head", "mood"], 2, 'there is no head "mood"; known: sentiment'),
        (["evaluate", "own.jsonl", "--target-precision", "90"], 2, "a share between 0 and 1, such as 0.9; found 90"),
        (["evaluate", "own.jsonl", "--model", "vader", "--target-precision", "0.9"], 2, "only there to compare with"),
        (["evaluate", "own.jsonl", "--model", "stored"], 2, "only be compared --from-corrections"),
        (["evaluate", "own.jsonl", "--map", "text"], 2, '--map has "text"; expected pairs such as text=Tweet'),
        (["evaluate", "own.jsonl", "--labels", "=x"], 2, '--labels has "=x"; expected pairs such as angry=complaint'),
        (["evaluate", "own.jsonl", "--model", "./nowhere"], 3, '"./nowhere" (classifier.model, or --model)'),
        (["evaluate", "own.jsonl", "--against", ""], 2, "found an empty name of a model"),
        (["evaluate", "own.jsonl", "--model", "vader", "--against", "vader"], 2, "vader is the model that is measured"),
        (["evaluate", "own.jsonl", "--brand", " "], 2, "--brand takes the name of a brand; found an empty one"),
        (["evaluate", "own.jsonl", "--head", "kind", "--target-precision", "0.9"], 2, "not of kind"),
        (["evaluate", "own.jsonl", "--head", "kind", "--against", "vader"], 2, "vader knows sentiment alone"),
        (["evaluate", "own.jsonl", "--head", "topic"], 2, "no topics are configured"),
        (["evaluate", "own.jsonl", "--labels", "a=German", "--head", "language"], 2, "language are codes such as en"),
        (["evaluate", "own.jsonl", "--head", "language"], 2, "no row of own.jsonl has a label of the head language"),
        (["evaluate", "own.jsonl", "--head", "severity"], 2, "no row of own.jsonl has a label of the head severity"),
        (["evaluate", "--from-corrections"], 3, "frankly.toml"),
    ],
)
def test_a_wrong_call_is_one_sentence(run: Command, file: Path, words: list[str], code: int, message: str) -> None:
    assert file.name == "own.jsonl"
    _, err, ended = run(*words)
    assert ended == code, err
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_brand_that_the_configuration_lacks_is_told(run: Command, care: Path, file: Path, model: Path) -> None:
    for brand, told in (("Nobody", True), ("Example", False)):
        out, _, code = run("--config", care, "evaluate", file, "--model", model, "--brand", brand)
        assert code == 0
        assert (f'The configuration has no brand "{brand}", so texts are read for that name alone.' in out) is told


def test_a_model_without_the_head_is_one_sentence(run: Command, tmp_path: Path) -> None:
    model = make_hub(tmp_path / "complaints", ("other", "complaint"), {"broken": {"complaint": 2.0}})
    (tmp_path / "own.csv").write_text("text,label\nlovely,positive\n")
    _, err, code = run("evaluate", "own.csv", "--model", model)
    assert code == 2
    assert "has no head sentiment; choose another head, or another model" in err


def test_labels_that_are_no_configured_topic_are_told(run: Command, tmp_path: Path) -> None:
    write_starter(tmp_path / "care")
    rows = [{"text": "no internet since noon", "topic": topic} for topic in ("outage", "Outages", "none")]
    (tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, rows)))
    words = ("evaluate", "own.jsonl", "--head", "topic", "--map", "label=topic", "--json")
    found = json.loads(run("--config", tmp_path / "care", *words)[0])
    assert found["remarks"] == ['No topic of that name is configured, so these labels count as wrong: "Outages" (1).']


@pytest.fixture
def care(tmp_path: Path, model: Path) -> Path:
    """A configuration with five mentions before an agent: one was corrected, one twice, one lost its text."""
    folder = tmp_path / "care"
    write_starter(folder)
    settings = folder / "frankly.toml"
    quiet = '\n[[brands]]\nname = "Quiet"\nterms = ["quiet"]\n'
    settings.write_text(settings.read_text().replace('model = "embedded"', f'model = "{model}"') + quiet)
    store = Store.open(folder / "frankly.sqlite3")
    seed = Seed(store, "Example")
    agent = seed.agent()
    mentions = [seed.mention(NOON, text, author=f"a{place}") for place, (text, _) in enumerate(SENTENCES[:5])]
    for mention in mentions:
        seed.event(NOON + timedelta(hours=1), "case.claimed", f"agent:{agent}", case_id=seed.case(mention))
    later = NOON + timedelta(hours=2)
    store.corrections.add(mentions[4], agent, "complaint", "yes", "no", later)
    store.corrections.add(mentions[3], agent, "complaint", "yes", "no", later)
    store.corrections.add(mentions[3], agent, "complaint", "yes", "yes", later + timedelta(hours=1))
    store.corrections.add(mentions[2], agent, "severity", "medium", "high", later)
    store.database.execute("UPDATE mentions SET text = '' WHERE id = ?", (mentions[0],))
    seed.mention(NOON, "nobody looked at this", author="z")
    store.close()
    return folder


def test_corrections_judge_what_was_stored_even_where_the_text_is_gone(run: Command, care: Path) -> None:
    found = json.loads(run("--config", care, "evaluate", "--from-corrections", "--json")[0])
    assert (found["head"], found["texts"], found["labels"]) == ("complaint", 5, {"complaint": 4, "other": 1})
    assert found["models"][0]["model"] == "stored"
    assert found["models"][0]["confusion"]["rows"] == [[0, 1], [0, 4]]
    assert "Agents worked on 5 mentions and spoke on this head of 2" in found["remarks"][0]
    out, _, code = run("--config", care, "evaluate", "--from-corrections", "--head", "severity")
    assert code == 0
    assert "head severity: 5 texts (medium 4, high 1)" in out


def test_a_model_reads_the_texts_that_are_still_there(run: Command, care: Path, model: Path) -> None:
    out, err, code = run(
        "--config", care, "evaluate", "--from-corrections", "--against", model, "--head", "complaint", "--json"
    )
    assert code == 0, err
    found = json.loads(out)
    assert found["texts"] == 4
    assert [one["model"] for one in found["models"]] == ["stored", str(model)]
    # It misses the call that never came, and calls the lovely day no complaint.
    assert found["models"][1]["confusion"]["rows"] == [[1, 0], [1, 2]]
    assert found["remarks"][1].endswith("no model can read it again: 1.")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--against", "tfidf"], "nothing that was collected may train anything"),
        (
            ["--head", "offensive"],
            "agents correct sentiment, complaint, kind, severity, topic; there are no corrections",
        ),
        (["--brand", "Nobody"], 'there is no brand "Nobody" in the configuration; known: "Example"'),
        (["--brand", "Quiet"], "no agent has worked on a mention"),
        (["--map", "text=Tweet"], "--map and --labels say how a file is to be read; --from-corrections reads none"),
        (["--labels", "a=other"], "--map and --labels say how a file is to be read"),
    ],
)
def test_what_corrections_cannot_tell_is_one_sentence(run: Command, care: Path, words: list[str], message: str) -> None:
    _, err, code = run("--config", care, "evaluate", "--from-corrections", *words)
    assert code == 2
    assert message in err


def test_the_digest_and_the_evaluation_count_the_same_agreement(run: Command, care: Path) -> None:
    wrong = 0
    for head in ("complaint", "severity"):
        found = json.loads(run("--config", care, "evaluate", "--from-corrections", "--head", head, "--json")[0])
        wrong += round(found["texts"] * (1 - found["models"][0]["accuracy"]["value"]))
    store = Store.open(care / "frankly.sqlite3")
    agreement = store.service.agreement("Example", NOON - timedelta(hours=12), NOON + timedelta(hours=12))
    store.close()
    # The correction that was taken back is none in either.
    assert (agreement.seen, agreement.corrected) == (found["texts"], wrong) == (5, 2)
