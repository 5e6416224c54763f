"""What ``frankly evaluate`` found, for a person and for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from classifiers.evaluation.labelled import Labelled
from classifiers.evaluation.resampling import MEASURES, RESAMPLES, Difference, Interval
from classifiers.evaluation.run import Evaluation
from classifiers.evaluation.thresholds import Choice, Chosen

_FEW_TEXTS = 100
_WORDS = {"complaint_threshold": ("precision", "recall"), "unsure_below": ("right answers", "kept")}


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was asked for. The first evaluation is of the model in question, the others are beside it."""

    source: str
    head: str
    texts: tuple[Labelled, ...]
    bad: int
    evaluations: tuple[Evaluation, ...]
    differences: tuple[tuple[str, dict[str, Difference]], ...] = ()  # the first model against each other one
    choice: Choice | None = None
    remarks: tuple[str, ...] = ()


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as plain values; shares are between 0 and 1."""
    return {
        "source": report.source,
        "head": report.head,
        "texts": len(report.texts),
        "left_out": report.bad,
        "labels": dict(_label_counts(report.texts)),
        "remarks": list(report.remarks),
        "models": [_model_json(each) for each in report.evaluations],
        "against": [
            {"model": report.evaluations[0].name, "against": name, **{key: _gap(found[key]) for key in MEASURES}}
            for name, found in report.differences
        ],
        "thresholds": None if report.choice is None else _choice_json(report.choice),
    }


def _model_json(found: Evaluation) -> dict[str, Any]:
    return {
        "model": found.name,
        "revision": found.revision,
        "note": found.note,
        **{name: _bounds(interval) for name, interval in found.intervals.items()},
        "classes": [
            {"label": c.label, "precision": c.precision, "recall": c.recall, "f1": c.f1, "texts": c.support}
            for c in found.figures.classes
        ],
        "confusion": {"labels": list(found.figures.labels), "rows": found.figures.confusion.tolist()},
        "calibration_error": found.calibration,
        "reliability": [
            {"start": b.start, "end": b.end, "texts": b.count, "confidence": b.confidence, "right": b.right}
            for b in found.reliability
        ],
        "unsure": {
            "texts": found.unsure.count,
            "right_of_unsure": found.unsure.right_of_unsure,
            "right_of_sure": found.unsure.right_of_sure,
        },
        "texts_a_second": found.texts_a_second,
    }


def _bounds(found: Interval) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high}


def _gap(found: Difference) -> dict[str, Any]:
    return {**_bounds(found.interval), "better": found.better, "clear": found.clear}


def _choice_json(choice: Choice) -> dict[str, Any]:
    return {
        "target": choice.target,
        "chosen_on": choice.chosen_on,
        "parts": choice.parts,
        "left_out": choice.left_out,
        "few": choice.few,
        "settings": [
            {
                "setting": each.setting,
                "value": each.value,
                "reached": None if each.reached is None else _bounds(each.reached),
                "kept": None if each.kept is None else _bounds(each.kept),
                "counted": each.count,
            }
            for each in choice.settings
        ],
    }


def told(report: Report) -> str:
    """Write the report for a person."""
    lines = [_opening(report), *report.remarks]
    if len(report.texts) < _FEW_TEXTS:
        be = "is" if len(report.texts) == 1 else "are"
        lines.append(f"{_texts(report)} {be} few: read the intervals, not the figures.")
    lines += ["", *_summary(report)]
    for name, found in report.differences:
        lines += ["", *_difference(report.evaluations[0].name, name, found)]
    lines += ["", *_details(report.evaluations[0])]
    if report.choice is not None:
        lines += ["", *_choice(report.choice)]
    return "\n".join(lines)


def _label_counts(texts: Sequence[Labelled]) -> list[tuple[str, int]]:
    return Counter(text.label for text in texts).most_common()


def _opening(report: Report) -> str:
    counts = ", ".join(f"{label} {count:,}" for label, count in _label_counts(report.texts))
    left = f"; {report.bad:,} {'row' if report.bad == 1 else 'rows'} left out" if report.bad else ""
    return f"{report.source}, head {report.head}: {_texts(report)} ({counts}){left}"


def _texts(report: Report) -> str:
    return "1 text" if len(report.texts) == 1 else f"{len(report.texts):,} texts"


def _summary(report: Report) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [("model", *MEASURES, "ECE", "unsure", "texts/s")]
    for found in report.evaluations:
        rows.append(
            (
                found.name,
                *(_spread(found.intervals[name]) for name in MEASURES),
                "-" if found.calibration is None else f"{found.calibration:.3f}",
                f"{found.unsure.count / len(report.texts):.1%}",
                "-" if found.texts_a_second is None else f"{found.texts_a_second:,.0f}",
            )
        )
    yield from _aligned(rows)
    yield f"In brackets: 95 % intervals, from {RESAMPLES:,} resamples of the texts by group."
    for found in report.evaluations:
        yield f"{found.name}: {found.revision}" + (f"; {found.note}" if found.note else "")


def _difference(first: str, second: str, found: dict[str, Difference]) -> Iterator[str]:
    yield f"{first} against {second}, on the same texts (points; better in so many of the resamples):"
    rows = [("measure", "difference", "better", "")]
    for name in MEASURES:
        gap = found[name].interval
        points = f"{gap.value * 100:+.1f} ({gap.low * 100:+.1f} to {gap.high * 100:+.1f})"
        rows.append((name, points, f"{found[name].better:.0%}", _verdict(found[name])))
    yield from _aligned(rows)


def _verdict(found: Difference) -> str:
    if not found.clear:
        return "no clear difference"
    return "clearly better" if found.interval.value > 0 else "clearly worse"


def _details(found: Evaluation) -> Iterator[str]:
    yield f"{found.name}, label by label"
    classes = [("label", "precision", "recall", "F1", "texts")]
    for one in found.figures.classes:
        classes.append((one.label, f"{one.precision:.1%}", f"{one.recall:.1%}", f"{one.f1:.1%}", f"{one.support:,}"))
    yield from _aligned(classes)
    yield ""
    yield "What it said (columns) of what was so (rows)"
    labels = found.figures.labels
    rows = zip(labels, found.figures.confusion.tolist(), strict=True)
    yield from _aligned([("", *labels), *((label, *(f"{count:,}" for count in row)) for label, row in rows)])
    if found.reliability:
        yield ""
        yield f"How far its confidence can be trusted (expected calibration error {found.calibration:.3f})"
        bins = [("confidence", "texts", "mean", "right")]
        for each in found.reliability:
            span = f"{each.start:.1f} to {each.end:.1f}"
            bins.append((span, f"{each.count:,}", f"{each.confidence:.0%}", f"{each.right:.0%}"))
        yield from _aligned(bins)
    yield ""
    yield _unsure(found)


def _unsure(found: Evaluation) -> str:
    unsure = found.unsure
    if not unsure.count or unsure.right_of_unsure is None:
        return "It was unsure of no text."
    others = "" if unsure.right_of_sure is None else f", and had {unsure.right_of_sure:.0%} of the others"
    count = found.figures.count
    return (
        f"It was unsure of {unsure.count:,} of {count:,} texts ({unsure.count / count:.1%}): "
        f"it would have had {unsure.right_of_unsure:.0%} of those right{others}."
    )


def _choice(choice: Choice) -> Iterator[str]:
    yield (
        f"Thresholds for {choice.target:.0%}, chosen on {choice.chosen_on:,} texts; beside them what comes of choosing "
        f"so, in {choice.parts} parts, each judged by what the others choose:"
    )
    for one in choice.settings:
        yield _sentence(one, choice.target)
    if choice.left_out:
        yield f"- A person reads {choice.left_out:,} more whatever they are: another language, two minds, or no words."
    if choice.few:
        yield "The file is small: another few hundred labelled texts would narrow these intervals."
    lines = [f"{one.setting} = {one.value:g}" for one in choice.settings if one.value is not None]
    if lines:
        yield from ("", "Set below [classifier] in frankly.toml:", "", *lines)


def _sentence(one: Chosen, target: float) -> str:
    if one.value is None or one.reached is None or one.kept is None:
        return f"- {one.setting}: no threshold reaches {target:.0%} on these texts surely enough."
    if not one.count:
        return f"- {one.setting} = {one.value:g}: no text lies above it in other parts, so nothing says what it does."
    reached, kept = _WORDS[one.setting]
    short = "" if one.reached.value >= target else f"; short of {target:.0%} there: ask for a little more, as a margin"
    return (
        f"- {one.setting} = {one.value:g}: {reached} {_share(one.reached)} of {one.count:,}, "
        f"{kept} {_share(one.kept)}{short}."
    )


def _spread(found: Interval) -> str:
    if found.low == found.high:  # nothing is wrong, or all is of one group: no resample differs
        return f"{found.value * 100:.1f} (no interval)"
    return f"{found.value * 100:.1f} ({found.low * 100:.1f} to {found.high * 100:.1f})"


def _share(found: Interval) -> str:
    return f"{found.value:.1%} ({found.low * 100:.1f} to {found.high * 100:.1f})"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Columns as wide as their widest cell, the first to the left and the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()
