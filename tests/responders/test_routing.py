"""Routing: the first rule whose conditions hold decides, and says why."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.rules import Routes
from config.settings import Settings
from responders.routing import route
from store.records import Action, Assessment, Author, Kind, Mention, Platform, Post, Priority, Sentiment, Severity
from tests.responders.scene import COMPLAINT, THANKS, make_settings

POST = Post(
    platform=Platform.X,
    external_id="1",
    author=Author("a1", "someone", audience=500),
    text="Brisk, the ROUTER is déad again",
    posted_at=datetime(2026, 7, 1, 21, 30, tzinfo=UTC),  # 22:30 in London
    conversation_id="1",
    language="en",
    summoned=True,
)
MENTION = Mention(id=1, post=POST, brand="Brisk", source="x search", collected_at=POST.posted_at)


def rules(when: dict[str, Any], action: str = "queue", **more: Any) -> Settings:
    rule = {"name": "asked", "when": when, "action": action, **more}
    if action in ("queue", "escalate"):
        rule.setdefault("queue", "care")
    return make_settings([rule, {"name": "rest", "action": "ignore"}])


@pytest.mark.parametrize(
    ("holds", "fails", "reason"),
    [
        ({"platform": ["x"]}, {"platform": ["reddit"]}, "The platform is x."),
        ({"source": ["x search"]}, {"source": ["x mentions"]}, "It came in through x search."),
        ({"brand": ["Brisk"]}, {"brand": ["Lumenet"]}, "The brand is Brisk."),
        ({"kind": ["complaint"]}, {"kind": ["spam"]}, "The kind is complaint."),
        ({"sentiment": ["negative", "neutral"]}, {"sentiment": ["positive"]}, "The sentiment is negative."),
        ({"complaint": True}, {"complaint": False}, "It is a complaint."),
        (
            {"complaint_score_at_least": 0.9},
            {"complaint_score_at_least": 0.91},
            "The complaint score is 0.9, at least 0.9.",
        ),
        ({"complaint_score_below": 0.95}, {"complaint_score_below": 0.9}, "The complaint score is 0.9, below 0.95."),
        ({"severity": ["medium"]}, {"severity": ["high"]}, "The severity is medium."),
        ({"topic": ["outage"]}, {"topic": ["billing"]}, "The topic is outage."),
        ({"language": ["en"]}, {"language": ["de"]}, "The language is en."),
        ({"words": ["router"]}, {"words": ["route"]}, 'The post says "router".'),
        ({"words": ["dead again"]}, {"words": ["dead man"]}, 'The post says "dead again".'),
        ({"audience_at_least": 500}, {"audience_at_least": 501}, "The audience is 500, at least 500."),
        ({"audience_below": 501}, {"audience_below": 500}, "The audience is 500, below 501."),
        ({"hours": "22:00-07:00"}, {"hours": "21:00-22:00"}, "It was posted at 22:30, between 22:00 and 07:00."),
        ({"summoned": True}, {"summoned": False}, "The post speaks to us."),
        ({"unsure": False}, {"unsure": True}, "The classifier is sure."),
        ({"relevant_below": 0.5}, {"relevant_below": 0.3}, "The relevance is 0.4, below 0.5."),
        ({"offensive_at_least": 0.2}, {"offensive_at_least": 0.3}, "The offence is 0.2, at least 0.2."),
        ({"sarcasm_at_least": 0.1}, {"sarcasm_at_least": 0.2}, "The sarcasm is 0.1, at least 0.1."),
    ],
)
def test_each_condition_holds_or_not_and_is_named(holds: dict[str, Any], fails: dict[str, Any], reason: str) -> None:
    seen = replace(COMPLAINT, relevant_score=0.4, offensive_score=0.2, sarcasm_score=0.1)
    decided = route(MENTION, seen, rules(holds))
    assert (decided.rule, decided.reason) == ("asked", reason)
    assert route(MENTION, seen, rules(fails)).rule == "rest"


def test_all_conditions_must_hold_and_all_are_named() -> None:
    settings = rules({"kind": ["complaint"], "severity": ["medium"], "summoned": True}, priority="high")
    decided = route(MENTION, COMPLAINT, settings)
    assert decided.reason == "The kind is complaint; the severity is medium; the post speaks to us."
    assert (decided.action, decided.queue, decided.priority) == (Action.QUEUE, "care", Priority.HIGH)


def test_the_first_rule_that_matches_wins() -> None:
    settings = make_settings(
        [
            {"name": "first", "when": {"complaint": True}, "action": "queue", "queue": "one"},
            {"name": "second", "when": {"complaint": True}, "action": "queue", "queue": "two"},
        ]
    )
    assert route(MENTION, COMPLAINT, settings).queue == "one"


def test_a_head_that_the_model_lacks_matches_nothing() -> None:
    lacking = Assessment(model="m", revision="1")
    for when in ({"severity": ["low"]}, {"complaint": False}, {"relevant_below": 1.0}, {"sentiment": ["neutral"]}):
        assert route(MENTION, lacking, rules(when)).rule == "rest"


def test_without_a_matching_rule_a_person_decides() -> None:
    settings = make_settings([{"name": "praise", "when": {"kind": ["praise"]}, "action": "ignore"}])
    decided = route(MENTION, COMPLAINT, settings)
    assert (decided.action, decided.queue, decided.priority) == (Action.QUEUE, "care", Priority.NORMAL)
    assert decided.reason == "No rule matches, so a person decides."


@pytest.mark.parametrize("action", ["ignore", "auto_reply"])
def test_what_the_classifier_is_unsure_of_goes_to_a_person(action: str) -> None:
    more = {"template": "thanks"} if action == "auto_reply" else {}
    decided = route(MENTION, replace(COMPLAINT, unsure=True), rules({"complaint": True}, action, **more))
    assert decided.action is Action.QUEUE
    assert decided.template is None
    assert decided.reason == "It is a complaint. The classifier is unsure, so a person decides."


def test_a_rule_that_asks_for_the_unsure_ones_gets_them() -> None:
    assert route(MENTION, replace(COMPLAINT, unsure=True), rules({"unsure": True}, "ignore")).action is Action.IGNORE


def test_a_replayed_post_is_never_answered_automatically() -> None:
    settings = rules({"complaint": True}, "auto_reply", template="thanks")
    decided = route(replace(MENTION, replayed=True), COMPLAINT, settings)
    assert decided.action is Action.QUEUE
    assert "replayed" in decided.reason


def test_a_mention_of_a_brand_that_is_not_configured_any_more_is_ignored() -> None:
    decided = route(replace(MENTION, brand="Gone"), replace(COMPLAINT, unsure=True), make_settings())
    assert (decided.action, decided.reason) == (Action.IGNORE, "Its brand is not configured any more.")


STARTER = Path(__file__).parents[2] / "config" / "starter" / "routes.toml"


@pytest.mark.parametrize(
    ("assessment", "summoned", "text", "rule"),
    [
        (COMPLAINT, False, "my line is down", "complaint"),
        (replace(COMPLAINT, severity=Severity.LOW), False, "a bit slow", "small complaint"),
        (replace(COMPLAINT, severity=None), False, "slow", "complaint of unknown severity"),
        (replace(COMPLAINT, severity=Severity.CRITICAL), False, "no heating alarm", "severe"),
        (COMPLAINT, True, "my line is down", "outage, told to us"),
        (replace(COMPLAINT, unsure=True), True, "my line is down", "complaint"),
        (COMPLAINT, True, "my line is down, I will call my lawyer", "danger or law"),
        (replace(THANKS, kind=Kind.OTHER), True, "I'm thinking of ending it all", "danger or law"),
        (THANKS, True, "thank you so much", "thanks, told to us"),
        (replace(THANKS, kind=Kind.PRAISE), True, "took all my savings", "told to us"),
        (replace(THANKS, complaint_score=0.25), True, "thanks for the confetti", "told to us"),
        (replace(THANKS, complaint_score=0.35), True, "thanks for the wait", "perhaps a complaint"),
        (replace(THANKS, kind=Kind.OTHER, complaint_score=0.35), False, "a fine wait", "perhaps a complaint"),
        (THANKS, False, "they are great", "praise"),
        (COMPLAINT, True, "your internet is too expensive", "complaint"),
        (replace(THANKS, kind=Kind.PRAISE, sarcasm_score=0.8), True, "great job", "perhaps sarcasm"),
        (replace(THANKS, kind=Kind.THANKS, sarcasm_score=0.97), True, "thanks, that fixed it", "thanks, told to us"),
        (replace(THANKS, kind=Kind.QUESTION), False, "do they offer fibre", "question"),
        (replace(THANKS, kind=Kind.SUGGESTION), False, "they should offer fibre", "suggestion"),
        (replace(COMPLAINT, kind=Kind.SPAM, complaint=False), False, "buy followers", "spam"),
        (replace(THANKS, kind=Kind.OTHER, relevant_score=0.02), False, "a brisk walk", "not about us"),
        (replace(THANKS, kind=Kind.QUESTION, relevant_score=0.08), False, "do you deliver here", "question"),
        (replace(COMPLAINT, relevant_score=0.02), False, "no parcel again", "complaint"),
        (replace(THANKS, kind=Kind.QUESTION, relevant_score=0.02), True, "do you deliver here", "question"),
        (replace(THANKS, kind=Kind.OTHER, sentiment=Sentiment.NEGATIVE), False, "hm, not nice", "unhappy"),
        (replace(THANKS, kind=Kind.OTHER, sentiment=Sentiment.NEUTRAL), True, "hello", "told to us"),
        (replace(THANKS, kind=Kind.OTHER, sentiment=Sentiment.NEUTRAL), False, "hello", "everything else"),
    ],
)
def test_the_starter_rules_do_what_their_names_say(
    assessment: Assessment, summoned: bool, text: str, rule: str
) -> None:
    routes = Routes.model_validate(tomllib.loads(STARTER.read_text(encoding="utf-8")))
    settings = make_settings().model_copy(update={"routes": routes})
    mention = replace(MENTION, post=replace(POST, text=text, summoned=summoned))
    assert route(mention, assessment, settings).rule == rule
