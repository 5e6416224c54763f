"""How many complain in a stretch of time: what the pause goes by that trips by itself."""

from __future__ import annotations

from datetime import datetime

from store.database import Database, optional_time, to_text


class Pulse:
    """Counts over short stretches, each along the index of the time of posting."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def complaints(self, since: datetime, until: datetime) -> int:
        """Count the complaints that were posted in a stretch of time (its end left out), replayed ones aside."""
        sql = """
        SELECT count(*) FROM mentions m WHERE m.posted_at >= ? AND m.posted_at < ? AND m.replayed = 0
          AND (SELECT complaint FROM assessments WHERE mention_id = m.id ORDER BY id DESC LIMIT 1) = 1
        """
        return int(self._db.value(sql, (to_text(since), to_text(until))))

    def heard_since(self) -> datetime | None:
        """Return when the first mention was stored, replayed ones aside."""
        sql = "SELECT collected_at FROM mentions WHERE replayed = 0 ORDER BY id LIMIT 1"
        return optional_time(self._db.value(sql))
