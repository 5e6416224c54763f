"""Agents: who may sign in at the desk, and as what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from store.database import Database, from_text, optional_time, to_text
from store.records import Agent, Role


class Agents:
    """The people at the desk. A disabled agent stays, because events and notes name them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(
        self, username: str, name: str, initials: str, role: Role, password_hash: str | None, at: datetime
    ) -> Agent:
        """Add an agent; ``ValueError`` when the username is taken (upper and lower case are the same)."""
        if self.by_username(username) is not None:
            raise ValueError(f'there is already an agent called "{username}"; each needs a username of their own')
        agent_id = self._db.insert(
            "agents",
            {
                "username": username,
                "name": name,
                "initials": initials,
                "role": role,
                "password_hash": password_hash,
                "created_at": to_text(at),
            },
        )
        return self.get(agent_id)

    def get(self, agent_id: int) -> Agent:
        """Return an agent; ``KeyError`` when there is none."""
        row = self._db.row("SELECT * FROM agents WHERE id = ?", (agent_id,))
        if row is None:
            raise KeyError(agent_id)
        return agent_of(row)

    def has_left(self, actor: str) -> bool:
        """Tell whether an actor, in the words of the events ("agent:7"), is an agent who was disabled."""
        sql = "SELECT 1 FROM agents WHERE 'agent:' || id = ? AND disabled_at IS NOT NULL"
        return self._db.value(sql, (actor,)) is not None

    def by_username(self, username: str) -> Agent | None:
        """Return the agent of that username, disabled or not, or None."""
        row = self._db.row("SELECT * FROM agents WHERE username = ?", (username,))
        return None if row is None else agent_of(row)

    def all(self) -> list[Agent]:
        """Return every agent, disabled ones last, by name."""
        rows = self._db.rows("SELECT * FROM agents ORDER BY disabled_at IS NOT NULL, name COLLATE NOCASE, id")
        return [agent_of(row) for row in rows]

    def active_admins(self) -> int:
        """Return how many admins can sign in."""
        return int(self._db.value("SELECT count(*) FROM agents WHERE role = 'admin' AND disabled_at IS NULL"))

    def password_hash(self, agent_id: int) -> str | None:
        """Return the hash of an agent's password, or None when none was set."""
        found: str | None = self._db.value("SELECT password_hash FROM agents WHERE id = ?", (agent_id,))
        return found

    def set_password(self, agent_id: int, password_hash: str | None) -> None:
        """Replace an agent's password; None takes it away."""
        self._db.execute("UPDATE agents SET password_hash = ? WHERE id = ?", (password_hash, agent_id))

    def set_role(self, agent_id: int, role: Role) -> None:
        """Change what an agent may do."""
        self._db.execute("UPDATE agents SET role = ? WHERE id = ?", (role, agent_id))

    def disable(self, agent_id: int, at: datetime) -> None:
        """Keep an agent out from now on. Call it inside a transaction: their sessions and links go with it."""
        self._db.execute(
            "UPDATE agents SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL", (to_text(at), agent_id)
        )
        self._db.execute("DELETE FROM sessions WHERE agent_id = ?", (agent_id,))
        self._db.execute("DELETE FROM login_links WHERE agent_id = ?", (agent_id,))

    def enable(self, agent_id: int) -> None:
        """Let a disabled agent in again."""
        self._db.execute("UPDATE agents SET disabled_at = NULL WHERE id = ?", (agent_id,))


def agent_of(row: dict[str, Any]) -> Agent:
    """Make the record from a row of ``agents``."""
    return Agent(
        id=row["id"],
        username=row["username"],
        name=row["name"],
        initials=row["initials"],
        role=Role(row["role"]),
        created_at=from_text(row["created_at"]),
        disabled_at=optional_time(row["disabled_at"]),
    )
