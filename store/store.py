"""The store as the other parts see it: one object with a part for each subject."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from store.agents import Agents
from store.alerts import Alerts
from store.assessments import Assessments
from store.cases import Cases
from store.compliance import Compliance
from store.corrections import Corrections
from store.database import Database
from store.deletions import Deletions
from store.digests import Digests
from store.drafts import Drafts
from store.events import Events
from store.exports import Exports
from store.glance import Glance
from store.mentions import Mentions
from store.metrics import Metrics
from store.outbox import Outbox
from store.overview import Overview
from store.own_posts import OwnPosts
from store.pulse import Pulse
from store.search import Search
from store.service_metrics import ServiceMetrics
from store.sessions import Sessions
from store.sources import Sources
from store.spending import Spending
from store.suppressions import Suppressions
from store.switches import Switches


class Store:
    """Everything frankly remembers. ``Store.open`` also brings the file to the newest schema."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.mentions = Mentions(database)
        self.assessments = Assessments(database)
        self.events = Events(database)
        self.switches = Switches(database)
        self.metrics = Metrics(database)
        self.service = ServiceMetrics(database)
        self.digests = Digests(database)
        self.alerts = Alerts(database)
        self.cases = Cases(database)
        self.drafts = Drafts(database)
        self.outbox = Outbox(database)
        self.own_posts = OwnPosts(database)
        self.suppressions = Suppressions(database)
        self.overview = Overview(database)
        self.pulse = Pulse(database)
        self.exports = Exports(database)
        self.agents = Agents(database)
        self.sessions = Sessions(database)
        self.search = Search(database)
        self.corrections = Corrections(database)
        self.glance = Glance(database)
        self.sources = Sources(database)
        self.spending = Spending(database)
        self.deletions = Deletions(database)
        self.compliance = Compliance(database)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or make the file. ``StoreError`` when that cannot be done."""
        database = Database(path)
        database.migrate()
        return cls(database)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One atomic change, begun as a writer; joins the transaction that is already open, if any."""
        with self.database.transaction():
            yield

    def close(self) -> None:
        """Close the file."""
        self.database.close()
