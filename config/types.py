"""The kinds of value that settings are made of, with the errors an operator can act on."""

from __future__ import annotations

import re
import unicodedata
from datetime import time, timedelta
from typing import Annotated, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    ValidationInfo,
    field_validator,
)

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=36500)  # a hundred years: much more, and the calendar ends before the sum of a date and it
_DESK = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?/?", re.ASCII | re.IGNORECASE)
_X_HANDLE = re.compile(r"@?(\w+)", re.ASCII)
_REDDIT_NAME = re.compile(r"(?:@|/?[uU]/)?([\w-]+)", re.ASCII)
_SUBREDDIT = re.compile(r"(?:/?[rR]/)?(\w+)/?", re.ASCII)
# A code of three letters only where there is none of two and posts can be told to be in that language (fastText's
# lid.176): "eng" would never be found, and every post would be in a language that nobody expects.
_LANGUAGE = re.compile(
    "[a-z]{2}|als|arz|ast|azb|bar|bcl|bpy|bxr|cbk|ceb|ckb|diq|dsb|dty|eml|frr|gom|hif|hsb|ilo|jbo|krc|lez|lmo|lrc|mai|"
    "mhr|min|mrj|mwl|myv|mzn|nah|nap|nds|new|pam|pfl|pms|pnb|rue|sah|scn|sco|tyv|vec|vep|vls|war|wuu|xal|xmf|yue"
)


class Section(BaseModel):
    """A table of a file that operators write: unknown keys are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_yes_or_no_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        """In Python ``True`` is the number 1; whoever writes it did not mean that."""
        kind = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and any(each in (int, float) for each in (kind, *get_args(kind))):
            raise ValueError("expected a number, not true or false")
        return value


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('expected a duration with its unit, such as "45s", "30m", "4h" or "2d"')
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f'expected a duration of at most "{_LONGEST.days}d", a hundred years')
    return timedelta(seconds=seconds)


def _above_zero(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError('expected a duration above 0, such as "45s", "30m", "4h" or "2d"')
    return value


def format_duration(value: timedelta) -> str:
    """Write a duration the way settings spell it: the largest unit that divides it evenly."""
    seconds = value.total_seconds()
    for unit in ("d", "h", "m"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:g}{unit}"
    return f"{seconds:g}s"


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('expected an IANA time zone such as "Europe/London" or "America/New_York"') from None
    return value


def _hours(value: object) -> object:
    """Read ``"22:00-07:00"`` into two times of day."""
    if isinstance(value, tuple):
        return value
    try:
        if not isinstance(value, str):
            raise ValueError
        start, _, end = value.partition("-")
        hours = time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
    except ValueError:
        raise ValueError('expected two times of day, such as "22:00-07:00"') from None
    if any(each.tzinfo for each in hours):
        raise ValueError('expected two times of day without a zone, such as "22:00-07:00"; the zone is the brand\'s')
    if hours[0] == hours[1]:  # nobody can tell whether that is the whole day or none of it
        raise ValueError('expected two times of day that differ, such as "22:00-07:00"')
    return hours


def _time(value: time) -> time:
    if value.tzinfo:  # a bare number has one too: pydantic takes it for seconds in UTC
        raise ValueError('expected a time of day without a zone, such as "07:00"; the zone is each brand\'s')
    return value


def _format_hours(value: tuple[time, time]) -> str:
    return f"{value[0]:%H:%M}-{value[1]:%H:%M}"


def _base_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(:\d+)?/?", value):
        raise ValueError('expected the root of a server, such as "https://api.example.com"')
    return value.rstrip("/")


def _desk_url(value: str) -> str:
    """Refuse what a sign-in link cannot begin with, and letters such as ü, which browsers ask for by others."""
    if value and not _DESK.fullmatch(value):
        raise ValueError(
            'expected where agents reach the desk, such as "https://desk.example.com", without path, query or password'
        )
    return value.rstrip("/")


def _language(value: str) -> str:
    code = value.lower()
    if not _LANGUAGE.fullmatch(code):
        raise ValueError('expected the code of a language (ISO 639-1), such as "en" or "de"')
    return code


def _x_handle(value: str) -> str:
    return _account(value, _X_HANDLE, "@")


def _reddit_name(value: str) -> str:
    return _account(value, _REDDIT_NAME, "u/")


def _subreddit(value: str) -> str:
    match = _SUBREDDIT.fullmatch(value.strip())
    if match is None:
        raise ValueError('expected the name of a community, such as "broadband" or "r/broadband"')
    return match[1]


def _account(value: str, written: re.Pattern[str], sign: str) -> str:
    """Take the sign off that people write before a name; posts are searched for the sign and the bare name."""
    match = written.fullmatch(value.strip())
    if match is None:
        raise ValueError(f'expected the name of an account, such as "acme" or "{sign}acme"')
    return match[1]


def _name(value: str) -> str:
    kinds = [unicodedata.category(character) for character in value]
    if "Cc" in kinds:
        raise ValueError("expected a name without line breaks and other control characters")
    if all(kind[0] in "CZ" for kind in kinds):
        raise ValueError("expected some text")
    return value


def _words(value: str) -> str:
    """Signs alone are refused: as text to look for they mean nothing. An emoji (a symbol, So) does."""
    kinds = {unicodedata.category(character) for character in value}
    if not any(kind == "So" or kind[0] in "LN" for kind in kinds):
        raise ValueError("expected a word or phrase, with a letter or digit in it")
    return value


# A duration that may be 0: no wait at all.
Wait = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(format_duration, return_type=str)]
Duration = Annotated[Wait, AfterValidator(_above_zero)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Hours = Annotated[tuple[time, time], BeforeValidator(_hours), PlainSerializer(_format_hours, return_type=str)]
Time = Annotated[time, AfterValidator(_time)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
DeskUrl = Annotated[str, AfterValidator(_desk_url)]
XHandle = Annotated[str, AfterValidator(_x_handle)]
RedditName = Annotated[str, AfterValidator(_reddit_name)]
Subreddit = Annotated[str, AfterValidator(_subreddit)]
Name = Annotated[str, AfterValidator(_name)]
Words = Annotated[str, AfterValidator(_words)]
Language = Annotated[str, AfterValidator(_language)]


def within_hours(moment: time, hours: tuple[time, time]) -> bool:
    """Tell whether a time of day lies in a stretch that may run past midnight (end excluded)."""
    start, end = hours
    return start <= moment < end if start <= end else moment >= start or moment < end
