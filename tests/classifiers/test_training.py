"""Training: what is learnt from what, that nothing held out is, and how it is fitted."""

from __future__ import annotations

import importlib.util
import itertools
import random
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from classifiers import SHIPPED_MODEL
from classifiers.heads import Head, ModelFile, write_heads
from classifiers.text import normalise
from classifiers.training.base import open_tokenizer
from classifiers.training.development import development
from classifiers.training.examples import (
    JUDGED_PART,
    Example,
    as_examples,
    draw,
    fold_of,
    read_corpus,
    spoken_name,
)
from classifiers.training.rivals import COMPARISONS, compared
from classifiers.training.sets import BRANDS, OWN_POSTS, TWEETS
from config.errors import ConfigurationError
from tests.classifiers.small_training import Rows, tiny_encoder, write

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


def test_nothing_that_is_held_out_or_kept_for_calibration_is_learnt_from(data: Path) -> None:
    corpus = read_corpus(data)
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
    learnt = {example.text for example in draw(read_corpus(data), 1)}
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
    twins = {normalise(text) for text, count in counts.items() if count == 2}
    assert len(twins) == 3170
    drawn = [one for seed in range(3) for one in draw(corpus, seed)]
    assert all(one.brand for one in drawn if one.text in twins)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_stance_learns_sentiment_from_what_is_read_beside_a_name(data: Path, tmp_path: Path) -> None:
    from classifiers.training.network import load_network
    from classifiers.training.predict import logits_of
    from classifiers.training.probe import Probe

    base = tiny_encoder(tmp_path / "base")
    head = Head("stance", ("negative", "neutral", "positive"), 0)
    network, tokenizer = load_network(base, [head]).eval(), open_tokenizer(base)
    Probe(network, tokenizer, read_corpus(data, without={OWN_POSTS}), 1).fit([head])
    texts = ("awful broken thing number 3 @user", "plain thing number 4 @user", "lovely thing number 5 @user")
    found = logits_of(network, tokenizer, [Example(text, "Brisk", {}, {}, text) for text in texts], 64)
    assert found.argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_sentiment_goes_half_the_way_to_a_head_that_is_fitted_to_tweets_alone(data: Path, tmp_path: Path) -> None:
    import torch

    from classifiers.training.network import load_network
    from classifiers.training.predict import logits_of
    from classifiers.training.probe import Probe

    base = tiny_encoder(tmp_path / "base")
    head = Head("sentiment", ("negative", "neutral", "positive"), 0)
    network, tokenizer = load_network(base, [head]).eval(), open_tokenizer(base)
    torch.nn.init.zeros_(network.heads.weight)
    corpus = read_corpus(data, without={OWN_POSTS})
    Probe(network, tokenizer, corpus, 1).fit([head])
    once = network.heads.weight.detach().clone()
    Probe(network, tokenizer, corpus, 1).fit([head])
    assert torch.allclose(network.heads.weight, 1.5 * once, atol=1e-3)  # a half, then a half of what was left
    texts = ("awful broken thing number 3 @user", "plain thing number 4 @user", "lovely thing number 5 @user")
    found = logits_of(network, tokenizer, [Example(text, None, {}, {}, text) for text in texts], 64)
    assert found.argmax(axis=1).tolist() == [0, 1, 2]
    del corpus.train[TWEETS]
    Probe(network, tokenizer, corpus, 1).fit([head])
    assert torch.allclose(network.heads.weight, 1.5 * once, atol=1e-3)  # nothing else teaches it


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_the_labels_of_a_part_that_is_judged_change_nothing(data: Path, tmp_path: Path) -> None:
    from classifiers.training.network import load_network
    from classifiers.training.probe import Probe

    base = tiny_encoder(tmp_path / "base")
    corpus, head = read_corpus(data, without={OWN_POSTS}), Head("complaint", ("other", "complaint"), 0)
    network = load_network(base, [head]).eval()

    def judged(part: int) -> list[float]:
        found = Probe(network, open_tokenizer(base), corpus, 1).out_of_fold([head], "", [part])
        assert {fold_of(one.group) for one in found.examples} == {part}
        return list(found.logits.flatten().tolist())

    def fitted() -> list[float]:
        Probe(network, open_tokenizer(base), corpus, 1).fit([head], apart=3)
        return list(network.heads.weight.flatten().tolist())

    apart, among, without = judged(3), judged(4), fitted()
    for row in corpus.train["complaints"]:
        if fold_of(str(row["group"])) == 3:
            assert isinstance(row, dict)
            row["label"] = "other" if row["label"] == "complaint" else "complaint"
    assert judged(3) == apart
    assert judged(4) != among
    assert fitted() == without


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_weights_are_averaged_with_those_of_another_run(tmp_path: Path) -> None:
    import torch

    from classifiers.training.averaging import average_with
    from classifiers.training.network import load_network

    base, head = tiny_encoder(tmp_path / "base"), Head("complaint", ("other", "complaint"), 0)
    mine, other = load_network(base, [head]), load_network(base, [head])
    torch.save(other.state_dict(), tmp_path / "taught-1.pt")
    expected = (mine.heads.weight + other.heads.weight) / 2
    average_with(mine, [tmp_path / "taught-1.pt"], [head])
    assert torch.equal(mine.heads.weight, expected)
    torch.save({"heads.weight": expected}, tmp_path / "taught-2.pt")
    (tmp_path / "taught-3.pt").write_text("not weights")
    with pytest.raises(ConfigurationError, match=r"taught-2\.pt holds other weights than this network has"):
        average_with(mine, [tmp_path / "taught-2.pt"], [head])
    for name in ("taught-3.pt", "taught-4.pt"):
        with pytest.raises(ConfigurationError, match=f"{name} cannot be read as the weights of a run"):
            average_with(mine, [tmp_path / name], [head])


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_a_model_folder_gives_its_weights_back_but_for_rounding(tmp_path: Path) -> None:
    import torch

    from classifiers.training.export import export
    from classifiers.training.network import load_network
    from classifiers.training.restore import restored

    base, head = tiny_encoder(tmp_path / "base"), Head("complaint", ("other", "complaint"), 0)
    network = load_network(base, [head])
    export(network, open_tokenizer(base), tmp_path / "model", ["awful order", ("lovely thing", "number")])
    write_heads(tmp_path / "model", ModelFile("small", "1", 64, 8, (head,)))
    own = network.state_dict()
    found = restored(tmp_path / "model", own, [head])
    assert found.keys() == own.keys()
    for name, weight in own.items():
        step = 2 * float(weight.abs().max()) / 126  # zero in the middle, of the 128 steps that are left of int8
        assert float((found[name] - weight).abs().max()) <= step + 1e-6, name
    more = (Head("kind", ("praise", "spam"), 0), replace(head, start=2))
    wider = load_network(base, more).state_dict()
    mixed = restored(tmp_path / "model", wider, more)["heads.weight"]
    assert torch.equal(mixed[:2], wider["heads.weight"][:2])
    assert torch.equal(mixed[2:], found["heads.weight"])
    (tmp_path / "model" / "model.onnx").write_text("no graph")
    for folder in (tmp_path / "model", tmp_path / "nowhere"):
        with pytest.raises(ConfigurationError, match=r"no model\.onnx that can be read"):
            restored(folder, own, [head])


