"""The queries that X is asked: complete, within 512 characters, and understood by the simulated X."""

from __future__ import annotations

import pytest

from config.errors import ConfigurationError
from config.settings import Brand, Handles
from frankly.rehearsal.servers import RehearsalServers
from listener.platforms.x import XClient
from listener.query import X_QUERY_LENGTH, reddit_query, x_queries
from store.records import Platform

BRISK = Brand(
    name="Brisk",
    terms=["Brisk Broadband", "Brisk"],
    excluded=["iced tea", "walk"],
    handles=Handles(x=["BriskBroadband"]),
)


def test_a_query_asks_for_terms_without_exclusions_retweets_and_ourselves() -> None:
    assert x_queries(BRISK) == [
        '("Brisk Broadband" OR #BriskBroadband OR Brisk OR #Brisk OR @BriskBroadband) '
        '-"iced tea" -walk -is:retweet -from:BriskBroadband'
    ]


def test_a_long_query_is_split_and_loses_no_term() -> None:
    terms = [f"brand number {number} of many" for number in range(60)]
    brand = Brand(name="Many", terms=terms, excluded=["other"], handles=Handles(x=["many"]))
    queries = x_queries(brand)
    assert len(queries) > 1
    assert all(len(query) <= X_QUERY_LENGTH for query in queries)
    assert all(query.endswith("-other -is:retweet -from:many") for query in queries)
    for term in terms:
        assert sum(f'"{term}"' in query for query in queries) == 1


def test_exclusions_leave_room_for_what_is_looked_for() -> None:
    brand = Brand(name="Many", terms=["Brisk"], excluded=[f"something else {number}" for number in range(99)])
    [query] = x_queries(brand)
    assert len(query) <= X_QUERY_LENGTH
    assert query.startswith("(Brisk OR #Brisk) -")


def test_a_term_that_no_query_can_hold_stops_with_a_sentence() -> None:
    with pytest.raises(ConfigurationError, match="shorten it"):
        x_queries(Brand(name="Long", terms=["x" * 600]))


def test_x_understands_the_query(servers: RehearsalServers, x_client: XClient) -> None:
    wanted = [
        servers.world.add_post(Platform.X, "maria_h", text).id
        for text in ("Brisk is down", "brisk broadband is down", "#BriskBroadband", "@BriskBroadband hello")
    ]
    for author, text in (("ed", "Brisk iced tea"), ("ed", "a brisk walk"), ("BriskBroadband", "Brisk is back")):
        servers.world.add_post(Platform.X, author, text)
    [query] = x_queries(BRISK)
    assert {post.external_id for post in x_client.search(query).posts} == set(wanted)


def test_reddit_is_asked_for_the_terms() -> None:
    assert reddit_query(BRISK) == '"Brisk Broadband" OR Brisk'
