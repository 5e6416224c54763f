from __future__ import annotations

import errno
import importlib.util
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from classifiers import load_classifier
from config.errors import ConfigurationError
from config.settings import ClassifierSettings
from store.records import Sentiment
from tests.classifiers.small_models import make_hub

WORDS = {
    "[CLS]": {"LABEL_1": 1.0},
    "broken": {"LABEL_0": 4.0},
    "lovely": {"LABEL_2": 4.0},
}
LABELS = ("LABEL_0", "LABEL_1", "LABEL_2")
MAP = {"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_hub(tmp_path_factory.mktemp("hub") / "model", LABELS, WORDS)


def test_a_folder_with_onnx_weights_runs_as_it_is(folder: Path) -> None:
    classifier = load_classifier(ClassifierSettings(model=str(folder), label_map=MAP))
    found = classifier.assess(["broken", "hello", "lovely", "", "\ud83d"] * 40)
    assert [each.sentiment for each in found[:3]] == [Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE]
    assert len(found) == 200
    assert classifier.assess([]) == []


def test_heads_that_the_model_lacks_are_null(folder: Path) -> None:
    [found] = load_classifier(ClassifierSettings(model=str(folder), label_map=MAP)).assess(["broken"])
    assert (found.complaint, found.complaint_score, found.severity) == (None, None, None)
    assert (found.relevant_score, found.offensive_score, found.sarcasm_score) == (None, None, None)
    assert found.kind is not None


def test_the_revision_follows_the_weights_or_the_operator(folder: Path) -> None:
    own = load_classifier(ClassifierSettings(model=str(folder), label_map=MAP))
    assert len(own.revision) == 12
    assert own.name == str(folder)
    assert load_classifier(ClassifierSettings(model=str(folder), label_map=MAP, revision="v7")).revision == "v7"


def test_a_long_text_is_read_to_its_last_word(folder: Path) -> None:
    classifier = load_classifier(ClassifierSettings(model=str(folder), label_map=MAP))
    plain, at_the_end = classifier.assess(["word " * 60, "word " * 60 + "broken broken"])
    assert plain.sentiment_scores is not None
    assert at_the_end.sentiment_scores is not None
    assert at_the_end.sentiment_scores["negative"] > plain.sentiment_scores["negative"] + 0.1


def test_a_label_without_a_meaning_is_a_clear_error(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r'label "LABEL_0".*label_map.*negative'):
        load_classifier(ClassifierSettings(model=str(folder)))


def test_labels_of_the_map_are_found_in_any_case(folder: Path) -> None:
    small = {label.lower(): meant for label, meant in MAP.items()}
    [found] = load_classifier(ClassifierSettings(model=str(folder), label_map=small)).assess(["broken"])
    assert found.sentiment is Sentiment.NEGATIVE


def test_labels_in_plain_words_need_no_map_and_several_may_mean_one(tmp_path: Path) -> None:
    labels = ("NEG", "anger", "Positive")
    words = {"broken": {"NEG": 2.0, "anger": 2.0}, "lovely": {"Positive": 3.0}}
    make_hub(tmp_path / "model", labels, words)
    settings = ClassifierSettings(model=str(tmp_path / "model"), label_map={"anger": "negative"})
    bad, good = load_classifier(settings).assess(["broken", "lovely"])
    assert bad.sentiment is Sentiment.NEGATIVE
    assert bad.sentiment_scores is not None
    assert bad.sentiment_scores["neutral"] == 0
    assert good.sentiment is Sentiment.POSITIVE


def test_a_model_of_independent_labels_gives_a_complaint_head(tmp_path: Path) -> None:
    words = {"[CLS]": {"gripe": -2.0, "toxic": -3.0}, "broken": {"gripe": 5.0}}
    make_hub(tmp_path / "model", ("gripe", "toxic", "noise"), words, multi_label=True)
    settings = ClassifierSettings(
        model=str(tmp_path / "model"), label_map={"gripe": "complaint", "toxic": "offensive", "noise": "ignore"}
    )
    bad, calm = load_classifier(settings).assess(["broken", "hello"])
    assert (bad.complaint, calm.complaint) == (True, False)
    assert bad.complaint_score == pytest.approx(0.9526, abs=1e-3)
    assert bad.offensive_score == pytest.approx(0.0474, abs=1e-3)
    assert (bad.sentiment, bad.sentiment_scores) == (None, None)
    assert bad.severity is not None


def why_not(model: object) -> str:
    with pytest.raises(ConfigurationError) as raised:
        load_classifier(ClassifierSettings(model=str(model), label_map=MAP))
    told = str(raised.value)
    assert told.startswith(f'the model "{model}" (classifier.model, or --model) cannot be opened: ')
    assert "Error" not in told
    assert "\n" not in told
    return told.partition("cannot be opened: ")[2]


def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    assert why_not(tmp_path / "nowhere") == "there is no such folder; name another, or a model at Hugging Face"


def test_a_file_in_place_of_a_folder_is_called_a_file(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    assert why_not(tmp_path / "model.onnx") == "it is a file; expected the model's folder"


def test_an_empty_folder_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    assert why_not(tmp_path / "model").startswith("its folder is empty; expected a text classifier's config.json")


@pytest.mark.parametrize("model", ["Embedded", " EMBEDDED"])
def test_the_shipped_model_in_other_letters_is_told(model: str) -> None:
    assert why_not(model) == 'there is no such folder; did you mean "embedded"?'


def test_a_name_that_is_none_is_told() -> None:
    assert "no model at Hugging Face can be called so" in why_not("what is this?")


@pytest.fixture
def hugging_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[BaseHTTPRequestHandler]]:
    """A server in its place that refuses everything, with the status and the code of the handler."""

    class Refusing(BaseHTTPRequestHandler):
        status, code = 404, "RepoNotFound"

        def do_GET(self) -> None:
            self.send_response(self.status)
            self.send_header("X-Error-Code", self.code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
        yield Refusing
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (404, "RepoNotFound", "there is neither such a folder nor such a model at Hugging Face; check the name"),
        (403, "GatedRepo", "Hugging Face gives it only to whom it admits; ask on the model's page"),
        (
            404,
            "RevisionNotFound",
            "Hugging Face has no such classifier.revision of it; expected a branch, tag or commit",
        ),
        (500, "", "it is not in the cache of Hugging Face's models, and Hugging Face cannot be reached"),
    ],
)
def test_what_hugging_face_refuses_is_told_in_plain_words(
    hugging_face: type[BaseHTTPRequestHandler], status: int, code: str, sentence: str
) -> None:
    hugging_face.status, hugging_face.code = status, code
    assert sentence in why_not("nobody/no-such-model-here")