def test_a_set_can_be_left_out_by_name(data: Path) -> None:
    corpus = read_corpus(data, without={"brand_sentiment"})
    assert "brand_sentiment" not in {one.name for one in corpus.sets}
    with pytest.raises(ConfigurationError, match="no training set tweets; known: tweet_sentiment, "):
        read_corpus(data, without={"tweets"})


def test_one_copy_of_each_original(data: Path) -> None:
    groups = [example.group for example in draw(read_corpus(data), 1)]
    assert max(groups.count(f"g{n}") for n in range(4, 12)) == 1


def test_a_comparison_is_read_for_each_of_its_brands() -> None:
    opinions = list(compared(COMPARISONS, random.Random(1)))
    assert len(opinions) == 2 * len(COMPARISONS)
    for one in opinions:
        assert one.brand in one.text
    first, second = opinions[:2]
    assert first.text == second.text
    assert (first.sentiment, second.sentiment) == ("positive", "negative")


def test_an_epoch_is_the_same_for_the_same_seed_and_another_for_another(data: Path) -> None:
    corpus = read_corpus(data)
    assert draw(corpus, 5) == draw(corpus, 5)
    assert draw(corpus, 5) != draw(corpus, 6)


def test_the_text_is_cleaned_and_irrelevance_needs_a_brand(data: Path) -> None:
    corpus = read_corpus(data)
    cleaned: dict[tuple[str, tuple[tuple[str, str], ...]], str] = {}

    def clean(text: str, accounts: Mapping[str, str]) -> str:
        """Clean a text once, for it takes most of the time and is the same for every seed."""
        key = text, tuple(accounts.items())
        if key not in cleaned:
            cleaned[key] = normalise(text, accounts)
        return cleaned[key]

    examples = [example for seed in range(20) for example in draw(corpus, seed, clean=clean)]
    assert not any("@someone" in example.text for example in examples)
    assert any("@user" in example.text for example in examples)
    assert all("relevant" not in example.labels for example in examples if example.brand is None)
    assert any(example.brand == "Call Of Duty" for example in examples)


