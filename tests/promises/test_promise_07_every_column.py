"""Promise 7, column by column: words planted wherever the schema could keep them are gone after one sweep.

Every text column of every table is named below, in one of two lists. A new one makes the first test fail until
somebody has said whether strangers' words can reach it, and, if so, has it emptied.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from frankly import pipeline
from frankly.backing_up import back_up
from listener.deletions import forget
from store.records import Platform
from tests.promises.whole import Whole

_OF_MENTION = "mention_id = :mention"
_OF_CASE = "case_id = :case"
_OF_ANSWER = "outbox_id IN (SELECT id FROM outbox WHERE mention_id = :mention)"
# Where words of a post, of its author, or about them can stand: how a row of the post is found there.
REACHED = {
    ("authors", "external_id"): "id = (SELECT author_id FROM mentions WHERE id = :mention)",
    ("authors", "handle"): "id = (SELECT author_id FROM mentions WHERE id = :mention)",
    ("authors", "name"): "id = (SELECT author_id FROM mentions WHERE id = :mention)",
    ("mentions", "text"): "id = :mention",
    ("mentions", "in_reply_to"): "id = :mention",
    ("mentions", "url"): "id = :mention",
    ("mentions", "language"): "id = :mention",
    ("mention_versions", "text"): _OF_MENTION,
    ("assessments", "severity_reasons"): _OF_MENTION,
    ("decisions", "reason"): _OF_MENTION,
    ("notes", "text"): _OF_CASE,
    ("drafts", "text"): _OF_MENTION,
    ("drafts", "mode_reasons"): _OF_MENTION,
    ("outbox", "text"): _OF_MENTION,
    ("outbox", "reason"): _OF_MENTION,
    ("deliveries", "detail"): _OF_ANSWER,
    ("events", "detail"): _OF_CASE,
}
JSON_LISTS = {("assessments", "severity_reasons"), ("drafts", "mode_reasons")}
# Where they cannot: ids, times, labels and actors of our own, and what operators and platforms say about themselves.
OURS = {
    "authors": "platform first_seen_at",
    "mentions": "platform external_id version_id brand source posted_at edited_at collected_at conversation_id "
    "community summons reply_settings stage checked_at deleted_at redacted_at",
    "mention_versions": "version_id seen_at",
    "sightings": "source seen_at",
    "assessments": "version_id model revision sentiment severity kind topic language assessed_at",
    "decisions": "rule action queue priority template decided_at",
    "agents": "username name initials role password_hash created_at disabled_at",
    "sessions": "token_hash csrf_token created_at expires_at",
    "login_links": "token_hash expires_at used_at",
    "login_failures": "username at address",
    "cases": "brand platform conversation_id status queue priority severity topic opened_at first_post_at "
    "last_activity_at due_at first_response_at breached_at claimed_at snoozed_until resolved_at",
    "case_mentions": "joined_at",
    "notes": "written_at",
    "drafts": "template author mode updated_at",
    "outbox": "platform target_key target_id state approved_by approved_at held_until external_id sent_at next_try_at",
    "deliveries": "started_at finished_at outcome",
    "events": "at kind actor brand",
    "corrections": "field was corrected at",  # labels to choose from
    "suppressions": "platform author_external_id reason actor at",  # kept, so that nobody writes to them again
    "sources": "name kind platform cursor last_run_at last_ok_at last_error covered_until resting_until",
    "coverage": "source started_at ended_at state detail",
    "late_reads": "source started_at ended_at read_at",
    "seen_posts": "platform external_id source seen_at",
    "spending": "at platform source call",
    "sweeps": "platform at problem",
    "own_posts": "platform external_id in_reply_to posted_at noticed_at",
    "alerts": "tried_at problem sent_at",
    "digests": "brand day content made_at tried_at problem sent_at",  # figures and ids; test_promise_07_deleted.py
    "switches": "name value changed_at",
}


def text_columns(path: Path) -> set[tuple[str, str]]:
    """Every column that can hold text, of every table that is not the full-text index's or the migrations' own."""
    with sqlite3.connect(path) as connection:
        tables = connection.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
            "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_sqlite\\_%' ESCAPE '\\'"
        ).fetchall()
        return {
            (table, column)
            for (table,) in tables
            for _, column, kind, *_ in connection.execute(f"PRAGMA table_info({table})")
            if kind not in ("INTEGER", "REAL")
        }


def marker(table: str, column: str) -> str:
    return f"quell{table}zz{column}".replace("_", "")


def bytes_of(*files: Path) -> bytes:
    return b"".join(file.read_bytes() for file in files).lower()


def the_store(whole: Whole) -> bytes:
    return bytes_of(*sorted(whole.folder.glob("frankly.sqlite3*")))


def planted(whole: Whole, platform: Platform) -> str:
    """A post with rows in every table that can hold its words, each with words of its own; returns its id."""
    post = whole.complain(platform, "the line is down", author="wanda")
    whole.hear()
    whole.clock.advance(minutes=1)
    edited = whole.servers.world.edit_post(post.id, post.text.replace("down", "down again"))
    whole.hear()
    case, agent = whole.case(post), whole.agent()
    whole.app.case_work.claim(case.id, agent)
    whole.app.case_work.note(case.id, agent, "called them")
    whole.app.case_work.escalate(case.id, agent, "they wait since noon")
    whole.answer(edited, agent)
    whole.send()
    [message] = whole.store.outbox.of_case(case.id)
    assert len(whole.store.outbox.deliveries(message.id)) == 1
    whole.app.answering.draft(case.id, f"agent:{agent.id}")
    ids = {"mention": whole.mention(edited).id, "case": case.id}
    for (table, column), rows in REACHED.items():
        words = marker(table, column)
        value = json.dumps([words]) if (table, column) in JSON_LISTS else words
        value = json.dumps({"reason": words}) if (table, column) == ("events", "detail") else value
        changed = whole.store.database.execute(
            f"UPDATE {table} SET {column} = :value WHERE {rows}", {"value": value, **ids}
        )
        assert changed > 0, f"nothing of the post stands in {table}, so its emptying is not seen here"
    whole.store.database.checkpoint()
    on_disk = the_store(whole)
    assert [column for column in REACHED if marker(*column).encode() not in on_disk] == []
    return edited.id


def lingering(found: bytes) -> list[tuple[str, str]]:
    return [column for column in REACHED if marker(*column).encode() in found]


def test_promise_7_every_text_column_is_accounted_for(whole: Whole) -> None:
    ours = {(table, column) for table, columns in OURS.items() for column in columns.split()}
    assert ours.isdisjoint(REACHED)
    assert text_columns(whole.app.settings.database_path) == ours | set(REACHED)


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_7_no_column_keeps_a_word_of_a_deleted_post(whole: Whole, platform: Platform) -> None:
    whole.servers.world.delete_post(planted(whole, platform))
    whole.clock.advance(hours=13)
    [report], _ = pipeline.sweep(whole.app.deletions(), [platform])
    assert report.deleted == 1
    assert lingering(the_store(whole)) == []
    assert lingering(bytes_of(back_up(whole.app, None))) == []


def test_promise_7_no_column_keeps_a_word_of_a_forgotten_author(whole: Whole) -> None:
    planted(whole, Platform.X)
    assert forget(whole.store, whole.clock, Platform.X, marker("authors", "handle")).mentions == 1
    assert lingering(the_store(whole)) == []
