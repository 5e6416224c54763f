"""What ``frankly compliance`` tells: how the platforms' rules were kept between two days. Its keys are an interface."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table

from config.errors import UsageError
from frankly.app import App
from listener.deletions import overdue, time_given
from store.records import Platform

_DAYS = 30


def gather(app: App, first: date | None, last: date | None) -> dict[str, Any]:
    """Collect the report for the days from ``first`` to ``last`` of UTC, both inside.

    Without them: the last thirty days up to today. ``UsageError`` when they are the wrong way round.
    """
    last = last or app.clock.now().date()
    first = first or last - timedelta(days=_DAYS - 1)
    if first > last:
        raise UsageError(f"--from {first} is after --to {last}; name the earlier day first")
    start = datetime.combine(first, time(), UTC)
    end = datetime.combine(last, time(), UTC) + timedelta(days=1)
    purges = app.store.compliance.purges(start, end)
    owed_since = app.store.deletions.purge_owed_since()
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "made_at": app.clock.now().isoformat(),
        "platforms": {platform.value: _of(app, platform, start, end) for platform in Platform},
        "purges": {
            "times": len(purges),
            "slowest_seconds": max(purges, default=None),
            "owed_since": owed_since.isoformat() if owed_since else None,
        },
        "digests_sent_before": [
            {"brand": one.brand, "day": one.day.isoformat(), "mentions": one.mentions}
            for one in app.store.compliance.quoted_before(start, end)
        ],
    }


def _of(app: App, platform: Platform, start: datetime, end: datetime) -> dict[str, Any]:
    figures, given = app.store.compliance, time_given(app.settings, platform)
    sweeps = figures.sweeps(platform, start, end)
    emptied = figures.emptied(platform, start, end)
    unseen = figures.unseen_seconds(platform, start, end)
    requests, _ = figures.forgotten(platform, start, end)
    stored, passed_over = figures.read(platform, start, end)
    kept = figures.kept(platform, app.clock.now() - given)
    return {
        "posts_read": stored + passed_over,
        "mentions_stored": stored,
        "spent_usd": round(app.store.spending.spent(platform, start, end), 4),
        "answers": figures.answers(platform, start, end),
        "opted_out": figures.opted_out(platform, start, end),
        "sweeps": sweeps.sweeps,
        "sweeps_stopped_early": sweeps.stopped_early,
        "looked_up": sweeps.looked_up,
        "could_not_be_told": sweeps.postponed,
        "found_deleted": emptied["deleted"],
        "unseen_seconds_median": _middle(unseen),
        "unseen_seconds_longest": max(unseen, default=None),
        "time_given_seconds": round(given.total_seconds()),
        "found_late": sum(seconds > given.total_seconds() for seconds in unseen),
        "ended_by_retention": emptied["retention"],
        "ended_unchecked": emptied["unchecked"],
        "forget_requests": requests,
        "forgotten_mentions": emptied["forgotten"],
        "texts_kept_now": kept.texts,
        "oldest_text_at": kept.oldest_at.isoformat() if kept.oldest_at else None,
        "late_now": kept.late,
        "due_now": overdue(app.store, app.settings, app.clock, platform),
    }


def _middle(ordered: Sequence[int]) -> int | None:
    return ordered[len(ordered) // 2] if ordered else None


_ROWS = (
    ("posts read", "posts_read"),
    ("mentions stored", "mentions_stored"),
    ("spent, in dollars", "spent_usd"),
    ("answers", "answers"),
    ("authors who asked us to stop", "opted_out"),
    ("sweeps", "sweeps"),
    ("  that stopped early", "sweeps_stopped_early"),
    ("posts looked up again", "looked_up"),
    ("  that could not be told", "could_not_be_told"),
    ("found deleted, and emptied", "found_deleted"),
    ("  last seen before that, median", "unseen_seconds_median"),
    ("  last seen before that, longest", "unseen_seconds_longest"),
    ("  later than it gives us", "found_late"),
    ("texts ended by retention", "ended_by_retention"),
    ("texts ended unchecked", "ended_unchecked"),
    ("requests to forget", "forget_requests"),
    ("  mentions removed for them", "forgotten_mentions"),
    ("texts kept now", "texts_kept_now"),
    ("  collected first", "oldest_text_at"),
    ("  due for a look", "due_now"),
    ("  late", "late_now"),
)


def show(report: dict[str, Any], console: Console) -> None:
    """Print the report for a person."""
    console.print(f"From {report['from']} to {report['to']}, by UTC")
    platforms: dict[str, dict[str, Any]] = report["platforms"]
    table = Table("", *platforms)
    for label, key in _ROWS:
        table.add_row(label, *(_cell(key, figures) for figures in platforms.values()))
    console.print(table)
    console.print(_purged(report["purges"]))
    for one in report["digests_sent_before"]:
        noun = "a post" if one["mentions"] == 1 else f"{one['mentions']} posts"
        console.print(
            f"The digest of {one['brand']} for {one['day']} had been sent when {noun} named in it went: "
            "ask its readers to delete it."
        )


def _cell(key: str, figures: dict[str, Any]) -> str:
    value = figures[key]
    if value is None:
        return "none"
    if key == "answers":
        return "\n".join(f"{count} {stands.replace('_', ' ')}" for stands, count in sorted(value.items())) or "none"
    if key == "found_late":
        return f"{value} (over {_span(figures['time_given_seconds'])})"
    if key.startswith("unseen_seconds"):
        return _span(value)
    return str(value)[:16].replace("T", " ") if key == "oldest_text_at" else str(value)


def _purged(purges: dict[str, Any]) -> str:
    if purges["times"] == 0:
        done = "Nothing had to be erased from the files"
    else:
        slowest = _span(purges["slowest_seconds"])
        done = f"Erased from the files {purges['times']} times, at the latest {slowest} after it was emptied"
    owed = purges["owed_since"]
    return done + (f"; since {owed[:16].replace('T', ' ')} UTC something waits for that" if owed else "") + "."


def _span(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
