"""What is taken away is gone everywhere, also from the bytes of the files; what must stay stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from store.database import to_text
from store.records import CaseStatus, Event, Platform, Post, Suppression
from store.store import Store
from tests.store.deletable import NINE, SECRET, add, add_answer, add_case, add_draft, bytes_on_disk, make_post, state_of


@pytest.mark.parametrize("why", ["deleted", "forgotten"])
def test_a_deleted_post_is_gone_from_every_table_and_from_the_files(store: Store, tmp_path: Path, why: str) -> None:
    for number in range(50):  # neighbours, so that there are pages to linger on
        add(store, make_post(f"n{number}", f"Brisk is fine {number}", author="ed"))
    mention_id = add(store, make_post("1", f"Brisk lost my {SECRET}"))
    edited = Post(
        **{
            **{name: getattr(make_post("1", "x"), name) for name in Post.__slots__},
            "text": f"Brisk lost all my {SECRET}",
            "edited_at": NINE + timedelta(minutes=1),
        }
    )
    with store.transaction():
        store.mentions.add(edited, brand="Brisk", source="search", at=NINE)
    add_draft(store, mention_id, add_case(store, mention_id))
    store.database.checkpoint()
    path = tmp_path / "frankly.sqlite3"
    assert SECRET.lower().encode() in bytes_on_disk(path)
    with store.transaction():
        store.deletions.empty_mention(mention_id, NINE, why)  # type: ignore[arg-type]
    store.deletions.purge()
    assert SECRET.lower().encode() not in bytes_on_disk(path)
    mention = store.mentions.get(mention_id)
    assert (mention.post.text, mention.post.url, mention.post.external_id) == ("", "", "1")
    assert store.database.value("SELECT count(*) FROM drafts") == 0
    assert (
        store.database.rows("SELECT rowid FROM mentions_search WHERE mentions_search MATCH ?", (SECRET.lower(),)) == []
    )


def test_the_author_goes_with_their_last_post_and_not_before(store: Store) -> None:
    first, second = add(store, make_post("1", "Brisk")), add(store, make_post("2", "Brisk again"))
    with store.transaction():
        store.deletions.empty_mention(first, NINE, "deleted")
    assert store.mentions.get(second).post.author.handle == "maria"
    with store.transaction():
        store.deletions.empty_mention(second, NINE, "deleted")
    author = store.mentions.get(second).post.author
    assert (author.handle, author.name, author.external_id) == ("", "", "gone:1")


def test_an_unsent_answer_is_withdrawn_and_a_sent_one_keeps_its_outcome(store: Store) -> None:
    mention_id = add(store, make_post("1", "Brisk"))
    case_id = add_case(store, mention_id)
    answers = {state: add_answer(store, mention_id, case_id, state) for state in ("held", "queued", "parked", "sent")}
    with store.transaction():
        assert store.deletions.empty_mention(mention_id, NINE, "deleted") == 3
    for state in ("held", "queued", "parked"):
        assert state_of(store, answers[state]) == ("withdrawn", "")
    assert state_of(store, answers["sent"]) == ("sent", "")
    assert store.outbox.get(answers["sent"]).external_id == "99"
    kinds = [event.kind for event in store.events.of_mention(mention_id)]
    assert kinds == ["outbox.withdrawn"] * 3 + ["mention.deleted"]


@pytest.mark.parametrize("status", ["open", "pending", "snoozed"])
def test_a_case_is_closed_with_the_last_of_its_posts(store: Store, status: str) -> None:
    first, second, case_id = two_posts_in_a_case(store)
    store.database.execute("UPDATE cases SET status = ?", (status,))
    with store.transaction():
        store.deletions.empty_mention(first, NINE, "deleted")
        store.deletions.empty_mention(second, NINE, "retention")
    assert store.cases.get(case_id).status == status
    with store.transaction():
        store.deletions.empty_mention(second, NINE, "deleted")
    case = store.cases.get(case_id)
    assert (case.status, case.resolved_at) == (CaseStatus.RESOLVED, NINE)
    [closed] = store.events.of_case(case_id)
    assert (closed.kind, closed.actor) == ("case.resolved", "daemon")
    assert closed.detail == {"was": status, "why": "the post was deleted on its platform"}


LETTER = "Brisk took my 70 pounds twice and the shop laughed at me"


def add_writings(store: Store, case_id: int, mention_id: int) -> dict[str, int]:
    """A note, a reason and an answer that quote the letter, and one of each that does not."""
    agent = store.agents.add("kay", "Kay", "KB", "agent", None, NINE)  # type: ignore[arg-type]
    case = {"case_id": case_id}
    for text in ("The shop was rude to them", "The shop laughed at me, they write", "An engineer comes"):
        store.database.insert("notes", {**case, "agent_id": agent.id, "text": text, "written_at": to_text(NINE)})
    for reason in ("“took my 70 pounds twice”!", "it waits since noon"):
        event = Event(at=NINE, kind="case.escalated", actor="agent:1", case_id=case_id, detail={"reason": reason})
        store.events.add(event)
    answers = {state: add_answer(store, mention_id, case_id, state) for state in ("held", "sent")}
    store.database.execute("UPDATE outbox SET text = 'You say that the shop laughed at me' WHERE state = 'held'")
    return answers


def writings(store: Store) -> tuple[list[str], list[str | None]]:
    notes = [row["text"] for row in store.database.rows("SELECT text FROM notes ORDER BY id")]
    reasons = store.database.rows(
        "SELECT json_extract(detail, '$.reason') AS said FROM events WHERE kind = 'case.escalated' ORDER BY id"
    )
    return notes, [row["said"] for row in reasons]


def two_posts_in_a_case(store: Store) -> tuple[int, int, int]:
    first, second = add(store, make_post("1", LETTER)), add(store, make_post("2", "Brisk? Hello?"))
    case_id = add_case(store, first)
    store.database.insert("case_mentions", {"case_id": case_id, "mention_id": second, "joined_at": to_text(NINE)})
    return first, second, case_id


def test_while_another_post_of_the_case_stands_only_what_quotes_the_deleted_one_goes(store: Store) -> None:
    first, second, case_id = two_posts_in_a_case(store)
    answers = add_writings(store, case_id, second)
    with store.transaction():
        assert store.deletions.empty_mention(first, NINE, "deleted") == 1
    notes, reasons = writings(store)
    assert notes == ["The shop was rude to them", "", "An engineer comes"]
    assert reasons == [None, "it waits since noon"]
    assert state_of(store, answers["held"]) == ("withdrawn", "")
    assert state_of(store, answers["sent"]) == ("sent", f"We looked into {SECRET}")
    with store.transaction():
        store.deletions.empty_mention(second, NINE, "deleted")
    assert writings(store) == (["", "", ""], [None, None])


def test_at_the_end_of_retention_only_what_quotes_the_text_goes(store: Store) -> None:
    mention_id = add(store, make_post("1", LETTER))
    case_id = add_case(store, mention_id)
    answers = add_writings(store, case_id, mention_id)
    add_draft(store, mention_id, case_id)
    with store.transaction():
        store.deletions.empty_mention(mention_id, NINE, "retention")
    notes, reasons = writings(store)
    assert notes == ["The shop was rude to them", "", "An engineer comes"]
    assert reasons == [None, "it waits since noon"]
    assert state_of(store, answers["held"]) == ("withdrawn", "")
    assert store.drafts.of_mention(mention_id) is not None  # in our own words
    assert store.mentions.get(mention_id).post.url != ""  # an open case still needs to find it


def test_labels_in_events_stay_and_words_go(store: Store) -> None:
    mention_id = add(store, make_post("1", "Brisk"))
    detail: dict[str, object] = {"field": "kind", "was": "other", "corrected": "complaint", "reason": "x", "new": ["y"]}
    store.events.add(
        Event(at=NINE, kind="mention.corrected", actor="agent:1", mention_id=mention_id, detail={**detail, "note": 4})
    )
    with store.transaction():
        store.deletions.empty_mention(mention_id, NINE + timedelta(hours=3), "deleted")
    corrected, deleted = store.events.of_mention(mention_id)
    assert corrected.detail == {"field": "kind", "was": "other", "corrected": "complaint", "note": 4}
    assert deleted.detail["unseen_seconds"] == 3 * 3600


def test_a_deletion_is_written_down_once(store: Store) -> None:
    mention_id = add(store, make_post("1", "Brisk"))
    for minutes in (0, 5):
        with store.transaction():
            store.deletions.empty_mention(mention_id, NINE + timedelta(minutes=minutes), "deleted")
    assert store.mentions.get(mention_id).deleted_at == NINE
    assert len(store.events.of_mention(mention_id)) == 1


def test_an_emptied_mention_is_not_filled_again_by_an_edit(store: Store) -> None:
    for key, why in (("1", "deleted"), ("2", "retention")):
        mention_id = add(store, make_post(key, "Brisk", platform=Platform.REDDIT))
        with store.transaction():
            store.deletions.empty_mention(mention_id, NINE, why)  # type: ignore[arg-type]
        edited = {name: getattr(make_post(key, "x", platform=Platform.REDDIT), name) for name in Post.__slots__}
        edited |= {"text": "Brisk, edited", "edited_at": NINE + timedelta(hours=1)}
        with store.transaction():
            assert store.mentions.add(Post(**edited), brand="Brisk", source="search", at=NINE) is None
        assert store.mentions.get(mention_id).post.text == ""


def test_a_mention_that_waits_is_not_read_by_the_classifier_once_it_is_empty(store: Store) -> None:
    mention_id = add(store, make_post("1", "Brisk"))
    with store.transaction():
        store.deletions.empty_mention(mention_id, NINE, "deleted")
    assert store.mentions.unassessed(10) == []


@pytest.mark.parametrize("name", ["maria", "@maria", "MARIA", "id-maria"])
def test_a_forgotten_author_is_gone_and_stays_suppressed(store: Store, name: str) -> None:
    mention_id, other = add(store, make_post("1", "Brisk")), add(store, make_post("2", "Brisk", author="ed"))
    case_id = add_case(store, mention_id)
    answer = add_answer(store, mention_id, case_id, "queued")
    agent = store.agents.add("kay", "Kay", "KB", "agent", None, NINE)  # type: ignore[arg-type]
    store.database.insert(
        "notes", {"case_id": case_id, "agent_id": agent.id, "text": "maria called", "written_at": to_text(NINE)}
    )
    store.suppressions.add(Suppression(Platform.X, "id-maria", "asked", "agent:1", NINE))
    with store.transaction():
        forgotten = store.deletions.forget_author(Platform.X, name, NINE)
    assert (forgotten.mentions, forgotten.withdrawn, forgotten.notes) == (1, 1, 1)
    mention = store.mentions.get(mention_id)
    assert (mention.post.author.handle, mention.deleted_at) == ("", NINE)
    assert store.mentions.get(other).post.text == "Brisk"
    assert state_of(store, answer) == ("withdrawn", "")
    assert store.database.value("SELECT text FROM notes") == ""
    assert store.suppressions.get(Platform.X, "id-maria") is not None
    assert "author.forgotten" in [event.kind for event in store.events.latest(3)]


def test_what_retention_left_of_an_author_is_forgotten_as_well(store: Store) -> None:
    mention_id = add(store, make_post("t1_a", "Brisk", platform=Platform.REDDIT))
    case_id = add_case(store, mention_id)
    add_draft(store, mention_id, case_id)
    answer = add_answer(store, mention_id, case_id, "queued")
    with store.transaction():
        store.deletions.empty_mention(mention_id, NINE, "retention")
        forgotten = store.deletions.forget_author(Platform.REDDIT, "maria", NINE)
    assert (forgotten.authors, forgotten.mentions, forgotten.withdrawn) == (1, 1, 1)
    assert store.drafts.of_mention(mention_id) is None
    assert state_of(store, answer) == ("withdrawn", "")
    mention = store.mentions.get(mention_id)
    assert (mention.deleted_at, mention.post.author.handle) == (NINE, "")


def test_forgetting_somebody_unknown_changes_nothing(store: Store) -> None:
    add(store, make_post("1", "Brisk"))
    with store.transaction():
        forgotten = store.deletions.forget_author(Platform.REDDIT, "maria", NINE)
    assert (forgotten.authors, forgotten.mentions) == (0, 0)
    assert store.events.latest(3) == []
