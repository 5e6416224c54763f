"""Secrets come whole or not at all, and never show."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.credentials import REDDIT_VARIABLES, X_VARIABLES, load_credentials
from config.errors import ConfigurationError

WHOLE = {name: f"value-of-{name}" for name in X_VARIABLES}


def test_no_keys_is_no_error() -> None:
    credentials = load_credentials({})
    assert credentials.x is None
    assert credentials.reddit is None


def test_half_a_set_of_keys_names_the_missing_ones() -> None:
    half = {name: value for name, value in WHOLE.items() if name != "FRANKLY_X_ACCESS_TOKEN"}
    with pytest.raises(ConfigurationError, match="FRANKLY_X_ACCESS_TOKEN is not set"):
        load_credentials(half)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    environ = {**WHOLE, "FRANKLY_X_BEARER_TOKEN_FILE": str(tmp_path / "token")}
    del environ["FRANKLY_X_BEARER_TOKEN"]
    credentials = load_credentials(environ)
    assert credentials.x is not None
    assert credentials.x.bearer_token.get_secret_value() == "from-a-file"


@pytest.mark.parametrize("variable", [*X_VARIABLES, *REDDIT_VARIABLES])
@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ("hunter…", "character 7 of {} (or of the file that {}_FILE names) is no printable ASCII character; expected"),
        ("é-hunter", "character 1 of {} (or of the file that {}_FILE names) is no printable ASCII character; expected"),
        (
            "hunter\x07",
            "character 7 of {} (or of the file that {}_FILE names) is no printable ASCII character; expected",
        ),
        ("hunter\ntwo", "character 7 of {} (or of the file that {}_FILE names) is a blank or line break; expected"),
        ("hunter\u00a0two", "character 7 of {} (or of the file that {}_FILE names) is a blank or line break; expected"),
    ],
)
def test_what_no_key_holds_is_told_by_its_place_alone(variable: str, found: str, sentence: str) -> None:
    others = {name: f"value-of-{name}" for name in (*X_VARIABLES, *REDDIT_VARIABLES)}
    with pytest.raises(ConfigurationError) as refusal:
        load_credentials({**others, variable: found})
    assert str(refusal.value).startswith(sentence.format(variable, variable))
    assert not [secret for secret in ("hunter", "two", "…", "value-of") if secret in str(refusal.value)]


def test_a_file_of_a_key_has_one_line(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter\r\ntwo\r\n")
    environ = {name: value for name, value in WHOLE.items() if name != "FRANKLY_X_BEARER_TOKEN"}
    with pytest.raises(
        ConfigurationError, match=r"FRANKLY_X_BEARER_TOKEN_FILE names\) is a blank or line break"
    ) as refusal:
        load_credentials({**environ, "FRANKLY_X_BEARER_TOKEN_FILE": str(tmp_path / "token")})
    assert "hunter" not in str(refusal.value)


def test_a_key_may_hold_any_sign_of_ascii() -> None:
    credentials = load_credentials({**WHOLE, "FRANKLY_X_BEARER_TOKEN": " AAAA%2Fb+c/d==~!-_.\n"})
    assert credentials.x is not None
    assert credentials.x.bearer_token.get_secret_value() == "AAAA%2Fb+c/d==~!-_."


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_credentials({**WHOLE, "FRANKLY_DIGEST_URLS_FILE": str(tmp_path / "none")})


def test_printing_credentials_shows_no_secret() -> None:
    assert "value-of" not in repr(load_credentials(WHOLE))


@pytest.mark.parametrize(
    ("addresses", "place"),
    [
        ("mailto://ops:hunter two@mail.example", "address 2 of 2"),
        ("json://desk.example https//hooks.example/hunter", "address 2 of 2"),
        ("ops@mail.example/hunter://x json://desk.example", "address 1 of 2"),
    ],
)
def test_what_is_no_address_is_told_by_its_place_alone(addresses: str, place: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{place} in FRANKLY_DIGEST_URLS is no Apprise address") as refusal:
        load_credentials({"FRANKLY_DIGEST_URLS": addresses})
    assert not [secret for secret in ("hunter", "two@", "hooks", "ops") if secret in str(refusal.value)]


def test_addresses_stand_between_blanks() -> None:
    given = "mailtos://ops:a%20b@mail.example\n  46elks://a:b@c MMOST://chat.example/token"
    read = [url.get_secret_value() for url in load_credentials({"FRANKLY_DIGEST_URLS": given}).digest_urls]
    assert read == given.split()
