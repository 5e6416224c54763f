"""People hear of an escalated case at once and once, and of no word in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from pydantic import SecretStr

from config.errors import FranklyError
from responders.alerts import send_alerts
from responders.notifier import Address
from store.records import Action, Case, Platform, Severity
from tests.responders.scene import COMPLAINT, Scene

DESK = "https://desk.brisk.example/"
URLS = (SecretStr("json://pager.example"),)


@dataclass
class Pager:
    """What was sent, and whether the next addresses take it."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    takes: list[bool | Exception] = field(default_factory=list)

    def send(self, title: str, body: str) -> bool:
        self.sent.append((title, body))
        answer = self.takes.pop(0) if self.takes else True
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def pager(monkeypatch: pytest.MonkeyPatch) -> Pager:
    made = Pager()
    monkeypatch.setattr(Address, "notify", lambda _, title, body, form: made.send(title, body))
    return made


def escalated(scene: Scene, **post: object) -> Case:
    return scene.cases.escalate(scene.case(**post).id, scene.agent(f"A{len(scene.store.agents.all())} B"), "a newborn")


def alert(scene: Scene, urls: Sequence[SecretStr] = URLS) -> int:
    return send_alerts(scene.store, scene.clock, urls, DESK)


def told(scene: Scene, case: Case) -> list[str]:
    return [kind for kind in scene.kinds(case.id) if kind.startswith("alert.")]


def test_an_escalated_case_is_told_once_with_its_platform_and_the_way_to_it(scene: Scene, pager: Pager) -> None:
    scene.case()
    assert alert(scene) == 0
    case = escalated(scene)
    assert alert(scene) == 1
    assert pager.sent == [("A case was escalated", f"X: https://desk.brisk.example/cases/{case.id}")]
    scene.clock.advance(hours=1)
    assert alert(scene) == 0
    assert told(scene, case) == ["alert.sent"]


def test_a_rule_that_escalates_is_told_as_well(scene: Scene, pager: Pager) -> None:
    mention = scene.mention(assessment=replace(COMPLAINT, severity=Severity.CRITICAL))
    assert scene.take(mention).action is Action.ESCALATE
    case = scene.store.cases.of_mention(mention.id)
    assert case is not None
    assert alert(scene) == 1
    assert pager.sent[0][1].endswith(f"/cases/{case.id}")


def test_what_nobody_took_is_tried_again_a_little_later(scene: Scene, pager: Pager) -> None:
    case = escalated(scene)
    pager.takes = [False, False]
    for _ in range(2):
        with pytest.raises(FranklyError, match=r"1 of 1 addresses did not take it \(json\)"):
            alert(scene)
        assert alert(scene) == 0
        scene.clock.advance(minutes=5)
    assert alert(scene) == 1
    scene.clock.advance(minutes=5)
    assert alert(scene) == 0
    assert len(pager.sent) == 3
    assert told(scene, case) == ["alert.unsent", "alert.sent"]


def test_what_one_address_took_is_not_told_again(scene: Scene, pager: Pager) -> None:
    case = escalated(scene)
    pager.takes = [False, True]
    with pytest.raises(FranklyError, match="1 of 2 addresses"):
        alert(scene, URLS * 2)
    scene.clock.advance(hours=1)
    assert alert(scene, URLS * 2) == 0
    assert told(scene, case) == ["alert.sent"]


def test_what_broke_off_on_its_way_is_not_told_again(scene: Scene, pager: Pager) -> None:
    escalated(scene)
    pager.takes = [RuntimeError("halfway")]
    with pytest.raises(RuntimeError, match="halfway"):
        alert(scene)
    scene.clock.advance(hours=1)
    assert alert(scene) == 0
    assert len(pager.sent) == 1


def test_a_case_that_is_escalated_again_is_told_again(scene: Scene, pager: Pager) -> None:
    case = escalated(scene)
    assert alert(scene) == 1
    scene.cases.escalate(case.id, scene.agent("Cy Dorn"), "now the press calls")
    assert alert(scene) == 1


def test_closed_cases_and_those_of_long_ago_are_not_told(scene: Scene, pager: Pager) -> None:
    agent = scene.agent()
    scene.cases.resolve(escalated(scene).id, agent)
    assert alert(scene) == 0
    escalated(scene)
    scene.clock.advance(days=1, minutes=1)
    assert alert(scene) == 0
    assert pager.sent == []


def test_replayed_posts_call_nobody(scene: Scene, pager: Pager) -> None:
    case = escalated(scene, replayed=True)
    assert case.replayed
    assert alert(scene) == 0


def test_without_an_address_nothing_is_sent_and_nothing_written(scene: Scene, pager: Pager) -> None:
    escalated(scene)
    assert alert(scene, ()) == 0
    assert scene.store.database.value("SELECT count(*) FROM alerts") == 0
    assert alert(scene) == 1


def test_a_storm_is_one_alert_that_names_the_first_cases(scene: Scene, pager: Pager) -> None:
    cases = [escalated(scene, platform=Platform.REDDIT), *(escalated(scene) for _ in range(24))]
    scene.cases.escalate(cases[0].id, scene.agent("Cy Dorn"), "twice")
    assert alert(scene) == 26
    [(title, body)] = pager.sent
    assert title == "25 cases were escalated"
    lines = body.splitlines()
    assert lines[0] == f"Reddit: https://desk.brisk.example/cases/{cases[0].id}"
    assert lines[1:20] == [f"X: https://desk.brisk.example/cases/{case.id}" for case in cases[1:20]]
    assert lines[20:] == ["and 5 more: https://desk.brisk.example/"]
