"""The journey of a mention, in five short steps. Read this first.

    source -> collect -> assess -> route -> case -> draft -> approve
           -> outbox -> channel -> confirm -> follow up -> digest

Each step asks the store for work that is waiting, does one batch, commits, and says how much it did. So each
can be stopped, started again, run alone from the command line, or run beside another. Nothing that a step needs
is kept in memory between two calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from classifiers import BrandContext
from config.errors import FranklyError
from frankly.app import App
from frankly.logs import failed
from listener.collect import Collector, CollectReport
from listener.deletions import Deletions, SweepReport
from listener.own_posts import OwnPostsReader, OwnPostsReport
from responders.alerts import send_alerts
from responders.by_hand import Noticing
from responders.digest.deliver import send_digest
from responders.digest.figures import make_digest
from responders.digest.records import Digest
from responders.digest.schedule import due_digests
from responders.outbox import Sender
from store.records import Assessment, Event, Mention, Platform

_BATCH = 256


def collect(collector: Collector, source: str) -> CollectReport:
    """1. Read a source's pages; each page's mentions, cursor, coverage and cost are one transaction."""
    return collector.run(source)


def assess(app: App) -> int:
    """2. Classify one batch of stored mentions; returns how many were waiting in it."""
    waiting = app.store.mentions.unassessed(_BATCH)
    understood: list[tuple[Mention, Assessment]] = []
    for brand in {mention.brand for mention in waiting}:
        understood += _understood(app, brand, [mention for mention in waiting if mention.brand == brand])
    with app.store.transaction():
        app.store.assessments.add(understood, app.clock.now())
    return len(waiting)


def route(app: App) -> int:
    """3. Apply the rules to one batch: a decision, and a case, a draft or a template reply where a rule asks."""
    waiting = app.store.mentions.unrouted(_BATCH)
    assessments = app.store.assessments.current([mention.id for mention in waiting])
    understood = [(mention, assessments[mention.id]) for mention in waiting]
    try:
        app.triage.take_all(understood)
    except FranklyError:
        raise
    except Exception:  # noqa: BLE001  # one hostile mention may not stop the journey of all others
        _routed_singly(app, understood)
    return len(waiting)


def send(sender: Sender, stopping: Callable[[], bool] = lambda: False) -> int:
    """4. Settle what is uncertain, and send what is approved, one message at a time; returns how many were tried."""
    sender.recover()  # what a full disk kept from being written down is looked for, as after a crash
    sender.settle()  # before anything is sent: a long queue, or one that breaks, would keep it waiting
    sender.release_held()
    sent = 0
    while not stopping() and sender.send_one():
        sent += 1
    return sent


def digest(app: App) -> list[Digest]:
    """5. Make and send every digest whose time has come, those that were missed included."""
    made = []
    for brand, day in due_digests(app.store, app.settings, app.clock):
        made.append(make_digest(app.store, app.settings, app.clock, brand, day))
        send_digest(made[-1], app.credentials.digest_urls, app.settings, app.store, app.clock)
    return made


def tend(app: App) -> None:
    """Between the steps: broken promises, snoozed cases, forgotten holds, and a jump of complaints."""
    app.case_work.mark_breaches()
    app.case_work.wake_snoozed()
    app.case_work.release_stale()
    app.trip.on_complaints()


def alert(app: App, desk: str) -> int:
    """Between the steps: tell people of escalated cases, with the desk's address; returns how many there were."""
    return send_alerts(app.store, app.clock, app.credentials.alert_urls, desk)


def notice(reader: OwnPostsReader, noticing: Noticing) -> tuple[list[OwnPostsReport], int]:
    """Between the steps: read our own posts, and credit the answers that somebody gave on a platform's own page.

    Returns what was read of each platform, and how many answers were credited to their cases.
    """
    return [reader.read(platform) for platform in reader.platforms], noticing.credit_all()


def sweep(deletions: Deletions, platforms: Iterable[Platform]) -> tuple[list[SweepReport], int]:
    """Between the steps: honour deletions on the platforms, and the end of retention.

    Returns what each platform's sweep found, and how many texts had been kept long enough.
    """
    return [deletions.sweep(platform) for platform in platforms], deletions.expire()


def brand_context(app: App, name: str) -> BrandContext:
    """Return what the classifier is told of a brand."""
    return BrandContext.of(app.settings.brand_or_default(name))


def _understood(app: App, brand: str, mentions: Sequence[Mention]) -> list[tuple[Mention, Assessment]]:
    """Read a batch of one brand. A text that breaks the classifier is set aside; the others go on."""
    context = brand_context(app, brand)
    try:
        results = app.classifier.assess([mention.post.text for mention in mentions], context)
    except FranklyError:
        raise
    except Exception:  # noqa: BLE001  # one hostile text may not stop the journey of all others
        if len(mentions) == 1:
            _set_aside(app, mentions[0])
            return []
        middle = len(mentions) // 2
        return _understood(app, brand, mentions[:middle]) + _understood(app, brand, mentions[middle:])
    return list(zip(mentions, results, strict=True))


def _routed_singly(app: App, understood: Sequence[tuple[Mention, Assessment]]) -> None:
    """Route the mentions of a batch that failed, each alone; what fails again is set aside."""
    triage = app.triage
    for mention, assessment in understood:
        try:
            triage.take(mention, assessment)
        except FranklyError:
            raise
        except Exception:  # noqa: BLE001  # it is set aside, told in the log, and counted in the status
            _set_aside(app, mention)


def _set_aside(app: App, mention: Mention) -> None:
    failed("a mention broke a step and was set aside", mention_id=mention.id)
    with app.store.transaction():
        app.store.mentions.set_stage([mention.id], "set_aside")
        app.store.events.add(
            Event(
                at=app.clock.now(), kind="mention.set_aside", actor="daemon", mention_id=mention.id, brand=mention.brand
            )
        )
