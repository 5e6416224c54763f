"""The sections that tell what was done about it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from responders.digest.answered import UNKNOWN_AUDIENCE
from responders.digest.document import Block, Cell, Line, Section, Table
from responders.digest.phrases import (
    NONE,
    clock,
    count,
    duration,
    how_long,
    joined,
    line,
    many,
    money,
    share,
    web_address,
)
from responders.digest.records import Answers, Band, Digest, Waiting
from responders.digest.writing_heard import PLATFORMS, handle

_FEW = 5  # fewer replies than this are too few to compare


def waiting(digest: Digest, zone: ZoneInfo, listed: int | None) -> Section:
    """The unanswered, by name, no more than ``listed``."""
    answers = digest.answers
    if not answers.waiting:
        return Section("unanswered", "Unanswered", ())
    rows = tuple(_waiting(case, digest, zone) for case in answers.waiting[:listed])
    blocks: list[Block] = [Table(("Who", "Where", "Since", "Due", "Priority", "Case"), rows)]
    more = answers.waiting_total - len(rows)
    if more:
        blocks.append(Line(f"And {count(more)} more; the desk lists them all."))
    when = "now" if digest.so_far else "at the end of the day"
    return Section("unanswered", f"Unanswered {when}", tuple(blocks))


def _waiting(case: Waiting, digest: Digest, zone: ZoneInfo) -> tuple[Cell, ...]:
    due = NONE if case.due_at is None else clock(case.due_at, zone, digest.day)
    since = clock(case.since, zone, digest.day)
    if case.acknowledged_at is not None:
        since += f", acknowledged automatically at {clock(case.acknowledged_at, zone, digest.day)}"
    return (
        Cell(handle(case.author, case.platform), web_address(case.url)),
        Cell(PLATFORMS[case.platform]),
        Cell(since),
        Cell("wrote again" if case.again else f"{due}, overdue" if case.overdue else due),
        Cell(case.priority.value),
        _case(case.case_id, digest),
    )


def _case(case_id: int, digest: Digest) -> Cell:
    path = f"/cases/{case_id}"
    return Cell(str(case_id), web_address(digest.desk_url + path), path)


def promise(digest: Digest) -> Section:
    """The promise, and what share of it was kept."""
    answers = digest.answers
    blocks: list[Block] = []
    whole = answers.promise
    if whole.due:
        blocks.append(
            Line(
                f"{count(whole.kept)} of {many(whole.due, 'first response')} due on this day came in time "
                f"({share(whole.share)})."
            )
        )
        rows = tuple(
            (
                Cell(p.priority.value if p.priority else "all"),
                Cell(count(p.due)),
                Cell(count(p.kept)),
                Cell(share(p.share)),
            )
            for p in answers.promises
            if p.due
        )
        if len(rows) > 1:
            blocks.append(Table(("Priority", "Due", "In time", "Share"), rows, (1, 2, 3)))
    else:
        blocks.append(Line("No first response was due on this day."))
    if whole.left_out:
        blocks.append(
            Line(
                f"{many(whole.left_out, 'case')} closed without a reply, or settled by an automated one, before due: "
                "left out here.",
                "faint",
            )
        )
    return Section("promise", "The promise", tuple(blocks))


def times(digest: Digest) -> Section:
    """How soon people were answered, and whether a small audience waits longer."""
    answers = digest.answers
    blocks: list[Block] = []
    if answers.first.replies:
        replies = many(answers.first.replies, "first response")
        blocks.append(Line(f"{replies} by agents: {how_long(answers.first)} after the post."))
    else:
        blocks.append(Line("No agent's first response was delivered on this day."))
    blocks += [Line(text) for text in _opened_lines(answers)]
    if answers.bands:
        blocks += [Line(text) for text in audience_lines(answers.bands)]
        rows = tuple(
            (
                Cell(band.name),
                Cell(count(band.times.replies)),
                Cell(duration(band.times.median_seconds)),
                Cell(duration(band.times.p90_seconds)),
                Cell(count(band.waiting)),
            )
            for band in answers.bands
        )
        headings = ("Audience", "First responses", "Median", "90 in 100 within", "Unanswered")
        blocks.append(Table(headings, rows, (1, 2, 3, 4)))
    return Section("times", "First response", tuple(blocks))


def _opened_lines(answers: Answers) -> list[str]:
    """Say what became of the cases opened on the day, and what was sent without an agent."""
    said = []
    asking = answers.opened - answers.settled_of_opened
    if asking:
        closed = answers.closed_without_reply
        rest = f"; {many(closed, 'case')} closed without a reply" if closed else ""
        said.append(
            f"{count(answers.answered_of_opened)} of {many(asking, 'case')} opened on this day had an agent's reply by "
            f"its end ({share(answers.reply_rate)}){rest}."
        )
    if answers.automated_replies:
        settled = answers.settled_of_opened
        rest = (
            f" Nobody was owed more in {many(settled, 'case')} opened on this day: left out above." if settled else ""
        )
        keep = "keeps" if answers.automated_replies == 1 else "keep"
        said.append(
            f"{many(answers.automated_replies, 'automated reply', 'automated replies')} went out on this day, which "
            f"{keep} no promise.{rest}"
        )
    return said


def audience_lines(bands: tuple[Band, ...]) -> list[str]:
    """Say whether people with few followers wait longer, or are left waiting more, than those with many."""
    followers = [band for band in bands if band.name != UNKNOWN_AUDIENCE]
    answered = [band for band in followers if band.times.replies >= _FEW]
    said = []
    if len(answered) < 2:
        said.append("Too few replies to say whether people with few followers wait longer for one.")
    else:
        small, large = answered[0], answered[-1]
        few, most = small.times.median_seconds or 0, large.times.median_seconds or 0
        how = "as long as" if few == most else "longer than" if few > most else "less long than"
        said.append(
            f"People with {_followers(small)} waited {how} those with {large.name}: {duration(few)} against "
            f"{duration(most)} (medians)."
        )
    if any(band.waiting for band in followers) and len(followers) > 1:
        parts = [f"{count(b.waiting)} of {count(b.waiting + b.times.replies)} with {b.name}" for b in followers]
        said.append(f"Still unanswered: {joined(parts)}.")
    return said


def _followers(band: Band) -> str:
    return band.name if band.name.endswith("followers") else f"{band.name} followers"


def recovery(digest: Digest) -> Section:
    """Whether an answer helped."""
    found = digest.recovery
    if not found.wrote_again:
        return Section("recovery", "Recovery", ())
    text = (
        f"{many(found.wrote_again, 'author')} wrote again after an agent's reply: {count(found.better)} sounded better "
        f"than before it, {count(found.same)} the same, {count(found.worse)} worse."
    )
    return Section("recovery", "Recovery", (Line(text),))


def classifier(digest: Digest) -> Section:
    """What the classifier got wrong, and what it left open."""
    found = digest.classifier
    blocks: list[Block] = []
    if found.seen:
        blocks.append(
            Line(
                f"Agents worked on {many(found.seen, 'mention')} and corrected {count(found.corrected)}: they agreed "
                f"with the classifier on {share(found.agreed_share)}."
            )
        )
    if found.corrections:
        rows = tuple(
            (Cell(c.field), Cell(line(c.was)), Cell(line(c.corrected)), Cell(count(c.times))) for c in found.corrections
        )
        blocks.append(Table(("What", "It said", "Agents said", "Times"), rows, (3,)))
    left = [
        f"{many(found.unread, 'mention')} not read by the end of the day" if found.unread else "",
        f"unsure about {many(found.unsure, 'mention')}" if found.unsure else "",
        f"{many(found.set_aside, 'mention')} set aside, because a step failed" if found.set_aside else "",
    ]
    if any(left):
        blocks.append(Line(f"Left open: {', '.join(part for part in left if part)}."))
    return Section("classifier", "What the classifier got wrong", tuple(blocks))


def problems(digest: Digest, zone: ZoneInfo) -> Section:
    """The answers that did not simply go out."""
    rows = tuple(
        (
            Cell(clock(p.at, zone, digest.day)),
            Cell(PLATFORMS[p.platform]),
            Cell(p.what),
            Cell(p.stands),
            _case(p.case_id, digest),
        )
        for p in digest.problems
    )
    table = Table(("At", "Where", "What happened", "Stood at the end", "Case"), rows)
    return Section("problems", "Answers that did not go out", (table,) if rows else ())


def spent(digest: Digest) -> Section:
    """What was spent."""
    if not digest.spending:
        return Section("spent", "Spent", (Line("Nothing was spent."),))
    rows = tuple(
        (
            Cell(PLATFORMS[s.platform]),
            Cell(line(s.source)),
            Cell(line(s.call)),
            Cell(count(s.calls)),
            Cell(money(s.usd)),
        )
        for s in digest.spending
    )
    return Section(
        "spent",
        "Spent",
        (
            Line(f"{money(digest.spent_usd)} on this day, all brands together."),
            Table(("Platform", "Source", "Call", "Calls", "Cost"), rows, (3, 4)),
        ),
    )
