"""Reply templates: Markdown files with a front matter, written by the operator and checked before anything starts.

A file is

    ---
    name = "thanks"            # without it: the file's name up to the first dot
    language = "en"
    platforms = ["x", "reddit"]
    when = ["praise", "thanks"]   # kinds of mention for which an agent's draft starts with it
    ---
    Thank you, {{ author_handle }}!
    ***
    That is kind of you, {{ author_handle }}!

The bodies between the ``***`` lines are variants. Which one comes first follows from the id of the post, so that one
post always gets the same words; two posts seldom do, because what somebody else has just heard is passed over. The only
names a body may use are those of ``NAMES``; the text of a mention is not among them, because what strangers write is
data and never part of a template. Bodies run in Jinja's immutable sandbox with strict undefined names. What they give
is plain text; it is escaped where it is shown.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jinja2
from jinja2 import StrictUndefined, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.errors import ConfigurationError
from config.rules import KindName, PlatformName
from config.settings import Settings
from responders import optouts, sensitive
from responders.disclosure import is_disclosed
from responders.length import LIMITS, length_on
from store.records import Kind, Platform

NAMES = ("brand", "author_handle", "author_name", "topic", "initials", "private_route", "community")
NAME_KEPT = 30  # characters of an author's display name that a reply may repeat
_LONGEST_HANDLE = {Platform.X: 16, Platform.REDDIT: 22}  # with @ and u/
_VARIANT_LINE = "***"

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=False)


@lru_cache(maxsize=256)
def _compiled(body: str) -> jinja2.Template:
    return _environment.from_string(body)


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9_-]*$")
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    platforms: list[PlatformName] = Field(min_length=1)
    when: list[KindName] = []


@dataclass(frozen=True, slots=True)
class Template:
    """One reply template in one language."""

    name: str
    language: str
    platforms: tuple[Platform, ...]
    when: tuple[Kind, ...]
    bodies: tuple[str, ...]
    path: Path

    def render(self, values: Mapping[str, str], target: str = "") -> str:
        """Return the text for one target: the same for the same target, whenever it is asked."""
        return next(self.renderings(values, target))

    def renderings(self, values: Mapping[str, str], target: str = "") -> Iterator[str]:
        """Yield the text of every variant, the target's own first, then the others in a fixed order."""
        digest = hashlib.sha256(target.encode()).digest()
        first = int.from_bytes(digest[:8], "big") % len(self.bodies)
        for body in (*self.bodies[first:], *self.bodies[:first]):
            yield _compiled(body).render(values).strip()


class Templates:
    """All reply templates of the operator."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self._templates = tuple(templates)

    def names(self) -> list[str]:
        """Return the names, each once."""
        return sorted({template.name for template in self._templates})

    def for_(self, platform: Platform, language: str | None) -> list[Template]:
        """Return the templates that fit a platform and a language, in the order of their files."""
        return [one for one in self._templates if platform in one.platforms and one.language == language]

    def find(self, name: str, platform: Platform, language: str | None) -> Template | None:
        """Return the template of that name for a platform in a language, or None."""
        return next((one for one in self.for_(platform, language) if one.name == name), None)

    def render(self, name: str, values: Mapping[str, str], *, language: str | None = None, target: str = "") -> str:
        """Render the template of a name in the language asked for, or else in the first there is. May ``KeyError``."""
        found = [one for one in self._templates if one.name == name]
        if not found:
            raise KeyError(name)
        return next((one for one in found if one.language == language), found[0]).render(values, target)


def load_templates(folder: Path, settings: Settings) -> Templates:
    """Read and check every ``*.md`` of a folder. ``ConfigurationError`` names the file and what is wrong in it."""
    templates = [_load(path, settings) for path in _files(folder)]
    _reject_doubles(templates)
    _check_rules(templates, settings)
    return Templates(templates)


def _files(folder: Path) -> list[Path]:
    """Return the template files. A folder that cannot be read is not the same as one that is not there."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".md")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigurationError(
            f"{folder}: the reply templates cannot be read ({error.strerror}); it must be a folder we may read"
        ) from error


def _load(path: Path, settings: Settings) -> Template:
    front, bodies = _read(path)
    template = Template(
        name=front.name or path.name.partition(".")[0],
        language=front.language,
        platforms=tuple(Platform(name) for name in front.platforms),
        when=tuple(Kind(name) for name in front.when),
        bodies=bodies,
        path=path,
    )
    for body in bodies:
        _check_body(template, body, settings)
    return template


