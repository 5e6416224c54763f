"""An answer on its way out, and what became of it."""

from __future__ import annotations

from store.records import OutboxMessage, OutboxState
from tests.responders.scene import Scene


def ready(scene: Scene, **changed: object) -> OutboxMessage:
    """A message that may leave now."""
    message = scene.approved(scene.agent(), **changed)
    scene.let_go()
    return scene.store.outbox.get(message.id)


def state(scene: Scene, message: OutboxMessage) -> OutboxState:
    return scene.store.outbox.get(message.id).state


def outcomes(scene: Scene, message: OutboxMessage) -> list[str | None]:
    return [delivery.outcome for delivery in scene.store.outbox.deliveries(message.id)]
