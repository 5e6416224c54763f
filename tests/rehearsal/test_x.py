"""The simulated X, seen through the real tweepy."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
import tweepy

from frankly.rehearsal.servers import RehearsalServers
from frankly.rehearsal.world import World, snowflake, snowflake_time
from frankly.rehearsal.x_errors import DELETED_TARGET, DUPLICATE, NOT_ALLOWED_HERE, NOT_SUMMONED, TOO_LONG
from store.records import Platform
from tests.rehearsal.conftest import SetClock, x_client

CALL_US = "@BriskBroadband no internet since Tuesday"


def me(x: tweepy.Client) -> str:
    return str(x.get_me(user_auth=True).data.id)


def many(world: World, clock: SetClock, number: int) -> list[str]:
    """Add ``number`` mentions a second apart, the last one now; return their ids, the newest first."""
    posts = [
        world.add_post(Platform.X, f"user{i}", f"{CALL_US} {i}", posted_at=clock.now() - timedelta(seconds=i))
        for i in range(number)
    ]
    return [post.id for post in posts]


def test_an_id_tells_the_time_of_its_post(world: World, clock: SetClock) -> None:
    post = world.add_post(Platform.X, "ann", CALL_US)
    assert snowflake_time(int(post.id)) == clock.now()
    assert int(post.id) >= snowflake(clock.now())


def test_posts_appear_when_the_clock_passes_them(world: World, clock: SetClock, x: tweepy.Client) -> None:
    world.add_post(Platform.X, "ann", CALL_US, posted_at=clock.now() + timedelta(minutes=5))
    assert x.get_users_mentions(me(x)).data is None
    clock.move(minutes=5)
    assert [post.text for post in x.get_users_mentions(me(x)).data] == [CALL_US]


def test_a_mention_carries_the_fields_that_were_asked_for(world: World, x: tweepy.Client) -> None:
    first = world.add_post(Platform.X, "ann", f"{CALL_US} #fail https://example.com/x")
    world.add_account(Platform.X, "bob", followers=77, description="builder")
    world.add_post(Platform.X, "bob", "@ann @BriskBroadband same here", reply_to=first.id)
    answer = x.get_users_mentions(
        me(x),
        tweet_fields=["created_at", "entities", "conversation_id", "referenced_tweets", "in_reply_to_user_id"],
        expansions=["author_id", "referenced_tweets.id"],
        user_fields=["public_metrics", "description"],
    )
    reply, root = answer.data
    assert reply.conversation_id == root.id == int(first.id)
    assert reply.referenced_tweets[0].type == "replied_to"
    assert reply.in_reply_to_user_id == root.author_id
    assert [found["username"] for found in reply.entities["mentions"]] == ["ann", "BriskBroadband"]
    assert root.entities["hashtags"][0]["tag"] == "fail"
    assert [found.text for found in answer.includes["tweets"]] == [root.text]
    bob = next(user for user in answer.includes["users"] if user.username == "bob")
    assert (bob.public_metrics["followers_count"], bob.description) == (77, "builder")


def test_without_asking_only_the_default_fields_come(world: World, x: tweepy.Client) -> None:
    world.add_post(Platform.X, "ann", CALL_US)
    assert set(x.get_users_mentions(me(x)).data[0].data) == {"id", "text", "edit_history_tweet_ids"}


def test_a_field_that_x_does_not_know_is_refused(world: World, x: tweepy.Client) -> None:
    with pytest.raises(tweepy.BadRequest, match="nonsense"):
        x.search_recent_tweets("brisk", tweet_fields=["nonsense"])


def test_pages_follow_one_another_without_gap_or_repeat(world: World, clock: SetClock, x: tweepy.Client) -> None:
    ids = many(world, clock, 250)
    pages = list(tweepy.Paginator(x.search_recent_tweets, "internet", max_results=100))
    assert [page.meta["result_count"] for page in pages] == [100, 100, 50]
    assert [str(post.id) for page in pages for post in page.data] == ids
    assert pages[0].meta["newest_id"] == ids[0]
    mentions = tweepy.Paginator(x.get_users_mentions, me(x), max_results=100).flatten()
    assert [str(post.id) for post in mentions] == ids


def test_since_and_until_cut_both_ends_open(world: World, clock: SetClock, x: tweepy.Client) -> None:
    ids = many(world, clock, 5)
    found = x.search_recent_tweets("internet", since_id=ids[4], until_id=ids[0])
    assert [str(post.id) for post in found.data] == ids[1:4]


def test_only_the_800_newest_mentions_can_be_read(world: World, clock: SetClock, x: tweepy.Client) -> None:
    many(world, clock, 810)
    read = list(tweepy.Paginator(x.get_users_mentions, me(x), since_id=1, max_results=100).flatten())
    assert len(read) == 800


@pytest.mark.parametrize("size", [9, 101])
def test_a_page_size_out_of_range_is_refused(x: tweepy.Client, size: int) -> None:
    with pytest.raises(tweepy.BadRequest, match="between 10 and 100"):
        x.search_recent_tweets("brisk", max_results=size)


def test_ids_and_times_cannot_be_used_together(x: tweepy.Client, clock: SetClock) -> None:
    with pytest.raises(tweepy.BadRequest, match="in conjunction with"):
        x.search_recent_tweets("brisk", since_id=snowflake(clock.now()), start_time=clock.now())


def test_a_since_id_older_than_a_week_is_refused_with_the_oldest_good_one(x: tweepy.Client, clock: SetClock) -> None:
    old = snowflake(clock.now() - timedelta(days=8))
    with pytest.raises(tweepy.BadRequest) as refused:
        x.search_recent_tweets("brisk", since_id=old)
    message = refused.value.response.json()["errors"][0]["message"]
    assert message.startswith("'since_id' must be a tweet id created after 2026-03-03T12:00Z.")
    assert message.endswith(str(snowflake(clock.now() - timedelta(days=7))))


def test_search_ends_after_a_week(world: World, clock: SetClock, x: tweepy.Client) -> None:
    world.add_post(Platform.X, "ann", "brisk old", posted_at=clock.now() - timedelta(days=8))
    assert x.search_recent_tweets("brisk").data is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"brisk broadband"', "abd"),
        ("brisk", "abcd"),
        ("brisk -walk", "abd"),
        ('"brisk broadband" -from:dan', "ab"),
        ("@BriskBroadband", "b"),
        ("#slow", "d"),
        ("(walk OR #slow) -from:dan", "c"),
        ("brisk lang:de", "b"),
        ("walk OR @BriskBroadband", "bc"),
        ("from:cat", "c"),
        ("briskly", ""),
    ],
)
def test_the_query_language_means_what_x_means(world: World, x: tweepy.Client, query: str, found: str) -> None:
    texts = [
        ("ann", "Brisk Broadband, again!", "en", "a"),
        ("ben", "@BriskBroadband Brisk Broadband ist weg", "de", "b"),
        ("cat", "a brisk walk", "en", "c"),
        ("dan", "brisk broadband #slow", "en", "d"),
    ]
    letters = {
        world.add_post(Platform.X, who, text, language=language).id: letter for who, text, language, letter in texts
    }
    answer = x.search_recent_tweets(query).data or []
    assert "".join(sorted(letters[str(post.id)] for post in answer)) == found


@pytest.mark.parametrize("query", ["-is:retweet", '"open', "(a OR", "a)", "near:me", "x" * 513])
def test_a_query_that_x_cannot_read_is_refused(x: tweepy.Client, query: str) -> None:
    with pytest.raises(tweepy.BadRequest):
        x.search_recent_tweets(query)


def test_counts_come_in_steps(world: World, clock: SetClock, x: tweepy.Client) -> None:
    clock.move(seconds=3)
    many(world, clock, 12)
    data = x.get_recent_tweets_count("internet", granularity="minute").data
    assert [(row["start"][11:19], row["tweet_count"]) for row in data] == [("11:59:00", 8), ("12:00:00", 4)]
    with pytest.raises(tweepy.BadRequest, match="granularity"):
        x.get_recent_tweets_count("internet", granularity="year")


def test_counts_say_how_many_a_search_would_find(world: World, clock: SetClock, x: tweepy.Client) -> None:
    many(world, clock, 12)
    assert x.get_recent_tweets_count("internet").meta["total_tweet_count"] == 12


def test_a_summoned_reply_stands_under_its_post_and_among_our_own(
    world: World, servers: RehearsalServers, x: tweepy.Client
) -> None:
    post = world.add_post(Platform.X, "ann", CALL_US)
    made = x.create_tweet(text="We are on it. ^AB", in_reply_to_tweet_id=post.id).data
    own = x.get_users_tweets(me(x), tweet_fields=["referenced_tweets"]).data
    assert [(found.id, found.referenced_tweets[0].id) for found in own] == [(int(made["id"]), int(post.id))]
    assert [(reply.parent, reply.text) for reply in servers.x.replies()] == [(post.id, "We are on it. ^AB")]


def test_a_reply_to_somebody_who_did_not_name_us_is_refused(world: World, x: tweepy.Client) -> None:
    post = world.add_post(Platform.X, "ann", "Brisk Broadband is down again")
    with pytest.raises(tweepy.Forbidden) as refused:
        x.create_tweet(text="Sorry!", in_reply_to_tweet_id=post.id)
    assert refused.value.response.json()["detail"] == NOT_SUMMONED
    assert world.replies(Platform.X) == []


def test_whoever_quotes_us_has_summoned_us(world: World, x: tweepy.Client) -> None:
    ours = world.add_post(Platform.X, "BriskBroadband", "Our new router is here")
    quote = world.add_post(Platform.X, "ann", "and does it work?", quotes=ours.id)
    assert x.create_tweet(text="It does.", in_reply_to_tweet_id=quote.id).data["id"]


def refusal(x: tweepy.Client, text: str, target: str) -> str:
    with pytest.raises(tweepy.Forbidden) as refused:
        x.create_tweet(text=text, in_reply_to_tweet_id=target)
    return str(refused.value.response.json()["detail"])


def test_x_says_why_it_takes_no_reply(world: World, clock: SetClock, x: tweepy.Client) -> None:
    first, second = many(world, clock, 2)
    x.create_tweet(text="Hello", in_reply_to_tweet_id=first)
    assert refusal(x, "Hello", second) == DUPLICATE
    assert refusal(x, "字" * 141, second) == TOO_LONG
    world.delete_post(second)
    assert refusal(x, "Hello there", second) == DELETED_TARGET
    closed = world.add_post(Platform.X, "ann", "about brisk", reply_settings="mentionedUsers")
    assert refusal(x, "Hello you", closed.id) == NOT_ALLOWED_HERE


def test_a_deleted_reply_is_gone(world: World, x: tweepy.Client) -> None:
    post = world.add_post(Platform.X, "ann", CALL_US)
    made = x.create_tweet(text="Oops", in_reply_to_tweet_id=post.id).data["id"]
    assert x.delete_tweet(made).data["deleted"] is True
    assert world.replies(Platform.X) == []
    with pytest.raises(tweepy.Forbidden):
        x.delete_tweet(post.id)


def test_posts_that_are_gone_come_as_errors_beside_the_others(world: World, x: tweepy.Client) -> None:
    kept, lost = world.add_post(Platform.X, "ann", CALL_US), world.add_post(Platform.X, "ben", CALL_US)
    world.delete_post(lost.id)
    answer = x.get_tweets([kept.id, lost.id])
    assert [str(post.id) for post in answer.data] == [kept.id]
    assert [(error["resource_id"], error["title"]) for error in answer.errors] == [(lost.id, "Not Found Error")]
    assert x.get_tweets([lost.id]).data is None


def test_an_edit_is_a_new_post_that_knows_the_old_one(world: World, clock: SetClock, x: tweepy.Client) -> None:
    old = world.add_post(Platform.X, "ann", f"{CALL_US} frist")
    new = world.edit_post(old.id, f"{CALL_US} first", at=clock.now() + timedelta(minutes=1))
    assert [str(post.id) for post in x.get_users_mentions(me(x)).data] == [old.id]
    clock.move(minutes=1)
    (found,) = x.get_users_mentions(me(x)).data
    assert (str(found.id), found.edit_history_tweet_ids) == (new.id, [int(old.id), int(new.id)])
    world.delete_post(old.id)
    assert x.get_tweets([old.id, new.id]).data is None


def test_a_post_that_is_indexed_late_has_a_lower_id_than_those_before_it(
    world: World, clock: SetClock, x: tweepy.Client
) -> None:
    late = world.add_post(Platform.X, "ann", CALL_US, visible_at=clock.now() + timedelta(seconds=4))
    clock.move(seconds=2)
    early = world.add_post(Platform.X, "ben", CALL_US)
    assert [str(post.id) for post in x.get_users_mentions(me(x)).data] == [early.id]
    clock.move(seconds=2)
    assert [str(post.id) for post in x.get_users_mentions(me(x)).data] == [early.id, late.id]


def test_search_may_lag_behind_the_mentions(clock: SetClock) -> None:
    world = World(clock, search_lag=timedelta(seconds=30))
    world.add_post(Platform.X, "ann", CALL_US)
    with RehearsalServers(world) as servers:
        x = x_client(servers)
        assert x.search_recent_tweets("internet").data is None
        clock.move(seconds=30)
        assert x.search_recent_tweets("internet").data is not None
        x.session.close()


def test_accounts_are_found_by_name_and_by_id(world: World, x: tweepy.Client) -> None:
    ann = world.add_account(Platform.X, "ann")
    assert str(x.get_user(username="ANN").data.id) == ann.external_id
    answer = x.get_users(ids=[ann.external_id, "5"])
    assert [user.username for user in answer.data] == ["ann"]
    assert answer.errors[0]["resource_id"] == "5"
    assert x.get_user(username="nobody").data is None


def test_a_wrong_bearer_token_is_refused(servers: RehearsalServers) -> None:
    x = x_client(servers, FRANKLY_X_BEARER_TOKEN="wrong")
    with pytest.raises(tweepy.Unauthorized):
        x.search_recent_tweets("brisk")
    x.session.close()


@pytest.mark.parametrize(
    "variable",
    [
        "FRANKLY_X_CONSUMER_KEY",
        "FRANKLY_X_CONSUMER_SECRET",
        "FRANKLY_X_ACCESS_TOKEN",
        "FRANKLY_X_ACCESS_TOKEN_SECRET",
    ],
)
def test_one_wrong_key_of_four_spoils_the_signature(servers: RehearsalServers, variable: str) -> None:
    x = x_client(servers, **{variable: "wrong"})
    with pytest.raises(tweepy.Unauthorized):
        x.get_me(user_auth=True)
    x.session.close()


def test_a_signature_covers_the_query(world: World, x: tweepy.Client) -> None:
    world.add_post(Platform.X, "ann", CALL_US)
    found = x.search_recent_tweets('"no internet" -from:ben', user_auth=True, expansions=["author_id"])
    assert len(found.data) == 1


def test_posting_needs_the_keys_of_a_user(x: tweepy.Client) -> None:
    with pytest.raises(tweepy.Forbidden, match="Application-Only is forbidden"):
        x.create_tweet(text="hello", user_auth=False)


def test_the_budget_of_an_endpoint_runs_out_and_comes_back(
    servers: RehearsalServers, clock: SetClock, x: tweepy.Client
) -> None:
    servers.x_app.limits.budgets["search"] = (2, 2)
    x.return_type = requests.Response
    left = [x.search_recent_tweets("brisk").headers["x-rate-limit-remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    with pytest.raises(tweepy.TooManyRequests) as refused:
        x.search_recent_tweets("brisk")
    assert 0 < refused.value.reset_time - clock.now().timestamp() <= 901
    clock.move(minutes=15)
    assert x.search_recent_tweets("brisk").headers["x-rate-limit-remaining"] == "1"


def test_posting_has_a_budget_for_the_day_as_well(x: tweepy.Client) -> None:
    x.return_type = requests.Response
    headers = x.create_tweet(text="Good morning").headers
    assert headers["x-rate-limit-remaining"] == "99"
    assert headers["x-app-limit-24hour-remaining"] == "9999"


def test_a_refusal_counts_and_says_what_is_left(x: tweepy.Client) -> None:
    with pytest.raises(tweepy.BadRequest) as refused:
        x.search_recent_tweets("brisk", max_results=5)
    assert refused.value.response.headers["x-rate-limit-remaining"] == "449"


def test_an_address_that_x_does_not_have_is_not_found(servers: RehearsalServers) -> None:
    answer = requests.get(f"{servers.x_url}/2/nothing", timeout=5)
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")
