"""The digest on paper: strangers' words are inert in every form, and the words of ours are plain."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from responders.digest.document import Line, Picture
from responders.digest.markdown import escaped, render_markdown
from responders.digest.page import render_html
from responders.digest.phrases import against, change, duration, lines, money, share, web_address
from responders.digest.pictures import NAMES, SIZES, pictures
from responders.digest.records import Compared, Digest
from responders.digest.writing import document, subject
from responders.digest.writing_heard import hours_alt
from store.store import Store
from tests.digest.conftest import digest_of
from tests.digest.seed import Seed, settings


class _Tags(HTMLParser):
    """Collects the tags, attributes and addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src")}


@pytest.fixture(params=[True, False], ids=["mail", "page"])
def html(request: pytest.FixtureRequest, lively_digest: Digest) -> str:
    return render_html(lively_digest, settings(), for_mail=request.param)


def test_hostile_text_is_inert_in_html(html: str) -> None:
    page = _Tags(html)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert not page.tags & {"script", "b", "iframe", "object", "form"} - {"b"}
    assert not {name for name in page.attributes if name.startswith("on")}
    assert "<b>eve" not in html
    assert all(re.match(r"https://x\.example/|data:image/png|/digests/|/cases/\d+$", url) for url in page.addresses)
    assert "\u202e" not in html


def test_the_desk_page_has_no_inline_style_or_script(lively_digest: Digest) -> None:
    page = _Tags(render_html(lively_digest, settings(), for_mail=False))
    assert "style" not in page.attributes | page.tags
    assert {f"/digests/Acme/2026-03-05/{name}.png" for name in NAMES} <= page.addresses
    assert "/cases/41" in page.addresses


def test_the_mail_stands_alone(lively_digest: Digest) -> None:
    page = _Tags(render_html(lively_digest, settings(), for_mail=True))
    assert "link" not in page.tags
    assert sum(url.startswith("data:image/png;base64,") for url in page.addresses) == len(NAMES)
    named = _Tags(render_html(lively_digest, settings(), for_mail=True, carried="cid"))
    assert {f"cid:{name}.png" for name in NAMES} <= named.addresses


def test_in_a_mail_only_a_strangers_name_may_be_broken_inside_a_word(lively_digest: Digest) -> None:
    mail = render_html(lively_digest, settings(), for_mail=True, carried="cid")
    rows = re.findall(r"<tr>(<td.*overdue.*)</tr>", mail)
    assert len(rows) == 16
    assert all([cell.count("anywhere") for cell in row.split("</td>")] == [1, 0, 0, 0, 0, 0, 0] for row in rows)


def test_hostile_text_is_inert_in_markdown(lively_digest: Digest) -> None:
    text = render_markdown(lively_digest)
    page = _Tags(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text))
    assert page.tags <= {
        "h1", "h2", "h3", "p", "ul", "li", "strong", "em", "a", "blockquote", "br",
        "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert all(url.startswith("https://x.example/") for url in page.addresses)
    tables = [line for line in text.splitlines() if "billing" in line and line.startswith("|")]
    assert tables
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in tables)


@pytest.mark.parametrize(
    "text",
    [
        "[a](javascript:alert(1))",
        "![a](https://evil.example/x.png)",
        "<https://evil.example>",
        "# heading",
        "- item",
        "+ item",
        "1. item",
        "2) item",
        "===",
        "---",
        "***",
        "> quote",
        "`code`",
        "~~gone~~",
        "&lt;b&gt;",
        "back\\slash",
        "a | b",
        "www.evil.example and https://evil.example",
        "_emphasis_ and __more__",
    ],
)
def test_markdown_renders_a_strangers_words_as_they_stand(text: str) -> None:
    html = MarkdownIt("commonmark", {"html": True}).render(escaped(text))
    page = _Tags(html)
    assert page.tags == {"p"}
    assert page.text.strip() == text


def test_only_addresses_of_the_web_become_links() -> None:
    assert web_address("https://x.com/a/status/1") == "https://x.com/a/status/1"
    for bad in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https:",
        'https://a/"onload=',
        "http://[",
        "",
    ):
        assert web_address(bad) == ""


