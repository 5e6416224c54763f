"""Dates as people's files spell them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from listener.dates import read_date

MOMENT = datetime(2015, 2, 24, 19, 35, 52, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-24T19:35:52Z",
        "2015-02-24T19:35:52.000Z",
        "2015-02-24T19:35:52+00:00",
        "2015-02-24 11:35:52 -0800",
        "2015-02-24 11:35:52 -08:00",
        "2015-02-24 11:35:52-0800",
        "2015-02-24 19:35:52",
        "2015-02-24 19:35:52 UTC",
        " 2015-02-24T19:35:52 ",
        "Tue, 24 Feb 2015 19:35:52 GMT",
        "Tue, 24 Feb 2015 11:35:52 -0800",
        "Tue Feb 24 19:35:52 +0000 2015",
        "1424806552",
        "1424806552.0",
        "1424806552000",
    ],
)
def test_one_moment_in_many_spellings(text: str) -> None:
    assert read_date(text) == MOMENT


def test_a_day_is_its_midnight_in_utc() -> None:
    assert read_date("2015-02-24") == datetime(2015, 2, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2015-02-30",
        "24/02/2015x",
        "12",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1e400",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None
