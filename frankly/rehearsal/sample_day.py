"""The sample day: what is said about an invented internet company from six in the morning to ten at night.

The texts are in ``day/*.jsonl``, one post a line:

    at        when, as HH:MM in the company's town (Europe/London)
    by, text  the author's name and the words; ``title`` and ``in`` (a community) make a Reddit submission
    about     what it is, for judging a classifier: kind, then severity and remarks, joined by "/"
    key, to   a name for this post, and the name of the post that it replies to
    lang, followers
    edit      ``after`` (minutes) and the new text
    deleted   when its author takes it down, as HH:MM
    returns   what the author says under our answer, each ``after`` so many minutes
    chase     what the author says when ``after`` so many minutes nobody has answered
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from config.clock import PacedClock
from frankly.rehearsal.world import Post, World
from store.records import Platform


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the day: where it is, when it is played, whose it is, and who listens where."""

    time_zone: str = "Europe/London"
    first_hour: int = 6
    last_hour: int = 22
    brand_x: str = "BriskBroadband"
    brand_reddit: str = "BriskBB_Care"
    subreddits: tuple[str, ...] = ("Harrowdale", "askHarrowdale", "HomeNetworkHelp")


DAY = Frame()

Entry = dict[str, Any]
Talk = tuple[str, str]


def day_start(on: date) -> datetime:
    """Return the moment the sample day begins when it is played on this date: six in the morning, in town."""
    return datetime.combine(on, time(DAY.first_hour), ZoneInfo(DAY.time_zone))


def read_entries(platform: Platform) -> list[Entry]:
    """Return the entries of one platform as they are written, in the order of the day."""
    folder = files("frankly.rehearsal") / "day"
    lines = [
        line
        for file in sorted(folder.iterdir(), key=lambda item: item.name)
        if file.name.startswith(platform.value) and file.name.endswith(".jsonl")
        for line in file.read_text("utf-8").splitlines()
    ]
    entries: list[Entry] = [json.loads(line) for line in lines]
    return sorted(entries, key=lambda entry: str(entry["at"]))


@dataclass
class SampleDay:
    """The day as it was put into a world; it stays on as the world's listener, for the authors who come back.

    ``posts`` are those that have a key; ``labels`` says of every post's id what it is about, and grows
    when somebody comes back.
    """

    world: World
    start: datetime
    posts: dict[str, Post] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    _returns: dict[Talk, list[Entry]] = field(default_factory=dict)
    _chases: dict[Talk, list[Post]] = field(default_factory=dict)

    @property
    def end(self) -> datetime:
        """The moment at which the last post is out."""
        return self.start + timedelta(hours=DAY.last_hour - DAY.first_hour)

    def load(self) -> None:
        """Put every entry into the world, ahead of its time."""
        with self.world.lock:
            for platform in Platform:
                for entry in read_entries(platform):
                    self._add(platform, entry)
            self.world.on_answer(self._answered)

    def _add(self, platform: Platform, entry: Entry) -> None:
        if "followers" in entry:
            self.world.add_account(platform, entry["by"], followers=entry["followers"])
        post = self.world.add_post(
            platform,
            entry["by"],
            entry["text"],
            posted_at=self._moment(entry["at"]),
            reply_to=self.posts[entry["to"]].id if "to" in entry else "",
            title=entry.get("title", ""),
            subreddit=entry.get("in", ""),
            language=entry.get("lang", "en"),
        )
        self.labels[post.id] = entry["about"]
        if "key" in entry:
            self.posts[entry["key"]] = post
        if "edit" in entry:
            self._edit(post, entry)
        if "deleted" in entry:
            self.world.delete_post(post.id, at=self._moment(entry["deleted"]))
        talk = (post.conversation, post.author.name)
        self._returns[talk] = [*self._returns.get(talk, []), *entry.get("returns", [])]
        for later in entry.get("chase", []):
            self._chases.setdefault(talk, []).append(self._later(post, later, post))

    def _edit(self, post: Post, entry: Entry) -> None:
        moment = post.posted_at + timedelta(minutes=entry["edit"]["after"])
        version = self.world.edit_post(post.id, entry["edit"]["text"], at=moment)
        self.labels[version.id] = entry["about"]

    def _moment(self, clock_time: str) -> datetime:
        hours, minutes = clock_time.split(":")
        passed = timedelta(hours=int(hours) - DAY.first_hour, minutes=int(minutes))
        # Posts of one minute do not all come on its first second.
        return self.start + passed + timedelta(seconds=len(self.labels) * 17 % 60)

    def _later(self, author_of: Post, entry: Entry, under: Post) -> Post:
        post = self.world.add_post(
            under.platform,
            author_of.author.name,
            entry["text"],
            posted_at=under.posted_at + timedelta(minutes=entry["after"]),
            reply_to=under.id,
            language=entry.get("lang", author_of.language),
        )
        self.labels[post.id] = entry["about"]
        return post

    def _answered(self, reply: Post, target: Post) -> None:
        """Let the author come back to the first answer, and spare us the words about having none."""
        talk = (target.conversation, target.author.name)
        for entry in self._returns.pop(talk, []):
            self._later(target, entry, reply)
        for chase in self._chases.pop(talk, []):
            if chase.posted_at > reply.posted_at:
                self.world.delete_post(chase.id)


def load_day(world: World, start: datetime) -> SampleDay:
    """Put the sample day into a world, from ``start`` on, and play its authors from then on."""
    day = SampleDay(world, start)
    day.load()
    return day


def play_day(clock: PacedClock) -> World:
    """Return a world in which the sample day runs, from the clock's start on and at its pace."""
    world = World(clock, brand_x=DAY.brand_x, brand_reddit=DAY.brand_reddit)
    load_day(world, clock.start)
    return world