def _read(path: Path) -> tuple[_FrontMatter, tuple[str, ...]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    start, front, body = [*text.lstrip("\ufeff").split("---\n", 2), "", ""][:3]
    if start.strip() or not front.strip():
        raise ConfigurationError(f'{path}: a reply template begins with its front matter between two lines "---"')
    try:
        read = _FrontMatter.model_validate(tomllib.loads(front))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: the front matter is not valid TOML: {error}") from error
    except ValidationError as error:
        known = ", ".join(_FrontMatter.model_fields)
        found = [(".".join(str(part) for part in one["loc"]), one["msg"]) for one in error.errors()]
        wrong = "; ".join(f'"{key}": {words}' for key, words in found)
        raise ConfigurationError(f"{path}: front matter key {wrong} (keys: {known})") from error
    return read, tuple(_variants(body))


def _variants(text: str) -> Iterator[str]:
    variant: list[str] = []
    for line in [*text.splitlines(), _VARIANT_LINE]:
        if line.strip() == _VARIANT_LINE:
            yield "\n".join(variant).strip()
            variant = []
        else:
            variant.append(line)


def _check_body(template: Template, body: str, settings: Settings) -> None:
    path = template.path
    if not body:
        raise ConfigurationError(f"{path}: a body is empty; write the reply below the front matter")
    try:
        unknown = meta.find_undeclared_variables(_environment.parse(body)) - set(NAMES)
    except TemplateError as error:
        raise ConfigurationError(f"{path}: the body is not a valid template: {error}") from error
    if unknown:
        found = ", ".join(sorted(unknown))
        raise ConfigurationError(f"{path}: unknown name {found}; a reply template may use {', '.join(NAMES)}")
    for platform in template.platforms:
        _check_length(template, body, platform, settings)


def _check_length(template: Template, body: str, platform: Platform, settings: Settings) -> None:
    try:
        longest = _compiled(body).render(longest_values(platform, settings)).strip()
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise ConfigurationError(f"{template.path}: the body cannot be rendered: {error}") from error
    length = length_on(platform, longest)
    if length > LIMITS[platform]:
        raise ConfigurationError(
            f"{template.path}: with the longest values a reply has {length} characters, and {platform} takes "
            f"{LIMITS[platform]}; shorten the body, or leave {platform} out of its platforms"
        )


def longest_values(platform: Platform, settings: Settings) -> dict[str, str]:
    """Return the values that make a reply as long as it can get on a platform."""
    return {
        "brand": max((brand.name for brand in settings.brands), key=len),
        "author_handle": "w" * _LONGEST_HANDLE[platform],
        "author_name": "\u6f22" * NAME_KEPT,  # X counts such a sign twice
        "topic": max((topic.name for topic in settings.topics), key=len, default=""),
        "initials": "WWWW",
        "private_route": max((brand.private_route for brand in settings.brands), key=len),
        "community": "w" * 21,
    }


def _reject_doubles(templates: Sequence[Template]) -> None:
    seen: dict[tuple[str, str, Platform], Path] = {}
    for template in templates:
        for platform in template.platforms:
            other = seen.setdefault((template.name, template.language, platform), template.path)
            if other != template.path:
                raise ConfigurationError(
                    f'{template.path}: {other.name} is a template "{template.name}" for {platform} in '
                    f'"{template.language}" as well; rename one of them'
                )


def _check_rules(templates: Sequence[Template], settings: Settings) -> None:
    """Check what rules answer with by themselves: it is there, says that it is automated, and how to make it stop."""
    for rule in settings.routes.rules:
        if rule.template is None:
            continue
        used = [template for template in templates if template.name == rule.template]
        if not used:
            known = ", ".join(sorted({template.name for template in templates})) or "none"
            raise ConfigurationError(
                f'routes.toml: rule "{rule.name}" names the template "{rule.template}"; templates there are: {known}'
            )
        for template in used if rule.action == "auto_reply" else ():
            _check_unattended(template, rule.name, settings)


def _check_unattended(template: Template, rule: str, settings: Settings) -> None:
    """Check what goes out without a person: it is disclosed, and who answers it or wrote before it is understood."""
    if not all(is_disclosed(body) for body in template.bodies):
        raise ConfigurationError(
            f'{template.path}: rule "{rule}" sends it without a person, so each body must say that it '
            'is automated and how to make it stop, such as "Automated reply; answer STOP and we stop."'
        )
    language, answers = template.language, settings.answers
    for key, known in (("opt_out_phrases", optouts.LANGUAGES), ("sensitive_words", sensitive.LANGUAGES)):
        if language not in known and not getattr(answers, key).get(language):
            raise ConfigurationError(
                f'{template.path}: rule "{rule}" sends it without a person in "{language}", for which frankly has no '
                f"words of its own ({', '.join(sorted(known))}); add answers.{key}.{language}, or queue such posts"
            )
