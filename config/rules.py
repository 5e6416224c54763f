"""The shape of ``routes.toml``: rules in order, the first that matches wins.

``responders/routing.py`` evaluates them; here is only what an operator may write.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.types import Hours

PlatformName = Literal["x", "reddit"]
SentimentName = Literal["negative", "neutral", "positive"]
KindName = Literal["complaint", "question", "praise", "suggestion", "thanks", "spam", "other"]
SeverityName = Literal["low", "medium", "high", "critical"]
PriorityName = Literal["low", "normal", "high", "urgent"]


class When(BaseModel):
    """The conditions of a rule: all that are given must hold. A list means "one of these"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: list[PlatformName] = []
    source: list[str] = []
    brand: list[str] = []
    kind: list[KindName] = []
    sentiment: list[SentimentName] = []
    complaint: bool | None = None
    complaint_score_at_least: float | None = Field(None, ge=0, le=1)
    complaint_score_below: float | None = Field(None, ge=0, le=1)
    severity: list[SeverityName] = []
    topic: list[str] = []
    language: list[str] = []
    words: list[str] = []  # any of these, whole words, case and accents aside
    audience_at_least: int | None = Field(None, ge=0)
    audience_below: int | None = Field(None, ge=0)
    hours: Hours | None = None  # of the post, in the brand's time zone
    summoned: bool | None = None
    unsure: bool | None = None
    relevant_below: float | None = Field(None, ge=0, le=1)
    offensive_at_least: float | None = Field(None, ge=0, le=1)
    sarcasm_at_least: float | None = Field(None, ge=0, le=1)


class Rule(BaseModel):
    """One rule of ``routes.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    when: When = When()
    action: Literal["ignore", "queue", "auto_reply", "escalate"]
    queue: str | None = None
    priority: PriorityName = "normal"
    template: str | None = None

    @model_validator(mode="after")
    def _action_has_what_it_needs(self) -> Self:
        if self.action in ("queue", "escalate") and not self.queue:
            raise ValueError(f'action "{self.action}" needs a queue, such as queue = "care"')
        if self.action == "auto_reply" and not self.template:
            raise ValueError('action "auto_reply" needs a template, such as template = "thanks"')
        if self.action == "ignore" and (self.queue or self.template):
            raise ValueError('action "ignore" takes neither a queue nor a template')
        return self


class Routes(BaseModel):
    """The whole of ``routes.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: list[Rule] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'two rules are called "{name}"; give each rule a name of its own')
        return self
