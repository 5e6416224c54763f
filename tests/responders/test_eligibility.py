"""The gate: each rule of a platform and of the operator, with its sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from responders.eligibility import Facts, judge
from responders.facts import gather
from responders.pausing import pause_sending
from store.records import Author, Mode, Platform, Suppression
from tests.responders.scene import COMPLAINT, Scene

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
X = Facts(now=NOW, platform=Platform.X, posted_at=NOW - timedelta(minutes=5), summoned=True, language="en")
REDDIT = replace(
    X,
    platform=Platform.REDDIT,
    community="HomeNetworking",
    reddit_approved=True,
    reddit_registered=True,
    subreddits=("homenetworking",),
)


@pytest.mark.parametrize("facts", [X, REDDIT])
def test_nothing_stands_in_the_way_of_a_summoned_post(facts: Facts) -> None:
    assert judge(facts).mode is Mode.AUTO
    assert judge(facts).reasons == ()
    assert judge(replace(facts, automated=False)).mode is Mode.AGENT


NEVER: list[tuple[dict[str, Any], str]] = [
    ({"deleted": True}, "deleted"),
    ({"suppressed": "they asked us to stop"}, "they asked us to stop"),
    ({"own_post": True}, "our own"),
    ({"author_is_bot": True}, "bot"),
    ({"answered": True}, "already an answer"),
]
BY_HAND: list[tuple[dict[str, Any], str]] = [
    ({"replayed": True}, "replayed from a file"),
    ({"posted_at": NOW - timedelta(hours=24, seconds=1)}, "older than 1d"),
]
AGENT: list[tuple[dict[str, Any], str]] = [
    ({"sensitive": True}, "only a person may answer"),
    ({"unsure": True}, "unsure"),
    ({"agent_at_work": True}, "An agent is working"),
    ({"has_template": False}, "language of the post (en)"),
    ({"automated_in_conversation": 1}, "in this conversation"),
    ({"last_automated_at": NOW - timedelta(hours=5)}, "less than 6h ago"),
    ({"quiet": True}, "quiet hours"),
    ({"paused": "storm in the press"}, "Sending is paused (storm in the press)"),
    ({"automated_last_hour": 30}, "30 automated replies an hour"),
    ({"automated_last_day": 200}, "200 automated replies a day"),
]


@pytest.mark.parametrize("facts", [X, REDDIT])
@pytest.mark.parametrize(
    ("changed", "words", "automatic", "by_agent"),
    [
        *((changed, words, Mode.NEVER, Mode.NEVER) for changed, words in NEVER),
        *((changed, words, Mode.BY_HAND, Mode.BY_HAND) for changed, words in BY_HAND),
        *((changed, words, Mode.AGENT, Mode.AGENT) for changed, words in AGENT),
    ],
)
def test_what_binds_both_platforms(
    facts: Facts, changed: dict[str, Any], words: str, automatic: Mode, by_agent: Mode
) -> None:
    verdict = judge(replace(facts, **changed))
    assert verdict.mode is automatic
    assert words in " ".join(verdict.reasons)
    assert judge(replace(facts, automated=False, **changed)).mode is by_agent


def test_what_only_binds_automation_is_not_said_to_an_agent() -> None:
    for changed, _ in AGENT:
        assert judge(replace(X, automated=False, **changed)).reasons == ()


@pytest.mark.parametrize("automated", [True, False])
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"summoned": False}, "did not mention or quote us"),
        ({"reply_settings": "following"}, "chose who may reply"),
        ({"reply_settings": "mentionedUsers"}, "chose who may reply"),
    ],
)
def test_x_takes_no_reply_through_its_interface(automated: bool, changed: dict[str, Any], words: str) -> None:
    verdict = judge(replace(X, automated=automated, **changed))
    assert verdict.mode is Mode.BY_HAND
    assert words in " ".join(verdict.reasons)


@pytest.mark.parametrize(
    ("changed", "mode", "words"),
    [
        ({"reddit_approved": False}, Mode.BY_HAND, "has not approved"),
        ({"community": "Elsewhere"}, Mode.BY_HAND, "r/Elsewhere is not on the list"),
        ({"replies_in_submission": 1}, Mode.BY_HAND, "under this submission already"),
        ({"replies_in_community": 20}, Mode.BY_HAND, "cap of 20 answers a day in r/HomeNetworking"),
        ({"reply_settings": "locked"}, Mode.NEVER, "locked"),
        ({"reddit_registered": False}, Mode.AGENT, "not registered"),
        ({"summoned": False}, Mode.AGENT, "does not speak to us"),
    ],
)
def test_reddit_has_rules_of_its_own(changed: dict[str, Any], mode: Mode, words: str) -> None:
    verdict = judge(replace(REDDIT, **changed))
    assert verdict.mode is mode
    assert words in " ".join(verdict.reasons)


def test_the_strictest_reason_decides_and_all_are_given() -> None:
    verdict = judge(replace(X, summoned=False, deleted=True, quiet=True))
    assert verdict.mode is Mode.NEVER
    assert len(verdict.reasons) == 4  # keyword posts are not automated, and not accepted by X's interface either


def test_an_age_at_the_limit_is_still_young_enough() -> None:
    assert judge(replace(X, posted_at=NOW - timedelta(hours=24))).mode is Mode.AUTO


def gathered(scene: Scene, **changed: Any) -> Facts:
    mention = scene.mention(**changed)
    return gather(scene.store, scene.settings, scene.clock.now(), mention, automated=True)


def test_the_facts_come_from_the_store_and_the_settings(scene: Scene) -> None:
    facts = gathered(scene)
    assert judge(facts).mode is Mode.AUTO
    assert facts.language == "en"
    assert gathered(scene, author=Author("b", "briskcare")).own_post
    assert gathered(scene, author=Author("b", "helper", is_bot=True)).author_is_bot
    assert gathered(scene, replayed=True).replayed
    assert gathered(scene, assessment=replace(COMPLAINT, unsure=True)).unsure


@pytest.mark.parametrize(
    "text",
    [
        "Brisk, without my phone line I cannot call 911",
        "my husband died and you still bill him",
        "@brisk I'm thinking of ending it all",
        "I can\u2019t go on like this, Brisk",
        "Mein Anwalt meldet sich bei Brisk",
        "se quemó el router y mi hijo está herido",
        "votre box a pris feu, les pompiers et l'hôpital",
        "senza linea da tre giorni e mio figlio è malato",
        "mijn advocaat neemt contact op met Brisk",
        "meu pai faleceu e a Brisk continua a cobrar",
    ],
)
def test_a_subject_for_people_is_seen_in_the_text_but_never_named(scene: Scene, text: str) -> None:
    facts = gathered(scene, text=text)
    assert facts.sensitive
    assert judge(facts).reasons == ("The post touches a subject that only a person may answer.",)


@pytest.mark.parametrize("text", ["Brisk, my router is dead", "a minor glitch", "my internet ist tot"])
def test_everyday_words_are_no_subject_for_people(scene: Scene, text: str) -> None:
    assert not gathered(scene, text=text).sensitive


def test_the_operators_own_words_are_subjects_for_people_as_well(scene: Scene) -> None:
    other = scene.with_settings(answers={"sensitive_words": {"pl": ["szpital"]}})
    assert gathered(other, text="Brisk, leżę w szpitalu? nie, szpital").sensitive
    assert not gathered(scene, text="Brisk, leżę w szpitalu? nie, szpital").sensitive


def test_the_pause_and_a_communitys_cap_come_from_the_store(scene: Scene) -> None:
    pause_sending(scene.store, scene.clock, "operator", "storm")
    assert gathered(scene).paused == "storm"
    place: dict[str, Any] = {"platform": Platform.REDDIT, "community": "homenetworking"}
    scene.approved(scene.agent(), **place, external_id="t1_a")
    facts = gathered(scene, **place, external_id="t1_b")
    assert (facts.replies_in_community, facts.replies_in_submission) == (1, 0)
    scene.clock.advance(hours=25)
    assert gathered(scene, **place, external_id="t1_c").replies_in_community == 0


def test_a_summons_that_the_fresh_post_does_not_show_is_none(scene: Scene) -> None:
    mention = scene.mention()
    fresh = replace(mention.post, summoned=False)
    facts = gather(scene.store, scene.settings, scene.clock.now(), mention, automated=False, fresh=fresh)
    assert not facts.summoned


@pytest.mark.parametrize("stage", ["collected", "assessed", "set_aside"])
def test_an_opt_out_counts_before_it_is_routed(scene: Scene, stage: str) -> None:
    author = Author("a1", "ann", "Ann", 10)
    mention = scene.mention(author=author)
    stop = scene.hear(scene.post("@BriskCare STOP", author=author))
    scene.store.mentions.set_stage([stop.id], stage)
    facts = gather(scene.store, scene.settings, scene.clock.now(), mention, automated=False)
    assert judge(facts).reasons == ("The author is not written to: they asked us to stop.",)


def test_stop_said_to_somebody_else_is_no_opt_out(scene: Scene) -> None:
    author = Author("a1", "ann", "Ann", 10)
    mention = scene.mention(author=author)
    scene.hear(scene.post("@somebody stop", author=author, summoned=False))
    assert gather(scene.store, scene.settings, scene.clock.now(), mention, automated=False).suppressed is None


def test_what_was_said_before_counts(scene: Scene) -> None:
    author = Author("a1", "ann", "Ann", 10)
    first = scene.mention("thanks Brisk", author=author, conversation_id="c1")
    scene.take(first)
    assert scene.store.outbox.of_mention(first.id) == []  # a complaint by its assessment: no template goes out
    agent = scene.agent()
    message = scene.approved(agent, author=author, conversation_id="c2")
    mention = scene.store.mentions.get(message.mention_id)
    facts = gather(scene.store, scene.settings, scene.clock.now(), mention, automated=True)
    assert facts.answered
    itself = gather(scene.store, scene.settings, scene.clock.now(), mention, automated=True, message=message)
    assert not itself.answered


def test_a_suppressed_author_is_never_written_to(scene: Scene) -> None:
    mention = scene.mention()
    scene.store.suppressions.add(
        Suppression(Platform.X, mention.post.author.external_id, "they asked us to stop", "daemon", NOW)
    )
    facts = gather(scene.store, scene.settings, scene.clock.now(), mention, automated=False)
    assert judge(facts).reasons == ("The author is not written to: they asked us to stop.",)


def test_quiet_hours_are_those_of_the_brand(scene: Scene) -> None:
    quiet = scene.with_settings(answers={"quiet_hours": "10:00-11:00"})
    scene.clock.moment = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)  # 10:30 in London, where it is summer
    assert gathered(quiet).quiet
    scene.clock.moment = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
    assert not gathered(quiet).quiet
