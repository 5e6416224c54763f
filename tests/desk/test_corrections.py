"""What agents say that the classifier got wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from store.records import Agent
from tests.desk.conftest import Browser
from tests.desk.seed import POSTS, Said, Seed

SignIn = Callable[[Agent], Browser]


def test_a_correction_is_kept_beside_the_assessment(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    mention = seed.store.mentions.of_case(case_id)[-1]
    fields = {"mention_id": str(mention.id), "kind": "question", "severity": "high", "complaint": "no"}
    assert browser.post(f"/cases/{case_id}/correct", **fields)[0] == 303
    found = {one.field: (one.was, one.corrected) for one in seed.store.corrections.of_mention(mention.id)}
    assert found == {"kind": ("complaint", "question"), "complaint": ("yes", "no")}  # high it was already
    assert browser.post(f"/cases/{case_id}/correct", **fields)[0] == 303
    assert len(seed.store.corrections.of_mention(mention.id)) == 2
    assert browser.post(f"/cases/{case_id}/correct", mention_id=str(mention.id), kind="nonsense")[0] == 422
    assert browser.post(f"/cases/{case_id}/correct", mention_id="999", kind="question")[0] == 422
    assert "corrected to question" in browser.get(f"/cases/{case_id}")


def test_what_an_agent_says_stands_beside_what_the_classifier_said(
    seed: Seed, ana: Agent, case_id: int, sign_in: SignIn
) -> None:
    browser = sign_in(ana)
    mention_id = str(seed.store.mentions.of_case(case_id)[-1].id)
    browser.post(f"/cases/{case_id}/correct", mention_id=mention_id, severity="low", topic="other")
    page = browser.get(f"/cases/{case_id}")
    assert page.count('<span class="corrected">corrected to low</span>') == 1
    assert page.count('<span class="corrected">corrected to other</span>') == 1
    browser.post(f"/cases/{case_id}/correct", mention_id=mention_id, severity="high")  # as the classifier said
    assert "corrected to high</span>" not in browser.get(f"/cases/{case_id}")


def test_who_corrected_nothing_is_told_so(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    mention_id = str(seed.store.mentions.of_case(case_id)[-1].id)
    for fields in ({}, {"severity": "high"}):  # high it was already
        status, address = browser.post(f"/cases/{case_id}/correct", mention_id=mention_id, **fields)
        assert status == 303
        assert "Nothing is corrected: no label differs" in browser.get(address)
    _, address = browser.post(f"/cases/{case_id}/correct", mention_id=mention_id, severity="low")
    assert "the correction is kept" in browser.get(address)


def test_another_kind_says_whether_it_is_a_complaint(seed: Seed, ana: Agent, case_id: int, sign_in: SignIn) -> None:
    browser = sign_in(ana)
    mention = seed.store.mentions.of_case(case_id)[-1]
    fields = {"mention_id": str(mention.id), "kind": "thanks", "topic": "other"}
    assert browser.post(f"/cases/{case_id}/correct", **fields)[0] == 303
    found = {one.field: one.corrected for one in seed.store.corrections.of_mention(mention.id)}
    assert found == {"kind": "thanks", "topic": "other", "complaint": "no"}


def test_an_agent_may_say_that_nothing_is_bad(seed: Seed, ana: Agent, sign_in: SignIn) -> None:
    browser = sign_in(ana)

    def corrected(said: Said, *severities: str) -> list[tuple[str | None, str]]:
        case = seed.hear(said)
        mention = seed.store.mentions.of_case(case.id)[-1]
        for severity in severities:
            fields = {"mention_id": str(mention.id), "severity": severity}
            assert browser.post(f"/cases/{case.id}/correct", **fields)[0] == 303
        return [(one.was, one.corrected) for one in seed.store.corrections.of_mention(mention.id)]

    assert corrected(POSTS[2], "none") == [("high", "none")]
    # With nothing said of it, "none" is no correction, and after another one it takes that back.
    assert corrected(replace(POSTS[4], severity=None), "none", "low", "none") == [("none", "low"), ("none", "none")]
