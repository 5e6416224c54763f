"""What a file brought first is owed nothing; what is then heard live is owed as much as any other post."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from listener.deletions import rounds
from responders.digest.figures import make_digest
from store.records import Author, Case, Mention, Mode, Platform, Severity
from tests.responders.scene import COMPLAINT, RULES, THANKS, Scene

FOUR_HOURS = timedelta(hours=4)


def replayed_case(scene: Scene, **changed: object) -> tuple[Case, Mention]:
    mention = scene.mention(replayed=True, **changed)  # type: ignore[arg-type]
    scene.take(mention)
    return of(scene, mention), mention


def of(scene: Scene, mention: Mention) -> Case:
    case = scene.store.cases.of_mention(mention.id)
    assert case is not None
    return case


def heard_again(scene: Scene, mention: Mention, **changed: object) -> Mention:
    """The post of a replayed mention, brought by a live source, read and routed."""
    heard = scene.hear(replace(mention.post, **changed))  # type: ignore[arg-type]
    with scene.store.transaction():
        scene.store.assessments.add([(heard, COMPLAINT)], scene.clock.now())
    scene.take(heard)
    return scene.store.mentions.get(heard.id)


def test_a_live_post_in_a_replayed_case_is_promised_an_answer(scene: Scene) -> None:
    case, old = replayed_case(scene)
    scene.clock.advance(days=1)
    same = {"author": old.post.author, "conversation_id": old.post.conversation_id}
    worse = replace(COMPLAINT, severity=Severity.CRITICAL)
    live = scene.mention("@BriskCare there is smoke from your box!", worse, **same)
    scene.take(live)
    now_live = of(scene, live)
    assert (now_live.id, now_live.replayed, now_live.first_post_at) == (case.id, False, live.post.posted_at)
    assert now_live.due_at == live.post.posted_at + timedelta(minutes=30)
    assert "case.live" in scene.kinds(case.id)
    scene.clock.advance(days=1)
    assert scene.cases.mark_breaches() == 1
    yesterday = (scene.clock.now() - timedelta(days=1)).date()
    digest = make_digest(scene.store, scene.settings, scene.clock, scene.settings.brands[0], yesterday)
    assert (digest.answers.waiting_total, digest.answers.promise.due) == (1, 1)


def test_a_live_post_that_needs_nothing_leaves_a_replayed_case_as_it_is(scene: Scene) -> None:
    scene = scene.with_settings(rules=RULES[2:])
    case, old = replayed_case(scene)
    same = {"author": old.post.author, "conversation_id": old.post.conversation_id}
    scene.take(scene.mention("thank you Brisk", THANKS, **same))
    after = scene.store.cases.get(case.id)
    assert (after.replayed, after.due_at) == (True, None)


def test_a_replayed_post_in_a_live_case_changes_no_promise(scene: Scene) -> None:
    case = scene.case()
    first = scene.store.mentions.of_case(case.id)[0].post
    worse = replace(COMPLAINT, severity=Severity.CRITICAL)
    same = {"author": first.author, "conversation_id": first.conversation_id}
    old = scene.mention("smoke!", worse, replayed=True, posted_at=scene.clock.now() - timedelta(days=900), **same)
    scene.take(old)
    after = of(scene, old)
    assert (after.id, after.replayed, after.due_at) == (case.id, False, case.due_at)
    assert after.first_post_at == case.first_post_at  # the clock of the first response


def test_a_replayed_post_that_is_heard_live_is_a_live_one(scene: Scene) -> None:
    case, old = replayed_case(scene)
    assert case.due_at is None
    scene.clock.advance(minutes=10)
    live = heard_again(scene, old)
    assert (live.replayed, live.collected_at, live.source) == (False, scene.clock.now(), "test")
    owed = of(scene, live)
    assert (owed.id, owed.replayed, owed.due_at) == (case.id, False, old.post.posted_at + FOUR_HOURS)
    assert [event.kind for event in scene.store.events.of_mention(live.id)][-2:] == ["mention.heard", "case.live"]
    draft = scene.answering.draft(case.id, f"agent:{scene.agent().id}")
    assert draft.mode is Mode.AGENT
    scene.clock.advance(days=2)
    due = scene.store.deletions.to_check(Platform.X, rounds(scene.settings, Platform.X, scene.clock.now()), 10)
    assert [check.mention_id for check in due] == [live.id]


def test_it_is_heard_live_once_and_by_no_second_file(scene: Scene) -> None:
    _, old = replayed_case(scene)
    scene.hear(old.post, replayed=True)
    assert scene.store.mentions.get(old.id).replayed
    heard_again(scene, old)
    scene.hear(old.post)
    scene.hear(old.post, replayed=True)
    assert not scene.store.mentions.get(old.id).replayed
    kinds = [event.kind for event in scene.store.events.of_mention(old.id)]
    assert (kinds.count("mention.heard"), kinds.count("case.live")) == (1, 1)


def test_what_the_file_made_up_is_taken_from_the_live_post(scene: Scene) -> None:
    """A table names no author's id, no conversation and no time, and may have cut the text."""
    made_up = Author("ann", "ann")
    case, old = replayed_case(scene, author=made_up, conversation_id="1001", summoned=False, text="Brisk, my li…")
    scene.clock.advance(minutes=10)
    real = Author("a77", "ann", "Ann", 12)
    posted_at = old.post.posted_at - timedelta(minutes=20)
    live = heard_again(
        scene, old, author=real, conversation_id="c9", summoned=True, text="Brisk, my line!", posted_at=posted_at
    )
    assert live.post == replace(
        old.post,
        author=real,
        conversation_id="c9",
        summoned=True,
        text="Brisk, my line!",
        posted_at=posted_at,
    )
    owed = of(scene, live)
    assert (owed.id, owed.author.external_id, owed.conversation_id) == (case.id, "a77", "c9")
    assert owed.due_at == posted_at + FOUR_HOURS
    assert len(scene.store.assessments.history(live.id)) == 2


def test_it_joins_the_case_that_its_conversation_has(scene: Scene) -> None:
    live_case = scene.case()
    first = scene.store.mentions.of_case(live_case.id)[0].post
    _, old = replayed_case(scene, author=Author("ann", "ann"))
    live = heard_again(scene, old, author=first.author, conversation_id=first.conversation_id)
    assert live.id in [one.id for one in scene.store.mentions.of_case(live_case.id)]


def test_a_replayed_post_that_was_emptied_stays_empty(scene: Scene) -> None:
    _, old = replayed_case(scene)
    with scene.store.transaction():
        scene.store.deletions.empty_mention(old.id, scene.clock.now(), "forgotten")
    assert scene.hear(old.post).post.text == ""
