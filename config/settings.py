"""Every setting of ``frankly.toml``, declared once: name, type, default and what it is for.

``config/loading.py`` reads the file and the environment into these models and words the errors.
Secrets are not here: see ``config/credentials.py``.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from config.clock import Clock, PacedClock, SystemClock
from config.names import folded, listed, reject_alike, reject_repeats
from config.prices import Prices
from config.rules import PriorityName, Routes, Rule
from config.types import (
    BaseUrl,
    DeskUrl,
    Duration,
    Hours,
    Language,
    Name,
    RedditName,
    Section,
    Subreddit,
    Time,
    TimeZone,
    Wait,
    Words,
    XHandle,
)

SourceKind = Literal["x_mentions", "x_search", "reddit_comments", "reddit_posts", "reddit_search", "reddit_inbox"]
_NO_TOPIC = ("other", "none")  # what rules and the digest, and labelled files, call it when a post is about no topic


class Handles(Section):
    """The brand's own accounts, with or without @ or u/."""

    x: list[XHandle] = Field([], description="on X")
    reddit: list[RedditName] = Field([], description="on Reddit")


class Brand(Section):
    """A brand to listen for."""

    name: Name = Field(description="what the desk and the digest call it")
    terms: list[Words] = Field(
        min_length=1, description="words that mean the brand; whole words, case and accents aside"
    )
    excluded: list[Words] = Field([], description="words that mean something else: a post with one is no mention")
    handles: Handles = Handles()
    competitors: list[Words] = Field(
        [], description="rivals' names: anger at them is not anger at us, and posts that name one must be surer"
    )
    languages: list[Language] = Field(["en"], min_length=1, description="languages (ISO 639-1) that agents answer in")
    time_zone: TimeZone = Field("UTC", description="whose midnight ends the digest's day; quiet hours, rules' hours")
    private_route: str = Field("", description="where customers give private data, as a template may say it")

    @model_validator(mode="after")
    def _excludes_others_alone(self) -> Self:
        own = {folded(word) for word in (self.name, *self.terms)}
        for word in self.excluded:
            if folded(word) in own:
                raise ValueError(
                    f'excluded holds "{word}", a name or term of the brand itself; '
                    "expected words that mean something else"
                )
        return self

    def all_terms(self) -> tuple[str, ...]:
        """Return the terms and the handles: whatever in a text means this brand."""
        return (
            *self.terms,
            *(f"@{handle}" for handle in self.handles.x),
            *(f"u/{name}" for name in self.handles.reddit),
        )


class XPlatform(Section):
    """How to talk to X."""

    base_url: BaseUrl = Field("https://api.twitter.com", description="another server, such as a rehearsal's")
    timeout: Duration = Field(timedelta(seconds=20), description="of each request")
    sending: Literal["dry_run", "on"] = Field("dry_run", description="nothing is posted until this is on")
    day_budget_usd: float = Field(5.0, ge=0, description="spent: the sources rest until the next day (UTC)")
    deletion_checks_usd: float = Field(
        1.0,
        ge=0,
        description="beside that, each day: seeing whether stored posts still stand; what is not reached is emptied",
    )
    answers_usd: float = Field(
        2.0, ge=0, description="beside that, each day: replies, and reading back our own posts; spent: answers wait"
    )
    month_budget_usd: float = Field(
        100.0, ge=0, description="all but answers; spent: the sources rest until the next month (UTC)"
    )
    text_kept: Duration = Field(
        timedelta(days=7), description="how long the text of a post is stored, or as long as its case is open"
    )
    unchecked_kept: Duration = Field(
        timedelta(hours=24),
        description="how long a text is stored without a look whether its post still stands; X gives 24 hours",
    )
    prices: Prices = Prices()
    automated_label: bool = Field(False, description="the account carries X's Automated label")


