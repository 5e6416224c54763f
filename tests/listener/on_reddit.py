"""What is posted on the simulated Reddit, and what reached it of ours."""

from __future__ import annotations

from frankly.rehearsal.servers import RehearsalServers
from store.records import Platform

COMMENTS = "/r/Harrowdale/comments"
SUBREDDITS = ["Harrowdale"]


def posts_to(servers: RehearsalServers) -> int:
    return len([entry for entry in servers.reddit.log if entry.path.startswith("/api/comment")])


def submission(servers: RehearsalServers, title: str = "Brisk Broadband is down", text: str = "Anyone else?") -> str:
    return servers.world.add_post(Platform.REDDIT, "old_router", text, title=title, subreddit="Harrowdale").id


def comment(
    servers: RehearsalServers, parent: str, text: str = "Brisk has been out since nine", by: str = "maria_h"
) -> str:
    return servers.world.add_post(Platform.REDDIT, by, text, reply_to=parent).id
