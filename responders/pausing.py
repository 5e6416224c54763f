"""The pause: one switch that stops all sending. The sender asks for it right before each request."""

from __future__ import annotations

from config.clock import Clock
from store.records import Event
from store.store import Store

SWITCH = "paused"


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
        store.events.add(Event(at=now, kind="pause.off", actor=actor))
    return True
