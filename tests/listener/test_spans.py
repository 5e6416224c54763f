"""Spans: joined where they touch, and taken out of one another."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from listener.spans import joined, without

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8)


def points(spans: list[tuple[int, int]]) -> set[int]:
    return {point for start, end in spans for point in range(start, end)}


@given(SPANS)
def test_joined_spans_hold_the_same_in_order_and_apart(spans: list[tuple[int, int]]) -> None:
    found = joined(spans)
    assert points(found) == points(spans)
    assert all(start < end for start, end in found)
    assert all(before[1] < after[0] for before, after in pairwise(found))


@given(SPANS, SPANS)
def test_what_is_taken_out_is_gone_and_the_rest_stays(
    spans: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    assert points(without(spans, others)) == points(spans) - points(others)
