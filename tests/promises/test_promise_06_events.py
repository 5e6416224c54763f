"""Promise 6: every change of state leaves an event. The rows before and after each action are the witness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from frankly import pipeline
from frankly.rehearsal.faults import FaultKind
from responders.pausing import pause_sending, resume_sending
from store.events import KINDS
from store.records import OutboxState, Platform, Role
from tests.promises.whole import Whole

# What a row's state is, and the column of ``events`` that must name the row when it changes.
STATES = {
    "cases": (
        "id, status, queue, priority, severity, replayed, assignee_id, due_at, first_response_at, breached_at, "
        "snoozed_until, resolved_at",
        "case_id",
    ),
    "outbox": ("id, state, external_id, dry_run", "outbox_id"),
    "mentions": ("id, version_id, text, replayed, deleted_at, redacted_at, stage = 'set_aside'", "mention_id"),
    "case_mentions": ("mention_id AS id, case_id", "mention_id"),
    "notes": ("case_id AS id, count(*) FROM notes GROUP BY case_id --", "case_id"),
}
# Changes that only some kind of event can account for.
COUNTED = {
    "suppressions": ("author.suppressed",),
    "digests": ("digest.made",),
    "agents": ("agent.added", "agent.changed"),
}
Rows = dict[str, dict[Any, tuple[Any, ...]]]


@dataclass
class Witness:
    """Looks at the rows before and after an action, and asks the events to account for each difference."""

    whole: Whole
    seen: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    def rows(self) -> Rows:
        database = self.whole.store.database
        found: Rows = {}
        for table, (columns, _) in STATES.items():
            what = columns if columns.endswith("--") else f"{columns} FROM {table}"
            found[table] = {row["id"]: tuple(row.values()) for row in database.rows(f"SELECT {what}")}
        for table in COUNTED:
            found[table] = {n: tuple(row.values()) for n, row in enumerate(database.rows(f"SELECT * FROM {table}"))}
        paused = self.whole.store.switches.paused()
        found["paused"] = {} if paused is None else {1: (paused,)}
        return found

    def watch(self, name: str, action: Callable[[], object]) -> None:
        before = self.rows()
        newest = self.whole.store.database.value("SELECT coalesce(max(id), 0) FROM events")
        action()
        after = self.rows()
        events = self.whole.store.database.rows("SELECT * FROM events WHERE id > ?", (newest,))
        self.seen += [event["kind"] for event in events]
        for event in events:
            assert event["kind"] in KINDS
            assert event["actor"], f"{name}: {event['kind']} does not say who"
        for table in before:
            for key in before[table].keys() | after[table].keys():
                if before[table].get(key) != after[table].get(key) and not self._told(table, key, events):
                    change = f"{before[table].get(key)} -> {after[table].get(key)}"
                    self.unexplained.append(f"{name}: {table} {key} changed without an event: {change}")

    @staticmethod
    def _told(table: str, key: object, events: list[dict[str, Any]]) -> bool:
        kinds = {event["kind"] for event in events}
        if table == "paused":
            return bool(kinds & {"pause.on", "pause.off"})
        if table in COUNTED:
            return bool(kinds & set(COUNTED[table]))
        return any(event[STATES[table][1]] == key for event in events)


def test_promise_6_every_change_in_the_life_of_a_case_is_told_by_an_event(whole: Whole) -> None:
    witness, world, clock, work = Witness(whole), whole.servers.world, whole.clock, whole.app.case_work
    answering, store = whole.app.answering, whole.store
    ana, mara = whole.agent("Ana Bell"), whole.agent("Mara Vogt", Role.MANAGER)
    post = whole.complain(Platform.X)
    whole.collect("x mentions")
    witness.watch("route", whole.understand)
    case = whole.case(post)
    witness.watch("claim", lambda: work.claim(case.id, ana))
    witness.watch("note", lambda: work.note(case.id, ana, "rang them"))
    witness.watch("release", lambda: work.release(case.id, ana))
    witness.watch("assign", lambda: work.assign(case.id, mara, ana))
    witness.watch("escalate", lambda: work.escalate(case.id, ana, "worse than it looks"))
    witness.watch("snooze", lambda: work.snooze(case.id, ana, clock.now() + timedelta(hours=1)))
    clock.advance(hours=2)
    witness.watch("wake and break the promise", lambda: pipeline.tend(whole.app))
    witness.watch("wait", lambda: work.pending(case.id, ana))
    witness.watch("reopen", lambda: work.reopen(case.id, f"agent:{ana.id}"))
    draft = answering.draft(case.id, f"agent:{ana.id}")
    witness.watch("edit", lambda: answering.edit(draft.id, ana, "We are on it. ^AB"))
    witness.watch("approve", lambda: answering.approve(draft.id, ana))
    [held] = store.outbox.in_state(OutboxState.HELD)
    witness.watch("take back", lambda: answering.take_back(held.id, ana))
    witness.watch("approve again", lambda: answering.approve(answering.draft(case.id, "operator").id, ana))
    edited = world.edit_post(post.id, "@BriskBroadband my line is dead and my lawyer hears of it")
    clock.advance(minutes=1)
    witness.watch("hear the edit", lambda: whole.collect("x mentions"))
    witness.watch("route the edit", whole.understand)
    [parked] = store.outbox.in_state(OutboxState.PARKED)
    witness.watch("give back", lambda: answering.give_back(parked.id, ana))
    witness.watch("answer", lambda: whole.answer(edited, ana, "Sorry again. ^AB"))
    witness.watch("pause", lambda: pause_sending(store, clock, "operator", "storm"))
    witness.watch("resume", lambda: resume_sending(store, clock, "operator"))
    whole.servers.x.faults.add(FaultKind.DROP_AFTER_ACCEPT, "POST", "/2/tweets")
    witness.watch("send, and hear nothing", whole.send)
    clock.advance(minutes=2)
    witness.watch("settle", whole.send)
    assert store.outbox.in_state(OutboxState.SENT)
    witness.watch("resolve", lambda: work.resolve(case.id, ana, "fixed"))
    follow_up = world.add_post(Platform.X, "cora", "@BriskBroadband still dead", reply_to=edited.id)
    clock.advance(minutes=1)
    whole.collect("x mentions")
    witness.watch("follow up", whole.understand)
    assert whole.case(follow_up).id == case.id
    stop = world.add_post(Platform.X, "cora", "@BriskBroadband stop messaging me", reply_to=edited.id)
    clock.advance(minutes=1)
    whole.collect("x mentions")
    witness.watch("opt out", whole.understand)
    assert store.database.value("SELECT count(*) FROM suppressions") == 1
    world.delete_post(stop.id)
    world.delete_post(follow_up.id)
    clock.advance(hours=13)
    witness.watch("sweep", lambda: pipeline.sweep(whole.app.deletions(), [Platform.X]))
    clock.advance(days=1)
    witness.watch("digest", lambda: pipeline.digest(whole.app))
    assert witness.unexplained == []
    assert_the_events_alone_tell_where_everything_stands(whole)
    assert {"mention.edited", "mention.deleted", "case.breached", "outbox.uncertain", "outbox.parked"} <= set(
        witness.seen
    )


def test_promise_6_refused_and_reddit_and_the_end_of_retention_are_told_as_well(whole: Whole) -> None:
    witness, clock, store = Witness(whole), whole.clock, whole.store
    ana = whole.agent()
    post = whole.complain(Platform.REDDIT)
    clock.advance(minutes=1)
    whole.collect("reddit comments")
    witness.watch("route", whole.understand)
    whole.servers.reddit.faults.add(FaultKind.LOCKED, "POST", "/api/comment")
    witness.watch("answer", lambda: whole.answer(post, ana))
    witness.watch("send", whole.send)
    [refused] = store.outbox.in_state(OutboxState.REFUSED)
    witness.watch("give back", lambda: whole.app.answering.give_back(refused.id, ana))
    whole.servers.world.edit_post(post.id, "u/BriskBB_Care Brisk Broadband: no internet for a week, I am suing you")
    clock.advance(minutes=1)
    witness.watch("hear the edit", lambda: whole.collect("reddit comments"))
    witness.watch("route the edit", whole.understand)
    witness.watch("by hand", lambda: whole.app.answering.by_hand(whole.case(post).id, ana))
    clock.advance(hours=49)
    witness.watch("retention", lambda: pipeline.sweep(whole.app.deletions(), []))
    assert witness.unexplained == []
    assert_the_events_alone_tell_where_everything_stands(whole)
    assert {"mention.redacted", "outbox.refused", "case.answered"} <= set(witness.seen)


def assert_the_events_alone_tell_where_everything_stands(whole: Whole) -> None:
    """Play the events from the beginning: the last one about a state is the state of the row."""
    ends = {
        "case.opened": "open",
        "case.reopened": "open",
        "case.pending": "pending",
        "case.snoozed": "snoozed",
        "case.resolved": "resolved",
    }
    database = whole.store.database
    events = database.rows("SELECT * FROM events ORDER BY id")
    cases: dict[int, str] = {}
    outbox: dict[int, str] = {}
    for event in events:
        if event["kind"] in ends:
            cases[event["case_id"]] = ends[event["kind"]]
        part, _, word = event["kind"].partition(".")
        if part == "outbox":
            outbox[event["outbox_id"]] = "queued" if word == "postponed" else word
    assert cases == {row["id"]: row["status"] for row in database.rows("SELECT id, status FROM cases")}
    assert outbox == {row["id"]: row["state"] for row in database.rows("SELECT id, state FROM outbox")}
