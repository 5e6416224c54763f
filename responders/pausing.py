"""The pause: one switch that stops all sending. The sender asks for it right before each request.

It is worked from the desk, from the command line, by a file, and by frankly itself (``responders/tripping.py``).
"""

from __future__ import annotations

from pathlib import Path

from config.clock import Clock
from config.settings import Settings
from store.records import Event
from store.store import Store

SWITCH = "paused"
RESUMED = "resumed"  # when sending last went on
BY_FILE = "file"
_READ = 200  # characters of the file's first line


def pause_sending(store: Store, clock: Clock, actor: str, reason: str) -> None:
    """Stop all sending at once, queued replies included."""
    now = clock.now()
    with store.transaction():
        store.switches.put(SWITCH, {"actor": actor, "reason": reason}, now)
        store.events.add(Event(at=now, kind="pause.on", actor=actor, detail={"reason": reason}))


def resume_sending(store: Store, clock: Clock, actor: str) -> bool:
    """Let sending go on; returns whether it was paused."""
    now = clock.now()
    with store.transaction():
        if store.switches.paused() is None:
            return False
        store.switches.remove(SWITCH)
        store.switches.put(RESUMED, {"actor": actor}, now)
        store.events.add(Event(at=now, kind="pause.off", actor=actor))
    return True


def why_paused(store: Store, settings: Settings) -> str | None:
    """Return why all sending is paused, or None: the switch's reason, or else the file's."""
    return store.switches.paused() or told_by_file(settings.pause_file)


def follow_file(store: Store, settings: Settings, clock: Clock) -> str | None:
    """Let the file work the switch; returns why all sending is paused, or None.

    The file pauses what nobody has paused, and when it goes away only its own pause ends.
    """
    told = told_by_file(settings.pause_file)
    switch = store.switches.get(SWITCH)
    if told is not None and switch is None:
        pause_sending(store, clock, BY_FILE, told)
    elif told is None and switch is not None and switch[0].get("actor") == BY_FILE:
        resume_sending(store, clock, BY_FILE)
    return store.switches.paused()


def told_by_file(path: Path) -> str | None:
    """Return why a file pauses all sending, or None when it is not there. One that cannot be read pauses as well."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            line = file.readline(_READ).strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"the file {path.name} is there and cannot be read ({error.strerror}); remove it to let sending go on"
    return f"the file {path.name} is there{f' and says: {line}' if line else ''}; remove it to let sending go on"
