"""Logs for machines and people: one line an event, ``key=value``; ids, stages, counts and durations only.

Nobody's text, handle or secret may be given to ``log``. The libraries that print addresses or bodies are
turned down to warnings. Of an unexpected error the log tells what it was and where, and not its message: libraries
like to quote what they stumbled over.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

_log = logging.getLogger("frankly")
_NOISY = (
    *("uvicorn", "praw", "prawcore", "tweepy", "urllib3", "requests_oauthlib", "oauthlib", "apscheduler"),
    *("httpx", "matplotlib"),
)


class _KeyValue(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        line = f"at={moment} level={record.levelname.lower()} event={_quoted(record.getMessage())}"
        fields: dict[str, object] = getattr(record, "fields", {})
        line += "".join(f" {name}={_quoted(value)}" for name, value in fields.items())
        error = record.exc_info[1] if record.exc_info else None
        return line if error is None else f"{line} error={_quoted(' from '.join(_places(error)))}"


def _places(error: BaseException | None) -> Iterator[str]:
    """Yield an error's kind and the places it came through, then those of the error behind it."""
    while error is not None:
        kind, frames = type(error), traceback.extract_tb(error.__traceback__)
        through = " > ".join(f"{'/'.join(Path(f.filename).parts[-2:])}:{f.lineno} {f.name}" for f in frames)
        yield f"{kind.__module__}.{kind.__qualname__} in {through or 'an unknown place'}".removeprefix("builtins.")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


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
    # It warns at each turn that a step which still runs lets pass; where there is much to do, that is as it should be.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


def log(event: str, **fields: object) -> None:
    """Write one line about something that went as it should."""
    _log.info(event, extra={"fields": fields})


def warn(event: str, **fields: object) -> None:
    """Write one line about something that an operator may want to look at."""
    _log.warning(event, extra={"fields": fields})


def failed(event: str, **fields: object) -> None:
    """Write one line about an unexpected error, with its traceback."""
    _log.exception(event, extra={"fields": fields})