class RedditPlatform(Section):
    """How to talk to Reddit."""

    base_url: BaseUrl = Field("https://oauth.reddit.com", description="another server, such as a rehearsal's")
    timeout: Duration = Field(timedelta(seconds=20), description="of each request")
    sending: Literal["dry_run", "on"] = Field("dry_run", description="nothing is posted until this is on")
    access_approved: bool = Field(False, description="Reddit has approved this business use in writing")
    app_registered: bool = Field(False, description="the account is registered with Reddit as automated")
    subreddits: list[Subreddit] = Field([], description="communities to listen to and, when they agree, to answer in")
    replies_per_submission: int = Field(1, ge=0, description="ours under one submission, through the platform")
    replies_per_subreddit: int = Field(20, ge=0, description="ours in one community in a day, through the platform")
    text_kept: Duration = Field(timedelta(hours=48), description="how long the text of a post is stored")


class Platforms(Section):
    """Both platforms."""

    x: XPlatform = XPlatform()
    reddit: RedditPlatform = RedditPlatform()


class Source(Section):
    """A configured way in."""

    name: str = Field(min_length=1, description="what status and logs call it")
    kind: SourceKind = Field(description="the way in: " + ", ".join(get_args(SourceKind)))
    every: Duration = Field(timedelta(minutes=1), description="how often it is read")
    brands: list[str] = Field([], description="brand names; empty: all of them")
    max_pages: int = Field(10, ge=1, le=100, description="pages read in one run before the rest waits")
    day_budget_usd: float | None = Field(None, ge=0, description="of this source alone, within that of its platform")
    month_budget_usd: float | None = Field(None, ge=0, description="of this source alone, in a month (UTC)")

    @property
    def platform(self) -> Literal["x", "reddit"]:
        """The platform this source listens to."""
        return "x" if self.kind.startswith("x_") else "reddit"


class Topic(Section):
    """A thing people complain about, with a few phrases that show what is meant."""

    name: Name = Field(description="what rules, desk and digest call it")
    phrases: list[Words] = Field(
        min_length=1, description="examples of what people say: matched by words, then by meaning"
    )

    @field_validator("name")
    @classmethod
    def _is_not_the_word_for_none(cls, name: str) -> str:
        if folded(name) in _NO_TOPIC:
            raise ValueError('expected another name than "other" and "none", which stand for posts about no topic')
        return name


class ClassifierSettings(Section):
    """Which model reads the posts."""

    model: str = Field("embedded", description='"embedded", a folder, or a Hugging Face name')
    revision: str | None = Field(
        None,
        description="of a Hugging Face model: a branch, tag or commit; the embedded one must be of it",
    )
    label_map: dict[str, str] = Field({}, description="the model's own labels in frankly's words")
    complaint_threshold: float = Field(0.5, ge=0, le=1, description="the score from which a post is a complaint")
    unsure_below: float = Field(0.45, ge=0, le=1, description="confidence under which a person decides")
    languages: list[Language] = Field(
        ["en"], min_length=1, description="languages (ISO 639-1) that the model understands"
    )
    threads: int = Field(2, ge=1, le=256, description="of the processor")
    batch_size: int | None = Field(
        None,
        ge=1,
        le=1024,
        description="texts that the model reads together; unset: 8 by a model whose answers do not depend on it, "
        "else 1 (a model that rounds a batch together answers a little by what is read beside)",
    )

    @field_validator("model")
    @classmethod
    def _names_a_model(cls, model: str) -> str:
        if not model.strip():  # as a path it would be the configuration's own folder
            raise ValueError('expected "embedded", a folder, or a Hugging Face name')
        return model


class Promises(Section):
    """How soon the first response is promised, for each priority."""

    urgent: Duration = Field(timedelta(minutes=30), description="all count from the post, or from what raised it")
    high: Duration = Field(timedelta(hours=1), description="for high priority")
    normal: Duration = Field(timedelta(hours=4), description="for normal priority")
    low: Duration = Field(timedelta(hours=24), description="for low priority")

    def target(self, priority: PriorityName) -> timedelta:
        """Return the promise made for a priority."""
        promise: timedelta = getattr(self, priority)
        return promise


