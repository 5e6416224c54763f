"""The plain rules: kind, severity and topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from classifiers.heads import REPROACH
from classifiers.kind import kind_of
from classifiers.scores import Floats, Scores
from classifiers.severity import severity_of
from classifiers.topic import TopicMatcher
from config.settings import Topic
from store.records import OTHER_TOPIC, Kind, Severity

CALM = Scores({"negative": 0.1, "neutral": 0.8, "positive": 0.1}, complaint=0.1)
GLAD = Scores({"negative": 0.05, "neutral": 0.15, "positive": 0.8}, complaint=0.05)
CROSS = Scores({"negative": 0.8, "neutral": 0.15, "positive": 0.05}, complaint=0.95)
MILD = Scores({"negative": 0.45, "neutral": 0.5, "positive": 0.05}, complaint=0.6)


@pytest.mark.parametrize(
    ("text", "scores", "complaint", "kind"),
    [
        ("why is my bill wrong again?", CROSS, True, Kind.COMPLAINT),
        ("@user what time do you open tomorrow", CALM, False, Kind.QUESTION),
        ("Do you ship to Norway?", CALM, False, Kind.QUESTION),
        ("Thanks @user, that fixed it", GLAD, False, Kind.THANKS),
        ("thanks for nothing", CROSS, False, Kind.OTHER),
        ("best provider I ever had", GLAD, False, Kind.PRAISE),
        ("It would be nice if the app had a dark mode", CALM, False, Kind.SUGGESTION),
        ("You should add a dark mode, don\u2019t you think?", CALM, False, Kind.SUGGESTION),
        ("HUGE GIVEAWAY! click this link http", GLAD, False, Kind.SPAM),
        ("#a #b #c #d #e #f http", CALM, False, Kind.SPAM),
        ("Earn $5k a week http", GLAD, False, Kind.SPAM),
        ("WhatsApp +44 7700 900123 for tips http", CALM, False, Kind.SPAM),
        ("buy more followers at http", CALM, False, Kind.SPAM),
        ("buy more followers at bit.ly/xx", CALM, False, Kind.SPAM),
        ("Make money from home, no scam http", CALM, False, Kind.SPAM),
        ("I got a text saying click this link, is it really from you? http", CALM, False, Kind.QUESTION),
        ("is this giveaway real or a scam http", CALM, False, Kind.QUESTION),
        ("somebody pretends to be you and runs a giveaway, take it down http", CALM, False, Kind.OTHER),
        ("Was so happy with the service from @user today", GLAD, False, Kind.PRAISE),
        ("Am loving my new router", GLAD, False, Kind.PRAISE),
        ("Is it true that they won?", GLAD, False, Kind.QUESTION),
        ("buy more followers at booking.com and/or here", CALM, False, Kind.OTHER),
        ("My promo code is not accepted at checkout, what do I do? http", CALM, False, Kind.QUESTION),
        ("What a brilliant engineer you sent, thank you!", GLAD, False, Kind.THANKS),
        ("Can\u2019t wait for the new phone", GLAD, False, Kind.PRAISE),
        ("Would recommend them to anybody", GLAD, False, Kind.PRAISE),
        ("moving to Leeds next week", CALM, False, Kind.OTHER),
        ("what is going on", CALM, None, Kind.QUESTION),
        ("", CALM, False, Kind.OTHER),
    ],
)
def test_the_first_rule_that_fits_names_the_kind(text: str, scores: Scores, complaint: bool | None, kind: Kind) -> None:
    assert kind_of(text, scores, complaint) is kind


def test_a_model_without_sentiment_still_gives_a_kind() -> None:
    assert kind_of("thanks a lot", Scores(complaint=0.1), False) is Kind.THANKS


def test_a_model_that_knows_the_kind_is_asked_before_the_rules() -> None:
    shares = {"complaint": 0.4, "question": 0.1, "praise": 0.3, "suggestion": 0.2}
    scores = replace(CALM, kind=shares)
    assert kind_of("thanks a lot, was that all?", scores, False) is Kind.PRAISE
    assert kind_of("thanks a lot, was that all?", scores, True) is Kind.COMPLAINT


@pytest.mark.parametrize(
    "text",
    [
        "@user help",
        "@user please help me!!",
        "@user I NEED HELP \U0001f62d",
        "@user hello? Anyone there?",
        "hello is anybody there @user",
        "@user can someone please help me??",
        "@user SOS",
        "@user answer me",
        "@user pls dm me asap",
        "@user check your DMs",
    ],
)
def test_a_bare_call_is_a_question_whatever_the_head_says(text: str) -> None:
    assert kind_of(text, replace(CALM, kind={"other": 1.0}), False) is Kind.QUESTION
    assert kind_of(text, CROSS, True) is Kind.COMPLAINT


@pytest.mark.parametrize(
    "text",
    [
        "@user hello",
        "@user there",
        "thanks for your help @user",
        "@user I can help you, dm me",
        "@user help your customers",
        "anyone but @user",
        "painting a trellis. send help.",
        "@user help " * 5_000 + "x",
    ],
)
def test_more_than_a_call_or_less_is_left_to_the_head(text: str) -> None:
    assert kind_of(text, replace(CALM, kind={"other": 1.0}), False) is Kind.OTHER


def test_the_head_of_kind_alone_makes_no_spam() -> None:
    scores = replace(CALM, kind={"spam": 0.9, "question": 0.1})
    assert kind_of("Claim sent, somebody please own it", scores, False) is Kind.QUESTION
    assert kind_of("get 90% off designer watches http", scores, False) is Kind.SPAM
    assert kind_of("gems generator, no verification", scores, False) is Kind.SPAM


@pytest.mark.parametrize(
    ("text", "scores", "severity", "reason"),
    [
        ("the colour is a bit off", MILD, Severity.LOW, "a complaint without strong words"),
        ("this is a disgrace", CROSS, Severity.MEDIUM, "a clear complaint in strong words"),
        ("your router caught fire last night", MILD, Severity.CRITICAL, "tells of danger to people or property"),
        ("somebody hacked my account", MILD, Severity.HIGH, "tells of fraud or a stolen account"),
        ("you charged me twice", MILD, Severity.MEDIUM, "money was taken or is owed"),
        ("no internet since noon", MILD, Severity.MEDIUM, "the service is out"),
        ("my solicitors will write to you", MILD, Severity.HIGH, "threatens legal steps or a regulator"),
        ("no phone and my nan is disabled", MILD, Severity.HIGH, "somebody vulnerable is affected"),
        ("his pendant alarm is dead and he is 84", MILD, Severity.HIGH, "somebody vulnerable is affected"),
        ("this is the third time I write", MILD, Severity.HIGH, "was ignored before"),
        ("I had to call you for the second time", MILD, Severity.HIGH, "was ignored before"),
        ("for the second time this week the app logs me out", MILD, Severity.MEDIUM, "it is not the first time"),
        ("the modem melted the plug", MILD, Severity.CRITICAL, "tells of danger to people or property"),
        ("smoke came out of the box", MILD, Severity.CRITICAL, "tells of danger to people or property"),
        ("the router has started smoking again", MILD, Severity.CRITICAL, "tells of danger to people or property"),
        ("the charger caught on fire", MILD, Severity.CRITICAL, "tells of danger to people or property"),
        ("still waiting for my parcel", MILD, Severity.MEDIUM, "still waits"),
        ("I can smell gas since your engineer left", MILD, Severity.CRITICAL, "tells of danger to people or property"),
        ("your hospitality desk is useless", MILD, Severity.LOW, "a complaint without strong words"),
        ("I\u2019m cancelling my contract", MILD, Severity.MEDIUM, "says that they are leaving"),
    ],
)
def test_words_of_harm_raise_the_severity_and_say_so(
    text: str, scores: Scores, severity: Severity, reason: str
) -> None:
    found, reasons = severity_of(text, scores)
    assert found is severity
    assert reason in reasons


def test_the_gravest_reason_comes_first() -> None:
    level, reasons = severity_of("still waiting, and your router caught fire", MILD)
    assert level is Severity.CRITICAL
    assert reasons == ("tells of danger to people or property", "still waits", "a complaint without strong words")


def test_a_model_that_has_learnt_of_harm_says_where_it_starts() -> None:
    grave = replace(CROSS, harm={"none": 0.9, "low": 0.0, "medium": 0.01, "high": 0.06, "critical": 0.03})
    assert severity_of("two men came to the door", grave) == (
        Severity.HIGH,
        ("reads like a grave matter for the author",),
    )
    slight = replace(grave, harm={"none": 0.0, "low": 0.9, "medium": 0.1, "high": 0.0, "critical": 0.0})
    assert severity_of("somebody hacked my account", slight)[0] is Severity.HIGH
    blaming = replace(slight, reproach={name: float(name == "blame") for name in REPROACH})
    assert severity_of("the colour is off", blaming) == (
        Severity.LOW,
        ("reads like an annoyance", "blames the company"),
    )
    third = severity_of("third time that I ask", slight)
    assert third[0] is Severity.MEDIUM  # not raised further: the model was taught what being ignored is worth


def _hearing(scores: Scores, **shares: float) -> Scores:
    harm = {"none": 0.0, "low": 0.0, "medium": 0.0, "high": 0.0, "critical": 0.0} | shares
    return replace(scores, harm=harm, danger=harm["critical"])


def test_danger_without_a_word_of_it_is_critical_where_the_model_hears_enough_of_it() -> None:
    text = "is it normal that the socket is warm and hums"
    hears = "reads like danger to somebody"
    assert severity_of(text, _hearing(CALM, none=0.6, critical=0.4), complaint=False) == (
        Severity.CRITICAL,
        (hears,),
    )
    assert severity_of(text, _hearing(CALM, none=0.7, critical=0.3), complaint=False) == (None, ())
    assert severity_of(text, _hearing(GLAD, critical=1.0), complaint=False) == (None, ())
    assert severity_of(text, _hearing(MILD, low=0.3, critical=0.4))[0] is Severity.CRITICAL
    assert severity_of(text, _hearing(MILD, none=0.6, medium=0.1, critical=0.3))[0] is Severity.MEDIUM
    assert severity_of(text, _hearing(MILD, high=0.5, critical=0.4))[0] is Severity.HIGH
    assert severity_of(text, _hearing(CALM, high=0.5, critical=0.4), complaint=False) == (None, ())


def test_words_of_danger_that_the_model_hears_none_in_are_a_manner_of_speaking() -> None:
    text = "your queue is on fire today"
    assert severity_of(text, _hearing(MILD, low=0.98, critical=0.008))[0] is Severity.LOW
    assert severity_of(text, _hearing(MILD, low=0.98, critical=0.02))[0] is Severity.CRITICAL
    assert severity_of(text, _hearing(CALM, low=0.98, critical=0.008), complaint=False) == (None, ())
    assert severity_of("somebody hacked my account", _hearing(MILD, low=1.0))[0] is Severity.HIGH
    elsewhere = replace(_hearing(MILD, medium=1.0), danger=0.02)  # in another window than that which complains most
    assert severity_of("it caught fire. I want my money back", elsewhere)[0] is Severity.CRITICAL


def test_words_alone_do_not_make_a_complaint_critical_without_danger() -> None:
    text = "third time I write, my disabled mother has no phone, fraud, I will see you in court"
    assert severity_of(text, CROSS)[0] is Severity.HIGH


def test_reasons_never_quote_the_post() -> None:
    _, reasons = severity_of("xylophone caught fire and xylophone was hacked", CROSS)
    assert "xylophone" not in " ".join(reasons)


@pytest.mark.parametrize(
    "text",
    [
        "hi Sue, it is still wrong",
        "last time I called you promised a visit",
        "oh baby this app is terrible",
        "a smoke and mirrors trick",
        "my mobile data is burning through my battery",
        "the line crackles so much that my mother thinks I've started smoking again",
        "I started smoking because of your hold music",
    ],
)
def test_idioms_and_names_tell_of_no_harm(text: str) -> None:
    assert severity_of(text, MILD) == (Severity.LOW, ("a complaint without strong words",))


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("your charger caused a house fire, the fire brigade had to come", Severity.CRITICAL),
        ("I smell gas, who do I call?", Severity.CRITICAL),
        ("somebody hacked my account and ordered two phones", Severity.HIGH),
        ("my dad is on a ventilator, will the power be back tonight?", Severity.MEDIUM),
    ],
)
def test_harm_that_is_told_calmly_has_a_severity(text: str, severity: Severity) -> None:
    found, reasons = severity_of(text, CALM, complaint=False)
    assert found is severity
    assert reasons
    assert severity_of(text, GLAD, complaint=False) == (None, ())


@pytest.mark.parametrize("text", ["lovely weather for my team", "no internet at my place?", "a house fire in Leeds"])
def test_what_is_neither_a_complaint_nor_the_authors_harm_has_no_severity(text: str) -> None:
    assert severity_of(text, CALM, complaint=False) == (None, ())


TOPICS = (
    Topic(name="billing", phrases=["wrong bill", "charged twice"]),
    Topic(name="outage", phrases=["no internet connection", "network is down"]),
)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("my BILLS are wrong", "billing"),
        ("they charge me twice", "billing"),
        ("there are no Internet connections", "outage"),
        ("lovely weather", OTHER_TOPIC),
        ("", OTHER_TOPIC),
    ],
)
def test_a_topic_is_found_by_the_words_of_its_phrases(text: str, topic: str | None) -> None:
    assert TopicMatcher(TOPICS).match(text) == topic


def test_words_that_are_far_apart_or_too_few_are_no_phrase() -> None:
    topics = TopicMatcher([Topic(name="outage", phrases=["no internet", "offline since this morning"])])
    assert topics.match("do you offer internet in Leeds?") == OTHER_TOPIC
    assert topics.match("waiting for my parcel since this morning") == OTHER_TOPIC
    assert topics.match("we have had no internet all day") == "outage"
    far = "no " + "reason to complain about anything at all really " * 5 + "internet"
    assert topics.match(far) == OTHER_TOPIC
    assert topics.match(far + " gone, no idea why") == "outage"


def test_a_topic_is_found_by_meaning_where_no_words_match() -> None:
    places = {"wrong bill": 0, "charged twice": 0, "no internet connection": 1, "network is down": 1}

    def embed(texts: Sequence[str]) -> Floats:
        return np.eye(3, dtype=np.float32)[[places[text] for text in texts]]

    topics = TopicMatcher(TOPICS, embed)
    near_outage = np.array([0.1, 0.9, 0.42], dtype=np.float32)
    near_nothing = np.array([0.1, 0.1, 0.99], dtype=np.float32)
    assert topics.match("the line went dead", near_outage) == "outage"
    assert topics.match("my bill is wrong, the line too", near_outage) == "billing"
    assert topics.match("lovely weather", near_nothing) == OTHER_TOPIC
    assert topics.match("lovely weather", None) == OTHER_TOPIC


def test_a_phrase_with_a_negation_goes_by_its_words_alone() -> None:
    def embed(texts: Sequence[str]) -> Floats:
        assert list(texts) == ["wrong bill"]
        return np.array([[0.0, 1.0]], dtype=np.float32)

    topics = TopicMatcher(
        [Topic(name="outage", phrases=["no internet"]), Topic(name="billing", phrases=["wrong bill"])], embed
    )
    near_internet = np.array([1.0, 0.0], dtype=np.float32)
    assert topics.match("is internet included in the package?", near_internet) == OTHER_TOPIC
    assert topics.match("no internet here", near_internet) == "outage"
    assert topics.match("you charged too much", np.array([0.0, 1.0], dtype=np.float32)) == "billing"


def test_a_topic_whose_phrases_are_only_small_words_is_matched_by_nothing() -> None:
    assert TopicMatcher([Topic(name="odd", phrases=["to be or not to be"])]).match("to be or not") == OTHER_TOPIC


def test_there_is_no_topic_without_topics() -> None:
    assert TopicMatcher(()).match("wrong bill", np.ones(3, dtype=np.float32)) is None


@pytest.mark.parametrize(
    ("reproach", "severity", "reason"),
    [
        ("no_explicit_reproach", Severity.LOW, "names a problem without a reproach"),
        ("disapproval", Severity.MEDIUM, "disapproves"),
        ("accusation", Severity.MEDIUM, "accuses the company"),
        ("blame", Severity.HIGH, "blames the company"),
    ],
)
def test_severity_starts_from_the_reproach_where_the_model_reads_one(
    reproach: str, severity: Severity, reason: str
) -> None:
    scores = replace(CROSS, reproach={**dict.fromkeys(REPROACH, 0.1), reproach: 0.7})
    assert severity_of("this is how it is", scores) == (severity, (reason,))
    assert severity_of("the router caught fire", scores)[0] is Severity.CRITICAL


def test_danger_in_a_negative_mood_is_not_passed_over_as_praise() -> None:
    text = "my phone caught fire"
    assert severity_of(text, GLAD, complaint=False) == (None, ())
    assert severity_of(text, replace(GLAD, mood=CROSS.sentiment), complaint=False)[0] is Severity.CRITICAL


@pytest.mark.parametrize(
    "text",
    [
        "acme you win, i am going to kill myself",
        "tonight I end my life, thank you acme",
        "ending it all tonight, you lot won. my last post",
        "thanks to acme i have no reason to live",
        "I don't want to be here any more @acme",
        "my family would be better off without me, cheers acme",
    ],
)
def test_who_speaks_of_dying_is_heard_whatever_the_model_hears(text: str) -> None:
    for scores in (GLAD, _hearing(GLAD, none=1.0)):
        for complaint in (False, True):
            level, reasons = severity_of(text, scores, complaint=complaint)
            assert (level, reasons[0]) == (Severity.CRITICAL, "speaks of dying by their own hand")


@pytest.mark.parametrize(
    "text",
    [
        "my phone is going to die, where is my charger",
        "I hurt myself at the gym, my own fault",
        "acme gives you a reason to live it up",
        "ending my contract, you lot won",
        "World Suicide Prevention Day: Acme lights its tower",
    ],
)
def test_other_endings_are_no_dying(text: str) -> None:
    _, reasons = severity_of(text, MILD, complaint=False)
    assert "speaks of dying by their own hand" not in reasons


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("acme took all my savings, thanks a lot", True),
        ("my life savings are all gone, well done acme", True),
        ("acme made me lose our savings", True),
        ("acme helped me to grow my savings", False),
        ("my savings have doubled with acme", False),
    ],
)
def test_savings_that_are_gone_are_no_praise(text: str, gone: bool) -> None:
    assert (severity_of(text, GLAD, complaint=False)[1] == ("tells of savings that are gone",)) is gone
