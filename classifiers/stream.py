"""Texts in, JSON lines out: what ``frankly classify`` writes, in input order and at the model's full speed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from classifiers import BrandContext, Classifier
from classifiers.evaluation.decoding import BROKEN
from classifiers.explain import Why, explain
from classifiers.names import spoken
from store.records import Assessment

Report = Callable[[int, str], None]  # the line's number, counted from 1, and what is wrong with it
BrandCalled = Callable[[str], BrandContext | None]  # what a name means; None where no brand of that name is known


@dataclass(frozen=True, slots=True)
class _Line:
    id: object
    text: str
    brand: BrandContext | None


@dataclass(frozen=True, slots=True)
class _Bad:
    problem: str
    id: object = None


def as_json(assessment: Assessment, id: object = None, why: Why | None = None) -> dict[str, object]:
    """Return the object that ``frankly classify`` writes; ``why`` is left out when it is None."""
    found: dict[str, object] = {
        "id": id,
        "sentiment": assessment.sentiment,
        "sentiment_scores": assessment.sentiment_scores,
        "complaint": assessment.complaint,
        "complaint_score": assessment.complaint_score,
        "severity": assessment.severity,
        "severity_reasons": list(assessment.severity_reasons),
        "kind": assessment.kind,
        "topic": assessment.topic,
        "language": assessment.language,
        "relevant_score": assessment.relevant_score,
        "offensive_score": assessment.offensive_score,
        "sarcasm_score": assessment.sarcasm_score,
        "unsure": assessment.unsure,
        "model": assessment.model,
        "revision": assessment.revision,
    }
    if why is not None:
        found["why"] = [[word, weight] for word, weight in why]
    return found


def any_brand(name: str) -> BrandContext:
    """Return what a brand's name means where none is configured: itself, and how people write it."""
    return BrandContext(name, tuple(dict.fromkeys(spoken(name))))


def classify_chunks(
    chunks: Iterable[Sequence[str]],
    classifier: Classifier,
    brand: BrandContext | None = None,
    *,
    brand_called: BrandCalled = any_brand,
    why: bool = False,
    report: Report | None = None,
) -> Iterator[str]:
    """Yield one JSON line for each line: a plain text, or a JSON object with ``text``, ``id`` and ``brand``; in order.

    The last two may be left out; ``brand`` is that of the lines that name none.
    A line that starts with "{" is JSON; bare numbers and quoted words are texts. A line that cannot be read goes to
    ``report`` with its number and gives an object with ``id``, ``line`` and ``error`` in its place, so that output
    and input lines stay in step. Bytes that are no UTF-8 stand in it as lone surrogates (``surrogateescape``). Empty
    lines are texts as well. The lines of a chunk are answered together.
    """
    number = 0
    for chunk in chunks:
        read = [_read(line, brand, brand_called) for line in chunk]
        answers = iter(_answers([line for line in read if isinstance(line, _Line)], classifier, why))
        for line in read:
            number += 1
            if isinstance(line, _Line):
                yield json.dumps(next(answers))
            else:
                if report is not None:
                    report(number, line.problem)
                yield json.dumps({"id": line.id, "line": number, "error": line.problem})


def _answers(lines: list[_Line], classifier: Classifier, why: bool) -> list[dict[str, object]]:
    """The answers to lines in their order; the lines of each brand are read together."""
    found: dict[int, dict[str, object]] = {}
    for brand in dict.fromkeys(line.brand for line in lines):
        places = [place for place, line in enumerate(lines) if line.brand == brand]
        found.update(zip(places, _of_brand([lines[place] for place in places], classifier, brand, why), strict=True))
    return [found[place] for place in range(len(lines))]


def _of_brand(
    lines: list[_Line], classifier: Classifier, brand: BrandContext | None, why: bool
) -> Iterator[dict[str, object]]:
    texts = [line.text for line in lines]
    assessments = classifier.assess(texts, brand)
    reasons: list[Why] | list[None] = explain(texts, assessments, classifier, brand) if why else [None] * len(texts)
    for line, assessment, reason in zip(lines, assessments, reasons, strict=True):
        yield as_json(assessment, line.id, reason)


def _read(line: str, brand: BrandContext | None, brand_called: BrandCalled) -> _Line | _Bad:
    """The line's text, id and brand, or what is wrong with it; ``brand`` is its brand where it names none."""
    # A byte-order mark begins a file, and the line where one file was joined to another.
    line = line.rstrip("\r\n").removeprefix("\ufeff")
    if "\0" in line:
        return _Bad("has NUL characters, as UTF-16 does; expected UTF-8")
    if BROKEN.search(line):
        return _Bad("has bytes that are no UTF-8")
    start = line.lstrip()[:1]
    if start == "[" and _is_array(line):
        return _Bad("is a JSON array; expected one JSON object a line, or plain text")
    if start != "{":
        return _Line(None, line, brand)
    return _object(line, brand, brand_called)


def _object(line: str, brand: BrandContext | None, brand_called: BrandCalled) -> _Line | _Bad:
    try:
        return _of_object(_DECODER.decode(line), brand, brand_called)
    except _BadNumber as error:
        return _Bad(str(error))
    except RecursionError:
        return _Bad("is nested too deeply to be read")
    except json.JSONDecodeError as error:
        problem = f"starts like a JSON object but is none ({error.msg}: column {error.pos + 1})"
        return _Bad(f"{problem}; a text that starts with {{ must be sent as an object")


def _of_object(found: dict[str, Any], brand: BrandContext | None, brand_called: BrandCalled) -> _Line | _Bad:
    id, text, name = found.get("id"), found.get("text"), found.get("brand")
    if not isinstance(text, str):
        return _Bad('has no "text" that is a string', id)
    if not isinstance(name, str | None):
        return _Bad('has a "brand" that is no string', id)
    if name is None or not name.strip():
        return _Line(id, text, brand)
    own = brand_called(name)
    if own is None:
        return _Bad('has a "brand" that the configuration lacks; expected the name of one that it has', id)
    return _Line(id, text, own)


def _is_array(line: str) -> bool:
    """Whether a line that begins like a JSON array is one; people write "[Update]" too."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


class _BadNumber(ValueError):
    """What is wrong with a number of a line."""


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # Python reads no number of thousands of digits
        raise _BadNumber(_TOO_LARGE) from None


def _fraction(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _BadNumber(_TOO_LARGE)
    return number


def _no_number(name: str) -> NoReturn:
    raise _BadNumber(f"has {name}, which is no JSON; expected a number, a string or null")


_TOO_LARGE = "has a number that is too large to be kept; expected it as a string"
_DECODER = json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=_no_number)