class Answers(Section):
    """How frankly answers, whoever writes the text."""

    hold: Wait = Field(timedelta(seconds=20), description="how long an approved answer can be taken back")
    max_age: Duration = Field(timedelta(hours=24), description="older posts are not answered through the platform")
    author_cooldown: Wait = Field(timedelta(hours=6), description="between two automated replies to one author")
    cap_per_hour: int = Field(30, ge=0, description="automated replies on one platform")
    cap_per_day: int = Field(200, ge=0, description="automated replies on one platform")
    quiet_hours: Hours | None = Field(None, description="no automated reply in these hours of the brand's day")
    forbidden_words: list[str] = Field([], description="no reply with one of these leaves")
    opt_out_phrases: dict[str, list[str]] = Field(
        {}, description="by language: what else means that we are to stop, such as pl = ['przestań']"
    )
    sensitive_words: dict[str, list[str]] = Field(
        {}, description="by language: what else only a person may answer; a rule needs both for a language of its own"
    )
    settle_after: Wait = Field(timedelta(seconds=90), description="wait before looking for an uncertain reply")
    settle_checks: int = Field(2, ge=1, description="how often it is looked for before a person decides")
    claim_kept: Duration = Field(timedelta(minutes=30), description="after this an idle hold on a case is released")


GuardrailLevel = Literal["block", "warn"]


class GuardrailLevels(Section):
    """What a guardrail does to an agent's answer: "block" stops it until they give a reason, "warn" only says so.

    In an automated reply every finding blocks. Emptiness, length and a missing disclosure always block.
    """

    private_data: GuardrailLevel = Field("block", description="private data that everybody could read")
    asks_private: GuardrailLevel = Field("warn", description="asking for private data in public")
    promotion: GuardrailLevel = Field("block", description="selling in an answer to a complaint")
    links: GuardrailLevel = Field("warn", description="links on X; on Reddit, in an answer to a complaint")
    placeholder: GuardrailLevel = Field("block", description="a gap of a template that nobody filled")
    repeat: GuardrailLevel = Field("block", description="the same words as an answer of the last day")
    forbidden_word: GuardrailLevel = Field("block", description="a word of answers.forbidden_words")
    initials: GuardrailLevel = Field("warn", description="an answer that is not signed by who approves it")


class Pause(Section):
    """What stops all sending, beside the desk and the command line. A person lets it go on."""

    file: Path = Field(Path("PAUSE"), description="while it is there nothing is sent; its first line may say why")
    refusals: int = Field(5, ge=0, description="answers that a platform refuses running; 0: any number")
    complaints_times: float = Field(
        5.0, ge=0, description="times the complaints that are usual at this hour (median of two weeks); 0: any number"
    )
    complaints_more: int = Field(30, ge=1, description="and this many more: small numbers often jump")


class DigestSettings(Section):
    """When the morning digest is made, and what is sent of it."""

    at: Time = Field(time(7, 0), description="time of day, in each brand's own zone")
    by_mail: bool = Field(True, description="send it to FRANKLY_DIGEST_URLS (Apprise addresses), if any are set")
    words_sent: bool = Field(
        True, description="what is sent quotes posts and names authors; without, nothing in a mailbox has to be deleted"
    )
    quotes: int = Field(3, ge=0, le=20, description="verbatim quotes for each topic")


class Desk(Section):
    """The web desk."""

    host: str = Field("127.0.0.1", description="the address it listens on")
    port: int = Field(8470, ge=0, le=65535, description="0 takes any free one")
    public_url: DeskUrl = Field("", description="the address agents use, when a proxy stands in front")
    session: Duration = Field(timedelta(hours=12), description="how long somebody stays signed in")
    secure_cookies: bool = Field(False, description="send them over https alone; so it is where public_url is https")


class Daemon(Section):
    """How often the daemon looks for work, in real time. Each source has its own ``every``."""

    tick: Duration = Field(timedelta(seconds=1), description="assess, route and send what waits")
    tend: Duration = Field(timedelta(seconds=15), description="breaches, snoozes, stale holds, digests")
    notice: Duration = Field(timedelta(minutes=2), description="read our own posts, for answers given by hand")
    sweep: Duration = Field(timedelta(hours=1), description="look for deleted posts, end retention")


