"""What counts as a quote of a post in something that we wrote."""

from __future__ import annotations

import pytest

from store.quoting import quotes

POST = "My router restarts every night since Tuesday, order 5530127, and nobody at Brisk answers me"


@pytest.mark.parametrize(
    "writing",
    [
        POST,
        "They say that the ROUTER restarts, every NIGHT since last week",
        "see 5530127",
        "wrote: nobody at brisk answers",
    ],
)
def test_four_words_in_a_row_or_a_number_are_a_quote(writing: str) -> None:
    assert quotes(writing, [POST])


@pytest.mark.parametrize(
    "writing",
    [
        "",
        "Their router breaks down at night; an engineer comes on Tuesday",
        "My router restarts, they say",
        "order 5530128",
        "called at 10:30, 2026",
    ],
)
def test_common_words_are_none(writing: str) -> None:
    assert not quotes(writing, [POST])


def test_a_short_post_is_quoted_whole_or_not_at_all() -> None:
    assert quotes("They wrote “Brisk again?!” and left", ["brisk again"])
    assert not quotes("Brisk, and again Brisk", ["brisk again then"])
    assert not quotes("Brisk", ["Brisk"])
    assert not quotes("anything", ["", "\N{PILE OF POO}"])


def test_a_mail_address_is_a_quote() -> None:
    assert quotes("mailed to Maria.H@example.org today", ["write me: maria.h@example.org"])
    assert quotes("maria.h@example.orgに送信済み", ["連絡先はmaria.h@example.orgです"])
    assert not quotes("@BriskBroadband", ["@BriskBroadband hello there you people"])


def test_any_version_counts() -> None:
    assert quotes("one two three four", ["something else", "zero one two three four five"])


@pytest.mark.parametrize(
    ("post", "writing"),
    [
        ("三日間もネットが使えません最悪です。", "お客様 「三日間もネットが使えません」"),
        ("你们的网络三天不能用了、真是太差了", "客户写道 你们的网络三天不能用"),
        ("อินเทอร์เน็ตใช้ไม่ได้มาสามวันแล้ว", "ลูกค้าบอกว่า อินเทอร์เน็ตใช้ไม่ได้มาสามวัน"),
        ("iPhoneの画面が割れました", "修理 iPhoneの画面が割れました"),
        ("网络太差", "他说 “网络太差”"),
    ],
)
def test_a_run_of_signs_is_a_quote_where_no_blanks_part_words(post: str, writing: str) -> None:
    assert quotes(writing, [post])


@pytest.mark.parametrize(
    ("post", "writing"),
    [
        ("カスタマーサービスに電話しても誰も出ません", "カスタマーサービスが折り返し電話する"),
        ("ネットが三日も止まっています。ありがとうございます", "返信済み。ありがとうございます"),
        ("你们的网络三天不能用了、真是太差了", "网络已修好、三天后回访"),
        ("ขอบคุณครับ เน็ตหลุดทั้งคืนเลย", "ตอบแล้ว ขอบคุณครับ"),
        ("最悪", "最悪"),
    ],
)
def test_a_common_word_is_none_where_no_blanks_part_words(post: str, writing: str) -> None:
    assert not quotes(writing, [post])


def test_an_accent_is_one_however_it_is_written() -> None:
    composed = "caf\u00e9 r\u00e9serv\u00e9 annul\u00e9 d\u00e9j\u00e0"
    assert quotes("cafe\u0301 re\u0301serve\u0301 annule\u0301 de\u0301ja\u0300", [composed])
    assert quotes("cafe reserve annule deja", [composed])


def test_a_vowel_sign_does_not_end_a_word() -> None:
    assert not quotes("प्रतिनिधियों को बताया गया", ["आपके प्रतिनिधियों ने मदद नहीं की"])
    assert quotes("लिखा: मेरा बिल गलत है", ["मेरा बिल गलत है"])
