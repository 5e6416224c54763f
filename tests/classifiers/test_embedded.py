from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers import BrandContext, Classifier, load_classifier
from classifiers.embedded import EmbeddedModel, Reading
from classifiers.heads import LABELS, Head, new_heads, read_heads, revision_of, write_heads
from classifiers.names import MARK
from config.errors import ConfigurationError
from config.settings import ClassifierSettings, Topic
from store.records import OTHER_TOPIC, Kind, Sentiment, Severity
from tests.classifiers.small_models import ASSESSED, make_embedded

ACME = BrandContext("Acme", ("acme", "@AcmeHelp"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_embedded(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def classifier(folder: Path) -> Classifier:
    return load_classifier(ClassifierSettings(model=str(folder)), [Topic(name="hardware", phrases=["broken router"])])


def test_an_assessment_carries_every_head_and_rule(folder: Path, classifier: Classifier) -> None:
    [found] = classifier.assess(["my router is broken and awful again"])
    assert (found.model, found.revision) == ("tiny", revision_of(folder / "model.onnx"))
    assert found.sentiment is Sentiment.NEGATIVE
    assert found.sentiment_scores is not None
    assert sum(found.sentiment_scores.values()) == pytest.approx(1, abs=1e-5)
    assert found.complaint
    assert found.kind is Kind.COMPLAINT
    assert found.severity is Severity.MEDIUM
    assert found.severity_reasons == ("a clear complaint in strong words",)
    assert found.topic == "hardware"
    assert found.language == "en"
    assert not found.unsure


def test_a_topic_is_matched_by_meaning_where_the_model_has_that_output(tmp_path: Path) -> None:
    model = make_embedded(tmp_path / "model", {"broken": {"complaint": 1.0}}, meant=["bill", "router"])
    topics = [Topic(name="hardware", phrases=["box router"]), Topic(name="billing", phrases=["bill wrong"])]
    texts = ["the router", "a bill " + "word " * 60, "nothing of that"]
    found = load_classifier(ClassifierSettings(model=str(model)), topics).assess(texts)
    assert [each.topic for each in found] == ["hardware", "billing", OTHER_TOPIC]


def test_severity_is_read_in_the_window_that_most_looks_like_a_complaint(tmp_path: Path) -> None:
    words = {
        "broken": {"complaint": 6.0, "high": 5.0, "blame": 5.0},
        "sorry": {"low": 9.0, "no_explicit_reproach": 9.0},
    }
    model = make_embedded(tmp_path / "model", words, heads=new_heads())
    [found] = load_classifier(ClassifierSettings(model=str(model))).assess(["sorry " + "word " * 40 + "broken"])
    assert (found.severity, found.severity_reasons) == (
        Severity.HIGH,
        ("reads like a grave matter for the author", "blames the company"),
    )


def test_only_a_complaint_has_a_severity(classifier: Classifier) -> None:
    [found] = classifier.assess(["a lovely hospital in court"])
    assert (found.complaint, found.severity, found.severity_reasons) == (False, None, ())


def test_answers_come_in_the_order_of_the_texts_whatever_their_length(classifier: Classifier) -> None:
    texts = ["lovely", "word " * 300 + "broken", "awful awful", "", "broken", "router " * 40] * 20
    together = classifier.assess(texts)
    assert together == [classifier.assess([text])[0] for text in texts]
    assert [each.complaint for each in together[:6]] == [False, True, False, False, True, False]


def test_a_long_text_is_read_to_its_last_word(classifier: Classifier) -> None:
    [plain, at_the_end] = classifier.assess(["word " * 2000, "word " * 2000 + "broken"])
    assert plain.complaint_score is not None
    assert at_the_end.complaint_score is not None
    assert at_the_end.complaint_score > plain.complaint_score + 0.4


def test_the_model_is_told_the_brand_and_sees_its_handle_as_its_name(classifier: Classifier) -> None:
    [without] = classifier.assess(["@acmehelp hello"])
    [other] = classifier.assess(["@other hello"], ACME)
    [own] = classifier.assess(["@acmehelp hello"], ACME)
    assert other.relevant_score is not None
    assert own.relevant_score is not None
    assert other.relevant_score < own.relevant_score
    assert without.relevant_score is None, "relevant to whom?"


def test_names_are_marked_for_a_model_that_knows_marks_alone(tmp_path: Path) -> None:
    def positive(text: str, brand: BrandContext | None, *, marks: bool) -> float:
        folder = make_embedded(tmp_path / f"{marks}", {MARK: {"positive": 4.0}}, marks=marks)
        [found] = load_classifier(ClassifierSettings(model=str(folder))).assess([text], brand)
        return found.sentiment_scores["positive"] if found.sentiment_scores else 0.0

    assert positive("hello Acme", ACME, marks=True) > 0.9
    for text, brand, marks in (("hello Acme", ACME, False), ("hello Acme", None, True), ("hello \u25cf", ACME, True)):
        assert positive(text, brand, marks=marks) < 0.4


def test_a_brand_with_an_endless_name_leaves_room_for_the_text(folder: Path, classifier: Classifier) -> None:
    [found] = classifier.assess(["broken"], BrandContext("acme " * 500))
    assert found.complaint_score is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "\u200b\u200d\ufeff",
        "😡😡😡",
        "x" * 10_000,
        "broken " * 1_700,
        "😡" * 10_000,
        "مرحبا بكم في المتجر",
        "\u202eolleh\u202c mixed אבג русский 你好",
        "half \ud83d of it",
        "nul \x00 inside",
        "@AcmeHelp",
    ],
)
def test_strange_text_gets_an_assessment(classifier: Classifier, text: str) -> None:
    for brand in (None, ACME):
        [found] = classifier.assess([text], brand)
        assert found.sentiment is not None


@given(st.lists(st.text(st.characters(), max_size=200), max_size=5))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_at_all_is_an_error(classifier: Classifier, texts: list[str]) -> None:
    assert len(classifier.assess(texts, ACME)) == len(texts)


@pytest.mark.parametrize("text", ["", "  \n", "\u200b", "@AcmeHelp", "Mein Router ist heute leider broken gegangen"])
def test_nothing_to_read_or_another_language_is_unsure(classifier: Classifier, text: str) -> None:
    assert classifier.assess([text])[0].unsure


def test_the_operator_sets_threshold_confidence_and_languages(folder: Path) -> None:
    german = "Mein Router ist heute leider broken gegangen"

    def assess(text: str, **changes: object) -> object:
        given = ClassifierSettings.model_validate({"model": str(folder), **changes})
        return load_classifier(given).assess([text])[0]

    assert getattr(assess("broken"), "complaint") is True  # noqa: B009
    assert getattr(assess("broken", complaint_threshold=0.999), "complaint") is False  # noqa: B009
    assert getattr(assess("broken", unsure_below=0.999), "unsure") is True  # noqa: B009
    assert getattr(assess(german, languages=["en", "de"]), "unsure") is False  # noqa: B009


def test_a_head_that_is_not_shipped_is_null(tmp_path: Path) -> None:
    heads = tuple(replace(head, shipped=head.name != "sarcasm") for head in new_heads())
    model = make_embedded(tmp_path / "model", heads=heads)
    [found] = load_classifier(ClassifierSettings(model=str(model))).assess(["broken"])
    assert found.sarcasm_score is None
    assert found.offensive_score is not None


def test_sentiment_beside_a_brand_is_the_stance_where_the_model_has_one(tmp_path: Path) -> None:
    # A word's logits go to the first head that has the label, so the other one is undecided.
    labels = LABELS["sentiment"]
    stance, sentiment = Head("stance", labels, 0), Head("sentiment", labels, 3)

    def shares(stance: Head) -> list[float]:
        made = make_embedded(tmp_path / f"{stance.shipped}", {"awful": {"negative": 4.0}}, heads=(stance, sentiment))
        model = load_classifier(ClassifierSettings(model=str(made)))
        assert model.assess([], ACME) == []
        found = [model.assess(["awful " * 40], brand)[0].sentiment_scores for brand in (ACME, None)]
        return [each["negative"] for each in found if each]

    assert shares(stance) == pytest.approx([1.0, 1 / 3], abs=1e-3)
    [found] = EmbeddedModel(tmp_path / "True").scores([Reading("awful", "Acme")])
    assert found.mood == pytest.approx(dict.fromkeys(labels, 1 / 3), abs=1e-3)
    assert shares(replace(stance, shipped=False)) == pytest.approx([1 / 3, 1 / 3], abs=1e-3)


def test_another_revision_than_asked_for_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=f'asks for "r9".*holds "{revision_of(folder / "model.onnx")}"'):
        load_classifier(ClassifierSettings(model=str(folder), revision="r9"))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "model.onnx").unlink(), r"weights .* is missing"),
        (lambda folder: (folder / "model.onnx").write_bytes(b"nothing"), r"not a model that onnxruntime can run"),
        (lambda folder: (folder / "tokenizer.json").unlink(), r"tokenizer .* is missing"),
        (
            lambda folder: (folder / "tokenizer.json").write_text("{"),
            r"tokenizer .* is damaged; copy the model's folder again",
        ),
        (lambda folder: write_heads(folder, replace(read_heads(folder), heads=ASSESSED[:2])), r"heads.json tells of 5"),
        (lambda folder: _flip_a_bit(folder / "model.onnx"), r"model.onnx has the revision .* the weights are damaged"),
    ],
)
def test_a_damaged_folder_is_named_in_one_sentence(tmp_path: Path, damage: object, message: str) -> None:
    model = make_embedded(tmp_path / "model")
    assert callable(damage)
    damage(model)
    with pytest.raises(ConfigurationError, match=message):
        load_classifier(ClassifierSettings(model=str(model)))


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "3", '{"heads": 3}', '{"heads": [{}]}', '{"heads": ["a"]}',
        {"more": 1}, {"window_tokens": "16"}, {"name": None},
    ],
)  # fmt: skip
def test_a_damaged_heads_json_is_told_without_the_words_of_a_parser(tmp_path: Path, content: str | dict) -> None:
    path = make_embedded(tmp_path / "model") / "heads.json"
    if isinstance(content, dict):
        content = json.dumps(json.loads(path.read_text()) | content)
    path.write_text(content)
    with pytest.raises(ConfigurationError) as raised:
        load_classifier(ClassifierSettings(model=str(path.parent)))
    assert str(raised.value).endswith(
        f"cannot be opened: {path} is damaged and does not describe the model's heads; copy the model's folder again "
        "(the shipped one comes with frankly: install that again), or name another model"
    )


