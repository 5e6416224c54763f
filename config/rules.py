"""The shape of ``routes.toml``: rules in order, the first that matches wins.

``responders/routing.py`` evaluates them; here is only what an operator may write.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from config.types import Hours, Section

PlatformName = Literal["x", "reddit"]
SentimentName = Literal["negative", "neutral", "positive"]
KindName = Literal["complaint", "question", "praise", "suggestion", "thanks", "spam", "other"]
SeverityName = Literal["low", "medium", "high", "critical"]
PriorityName = Literal["low", "normal", "high", "urgent"]


class When(Section):
    """The conditions of a rule: all that are given must hold. A list means "one of these"."""

    platform: list[PlatformName] = Field([], description="where it was posted")
    source: list[str] = Field([], description="the source that heard it, or replay")
    brand: list[str] = Field([], description="the brand that it is about")
    kind: list[KindName] = Field([], description="what the author is doing")
    sentiment: list[SentimentName] = Field([], description="towards the brand")
    complaint: bool | None = Field(None, description="a complaint, or not")
    complaint_score_at_least: float | None = Field(None, ge=0, le=1, description="the complaint score")
    complaint_score_below: float | None = Field(None, ge=0, le=1, description="the complaint score")
    severity: list[SeverityName] = Field([], description="how bad it is for the author")
    topic: list[str] = Field([], description="one of your topics, or other")
    language: list[str] = Field([], description="ISO 639-1")
    words: list[str] = Field([], description="whole words or phrases, case and accents aside")
    audience_at_least: int | None = Field(None, ge=0, description="the author's followers")
    audience_below: int | None = Field(None, ge=0, description="the author's followers")
    hours: Hours | None = Field(None, description='of the post, in the brand\'s time zone: "22:00-07:00"')
    summoned: bool | None = Field(None, description="it mentions or quotes your account")
    unsure: bool | None = Field(None, description="the classifier is not sure about it")
    relevant_below: float | None = Field(None, ge=0, le=1, description="how likely it is about the brand")
    offensive_at_least: float | None = Field(None, ge=0, le=1, description="how likely it is offensive")
    sarcasm_at_least: float | None = Field(None, ge=0, le=1, description="how likely it is sarcasm")


class Rule(Section):
    """One rule of ``routes.toml``."""

    name: str = Field(min_length=1, description="stored with each decision, shown at the desk")
    when: When = When()
    action: Literal["ignore", "queue", "auto_reply", "escalate"] = Field(description="what is done")
    queue: str | None = Field(None, description="where the case goes")
    priority: PriorityName = Field("normal", description="of the case")
    template: str | None = Field(None, description="the reply template of auto_reply")

    @model_validator(mode="after")
    def _action_has_what_it_needs(self) -> Self:
        if self.action in ("queue", "escalate") and not self.queue:
            raise ValueError(f'action "{self.action}" needs a queue, such as queue = "care"')
        if self.action == "auto_reply" and not self.template:
            raise ValueError('action "auto_reply" needs a template, such as template = "thanks"')
        if self.action == "ignore" and (self.queue or self.template):
            raise ValueError('action "ignore" takes neither a queue nor a template')
        return self


class Routes(Section):
    """The whole of ``routes.toml``."""

    rules: list[Rule] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'two rules are called "{name}"; give each rule a name of its own')
        return self
