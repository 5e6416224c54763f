"""``frankly check``: what is set, what works, and what the platforms' rules still ask of the operator."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from config.credentials import ALERT_VARIABLE, DIGEST_VARIABLE, SECRET_VARIABLES, VARIABLES
from config.errors import ConfigurationError, FranklyError, PlatformError
from config.settings import Settings, Source
from frankly.app import App, opened
from frankly.serving import desk_address
from listener.collect import Collector
from listener.sources.x_search import Expected
from responders.notifier import addresses
from store.records import Platform


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    mark: str  # "ok", "note", "PROBLEM"
    sentence: str
    exit_code: int = 0

    @property
    def is_problem(self) -> bool:
        """Tell whether this keeps frankly from doing its work."""
        return self.exit_code != 0


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found."""

    settings: dict[str, Any]
    secrets: tuple[str, ...]  # the names of those that are set
    findings: tuple[Finding, ...]

    @property
    def text(self) -> str:
        """Return the settings for a person, with the secrets hidden."""
        hidden = "\n".join(f"{name} = (set, hidden)" for name in self.secrets) or "no secrets are set"
        return f"{json.dumps(self.settings, indent=2, ensure_ascii=False)}\n{hidden}"

    def as_dict(self) -> dict[str, Any]:
        """Return everything for a program."""
        findings = [{"mark": finding.mark, "sentence": finding.sentence} for finding in self.findings]
        return {"settings": self.settings, "secrets_set": list(self.secrets), "findings": findings}

    @property
    def problems(self) -> list[Finding]:
        """Return what must be mended."""
        return [finding for finding in self.findings if finding.is_problem]

    @property
    def exit_code(self) -> int:
        """Return 0, or 3 for a wrong configuration, else 4 for a platform that refused."""
        codes = {finding.exit_code for finding in self.problems}
        return 3 if 3 in codes else max(codes, default=0)


def examine(config: Path | None) -> Report:
    """Look at everything. ``ConfigurationError`` when the settings cannot even be read."""
    with opened(config) as app:
        findings = (*_parts(app), *_credentials(app), *_sources(app), *_told(app), *_rules(app.settings))
        return Report(app.settings.model_dump(mode="json"), _secrets(), findings)