def _flip_a_bit(path: Path) -> None:
    """In the name of a column, where onnxruntime sees nothing wrong."""
    path.write_bytes(path.read_bytes().replace(b"logits kept", b"logits kepT"))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"overlap_tokens": 13}, "windows of 16 tokens cannot overlap by 13"),
        ({"overlap_tokens": -1}, "windows of 16 tokens cannot overlap by -1"),
        ({"heads": (ASSESSED[0], replace(ASSESSED[0], start=9))}, "tells of one head twice"),
        ({"heads": (replace(ASSESSED[0], name="mod"),)}, "no head is called 'mod'"),
        ({"heads": (replace(ASSESSED[0], labels=("a", "b", "c")),)}, "labels of the head sentiment are negative, neu"),
        ({"heads": (replace(ASSESSED[0], temperature=0.0),)}, "has the temperature 0; expected more than 0"),
        ({"heads": (ASSESSED[0], replace(ASSESSED[1], start=2))}, "columns of the head complaint begin at 2"),
        ({"heads": (replace(ASSESSED[0], start=-1),)}, "columns of the head sentiment begin at -1"),
    ],
)
def test_heads_that_no_model_can_have_are_told(tmp_path: Path, more: dict[str, object], message: str) -> None:
    model = make_embedded(tmp_path / "model")
    write_heads(model, replace(read_heads(model), **more))  # type: ignore[arg-type] # of several types
    with pytest.raises(ConfigurationError, match=message):
        load_classifier(ClassifierSettings(model=str(model)))


def test_opening_the_model_needs_neither_transformers_nor_pytorch(folder: Path) -> None:
    program = (
        "import json, sys\n"
        "import classifiers\n"
        "light = 'onnxruntime' not in sys.modules\n"
        "from config.settings import ClassifierSettings\n"
        f"found = classifiers.load_classifier(ClassifierSettings(model={str(folder)!r})).assess(['broken'])\n"
        "heavy = [name for name in ('torch', 'transformers', 'onnx', 'sklearn') if name in sys.modules]\n"
        "print(json.dumps([light, heavy, found[0].complaint]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [True, [], True]
