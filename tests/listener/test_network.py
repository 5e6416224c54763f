"""The time at the other end, as the Date header has it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from listener.platforms.network import answered_at


def test_the_date_of_an_answer_is_the_platforms_own_time() -> None:
    assert answered_at({"Date": "Mon, 02 Mar 2026 09:00:00 GMT"}) == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "soon",
        "Mon, 02 Mar 2026 09:00:00 -0000",
        "Mon, 99 Mar 2026 09:00:00 GMT",
        f"Mon, 02 Mar {'9' * 20} 09:00:00 GMT",
    ],
)
def test_a_date_that_says_nothing_is_no_time(date: str | None) -> None:
    assert answered_at({} if date is None else {"Date": date}) is None