def _secrets() -> tuple[str, ...]:
    return tuple(name for name in SECRET_VARIABLES if os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _parts(app: App) -> Iterator[Finding]:
    yield Finding(
        "ok", f"settings, {len(app.settings.routes.rules)} rules and {len(app.templates.names())} templates read"
    )
    yield Finding("ok", f"database {app.settings.database_path} opens")
    try:
        classifier = app.classifier
    except ConfigurationError as error:
        yield Finding("PROBLEM", str(error), error.exit_code)
    else:
        yield Finding("ok", f"classifier {classifier.name}, revision {classifier.revision}")


def _credentials(app: App) -> Iterator[Finding]:
    needed = {source.platform for source in app.settings.sources}
    clients = app.clients()
    for platform in Platform:
        if platform not in clients:
            if platform.value in needed:
                names = ", ".join(VARIABLES[platform])
                yield Finding("PROBLEM", f"a source listens to {platform}, but no credentials are set; set {names}", 3)
            continue
        try:
            account = clients[platform].account()
        except PlatformError as error:
            yield Finding("PROBLEM", str(error), error.exit_code)
        else:
            yield Finding("ok", f"{platform}: signed in as {account.handle}")
            if platform is Platform.REDDIT:
                yield from _username(app, account.handle)


def _username(app: App, handle: str) -> Iterator[Finding]:
    """Hold the name that was set against the account of the keys: by it we know when a post calls us."""
    reddit = app.credentials.reddit
    if reddit is not None and reddit.username.casefold() != handle.casefold():
        found = f'FRANKLY_REDDIT_USERNAME is "{reddit.username}", but its keys belong to the account {handle}'
        yield Finding("PROBLEM", f"{found}; set it to {handle}, or use the keys of the account that it names", 3)


def _sources(app: App) -> Iterator[Finding]:
    if not app.settings.sources:
        yield Finding("note", "no source is configured: frankly hears only what `frankly replay` feeds it")
    have = app.clients()
    collector = Collector(app.store, app.settings, app.clock, have)
    for source in app.settings.sources:
        if Platform(source.platform) not in have:
            continue
        try:
            cost = collector.probe(source.name)
        except FranklyError as error:
            yield Finding("PROBLEM", f"source {source.name}: {error}", error.exit_code)
        else:
            yield Finding("ok", f"source {source.name} ({source.kind}) answers")
            if cost is not None:
                yield Finding("note", _costs(app.settings, source, cost))


def _told(app: App) -> Iterator[Finding]:
    """Say where digests go, and whether anybody hears at once of what the rules escalate."""
    digests = _ways(DIGEST_VARIABLE, app.credentials.digest_urls)
    if isinstance(digests, Finding):
        yield digests
    elif digests and app.settings.digest.by_mail:
        yield Finding("ok", f"digests are sent by {digests}")
    alerts = _ways(ALERT_VARIABLE, app.credentials.alert_urls)
    if isinstance(alerts, Finding):
        yield alerts
    elif alerts:
        yield Finding("ok", f"escalated cases are told at once by {alerts}, with links to {desk_address(app.settings)}")
    elif any(rule.action == "escalate" for rule in app.settings.routes.rules):
        yield Finding("note", f"nobody is told when a rule escalates a case: set {ALERT_VARIABLE}, as for the digest")


def _ways(variable: str, urls: Sequence[SecretStr]) -> str | Finding:
    """Name the ways that a variable's addresses go, or say which of them go nowhere."""
    told = addresses(urls)
    unknown = [address.name for address in told if not address.known]
    if unknown:
        return Finding("PROBLEM", f"{variable}: {', '.join(unknown)}; expected one such as mailto://…", 3)
    return ", ".join(address.name for address in told)


def _costs(settings: Settings, source: Source, cost: Expected) -> str:
    """Say what a search on X will cost, before it does, and whether the budget is enough for that."""
    whole = settings.platforms.x.day_budget_usd
    budget = whole if source.day_budget_usd is None else min(whole, source.day_budget_usd)
    said = f"source {source.name} finds about {cost.posts:,.0f} posts a day: ${cost.usd:.2f} at the price of a read"
    if cost.usd <= budget:
        return said
    return f"{said}, more than the ${budget:.2f} it may spend: narrow the brand's terms, or raise the budget"


def _rules(settings: Settings) -> Iterator[Finding]:
    """What no program can do for the operator."""
    x, reddit = settings.platforms.x, settings.platforms.reddit
    kinds = {source.platform for source in settings.sources}
    for name, sending in (("X", x.sending), ("Reddit", reddit.sending)):
        words = "posts for real" if sending == "on" else "dry run: nothing is posted"
        yield Finding("note", f"sending on {name}: {words}")
    if settings.desk.host in ("0.0.0.0", "::") and not settings.desk.public_url:  # noqa: S104  # asked about, not bound
        yield Finding("note", "the desk listens everywhere, but answers only to localhost until desk.public_url is set")
    if "x" in kinds and not x.automated_label:
        yield Finding(
            "note",
            "X asks automated accounts to carry the Automated label and to name who runs them; "
            "once yours does, set platforms.x.automated_label = true",
        )
    if "x" in kinds:
        yield Finding("note", "X takes replies through its API only to posts that mention or quote your account")
    if "reddit" in kinds and not reddit.app_registered:
        yield Finding(
            "note",
            "Reddit asks automated accounts to be registered and to be separate from personal ones; "
            "once yours is, set platforms.reddit.app_registered = true",
        )
    if "reddit" in kinds and not reddit.subreddits:
        yield Finding("PROBLEM", "platforms.reddit.subreddits is empty: name the communities to listen to", 3)
