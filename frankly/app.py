"""The running application: settings, store and clock, and the parts that are made from them when asked for."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from classifiers import Classifier, load_classifier
from config.credentials import VARIABLES, Credentials, load_credentials
from config.errors import ConfigurationError, StoreError
from config.loading import find_config, load_settings
from config.settings import Settings
from listener.collect import Collector
from listener.deletions import Deletions
from listener.own_posts import OwnPostsReader
from listener.platforms.base import PlatformClient
from listener.platforms.clients import open_client
from listener.spending import Spending
from responders.answers import Answering
from responders.by_hand import Noticing
from responders.cases import CaseWork
from responders.channels.base import Channel
from responders.channels.platform import PlatformChannel
from responders.outbox import Sender
from responders.templates import Templates, load_templates
from responders.triage import Triage
from responders.tripping import Trip
from store.records import Platform
from store.store import Store


class App:
    """Everything a command or the daemon works with. Parts are cheap; the classifier is loaded once."""

    def __init__(self, settings: Settings, credentials: Credentials, store: Store) -> None:
        self.settings = settings
        self.credentials = credentials
        self.store = store
        self.clock = settings.clock()
        self.templates: Templates = load_templates(settings.templates_folder, settings)
        self._loading = threading.Lock()

    @cached_property
    def _classifier(self) -> Classifier:
        return load_classifier(self.settings.classifier_here, self.settings.topics)

    @property
    def classifier(self) -> Classifier:
        """The configured classifier; loading it takes a moment and happens once."""
        with self._loading:
            return self._classifier

    def clients(self) -> dict[Platform, PlatformClient]:
        """Open a client for every platform with credentials. Clients are not shared between threads."""
        have = {Platform.X: self.credentials.x, Platform.REDDIT: self.credentials.reddit}
        spending = Spending(self.store, self.settings, self.clock)
        return {
            platform: open_client(platform, self.settings, self.credentials, self.clock, spending)
            for platform, keys in have.items()
            if keys is not None
        }

    def collector(self) -> Collector:
        """Make the part that reads sources. ``ConfigurationError`` where one of them lacks credentials."""
        clients = self.clients()
        for source in self.settings.sources:
            if Platform(source.platform) not in clients:
                raise ConfigurationError(
                    f"the source {source.name} listens to {source.platform}, but no credentials for it are set; "
                    f"set {', '.join(VARIABLES[source.platform])}, or remove the source"
                )
        return Collector(self.store, self.settings, self.clock, clients)

    @property
    def case_work(self) -> CaseWork:
        """Make the part that moves cases."""
        return CaseWork(self.store, self.settings, self.clock)

    @property
    def answering(self) -> Answering:
        """Make the part that drafts and approves answers."""
        return Answering(self.store, self.settings, self.clock, self.templates)

    @property
    def triage(self) -> Triage:
        """Make the part that routes mentions into cases."""
        return Triage(self.store, self.settings, self.clock, self.answering, self.case_work)

    def deletions(self) -> Deletions:
        """Make the part that honours deletions."""
        return Deletions(self.store, self.settings, self.clock, self.clients())

    def own_posts(self) -> OwnPostsReader:
        """Make the part that reads back what our accounts posted."""
        return OwnPostsReader(self.store, self.settings, self.clock, self.clients())

    @property
    def noticing(self) -> Noticing:
        """Make the part that credits answers by hand to their cases."""
        return Noticing(self.store, self.clock, self.answering, self.case_work)

    @property
    def trip(self) -> Trip:
        """Make the part that pauses sending by itself."""
        return Trip(self.store, self.settings, self.clock)

    def sender(self) -> Sender:
        """Make the part that owns outgoing requests."""
        spending = Spending(self.store, self.settings, self.clock)
        channels: dict[Platform, Channel] = {
            platform: PlatformChannel(client, spending) for platform, client in self.clients().items()
        }
        return Sender(self.store, self.settings, self.clock, channels)

    def reload(self) -> None:
        """Read rules and templates again; raises ``ConfigurationError`` and changes nothing when one is wrong."""
        fresh = load_settings(self.settings.file, os.environ)
        templates = load_templates(fresh.templates_folder, fresh)
        self.settings = self.settings.model_copy(update={"routes": fresh.routes})
        self.templates = templates


@contextmanager
def opened(config: Path | None, *, made: bool = False) -> Iterator[App]:
    """Read the configuration and open the store of the command that runs; made: it must be there already."""
    settings = load_settings(find_config(config, os.environ), os.environ)
    if made and not settings.database_path.is_file():
        raise StoreError(
            f"there is no store at {settings.database_path}; `frankly run` makes it, or let `database` in the settings "
            "name the one that the daemon uses"
        )
    credentials = load_credentials(os.environ)
    store = Store.open(settings.database_path)
    try:
        yield App(settings, credentials, store)
    finally:
        store.close()
