"""The baselines are fair: VADER by its authors' thresholds, TF-IDF without a look at what it answers."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence

import pytest

from classifiers.evaluation.baselines import TfidfBaseline, VaderBaseline
from classifiers.evaluation.labelled import Labelled
from config.errors import ConfigurationError, UsageError


def nothing(_: int) -> None:
    pass


def texts(words: Sequence[str], labels: Sequence[str]) -> list[Labelled]:
    return [
        Labelled(word, label, group=str(place)) for place, (word, label) in enumerate(zip(words, labels, strict=True))
    ]


def test_vader_counts_words() -> None:
    pytest.importorskip("vaderSentiment")
    asked = texts(["I love this, great work!", "The table has four legs", "horrible, terrible, I hate it"], ["x"] * 3)
    vader = VaderBaseline()
    assert [a.label for a in vader.answers(asked, "sentiment", nothing)] == ["positive", "neutral", "negative"]
    assert [a.label for a in vader.answers(asked, "complaint", nothing)] == ["other", "other", "complaint"]
    assert "taken for a complaint" in vader.note
    with pytest.raises(UsageError, match="vader knows sentiment alone"):
        vader.answers(asked, "severity", nothing)


def test_tfidf_learns_the_words_of_the_other_folds() -> None:
    pytest.importorskip("sklearn")
    words = [f"{'broken' if place % 2 else 'lovely'} thing {place % 7}" for place in range(60)]
    labels = ["complaint" if place % 2 else "other" for place in range(60)]
    done: list[int] = []
    baseline = TfidfBaseline()
    answers = baseline.answers(texts(words, labels), "complaint", done.append)
    assert [answer.label for answer in answers] == labels
    assert all(answer.shares is not None and sum(answer.shares.values()) == pytest.approx(1) for answer in answers)
    assert sum(done) == 60
    assert baseline.note == "learnt from this file, 10 folds by group"
    assert answers == TfidfBaseline().answers(texts(words, labels), "complaint", nothing)


def test_tfidf_never_sees_a_text_of_the_group_that_it_answers() -> None:
    pytest.importorskip("sklearn")
    # Each group has a word of its own that gives its label away, and no other word in common with the rest.
    rows = [Labelled(f"secret{place // 4}", "ab"[place // 4 % 2], group=str(place // 4)) for place in range(80)]
    answers = TfidfBaseline().answers(rows, "topic", nothing)
    right = sum(answer.label == row.label for answer, row in zip(answers, rows, strict=True))
    assert right < 60


@pytest.mark.parametrize(
    "rows",
    [
        [Labelled("a b", "complaint", group="1"), Labelled("c d", "complaint", group="2")],
        [Labelled("a b", "complaint", group="1"), Labelled("c d", "other", group="1")],
    ],
)
def test_tfidf_says_when_there_is_nothing_to_learn(rows: list[Labelled]) -> None:
    pytest.importorskip("sklearn")
    with pytest.raises(UsageError, match="two labels and two groups"):
        TfidfBaseline().answers(rows, "complaint", nothing)


@pytest.mark.parametrize(
    ("baseline", "package", "message"),
    [(VaderBaseline, "vaderSentiment", "needs vaderSentiment"), (TfidfBaseline, "sklearn", "needs scikit-learn")],
)
def test_a_missing_extra_is_one_sentence_with_the_command_that_helps(
    monkeypatch: pytest.MonkeyPatch, baseline: type, package: str, message: str
) -> None:
    found = builtins.__import__

    def without(name: str, *rest: Mapping[str, object] | Sequence[str] | int | None) -> object:
        if name.split(".")[0] == package:
            raise ImportError(name)
        return found(name, *rest)  # type: ignore[arg-type] # what import itself is given

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigurationError, match=rf"{message}.*pip install 'frankly\[baselines\]'"):
        baseline()
