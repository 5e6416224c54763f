"""Rows of the research sets as labelled examples: cleaned, split by group, some of them shown with a brand."""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers.text import normalise
from classifiers.training.sets import SETS, Labels, ResearchSet, Row
from config.errors import ConfigurationError

_HELD_OUT_OF = 10  # one group in ten is held out where a set comes without a split of its own
_NAME_IN_TEXT = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{2,})?")
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])|[()&-]")

# Names to show beside a text that names none; invented, so that none brings a reputation along.
_INVENTED = (
    "Northline", "Brightwave", "Acorn Mobile", "Halden Bank", "Parcelly", "Velox Air", "Kettle and Co",
    "Riverbend Energy", "Quillmart", "Sunder", "Orbit Fibre", "Tamarind", "Fennwick Rail", "Loopback",
    "Merrow Foods", "Cobalt Cable", "Stellan", "Pinegrove Insurance", "Zipmeal", "Harbour Gas",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """One text with what is known of it; ``weights`` says how much each label counts in the loss."""

    text: str
    brand: str | None
    labels: Labels
    weights: dict[str, float]
    group: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The rows of every set that is there, split once."""

    train: dict[str, list[Row]]
    val: dict[str, list[Row]]

    @property
    def sets(self) -> list[ResearchSet]:
        """The sets of which rows are there."""
        return [one for one in SETS if one.name in self.train]


def read_corpus(folder: Path, every: int = 1) -> Corpus:
    """Read every known set of ``folder``; keep one group in ``every``. Raise ConfigurationError when none is there."""
    corpus = Corpus({}, {})
    for one in SETS:
        path = folder / f"{one.name}.jsonl.gz"
        if not path.exists():
            continue
        corpus.train[one.name], corpus.val[one.name] = [], []
        for row in _rows(path):
            if _bucket(row, salt="keep") % every == 0:
                side = corpus.val if _held_out(row, one) else corpus.train
                side[one.name].append(row)
    if not any(corpus.train.values()):
        raise ConfigurationError(
            f"{folder} holds none of the training sets: expected tweet_sentiment.jsonl.gz and others."
        )
    return corpus


def _rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if isinstance(row.get("text"), str) and row["text"].strip():
                yield row


def _group(row: Row) -> str:
    return str(row.get("group") or row["text"])


def _bucket(row: Row, salt: str) -> int:
    return zlib.crc32(f"{salt}:{_group(row)}".encode())


def _held_out(row: Row, one: ResearchSet) -> bool:
    if not one.train:
        return True
    if "split" in row:
        return row["split"] == "val"
    return _bucket(row, salt="split") % _HELD_OUT_OF == 0


def for_calibration(example: Example) -> bool:
    """Whether a held-out example is in the half that temperatures are fitted on; ECE is read from the other."""
    return zlib.crc32(f"calibrate:{example.group}".encode()) % 2 == 0


def held_out(corpus: Corpus, name: str) -> list[Example]:
    """The validation examples of one set, one for each original, with the brand where the set names it."""
    one = next(each for each in SETS if each.name == name)
    examples = []
    for row in _one_per_group(corpus.val.get(name, []), 1, random.Random(0)):
        labels = one.labels(row)
        if labels:
            target = spoken_name(str(row["target"])) if row.get("target") else None
            text = normalise(str(row["text"]))
            examples.append(Example(text, target, labels, {}, _group(row), str(row.get("domain", ""))))
    return examples


def draw(corpus: Corpus, seed: int) -> list[Example]:
    """One epoch of training examples: other copies, other brands and another order for another seed."""
    chance = random.Random(seed)
    examples: list[Example] = []
    for one in corpus.sets:
        if not one.train:
            continue
        copies = list(_one_per_group(corpus.train[one.name], one.copies, chance))
        rows = [(row, labels) for row in copies if (labels := one.labels(row))]
        chance.shuffle(rows)
        rows = rows[: one.limit or None]
        rarity = _rarity([labels for _, labels in rows]) if one.balanced else {}
        for row, labels in rows:
            weights = {head: one.weight * rarity.get((head, label), 1.0) for head, label in labels.items()}
            examples.append(_with_brand(one, row, labels, weights, chance))
    chance.shuffle(examples)
    return examples


def shown_per_epoch(corpus: Corpus, one: ResearchSet) -> int:
    """How many rows of a set an epoch shows, at most."""
    rows = one.copies * len({_group(row) for row in corpus.train[one.name] if one.labels(row)})
    return min(rows, one.limit) if one.limit else rows


def _one_per_group(rows: Sequence[Row], copies: int, chance: random.Random) -> Iterator[Row]:
    """Every group ``copies`` times, each time by one of its rows."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[_group(row)].append(row)
    for members in groups.values():
        for _ in range(copies):
            yield chance.choice(members)


def _rarity(labels: Sequence[Labels]) -> dict[tuple[str, str], float]:
    """A weight for each label: the square root of (even share / its share)."""
    counts = Counter(item for each in labels for item in each.items())
    heads = Counter(head for head, _ in counts)
    totals: Counter[str] = Counter()
    for (head, _), count in counts.items():
        totals[head] += count
    return {(head, label): (totals[head] / heads[head] / count) ** 0.5 for (head, label), count in counts.items()}


def _with_brand(
    one: ResearchSet, row: Row, labels: Labels, weights: dict[str, float], chance: random.Random
) -> Example:
    """The row's example, with a brand in ``brand_share`` of the cases.

    A text without a stated target is shown with a name that stands in it, or with an invented one; in half
    of those the first masked handle becomes that name, as a live post to the brand's own account does.
    """
    text = normalise(str(row["text"]))
    if chance.random() >= one.brand_share:
        # Without a name, "irrelevant" has no meaning.
        labels = {head: label for head, label in labels.items() if head != "relevant"}
        return Example(text, None, labels, weights, _group(row))
    if row.get("target"):
        return Example(text, spoken_name(str(row["target"])), labels, weights, _group(row))
    named = _NAME_IN_TEXT.findall(text)
    brand = chance.choice(named) if named and chance.random() < 0.5 else chance.choice(_INVENTED)
    if "@user" in text and chance.random() < 0.5:
        text = text.replace("@user", brand, 1)
        if labels.get("complaint") == "complaint":
            labels, weights = {**labels, "relevant": "relevant"}, {**weights, "relevant": 0.3}
    return Example(text, brand, labels, weights, _group(row))


def spoken_name(target: str) -> str:
    """A joined name as people write it: ``CallOfDuty`` becomes ``Call Of Duty``."""
    return " ".join(_JOINED.sub(" ", target).split())
