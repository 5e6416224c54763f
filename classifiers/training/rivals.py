"""Posts that name two brands: the sentiment towards one of them is not the sentiment of the text.

Two sources, both made here: sentences of our own with two names to fill in, and two posts about different brands
put one behind the other. Either is shown once for each brand, with that brand's label.
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


LEARNT: tuple[Comparison, ...] = (
    *_all("positive", "negative", """
        Left {b} after years of dropped calls and {a} has been brilliant so far
        {a} picked up in two minutes, {b} kept me on hold for an hour
        Should have moved from {b} to {a} ages ago, what a difference
        If {b} cared half as much as {a} does they would still have customers
        So glad I chose {a}, my neighbour is stuck with {b} and it is a nightmare
        {b} lost my parcel twice. {a} brought it the next morning, lovely driver too
        Compared with the mess at {b}, {a} is a joy to use
        {a} fixed in a day what {b} could not fix in a month
        Goodbye {b}, you were useless. Hello {a}!
        Honestly {b} is a joke these days, go with {a} and thank me later
        My friends on {b} are all offline again lol. {a} never lets me down
        Tried {b}, hated every second. {a} just works
        Nothing beats {a}. {b} is overpriced rubbish
        @user this is why I tell everyone to avoid {b} and use {a} instead
        Another outage at {b}, and here I sit with {a} streaming happily
        Got my refund from {a} the same day, still waiting on {b} since March
        {a} wins again, {b} could not even answer a simple question
        How does {b} get away with this? {a} would never treat people so badly
        thank heavens for {a}, because {b} left us without heating all weekend
        {b} app crashes every time, the {a} one is smooth as butter
    """),
    *_all("neutral", "negative", """
        {b} has gone down the drain, thinking of moving to {a}
        Is {a} any better than this? {b} is driving me mad
        Third week without an answer from {b}. What is {a} like for a small shop?
        Done with {b}. Does {a} cover the north side of town?
        {b} charged me twice again, might look at {a} tomorrow
    """),
    *_all("neutral", "positive", """
        Really happy with {b} so no, I will not be trying {a}
        {b} has been great, never used {a} so I cannot say
        My {b} order came early, what a lovely surprise. The {a} one is due on Friday
    """),
    *_all("neutral", "neutral", """
        Does anyone know whether {a} or {b} opens earlier on Sunday?
        {a} and {b} both announced their results today
        Switching from {a} to {b} takes about a week, they say
        Is the new {a} plan priced like the one from {b}?
        Saw an advert for {a} right after one for {b}
    """),
    *_all("negative", "negative", """
        {a} and {b} are both terrible, take your pick
        First {a} let me down and now {b} does the same, unbelievable
        {a} is as bad as {b}, nobody answers at either of them
    """),
    *_all("positive", "positive", """
        {a} and {b} were both so helpful today, thank you
        Big fan of {a}, and {b} is not far behind
        Love how {a} works together with {b}
    """),
)  # fmt: skip

# Never learnt from: what comparisons are measured on.
HELD_OUT: tuple[Comparison, ...] = (
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


def joined(opinions: Sequence[Opinion], count: int, chance: random.Random) -> Iterator[Opinion]:
    """``count`` pairs of posts about different brands that feel differently, as one text, read for either."""
    made = 0
    while made < count:
        first, second = chance.sample(opinions, 2)
        if first.brand == second.brand or first.sentiment == second.sentiment:
            made += 1  # a pair that says nothing counts too, so that any input ends
            continue
        text = f"{first.text} {second.text}"
        read = chance.choice((first, second))
        yield Opinion(text, read.brand, read.sentiment)
        made += 1