def test_only_our_own_posts_teach_the_encoder_whether_a_name_means_something_else(data: Path) -> None:
    assert not any("relevant" in example.labels for example in draw(read_corpus(data, without={OWN_POSTS}), 1))
    taught_by_ours = {example.labels.get("relevant") for example in draw(read_corpus(data), 1)}
    assert {"relevant", "irrelevant"} <= taught_by_ours
    judged = as_examples(read_corpus(data).val["brand_sentiment"], "brand_sentiment")
    assert any("relevant" in one.labels for one in judged)


def test_beside_a_brand_sentiment_teaches_the_stance_and_complaints_the_grievance(data: Path) -> None:
    drawn = draw(read_corpus(data), 1, complaints=True)
    for question, head in (("sentiment", "stance"), ("complaint", "grievance")):
        assert any(one.brand and head in one.labels for one in drawn)
        assert not any(head in one.labels for one in drawn if one.brand is None)
        assert not any(question in one.labels for one in drawn if one.brand)


def test_our_own_posts_teach_no_sentiment_but_the_stance(data: Path) -> None:
    drawn = draw(read_corpus(data), 1)
    ours = [one for one in drawn if "kind" in one.labels]
    assert not any("sentiment" in one.labels for one in ours)
    assert any("stance" in one.labels for one in ours)


def test_a_brands_names_are_marked_for_the_encoder_where_it_is_read_for_the_brand(data: Path) -> None:
    drawn = draw(read_corpus(data), 1)
    assert not any("\u25cf" in one.text for one in drawn if one.brand is None)
    named = [one for one in drawn if one.brand and f" {one.brand} ".lower() in one.text.lower()]
    assert named
    assert all(f"\u25cf {one.brand} ".lower() in one.text.lower() for one in named)
    [post] = as_examples([OWN_ROW], OWN_POSTS)
    assert post.text == "\u25cf Zenith beats \u25cf Zenith Fibre; zen is not it, \u25cf ZenithFibre"


