"""A digest as Markdown, in which no stranger's word is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from responders.digest.document import Block, Cell, Document, Heading, Line, Picture, Spoken, Table
from responders.digest.records import Digest
from responders.digest.writing import document

_MARKS = re.compile(r"([\\`*_\[\]<>|#~&$@])")
_ADDRESS = re.compile(r":(?=//)|(?<=\bwww)\.", re.IGNORECASE)  # renderers make links of bare addresses
_START = re.compile(r"^(\s*\d*)([-+=.)])")  # of a list, a rule or a heading


def render_markdown(digest: Digest) -> str:
    """Return a digest as a Markdown document."""
    return "\n".join(_document(document(digest))).rstrip() + "\n"


def _document(paper: Document) -> Iterable[str]:
    yield from (f"# {escaped(paper.title)}", "", escaped(paper.subtitle), "")
    for said in paper.summary:
        yield f"- {escaped(said.text)}"
    yield ""
    for section in paper.sections:
        yield from (f"## {escaped(section.title)}", "")
        for block in section.blocks:
            yield from _block(block)
            yield ""
    yield from ("## What each figure counts", "")
    for name, meaning in paper.glossary:
        yield f"- **{escaped(name)}**: {escaped(meaning)}"


def _block(block: Block) -> Iterable[str]:
    if isinstance(block, Line):
        yield escaped(block.text)
    elif isinstance(block, Heading):
        yield f"### {escaped(block.text)}"
    elif isinstance(block, Picture):
        yield f"*{escaped(block.alt)}*"
    elif isinstance(block, Spoken):
        yield from _spoken(block)
    else:
        yield from _table(block)


def _spoken(spoken: Spoken) -> Iterable[str]:
    for part in spoken.text.split("\n"):
        yield f"> {escaped(part)}  "
    yield ">"
    yield f"> — {_linked(spoken.author, spoken.url)}, {escaped(spoken.facts)}"


def _table(table: Table) -> Iterable[str]:
    yield f"| {' | '.join(escaped(heading) for heading in table.headings)} |"
    rules = ("---:" if table.is_number(column) else "---" for column in range(len(table.headings)))
    yield f"| {' | '.join(rules)} |"
    for row in table.rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(cell: Cell) -> str:
    return _linked(cell.text, cell.url)


def _linked(text: str, url: str) -> str:
    if not url:
        return _marked(text)
    # Everything that could end the address or the cell is percent-encoded; what is encoded already stays so.
    return f"[{_marked(text)}](<{quote(url, safe=':/?#@!$&*+,;=%~-._')}>)"


def escaped(text: str) -> str:
    """Return text that Markdown renders as it stands, also at the start of a line and inside a table."""
    return _START.sub(r"\1\\\2", _marked(text))


def _marked(text: str) -> str:
    return _ADDRESS.sub(lambda found: "\\" + found[0], _MARKS.sub(r"\\\1", text))
