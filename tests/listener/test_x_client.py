"""The real tweepy against the simulated X: what comes back, what every fault becomes, and one POST, never two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.credentials import Credentials
from config.errors import (
    CredentialsRefused,
    PlatformError,
    PlatformUnavailable,
    PostRefused,
    PostUncertain,
    RateLimited,
    StaleCursor,
)
from frankly.rehearsal.faults import FaultKind
from frankly.rehearsal.servers import RehearsalServers
from listener.platforms.clients import open_client
from listener.platforms.x import XClient
from listener.platforms.x_ids import id_at
from store.records import Platform
from tests.conftest import FrozenClock
from tests.listener.conftest import BRAND, FATE_UNKNOWN, MakeSettings

SEARCH = "/2/tweets/search/recent"


def posts_to(servers: RehearsalServers) -> int:
    return len([entry for entry in servers.x.log if entry.method == "POST" and entry.path == "/2/tweets"])


def complaint(servers: RehearsalServers, text: str = "@BriskBroadband my line is down") -> str:
    return servers.world.add_post(Platform.X, "maria_h", text).id


def test_it_knows_whose_keys_it_has(servers: RehearsalServers, x_client: XClient) -> None:
    account = x_client.account()
    assert account.handle == "BriskBroadband"
    assert account.external_id == servers.world.brands[Platform.X].external_id
    x_client.account()
    assert len(servers.x.log) == 1  # asked once


def test_a_post_is_read_with_its_author_and_its_summons(servers: RehearsalServers, x_client: XClient) -> None:
    identifier = complaint(servers, "@BriskBroadband down again &amp; nobody answers")
    post = x_client.look([identifier])[identifier]
    assert post.text == "@BriskBroadband down again & nobody answers"
    assert post.author.handle == "maria_h"
    assert post.author.audience > 0
    assert post.summoned
    assert post.posted_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert post.url == f"https://x.com/maria_h/status/{identifier}"


def test_only_the_account_of_the_keys_can_be_summoned(
    servers: RehearsalServers, make_settings: MakeSettings, credentials: Credentials, clock: FrozenClock
) -> None:
    """Answers leave from that account alone, and X takes none to a post that names another one of the operator's."""
    brands = [BRAND, {"name": "Rival", "terms": ["Rival"], "handles": {"x": ["RivalFibre"]}}]
    client = open_client(Platform.X, make_settings(brands=brands), credentials, clock)
    servers.world.add_post(Platform.X, "RivalFibre", "Good morning")
    other, ours = complaint(servers, "@RivalFibre hello?"), complaint(servers, "@BriskBroadband hello?")
    found = client.look([other, ours])
    assert (found[other].summoned, found[ours].summoned) == (False, True)


def test_a_deleted_post_is_absent(servers: RehearsalServers, x_client: XClient) -> None:
    kept, gone = complaint(servers), complaint(servers, "Brisk is slow")
    servers.world.delete_post(gone)
    assert set(x_client.look([kept, gone])) == {kept}


def test_an_edited_post_keeps_its_first_id_and_names_its_newest(
    servers: RehearsalServers, x_client: XClient, clock: FrozenClock
) -> None:
    first = complaint(servers)
    clock.advance(minutes=5)
    newest = servers.world.edit_post(first, "@BriskBroadband my line is down, still").id
    post = x_client.search("BriskBroadband").posts[0]
    assert (post.external_id, post.version_id) == (first, newest)
    assert post.posted_at == clock.now() - timedelta(minutes=5)
    assert post.edited_at == clock.now()


def test_more_than_a_hundred_posts_are_looked_up_in_batches(servers: RehearsalServers, x_client: XClient) -> None:
    ids = [complaint(servers, f"Brisk {number}") for number in range(130)]
    assert set(x_client.look(ids)) == set(ids)
    assert len([entry for entry in servers.x.log if entry.path == "/2/tweets"]) == 2


def test_a_reply_stands_under_the_post_it_answers(servers: RehearsalServers, x_client: XClient) -> None:
    target = complaint(servers)
    reply_id = x_client.reply(target, "So sorry, we are on it. ^KB")
    [reply] = servers.x.replies()
    assert (reply.id, reply.parent, reply.text) == (reply_id, target, "So sorry, we are on it. ^KB")
    assert posts_to(servers) == 1


def test_our_own_posts_are_read_back(servers: RehearsalServers, x_client: XClient, clock: FrozenClock) -> None:
    target = complaint(servers)
    reply_id = x_client.reply(target, "On it. ^KB")
    by_hand = servers.world.answer(Platform.X, target, "Sorted, Maria?").id
    newer, older = x_client.own_posts(clock.now() - timedelta(minutes=1)).posts
    assert (older.external_id, older.in_reply_to, older.text) == (reply_id, target, "On it. ^KB")
    assert (newer.external_id, newer.in_reply_to, newer.author.handle) == (by_hand, target, "BriskBroadband")
    assert x_client.own_posts(clock.now() + timedelta(minutes=1)).posts == ()


