"""What an assessment answers for each head."""

from __future__ import annotations

import pytest

from classifiers.evaluation.answers import Answer, answer_of
from classifiers.evaluation.heads import CLOSED, OPEN
from store.records import Assessment, Kind, Sentiment, Severity

SCORES = {"negative": 0.7, "neutral": 0.2, "positive": 0.1}
FULL = Assessment(
    model="m",
    revision="r",
    sentiment=Sentiment.NEGATIVE,
    sentiment_scores=SCORES,
    complaint=False,
    complaint_score=0.6,
    severity=Severity.HIGH,
    kind=Kind.COMPLAINT,
    topic="billing",
    language="en",
    relevant_score=0.9,
    offensive_score=0.2,
    sarcasm_score=0.5,
    unsure=True,
)


@pytest.mark.parametrize("head", [*CLOSED, *OPEN])
def test_every_head_has_an_answer_among_its_labels(head: str) -> None:
    found = answer_of(FULL, head)
    assert found is not None
    assert found.unsure
    assert head in OPEN or found.label in CLOSED[head]
    assert found.shares is None or sum(found.shares.values()) == pytest.approx(1)


def test_a_complaint_is_what_the_operators_threshold_says() -> None:
    # The score is 0.6, and the operator's threshold was higher.
    found = answer_of(FULL, "complaint")
    assert found == Answer("other", {"other": pytest.approx(0.4), "complaint": 0.6}, True, 0.7)
    assert found.sureness == pytest.approx(0.4)


def test_without_a_complaint_head_negative_sentiment_stands_for_it() -> None:
    mood = Assessment("m", "r", Sentiment.NEGATIVE, SCORES)
    calm = Assessment("m", "r", Sentiment.NEUTRAL, SCORES)
    assert answer_of(mood, "complaint") == Answer("complaint", None, False, 0.7)
    assert answer_of(calm, "complaint") == Answer("other", None, False, 0.7)


def test_a_head_that_the_model_lacks_has_no_answer_and_no_severity_is_an_answer() -> None:
    bare = Assessment("m", "r", None, None)
    assert [answer_of(bare, head) for head in ("sentiment", "complaint", "offensive", "relevant")] == [None] * 4
    assert answer_of(bare, "severity") == Answer("none", None, False)
