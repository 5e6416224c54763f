"""The research sets: what each one teaches, how much of it is read, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from classifiers.heads import HARM, REPROACH

Row = Mapping[str, object]
Labels = dict[str, str]  # head name -> label


@dataclass(frozen=True, slots=True)
class ResearchSet:
    """One file ``NAME.jsonl.gz`` and what it is for.

    An epoch reads one row of each original, at most ``limit`` in all (0: all); ``weight`` scales the loss.
    ``brand_share`` is the share of rows that are shown together with a brand's name.
    """

    name: str
    labels: Callable[[Row], Labels]
    title: str
    licence: str
    citation: str
    limit: int = 0
    weight: float = 1.0
    brand_share: float = 0.3
    balanced: bool = False  # rarer labels weigh more, by the square root of their rarity
    not_taught: frozenset[str] = frozenset()  # heads that the encoder learns nothing of from it


_POSITIVE = frozenset({
    "admiration", "amusement", "approval", "caring", "excitement", "gratitude", "joy", "love", "optimism",
    "pride", "relief",
})  # fmt: skip
_NEGATIVE = frozenset({
    "anger", "annoyance", "disappointment", "disapproval", "disgust", "embarrassment", "fear", "grief",
    "nervousness", "remorse", "sadness",
})  # fmt: skip
_FEELINGS = {
    "positive": _POSITIVE,
    "negative": _NEGATIVE,
    "ambiguous": frozenset({"confusion", "curiosity", "realization", "surprise"}),
    "neutral": frozenset({"neutral"}),
}
_POLARITIES = frozenset({"negative", "neutral", "positive"})


def _sentiment(row: Row) -> Labels:
    return {"sentiment": str(row["label"])}


def _brand_sentiment(row: Row) -> Labels:
    if row["label"] in _POLARITIES:
        return {"sentiment": str(row["label"]), "relevant": "relevant"}
    return {"relevant": "irrelevant"}


def _complaint(row: Row) -> Labels:
    if row["label"] not in ("complaint", "1"):
        return {"complaint": "other"}
    level = str(row.get("severity", "")).replace(" ", "_")
    return {"complaint": "complaint", "reproach": level} if level in REPROACH else {"complaint": "complaint"}


def _emotions(row: Row) -> Labels:
    """The group of the emotions where all are of one (GoEmotions, table 1), and the sentiment that it stands for."""
    found = row["labels"]
    names = {str(name) for name in found} if isinstance(found, list) else set()
    groups = {group for group, members in _FEELINGS.items() if names & members}
    if len(groups) != 1 or not names:
        return {}
    [group] = groups
    return {"feeling": group} if group == "ambiguous" else {"feeling": group, "sentiment": group}


def _emotion(row: Row) -> Labels:
    return {"emotion": str(row["label"])}


def _offensive(row: Row) -> Labels:
    return {"offensive": "offensive" if row["label"] == "offensive" else "not_offensive"}


def _own_post(row: Row) -> Labels:
    labels = {
        "kind": str(row["kind"]),
        "harm": str(row["severity"] or HARM[0]),
        "complaint": "complaint" if row["complaint"] else "other",
        "relevant": "relevant" if row["relevant"] else "irrelevant",
        "offensive": "offensive" if row["offensive"] else "not_offensive",
        "sarcasm": "sarcastic" if row["sarcasm"] else "not_sarcastic",
    }
    return labels | {"sentiment": str(row["sentiment"])} if row["relevant"] else labels


def _sarcasm(row: Row) -> Labels:
    return {"sarcasm": "sarcastic" if row["label"] in ("sarcastic", "irony") else "not_sarcastic"}


_TWEETEVAL = "Barbieri et al., Findings of EMNLP 2020"
_FREE = "\"without any restrictions\" (TweetEval); the tasks' and the platform's own terms apply"

TWEETS = "tweet_sentiment"
BRANDS = "brand_sentiment"
OWN_POSTS = "posts"  # in the file beside this one: what no research set has

SETS: tuple[ResearchSet, ...] = (
    ResearchSet(
        TWEETS,
        _sentiment,
        "TweetEval sentiment (SemEval 2013-2017 task A / 4)",
        _FREE,
        f"Rosenthal, Farra and Nakov, SemEval 2017 task 4; {_TWEETEVAL}",
        brand_share=0.2,
        balanced=True,
    ),
    ResearchSet(
        BRANDS,
        _brand_sentiment,
        "Twitter entity sentiment, 32 brands and games",
        "CC0, as its publisher is recalled to have said",
        "no paper known",
        brand_share=0.9,
        weight=0.7,
        balanced=True,
        # Its "irrelevant" is often said of posts about the company too: the head is fitted last, half as much to these
        # rows as to our own posts (probe.py).
        not_taught=frozenset({"relevant"}),
    ),
    ResearchSet(
        "complaints",
        _complaint,
        "Complaint tweets with the X-CI labels",
        "MIT (labels)",
        "Preotiuc-Pietro, Gaman and Aletras, ACL 2019; Jin and Aletras, NAACL 2021; Singh et al., ACL 2023",
        balanced=True,
        not_taught=frozenset({"reproach"}),  # taught, it is unlearnt (docs/training.md); its head is fitted last
    ),
    ResearchSet(
        "review_complaints",
        _complaint,
        "CESAMARD-Aspect, complaints in Amazon.in reviews",
        "MIT",
        "the CESAMARD-Aspect authors (Singh et al.)",
        limit=2_500,
        weight=0.5,
        brand_share=0.5,
    ),
    ResearchSet(
        "reddit_emotions",
        _emotions,
        "GoEmotions, its emotions grouped into three sentiments",
        "Apache-2.0",
        "Demszky et al., ACL 2020",
        limit=9_000,
        weight=0.5,
        brand_share=0.2,
    ),
    ResearchSet(
        "tweet_offensive",
        _offensive,
        "TweetEval offensive (OLID, SemEval 2019 task 6)",
        _FREE,
        f"Zampieri et al., NAACL 2019; {_TWEETEVAL}",
        limit=5_000,
        weight=0.5,
    ),
    ResearchSet(
        "tweet_emotion",
        _emotion,
        "TweetEval emotion (SemEval 2018 task 1)",
        _FREE,
        f"Mohammad et al., SemEval 2018 task 1; {_TWEETEVAL}",
        weight=0.5,
    ),
    ResearchSet(
        "tweet_irony",
        _sarcasm,
        "TweetEval irony (SemEval 2018 task 3)",
        _FREE,
        f"Van Hee, Lefever and Hoste, SemEval 2018; {_TWEETEVAL}",
        weight=0.5,
        balanced=True,
    ),
    ResearchSet(
        "sarcasm",
        _sarcasm,
        "iSarcasmEval, sarcasm labelled by its authors",
        "MIT",
        "Abu Farha et al., SemEval 2022 task 6",
        weight=0.5,
        balanced=True,
    ),
    ResearchSet(
        OWN_POSTS,
        _own_post,
        "posts of our own about invented companies",
        "Apache-2.0, as all of frankly",
        "posts.jsonl in the repository",
        brand_share=0.85,
        balanced=True,
        # That head unlearns what tweets say of it (docs/training.md, "Our own posts"); stance is taught.
        not_taught=frozenset({"sentiment"}),
    ),
)