def test_our_own_posts_are_read_past_the_first_page(
    servers: RehearsalServers, x_client: XClient, clock: FrozenClock
) -> None:
    targets = [complaint(servers, f"@BriskBroadband {number}") for number in range(120)]
    for target in targets:
        servers.world.answer(Platform.X, target, f"Sorry about {target}")
    since = clock.now() - timedelta(minutes=1)
    first = x_client.own_posts(since)
    second = x_client.own_posts(since, first.next)
    assert (len(first.posts), len(second.posts), second.next) == (100, 20, None)
    assert {reply.in_reply_to for reply in (*first.posts, *second.posts)} == set(targets)


@pytest.mark.parametrize(("kind", "status"), FATE_UNKNOWN)
def test_a_reply_whose_fate_is_unknown_is_uncertain_and_was_sent_once(
    servers: RehearsalServers,
    credentials: Credentials,
    make_settings: MakeSettings,
    clock: FrozenClock,
    kind: FaultKind,
    status: int,
) -> None:
    client = open_client(Platform.X, make_settings(x={"timeout": timedelta(seconds=0.3)}), credentials, clock)
    target = complaint(servers)
    servers.x.faults.add(kind, "POST", "/2/tweets", status=status, seconds=0.8, times=5)
    with pytest.raises(PostUncertain):
        client.reply(target, "On it. ^KB")
    assert posts_to(servers) == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FaultKind.DUPLICATE, "duplicate content"),
        (FaultKind.NOT_SUMMONED, "only reply to or quote posts where you are mentioned"),
        (FaultKind.DELETED, "deleted or not visible"),
        (FaultKind.LOCKED, "not allowed because"),
    ],
)
def test_a_refused_reply_carries_the_words_of_x(
    servers: RehearsalServers, x_client: XClient, kind: FaultKind, words: str
) -> None:
    target = complaint(servers)
    servers.x.faults.add(kind, "POST", "/2/tweets")
    with pytest.raises(PostRefused) as refused:
        x_client.reply(target, "On it. ^KB")
    assert words in refused.value.detail
    assert posts_to(servers) == 1


@pytest.mark.parametrize("body", ["[]", '["no"]', '{"errors": "no"}', '{"errors": [3]}', "null", "", "<html>"])
@pytest.mark.parametrize("status", [400, 403, 404, 302, 307])
def test_any_shape_of_a_refusal_is_a_refusal(
    servers: RehearsalServers, x_client: XClient, body: str, status: int
) -> None:
    target = complaint(servers)
    servers.x.faults.add(
        FaultKind.STATUS, "POST", "/2/tweets", status=status, body=body, headers={"Location": "/2/tweets"}
    )
    with pytest.raises(PostRefused):
        x_client.reply(target, "On it. ^KB")
    assert posts_to(servers) == 1  # a redirect is not followed with a second one


def test_a_reply_that_never_left_is_not_uncertain(
    servers: RehearsalServers, x_client: XClient, credentials: Credentials, make_settings: MakeSettings
) -> None:
    target = complaint(servers)
    servers.x.stop()
    with pytest.raises(PlatformUnavailable):
        x_client.reply(target, "On it. ^KB")


def test_keys_that_are_refused_say_so_for_a_reply_as_well(servers: RehearsalServers, x_client: XClient) -> None:
    target = complaint(servers)
    servers.x.faults.add(FaultKind.UNAUTHORIZED, "POST", "/2/tweets")
    with pytest.raises(CredentialsRefused):
        x_client.reply(target, "On it. ^KB")
    assert posts_to(servers) == 1


@pytest.mark.parametrize("kind", [FaultKind.UNAUTHORIZED, FaultKind.UNAUTHORIZED_WITHOUT_HEADER])
def test_keys_that_are_refused_say_so(servers: RehearsalServers, x_client: XClient, kind: FaultKind) -> None:
    servers.x.faults.add(kind)
    with pytest.raises(CredentialsRefused):
        x_client.account()


def test_a_rate_limit_carries_the_time_of_the_header(
    servers: RehearsalServers, x_client: XClient, clock: FrozenClock
) -> None:
    servers.x.faults.add(FaultKind.RATE_LIMITED, "GET", SEARCH, seconds=600)
    with pytest.raises(RateLimited) as limited:
        x_client.search("Brisk")
    assert timedelta(seconds=600) <= limited.value.retry_at - clock.now() <= timedelta(seconds=602)


def test_a_used_up_window_is_not_even_asked(servers: RehearsalServers, x_client: XClient, clock: FrozenClock) -> None:
    x_client.account()
    servers.x.faults.add(FaultKind.RATE_LIMITED, "GET", SEARCH, seconds=600)
    for _ in range(3):
        with pytest.raises(RateLimited):
            x_client.search("Brisk")
    assert len([entry for entry in servers.x.log if entry.path == SEARCH]) == 1
    clock.advance(seconds=602)
    assert x_client.search("Brisk").posts == ()


