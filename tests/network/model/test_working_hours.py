"""Hours of work against a clock that is read second by second."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.model.network import Network
from network.model.records import DAY_S, Centre
from network.model.working_hours import Hours, ready_at, ready_at_stops, shifts

Shifts = tuple[tuple[int, int], ...]
H = 3600


def windows(edges: list[int]) -> Shifts:
    return tuple((a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))


days = st.lists(st.integers(0, DAY_S), min_size=2, max_size=8, unique=True).map(
    lambda edges: windows(sorted(edges))
)
moments = st.integers(0, 400 * DAY_S)


def is_open(hours: Shifts, second: int) -> bool:
    return any(opens <= second % DAY_S < closes for opens, closes in hours)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(days, moments)
def test_a_second_is_worked_when_it_is_open(hours: Shifts, time: int) -> None:
    step = Hours(hours).worked(time + 1) - Hours(hours).worked(time)
    assert step == is_open(hours, time)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(days, st.integers(1, 10**8))
def test_the_clock_shows_the_earliest_second_of_so_much_work(hours: Shifts, worked: int) -> None:
    time = Hours(hours).clock(worked)
    assert Hours(hours).worked(time) == worked
    assert Hours(hours).worked(time - 1) == worked - 1


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(days, moments)
def test_the_next_second_of_work_is_the_first_open_one(hours: Shifts, time: int) -> None:
    """Open itself, and no opening between: the windows of the day tell all moments at which it may open."""
    found = Hours(hours).opens(time)
    assert found >= time and is_open(hours, found)
    openings = (day * DAY_S + opens for day in range(time // DAY_S, time // DAY_S + 2) for opens, _ in hours)
    earlier = [time, *(second for second in openings if time <= second < found)]
    assert found == time or not any(is_open(hours, second) for second in earlier)


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(days, st.lists(st.integers(1, 10**8), min_size=1, max_size=20))
def test_many_moments_are_as_each_of_them(hours: Shifts, times: list[int]) -> None:
    one, many = Hours(hours), np.array(times, dtype=np.int64)
    for name in ("worked", "clock", "opens"):
        found = getattr(one, name)(many)
        assert found.dtype == np.int64
        assert found.tolist() == [getattr(one, name)(time) for time in times]


@pytest.mark.parametrize("hours", [(), ((0, DAY_S),), ((0, 8 * H), (8 * H, DAY_S))])
def test_without_a_closing_working_time_is_the_clock(hours: Shifts) -> None:
    for time in (1, 5 * H, 8 * H, DAY_S, 9 * DAY_S + 1):
        assert (Hours(hours).worked(time), Hours(hours).clock(time), Hours(hours).opens(time)) == (time,) * 3
    assert Hours.of(Centre("X", "region", {}, shifts_s=hours)) is None


def test_working_time_by_hand() -> None:
    """06:00 to 13:45 and 14:15 to 22:00: 7.75 hours each."""
    hours = Hours(((6 * H, 49_500), (51_300, 22 * H)))
    clock = (0, 6 * H, 49_500, 14 * H, 51_300, 22 * H, DAY_S, DAY_S + 7 * H)
    assert [hours.worked(time) / H for time in clock] == [0, 0, 7.75, 7.75, 7.75, 15.5, 15.5, 16.5]
    # The last second of a shift ends at its closing; the next one ends a second after the opening.
    assert [hours.clock(27_900), hours.clock(27_901)] == [49_500, 51_301]
    assert [hours.clock(55_800), hours.clock(55_801)] == [22 * H, DAY_S + 6 * H + 1]
    assert [hours.opens(t) / H for t in (0, 7 * H, 49_500, 22 * H, 23 * H)] == [6, 7, 14.25, 30, 30]


def test_each_stop_has_its_own_hours_and_lanes() -> None:
    """A lane takes 4 s and a sorter 6 (600 an hour): what comes at closing goes on after the opening."""
    day = ((8 * H, 20 * H),)
    centres = [
        Centre("A", "county", {}, shifts_s=day),
        Centre("B", "gateway", {}),
        Centre(
            "C", "county", {}, lanes=1, lane_rate_per_h=900, sorters=1, sorter_rate_per_h=600, shifts_s=day
        ),
    ]
    stops, times = [0, 1, 0, 0, 2, 2, 2], [H, H, 9 * H, 21 * H, H, 9 * H, 20 * H - 8]
    found = ready_at_stops(centres, np.array(stops), np.array(times))
    assert found.tolist() == [8 * H, H, 9 * H, 32 * H, 8 * H + 10, 9 * H + 10, 32 * H + 2]
    assert [ready_at(centres[s], t) for s, t in zip(stops, times, strict=True)] == found.tolist()


@pytest.mark.parametrize(
    ("opens_h", "closes_h", "pause_min", "expected"),
    [
        (6, 22, 30, ((6 * H, 49_500), (51_300, 22 * H))),
        (6, 22, 0, ((6 * H, 22 * H),)),
        (8.5, 18, 60, ((30_600, 45_900), (49_500, 64_800))),
        (0, 24, 30, ()),
        (0, 23, 120, ((0, 37_800), (45_000, 82_800))),
    ],
)
def test_two_shifts_with_the_pause_half_way(
    opens_h: float, closes_h: float, pause_min: float, expected: Shifts
) -> None:
    assert shifts(opens_h, closes_h, pause_min) == expected


def test_built_centres_with_lanes_have_the_hours_of_their_tier(xizang_2021: Network) -> None:
    a = xizang_2021.assumptions
    for centre in xizang_2021.centres:
        if not centre.lanes:
            assert centre.shifts_s == ()
            continue
        opens, closes = (a[f"{centre.tier}_{what}_h"] for what in ("opens", "closes"))
        open_h = sum(b - a for a, b in centre.shifts_s or ((0, DAY_S),)) / H
        pause_h = 0 if (opens, closes) == (0, 24) else a["shift_pause_min"] / 60
        assert open_h == closes - opens - pause_h
        assert all(first[1] < second[0] for first, second in pairwise(centre.shifts_s))
