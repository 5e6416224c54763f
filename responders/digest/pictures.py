"""The pictures of a digest, as PNG: the same bytes for the same digest.

Colours are from Okabe and Ito's palette, which people with any colour vision can tell apart; nothing is said by
colour alone. matplotlib is imported when a picture is drawn, because it is slow to load.
"""

from __future__ import annotations

from io import BytesIO
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from responders.digest.phrases import share
from responders.digest.records import Digest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES = ("hours", "trend", "sentiment")
_DOTS = 100  # for each inch; drawn at twice that, for sharp screens
_INCHES = {"hours": (6.0, 2.5), "trend": (6.0, 2.1), "sentiment": (6.0, 0.85)}
SIZES = {name: (int(width * _DOTS), int(height * _DOTS)) for name, (width, height) in _INCHES.items()}
_BLUE, _ORANGE, _GREEN, _GREY, _INK = "#56b4e9", "#d55e00", "#009e73", "#c9cfd4", "#1b2329"
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.color": _INK,
    "axes.edgecolor": "#9aa7b0",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelcolor": _INK,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "hatch.linewidth": 0.6,
}


def pictures(digest: Digest) -> dict[str, bytes]:
    """Return each picture by its name; what each shows in words stands in the digest's document."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    drawn = {}
    with rc_context(_STYLE):
        for name, draw in (("hours", _hours), ("trend", _trend), ("sentiment", _sentiment)):
            figure = Figure(figsize=_INCHES[name], dpi=2 * _DOTS, layout="constrained")
            draw(digest, figure.add_subplot())
            drawn[name] = _png(figure)
    return drawn


def _png(figure: Figure) -> bytes:
    buffer = BytesIO()
    # Without a date and a version the same figures give the same bytes.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _hours(digest: Digest, axes: Axes) -> None:
    hours = digest.hours
    places = range(len(hours))
    highest = max([1, *(hour.mentions for hour in hours), *(hour.usual or 0 for hour in hours)])
    for place, hour in enumerate(hours):
        if not hour.heard:
            axes.axvspan(place - 0.5, place + 0.5, facecolor="#ffffff", edgecolor=_GREY, hatch="////", linewidth=0)
    deaf = [place for place, hour in enumerate(hours) if not hour.heard]
    if deaf:
        axes.axvspan(0, 0, facecolor="#ffffff", edgecolor=_GREY, hatch="////", linewidth=0, label="not all heard")
    axes.bar(places, [hour.mentions for hour in hours], width=0.8, color=_BLUE, label="mentions")
    axes.bar(places, [hour.complaints for hour in hours], width=0.45, color=_ORANGE, label="complaints")
    usual = [nan if hour.usual is None else hour.usual for hour in hours]
    if not all(isnan(value) for value in usual):
        axes.plot(places, usual, color=_INK, linewidth=1, drawstyle="steps-mid", label="usual")
    axes.set_title("Mentions by hour")
    axes.set_xticks(list(places)[::3], [hour.label.removesuffix(" (again)") for hour in hours][::3])
    axes.set_xlim(-0.6, max(len(hours), 1) - 0.4)
    axes.set_ylim(0, highest * 1.08)
    _whole_numbers(axes)
    _legend(axes)


def _trend(digest: Digest, axes: Axes) -> None:
    trend = digest.trend
    places = range(len(trend))
    bars = axes.bar(places, [day.mentions for day in trend], width=0.7, color=_BLUE, label="mentions")
    axes.bar(places, [day.complaints for day in trend], width=0.4, color=_ORANGE, label="complaints")
    for bar, day in zip(bars, trend, strict=True):
        if not day.heard:
            bar.set(hatch="////", edgecolor="#ffffff")
        axes.annotate(
            f"{day.mentions:,}", (bar.get_x() + bar.get_width() / 2, day.mentions), (0, 2), textcoords="offset points",
            ha="center", fontsize=7,
        )  # fmt: skip
    axes.set_title("Eight days" + (", hatched where not all was heard" if not all(day.heard for day in trend) else ""))
    axes.set_xticks(list(places), [f"{day.day:%a} {day.day.day}" for day in trend])
    axes.set_ylim(0, max([1, *(day.mentions for day in trend)]) * 1.15)
    _whole_numbers(axes)
    _legend(axes)


def _sentiment(digest: Digest, axes: Axes) -> None:
    left = 0.0
    axes.set_title("Sentiment")
    for sentiment, color in zip(digest.sentiments, (_ORANGE, _GREY, _GREEN), strict=True):
        width = sentiment.share or 0.0
        axes.barh(0, width, left=left, color=color, edgecolor="#ffffff")
        if width >= 0.18:
            axes.text(left + width / 2, 0, f"{sentiment.sentiment} {share(width)}", ha="center", va="center")
        left += width
    axes.set_xlim(0, 1)
    axes.axis("off")


def _legend(axes: Axes) -> None:
    axes.legend(
        loc="lower right", bbox_to_anchor=(1, 1), frameon=False, fontsize=7, ncols=4, borderaxespad=0.2,
        columnspacing=1.2,
    )  # fmt: skip


def _whole_numbers(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.grid(True, color="#eef1f3")
    axes.set_axisbelow(True)
