"""What can be asked of an answer: the heads, their labels, and the words that files use for these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from classifiers.heads import LABELS
from config.errors import UsageError
from store.records import Kind, Severity

NOTHING = "none"  # the label of an answer that was not given: no severity without a complaint, no topic that fits

# What the rules make of the heads; an answer may be missing.
_WITH_NOTHING = {"severity": (*Severity, NOTHING), "kind": (*Kind, NOTHING)}
CLOSED: dict[str, tuple[str, ...]] = {**LABELS, **_WITH_NOTHING}
OPEN = ("topic", "language")  # whatever the operator or the detector calls it

_OTHER_WORDS = {
    "neg": "negative",
    "neu": "neutral",
    "pos": "positive",
    "not offensive": "not_offensive",
    "not sarcastic": "not_sarcastic",
}
_YES = frozenset({"1", "1.0", "true", "yes", "y"})
_NO = frozenset({"0", "0.0", "false", "no", "n"})


def read_label(written: str, head: str, meaning: Mapping[str, str]) -> str | None:
    """Return the label of ``head`` that a file's word stands for; None when it is none of them.

    ``meaning`` are the operator's own words for labels. Case does not matter; a head of two labels is also answered by
    yes and no, true and false, 1 and 0.
    """
    folded = {word.casefold(): label for word, label in meaning.items()}
    word = folded.get(written.strip().casefold(), written.strip())
    if head in OPEN:
        word = word.casefold() if head == "language" else word
        return word.encode("utf-8", "replace").decode("utf-8") or NOTHING  # half an emoji can be written nowhere
    labels = CLOSED[head]
    plain = _OTHER_WORDS.get(word.casefold(), word.casefold())
    if plain in labels:
        return plain
    if len(labels) == 2 and plain in _YES | _NO:
        return labels[plain in _YES]
    return None


def head_of(words: Iterable[str], meaning: Mapping[str, str]) -> str:
    """Return the head whose labels a file's words are: the one that understands the most, the first among equals."""
    found = list(words)
    understood = {head: sum(read_label(word, head, meaning) is not None for word in found) for head in CLOSED}
    head = max(understood, key=understood.__getitem__)
    if not understood[head]:
        seen = ", ".join(f'"{word}"' for word in dict.fromkeys(found[:5]))
        raise UsageError(
            f"no label of the file is known ({seen}); name the head with --head ({', '.join((*CLOSED, *OPEN))}) "
            f"and say what the labels mean, such as --labels angry=complaint,fine=other"
        )
    return head


def known_head(head: str) -> str:
    """Return ``head``; ``UsageError`` when there is none of that name."""
    if head not in (*CLOSED, *OPEN):
        raise UsageError(f'there is no head "{head}"; known: {", ".join((*CLOSED, *OPEN))}')
    return head
