"""How the digest writes numbers, times and strangers' words: plainly, with what is needed to judge them."""

from __future__ import annotations

import re
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from responders.digest.records import Compared, Times

# Controls, and the characters that turn the direction of the text that follows them.
_UNSEEN = re.compile("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")

NONE = "\N{EN DASH}"  # stands where there is no number
MINUS = "\N{MINUS SIGN}"


def count(number: float) -> str:
    """Write a count: ``1,234``, and ``9.5`` for a median between two."""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"


def many(number: int, one: str, more: str = "") -> str:
    """Write a count with its noun: ``1 complaint``, ``2 complaints``."""
    return f"{count(number)} {one if number == 1 else more or one + 's'}"


def share(value: float | None) -> str:
    """Write a share; one that is neither none nor all never reads so."""
    if value is None:
        return NONE
    percent = value * 100
    if 0 < percent < 1:
        return "under 1 %"
    return "over 99 %" if 99 < percent < 100 else f"{percent:.0f} %"


def duration(seconds: int | None) -> str:
    """Write a duration in its two largest units."""
    if seconds is None:
        return NONE
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(seconds / 3600), 24)
    return f"{days} days {hours} h" if hours else f"{days} days"


def money(usd: float) -> str:
    """Write dollars; what is under a cent says so."""
    return "under $0.01" if 0 < usd < 0.005 else f"${usd:,.2f}"


def long_day(day: date) -> str:
    """Write a date in full: ``Thursday 5 March 2026``."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def clock(moment: datetime, zone: ZoneInfo, day: date) -> str:
    """Write a time of the day, with the date where it is another day's."""
    local = moment.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == day else f"{local.day} {local:%b %H:%M}"


def against(figure: Compared, one: str, more: str = "") -> str:
    """Write a count with what is usual: ``12 complaints, 3 more than usual (median of 7 days: 9)``."""
    said = many(figure.value, one, more)
    if figure.usual is None and figure.days:
        return f"{said}; too little of this day was heard to compare it with others"
    if figure.usual is None:
        return f"{said}; none of the 7 days before was heard long enough, so there is nothing to compare with"
    difference = figure.value - figure.usual
    how = (
        "as usual" if not difference else f"{count(abs(difference))} {'more' if difference > 0 else 'fewer'} than usual"
    )
    return f"{said}, {how} ({median_of(figure)})"


def change(figure: Compared) -> str:
    """Write only the difference to what is usual: ``+3``."""
    if figure.usual is None:
        return NONE
    difference = figure.value - figure.usual
    return "0" if not difference else f"{'+' if difference > 0 else MINUS}{count(abs(difference))}"


def median_of(figure: Compared) -> str:
    """Write the usual value and how many days it rests on."""
    days = many(figure.days, "day")
    rest = "" if figure.days == 7 else ", as no more of the 7 days before were heard long enough"
    return f"median of {days}: {count(figure.usual or 0)}{rest}"


def how_long(times: Times) -> str:
    """Write a median with its 90th percentile, or only what a few replies allow to say."""
    if times.replies == 1:
        return duration(times.median_seconds)
    return f"median {duration(times.median_seconds)}, 90 in 100 within {duration(times.p90_seconds)}"


def joined(words: list[str]) -> str:
    """Write a list in words."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def line(text: str) -> str:
    """Make a stranger's words safe to stand in a line of ours: no breaks, no controls, no turned direction."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def lines(text: str) -> str:
    """Make a stranger's words safe to stand alone; their line breaks stay."""
    kept = (line(part) for part in _UNSEEN.sub(" ", text.replace("\r\n", "\n")).split("\n"))
    return "\n".join(part for part in kept if part)


def web_address(url: str) -> str:
    """Return the address if it is one of the web's, else nothing: a stranger may have made it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    fine = parts.scheme in ("http", "https") and parts.hostname and not re.search(r'[\s<>"\x00-\x20]', url)
    return url if fine else ""
