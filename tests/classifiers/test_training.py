"""Training: what is learnt from what, and that nothing held out is."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from pathlib import Path

import pytest

from classifiers.text import normalise
from classifiers.training.development import development
from classifiers.training.examples import (
    JUDGED_PART,
    Corpus,
    as_examples,
    draw,
    fold_of,
    read_corpus,
    spoken_name,
)
from classifiers.training.rivals import COMPARISONS, compared
from classifiers.training.sets import BRANDS, OWN_POSTS
from config.errors import ConfigurationError
from tests.classifiers.small_training import Rows, write

OWN_ROW = {
    "text": "Zenith beats @zenithfibre; zen is not it, ZenithFibre",
    "target": "Zenith Fibre",
    "handle": "zenithfibre",
    "relevant": True,
    "sentiment": "positive",
    "complaint": False,
    "severity": None,
    "kind": "praise",
    "sarcasm": False,
    "offensive": False,
}


@pytest.fixture
def corpus(data: Path) -> Corpus:
    """The rows of ``data`` and every twentieth of our own posts: to clean them all takes seconds, each time."""
    corpus = read_corpus(data)
    for side in (corpus.train, corpus.calibrate, corpus.val):
        side[OWN_POSTS][:] = side[OWN_POSTS][::20]
    return corpus


def test_nothing_that_is_held_out_or_kept_for_calibration_is_learnt_from(corpus: Corpus) -> None:
    learnt = {example.group for seed in range(3) for example in draw(corpus, seed)}
    for name in ("tweet_sentiment", "brand_sentiment"):
        kept_apart = {
            example.group for side in (corpus.val, corpus.calibrate) for example in as_examples(side[name], name)
        }
        assert kept_apart
        assert not kept_apart & learnt


def test_sets_for_development_are_read_for_a_name_and_teach_nothing(data: Path) -> None:
    found = development(data)
    assert [(one.text, one.brand, one.labels) for one in found["brand_emotions_dev"]] == [
        ("my lovely @user", "iPad", {"sentiment": "positive"}),
        ("a plain ● IPHONE or iPad", "IPHONE", {"sentiment": "neutral"}),
    ]
    assert len(found["target_sentiment"]) == 60
    assert {one.brand for one in found["target_sentiment"]} == {"wii"}
    learnt = {example.text for example in draw(read_corpus(data, without={OWN_POSTS}), 1)}
    assert not learnt & {one.text for examples in found.values() for one in examples}
    assert development(data.parent) == {}


def test_complaints_teach_the_encoder_nothing_and_every_row_has_one_part_of_ten(data: Path) -> None:
    corpus = read_corpus(data, without={OWN_POSTS})
    assert not any({"complaint", "grievance"} & example.labels.keys() for example in draw(corpus, 1))
    groups = [str(row["group"]) for row in corpus.train["complaints"]]
    assert sorted(groups) == sorted(str(n) for n in range(80))
    assert {fold_of(group) for group in groups} == set(range(10))
    assert not corpus.val["complaints"]


def test_complaints_teach_the_encoder_too_where_that_is_asked_but_for_the_tenth_that_is_judged(data: Path) -> None:
    learnt = draw(read_corpus(data, without={OWN_POSTS}), 1, complaints=True)
    groups = {example.group for example in learnt if {"complaint", "grievance"} & example.labels.keys()}
    assert {fold_of(group) for group in groups} == set(range(10)) - {JUDGED_PART}


def test_a_post_about_two_companies_is_read_for_each_of_them(tmp_path: Path) -> None:
    row = {"text": "Brisk beats Pinto", "label": "positive", "target": "Brisk", "split": "train"}
    other = {**row, "label": "negative", "target": "Pinto"}
    write(tmp_path / "data", "brand_sentiment", [row, row, other])
    corpus = read_corpus(tmp_path / "data", without={OWN_POSTS})
    rows = [*corpus.train[BRANDS], *corpus.calibrate[BRANDS]]
    found = {(one.brand, one.labels["sentiment"]) for one in as_examples(rows, BRANDS)}
    assert found == {("Brisk", "positive"), ("Pinto", "negative")}
    assert len(as_examples(rows, BRANDS)) == 2


def test_our_own_posts_about_two_companies_are_always_read_for_one_and_kept_together(data: Path) -> None:
    corpus = read_corpus(data)
    sides = [{row["text"] for row in side[OWN_POSTS]} for side in (corpus.train, corpus.calibrate, corpus.val)]
    assert all(not one & other for one, other in itertools.combinations(sides, 2))
    counts = Counter(
        str(row["text"]) for side in (corpus.train, corpus.calibrate, corpus.val) for row in side[OWN_POSTS]
    )
    assert len({normalise(text) for text, count in counts.items() if count == 2}) == 3170
    corpus.train[OWN_POSTS][:] = [row for row in corpus.train[OWN_POSTS] if counts[str(row["text"])] == 2][:300]
    drawn = [one for seed in range(3) for one in draw(corpus, seed) if "kind" in one.labels]
    assert len(drawn) == 3 * 300
    assert all(one.brand for one in drawn)


def test_a_set_can_be_left_out_by_name(data: Path) -> None:
    corpus = read_corpus(data, without={"brand_sentiment"})
    assert "brand_sentiment" not in {one.name for one in corpus.sets}
    with pytest.raises(ConfigurationError, match="no training set tweets; known: tweet_sentiment, "):
        read_corpus(data, without={"tweets"})


def test_one_copy_of_each_original(corpus: Corpus) -> None:
    groups = [example.group for example in draw(corpus, 1)]
    assert max(groups.count(f"g{n}") for n in range(4, 12)) == 1


def test_a_comparison_is_read_for_each_of_its_brands() -> None:
    opinions = list(compared(COMPARISONS, random.Random(1)))
    assert len(opinions) == 2 * len(COMPARISONS)
    for one in opinions:
        assert one.brand in one.text
    first, second = opinions[:2]
    assert first.text == second.text
    assert (first.sentiment, second.sentiment) == ("positive", "negative")


def test_an_epoch_is_the_same_for_the_same_seed_and_another_for_another(corpus: Corpus) -> None:
    assert draw(corpus, 5) == draw(corpus, 5)
    assert draw(corpus, 5) != draw(corpus, 6)


def test_the_text_is_cleaned_and_irrelevance_needs_a_brand(corpus: Corpus) -> None:
    examples = [example for seed in range(20) for example in draw(corpus, seed)]
    assert not any("@someone" in example.text for example in examples)
    assert any("@user" in example.text for example in examples)
    assert all("relevant" not in example.labels for example in examples if example.brand is None)
    assert any(example.brand == "Call Of Duty" for example in examples)


def test_only_our_own_posts_teach_the_encoder_whether_a_name_means_something_else(data: Path, corpus: Corpus) -> None:
    assert not any("relevant" in example.labels for example in draw(read_corpus(data, without={OWN_POSTS}), 1))
    taught_by_ours = {example.labels.get("relevant") for example in draw(corpus, 1)}
    assert {"relevant", "irrelevant"} <= taught_by_ours
    judged = as_examples(corpus.val["brand_sentiment"], "brand_sentiment")
    assert any("relevant" in one.labels for one in judged)


def test_beside_a_brand_sentiment_teaches_the_stance_and_complaints_the_grievance(corpus: Corpus) -> None:
    drawn = draw(corpus, 1, complaints=True)
    for question, head in (("sentiment", "stance"), ("complaint", "grievance")):
        assert any(one.brand and head in one.labels for one in drawn)
        assert not any(head in one.labels for one in drawn if one.brand is None)
        assert not any(question in one.labels for one in drawn if one.brand)


def test_our_own_posts_teach_no_sentiment_but_the_stance(corpus: Corpus) -> None:
    drawn = draw(corpus, 1)
    ours = [one for one in drawn if "kind" in one.labels]
    assert not any("sentiment" in one.labels for one in ours)
    assert any("stance" in one.labels for one in ours)


def test_a_brands_names_are_marked_for_the_encoder_where_it_is_read_for_the_brand(corpus: Corpus) -> None:
    drawn = draw(corpus, 1)
    assert not any("\u25cf" in one.text for one in drawn if one.brand is None)
    named = [one for one in drawn if one.brand and f" {one.brand} ".lower() in one.text.lower()]
    assert named
    assert all(f"\u25cf {one.brand} ".lower() in one.text.lower() for one in named)
    [post] = as_examples([OWN_ROW], OWN_POSTS)
    assert post.text == "\u25cf Zenith beats \u25cf Zenith Fibre; zen is not it, \u25cf ZenithFibre"


def test_a_post_about_two_companies_weighs_three_times_as_much(corpus: Corpus) -> None:
    corpus.train[OWN_POSTS][:] = [OWN_ROW, {**OWN_ROW, "text": "another", "two_companies": True}]
    two, one = sorted((each for each in draw(corpus, 1) if "kind" in each.labels), key=lambda each: each.alone)
    assert (two.alone, one.alone) == (False, True)
    assert two.weights == pytest.approx({head: 3 * weight for head, weight in one.weights.items()})


def test_rarer_sentiments_weigh_more(tmp_path: Path) -> None:
    rows: Rows = [{"text": f"t{n}", "label": "negative" if n < 10 else "neutral", "split": "train"} for n in range(100)]
    write(tmp_path / "data", "tweet_sentiment", rows)
    drawn = draw(read_corpus(tmp_path / "data", without={OWN_POSTS}), 1)
    weights = {label: e.weights[head] for e in drawn for head, label in e.labels.items()}
    rare = sum("negative" in e.labels.values() for e in drawn)
    assert weights["negative"] / weights["neutral"] == pytest.approx(((len(drawn) - rare) / rare) ** 0.5)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("CallOfDuty", "Call Of Duty"),
        ("johnson&johnson", "johnson johnson"),
        ("PlayStation5(PS5)", "Play Station 5 PS5"),
    ],
)
def test_a_joined_name_is_spoken_as_words(target: str, name: str) -> None:
    assert spoken_name(target) == name


def test_a_folder_without_sets_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds none of the training sets"):
        read_corpus(tmp_path)


def test_our_own_posts_are_read_like_live_ones_and_teach_no_sentiment(data: Path) -> None:
    corpus = read_corpus(data)
    assert not {row["writer"] for row in corpus.train[OWN_POSTS]} & {row["writer"] for row in corpus.val[OWN_POSTS]}
    judged = as_examples(corpus.val[OWN_POSTS], OWN_POSTS)
    assert any("sentiment" in one.labels for one in judged)
    drawn = draw(corpus, 1, replayed=7)
    own = [one for one in drawn if "kind" in one.labels]
    assert not any("sentiment" in one.labels for one in own)
    assert len(drawn) == len(own) + 7
    handles = {str(row["handle"]).lower() for row in corpus.train[OWN_POSTS]}
    assert not any(f"@{handle}" in one.text.lower() for one in own for handle in handles)
    assert any(one.brand in one.text for one in own if one.brand)
