"""Logs for machines and people: one line an event, ``key=value``; ids, stages, counts and durations only.

Nobody's text, handle or secret may be given to ``log``. The libraries that print addresses or bodies are
turned down to warnings.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_log = logging.getLogger("frankly")
_NOISY = ("praw", "prawcore", "tweepy", "urllib3", "requests_oauthlib", "oauthlib", "apscheduler", "httpx", "apprise")


class _KeyValue(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        line = f"at={moment} level={record.levelname.lower()} event={_quoted(record.getMessage())}"
        fields: dict[str, object] = getattr(record, "fields", {})
        line += "".join(f" {name}={_quoted(value)}" for name, value in fields.items())
        return f"{line} error={_quoted(self.formatException(record.exc_info))}" if record.exc_info else line


def _quoted(value: object) -> str:
    text = str(value)
    return text if text and text.replace("_", "").replace(".", "").replace("-", "").isalnum() else json.dumps(text)


def set_up_logs() -> None:
    """Write key=value lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_KeyValue())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def log(event: str, **fields: object) -> None:
    """Write one line about something that went as it should."""
    _log.info(event, extra={"fields": fields})


def warn(event: str, **fields: object) -> None:
    """Write one line about something that an operator may want to look at."""
    _log.warning(event, extra={"fields": fields})


def failed(event: str, **fields: object) -> None:
    """Write one line about an unexpected error, with its traceback."""
    _log.exception(event, extra={"fields": fields})
