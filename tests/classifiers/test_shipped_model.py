"""The model that frankly ships: what everybody must be able to rely on, in sentences that nobody would argue about."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from classifiers import SHIPPED_MODEL, BrandContext, Classifier, load_classifier
from classifiers.explain import explain
from classifiers.stream import any_brand
from config.settings import ClassifierSettings, Topic
from store.records import OTHER_TOPIC, Assessment, Kind, Sentiment, Severity

ACME = BrandContext("Acme", ("acme", "@acme"), ("Zenith",))

COMPLAINTS = (
    "@acme my internet has been down for three days and nobody answers the phone",
    "I ordered a coat from you two weeks ago and it still hasn't arrived. Where is it?",
    "@acme you charged me twice this month and your support keeps hanging up on me",
    "Worst customer service ever, third time I have called about the same broken router",
    "@acme the app crashes every time I open it since the last update, fix it",
)
NOT_COMPLAINTS = (
    "@acme thanks so much, the engineer was brilliant and everything works now",
    "Good morning everyone, coffee first",
    "@acme what are your opening hours on Saturday?",
    "Just ordered my first router from Acme, excited!",
    "Watching the match with my brother tonight",
)
PLEASANT = (
    "We spent the first week of June by the lake. The water was clear, and every morning we swam before breakfast.",
    "My brother brought his old guitar along, and in the evenings we sat on the veranda until the stars came out.",
    "On Thursday we walked to the village, bought bread and cheese, and had a picnic under the big oak tree.",
    "The children built a boat of bark and leaves. It crossed the whole pond, and they were so proud of it.",
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier(ClassifierSettings())


def test_an_answer_does_not_depend_on_what_is_read_beside_it(classifier: Classifier) -> None:
    texts = [*COMPLAINTS, *NOT_COMPLAINTS, *PLEASANT, "@acme thanks for charging me twice", " ".join(PLEASANT)]
    for together, text in zip(classifier.assess(texts, ACME), texts, strict=True):
        [alone] = classifier.assess([text], ACME)
        for each in fields(Assessment):
            found, expected = getattr(together, each.name), getattr(alone, each.name)
            scores = isinstance(expected, float | dict)  # sums in another order differ in the last digit
            assert found == (pytest.approx(expected, abs=5e-6) if scores else expected), (text, each.name)


@pytest.mark.parametrize("brand", [None, ACME])
@pytest.mark.parametrize("text", COMPLAINTS)
def test_a_plain_complaint_is_found(classifier: Classifier, text: str, brand: BrandContext | None) -> None:
    [found] = classifier.assess([text], brand)
    assert found.complaint
    assert found.kind is Kind.COMPLAINT
    assert found.severity is not None
    assert found.severity_reasons


@pytest.mark.parametrize("brand", [None, ACME])
@pytest.mark.parametrize("text", NOT_COMPLAINTS)
def test_what_is_no_complaint_is_left_in_peace(classifier: Classifier, text: str, brand: BrandContext | None) -> None:
    [found] = classifier.assess([text], brand)
    assert not found.complaint
    assert found.severity is None


@pytest.mark.parametrize("brand", [None, ACME])
def test_plain_feelings_are_read(classifier: Classifier, brand: BrandContext | None) -> None:
    bad, good = classifier.assess(
        ["Acme is awful, I hate it, worst company in the world", "I love Acme, best company in the world, thank you!"],
        brand,
    )
    assert bad.sentiment is Sentiment.NEGATIVE
    assert good.sentiment is Sentiment.POSITIVE


def _labelled(name: str) -> list[dict[str, str]]:
    lines = (Path(__file__).parent / "labelled" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_most_kinds_are_named_rightly(classifier: Classifier) -> None:
    rows = _labelled("kinds.jsonl")
    found = classifier.assess([row["text"] for row in rows])
    right = sum(each.kind == row["label"] for each, row in zip(found, rows, strict=True))
    assert right / len(rows) >= 0.85


def test_hard_posts_about_companies_that_it_never_heard_of_are_mostly_read_rightly(classifier: Classifier) -> None:
    rows = _labelled("practice.jsonl")
    found = [classifier.assess([row["text"]], BrandContext(row["brand"]))[0] for row in rows]
    for head, least in (("kind", 0.75), ("complaint", 0.84), ("severity", 0.74)):
        right = sum(getattr(each, head) == row[head] for each, row in zip(found, rows, strict=True))
        assert right / len(rows) >= least, head


@pytest.mark.parametrize("rivals", [("Zenith",), ()])
@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("Zenith is terrible, thank god I'm with Acme", Sentiment.POSITIVE),
        ("@zenith left me stranded. @acme got me home, thank you so much!", Sentiment.POSITIVE),
        ("Zenith is lovely, but Acme is awful and never answers", Sentiment.NEGATIVE),
        ("why did I ever leave Zenith, acme is a joke", Sentiment.NEGATIVE),
    ],
)
def test_what_is_felt_for_a_rival_is_not_felt_for_the_brand(
    classifier: Classifier, text: str, sentiment: Sentiment, rivals: tuple[str, ...]
) -> None:
    [found] = classifier.assess([text], BrandContext("Acme", ("acme", "@acme"), rivals))
    assert found.sentiment is sentiment


def test_plain_posts_about_two_companies_are_mostly_read_for_the_one_that_is_asked(classifier: Classifier) -> None:
    rows = _labelled("exam_rivals.jsonl")
    found = [classifier.assess([row["text"]], any_brand(row["brand"]))[0] for row in rows]
    right = sum(each.sentiment == row["sentiment"] for each, row in zip(found, rows, strict=True))
    assert right / len(rows) >= 0.7


def test_a_topic_is_found_by_its_meaning() -> None:
    topics = [
        Topic(name="outage", phrases=["no internet", "connection is down"]),
        Topic(name="billing", phrases=["charged twice", "wrong bill"]),
    ]
    classifier = load_classifier(ClassifierSettings(), topics)
    texts = ["our internet is offline again", "you charged my card two times", "what a lovely day for a walk"]
    assert [each.topic for each in classifier.assess(texts, ACME)] == ["outage", "billing", OTHER_TOPIC]


def test_danger_is_critical(classifier: Classifier) -> None:
    [found] = classifier.assess(["@acme your router caught fire and burned my desk, this is unacceptable"], ACME)
    assert found.severity is Severity.CRITICAL


def test_another_language_and_an_empty_text_are_unsure(classifier: Classifier) -> None:
    texts = ["Mein Internet ist seit drei Tagen kaputt und keiner hilft mir", ""]
    assert [each.unsure for each in classifier.assess(texts, ACME)] == [True, True]


def test_a_complaint_in_the_last_paragraph_of_a_long_text_is_found(classifier: Classifier) -> None:
    story = "\n\n".join(paragraph for _ in range(23) for paragraph in PLEASANT)
    end = (
        "\n\nThen I came home. @acme my internet has been down for three days and nobody answers the phone. I have "
        "called four times, each time I am told that an engineer will come, and nobody ever does. You still charged me "
        "for the whole month. This is the worst service that I have ever paid for, and I want my money back."
    )
    calm, upset = classifier.assess([story, story + end], ACME)
    assert len(story + end) >= 9_800
    assert not calm.complaint
    assert upset.complaint


def test_what_the_rival_did_is_not_our_harm(classifier: Classifier) -> None:
    text = "my Zenith router caught fire and burnt my hand, now Acme billed me wrong, awful"
    [unknown] = classifier.assess([text], BrandContext("Acme", ("acme",)))
    [known] = classifier.assess([text], ACME)
    assert unknown.severity is Severity.CRITICAL
    assert known.severity is not Severity.CRITICAL
    assert "tells of danger to people or property" not in known.severity_reasons


def test_the_words_of_the_complaint_carry_it(classifier: Classifier) -> None:
    text = "The router you sent is broken and your support hung up on me"
    [why] = explain([text], classifier.assess([text], ACME), classifier, ACME)
    assert " ".join(word for word, _ in why) == text
    weights = dict(why)
    # One word less moves little where the model is this sure, so they are asked together.
    told = sum(weights[each] for each in ("router", "broken", "support", "hung"))
    assert told > sum(weights[each] for each in ("The", "you", "and", "your", "me"))
    assert min(weights["broken"], weights["hung"]) > 0


def test_the_revision_is_the_hash_of_the_weights_and_stands_in_the_card(classifier: Classifier) -> None:
    digest = hashlib.sha256((SHIPPED_MODEL / "model.onnx").read_bytes()).hexdigest()
    assert classifier.revision == digest[:12]
    assert f"revision {classifier.revision}" in (SHIPPED_MODEL / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_the_card_names_licences_and_reaches_what_we_ask_of_it() -> None:
    card = (SHIPPED_MODEL / "MODEL_CARD.md").read_text(encoding="utf-8")
    seen = card[card.index("## What it saw") : card.index("## What it scores")]
    for name in ("brand_emotions_dev", "target_sentiment"):
        assert name not in seen
        assert f"| {name}: never learnt from, name given |" in card
    assert "`--without SET`" in card
    assert _figure(card, "sentiment | tweet_sentiment: val", "macro-recall") >= 74
    assert _figure(card, "complaint | complaints: 10-fold |", "macro-F1") >= 87
    assert _figure(card, "complaint | complaints: 10-fold, without the two random domains |", "macro-F1") >= 84
    assert _figure(card, "grievance | complaints: 10-fold, beside a brand's name |", "macro-F1") >= 84
    assert _figure(card, "reproach | complaints: 10-fold", "macro-F1") >= 48
    assert _figure(card, "stance | comparisons of two brands, our own", "macro-F1") >= 78
    # Two of the eight wrote of two companies alone, whose posts are the hardest ("Rivals" in docs/training.md).
    for head, least in (("grievance", 86), ("kind", 82), ("stance", 80)):
        assert _figure(card, f"{head} | posts: our own, by eight writers", "macro-F1") >= least


def test_the_model_is_small_and_its_base_has_its_licence() -> None:
    assert sum(file.stat().st_size for file in SHIPPED_MODEL.iterdir()) < 50_000_000
    licence = (SHIPPED_MODEL / "LICENSE.minilm.txt").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence


def _figure(card: str, row: str, column: str) -> float:
    """A percentage from the card's table of scores."""
    lines = card.splitlines()
    [header] = [line for line in lines if "macro-recall" in line and line.startswith("|")]
    [line] = [line for line in lines if row in line]
    place = [cell.strip() for cell in header.split("|")].index(column)
    found = re.fullmatch(r"(\d+\.\d)%", line.split("|")[place].strip())
    assert found
    return float(found[1])
