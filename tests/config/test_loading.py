"""What an operator gets wrong is named: the file, the key, what was found, what would be right."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from classifiers.evaluation.heads import NOTHING
from config.errors import ConfigurationError, UsageError
from config.loading import find_config, load_settings
from config.settings import Settings
from config.starting import write_starter
from store.records import OTHER_TOPIC

MINIMAL = '[[brands]]\nname = "Acme"\nterms = ["Acme"]\n'


RULES = '[[rules]]\nname = "to people"\naction = "queue"\nqueue = "care"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "frankly.toml").write_text(MINIMAL)
    (tmp_path / "routes.toml").write_text(RULES)
    return tmp_path


def load(folder: Path, extra: str = "", environ: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    (folder / "frankly.toml").write_text(MINIMAL + extra)
    return load_settings(folder / "frankly.toml", environ or {})


def topics(*names: str) -> str:
    return "".join(f'[[topics]]\nname = "{name}"\nphrases = ["a phrase"]\n' for name in names)


def phrases(*words: str) -> str:
    return f"[[topics]]\nname = 'a topic'\nphrases = {list(words)}\n"


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ("time_zone = 'Mars/Olympus'\n", "brands[1].time_zone: found 'Mars/Olympus'; expected an IANA time zone"),
        ("[desk]\nport = 'eighty'\n", "desk.port: found 'eighty'; expected a valid integer"),
        ("[desk]\nprot = 80\n", "desk.prot: this key is not known; did you mean port?"),
        ("[answers]\nhold = 20\n", "answers.hold: found 20; expected a duration with its unit"),
        ("[answers]\nquiet_hours = 'night'\n", "answers.quiet_hours: found 'night'; expected two times of day"),
        ("[answers]\nquiet_hours = '22:00Z-07:00'\n", "found '22:00Z-07:00'; expected two times of day without a zone"),
        ("[answers]\nquiet_hours = '22:00+01:00-07:00'\n", "answers.quiet_hours: found '22:00+01:00-07:00'; expected"),
        ("[answers]\nquiet_hours = '07:00-07:00'\n", "found '07:00-07:00'; expected two times of day that differ"),
        ("[digest]\nat = '07:00+05:00'\n", "digest.at: found '07:00+05:00'; expected a time of day without a zone"),
        ("[digest]\nat = 7\n", 'digest.at: found 7; expected a time of day without a zone, such as "07:00"'),
        (
            "[platforms.x]\nbase_url = 'ftp://x'\n",
            "platforms.x.base_url: found 'ftp://x'; expected the root of a server",
        ),
        ("[[sources]]\nname='r'\nkind='reddit_inbox'\n", "platforms.reddit.access_approved is false"),
        ("[[sources]]\nname='s'\nkind='x_search'\nbrands=['Zzz']\n", 'source "s" names the brand "Zzz"; known: "Acme"'),
        (
            "languages = ['german']\n",
            "brands[1].languages[1]: found 'german'; expected the code of a language (ISO 639-1), such as \"en\"",
        ),
        ("languages = []\n", "brands[1].languages: expected at least one entry"),
        ("[classifier]\nlanguages = ['en', 'english']\n", "classifier.languages[2]: found 'english'; expected"),
        ("[classifier]\nlanguages = ['eng']\n", "classifier.languages[1]: found 'eng'; expected the code"),
        ("[classifier]\nlanguages = ['']\n", "classifier.languages[1]: found ''; expected the code of a language"),
        ("[classifier]\nlanguages = []\n", "classifier.languages: expected at least one entry"),
        ("handles = { x = ['@'] }\n", "brands[1].handles.x[1]: found '@'; expected the name of an account"),
        ("handles = { x = ['acme care'] }\n", "handles.x[1]: found 'acme care'; expected the name of an account"),
        ("handles = { x = ['u/acme'] }\n", "handles.x[1]: found 'u/acme'; expected the name of an account"),
        ("handles = { reddit = ['a', '/u/'] }\n", "brands[1].handles.reddit[2]: found '/u/'; expected the name of an"),
        ("[[brands]]\nname='B'\nterms=['b', '  ']\n", "brands[2].terms[2]: found '  '; expected a word or phrase"),
        ("[[brands]]\nname='B'\nterms=['*']\n", "brands[2].terms[1]: found '*'; expected a word or phrase"),
        ("excluded = ['']\n", "brands[1].excluded[1]: found ''; expected a word or phrase, with a letter or digit"),
        ("competitors = [' ']\n", "brands[1].competitors[1]: found ' '; expected a word or phrase"),
        ("excluded = ['for acme', 'ACME']\n", 'brands[1]: excluded holds "ACME", a name or term of the brand itself'),
        (
            "[[brands]]\nname='B'\nterms=['B  Mobile']\nexcluded=['b mobile']\n",
            'brands[2]: excluded holds "b mobile", a name or term of the brand itself; expected words that mean',
        ),
        ("[[brands]]\nname=' '\nterms=['b']\n", "brands[2].name: found ' '; expected some text"),
        ("[[brands]]\nname='\u200b'\nterms=['b']\n", "brands[2].name: found '\\u200b'; expected some text"),
        ("[[brands]]\nname='acme'\nterms=['b']\n", 'two brands are called "Acme" and "acme"; give them names that'),
        (phrases(""), "topics[1].phrases[1]: found ''; expected a word or phrase, with a letter or digit in it"),
        (phrases("no signal", "   "), "topics[1].phrases[2]: found '   '; expected a word or phrase"),
        (phrases("!!!"), "topics[1].phrases[1]: found '!!!'; expected a word or phrase"),
        (topics("billing", "outage", "billing"), 'two topics are called "billing"; give each a name of its own'),
        (topics("billing", "Billing"), 'two topics are called "billing" and "Billing"; give them names that differ'),
        (topics("bill", " "), "topics[2].name: found ' '; expected some text"),
        (topics("on\\nline"), "topics[1].name: found 'on\\nline'; expected a name without line breaks"),
        (topics("bell\\u0007"), "topics[1].name: found 'bell\\x07'; expected a name without line breaks"),
        (topics("Other"), 'topics[1].name: found \'Other\'; expected another name than "other" and "none"'),
        (
            "[classifier]\nmodel = ''\n",
            "classifier.model: found ''; expected \"embedded\", a folder, or a Hugging Face",
        ),
        (
            "[classifier]\nmodel = ' '\n",
            "classifier.model: found ' '; expected \"embedded\", a folder, or a Hugging Face",
        ),
        ("[classifier]\nthreads = 100000\n", "classifier.threads: found 100000; expected less than or equal to 256"),
        ("[classifier]\nbatch_size = 1025\n", "classifier.batch_size: found 1025; expected less than or equal to 1024"),
        ("[[brands]]\nname='B'\nterms=[]\n", "brands[2].terms: expected at least one entry"),
        ("[[sources]]\nname=''\nkind='x_search'\n", "sources[1].name: found ''; expected some text"),
        ("[[brands]]\nname='Acme'\nterms=['b']\n", 'two brands are called "Acme"; give each a name of its own'),
        ("[desk\n", "is not valid TOML"),
        (
            "[platforms.reddit]\nsubreddits = ['a b']\n",
            "platforms.reddit.subreddits[1]: found 'a b'; expected the name of a community",
        ),
        ("[platforms.x]\nday_budget_usd = inf\n", "platforms.x.day_budget_usd: found inf; expected a finite number"),
    ],
)
def test_a_wrong_setting_is_named(folder: Path, extra: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load(folder, extra)
    assert sentence in str(raised.value)
    assert "frankly.toml" in str(raised.value)


def test_a_community_may_be_written_as_people_write_it(folder: Path) -> None:
    settings = load(folder, "[platforms.reddit]\nsubreddits = ['r/broadband', '/r/HomeNetworking/', 'u_acme']\n")
    assert settings.platforms.reddit.subreddits == ["broadband", "HomeNetworking", "u_acme"]


@pytest.mark.parametrize("key", ["platforms.x.text_kept", "platforms.x.unchecked_kept", "daemon.sweep", "answers.hold"])
@pytest.mark.parametrize("found", ["36501d", "999999999999d", "9" * 400 + "d"])
def test_a_duration_is_at_most_a_hundred_years(folder: Path, key: str, found: str) -> None:
    section, _, name = key.rpartition(".")
    with pytest.raises(ConfigurationError) as raised:
        load(folder, f"[{section}]\n{name} = '{found}'\n")
    assert str(raised.value).endswith(
        f"{key}: found '{found}'; expected a duration of at most \"36500d\", a hundred years"
    )
    assert load(folder, f"[{section}]\n{name} = '36500d'\n")


def durations(model: type[BaseModel], prefix: str = "") -> dict[str, FieldInfo]:
    """Every duration of the settings by its key."""
    found: dict[str, FieldInfo] = {}
    for name, field in model.model_fields.items():
        if field.annotation is timedelta:
            found[prefix + name] = field
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= durations(field.annotation, f"{prefix}{name}.")
    return found


WAITS = {"answers.hold", "answers.author_cooldown", "answers.settle_after"}


@pytest.mark.parametrize("key", sorted(durations(Settings)))
@pytest.mark.parametrize("found", ["0s", "0.0d", "0.00000001s"])
def test_a_duration_is_0_only_where_it_is_a_wait(folder: Path, key: str, found: str) -> None:
    section, _, name = key.rpartition(".")
    wrong = f"[{section}]\n{name} = '{found}'\n"
    if key in WAITS:
        load(folder, wrong)
        return
    with pytest.raises(ConfigurationError, match=f"{key}: found '{found}'; expected a duration above 0, such as"):
        load(folder, wrong)


def test_a_source_is_not_read_every_nothing(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"every: found '0s'; expected a duration above 0"):
        load(folder, "[[sources]]\nname='s'\nkind='x_search'\nevery='0s'\n")


@pytest.mark.parametrize(
    "found",
    [
        "desk.example.com",
        "desk.example.com:8470",
        "//desk.example.com",
        "ftp://desk.example.com",
        "https://",
        "https://desk.example.com/desk",
        "https://desk.example.com?a=b",
        "https://root:word@desk.example.com",
        "https://*.example.com",
        "https://büro.example.com",
        "https://desk.example.com\\n",
        " ",
    ],
)
def test_the_desks_address_is_one_that_links_can_begin_with(folder: Path, found: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"desk\.public_url: found .*; expected where agents reach the desk, such"
    ):
        load(folder, f'[desk]\npublic_url = "{found}"\n')


@pytest.mark.parametrize("found", ["", "https://desk.example.com", "http://10.0.0.5:8470", "http://[2001:db8::1]:8470"])
def test_the_desks_address_may_end_in_a_slash(folder: Path, found: str) -> None:
    assert load(folder, f'[desk]\npublic_url = "{found}"\n').desk.public_url == found
    assert not found or load(folder, f'[desk]\npublic_url = "{found}/"\n').desk.public_url == found


def test_every_wrong_key_is_told_at_once(folder: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load(folder, "[desk]\nprot = 80\n[promises]\nurgent = 5\n")
    assert len(str(raised.value).splitlines()) == 2


def test_the_environment_overrides_the_file(folder: Path) -> None:
    settings = load(
        folder, "[desk]\nport = 1\n", {"FRANKLY_DESK__PORT": "2", "FRANKLY_CLASSIFIER__LANGUAGES": "['de']"}
    )
    assert settings.desk.port == 2
    assert settings.classifier.languages == ["de"]


def test_the_environment_sets_a_list_whole(folder: Path) -> None:
    settings = load(folder, environ={"FRANKLY_BRANDS": '[{name = "Foo", terms = ["Foo"]}]'})
    assert [brand.name for brand in settings.brands] == ["Foo"]
    with pytest.raises(ConfigurationError, match=r"brands is a list .*; expected it whole, as TOML, in FRANKLY_BRANDS"):
        load(folder, environ={"FRANKLY_BRANDS__0__NAME": "Foo"})


def test_the_environment_overrides_a_label_that_the_file_writes_in_capitals(folder: Path) -> None:
    variable = "FRANKLY_CLASSIFIER__LABEL_MAP__LABEL_0"
    settings = load(folder, "[classifier.label_map]\nLABEL_0 = 'positive'\n", {variable: "negative"})
    assert settings.classifier.label_map == {"LABEL_0": "negative"}


def test_text_that_reads_as_a_number_is_asked_for_in_quotes(folder: Path) -> None:
    variable = "FRANKLY_CLASSIFIER__REVISION"
    with pytest.raises(ConfigurationError, match=f"{variable}: found 1234567; expected text in quotes"):
        load(folder, environ={variable: "1234567"})
    assert load(folder, environ={variable: '"1234567"'}).classifier.revision == "1234567"


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("FRANKLY_DESK__PORT", "the environment, FRANKLY_DESK__PORT: found 'many'"),
        ("FRANKLY_X_BEARER", "did you mean FRANKLY_X_BEARER_TOKEN?"),
        ("FRANKLY_NONSENSE", "which frankly does not know"),
    ],
)
def test_a_wrong_variable_is_named(folder: Path, variable: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load(folder, environ={variable: "many"})
    assert sentence in str(raised.value)


def test_a_language_may_be_written_large(folder: Path) -> None:
    settings = load(folder, "languages = ['DE']\n[classifier]\nlanguages = ['EN', 'als']\n")
    assert settings.brands[0].languages == ["de"]
    assert settings.classifier.languages == ["en", "als"]


def test_an_account_may_be_written_with_its_sign(folder: Path) -> None:
    [brand] = load(folder, "handles = { x = ['@acme', 'Acme_2'], reddit = ['u/a', '/u/a-care', 'a2'] }\n").brands
    assert brand.handles.x == ["acme", "Acme_2"]
    assert brand.handles.reddit == ["a", "a-care", "a2"]
    assert "@acme" in brand.all_terms()
    assert "u/a-care" in brand.all_terms()


def test_a_phrase_may_be_an_emoji_or_a_number(folder: Path) -> None:
    assert load(folder, phrases("\U0001f621", "404", "ما في نت")).topics[0].phrases[1] == "404"


def test_an_emoji_and_a_name_that_holds_an_excluded_word_stay_valid(folder: Path) -> None:
    second = "[[brands]]\nname='Lemon & Co. (UK)'\nterms=['\U0001f34b', 'C++', '42']\nexcluded=['lemon']\n"
    assert load(folder, second).brands[1].excluded == ["lemon"]


def test_a_brand_of_earlier_days_may_have_any_name(folder: Path) -> None:
    brand = load(folder).brand_or_default("!!!")
    assert (brand.name, brand.terms, brand.languages, brand.time_zone) == ("!!!", ["!!!"], ["en"], "UTC")


@pytest.mark.parametrize("name", [OTHER_TOPIC, NOTHING])
def test_a_topic_is_not_called_by_a_word_for_none(folder: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="expected another name"):
        load(folder, topics(name))


def test_true_and_false_are_no_numbers(folder: Path) -> None:
    source = "[[sources]]\nname='s'\nkind='x_search'\nday_budget_usd=false\n"
    with pytest.raises(ConfigurationError) as raised:
        load(folder, f"{source}[classifier]\ncomplaint_threshold=true\n[desk]\nport=true\nsecure_cookies=true\n")
    told = str(raised.value).splitlines()
    keys = ("sources[1].day_budget_usd: found False", "complaint_threshold: found True", "desk.port: found True")
    assert len(told) == len(keys)
    for line, key in zip(told, keys, strict=True):
        assert line.endswith(f"{key}; expected a number, not true or false")


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ("[[rules]]\nname='a'\naction='queue'\n", 'rules[1]: action "queue" needs a queue'),
        ("[[rules]]\nname='a'\naction='auto_reply'\n", 'action "auto_reply" needs a template'),
        ("[[rules]]\nname='a'\naction='shout'\n", "rules[1].action: found 'shout'; expected 'ignore'"),
        (
            "[[rules]]\nname='a'\naction='ignore'\nwhen={relevant_below=true}\n",
            "rules[1].when.relevant_below: found True; expected a number",
        ),
        (
            "[[rules]]\nname='a'\naction='ignore'\nwhen={hours='22:00-07:00Z'}\n",
            "rules[1].when.hours: found '22:00-07:00Z'; expected two times of day without a zone",
        ),
        ("[[rules]]\nname='a'\naction='ignore'\nwhen={brnad=['Acme']}\n", "did you mean brand?"),
        ("[[rules]]\nname='a'\naction='ignore'\nwhen={brand=['Acne']}\n", 'when.brand names "Acne"; known: Acme'),
        ("[[rules]]\nname='a'\naction='ignore'\n[[rules]]\nname='a'\naction='ignore'\n", 'two rules are called "a"'),
    ],
)
def test_a_wrong_rule_is_named(folder: Path, rules: str, sentence: str) -> None:
    (folder / "routes.toml").write_text(rules)
    with pytest.raises(ConfigurationError) as raised:
        load(folder)
    assert sentence in str(raised.value)
    assert "routes.toml" in str(raised.value)


def test_missing_rules_are_told_and_never_taken_for_others(folder: Path) -> None:
    (folder / "routes.toml").rename(folder / "route.toml")
    with pytest.raises(ConfigurationError, match=r"there is no routes\.toml beside .*`frankly init DIR` writes"):
        load(folder)


def test_the_rehearsal_clock_is_refused_against_a_real_platform(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"platforms\.x\.base_url is not on this machine"):
        load(folder, "[rehearsal]\nstart=2026-01-01T06:00:00Z\nanchor=2026-01-01T06:00:00Z\nspeed=96\n")


def test_a_missing_configuration_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="frankly init"):
        find_config(None, {"FRANKLY_CONFIG": str(tmp_path)})


def test_the_starter_files_are_a_working_configuration(tmp_path: Path) -> None:
    written = write_starter(tmp_path / "new")
    assert {"frankly.toml", "routes.toml"} <= {path.name for path in written}
    settings = load_settings(tmp_path / "new" / "frankly.toml", {})
    assert settings.platforms.x.sending == "dry_run"
    assert settings.routes.rules


def test_init_never_writes_over_a_configuration(folder: Path) -> None:
    (folder / "templates").mkdir()
    (folder / "templates" / "sorry.md").write_text("approved")
    with pytest.raises(UsageError, match=r"already: frankly\.toml, routes\.toml, templates/sorry\.md; name a new"):
        write_starter(folder)
    (folder / "frankly.toml").unlink()  # it stands elsewhere, as FRANKLY_CONFIG may say
    with pytest.raises(UsageError, match=r"already: routes\.toml, templates/sorry\.md; name a new"):
        write_starter(folder)
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {"routes.toml", "templates/sorry.md"}
    assert (folder / "templates" / "sorry.md").read_text() == "approved"


def test_a_model_folder_counts_from_the_configuration(folder: Path) -> None:
    (folder / "models" / "ours").mkdir(parents=True)
    settings = load(folder, "[classifier]\nmodel = 'models/ours'\n")
    assert settings.classifier_here.model == str(folder / "models" / "ours")
    assert load(folder, "[classifier]\nmodel = 'somebody/model'\n").classifier_here.model == "somebody/model"
    assert load(folder).classifier_here.model == "embedded"