class Rehearsal(Section):
    """The pace of a simulated day. Only allowed when both platforms are servers on this machine."""

    start: datetime = Field(description="the simulated moment at which the day begins")
    anchor: datetime = Field(description="the real moment of that")
    speed: float = Field(gt=0, description="simulated seconds in a real one")


class Settings(Section):
    """The whole configuration, checked."""

    database: Path = Field(Path("frankly.sqlite3"), description="the store; relative to the configuration's folder")
    backups: Path = Field(Path("backups"), description="where `frankly backup` writes; relative like `database`")
    brands: list[Brand] = Field(min_length=1)
    sources: list[Source] = Field([])
    platforms: Platforms = Platforms()
    classifier: ClassifierSettings = ClassifierSettings()
    topics: list[Topic] = Field([])
    promises: Promises = Promises()
    answers: Answers = Answers()
    guardrails: GuardrailLevels = GuardrailLevels()
    pause: Pause = Pause()
    digest: DigestSettings = DigestSettings()
    desk: Desk = Desk()
    daemon: Daemon = Daemon()
    rehearsal: Rehearsal | None = None
    routes: Routes = Field(
        Routes(rules=[Rule(name="everything to people", action="queue", queue="care")]), exclude=True
    )
    file: Path = Field(Path("frankly.toml"), exclude=True, description="where the configuration was read from")

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        brands = [brand.name for brand in self.brands]
        reject_repeats("source", [source.name for source in self.sources])
        for what, names in (("brand", brands), ("topic", [topic.name for topic in self.topics])):
            reject_repeats(what, names)
            reject_alike(what, names)
        for source in self.sources:
            for name in source.brands:
                if name not in brands:
                    raise ValueError(f'source "{source.name}" names the brand "{name}"; known: {listed(brands)}')
        if any(s.platform == "reddit" for s in self.sources) and not self.platforms.reddit.access_approved:
            raise ValueError(
                "a Reddit source is configured, but platforms.reddit.access_approved is false: Reddit asks for "
                "written approval before any business use; set it to true once you have that, or remove the source"
            )
        return self

    @model_validator(mode="after")
    def _rehearsal_stays_home(self) -> Self:
        if self.rehearsal is not None:
            for name, url in (("x", self.platforms.x.base_url), ("reddit", self.platforms.reddit.base_url)):
                if urlsplit(url).hostname not in ("127.0.0.1", "::1", "localhost"):
                    raise ValueError(
                        f"rehearsal sets a pace for the clock, but platforms.{name}.base_url is not on this machine; "
                        "remove the rehearsal section, or point both platforms at a rehearsal server"
                    )
        return self

    def brand(self, name: str) -> Brand:
        """Return the brand of that name; ``KeyError`` when there is none."""
        for brand in self.brands:
            if brand.name == name:
                return brand
        raise KeyError(name)

    def brand_or_default(self, name: str) -> Brand:
        """Return the brand of that name, or one with default settings: the store may hold brands of earlier days."""
        try:
            return self.brand(name)
        except KeyError:
            return Brand.model_construct(name=name, terms=[name])  # unchecked: what was valid then may not be now

    def clock(self) -> Clock:
        """Return the clock that everything in this process goes by."""
        if self.rehearsal is None:
            return SystemClock()
        pace = self.rehearsal
        return PacedClock(pace.start.astimezone(UTC), pace.anchor.astimezone(UTC), pace.speed)

    @property
    def folder(self) -> Path:
        """The configuration's folder."""
        return self.file.parent

    @property
    def database_path(self) -> Path:
        """The database file; a relative path counts from the configuration's folder."""
        return self.folder / self.database

    @property
    def pause_file(self) -> Path:
        """The file that pauses all sending; a relative path counts from the configuration's folder."""
        return self.folder / self.pause.file

    @property
    def classifier_here(self) -> ClassifierSettings:
        """The classifier's settings; a model folder counts from the configuration's folder."""
        folder = self.folder / self.classifier.model
        return self.classifier.model_copy(update={"model": str(folder)}) if folder.is_dir() else self.classifier

    @property
    def templates_folder(self) -> Path:
        """Where the reply templates are."""
        return self.folder / "templates"