def test_a_post_about_two_companies_weighs_three_times_as_much(data: Path) -> None:
    corpus = read_corpus(data)
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


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_a_teacher_says_its_shares_of_all_texts_but_those_about_two_companies() -> None:
    from classifiers.training.teacher import taught

    weights = {"sentiment": 0.7, "emotion": 0.5}
    labelled = Example("I love it so much, thank you!", None, {"sentiment": "neutral"}, weights, "1")
    other = Example("This is terrible, I hate it.", None, {"offensive": "offensive"}, {"offensive": 0.5}, "2")
    branded = Example("I love ● Brisk so much, thank you!", "Brisk", {"stance": "neutral"}, {"stance": 0.7}, "3")
    compared = replace(branded, alone=False)
    [[first, second, third, fourth]] = taught([[labelled, other, branded, compared]], SHIPPED_MODEL)
    assert [max(range(3), key=one.shares["sentiment"].__getitem__) for one in (first, second)] == [2, 0]
    assert sum(first.shares["sentiment"]) == pytest.approx(1.0, abs=1e-5)
    assert first.labels == labelled.labels
    assert first.weights == {"sentiment": 0.7, "emotion": 0.5, "complaint": 0.1, "offensive": 0.1, "sarcasm": 0.1}
    assert second.weights == {"sentiment": 0.3, "offensive": 0.5, "complaint": 0.1, "sarcasm": 0.1}
    assert max(range(3), key=third.shares["stance"].__getitem__) == 2
    assert third.weights["stance"] == 0.7
    assert fourth == compared


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_what_is_taught_is_of_the_heads_that_answer_a_text_and_those_that_it_is_labelled_for() -> None:
    from classifiers.training.teacher import with_shares

    heads = (Head("sentiment", ("bad", "good"), 0), Head("stance", ("bad", "good"), 2), Head("kind", ("a", "b"), 4))
    alone = Example("t", None, {"kind": "a"}, {"kind": 0.5}, "1")
    beside = replace(alone, brand="Brisk", labels={"stance": "good"}, weights={"stance": 0.7})
    row = (0.9, 0.1, 0.2, 0.8, 0.6, 0.4)
    first, second = with_shares(alone, row, heads), with_shares(beside, row, heads)
    assert first.shares == {"sentiment": (0.9, 0.1), "kind": (0.6, 0.4)}
    assert first.weights == {"sentiment": 0.3, "kind": 0.5}
    assert second.shares == {"stance": (0.2, 0.8), "kind": (0.6, 0.4)}
    assert second.weights == {"stance": 0.7, "kind": 0.1}
    assert (first.labels, second.labels) == (alone.labels, beside.labels)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_hidden_words_are_guessed_better_after_reading() -> None:
    from classifiers.training.masked import fit_masked
    from classifiers.training.network import load_network

    with tempfile.TemporaryDirectory() as folder:
        base = tiny_encoder(Path(folder))
        network, tokenizer = load_network(base, [Head("sentiment", ("a", "b"), 0)]), open_tokenizer(base)
    texts = ["nice order thing number", "awful broken order thing"] * 400
    assert fit_masked(network.encoder, tokenizer, texts, 1) < fit_masked(network.encoder, tokenizer, texts[:32], 1)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")
def test_the_loss_is_least_at_the_mean_of_label_and_teacher() -> None:
    import torch

    from classifiers.training.fit import _batch, _loss

    head = Head("sentiment", ("negative", "neutral", "positive"), 0)
    one = Example("b", None, {"sentiment": "neutral"}, {"sentiment": 1.0}, "1", shares={"sentiment": (0.2, 0.5, 0.3)})
    tokenizer = open_tokenizer(SHIPPED_MODEL)
    tokenizer.enable_padding()
    batch = _batch([one], tokenizer, [head])
    assert batch.targets.tolist() == [pytest.approx([0.1, 0.75, 0.15])]
    at = {shares: float(_loss(torch.tensor([shares]).log(), batch, [head], torch.device("cpu"))) for shares in (
        (0.1, 0.75, 0.15), (0.2, 0.5, 0.3), (0.01, 0.98, 0.01)
    )}  # fmt: skip
    assert min(at, key=at.__getitem__) == (0.1, 0.75, 0.15)


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
    own = [one for one in draw(corpus, 1, replayed=7) if "kind" in one.labels]
    assert not any("sentiment" in one.labels for one in own)
    assert len(draw(corpus, 1, replayed=7)) == len(own) + 7
    handles = {str(row["handle"]).lower() for row in corpus.train[OWN_POSTS]}
    assert not any(f"@{handle}" in one.text.lower() for one in own for handle in handles)
    assert any(one.brand in one.text for one in own if one.brand)
