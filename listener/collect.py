"""The first step of the journey: read a page, store its mentions and where to go on, in one transaction.

A platform that refuses, and a budget that is spent, are recorded and reported; the source rests as long as it was asked
to, and longer with each failure in a row. A spent budget asks for no rest, since the operator may raise it; it is told
of once. Anything else that goes wrong is raised: the page in hand is then not stored, nor is the cursor moved.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from config.clock import Clock
from config.errors import BudgetSpent, CredentialsRefused, PlatformError, RateLimited, UsageError
from config.fail_points import Edge, reached
from config.settings import Settings
from config.settings import Source as SourceSettings
from listener.coverage import give_up_gaps, write_down
from listener.matching import Matcher
from listener.patience import a_little_after, back_off
from listener.platforms.base import Account, PlatformClient
from listener.sources.base import Context, Page
from listener.sources.registry import KINDS
from listener.sources.x_search import Expected, expected
from listener.spending import Spending, day_of, is_midnight
from store.records import Event, Platform, Post, SourceState
from store.store import Store

BOTS = {
    Platform.X: frozenset({"threadreaderapp", "remindme_ofthis", "savevid", "pikaso_me", "unrollthread"}),
    Platform.REDDIT: frozenset(
        {"automoderator", "remindmebot", "sneakpeekbot", "bot-sleuth-bot", "savevideo", "haikusbot", "stabbot"}
    ),
}
# Whatever comes in this way turned to our account, whether its text names us or not.
_ADDRESSED_TO_US = frozenset({"x_mentions", "reddit_inbox"})


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What one run of a source brought: ``read`` = ``stored`` + ``known`` + ``passed_over`` + ``skipped``."""

    source: str
    read: int = 0
    stored: int = 0
    known: int = 0
    passed_over: int = 0
    skipped: int = 0
    pages: int = 0
    error: str | None = None
    cause: str | None = None  # the error without the time until which the source rests: the same while it lasts
    exit_code: int = 0  # what the error asks a command to end with


@dataclass(slots=True)
class _Tally:
    read: int = 0
    stored: int = 0
    known: int = 0
    passed_over: int = 0
    skipped: int = 0
    pages: int = 0


