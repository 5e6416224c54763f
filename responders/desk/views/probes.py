"""For machines: is the daemon alive, and counts for a monitoring system. Open to all; no secrets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from responders.desk.context import Desk, DeskNow

router = APIRouter()


@router.get("/healthz")
def healthz(desk: DeskNow) -> Response:
    """Say 200 while the daemon's heartbeat is fresh, else 503."""
    age = heartbeat_age(desk)
    alive = age is not None and age <= desk.silence_seconds
    told = {"status": "ok" if alive else "silent", "heartbeat_age_seconds": None if age is None else round(age, 1)}
    return JSONResponse(told, status_code=200 if alive else 503)


@router.get("/metrics")
def metrics(desk: DeskNow) -> Response:
    """Return counts in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counts(desk))
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


def heartbeat_age(desk: Desk) -> float | None:
    """Return how many seconds ago (of real time) the daemon last gave a sign of life; None when it never did."""
    beat = desk.store.switches.get("heartbeat")
    if beat is None or "real_at" not in beat[0]:
        return None
    return (desk.wall.now() - datetime.fromisoformat(str(beat[0]["real_at"]))).total_seconds()


class _Counts:
    """What one scrape reads from the store."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        """Give the present counts."""
        store, now = self._desk.store, self._desk.clock.now()
        yield GaugeMetricFamily("frankly_mentions", "Mentions stored", value=store.glance.newest_mention_id())
        yield _labelled("frankly_mentions_waiting", "Mentions that wait, by step", "step", store.glance.waiting())
        yield _labelled("frankly_cases", "Cases by status", "status", store.cases.count_by_status())
        yield GaugeMetricFamily("frankly_cases_overdue", "Unanswered cases past due", value=store.glance.overdue(now))
        yield _labelled("frankly_outbox", "Outbox messages by state", "state", store.outbox.count_by_state())
        paused = 0 if store.switches.paused() is None else 1
        yield GaugeMetricFamily("frankly_paused", "1 while all sending is paused", value=paused)
        age = heartbeat_age(self._desk)
        if age is not None:
            yield GaugeMetricFamily("frankly_heartbeat_age_seconds", "Since the daemon's last sign of life", value=age)
        ages = {one.name: (now - one.last_ok_at).total_seconds() for one in store.sources.all() if one.last_ok_at}
        yield _labelled("frankly_source_age_seconds", "Since a source was last read without error", "source", ages)


def _labelled(name: str, text: str, label: str, values: dict[str, int] | dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
