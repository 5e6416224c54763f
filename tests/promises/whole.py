"""All of frankly in this process, a step at a time: real store, real model, real clients over HTTP, one clock."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from config.credentials import load_credentials
from config.loading import load_settings
from frankly import pipeline
from frankly.app import App
from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.wire import LogEntry
from frankly.rehearsal.world import Post as WorldPost
from store.records import Agent, Case, Mention, OutboxMessage, Platform, Role
from store.store import Store
from tests.conftest import FrozenClock
from tests.journey.process import configure
from tests.stored import id_of

POST_PATHS = {Platform.X: "/2/tweets", Platform.REDDIT: "/api/comment"}
SEARCH = """
[[sources]]
name = "x search"
kind = "x_search"
every = "1s"
"""
# Nothing depends on what the model makes of a text.
TO_PEOPLE = '[[rules]]\nname = "to people"\naction = "queue"\nqueue = "care"\n'


class Whole:
    """The whole program against the simulated platforms; ``environ`` sets single settings."""

    def __init__(
        self,
        folder: Path,
        servers: RehearsalServers,
        clock: FrozenClock,
        *,
        routes: str = TO_PEOPLE,
        sending: str = "on",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self.servers, self.clock = folder, servers, clock
        self.port = configure(folder, servers, sending=sending)
        with (folder / "frankly.toml").open("a") as file:
            file.write(SEARCH)
        (folder / "routes.toml").write_text(routes)
        settings = load_settings(folder / "frankly.toml", environ or {})
        self.store = Store.open(settings.database_path)
        self.app = App(settings, load_credentials(servers.credentials()), self.store)
        self.app.clock = clock

    def close(self) -> None:
        self.store.close()

    def collect(self, *sources: str) -> None:
        """Read the sources once, as a process that has just started."""
        collector = self.app.collector()
        for name in sources or [source.name for source in self.app.settings.sources]:
            report = pipeline.collect(collector, name)
            assert report.error is None, report.error

    def understand(self) -> None:
        """Assess and route whatever waits."""
        while pipeline.assess(self.app) or pipeline.route(self.app):
            pass

    def hear(self, *sources: str) -> None:
        self.collect(*sources)
        self.understand()

    def send(self) -> int:
        return pipeline.send(self.app.sender())

    def agent(self, name: str = "Ana Bell", role: Role = Role.AGENT) -> Agent:
        username, initials = name.split()[0].lower(), "".join(part[0] for part in name.split())
        return self.store.agents.add(username, name, initials, role, None, self.clock.now())

    def mention(self, post: WorldPost) -> Mention:
        found = id_of(self.store, post.platform, post.chain)
        assert found is not None, "the post was not heard"
        return self.store.mentions.get(found)

    def case(self, post: WorldPost) -> Case:
        found = self.store.cases.of_mention(self.mention(post).id)
        assert found is not None, "no case is open"
        return found

    def answer(self, post: WorldPost, agent: Agent, text: str = "We are on it. ^AB") -> OutboxMessage:
        """Draft, rewrite and approve an answer, and wait until it cannot be taken back any more."""
        draft = self.app.answering.draft(self.case(post).id, f"agent:{agent.id}")
        message = self.app.answering.approve(self.app.answering.edit(draft.id, agent, text).id, agent)
        self.clock.advance(seconds=2)
        return message

    def complain(self, platform: Platform, text: str = "my line is down", author: str = "cora") -> WorldPost:
        """Post something that speaks to the brand's account, in a place that is listened to."""
        world = self.servers.world
        if platform is Platform.X:
            return world.add_post(platform, author, f"@BriskBroadband {text}")
        thread = world.add_post(platform, "local", "Anyone?", title="What a week", subreddit="Harrowdale")
        return world.add_post(platform, author, f"u/BriskBB_Care Brisk Broadband {text}", reply_to=thread.id)

    def posted(self, platform: Platform) -> list[LogEntry]:
        """What the platform was asked to publish, by its own log."""
        server = self.servers.x if platform is Platform.X else self.servers.reddit
        return [one for one in server.log if one.method == "POST" and one.path.startswith(POST_PATHS[platform])]

    def replies(self, platform: Platform) -> list[tuple[str, str, str]]:
        """What stands on the platform in our name: its id, what it answers, its text."""
        server = self.servers.x if platform is Platform.X else self.servers.reddit
        return [(reply.id, reply.parent, reply.text) for reply in server.replies()]