def test_without_a_network_a_name_is_looked_for_in_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    told = why_not("nobody/no-such-model-here")
    assert told.startswith("there is no such folder, it is not in the cache of Hugging Face's models")


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("classifiers.hub.snapshot_download", fetch)
    assert "could not be fetched from Hugging Face (No space left on device)" in why_not("somebody/model")


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("config.json", None, "its folder has neither config.json nor heads.json; expected a text classifier's"),
        ("config.json", "{", "its config.json is damaged"),
        ("config.json", '{"model_type": "bert", "id2label": []}', "its config.json is damaged"),
        ("tokenizer.json", None, "it has no tokenizer, such as tokenizer.json; expected a text classifier's"),
        ("tokenizer.json", "{}", "its tokenizer is damaged"),
        ("tokenizer_config.json", "[]", "its tokenizer is damaged"),
        ("onnx/model.onnx", "no model", "onnx/model.onnx is not a model that onnxruntime can run; copy the model"),
    ],
)
def test_a_damaged_folder_is_told_by_its_file(
    tmp_path: Path, folder: Path, file: str, content: str | None, sentence: str
) -> None:
    model = Path(shutil.copytree(folder, tmp_path / "model"))
    if content is None:
        (model / file).unlink()
    else:
        (model / file).write_text(content)
    assert sentence in why_not(model)


def test_a_tokenizer_that_knows_no_word_is_not_made_up(tmp_path: Path, folder: Path) -> None:
    model = Path(shutil.copytree(folder, tmp_path / "model"))
    for file in model.glob("tokenizer*"):
        file.unlink()
    assert why_not(model).startswith("it has no tokenizer")


def test_a_vocabulary_alone_is_a_tokenizer(tmp_path: Path, folder: Path) -> None:
    model = Path(shutil.copytree(folder, tmp_path / "model"))
    words = json.loads((model / "tokenizer.json").read_text())["model"]["vocab"]
    for file in model.glob("tokenizer*"):
        file.unlink()
    (model / "vocab.txt").write_text("\n".join(words))
    [found] = load_classifier(ClassifierSettings(model=str(model), label_map=MAP)).assess(["broken"])
    assert found.sentiment is Sentiment.NEGATIVE


@pytest.mark.parametrize(("labels", "named"), [(("positive", "negative"), 2), ((*LABELS, "neutral"), 4)])
def test_labels_of_another_model_are_refused(tmp_path: Path, folder: Path, labels: Sequence[str], named: int) -> None:
    model = Path(shutil.copytree(folder, tmp_path / "model"))
    config = json.loads((model / "config.json").read_text())
    numbered = {"id2label": dict(enumerate(labels)), "label2id": {label: place for place, label in enumerate(labels)}}
    (model / "config.json").write_text(json.dumps(config | numbered))
    told = f"its config.json names {named} labels, but its weights answer with 3 columns; expected both of one text"
    assert told in why_not(model)


def test_weights_for_pytorch_without_pytorch_are_a_clear_error(tmp_path: Path) -> None:
    make_hub(tmp_path / "model", LABELS, WORDS, weights=False)
    (tmp_path / "model" / "model.safetensors").write_bytes(b"")
    program = (
        "import sys\n"
        "sys.modules['torch'] = None\n"
        "from classifiers import load_classifier\n"
        "from config.errors import ConfigurationError\n"
        "from config.settings import ClassifierSettings\n"
        "try:\n"
        f"    load_classifier(ClassifierSettings(model={str(tmp_path / 'model')!r}, label_map={MAP!r}))\n"
        "except ConfigurationError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "PyTorch is not installed" in done.stdout
    assert "'torch' extra" in done.stdout
    assert done.stderr == ""


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the torch extra is not installed")
def test_pytorch_weights_run_when_pytorch_is_there(tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModelForSequenceClassification

    make_hub(tmp_path / "model", LABELS, WORDS, weights=False)
    shutil.rmtree(tmp_path / "model" / "onnx")
    model = AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(tmp_path / "model"))
    model.save_pretrained(tmp_path / "model")
    classifier = load_classifier(ClassifierSettings(model=str(tmp_path / "model"), label_map=MAP))
    found = classifier.assess(["broken", "", "word " * 100])
    assert all(each.sentiment_scores is not None for each in found)
    assert len(classifier.revision) == 12


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the torch extra is not installed")
@pytest.mark.parametrize("file", [None, "model.safetensors", "pytorch_model.bin"])
def test_a_folder_without_sound_weights_is_a_clear_error(tmp_path: Path, file: str | None) -> None:
    make_hub(tmp_path / "model", LABELS, WORDS, weights=False)
    if file:
        (tmp_path / "model" / file).write_bytes(b"no weights")
    assert why_not(tmp_path / "model").startswith("it has no weights that can be read, such as onnx/model.onnx")
