"""What can be asked of an answer: the heads, their labels, and the words that files use for these."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

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
_LANGUAGE = re.compile("([a-z]{2,3})(?:[-_][a-z0-9]{2,4})?")  # BCP 47: a code of ISO 639, and perhaps a region
_YES = frozenset({"1", "1.0", "true", "yes", "y"})
_NO = frozenset({"0", "0.0", "false", "no", "n"})


def read_label(written: str, head: str, meaning: Mapping[str, str]) -> str | None:
    """Return the label of ``head`` that a file's word stands for; None when it is none of them.

    ``meaning`` are the operator's own words for labels. Case does not matter; a head of two labels is also answered by
    yes and no, true and false, 1 and 0; a language by its code ("en", "pt-BR").
    """
    word = _own_word(written, meaning)
    if head == "language":
        return _language_code(word.casefold())
    if head in OPEN:
        return word.encode("utf-8", "replace").decode("utf-8") or NOTHING  # half an emoji can be written nowhere
    labels = CLOSED[head]
    plain = _OTHER_WORDS.get(word.casefold(), word.casefold())
    if plain in labels:
        return plain
    if len(labels) == 2 and plain in _YES | _NO:
        return labels[plain in _YES]
    return None


def _language_code(word: str) -> str | None:
    code = _LANGUAGE.fullmatch(word)
    return code[1] if code else NOTHING if word in ("", NOTHING) else None


def _own_word(written: str, meaning: Mapping[str, str]) -> str:
    """What the operator says that a word of the file means, or the word itself."""
    folded = {word.casefold(): label for word, label in meaning.items()}
    return folded.get(written.strip().casefold(), written.strip())


def head_of(words: Iterable[str], meaning: Mapping[str, str], column: str) -> str:
    """Return the head whose labels a file's words are: the one that understands the most.

    Among equals it is the one that the labels' ``column`` is named after, or else the first; but where nothing is said
    beyond yes and no, which every head of two labels understands, only the column's name tells.
    """
    found = [_own_word(word, meaning) for word in words]
    understood = {head: sum(read_label(word, head, {}) is not None for word in found) for head in CLOSED}
    most = max(understood.values())
    if not most:
        raise UsageError(
            f"no label of the file is known ({_seen(found)}); name the head with --head "
            f"({', '.join((*CLOSED, *OPEN))}) and say what the labels mean, such as --labels angry=complaint,fine=other"
        )
    fitting = [head for head, count in understood.items() if count == most]
    named = column.strip().casefold()
    if named in fitting:
        return named
    if not any(read_label(word, fitting[0], {}) and word.casefold() not in _YES | _NO for word in found):
        return _head_named(named, found, fitting)
    return fitting[0]


def _head_named(column: str, words: Sequence[str], fitting: Sequence[str]) -> str:
    """The head that the labels' column is named after; ``UsageError`` where it is none."""
    if column in (*CLOSED, *OPEN):
        return column
    raise UsageError(
        f"the labels of the file ({_seen(words)}) fit several heads ({', '.join(fitting)}): name one with --head, "
        f"or say what the labels mean, such as --labels 0=other,1=complaint"
    )


def _seen(words: Sequence[str]) -> str:
    return ", ".join(f'"{word[:40]}"' for word in list(dict.fromkeys(words))[:5])


def check_meaning(meaning: Mapping[str, str], head: str) -> None:
    """``UsageError`` where a word is said to mean two labels, or one that ``head`` does not have."""
    said: dict[str, str] = {}
    for word, label in meaning.items():
        if said.setdefault(word.casefold(), label) != label:
            raise UsageError(f'--labels says "{word}" twice, for {said[word.casefold()]} and for {label}')
        if read_label(label, head, {}) is None:
            raise UsageError(
                f'--labels has "{word}={label}", but the labels of the head {head} are '
                + ", ".join(CLOSED.get(head, ("codes such as en",)))
            )


def known_head(head: str) -> str:
    """Return ``head``; ``UsageError`` when there is none of that name."""
    if head not in (*CLOSED, *OPEN):
        raise UsageError(f'there is no head "{head}"; known: {", ".join((*CLOSED, *OPEN))}')
    return head
