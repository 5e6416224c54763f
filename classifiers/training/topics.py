"""How well topics are matched: by the shipped meaning output, by the encoder before training, and by words alone.

Measured on customers' questions to a bank (Banking77: Casanueva et al., NLP4ConvAI 2020, CC BY 4.0), which teach
nothing: a few questions of each intent stand for the phrases that an operator writes, the others are matched.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers.scores import Floats
from classifiers.topic import TopicMatcher
from classifiers.training.examples import rows_in
from config.settings import Topic

FILE = "intent_banking.jsonl.gz"
_PHRASES = 5  # of each topic
_ASKED = 1_500

Embed = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True, slots=True)
class TopicCheck:
    """How one way of matching does: shares of the questions."""

    way: str
    right: float  # given their own intent
    wrong: float  # given another; the rest is given none


def check_topics(data: Path, ways: Mapping[str, Embed | None]) -> tuple[TopicCheck, ...]:
    """Match the questions in each of the ``ways`` (None: by words alone); nothing where the file is not there."""
    path = data / FILE
    if not path.exists():
        return ()
    topics, asked = _split([(str(row["label"]), str(row["text"])) for row in rows_in(path)])
    return tuple(_check(way, embed, topics, asked) for way, embed in ways.items())


def _split(rows: Sequence[tuple[str, str]]) -> tuple[list[Topic], list[tuple[str, str]]]:
    by_intent: dict[str, list[str]] = defaultdict(list)
    for label, text in rows:
        by_intent[label].append(text)
    chance = random.Random(0)
    topics, others = [], []
    for label, texts in sorted(by_intent.items()):
        chance.shuffle(texts)
        topics.append(Topic(name=label, phrases=texts[:_PHRASES]))
        others += [(label, text) for text in texts[_PHRASES:]]
    chance.shuffle(others)
    return topics, others[:_ASKED]


def _check(way: str, embed: Embed | None, topics: Sequence[Topic], asked: Sequence[tuple[str, str]]) -> TopicCheck:
    matcher = TopicMatcher(topics, embed)
    vectors = embed([text for _, text in asked]) if embed else [None] * len(asked)
    found = [matcher.match(text, vector) for (_, text), vector in zip(asked, vectors, strict=True)]
    right = sum(topic == label for topic, (label, _) in zip(found, asked, strict=True))
    named = sum(topic in {each.name for each in topics} for topic in found)
    return TopicCheck(way, right / len(asked), (named - right) / len(asked))
