"""Both simulated platforms, started and stopped together, on one world."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from frankly.rehearsal.platform_server import PlatformServer
from frankly.rehearsal.reddit import Reddit
from frankly.rehearsal.world import World
from frankly.rehearsal.x import X
from store.records import Platform


class RehearsalServers:
    """A context manager: inside it X and Reddit answer on 127.0.0.1, each at ``.x_url`` and ``.reddit_url``.

    ``.x`` and ``.reddit`` have ``.log``, ``.faults``, ``.replies()`` and ``.wait_for()``. A port of 0 is
    any free one. Raises OSError when a port is taken.
    """

    def __init__(self, world: World, x_port: int = 0, reddit_port: int = 0) -> None:
        self.world = world
        self.x_app = X(world)
        self.reddit_app = Reddit(world)
        self.x = PlatformServer(self.x_app, x_port)
        try:
            self.reddit = PlatformServer(self.reddit_app, reddit_port)
        except OSError:
            self.x.close()
            raise

    @property
    def x_url(self) -> str:
        """The base URL of the simulated X."""
        return self.x.url

    @property
    def reddit_url(self) -> str:
        """The base URL of the simulated Reddit."""
        return self.reddit.url

    def __enter__(self) -> Self:
        self.x.start()
        self.reddit.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.x.stop()
        self.reddit.stop()

    def credentials(self) -> dict[str, str]:
        """Return the environment variables with which frankly is let in here."""
        x, reddit = self.x_app.keys, self.reddit_app.keys
        return {
            "FRANKLY_X_BEARER_TOKEN": x.bearer_token,
            "FRANKLY_X_CONSUMER_KEY": x.consumer_key,
            "FRANKLY_X_CONSUMER_SECRET": x.consumer_secret,
            "FRANKLY_X_ACCESS_TOKEN": x.access_token,
            "FRANKLY_X_ACCESS_TOKEN_SECRET": x.access_token_secret,
            "FRANKLY_REDDIT_CLIENT_ID": reddit.client_id,
            "FRANKLY_REDDIT_CLIENT_SECRET": reddit.client_secret,
            "FRANKLY_REDDIT_REFRESH_TOKEN": reddit.refresh_token,
            "FRANKLY_REDDIT_USERNAME": self.world.brands[Platform.REDDIT].name,
        }
