"""The table of departures against a walk through the useful departures of a stop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.model.records import WEEK_S
from network.routing.search import StopPlan
from sim.engine.departures import HOME, Departures

STOPS, GROUPS, HERE = 3, 2, 1
Rows = dict[int, list[tuple[int, int, int]]]  # by code: second of the week, departure, calls to ride


def plan_of(rows: Rows, leaves_s: list[int]) -> StopPlan:
    flat = [(code, *row) for code in range(STOPS * GROUPS) for row in rows.get(code, [])]
    table = np.array(flat, dtype=np.int64).reshape(-1, 4)
    return StopPlan(
        key=table[:, 0] * WEEK_S + table[:, 1],
        departure=table[:, 2].astype(np.int16),
        alight=table[:, 3].astype(np.int8),
        duration_s=np.zeros(len(table), dtype=np.int32),
        first=np.searchsorted(table[:, 0], np.arange(STOPS * GROUPS + 1)).astype(np.int32),
        trip=np.zeros(len(leaves_s), dtype=np.int32),
        call=np.zeros(len(leaves_s), dtype=np.int32),
        leaves_s=np.array(leaves_s, dtype=np.int32),
    )


def walked(rows: Rows, code: int, time: int) -> tuple[int, int]:
    """Return the first row that leaves at `time` of its week or later, else the first of the next week."""
    if code // GROUPS == HERE:
        return HOME, 0
    second = time % WEEK_S
    later = [(departure, ride) for leaves, departure, ride in rows[code] if leaves >= second]
    return later[0] if later else rows[code][0][1:]


@given(
    st.lists(st.integers(0, 20), min_size=1, max_size=5, unique=True),
    st.lists(
        st.tuples(st.sampled_from([0, 1, 4, 5]), st.integers(0, 4), st.integers(1, 3)), min_size=1, max_size=9
    ),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), min_size=1, max_size=8),
)
def test_the_first_useful_departure_of_the_week_for_one_moment_or_many(
    leaves: list[int], useful: list[tuple[int, int, int]], asked: list[tuple[int, int]]
) -> None:
    leaves_s = [x * 30_000 for x in leaves]
    rows: Rows = {}
    for code, at, ride in useful:
        at %= len(leaves_s)
        if at not in [row[1] for row in rows.get(code, [])]:
            rows.setdefault(code, []).append((leaves_s[at], at, ride))
    for of_code in rows.values():
        of_code.sort()
    departures = Departures(plan_of(rows, leaves_s), HERE, GROUPS)
    codes = np.array([*rows, 2, 3], dtype=np.int32)
    times = [half * 15_000 + off - 1 + WEEK_S for half, off in asked]
    for time in times:
        line, ride = departures.choose(codes, time)
        want = [walked(rows, code, time) for code in codes.tolist()]
        assert list(zip(line.tolist(), ride.tolist(), strict=True)) == want
    many = np.repeat(np.array(times), len(codes))
    line, ride = departures.choose(np.tile(codes, len(times)), many)
    want = [walked(rows, code, time) for time in times for code in codes.tolist()]
    assert list(zip(line.tolist(), ride.tolist(), strict=True)) == want


@pytest.mark.parametrize(("first", "last"), [(9, 10), (9, 11), (10, 11)])
def test_items_of_one_release_may_be_ready_on_both_sides_of_a_departure(first: int, last: int) -> None:
    rows: Rows = {0: [(10, 0, 1), (20, 1, 1)]}
    departures = Departures(plan_of(rows, [10, 20]), HERE, GROUPS)
    line, _ = departures.choose(np.zeros(2, dtype=np.int32), np.array([first, last]))
    assert line.tolist() == [int(first > 10), int(last > 10)]
