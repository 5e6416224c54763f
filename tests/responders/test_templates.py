"""Reply templates: checked before anything starts, safe to render, stable for one post."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from config.errors import ConfigurationError
from config.rules import Routes
from config.settings import Answers, Settings
from responders.reply_text import plain_name
from responders.templates import NAMES, Template, Templates, load_templates, longest_values
from store.records import Kind, Platform
from tests.responders.scene import DISCLOSED, make_settings, write_template

STARTER = Path(__file__).parents[2] / "config" / "starter"
VALUES = dict.fromkeys(NAMES, "something")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "templates"


@pytest.fixture
def settings() -> Settings:
    return make_settings([{"name": "rest", "action": "ignore"}])


def test_a_template_is_read_with_its_front_matter(folder: Path, settings: Settings) -> None:
    write_template(
        folder,
        "sorry.de",
        "Tut mir leid, {{ author_name }}.",
        'language = "de"\nplatforms = ["x"]\nwhen = ["complaint"]',
    )
    templates = load_templates(folder, settings)
    assert templates.names() == ["sorry"]
    (template,) = templates.for_(Platform.X, "de")
    assert (template.name, template.when) == ("sorry", (Kind.COMPLAINT,))
    assert templates.for_(Platform.REDDIT, "de") == templates.for_(Platform.X, "en") == []
    assert templates.find("sorry", Platform.X, "de") is template
    assert templates.render("sorry", {"author_name": "Ann"}) == "Tut mir leid, Ann."


def test_a_name_in_the_front_matter_is_the_templates_name(folder: Path, settings: Settings) -> None:
    write_template(folder, "a", "Hello", 'name = "greeting"\nlanguage = "en"\nplatforms = ["x"]')
    assert load_templates(folder, settings).names() == ["greeting"]


@pytest.mark.parametrize(
    ("body", "front", "words"),
    [
        ("Hi {{ mention_text }}", None, "unknown name mention_text"),
        ("Hi {{ text }} {{ author_handel }}", None, "unknown name author_handel, text"),
        ("Hi {{ author_name ", None, "not a valid template"),
        ("{% if %}", None, "not a valid template"),
        ("Hi {{ brand.missing }}", None, "cannot be rendered"),
        ("Hi {{ 1 / 0 }}", None, "cannot be rendered"),
        ("", None, "a body is empty"),
        ("Hi\n***\n", None, "a body is empty"),
        ("a" * 281, None, "281 characters, and x takes 280"),
        ("a" * 221 + "{{ author_name }}", None, "281 characters, and x takes 280"),
        ("Hi", 'language = "en"\nplatforms = ["facebook"]', "platforms.0"),
        ("Hi", 'language = "english"\nplatforms = ["x"]', '"language"'),
        ("Hi", 'language = "en"\nplatforms = []', '"platforms"'),
        ("Hi", 'language = "en"', '"platforms"'),
        ("Hi", 'language = "en"\nplatforms = ["x"]\nwhen = ["angry"]', "when.0"),
        ("Hi", 'language = "en"\nplatforms = ["x"]\ncolour = "red"', '"colour"'),
        ("Hi", "language = en", "not valid TOML"),
    ],
)
def test_whatever_is_wrong_is_named_with_its_file(
    folder: Path, settings: Settings, body: str, front: str | None, words: str
) -> None:
    given = {} if front is None else {"front": front}
    write_template(folder, "greeting", body, **given)
    with pytest.raises(ConfigurationError) as told:
        load_templates(folder, settings)
    assert words in str(told.value)
    assert str(folder / "greeting.md") in str(told.value)


@pytest.mark.parametrize("text", ["Hello", "---\nHello", "words\n---\nlanguage = 'en'\n---\nHello", ""])
def test_a_file_without_front_matter_is_no_template(folder: Path, settings: Settings, text: str) -> None:
    write_template(folder, "greeting", "Hello").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="front matter"):
        load_templates(folder, settings)


def test_a_file_that_is_not_text_is_named(folder: Path, settings: Settings) -> None:
    write_template(folder, "greeting", "Hello").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"greeting\.md: cannot be read as UTF-8"):
        load_templates(folder, settings)


def test_a_file_that_cannot_be_read_says_why(folder: Path, settings: Settings) -> None:
    (folder / "greeting.md").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"greeting\.md: cannot be read: Is a directory$"):
        load_templates(folder, settings)


def test_reddit_takes_what_is_too_long_for_x(folder: Path, settings: Settings) -> None:
    write_template(folder, "long", "a" * 9_000, 'language = "en"\nplatforms = ["reddit"]')
    assert load_templates(folder, settings).names() == ["long"]


def test_two_templates_of_one_name_language_and_platform_are_refused(folder: Path, settings: Settings) -> None:
    write_template(folder, "hello", "Hello")
    write_template(folder, "other", "Hi", 'name = "hello"\nlanguage = "en"\nplatforms = ["x"]')
    with pytest.raises(ConfigurationError, match=r'hello\.md is a template "hello" for x in "en" as well'):
        load_templates(folder, settings)


def replying(**rule: Any) -> Settings:
    return make_settings([{"name": "thanks rule", "action": "auto_reply", "template": "thanks", **rule}])


def test_a_rule_that_names_no_template_there_is_stops_the_start(folder: Path) -> None:
    write_template(folder, "hello", "Hello")
    with pytest.raises(
        ConfigurationError, match='rule "thanks rule" names the template "thanks"; templates there are: hello'
    ):
        load_templates(folder, replying())


@pytest.mark.parametrize("body", ["Thanks!", f"Thanks! {DISCLOSED}\n***\nThank you!", "Thanks! (Automated reply)"])
def test_each_body_that_a_rule_sends_says_that_it_is_automated_and_how_to_stop_it(folder: Path, body: str) -> None:
    write_template(folder, "thanks", body)
    with pytest.raises(ConfigurationError, match="must say that it is automated and how to make it stop"):
        load_templates(folder, replying())


def test_a_template_for_people_needs_no_disclosure(folder: Path) -> None:
    write_template(folder, "thanks", "Thanks! ^{{ initials }}")
    settings = replying(action="queue", queue="care")
    assert load_templates(folder, settings).names() == ["thanks"]


def variants(*bodies: str) -> Template:
    return Template("t", "en", (Platform.X,), (), bodies, Path("t.md"))


def test_one_post_always_gets_the_same_words_and_two_posts_seldom_do() -> None:
    template = variants("one", "two", "three")
    texts = {target: template.render({}, target) for target in map(str, range(100))}
    assert texts == {target: template.render({}, target) for target in texts}
    assert set(texts.values()) == {"one", "two", "three"}


def test_each_variant_is_offered_once_beginning_with_the_posts_own() -> None:
    template = variants("one", "two", "three")
    for target in ("1001", "1002", "1003"):
        texts = list(template.renderings({}, target))
        assert texts == list(template.renderings({}, target))
        assert (texts[0], sorted(texts)) == (template.render({}, target), ["one", "three", "two"])


def test_the_words_for_a_post_do_not_change_between_releases() -> None:
    template = variants("one", "two", "three")
    assert [template.render({}, target) for target in ("1001", "1002", "1003")] == ["one", "three", "two"]


def test_a_name_without_a_value_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(UndefinedError):
        variants("Hi {{ author_name }}").render({})


@pytest.mark.parametrize(
    "body", ["{{ brand.__class__.__mro__ }}", "{{ ''.__class__ }}", "{{ brand.format.__globals__ }}"]
)
def test_promise_10_a_body_reaches_nothing_outside_its_names(body: str) -> None:
    with pytest.raises(SecurityError):
        variants(body).render(VALUES)


def test_promise_10_a_value_is_never_read_as_a_template() -> None:
    assert variants("Hi {{ author_name }}").render({"author_name": "{{ 7 * 7 }}"}) == "Hi {{ 7 * 7 }}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann-Marie O'Neil", "Ann-Marie O'Neil"),
        ("  Zoë \u200b 北村 ", "Zoë 北村"),
        ("Ann 🎉", "Ann"),
        ("@BriskCare", ""),
        ("win at cheap.example.com", ""),
        ("<b>Ann</b>", ""),
        ("{{ brand }}", ""),
        ("A" * 31, ""),
        ("🎉🎉", ""),
    ],
)
def test_a_display_name_is_only_repeated_when_it_is_a_name(name: str, shown: str) -> None:
    assert plain_name(name) == shown


def test_the_longest_values_cover_every_name(settings: Settings) -> None:
    for platform in Platform:
        assert set(longest_values(platform, settings)) == set(NAMES)


def test_the_starter_templates_pass_with_the_starter_rules() -> None:
    routes = Routes.model_validate(tomllib.loads((STARTER / "routes.toml").read_text(encoding="utf-8")))
    settings = make_settings().model_copy(update={"routes": routes})
    templates = load_templates(STARTER / "templates", settings)
    assert templates.names() == ["ask-private", "outage", "sorry", "thanks"]
    for platform in Platform:
        assert [one.name for one in templates.for_(platform, "de")] == ["sorry", "thanks"]


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Templates([]).render("nothing", {})


@pytest.mark.parametrize("given", [{}, {"opt_out_phrases": {"pl": ["dość"]}}, {"sensitive_words": {"pl": ["szpital"]}}])
def test_a_rule_sends_nothing_in_a_language_in_which_nobody_could_opt_out(
    folder: Path, given: dict[str, dict[str, list[str]]]
) -> None:
    write_template(folder, "thanks", "Dziękujemy! (Automat. STOP)", 'language = "pl"\nplatforms = ["x"]')
    settings = replying().model_copy(update={"answers": Answers.model_validate(given)})
    with pytest.raises(ConfigurationError, match=r'without a person in "pl".*add answers\.(opt_out|sensitive)_'):
        load_templates(folder, settings)
    both = {"opt_out_phrases": {"pl": ["dość"]}, "sensitive_words": {"pl": ["szpital"]}}
    settings = settings.model_copy(update={"answers": Answers.model_validate(both)})
    assert load_templates(folder, settings).names() == ["thanks"]
