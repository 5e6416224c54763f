"""Posts that name two brands: the sentiment towards one of them is not the sentiment of the text.

Sentences of our own with two names to fill in, each read once for either brand. A model is measured on them; learning
from others like them made a brand's name a reason for "neutral" (docs/training.md, "Names").
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comparison:
    """A sentence with the places ``{a}`` and ``{b}``, and what it feels for each."""

    sentence: str
    for_a: str
    for_b: str


def _all(for_a: str, for_b: str, sentences: str) -> tuple[Comparison, ...]:
    return tuple(Comparison(line.strip(), for_a, for_b) for line in sentences.strip().splitlines())


COMPARISONS: tuple[Comparison, ...] = (
    *_all("positive", "negative", """
        {b} is terrible, thank god I'm with {a}
        Best decision of the year: cancelled {b}, signed up with {a}
        {a} support is everything that {b} support is not. Patient, quick, kind
        Why would anybody pay {b} when {a} exists
        Not a single problem since I moved to {a}. With {b} it was one every week
        {b} left me stranded, {a} got me home
        I used to defend {b}. Then I met {a} and saw how it should be done
        The {a} engineer was ace, unlike the clown that {b} sent
    """),
    *_all("neutral", "negative", """
        Fed up with {b}, who here has tried {a}?
        {b} still owes me money. Has anyone had dealings with {a}?
    """),
    *_all("negative", "negative", """
        Out of {a} and {b} I honestly can't say which one is worse
    """),
    *_all("neutral", "neutral", """
        Which of the two is nearer to the station, {a} or {b}?
    """),
)  # fmt: skip

NAMES = (
    "Northline", "Brightwave", "Acorn Mobile", "Halden Bank", "Parcelly", "Velox Air", "Kettle and Co", "Zenith",
    "Riverbend Energy", "Quillmart", "Sunder", "Orbit Fibre", "Tamarind", "Fennwick Rail", "Loopback", "Lumenet",
    "Merrow Foods", "Cobalt Cable", "Stellan", "Pinegrove Insurance", "Zipmeal", "Harbour Gas", "Pelham", "Vexa",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opinion:
    """A text, the brand that it is read for, and the sentiment towards that brand."""

    text: str
    brand: str
    sentiment: str


def compared(comparisons: Sequence[Comparison], chance: random.Random) -> Iterator[Opinion]:
    """Each comparison once for each of its brands, with names drawn anew."""
    for one in comparisons:
        a, b = chance.sample(NAMES, 2)
        text = one.sentence.format(a=a, b=b)
        yield Opinion(text, a, one.for_a)
        yield Opinion(text, b, one.for_b)