def test_a_rate_limit_without_a_time_waits_a_minute(
    servers: RehearsalServers, x_client: XClient, clock: FrozenClock
) -> None:
    servers.x.faults.add(FaultKind.RATE_LIMITED_WITHOUT_RESET, "GET", SEARCH)
    with pytest.raises(RateLimited) as limited:
        x_client.search("Brisk")
    assert limited.value.retry_at == clock.now() + timedelta(seconds=60)


def test_the_limit_of_the_day_counts_before_that_of_the_quarter_hour(
    servers: RehearsalServers, x_client: XClient, clock: FrozenClock
) -> None:
    target = complaint(servers)
    tomorrow = int((clock.now() + timedelta(hours=20)).timestamp())
    soon = int((clock.now() + timedelta(minutes=10)).timestamp())
    servers.x.faults.add(
        FaultKind.STATUS,
        "POST",
        "/2/tweets",
        status=429,
        body="{}",
        headers={
            "x-rate-limit-remaining": "5",
            "x-rate-limit-reset": str(soon),
            "x-app-limit-24hour-remaining": "0",
            "x-app-limit-24hour-reset": str(tomorrow),
        },
    )
    with pytest.raises(RateLimited) as limited:
        x_client.reply(target, "On it. ^KB")
    assert limited.value.retry_at == clock.now() + timedelta(hours=20)


@pytest.mark.parametrize("reset", ["soon", "-5", "59.5", "9" * 40, ""])
def test_a_reset_that_is_no_time_waits_a_minute(
    servers: RehearsalServers, x_client: XClient, clock: FrozenClock, reset: str
) -> None:
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
    servers.x.faults.add(FaultKind.STATUS, "GET", SEARCH, status=429, headers=headers)
    with pytest.raises(RateLimited) as limited:
        x_client.search("Brisk")
    assert limited.value.retry_at == clock.now() + timedelta(seconds=60)


def test_spent_credits_rest_the_platform(servers: RehearsalServers, x_client: XClient, clock: FrozenClock) -> None:
    body = '{"title":"CreditsDepleted","type":"https://api.twitter.com/2/problems/credits"}'
    servers.x.faults.add(FaultKind.STATUS, "GET", SEARCH, status=402, body=body)
    with pytest.raises(RateLimited) as limited:
        x_client.search("Brisk")
    assert limited.value.retry_at == clock.now() + timedelta(hours=1)


def test_a_stale_cursor_carries_the_id_that_x_names(
    servers: RehearsalServers, x_client: XClient, clock: FrozenClock
) -> None:
    with pytest.raises(StaleCursor) as stale:
        x_client.search("Brisk", since_id=str(id_at(clock.now() - timedelta(days=9))))
    assert int(stale.value.oldest_id) == id_at(clock.now() - timedelta(days=7))


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        (FaultKind.STATUS, 500, ""),
        (FaultKind.STATUS, 503, "[]"),
        (FaultKind.STATUS, 404, '["list"]'),
        (FaultKind.STATUS, 400, "<html>"),
        (FaultKind.STATUS, 200, "[]"),
        (FaultKind.STATUS, 200, "{}"),
        (FaultKind.STATUS, 200, '{"errors": [{"detail": "not now"}]}'),
        (FaultKind.STATUS, 200, "[" * 100_000),
        (FaultKind.NOT_JSON, 0, ""),
        (FaultKind.CUT_BODY, 0, ""),
        (FaultKind.DROP, 0, ""),
        (FaultKind.SLOW, 0, ""),
    ],
)
def test_whatever_else_goes_wrong_is_tried_again_later(
    servers: RehearsalServers,
    credentials: Credentials,
    make_settings: MakeSettings,
    clock: FrozenClock,
    kind: FaultKind,
    status: int,
    body: str,
) -> None:
    client = open_client(Platform.X, make_settings(x={"timeout": timedelta(seconds=0.3)}), credentials, clock)
    assert isinstance(client, XClient)
    complaint(servers)
    client.account()
    servers.x.faults.add(kind, "GET", SEARCH, status=status, body=body, seconds=0.8)
    with pytest.raises(PlatformUnavailable):
        client.search("BriskBroadband")


def test_a_post_left_out_without_a_word_is_not_taken_for_deleted(servers: RehearsalServers, x_client: XClient) -> None:
    identifier = complaint(servers)
    x_client.account()
    servers.x.faults.add(FaultKind.STATUS, "GET", "/2/tweets", status=200, body='{"data": []}')
    with pytest.raises(PlatformUnavailable):
        x_client.look([identifier])


def test_no_error_tells_a_secret_or_a_text(servers: RehearsalServers, x_client: XClient) -> None:
    target = complaint(servers)
    for kind in (FaultKind.DROP, FaultKind.NOT_SUMMONED, FaultKind.UNAUTHORIZED, FaultKind.NOT_JSON):
        servers.x.faults.add(kind, "POST", "/2/tweets")
        with pytest.raises(PlatformError) as raised:
            x_client.reply(target, "my very own words")
        assert "rehearsal-" not in str(raised.value)
        assert "my very own words" not in str(raised.value)
