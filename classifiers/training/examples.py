"""Rows of the research sets as labelled examples: cleaned, split by group, some of them shown with a brand."""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from classifiers.heads import TOWARDS_BRAND
from classifiers.names import any_of, marked, spoken
from classifiers.text import normalise
from classifiers.training.rivals import NAMES
from classifiers.training.sets import OWN_POSTS, SETS, Labels, ResearchSet, Row
from config.errors import ConfigurationError

_OWN_FILE = Path(__file__).with_name("posts.jsonl")
COMPLAINTS = "complaints"  # the set that is measured by cross-validation
_TWO_COMPANIES = 3.0  # how much more such a row weighs: what a name changes is learnt late, and from few of them
_SHORT_NAMES = 0.7  # share of the rows in which the short names are known
_HELD_OUT_OF = 10  # one group in ten is held out where a set comes without a split of its own
JUDGED_PART = 0  # of those ten
_CALIBRATED_OF = 25  # one group in so many of what could be learnt from is kept for calibration instead
_NAME_IN_TEXT = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{2,})?")
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])|[()&-]")

_Known = TypeVar("_Known", str, float)

Clean = Callable[[str, Mapping[str, str]], str]  # a text and the accounts that have a name in, what is read of it out


@dataclass(frozen=True, slots=True)
class Example:
    """One text with what is known of it.

    ``labels`` are by question where an example is to be judged or read by a probe, and by head where ``draw`` made it
    for the encoder: there the sentiment beside a brand is the head stance's, and the complaint the grievance's.
    ``weights`` says how much each head counts in the loss; ``shares`` what a teacher gives each label of a head.
    """

    text: str
    brand: str | None
    labels: Labels
    weights: dict[str, float]
    group: str
    domain: str = ""
    alone: bool = True  # False: its labels hold for its brand alone, another company in it has others
    shares: dict[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Corpus:
    """The rows of every set that is there, split once by group.

    All rows of complaints are in ``train``: they are measured by cross-validation, or on a tenth left out later.
    """

    train: dict[str, list[Row]]
    calibrate: dict[str, list[Row]]
    val: dict[str, list[Row]]

    @property
    def sets(self) -> list[ResearchSet]:
        """The sets of which rows are there."""
        return [one for one in SETS if one.name in self.train]


def read_corpus(folder: Path, every: int = 1, without: Collection[str] = ()) -> Corpus:
    """Read the known sets of ``folder`` but those named in ``without``; keep one group in ``every``.

    Raises ConfigurationError when none is there, when a row is of another split than train and val, or when ``without``
    names a set that nobody knows.
    """
    unknown = set(without) - {one.name for one in SETS}
    if unknown:
        known = ", ".join(one.name for one in SETS)
        raise ConfigurationError(f"There is no training set {', '.join(sorted(unknown))}; known: {known}.")
    corpus = Corpus({}, {}, {})
    for one in SETS:
        path = _OWN_FILE if one.name == OWN_POSTS else folder / f"{one.name}.jsonl.gz"
        if one.name in without or not path.exists():
            continue
        for side in (corpus.train, corpus.calibrate, corpus.val):
            side[one.name] = []
        for row in rows_in(path):
            if _bucket(row, salt="keep") % every == 0:
                _side(corpus, row, one)[one.name].append(row)
    if not any(rows for name, rows in corpus.train.items() if name != OWN_POSTS):
        raise ConfigurationError(
            f"{folder} holds none of the training sets: expected tweet_sentiment.jsonl.gz and others."
        )
    return corpus


def rows_in(path: Path) -> Iterator[Row]:
    """The rows of one set that have a text."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if isinstance(row.get("text"), str) and row["text"].strip():
                yield row


def _group(row: Row) -> str:
    return str(row.get("group") or row["text"])


def _bucket(row: Row, salt: str) -> int:
    return zlib.crc32(f"{salt}:{_group(row)}".encode())


def _side(corpus: Corpus, row: Row, one: ResearchSet) -> dict[str, list[Row]]:
    if one.name == COMPLAINTS:
        return corpus.train
    split = row.get("split")
    if split not in (None, "train", "val"):
        raise ConfigurationError(f'{one.name} has a row of the split "{split}": expected "train", "val" or none.')
    held_out = split == "val" if split else fold_of(_group(row)) == JUDGED_PART
    if held_out:
        return corpus.val
    return corpus.calibrate if _bucket(row, salt="calibrate") % _CALIBRATED_OF == 0 else corpus.train


def fold_of(group: str) -> int:
    """Which of ten parts a group belongs to."""
    return zlib.crc32(f"split:{group}".encode()) % _HELD_OUT_OF


def as_examples(rows: Sequence[Row], name: str, clean: Clean = normalise) -> list[Example]:
    """Rows of the set ``name`` to be judged: one for each original, with the brand where the set names it."""
    one = next(each for each in SETS if each.name == name)
    examples = []
    for row in _one_per_original(rows, random.Random(0)):
        labels = one.labels(row)
        if labels:
            target = spoken_name(str(row["target"])) if row.get("target") else None
            text = _read(row, clean, target)
            alone = not row.get("two_companies")
            examples.append(Example(text, target, labels, {}, _group(row), str(row.get("domain", "")), alone))
    return examples


def draw(
    corpus: Corpus,
    seed: int,
    *,
    balanced: bool = True,
    clean: Clean = normalise,
    replayed: int = 0,
    complaints: bool = False,
) -> list[Example]:
    """One epoch of what the encoder learns: other copies, other brands and another order for another seed.

    Rare labels weigh more in the sets that ask for it, unless ``balanced`` is False. All of our own posts are in it
    and, where ``complaints`` says so, all of the set of complaints but the tenth that it is judged on; of the other
    sets ``replayed`` rows, 0: all.
    """
    chance = random.Random(seed)
    drawn: dict[bool, list[Example]] = {True: [], False: []}
    for one in corpus.sets:
        rows = corpus.train[one.name]
        if one.name == COMPLAINTS:
            rows = [row for row in rows if complaints and fold_of(_group(row)) != JUDGED_PART]
        drawn[one.name in (OWN_POSTS, COMPLAINTS)] += _drawn(one, rows, chance, one.balanced and balanced, clean)
    chance.shuffle(drawn[False])
    examples = drawn[True] + drawn[False][: replayed or None]
    chance.shuffle(examples)
    return examples


def _drawn(one: ResearchSet, rows: Sequence[Row], chance: random.Random, balanced: bool, clean: Clean) -> list[Example]:
    """An epoch's examples of one set."""
    labelled = [(row, one.labels(row)) for row in _one_per_original(rows, chance) if _teaches(one, row)]
    chance.shuffle(labelled)
    labelled = labelled[: one.limit or None]
    rarity = _rarity([labels for _, labels in labelled]) if balanced else {}
    examples = []
    for row, labels in labelled:
        alone = not row.get("two_companies")
        scale = one.weight * (1.0 if alone else _TWO_COMPANIES)
        weights = {head: scale * rarity.get((head, label), 1.0) for head, label in labels.items()}
        example = Example(_read(row, clean), None, labels, weights, _group(row), alone=alone)
        examples.append(_without(one.not_taught, _with_brand(one, row, example, clean, chance)))
    return [each for each in examples if each.labels]


def _teaches(one: ResearchSet, row: Row) -> bool:
    return bool(one.labels(row).keys() - one.not_taught)


def _without(heads: Collection[str], example: Example) -> Example:
    labels = {head: label for head, label in example.labels.items() if head not in heads}
    return replace(example, labels=labels, weights={head: example.weights[head] for head in labels})


def shown_per_epoch(corpus: Corpus, one: ResearchSet) -> int:
    """How many rows of a set an epoch shows, at most."""
    rows = len({_original(row) for row in corpus.train[one.name] if _teaches(one, row)})
    return min(rows, one.limit) if one.limit else rows


def _original(row: Row) -> tuple[str, str]:
    """A post about two companies is read for each of them."""
    return _group(row), str(row.get("target"))


def _one_per_original(rows: Sequence[Row], chance: random.Random) -> Iterator[Row]:
    """Every original by one of its rows."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[_original(row)].append(row)
    for members in groups.values():
        yield chance.choice(members)


def _rarity(labels: Sequence[Labels]) -> dict[tuple[str, str], float]:
    """A weight for each label: the square root of (even share / its share)."""
    counts = Counter(item for each in labels for item in each.items())
    heads = Counter(head for head, _ in counts)
    totals: Counter[str] = Counter()
    for (head, _), count in counts.items():
        totals[head] += count
    return {(head, label): (totals[head] / heads[head] / count) ** 0.5 for (head, label), count in counts.items()}


def _read(row: Row, clean: Clean, brand: str | None = None, *, short: bool = True) -> str:
    """What the model reads of a row.

    Beside its brand, the brand's account stands for it as in a live post, and its name is marked, by a part of it too
    where ``short`` says so, as operators tell the short names that people use.
    """
    accounts = {str(row["handle"]).lower(): brand} if brand and row.get("handle") else {}
    text = clean(str(row["text"]), accounts)
    return with_marks(text, brand, short=short) if brand else text


def with_marks(text: str, brand: str, *, short: bool = True) -> str:
    """``text`` with the names of ``brand`` marked."""
    return marked(text, any_of(spoken(brand, short=short)))


def _with_brand(one: ResearchSet, row: Row, example: Example, clean: Clean, chance: random.Random) -> Example:
    """The row's example, with a brand in ``brand_share`` of the cases; it teaches the stance and the grievance then.

    A text about two companies always is read for one of them; one without a stated target is ``shown_with_brand``.
    """
    if chance.random() >= one.brand_share and not row.get("two_companies"):
        return _without({"relevant"}, example)  # which means nothing without a name
    example = replace(example, labels=_beside_brand(example.labels), weights=_beside_brand(example.weights))
    if row.get("target"):
        brand = spoken_name(str(row["target"]))
        text = _read(row, clean, brand, short=chance.random() < _SHORT_NAMES)
        return replace(example, brand=brand, text=text)
    return shown_with_brand(example, chance)


def _beside_brand(heads: Mapping[str, _Known]) -> dict[str, _Known]:
    return {TOWARDS_BRAND.get(head, head): known for head, known in heads.items()}


def shown_with_brand(example: Example, chance: random.Random) -> Example:
    """The example beside a brand: a name that stands in its text, or an invented one.

    In half of those that begin with a masked handle or hold one, that becomes the name, as in a live post to the
    brand's own account.
    """
    named = _NAME_IN_TEXT.findall(example.text)
    brand = chance.choice(named) if named and chance.random() < 0.5 else chance.choice(NAMES)
    swapped = "@user" in example.text and chance.random() < 0.5
    text = example.text.replace("@user", brand, 1) if swapped else example.text
    return replace(example, brand=brand, text=with_marks(text, brand, short=False))


def spoken_name(target: str) -> str:
    """A joined name as people write it: ``CallOfDuty`` becomes ``Call Of Duty``."""
    return " ".join(_JOINED.sub(" ", target).split())
