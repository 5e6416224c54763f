"""After the storm: the platforms' own logs and worlds are the truth, and the store is compared with them.

Nothing here asks frankly's code what happened. Of the store it reads what frankly would tell its operator: the
mentions, the coverage ledger, the outbox and the order of the events.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.wire import LogEntry
from frankly.rehearsal.world import Post, World
from frankly.rehearsal.x_json import mentioned
from store.records import Platform
from store.store import Store
from tests.storm.company import SUBREDDIT, Approval, Pause
from tests.storm.supervisor import Life
from tests.storm.world import Offer

# The log's time is a moment later than the answer that it is about; and a pause may take a second of real time.
_LOG_MARGIN = timedelta(seconds=30)
_PAUSE_MARGIN = timedelta(minutes=3)
_LOOKS = {Platform.X: ("/2/tweets", "ids"), Platform.REDDIT: ("/api/info/", "id")}
_Looks = dict[tuple[Platform, str], list[tuple[int, datetime]]]
_POSTS = {Platform.X: "/2/tweets", Platform.REDDIT: "/api/comment/"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request to post a reply, as its platform received it: ``place`` is where it stands in the log."""

    platform: Platform
    place: int
    at: datetime
    target: str
    text: str
    status: int
    fault: str


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What can be asked after the storm."""

    servers: RehearsalServers
    offers: Sequence[Offer]
    locked_at: dict[str, datetime]
    approvals: Sequence[Approval]
    pauses: Sequence[Pause]
    lives: Sequence[Life]
    store: Store

    @property
    def world(self) -> World:
        """Where the posts are."""
        return self.servers.world

    def log(self, platform: Platform) -> list[LogEntry]:
        """Return what a platform saw."""
        return self.servers.x.log if platform is Platform.X else self.servers.reddit.log

    def requests(self) -> list[Sent]:
        """Return every request to post a reply, by platform and in order."""
        return [
            _sent(platform, place, entry)
            for platform in Platform
            for place, entry in enumerate(self.log(platform))
            if entry.method == "POST" and entry.path == _POSTS[platform]
        ]

    def replies(self, platform: Platform) -> list[Post]:
        """Return what a platform accepted in our name and shows."""
        return self.world.replies(platform)


def _sent(platform: Platform, place: int, entry: LogEntry) -> Sent:
    if platform is Platform.X:
        target, text = str(entry.json["reply"]["in_reply_to_tweet_id"]), str(entry.json["text"])
    else:
        target, text = entry.form["thing_id"], entry.form["text"]
    return Sent(platform, place, entry.at, target, text, entry.status, entry.fault)


# What was offered, and what became of it


def unheard(seen: Witnesses) -> list[Offer]:
    """Return the offers that are not among the stored mentions."""
    rows = seen.store.database.rows("SELECT platform, external_id FROM mentions")
    stored = {(row["platform"], row["external_id"]) for row in rows}
    return [offer for offer in seen.offers if (str(offer.post.platform), offer.post.chain) not in stored]


def lost_silently(seen: Witnesses, missing: Iterable[Offer]) -> list[Offer]:
    """Return those that still stand and are in no stretch that the coverage ledger admits not to have heard."""
    return [offer for offer in missing if not was_deleted(seen, offer) and not _is_admitted(seen.store, offer)]


def was_deleted(seen: Witnesses, offer: Offer) -> bool:
    """Tell whether an offered post does not stand any more."""
    post = seen.world.find(offer.post.id)
    return post is None or post.gone(seen.world.now())


def _is_admitted(store: Store, offer: Offer) -> bool:
    moment = offer.post.posted_at
    rows = store.database.rows("SELECT * FROM coverage WHERE state IN ('gap', 'lost')")
    open_in = {row["source"] for row in rows if _holds(row["started_at"], row["ended_at"], moment)}
    return set(offer.sources) <= open_in


def _holds(start: str, end: str, moment: datetime) -> bool:
    return datetime.fromisoformat(start) <= moment <= datetime.fromisoformat(end)


# What was received


def received_twice(seen: Witnesses) -> list[str]:
    """Return what was answered more than once, and what was sent again though nobody knew its fate."""
    replies = [(platform, _chain(seen.world, one.parent)) for platform in Platform for one in seen.replies(platform)]
    twice = [
        f"{platform} {target} has {n} replies of ours" for (platform, target), n in Counter(replies).items() if n > 1
    ]
    return twice + list(_sent_blindly(seen))


def _chain(world: World, identifier: str) -> str:
    post = world.find(identifier)
    return post.chain if post else identifier


def _sent_blindly(seen: Witnesses) -> Iterator[str]:
    accepted_at = {(p, one.parent, one.text): one.posted_at for p in Platform for one in seen.replies(p)}
    attempts: dict[tuple[Platform, str, str], list[Sent]] = defaultdict(list)
    for one in seen.requests():
        attempts[(one.platform, one.target, one.text)].append(one)
    for key, requests in attempts.items():
        accepted = accepted_at.get(key)
        for earlier in requests[:-1]:
            if earlier.status in (0, 408) or earlier.status >= 500 or (accepted is not None and accepted <= earlier.at):
                yield f"{key[0]} {key[1]} was sent again, though an earlier request may have arrived"


def against_a_rule(seen: Witnesses) -> list[str]:
    """Return every request that a rule forbade, with the rule."""
    requests, looks = seen.requests(), _looks(seen)
    problems = [f"{one.platform} {one.target}: {why}" for one in requests for why in breaches(seen, one, looks)]
    return problems + list(_crowded(seen)) + list(_to_suppressed(seen.store)) + list(_while_paused(seen.store))


def breaches(
    seen: Witnesses, one: Sent, looks: dict[tuple[Platform, str], list[tuple[int, datetime]]]
) -> Iterator[str]:
    """Yield what speaks against a request, by what its platform and the desk knew."""
    post = seen.world.find(one.target)
    if post is None:
        yield "answers a post that never was"
        return
    if not _is_approved(seen, one):
        yield "nobody approved these words for this post"
    brand = seen.world.brands[Platform.X]
    if one.platform is Platform.X and brand not in [account for _, account in mentioned(seen.world, post)]:
        yield "the author did not turn to us"
    if one.platform is Platform.REDDIT and post.subreddit != SUBREDDIT:
        yield "the community is not on the list"
    before = [at for place, at in looks.get((one.platform, one.target), []) if place < one.place]
    if not before:
        yield "the post was not looked at before"
    elif (why := _changed_before(seen, post, before[-1] - _LOG_MARGIN)) is not None:
        yield why
    for pause in seen.pauses:
        if pause.began_at + _PAUSE_MARGIN < one.at and (pause.ended_at is None or one.at < pause.ended_at):
            yield "all sending was paused"
    if one.platform is Platform.REDDIT and any(life.dry and _lived(life, one.at) for life in seen.lives):
        yield "Reddit was in dry run"


def _lived(life: Life, at: datetime) -> bool:
    return life.began_at < at and (life.ended_at is None or at < life.ended_at)


def _is_approved(seen: Witnesses, one: Sent) -> bool:
    if any((a.platform, a.target_id, a.text) == (one.platform, one.target, one.text) for a in seen.approvals):
        return True
    # The words of an answer to a post that was deleted later are gone from the store.
    sql = "SELECT 1 FROM outbox WHERE platform = ? AND target_id = ? AND automated = 1 AND text IN (?, '')"
    return seen.store.database.value(sql, (one.platform, one.target, one.text)) is not None


def _looks(seen: Witnesses) -> _Looks:
    """Return where in the log each post was looked at by its id, and when."""
    found: _Looks = defaultdict(list)
    for platform, (path, name) in _LOOKS.items():
        for place, entry in enumerate(seen.log(platform)):
            if entry.method == "GET" and entry.path == path and entry.status == 200:
                for identifier in entry.query.get(name, "").split(","):
                    found[(platform, identifier)].append((place, entry.at))
    return found


def _changed_before(seen: Witnesses, post: Post, moment: datetime) -> str | None:
    """Tell why a post could not be answered any more at a moment."""
    if post.gone(moment):
        return "the post was deleted when it was looked at"
    newer = [seen.world.find(key) for key in seen.world.versions(post)]
    if any(v is not None and v.number > post.number and v.posted_at < moment for v in newer):
        return "the post had a newer version when it was looked at"
    locked = [seen.locked_at.get(key) for key in (post.id, post.conversation)]
    if any(at is not None and at < moment for at in locked):
        return "the thread was locked when it was looked at"
    return None


def _crowded(seen: Witnesses) -> Iterator[str]:
    per_thread = Counter(reply.conversation for reply in seen.replies(Platform.REDDIT))
    yield from (f"reddit {thread} has {n} replies of ours" for thread, n in per_thread.items() if n > 1)


def _to_suppressed(store: Store) -> Iterator[str]:
    """Find answers that began to leave after their author had been heard to say stop; events keep the order."""
    sql = """
    SELECT sending.outbox_id AS id FROM events sending
    JOIN mentions m ON m.id = sending.mention_id
    JOIN mentions stop ON stop.author_id = m.author_id
    JOIN events stopped ON stopped.mention_id = stop.id AND stopped.kind = 'author.suppressed'
    WHERE sending.kind = 'outbox.sending' AND sending.id > stopped.id
      AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = sending.outbox_id AND o.dry_run = 1)
    """
    yield from (f"message {row['id']} left for an author who said stop" for row in store.database.rows(sql))


def _while_paused(store: Store) -> Iterator[str]:
    sql = "SELECT kind, outbox_id FROM events WHERE kind IN ('pause.on', 'pause.off', 'outbox.sending') ORDER BY id"
    paused = False
    for row in store.database.rows(sql):
        if row["kind"] == "outbox.sending" and paused:
            yield f"message {row['outbox_id']} began to leave while all sending was paused"
        elif row["kind"] != "outbox.sending":
            paused = row["kind"] == "pause.on"


# What the store says, and is not so


def never_arrived(seen: Witnesses) -> list[str]:
    """Return the answers that the store calls sent and that do not stand on their platform."""
    rows = seen.store.database.rows("SELECT id, platform, external_id FROM outbox WHERE state = 'sent' AND dry_run = 0")
    standing = {(str(p), reply.id) for p in Platform for reply in seen.replies(p)}
    return [f"message {row['id']}" for row in rows if (row["platform"], row["external_id"]) not in standing]


def standing_unknown(seen: Witnesses) -> list[str]:
    """Return the replies that stand on a platform while the store does not know that they do."""
    rows = seen.store.database.rows("SELECT platform, external_id FROM outbox WHERE state = 'sent'")
    known = {(row["platform"], row["external_id"]) for row in rows}
    return [f"{p} {reply.id}" for p in Platform for reply in seen.replies(p) if (str(p), reply.id) not in known]
