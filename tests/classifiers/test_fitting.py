"""Fitting: what heads, teachers, means of weights and the loss do to a network."""

from __future__ import annotations

import importlib.util
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from classifiers import SHIPPED_MODEL
from classifiers.heads import Head, ModelFile, write_heads
from classifiers.training.base import open_tokenizer
from classifiers.training.examples import Example, fold_of, read_corpus
from classifiers.training.sets import OWN_POSTS, TWEETS
from config.errors import ConfigurationError
from tests.classifiers.small_training import tiny_encoder

pytestmark = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the train extra is not installed")


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


def test_the_hidden_layer_answers_for_the_heads_of_complaints_alone(data: Path, tmp_path: Path) -> None:
    from classifiers.training.network import load_network
    from classifiers.training.predict import logits_of
    from classifiers.training.probe import Probe

    base = tiny_encoder(tmp_path / "base")
    stance = Head("stance", ("negative", "neutral", "positive"), 0)
    complaint = Head("complaint", ("other", "complaint"), 3)
    network, tokenizer = load_network(base, [stance, complaint]).eval(), open_tokenizer(base)
    corpus = read_corpus(data, without={OWN_POSTS})
    Probe(network, tokenizer, corpus, 1, learnt=True).fit_hidden([stance, complaint])
    assert network.hidden is None  # on an encoder that knows the complaints
    probe = Probe(network, tokenizer, corpus, 1)
    examples = [Example(text, None, {}, {}, text) for text in ("awful broken order number 3", "lovely thing number 5")]
    probe.fit([stance, complaint])
    linear = logits_of(network, tokenizer, examples, 64)
    probe.fit_hidden([stance, complaint])
    found = logits_of(network, tokenizer, examples, 64)
    assert found[:, stance.columns] == pytest.approx(linear[:, stance.columns], abs=1e-4)
    assert found[:, complaint.columns] != pytest.approx(linear[:, complaint.columns], abs=1e-3)
    assert not network.heads.weight[complaint.columns].any()


def test_a_hidden_layer_learns_what_no_linear_layer_can() -> None:
    import torch

    from classifiers.training.hidden import fitted

    torch.manual_seed(1)
    signs = torch.randint(0, 2, (2_000, 2)) * 2.0 - 1.0
    read = signs.repeat(1, 20) + 0.3 * torch.randn(2_000, 40)
    targets = (signs.prod(dim=1) > 0).long()  # are both of one sign?
    hidden = fitted(read[:1_500], targets[:1_500], torch.ones(1_500), 2, 1)
    assert (hidden(read[1_500:]).argmax(dim=1) == targets[1_500:]).float().mean() > 0.95


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
    [[first, _, third, _]] = taught([[labelled, other, branded, compared]], SHIPPED_MODEL, complaints=False)
    assert first.weights == {"sentiment": 0.7, "emotion": 0.5, "offensive": 0.1, "sarcasm": 0.1}
    assert not {"complaint", "grievance", "reproach"} & third.shares.keys()


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


def test_hidden_words_are_guessed_better_after_reading() -> None:
    from classifiers.training.masked import fit_masked
    from classifiers.training.network import load_network

    with tempfile.TemporaryDirectory() as folder:
        base = tiny_encoder(Path(folder))
        network, tokenizer = load_network(base, [Head("sentiment", ("a", "b"), 0)]), open_tokenizer(base)
    texts = ["nice order thing number", "awful broken order thing"] * 400
    assert fit_masked(network.encoder, tokenizer, texts, 1) < fit_masked(network.encoder, tokenizer, texts[:32], 1)


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
