"""The coverage ledger against simple models: one of its stretches, and one of what was really said and stored."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from config.settings import Settings
from listener.collect import Collector
from listener.sources import reddit_listing
from listener.sources.base import Context, Source
from listener.sources.registry import KINDS
from listener.sources.x_windows import XWindows
from store.records import Platform, Post
from store.store import Store
from tests.conftest import FrozenClock
from tests.listener.pretended import Killed, PretendedReddit, PretendedX

NINE = FrozenClock().now()
MINUTES = st.integers(0, 40)
ALWAYS = (NINE - timedelta(days=400), NINE + timedelta(days=400))


class Remembering(RuleBasedStateMachine):
    """A store that needs no sleep of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store.open(Path(self.folder.name) / "frankly.sqlite3")
        self.store.database.execute("PRAGMA synchronous = OFF")  # nobody pulls a plug here

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def stretches(self, source: str) -> list[tuple[str, datetime, datetime]]:
        return [(c.state, c.started_at, c.ended_at) for c in self.store.sources.coverage(source, *ALWAYS)]


class Ledger(Remembering):
    """The table of stretches, beside a set of minutes for each state."""

    def __init__(self) -> None:
        super().__init__()
        self.minutes: dict[str, set[int]] = {state: set() for state in ("covered", "gap", "filled", "lost")}
        self.store.sources.ensure("search", "x_search", Platform.X)

    @rule(state=st.sampled_from(["covered", "gap", "filled", "lost"]), start=MINUTES, end=MINUTES)
    def something_is_written_down(self, state: Any, start: int, end: int) -> None:
        at = [NINE + timedelta(minutes=minute) for minute in (start, end)]
        with self.store.transaction():
            self.store.sources.record("search", state, at[0], at[1])
        said = set(range(start, end))
        if state == "filled":
            said &= self.minutes["gap"]
        self.minutes[state] |= said
        if state in ("filled", "lost"):
            self.minutes["gap"] -= said

    @invariant()
    def the_table_holds_the_same_minutes(self) -> None:
        found: dict[str, set[int]] = {state: set() for state in self.minutes}
        for state, start, end in self.stretches("search"):
            begin, finish = ((moment - NINE) // timedelta(minutes=1) for moment in (start, end))
            assert begin < finish, "no row is empty"
            assert found[state].isdisjoint(range(begin - 1, finish + 1)), "rows of a state stand apart"
            found[state] |= set(range(begin, finish))
        assert found == self.minutes


class Listening(Remembering):
    """A source that is run now and then, beside the list of all that was said."""

    kind = ""
    words = ("Brisk",)
    lateness = timedelta()
    pretended: type[PretendedX] | type[PretendedReddit] = PretendedX

    def __init__(self) -> None:
        super().__init__()
        self.clock = FrozenClock()
        self.platform = self.pretended(self.clock)

    def source(self, context: Context) -> Source:
        return KINDS[self.kind](context)  # type: ignore[index]

    @initialize()
    def it_begins_to_listen(self) -> None:
        self.run_it(pages=5)

    @rule(texts=st.integers(1, 9), late=st.booleans(), which=st.integers(0, 1))
    def people_write(self, texts: int, late: bool, which: int) -> None:
        for number in range(texts):
            self.clock.moment += timedelta(seconds=1)
            self.platform.add(self.words[(which + number) % len(self.words)], self.lateness if late else timedelta())

    @rule(seconds=st.sampled_from([40, 300, 7_200, 3 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.clock.moment += timedelta(seconds=seconds)

    @rule(pages=st.integers(1, 5), breaks_at=st.none() | st.integers(0, 5), dies=st.booleans())
    def run_it(self, pages: int, breaks_at: int | None = None, dies: bool = False) -> None:
        self.platform.breaks_at, self.platform.dies = breaks_at, dies
        source = {"name": "it", "kind": self.kind, "max_pages": pages}
        reddit = {"access_approved": True, "subreddits": ["Harrowdale"]}
        brands = [{"name": word, "terms": [word]} for word in self.words]
        given = {"brands": brands, "sources": [source], "platforms": {"reddit": reddit, "x": {"day_budget_usd": 1e6}}}
        given["platforms"]["x"]["month_budget_usd"] = 1e6  # type: ignore[index]
        made: Callable[[Context], Source] = self.source
        with patch("listener.collect.KINDS", {self.kind: made}):
            clients: Any = {self.platform.platform: self.platform}
            try:
                Collector(self.store, Settings.model_validate(given), self.clock, clients).run("it")
            except Killed:
                return
            finally:
                self.platform.breaks_at = None

    def said(self) -> list[Post]:
        """What the platform listed when a run last came to the end of what was new."""
        state = self.store.sources.state("it")
        until = state.covered_until if state else None
        return [one.post for one in self.platform.shown if until is not None and one.visible_at <= until]

    def stored(self) -> set[str]:
        return {row["external_id"] for row in self.store.database.rows("SELECT external_id FROM mentions")}

    @invariant()
    def nothing_is_missed_in_silence(self) -> None:
        stretches, stored = self.stretches("it"), self.stored()
        for post in self.said():
            states = {state for state, start, end in stretches if start <= post.posted_at <= end}
            if states & {"covered", "filled"} and not states & {"gap", "lost"}:
                assert post.external_id in stored, (post.posted_at, stretches)

    @invariant()
    def the_ledger_has_no_holes(self) -> None:
        """From the first moment on, each is heard, open or lost."""
        reached = None
        for _, start, end in self.stretches("it"):
            assert reached is None or start <= reached
            reached = end if reached is None else max(reached, end)

    def teardown(self) -> None:
        try:
            self.all_gaps_end()
        finally:
            super().teardown()

    def all_gaps_end(self) -> None:
        """With nothing in the way, every gap is read or given up in the end."""
        for _ in range(60):
            self.clock.moment += timedelta(minutes=1)
            self.run_it(pages=5)
            if not self.store.sources.open_gaps("it"):
                break
        assert self.store.sources.open_gaps("it") == []
        self.nothing_is_missed_in_silence()


class SearchOnX(Listening):
    """Two queries that share the ledger of one source, and a window of a week."""

    kind = "x_search"
    words = ("Brisk", "Rival")
    lateness = timedelta(seconds=60)


class MentionsOnX(Listening):
    """A listing that keeps only the newest."""

    kind = "x_mentions"
    lateness = timedelta(seconds=60)

    def source(self, context: Context) -> Source:
        return XWindows(
            context.source.name,
            {"": context.x().mentions},
            call="owned_read",
            spending=context.spending,
            max_pages=context.source.max_pages,
            smallest_page=5,
            kept=PretendedX.mentions_kept,
        )


class CommentsOnReddit(Listening):
    """A listing that keeps only the newest, and forgets where it was when an anchor is deleted."""

    kind = "reddit_comments"
    pretended = PretendedReddit

    def run_it(self, pages: int, breaks_at: int | None = None, dies: bool = False) -> None:
        with patch.object(reddit_listing, "_LISTING_END", PretendedReddit.kept - 2):
            super().run_it(pages, breaks_at, dies)

    @rule(data=st.data())
    def somebody_deletes(self, data: st.DataObject) -> None:
        assert isinstance(self.platform, PretendedReddit)
        left = [post.external_id for post in self.said()]
        if left:
            self.platform.gone.add(data.draw(st.sampled_from(left)))

    def said(self) -> list[Post]:
        assert isinstance(self.platform, PretendedReddit)
        return [post for post in super().said() if post.external_id not in self.platform.gone]


def often(machine: type[RuleBasedStateMachine], examples: int) -> Any:
    """Return the test case of a machine that tries so many examples."""
    made: Any = type(machine.__name__, (machine.TestCase,), {})
    made.settings = settings(
        max_examples=examples, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
    )
    return made


TestLedger = often(Ledger, 10)
TestSearchOnX = often(SearchOnX, 8)
TestMentionsOnX = often(MentionsOnX, 8)
TestCommentsOnReddit = often(CommentsOnReddit, 8)
TestLedgerLong = pytest.mark.long(often(Ledger, 300))
TestSearchOnXLong = pytest.mark.long(often(SearchOnX, 300))
TestMentionsOnXLong = pytest.mark.long(often(MentionsOnX, 300))
TestCommentsOnRedditLong = pytest.mark.long(often(CommentsOnReddit, 300))