class Collector:
    """Runs the configured sources, one at a time."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        clock: Clock,
        clients: Mapping[Platform, PlatformClient],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._chance = chance
        self._store = store
        self._settings = settings
        self._clock = clock
        self._clients = clients
        self._spending = Spending(store, settings, clock)
        self._sources = {source.name: source for source in settings.sources}

    def run(self, source_name: str) -> CollectReport:
        """Read a source until nothing is new or ``max_pages`` are read. ``UsageError`` for an unknown name."""
        configured = self._configured(source_name)
        platform = Platform(configured.platform)
        now = self._clock.now()
        state = self._state(configured, platform, now)
        if state.resting_until is not None and _still_rests(state, state.resting_until, now):
            why = f"{source_name} rests until {state.resting_until:%Y-%m-%d %H:%M:%S} UTC: {state.last_error}"
            return CollectReport(source_name, error=why, cause=state.last_error, exit_code=PlatformError.exit_code)
        self._store.sources.started(source_name, now)
        tally = _Tally()
        error, code = None, 0
        try:
            self._read(configured, self._clients[platform], state.cursor, now, tally)
        except (PlatformError, BudgetSpent) as problem:
            error, code = self._fail(configured, state, problem), problem.exit_code
        else:
            self._store.sources.succeeded(source_name, self._clock.now())
        return CollectReport(
            source_name,
            read=tally.read,
            stored=tally.stored,
            known=tally.known,
            passed_over=tally.passed_over,
            skipped=tally.skipped,
            pages=tally.pages,
            error=error,
            cause=error,
            exit_code=code,
        )

    def _state(self, configured: SourceSettings, platform: Platform, now: datetime) -> SourceState:
        """Return what is known of a source. One of another kind under the same name continues nothing."""
        with self._store.transaction():
            before = self._store.sources.state(configured.name)
            if before is not None and before.kind != configured.kind:
                give_up_gaps(self._store, configured.name, now, f"the source is {configured.kind} now")
            return self._store.sources.ensure(configured.name, configured.kind, platform)

    def probe(self, source_name: str) -> Expected | None:
        """Ask whether a source answers, and store nothing of it. Raises what the platform says.

        A search on X is only counted, which is cheaper than a page: what it will bring and cost a day is returned.
        """
        configured = self._configured(source_name)
        client = self._clients[Platform(configured.platform)]
        context = Context(configured, self._settings, client, self._spending, self._store.mentions.seen_by)
        if configured.kind == "x_search":
            return expected(context)
        for page in KINDS[configured.kind](context).read({}, self._clock.now()):
            if page.receipt is not None:
                self._spending.settle(page.receipt.entry, client.platform, page.receipt.call, page.read)
            break
        return None

    def _configured(self, name: str) -> SourceSettings:
        found = self._sources.get(name)
        if found is None:
            known = ", ".join(f'"{known}"' for known in self._sources) or "none"
            raise UsageError(f'no source is called "{name}"; configured are: {known}')
        return found

    def _read(
        self,
        configured: SourceSettings,
        client: PlatformClient,
        cursor: Mapping[str, object],
        now: datetime,
        tally: _Tally,
    ) -> None:
        context = Context(configured, self._settings, client, self._spending, self._store.mentions.seen_by)
        sorter = _Sorter(self._store, context, client.account())
        for page in KINDS[configured.kind](context).read(cursor, now):
            reached(Edge.PAGE_IN_HAND)
            with self._store.transaction():
                self._store_page(configured, page, sorter, tally)
                reached(Edge.PAGE_WRITTEN)
            reached(Edge.PAGE_STORED)

    def _store_page(self, configured: SourceSettings, page: Page, sorter: _Sorter, tally: _Tally) -> None:
        now, platform = self._clock.now(), Platform(configured.platform)
        ids = [post.external_id for post in page.posts]
        known = self._store.mentions.known(platform, ids) if ids else set()
        given_today = self._store.mentions.known(platform, ids, since=day_of(now)) if ids else set()
        ours = self._store.own_posts.among(platform, ids) if ids else set()
        stored = 0
        passed_over: list[str] = []
        for post in page.posts:
            brand = sorter.brand_of(post, page.since) if post.external_id not in ours else None
            if brand is not None:
                added = self._store.mentions.add(post, brand=brand, source=configured.name, at=now)
                stored += added is not None
            else:
                passed_over.append(post.external_id)
        self._store.mentions.pass_over(platform, configured.name, passed_over, now)
        passed_over = [external_id for external_id in passed_over if external_id not in known]
        if page.receipt is not None:
            # X does not bill a post again that it gave before on the same day.
            self._spending.settle(page.receipt.entry, platform, page.receipt.call, page.read - len(given_today))
        self._store.sources.move(configured.name, page.cursor, page.covered_until)
        write_down(self._store, configured.name, page.ledger, now)
        not_taken = page.read - len(page.posts) - page.skipped  # retweets, and the shells of deleted posts
        tally.read += page.read
        tally.stored += stored
        tally.passed_over += len(passed_over) + not_taken
        tally.known += len(page.posts) - stored - len(passed_over)
        tally.skipped += page.skipped
        tally.pages += not page.last

    def _fail(self, configured: SourceSettings, state: SourceState, problem: PlatformError | BudgetSpent) -> str:
        """Write down why a run ended early, and return it."""
        resting_until = self._rests_until(configured, state, problem)
        asked_for = isinstance(problem, RateLimited | BudgetSpent)
        if isinstance(problem, BudgetSpent) and state.resting_until == resting_until and state.last_error is not None:
            return state.last_error  # said before; another amount in the sentence is no news
        with self._store.transaction():
            self._store.sources.failed(state.name, str(problem), resting_until)
            if asked_for and resting_until is not None:
                detail: dict[str, object] = {
                    "source": state.name,
                    "why": str(problem),
                    "until": resting_until.isoformat(),
                }
                self._store.events.add(
                    Event(at=self._clock.now(), kind="source.resting", actor="daemon", detail=detail)
                )
        return str(problem)

    def _rests_until(
        self, configured: SourceSettings, state: SourceState, problem: PlatformError | BudgetSpent
    ) -> datetime | None:
        """Until when a source rests: as asked for, else longer with each failure; wrong keys ask for no patience."""
        now = self._clock.now()
        if isinstance(problem, BudgetSpent):
            return problem.until
        if isinstance(problem, RateLimited):
            return a_little_after(problem.retry_at, now, self._chance())
        if isinstance(problem, CredentialsRefused):
            return None
        return now + back_off(configured.every, state.failures + 1, self._chance())


def _still_rests(state: SourceState, until: datetime, now: datetime) -> bool:
    """Tell whether a rest goes on: not one for want of money, nor one that was counted by a clock that was ahead."""
    was_ahead = state.last_run_at is not None and state.last_run_at > now
    return now < until and not is_midnight(until) and not was_ahead


class _Sorter:
    """Tells which posts of a source are mentions, and of which brand."""

    def __init__(self, store: Store, context: Context, account: Account) -> None:
        self._store = store
        self._brands = context.brands
        self._matcher = Matcher(context.brands)
        self._addressed = context.source.kind in _ADDRESSED_TO_US
        self._account = account.handle.casefold()
        self._own = {account.external_id, self._account, *(handle.casefold() for handle in _handles(context))}

    def brand_of(self, post: Post, since: datetime | None) -> str | None:
        """Return the brand that a post is a mention of, or None."""
        handle = post.author.handle.casefold()
        if handle in self._own or post.author.external_id in self._own:
            return None
        if post.author.is_bot or handle in BOTS[post.platform] or (since is not None and post.posted_at < since):
            return None
        match = self._matcher.match(post.text)
        if match is not None:
            return match.brand
        goes_on = self._store.mentions.brand_of_conversation(post) if post.in_reply_to else None
        if goes_on is not None and any(brand.name == goes_on for brand in self._brands):
            return goes_on
        return self._addressee() if self._addressed else None

    def _addressee(self) -> str:
        """The brand whose account was turned to, where the text alone does not say."""
        for brand in self._brands:
            if self._account in [handle.casefold() for handle in (*brand.handles.x, *brand.handles.reddit)]:
                return brand.name
        return self._brands[0].name


def _handles(context: Context) -> list[str]:
    x = Platform(context.source.platform) is Platform.X
    return [h for brand in context.settings.brands for h in (brand.handles.x if x else brand.handles.reddit)]
