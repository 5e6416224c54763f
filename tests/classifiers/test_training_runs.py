"""Training: the commands make what frankly opens, go on from what was there, and say what is missing."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from classifiers import SHIPPED_MODEL, load_classifier
from classifiers.heads import Head, read_heads
from classifiers.training.__main__ import main
from classifiers.training.examples import fold_of
from classifiers.training.sets import OWN_POSTS
from config.settings import ClassifierSettings
from tests.classifiers.small_training import larger_encoder, tiny_encoder, write


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("onnx") is None,
    reason="the train extra is not installed",
)
def test_the_command_makes_a_folder_that_frankly_opens(tmp_path: Path, data: Path) -> None:
    out = tmp_path / "model"
    base = tiny_encoder(tmp_path / "base")
    arguments = [
        "--data",
        str(data),
        "--out",
        str(out),
        "--base",
        str(base),
    ]
    assert main(arguments) == 0
    assert main(arguments) == 0  # goes on from what is finished
    classifier = load_classifier(ClassifierSettings(model=str(out)))
    broken, nice = classifier.assess(["broken order 3", "nice order 4"])
    assert (broken.complaint, nice.complaint) == (True, False)
    # No set for these was there, so they have learnt nothing and must say nothing.
    assert (broken.offensive_score, broken.sarcasm_score) == (None, None)
    card = (out / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert classifier.revision in card
    assert "| complaints |" in card
    assert "Preotiuc-Pietro" in card
    assert "| complaint | complaints: 10-fold |" in card
    assert "| sentiment | target_sentiment: never learnt from, no name given | 60 |" in card
    assert "review_complaints" not in card


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_a_mean_with_another_run_is_judged_on_the_tenth_that_both_kept_apart(tmp_path: Path, data: Path) -> None:
    arguments = ["--data", str(data), "--base", str(tiny_encoder(tmp_path / "base")), "--epochs", "1"]
    arguments += ["--without", OWN_POSTS]
    assert main([*arguments, "--out", str(tmp_path / "first"), "--seed", "2"]) == 0
    [weights] = (tmp_path / "first" / "work").glob("taught-*.pt")
    assert main([*arguments, "--out", str(tmp_path / "second"), "--average", str(weights)]) == 0
    card = (tmp_path / "second" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| complaint | complaints: 10-fold, before the mean | 80 |" in card
    tenth = sum(fold_of(str(n)) == 0 for n in range(80))
    assert f"| complaint | complaints: held-out tenth | {tenth} |" in card
    assert f"--average {weights.name}" in card


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_complaints_that_teach_the_encoder_are_judged_on_the_tenth_that_did_not(tmp_path: Path, data: Path) -> None:
    arguments = ["--data", str(data), "--base", str(tiny_encoder(tmp_path / "base")), "--epochs", "1"]
    arguments += ["--without", OWN_POSTS]
    assert main([*arguments, "--out", str(tmp_path / "model"), "--teach-complaints"]) == 0
    card = (tmp_path / "model" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| complaint | complaints: held-out tenth |" in card
    assert "10-fold" not in card
    assert "--epochs 1 --seed 1 --teach-complaints --without posts\n" in card


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_a_run_goes_on_from_an_earlier_model_that_knew_fewer_heads(tmp_path: Path, data: Path) -> None:
    arguments = ["--data", str(data), "--base", str(tiny_encoder(tmp_path / "base")), "--epochs", "1"]
    first, second = tmp_path / "first", tmp_path / "second"
    assert main([*arguments, "--out", str(first), "--without", OWN_POSTS]) == 0
    assert not _head_of(first, "kind").shipped  # nothing taught it
    assert main([*arguments, "--out", str(second), "--continue-from", str(first), "--replayed", "20"]) == 0
    card = (second / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"--continue-from FOLDER_OF_{read_heads(first).revision} --replayed 20" in card
    assert "| kind | posts: our own, by eight writers that nothing was learnt from, brand given | 1,740 |" in card
    assert "| complaint | complaints: 10-fold |" in card
    assert "No complaint had taught them." in card


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_complaints_teach_nothing_to_a_run_that_goes_on_from_a_model_and_its_teacher_says(
    tmp_path: Path, data: Path
) -> None:
    import torch

    arguments = ["--base", str(tiny_encoder(tmp_path / "base")), "--epochs", "1", "--without", OWN_POSTS]
    first = tmp_path / "first"
    assert main(["--data", str(data), *arguments, "--out", str(first)]) == 0
    arguments += ["--continue-from", str(first), "--teacher", str(first), "--average", str(first)]
    assert main(["--data", str(data), *arguments, "--out", str(tmp_path / "second")]) == 0
    write(data, "complaints", [
        {"text": f"{'nice' if n % 2 else 'broken'} thing", "label": "complaint", "group": str(n)} for n in range(80)
    ])  # fmt: skip
    assert main(["--data", str(data), *arguments, "--out", str(tmp_path / "third")]) == 0
    paths = [next((tmp_path / name / "work").glob("taught-*.pt")) for name in ("second", "third")]
    second, third = (torch.load(path, weights_only=True) for path in paths)
    assert all(torch.equal(second[name], third[name]) for name in second)
    assert not read_heads(tmp_path / "second").learnt_complaints
    card = (tmp_path / "second" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| complaint | complaints: 10-fold | 80 |" in card
    assert "held-out tenth" not in card
    assert "Nothing was taught of what it says of complaints." in card


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_an_ensemble_is_taught_back_into_one_network_and_goes_on_from_what_is_there(
    tmp_path: Path, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    arguments = ["--data", str(data), "--base", str(tiny_encoder(tmp_path / "base")), "--out", str(tmp_path / "model")]
    arguments += ["--without", OWN_POSTS, "--epochs", "1", "--members", "2", "--students", "2"]
    arguments += ["--members-epochs", "3", "--members-batch", "16"]
    assert main([*arguments, "--teacher", str(SHIPPED_MODEL)]) == 3
    assert "leave out --teacher" in caplog.text
    assert main(arguments) == 0
    [taught] = (tmp_path / "model" / "work").glob("taught-*.pt")
    kept = taught.with_suffix("")
    made = {path.name: path.stat().st_mtime_ns for path in kept.iterdir()}
    assert sorted(made) == ["member-0.pt", "member-1.pt", "student-0.pt", "student-1.pt", "told-0.pt"]
    (kept / "student-1.pt").unlink()
    taught.unlink()
    assert main(arguments) == 0
    again = {path.name: path.stat().st_mtime_ns for path in kept.iterdir()}
    assert {name for name in made if again[name] != made[name]} == {"student-1.pt"}
    classifier = load_classifier(ClassifierSettings(model=str(tmp_path / "model")))
    assert [each.complaint for each in classifier.assess(["broken order 3", "nice order 4"])] == [True, False]
    card = (tmp_path / "model" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "--epochs 1 --seed 1 --members 2 --students 2 --members-epochs 3 --members-batch 16" in card
    assert "None of them learnt\nany of the set of complaints." in card
    assert "the mean of 2 networks" in card
    assert "(3 epochs, batches of 16)" in card


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_members_with_a_larger_encoder_teach_a_student_that_goes_on_from_a_model(
    tmp_path: Path, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import torch

    larger = larger_encoder(tmp_path / "larger")
    arguments = ["--data", str(data), "--base", str(tiny_encoder(tmp_path / "base")), "--epochs", "1"]
    arguments += ["--without", OWN_POSTS]
    first, second = tmp_path / "first", tmp_path / "second"
    assert main([*arguments, "--out", str(first), "--members-base", str(larger)]) == 3
    assert "say how many with --members" in caplog.text
    assert main([*arguments, "--out", str(first), "--teach-complaints"]) == 0
    assert read_heads(first).learnt_complaints
    arguments += ["--continue-from", str(first), "--members", "1", "--members-base", str(larger)]
    assert main([*arguments, "--out", str(second)]) == 0
    [member] = (second / "work").glob("taught-*/member-0.pt")
    weights = torch.load(member, weights_only=True)
    assert weights["encoder.embeddings.word_embeddings.weight"].shape[1] == 64
    assert weights["heads.weight"].shape[1] == 3 * 64  # the last mean, the first token, the names
    classifier = load_classifier(ClassifierSettings(model=str(second)))
    assert [each.complaint for each in classifier.assess(["broken order 3", "nice order 4"])] == [True, False]
    card = (second / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert read_heads(second).learnt_complaints
    assert "| complaint | complaints: held-out tenth |" in card
    assert "10-fold" not in card
    assert f"--continue-from FOLDER_OF_{read_heads(first).revision} --members 1 --students 1" in card
    assert "None of them learnt\nthe tenth of complaints that is judged." in card
    assert "--members-base FOLDER_OF_larger" in card
    assert "have a larger encoder: larger, at 4e-05" in card


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_a_brand_beside_a_text_is_told_by_its_tokens_types_whatever_the_encoder(tmp_path: Path) -> None:
    from classifiers.training.base import open_tokenizer

    bert, mpnet = tiny_encoder(tmp_path / "bert"), larger_encoder(tmp_path / "mpnet")
    found = {folder: open_tokenizer(folder).encode("nice order", "broken thing") for folder in (bert, mpnet)}
    assert found[bert].tokens == ["[CLS]", "nice", "order", "[SEP]", "broken", "thing", "[SEP]"]
    assert found[bert].type_ids == [0, 0, 0, 0, 1, 1, 1]
    assert found[mpnet].tokens == ["[CLS]", "nice", "order", "[SEP]", "[SEP]", "broken", "thing", "[SEP]"]
    assert found[mpnet].type_ids == [0, 0, 0, 0, 0, 1, 1, 1]
    assert open_tokenizer(mpnet).encode("nice order").tokens == ["[CLS]", "nice", "order", "[SEP]"]


def _head_of(folder: Path, name: str) -> Head:
    return next(head for head in read_heads(folder).heads if head.name == name)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_single_steps_are_made_once_and_differ_in_what_they_read(tmp_path: Path, data: Path) -> None:
    from classifiers.training import steps

    write(
        data, "reddit_emotions", [{"text": f"a nice thing {n}", "labels": ["joy"], "split": "train"} for n in range(30)]
    )
    out = tmp_path / "steps.jsonl"
    arguments = ["--data", str(data), "--base", str(tiny_encoder(tmp_path / "base")), "--out", str(out)]
    arguments += ["--teacher", str(SHIPPED_MODEL), "--seeds", "1", "--every", "1"]
    steps.main([*arguments, "--only", "two"])
    steps.main(arguments)
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    made = {line["variant"]: line for line in lines}
    assert len(lines) == len(made) > 10
    plain = made["plain"]["examples"]
    assert made["two epochs"]["examples"] == 2 * plain
    assert made["the feelings of Reddit posts beside"]["examples"] > plain
    assert all(0 <= line["macro_recall"] <= 1 for line in lines)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_missing_data_ends_with_the_exit_code_of_a_wrong_configuration(tmp_path: Path) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "model"), "--base", str(tmp_path)]) == 3