def test_characters_that_turn_the_direction_of_a_line_are_taken_out() -> None:
    assert lines("a\u202egpj.exe\u2066 b\x00c\r\nd") == "a gpj.exe b c\nd"


def test_every_picture_says_in_words_what_it_shows(html: str, lively_digest: Digest) -> None:
    alts = [block.alt for section in document(lively_digest).sections for block in section.blocks
            if isinstance(block, Picture)]  # fmt: skip
    assert len(alts) == len(NAMES)
    assert all(f'alt="{alt}"' in html for alt in alts)
    assert "The busiest hour began at 15:00 with 64 mentions" in alts[0]


def test_a_day_without_mentions_has_no_busiest_hour(lively_digest: Digest) -> None:
    hours = tuple(replace(hour, mentions=0, complaints=0, heard=True) for hour in lively_digest.hours)
    assert hours_alt(replace(lively_digest, hours=hours)) == "Mentions and complaints by hour: none."
    deaf = (replace(hours[0], heard=False), *hours[1:])
    assert hours_alt(replace(lively_digest, hours=deaf)).endswith(": none. In 1 hour not everything was heard.")


def test_pictures_are_png_of_the_size_the_page_leaves_for_them(lively_digest: Digest) -> None:
    for name, png in pictures(lively_digest).items():
        assert png.startswith(b"\x89PNG")
        width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
        assert (width, height) == tuple(2 * size for size in SIZES[name])


def test_the_words_are_quiet(lively_digest: Digest) -> None:
    paper = document(lively_digest)
    ours = [line.text for line in paper.summary]
    ours += [text for _, text in paper.glossary]
    ours += [b.text for section in paper.sections for b in section.blocks if isinstance(b, Line)]
    assert not [text for text in ours if "!" in text]


def test_the_subject_is_the_digest_in_one_line(lively_digest: Digest) -> None:
    assert subject(lively_digest) == "Acme, 5 March: 270 mentions, 153 complaints, 16 unanswered"


def test_numbers_come_with_their_context() -> None:
    assert against(Compared(12, 9.0, 7), "complaint") == "12 complaints, 3 more than usual (median of 7 days: 9)"
    assert against(Compared(1, 1.0, 7), "complaint") == "1 complaint, as usual (median of 7 days: 1)"
    assert against(Compared(1, 2.5, 2), "mention").startswith(
        "1 mention, 1.5 fewer than usual (median of 2 days: 2.5, as"
    )
    assert "nothing to compare with" in against(Compared(4, None, 0), "mention")
    assert change(Compared(4, None, 0)) == "\N{EN DASH}"
    assert [duration(s) for s in (5, 90, 3600, 8100, 90_000, 200_000)] == [
        "5 s", "2 min", "1 h", "2 h 15 min", "25 h", "2 days 8 h",
    ]  # fmt: skip
    assert [share(v) for v in (None, 0, 0.004, 0.5, 0.996, 1)] == [
        "\N{EN DASH}", "0 %", "under 1 %", "50 %", "over 99 %", "100 %",
    ]  # fmt: skip
    assert [money(v) for v in (0, 0.001, 1234.5)] == ["$0.00", "under $0.01", "$1,234.50"]


def test_a_mail_names_so_few_of_many_unanswered_that_no_mail_program_cuts_it(store: Store, seed: Seed) -> None:
    for number in range(100):
        at = datetime(2026, 3, 5, 9, tzinfo=UTC) + timedelta(minutes=5 * number)
        seed.case(seed.mention(at, author=f"some_handle_{number:03d}", text=f"acme, answer me {number} " + "x " * 60))
    known = settings(desk={"public_url": "https://desk.acme.example"})
    digest = digest_of(store)
    mail = render_html(digest, known, for_mail=True, carried="cid")
    assert sum(f"@some_handle_{number:03d}<" in mail for number in range(100)) < 40  # a few are quoted besides
    assert "And 75 more; the desk lists them all." in mail
    assert len(mail.encode()) < 100_000
    page = render_html(digest, known, for_mail=False)
    assert all(f"@some_handle_{number:03d}<" in page for number in range(100))
