"""Who is signed in, which one-time links are open, and which sign-ins failed.

Tokens are stored as their sha-256 only: whoever reads the database cannot sign in with it. All times here are
the machine's own, also in a rehearsal, because browsers and people wait for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.agents import agent_of
from store.database import Database, from_text, to_text
from store.records import Agent


@dataclass(frozen=True, slots=True)
class Session:
    """One agent, signed in at one browser."""

    token_hash: str
    agent: Agent
    csrf_token: str
    created_at: datetime
    expires_at: datetime


class Sessions:
    """Sessions, one-time sign-in links and failed sign-ins."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def start(self, token_hash: str, agent_id: int, csrf_token: str, at: datetime, expires_at: datetime) -> None:
        """Sign an agent in, and forget sessions and links that ended."""
        self._db.execute("DELETE FROM sessions WHERE expires_at <= ?", (to_text(at),))
        self._db.execute("DELETE FROM login_links WHERE expires_at <= ?", (to_text(at),))
        self._db.execute(
            "INSERT INTO sessions (token_hash, agent_id, csrf_token, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            (token_hash, agent_id, csrf_token, to_text(at), to_text(expires_at)),
        )

    def find(self, token_hash: str, at: datetime) -> Session | None:
        """Return the session of that token while it lasts and its agent is not disabled."""
        row = self._db.row(
            "SELECT a.*, s.csrf_token, s.created_at AS started_at, s.expires_at FROM sessions s "
            "JOIN agents a ON a.id = s.agent_id "
            "WHERE s.token_hash = ? AND s.expires_at > ? AND a.disabled_at IS NULL",
            (token_hash, to_text(at)),
        )
        if row is None:
            return None
        return Session(
            token_hash=token_hash,
            agent=agent_of(row),
            csrf_token=row["csrf_token"],
            created_at=from_text(row["started_at"]),
            expires_at=from_text(row["expires_at"]),
        )

    def end(self, token_hash: str) -> None:
        """Sign one browser out."""
        self._db.execute("DELETE FROM sessions WHERE token_hash = ?", (token_hash,))

    def end_others(self, agent_id: int, kept_token_hash: str) -> None:
        """Sign an agent out everywhere but in one browser."""
        self._db.execute("DELETE FROM sessions WHERE agent_id = ? AND token_hash <> ?", (agent_id, kept_token_hash))

    def add_link(self, token_hash: str, agent_id: int, expires_at: datetime) -> None:
        """Remember a one-time sign-in link."""
        self._db.execute(
            "INSERT INTO login_links (token_hash, agent_id, expires_at) VALUES (?, ?, ?)",
            (token_hash, agent_id, to_text(expires_at)),
        )

    def use_link(self, token_hash: str, at: datetime) -> int | None:
        """Use a link up and return whose it is; None when it was used, has ended or never was."""
        found: int | None = self._db.value(
            "UPDATE login_links SET used_at = :at WHERE token_hash = :token AND used_at IS NULL AND expires_at > :at "
            "AND agent_id IN (SELECT id FROM agents WHERE disabled_at IS NULL) RETURNING agent_id",
            {"at": to_text(at), "token": token_hash},
        )
        return found

    def add_failure(self, username: str, address: str, at: datetime, forget_before: datetime) -> None:
        """Remember a sign-in that failed, and forget old ones."""
        self._db.execute("DELETE FROM login_failures WHERE at < ?", (to_text(forget_before),))
        self._db.execute(
            "INSERT INTO login_failures (username, address, at) VALUES (?, ?, ?)", (username, address, to_text(at))
        )

    def failures(self, username: str, since: datetime) -> int:
        """Return how many sign-ins of a username failed since a time."""
        return int(
            self._db.value(
                "SELECT count(*) FROM login_failures WHERE username = ? AND at >= ?", (username, to_text(since))
            )
        )

    def failures_from(self, address: str, since: datetime) -> int:
        """Return how many sign-ins from an address failed since a time."""
        return int(
            self._db.value(
                "SELECT count(*) FROM login_failures WHERE address = ? AND at >= ?", (address, to_text(since))
            )
        )

    def forgive(self, username: str) -> None:
        """Forget the failures of a username: they got in."""
        self._db.execute("DELETE FROM login_failures WHERE username = ?", (username,))
