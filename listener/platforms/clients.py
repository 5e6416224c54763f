"""Opens the client of a platform. Its library is imported only then: most commands need neither."""

from __future__ import annotations

from config.clock import Clock
from config.credentials import Credentials
from config.errors import ConfigurationError
from config.settings import Settings
from listener.platforms.base import PlatformClient
from listener.spending import Spending
from store.records import Platform


def open_client(
    platform: Platform, settings: Settings, credentials: Credentials, clock: Clock, spending: Spending | None = None
) -> PlatformClient:
    """Return a client for a platform; ``spending`` is told of what it asks for by itself.

    ``ConfigurationError`` when its credentials are not set.
    """
    if platform is Platform.X:
        if credentials.x is None:
            raise ConfigurationError(_missing("X", "FRANKLY_X_BEARER_TOKEN"))
        from listener.platforms.x import XClient

        return XClient(settings.platforms.x, credentials.x, clock, spending)
    if credentials.reddit is None:
        raise ConfigurationError(_missing("Reddit", "FRANKLY_REDDIT_CLIENT_ID"))
    from listener.platforms.reddit import RedditClient

    names = [name for brand in settings.brands for name in brand.handles.reddit]
    return RedditClient(settings.platforms.reddit, credentials.reddit, clock, names)


def _missing(platform: str, variable: str) -> str:
    return f"the credentials for {platform} are not set; set {variable} and its companions, or the same with _FILE"
