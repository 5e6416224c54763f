"""Operators' words are found as whole words in any script, and in any style of letters."""

from __future__ import annotations

import pytest

from responders.guardrails import TextContext, check
from responders.optouts import asks_to_stop
from responders.sensitive import is_sensitive
from responders.words import fold, found_words
from store.records import Platform


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("@brand もう自殺したいです", "自殺"),
        ("请不要再回复我了", "不要再回复我"),
        ("กรุณาหยุดส่งข้อความ", "หยุดส่ง"),
        ("변호사를 부르겠다", "변호사"),
        ("全部バグだらけ", "バグ"),
        ("全部ﾊﾞｸﾞだらけ", "バグ"),
        ("このVPNが遅い", "vpn"),
    ],
)
def test_a_word_is_found_where_no_blanks_part_words(text: str, word: str) -> None:
    assert found_words(text, [word]) == [word]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ハクサイを買う", "バグ"),
        ("หยดน้ำ", "หยุด"),
        ("사냥", "산"),
        ("산", "사"),
        ("lawyers", "lawyer"),
        ("outlawyer", "lawyer"),
    ],
)
def test_another_word_is_not_found(text: str, word: str) -> None:
    assert found_words(text, [word]) == []


@pytest.mark.parametrize("text", ["𝗦𝗧𝗢𝗣", "Ⓢⓣⓞⓟ", "ＳＴＯＰ", "sto\u0301p", "𝐬𝐭𝐨𝐩"])  # noqa: RUF001
def test_styled_letters_are_letters(text: str) -> None:
    assert fold(text) == "stop"
    assert asks_to_stop(text)


def test_the_safety_checks_find_words_where_no_blanks_part_them() -> None:
    assert is_sensitive("@brand もう自殺したいです", {"ja": ["自殺"]})
    forbidding = TextContext(Platform.X, False, "RA", forbidden_words=["返金"])
    assert "forbidden_word" in [finding.rule for finding in check("全額返金します ^RA", forbidding)]
    assert asks_to_stop("请不要再回复我了", ["不要再回复我"])
    assert asks_to_stop("กรุณาหยุดส่งข้อความอัตโนมัติ", ["หยุดส่งข้อความอัตโนมัติ"])


def test_an_opt_out_phrase_may_have_marks_but_not_be_of_marks_alone() -> None:
    assert asks_to_stop("Proszę, nie odpisujcie mi!", ["proszę, nie odpisujcie"])
    assert not asks_to_stop("Ihr antwortet. Nie!", ["\N{OCTAGONAL SIGN}", "!"])
