"""Lanes and sorters, by hand and against a loop over single items in exact fractions."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.engine.centres import Lanes, Sorters, Station

Batch = tuple[int, list[int]]  # second, priorities
Times = dict[int, tuple[int, int, int]]  # item -> start at the lanes, released, sorted


def one_by_one(batches: Sequence[Batch], lanes: int, rate: int, sorters: int, speed: int) -> Times:
    """Serve single items: at each second at which a batch joins or a lane frees, the first in line starts."""
    free = [Fraction(0)] * lanes
    sorting = [Fraction(0)] * sorters
    line: list[tuple[int, int, int]] = []  # priority, second of joining, item
    found: Times = {}
    joins = {}
    item = 0
    for second, priorities in batches:
        for priority in priorities:
            joins.setdefault(second, []).append((priority, second, item))
            item += 1
    moments = sorted(joins)
    while moments:
        now = heapq.heappop(moments)
        if now in joins:
            for row in joins.pop(now):
                heapq.heappush(line, row)
            free = [max(time, Fraction(now)) for time in free]
        while line:
            lane = min(range(lanes), key=lambda i: free[i])
            if math.ceil(free[lane]) > now:
                heapq.heappush(moments, math.ceil(free[lane]))
                break
            *_, first = heapq.heappop(line)
            free[lane] += Fraction(3600, rate)
            released = math.ceil(free[lane])
            sorter = min(range(sorters), key=lambda i: sorting[i])
            sorting[sorter] = max(sorting[sorter], Fraction(released)) + Fraction(3600, speed)
            found[first] = (now, released, math.ceil(sorting[sorter]))
    return found


def by_station(
    batches: Sequence[Batch], lanes: int, rate: int, sorters: int, speed: int, looks: Sequence[int] = ()
) -> tuple[dict[int, int], Station]:
    """Return the second at which each item leaves the sorters; `looks` are further moments of looking."""
    station = Station(lanes, rate, sorters, speed)
    ready: dict[int, int] = {}

    def note(found: tuple[np.ndarray, np.ndarray] | None) -> None:
        if found is not None:
            ready.update(zip(found[0].tolist(), found[1].tolist(), strict=True))

    item = 0
    events: list[tuple[int, int, list[int]]] = [(second, 0, priorities) for second, priorities in batches]
    events += [(second, 1, []) for second in looks]
    for second, look, priorities in sorted(events):
        if look:
            note(station.started(second))
            continue
        slots = np.arange(item, item + len(priorities))
        order = np.argsort(priorities, kind="stable")
        note(station.join(second, slots[order], np.array(priorities)[order]))
        item += len(priorities)
    note(station.started(1 << 40))
    return ready, station


batches = st.lists(
    st.tuples(st.integers(0, 4000), st.lists(st.integers(0, 2), min_size=1, max_size=9)),
    min_size=1,
    max_size=12,
).map(lambda rows: sorted({second: priorities for second, priorities in rows}.items()))
rates = st.sampled_from([7, 11, 300, 900, 1100, 3600, 7000, 1])
servers = st.integers(1, 4)


@pytest.mark.slow
@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(batches, servers, rates, servers, rates, st.lists(st.integers(0, 6000), max_size=6))
@example([(0, [1] * 200), (3, [0])], 3, 11, 2, 7, [])
def test_batches_are_served_as_single_items_would_be(
    batches: list[Batch], lanes: int, rate: int, sorters: int, speed: int, looks: list[int]
) -> None:
    """Whatever joins and whenever somebody looks."""
    want = one_by_one(batches, lanes, rate, sorters, speed)
    got, station = by_station(batches, lanes, rate, sorters, speed, looks)
    assert got == {item: times[2] for item, times in want.items()}
    joined = [second for second, priorities in batches for _ in priorities]
    assert station.waited_s == sum(times[0] - joined[item] for item, times in want.items())


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(batches, servers, rates)
def test_no_lane_is_faster_than_its_rate(batches: list[Batch], lanes: int, rate: int) -> None:
    """c lanes release n items over no less than the time that n / c items after the first take one lane."""
    ready, _ = by_station(batches, lanes, rate, 64, 3_600_000)
    times = sorted(second - 1 for second in ready.values())  # a sorter this fast takes less than a second
    for n in range(2 * lanes, len(times) + 1):
        rounds = n // lanes - 1
        for first in range(len(times) - n + 1):
            assert times[first + n - 1] - times[first] > rounds * 3600 / rate - 1


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(batches, servers, rates, servers, rates)
def test_a_higher_class_overtakes_only_what_has_not_started(
    batches: list[Batch], lanes: int, rate: int, sorters: int, speed: int
) -> None:
    """What has started before a batch joins has the time that it has without the batch."""
    whole = one_by_one(batches, lanes, rate, sorters, speed)
    last, _ = batches[-1]
    before = one_by_one(batches[:-1], lanes, rate, sorters, speed)
    with_it, _ = by_station(batches, lanes, rate, sorters, speed)
    for item, (start, _, done) in before.items():
        if start < last:
            assert with_it[item] == done
            assert whole[item] == before[item]


def test_the_kth_item_of_a_busy_period_finishes_at_the_kth_service_rounded_up() -> None:
    """900 an hour: every 4 s. 7 an hour: 514.28… s, so 515, 1029, 1543, 2058."""
    start, exact = Lanes(1, 900).schedule(10, 3)
    assert start.tolist() == [10, 14, 18]
    assert (exact / 900).tolist() == [14.0, 18.0, 22.0]
    lanes = Lanes(1, 7)
    start, exact = lanes.schedule(0, 4)
    assert start.tolist() == [0, 515, 1029, 1543]
    assert lanes.commit(exact).tolist() == [515, 1029, 1543, 2058]


def test_three_lanes_take_three_items_at_once() -> None:
    """1100 an hour: 3.27… s. Lanes free at 3.27, 6.54, …; the fourth item starts at second 4."""
    lanes = Lanes(3, 1100)
    start, exact = lanes.schedule(0, 7)
    assert start.tolist() == [0, 0, 0, 4, 4, 4, 7]
    assert lanes.commit(exact).tolist() == [4, 4, 4, 7, 7, 7, 10]
    # the lanes are then free at 6.54, 6.54 and 9.81
    assert lanes.schedule(0, 3)[0].tolist() == [7, 7, 10]


def test_a_lane_that_frees_in_the_second_of_an_arrival_begins_a_new_busy_period() -> None:
    """7 an hour: free at 514.28, shown as 515. Joined at 515 the next finishes at 1029.28, not at 1028.57."""
    ready, _ = by_station([(0, [0]), (515, [0])], 1, 7, 1, 3600)
    assert ready == {0: 516, 1: 1031}
    together, _ = by_station([(0, [0, 0])], 1, 7, 1, 3600)
    assert together == {0: 516, 1: 1030}


def test_sorters_follow_in_the_order_of_release() -> None:
    """Released at 1, 1, 1 and 9 to two sorters of 720 an hour, 5 s an item: 6, 6, 11, 14."""
    assert Sorters(2, 720).serve(np.array([1, 1, 1, 9])).tolist() == [6, 6, 11, 14]
    sorters = Sorters(2, 720)
    assert sorters.serve(np.array([1])).tolist() == [6]
    assert sorters.serve(np.array([1, 1, 9])).tolist() == [6, 11, 14]


def test_of_those_waiting_the_higher_class_goes_first_and_service_is_not_broken_off() -> None:
    """A lane of 600 s. Letters 0, 1 join at 0; 0 is in service when mail 2 joins at 300 and goes before 1.

    Lane: letter 0 until 600, mail 2 until 1200, letter 1 until 1800; the sorter takes a second.
    """
    ready, station = by_station([(0, [4, 4]), (300, [0])], 1, 6, 1, 3600)
    assert ready == {0: 601, 2: 1201, 1: 1801}
    assert station.waited_s == 1200 + 300  # letter 1 from 0 to 1200, mail 2 from 300 to 600


def test_of_one_class_who_joined_first_goes_first() -> None:
    ready, _ = by_station([(0, [4]), (10, [4, 4]), (20, [4])], 1, 6, 1, 3600)
    assert sorted(ready, key=lambda item: ready[item]) == [0, 1, 2, 3]


def test_looking_does_not_change_anything() -> None:
    """The station is lazy; what would start in this very second is still open to a batch that joins now."""
    station = Station(1, 6, 1, 3600)
    assert station.join(0, np.array([7, 8]), np.array([4, 4])) is None
    assert station.started(0) is None
    slots, ready = station.started(600) or (None, None)
    assert slots is not None and ready is not None
    assert (slots.tolist(), ready.tolist(), station.waiting.tolist()) == ([7], [601], [8])
    assert station.join(600, np.array([9]), np.array([0])) is None
    assert station.waiting.tolist() == [9, 8]


@pytest.mark.parametrize(("lanes", "items", "last"), [(1, 900, 3600), (2, 900, 1800), (3, 900, 1200)])
def test_an_hour_of_work_takes_an_hour_of_lanes(lanes: int, items: int, last: int) -> None:
    ready, _ = by_station([(0, [0] * items)], lanes, 900, 8, 3_600_000)
    assert max(ready.values()) == last + 1
