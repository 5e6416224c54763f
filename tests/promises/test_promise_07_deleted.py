"""Promise 7: a post deleted on its platform is removed here in time and everywhere, down to the bytes on disk."""

from __future__ import annotations

import io
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from frankly import pipeline
from frankly.exporting import write_export
from listener.deletions import rounds
from responders.digest.figures import make_digest
from responders.digest.markdown import render_markdown
from responders.digest.page import render_html
from store.exports import SUBJECTS
from store.records import Platform
from tests.promises.whole import Whole

WORD, OLD_WORD, NAME = "zanzibarquell", "mirabellenflut", "quetzalwanderer"
WORDS = (WORD, OLD_WORD, NAME)


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.glob("frankly.sqlite3*"))).lower()


def indexed_words(whole: Whole) -> set[str]:
    """Every word that the full-text indexes still know, in whatever way they are packed on disk."""
    found: set[str] = set()
    connection = sqlite3.connect(whole.app.settings.database_path)
    for table in ("mentions_search", "notes_search"):
        connection.execute(f"CREATE VIRTUAL TABLE temp.{table}_words USING fts5vocab('main', '{table}', 'row')")
        found |= {row[0] for row in connection.execute(f"SELECT term FROM temp.{table}_words")}
    connection.close()
    return found


def shown(whole: Whole) -> str:
    """Everything that leaves the store: exports and digests in all their forms."""
    out = io.StringIO()
    for subject in SUBJECTS:
        for form in ("csv", "jsonl"):
            write_export(whole.store, subject, form, out)
    settings = whole.app.settings
    for day in (whole.clock.now() - timedelta(days=1), whole.clock.now()):
        digest = make_digest(whole.store, settings, whole.clock, settings.brands[0], day.date())
        out.write(render_markdown(digest) + render_html(digest, settings, for_mail=True))
    return out.getvalue().lower()


def a_post_with_everything(whole: Whole, platform: Platform) -> str:
    """A post that was edited, drafted for, answered, noted in a digest; returns the platform's id."""
    post = whole.complain(platform, f"{OLD_WORD} is down", author=NAME)
    other = whole.complain(platform, "something else is down", author="stays")
    whole.clock.advance(minutes=1)
    whole.hear()
    newest = whole.servers.world.edit_post(post.id, post.text.replace(OLD_WORD, WORD))
    whole.clock.advance(minutes=1)
    whole.hear()
    answering, agent = whole.app.answering, whole.agent()
    draft = answering.draft(whole.case(post).id, f"agent:{agent.id}")
    answering.approve(answering.edit(draft.id, agent, f"Dear {NAME}, {WORD} is on its way. ^AB").id, agent)
    draft = answering.draft(whole.case(other).id, f"agent:{agent.id}")
    answering.edit(draft.id, agent, "Dear stays. ^AB")
    settings = whole.app.settings
    make_digest(whole.store, settings, whole.clock, settings.brands[0], whole.clock.now().date())
    on_disk, in_index = bytes_on_disk(whole.folder), indexed_words(whole)
    assert all(word.encode() in on_disk for word in WORDS)  # or the test could not fail
    assert WORD in in_index
    assert WORD in shown(whole)
    whole.servers.world.delete_post(post.id)
    return newest.chain


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_7_a_deleted_post_is_nowhere_any_more(whole: Whole, platform: Platform) -> None:
    external_id = a_post_with_everything(whole, platform)
    whole.clock.advance(hours=13)
    pipeline.sweep(whole.app.deletions(), [platform])
    on_disk, in_index, out = bytes_on_disk(whole.folder), indexed_words(whole), shown(whole)
    for word in WORDS:
        assert word.encode() not in on_disk
        assert word not in in_index
        assert word not in out
    mention = whole.store.mentions.find(external_id)
    assert mention is not None
    assert mention.deleted_at is not None  # its id and outcome stay
    assert "something else is down" in out
    whole.clock.advance(minutes=5)
    whole.send()
    assert whole.posted(platform) == []


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_7_a_reader_in_the_way_only_puts_it_off_to_the_next_round(whole: Whole, platform: Platform) -> None:
    """Somebody looks at an old state of the file (an export, Datasette): the write-ahead log cannot be emptied yet."""
    a_post_with_everything(whole, platform)
    whole.clock.advance(hours=13)
    reader = sqlite3.connect(whole.app.settings.database_path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM mentions").fetchone()
    whole.store.database.execute("PRAGMA busy_timeout = 100")  # the sweep waits for less than its quarter of a minute
    deletions = whole.app.deletions()
    [report], _ = pipeline.sweep(deletions, [platform])
    assert report.deleted == 1
    reader.execute("ROLLBACK")
    reader.close()
    pipeline.sweep(deletions, [platform])
    on_disk = bytes_on_disk(whole.folder)
    assert [word for word in WORDS if word.encode() in on_disk] == []


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_7_a_process_that_died_before_it_purged_purges_at_its_next_start(
    whole: Whole, platform: Platform
) -> None:
    a_post_with_everything(whole, platform)
    whole.clock.advance(hours=13)
    deletions = whole.app.deletions()

    class Died(BaseException):
        pass

    def die() -> None:
        raise Died

    whole.store.deletions.purge = die  # type: ignore[method-assign]  # the power fails here
    with pytest.raises(Died):
        pipeline.sweep(deletions, [platform])
    del whole.store.deletions.purge
    pipeline.sweep(whole.app.deletions(), [platform])  # as a new process does at its start
    on_disk, in_index = bytes_on_disk(whole.folder), indexed_words(whole)
    assert [word for word in WORDS if word.encode() in on_disk or word in in_index] == []


@pytest.mark.parametrize("platform", list(Platform))
def test_promise_7_the_rounds_come_often_enough_for_the_strictest_platform(whole: Whole, platform: Platform) -> None:
    """X gives 24 hours, Reddit 48: every post whose text is kept is due for a round well before."""
    due = rounds(whole.app.settings, platform, whole.clock.now())
    for before in (due.young, due.others):
        assert whole.clock.now() - before + 3 * whole.app.settings.daemon.sweep <= timedelta(hours=24)
