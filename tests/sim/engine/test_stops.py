"""When items leave a stop: hours, lanes, sorters, rechecks and classes, against a model that ticks."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.model.operations import Operations
from network.model.records import DAY_S, Centre
from network.numeric.streams import entity
from network.routing.search import StopPlan
from sim.chance.draws import Draws, rechecked
from sim.engine.centres import make_station
from sim.engine.stops import Stop
from sim.state.pool import Pool

Shifts = tuple[tuple[int, int], ...]
H = 3600
PLACE = entity("X")
DRAWS = Draws(5, 0)
PLAIN = Operations()


def stop_of(
    centre: Centre,
    items: Sequence[tuple[int, int]],
    operations: Operations,
    recheck: tuple[float, int],
) -> tuple[Stop, Pool, list[int]]:
    """Return a stop that items (second, priority) join on their last centre, and the list that gets them.

    Item i has slot i.
    """
    none = np.zeros(0, dtype=np.int64)
    plan = StopPlan(none, none, none, none, np.zeros(2, dtype=np.int64), none, none, none)
    pool, done = Pool(), []
    slots = pool.take(np.array([priority for _, priority in items]), np.arange(len(items)))
    assert slots.tolist() == list(range(len(items)))
    pool.key[slots] = 1000 + slots
    pool.luck[slots] = DRAWS.luck(pool.key[slots])
    pool.aim[slots] = 0
    station = make_station(centre, operations, pool, DRAWS, recheck)
    aside = recheck if operations.recheck == "aside" else (0.0, 0)
    stop = Stop(
        0, PLACE, pool, plan, 1, station, (0, 0, 0), aside, False, lambda some: done.extend(some.tolist())
    )
    for second in sorted({second for second, _ in items}):
        joining = [i for i, (when, _) in enumerate(items) if when == second]
        stop.take_in(second, np.array(joining[::-1]))
    return stop, pool, done


def left_at(
    centre: Centre,
    items: Sequence[tuple[int, int]],
    operations: Operations = PLAIN,
    recheck: tuple[float, int] = (0.0, 0),
    looks: Sequence[int] = (),
) -> list[int]:
    """Return when each item is ready to go on; at every look exactly those that are ready must be gone."""
    stop, pool, done = stop_of(centre, items, operations, recheck)
    seen = []
    for look in sorted(looks):
        stop.advance(look)
        seen.append((look, len(done)))
        terms = stop.held()
        held = [
            slot for term in ("collecting", "lanes", "sorters") for block in terms[term] for slot in block
        ]
        assert sorted([*held, *done]) == list(range(len(items)))
    stop.advance(1 << 30)
    assert sorted(done) == list(range(len(items)))
    ready = pool.ready[: len(items)].tolist()
    assert seen == [(look, sum(second <= look for second in ready)) for look, _ in seen]
    return ready


# ------------------------------------------------------------------ a model that ticks


@dataclass(eq=False)
class Server:
    """One lane or sorter; work is counted in units, of which it does `rate` in a second."""

    rate: int
    item: int = -1
    left: int = 0
    spare: int = 0  # units left of the second in which it finished

    def take(self, item: int, work: int, early: bool) -> None:
        self.item, self.left = item, work - (self.spare if early else 0)
        self.spare = 0

    def tick(self) -> int:
        """Work for a second; return the item that is finished, or -1."""
        if self.item < 0:
            self.spare = 0
            return -1
        self.left -= self.rate
        if self.left > 0:
            return -1
        item, self.item, self.spare = self.item, -1, -self.left
        return item


@dataclass
class Ticking:
    """A centre in real seconds, one after the other; everything rests outside the windows."""

    shifts: Shifts
    lanes: list[Server]
    sorters: list[Server]
    lane_work: list[int]
    sort_work: list[int]
    aside_s: list[int]
    worked: int = 0
    queue: list[tuple[int, int, int]] = field(default_factory=list)
    belt: deque[tuple[int, int]] = field(default_factory=deque)  # when released, in seconds worked; item
    on_lanes: list[Server] = field(default_factory=list)  # in order of starting
    aside: list[list[int]] = field(default_factory=list)

    def run(self, items: Sequence[tuple[int, int]]) -> list[int]:
        ready = [-1] * len(items)
        second = min(when for when, _ in items)
        while min(ready) < 0:
            self._join(second, items)
            if not self.shifts or any(a <= second % DAY_S < b for a, b in self.shifts):
                self._start()
                for item in self._work():
                    ready[item] = second + 1
            second += 1
        return ready

    def _join(self, second: int, items: Sequence[tuple[int, int]]) -> None:
        batch = [(priority, when, i) for i, (when, priority) in enumerate(items) if when == second]
        for row in batch:
            heapq.heappush(self.queue, row)
        for lane in self.lanes if batch else ():
            if lane.item < 0:
                lane.spare = 0  # a new busy period

    def _start(self) -> None:
        for lane in sorted((lane for lane in self.lanes if lane.item < 0), key=lambda lane: -lane.spare):
            if self.queue:
                *_, item = heapq.heappop(self.queue)
                lane.take(item, self.lane_work[item], True)
                self.on_lanes.append(lane)
        for sorter in sorted((s for s in self.sorters if s.item < 0), key=lambda s: -s.spare):
            if self.belt:
                released, item = self.belt.popleft()
                sorter.take(item, self.sort_work[item], released < self.worked)

    def _work(self) -> list[int]:
        """Let a second pass; return the items that are then ready."""
        self.worked += 1
        for row in self.aside:
            row[1] -= 1
        for sorter in self.sorters:
            item = sorter.tick()
            if item >= 0:
                self.aside.append([item, self.aside_s[item]])
        for lane in self.lanes:
            if lane not in self.on_lanes:
                lane.tick()
        for lane in list(self.on_lanes):
            item = lane.tick()
            if item >= 0:
                self.on_lanes.remove(lane)
                self.belt.append((self.worked, item))
        ready = [item for item, left in self.aside if left == 0]
        self.aside = [row for row in self.aside if row[1]]
        return ready


def by_ticks(
    centre: Centre, items: Sequence[tuple[int, int]], operations: Operations, recheck: tuple[float, int]
) -> list[int]:
    keys = 1000 + np.arange(len(items))
    drawn = rechecked(DRAWS.luck(keys), PLACE, recheck[0]).tolist()
    more = [recheck[1] * opened for opened in drawn]
    on_lane = operations.recheck == "lane"
    if operations.service == "exponential":
        lane_s = DRAWS.service_s("lane", centre.lane_rate_per_h, keys, PLACE).tolist()
        sort_s = DRAWS.service_s("sort", centre.sorter_rate_per_h, keys, PLACE).tolist()
    else:
        lane_s, sort_s = (
            [-(-H // rate)] * len(items) for rate in (centre.lane_rate_per_h, centre.sorter_rate_per_h)
        )
    whole = on_lane or operations.service == "exponential"
    ticking = Ticking(
        centre.shifts_s,
        [Server(1 if whole else centre.lane_rate_per_h) for _ in range(centre.lanes)],
        [Server(1 if whole else centre.sorter_rate_per_h) for _ in range(centre.sorters)],
        [a + b * on_lane for a, b in zip(lane_s, more, strict=True)] if whole else [H] * len(items),
        sort_s if whole else [H] * len(items),
        [0] * len(items) if on_lane else more,
    )
    return ticking.run(items)


EVENING = 85_000  # items join from then on, on both sides of midnight


@st.composite
def days(draw: st.DrawFn) -> Shifts:
    """Return hours with a short night and a short pause, or none."""
    if draw(st.integers(0, 4)) == 0:
        return ()
    opens = draw(st.integers(0, 400))
    rests = opens + draw(st.integers(1, 900))
    goes_on = rests + draw(st.integers(0, 300))
    return (opens, rests), (goes_on, draw(st.integers(EVENING - 200, DAY_S)))


joins = st.lists(
    st.tuples(st.integers(EVENING, EVENING + 3000), st.lists(st.integers(0, 2), min_size=1, max_size=8)),
    min_size=1,
    max_size=8,
).map(lambda rows: [(second, priority) for second, some in sorted(rows) for priority in some])
rates = st.sampled_from([200, 300, 700, 900, 1100, 2500, 3600])
servers = st.integers(1, 3)
centres = st.builds(
    lambda lanes, rate, sorters, speed, shifts: Centre(
        "X", "county", {}, lanes, rate, sorters, speed, shifts
    ),
    servers,
    rates,
    servers,
    rates,
    days(),
)
modes = st.builds(
    lambda recheck, service: Operations(recheck=recheck, service=service),
    st.sampled_from(["aside", "aside", "lane"]),
    st.sampled_from(["deterministic", "deterministic", "exponential"]),
)
rechecks = st.sampled_from([(0.0, 0), (0.3, 180), (0.3, 7), (0.05, 60)])


@pytest.mark.slow
@settings(max_examples=500, derandomize=True, deadline=None, database=None)
@given(centres, joins, modes, rechecks, st.lists(st.integers(EVENING, EVENING + 6000), max_size=8))
def test_items_leave_as_in_the_model_that_ticks(
    centre: Centre,
    items: list[tuple[int, int]],
    operations: Operations,
    recheck: tuple[float, int],
    looks: list[int],
) -> None:
    """Whatever joins, closes, opens and is looked at; in every mode."""
    want = by_ticks(centre, items, operations, recheck)
    assert left_at(centre, items, operations, recheck, looks) == want


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(centres, joins, modes, rechecks)
def test_nothing_leaves_while_the_centre_rests_and_no_more_than_it_can_do(
    centre: Centre, items: list[tuple[int, int]], operations: Operations, recheck: tuple[float, int]
) -> None:
    """The second before an item leaves is one of work; sorters do no more than their rate in any stretch."""
    ready = left_at(centre, items, operations, recheck)
    assert all(second > joined for second, (joined, _) in zip(ready, items, strict=True))
    windows = centre.shifts_s or ((0, DAY_S),)
    assert all(any(a < second - DAY_S * day <= b for a, b in windows for day in (0, 1)) for second in ready)
    if operations.service == "exponential" or recheck[0]:
        return
    closed = [
        (day + b, day + DAY_S * (i == len(windows) - 1) + windows[(i + 1) % len(windows)][0])
        for day in (0, DAY_S)
        for i, (_, b) in enumerate(windows)
    ]
    times = sorted(ready)
    c = centre.sorters
    for first in range(len(times)):
        for n in range(first + c, len(times), c):
            rested = sum(max(0, min(b, times[n]) - max(a, times[first])) for a, b in closed)
            spent = times[n] - times[first] - rested
            assert spent > (n - first) // c * H / centre.sorter_rate_per_h - 1


# ------------------------------------------------------------------ stories

DAYTIME: Shifts = ((6 * H, 22 * H),)


def slow(shifts: Shifts = DAYTIME, lanes: int = 1) -> Centre:
    """Return a centre whose lanes take ten minutes and whose sorter takes a second."""
    return Centre("X", "county", {}, lanes, 6, 1, 3600, shifts)


def test_what_is_sorted_at_closing_leaves_then_and_not_in_the_morning() -> None:
    """Ten minutes and a second after 21:49:59; a second later the sorter has a second left to do."""
    closing = 22 * H
    assert left_at(slow(), [(closing - 601, 0)]) == [closing]
    assert left_at(slow(), [(closing - 600, 0)]) == [DAY_S + 6 * H + 1]


def test_work_in_progress_stops_at_closing_and_goes_on_at_opening() -> None:
    """Four of ten minutes are done at 22:00; six more from 06:00."""
    assert left_at(slow(), [(22 * H - 240, 0)]) == [DAY_S + 6 * H + 361]


def test_what_joins_at_closing_starts_at_opening() -> None:
    assert left_at(slow(), [(22 * H, 0)]) == [DAY_S + 6 * H + 601]
    assert left_at(slow(), [(6 * H - 1, 0)]) == [6 * H + 601] == left_at(slow(), [(6 * H, 0)])


def test_the_night_is_put_in_order_by_class_and_then_by_when_they_came() -> None:
    """Letters at 22:30 and 23:00, a parcel at 03:00, confidential mail at 05:00: it goes first."""
    night = [22.5, 23, 27, 29]
    ready = left_at(slow(), [(round(h * H), kind) for h, kind in zip(night, (4, 4, 2, 0), strict=True)])
    opening = DAY_S + 6 * H
    assert ready == [opening + 1801, opening + 2401, opening + 1201, opening + 601]


def test_what_joins_at_night_does_not_overtake_what_is_on_the_lane() -> None:
    """A letter starts at 21:55 and lies on the lane overnight, a second waits; confidential mail at 23:00."""
    ready = left_at(slow(), [(22 * H - 300, 4), (22 * H - 300, 4), (23 * H, 0)])
    opening = DAY_S + 6 * H
    assert ready == [opening + 301, opening + 1501, opening + 901]


def test_an_item_that_would_start_at_closing_has_not_started() -> None:
    """The lane frees at 22:00 exactly; who joins at night may still go before the letter that waits."""
    ready = left_at(slow(), [(22 * H - 600, 4), (22 * H - 600, 4), (23 * H, 0)])
    opening = DAY_S + 6 * H
    assert ready == [opening + 1, opening + 1201, opening + 601]


@pytest.mark.parametrize("lanes", [1, 2])
@pytest.mark.parametrize("mode", [PLAIN, Operations(recheck="lane")])
def test_an_item_that_would_start_as_another_joins_has_not_started(mode: Operations, lanes: int) -> None:
    """Two letters a lane; the lanes free when confidential mail joins, which goes before the letters."""
    items = [(8 * H, 4)] * (2 * lanes) + [(8 * H + 600, 0)]
    if lanes == 1:
        assert left_at(slow(), items, mode) == [8 * H + s for s in (601, 1801, 1201)]
    else:
        assert left_at(slow(lanes=2), items, mode) == [8 * H + s for s in (601, 602, 1202, 1801, 1201)]


def test_work_rests_between_two_shifts() -> None:
    """Five minutes before the pause of half an hour, five after it."""
    shifts = ((6 * H, 49_500), (51_300, 22 * H))
    assert left_at(slow(shifts), [(49_200, 0)]) == [51_300 + 301]


def test_a_recheck_goes_on_in_the_morning() -> None:
    """Sorted a minute before closing, three minutes aside: one in the evening, two in the morning."""
    ready = left_at(slow(), [(22 * H - 661, 0)], PLAIN, (1 - 2**-20, 180))
    assert ready == [DAY_S + 6 * H + 120]
    assert left_at(slow(), [(22 * H - 781, 0)], PLAIN, (1 - 2**-20, 180)) == [22 * H]


def test_a_recheck_on_the_lane_holds_up_the_next() -> None:
    """13 minutes for the first on the only lane, 13 more for the second; with two lanes both at once."""
    both = [(8 * H, 0), (8 * H, 0)]
    lane = Operations(recheck="lane")
    assert left_at(slow(), both, lane, (1 - 2**-20, 180)) == [8 * H + 781, 8 * H + 1561]
    assert left_at(slow(lanes=2), both, lane, (1 - 2**-20, 180)) == [8 * H + 781, 8 * H + 782]
    assert left_at(slow(), both, PLAIN, (1 - 2**-20, 180)) == [8 * H + 781, 8 * H + 1381]


def test_sorters_take_items_as_the_lanes_release_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is opened on its lane and comes off it three minutes after the second."""
    monkeypatch.setattr("sim.engine.centres.rechecked", lambda luck, place, share: np.arange(len(luck)) == 0)
    ready = left_at(slow(lanes=2), [(8 * H, 0)] * 2, Operations(recheck="lane"), (0.5, 180))
    assert ready == [8 * H + 781, 8 * H + 601]


def test_exponential_lanes_and_sorters_have_draws_of_their_own() -> None:
    lane_s, sort_s = (int(DRAWS.service_s(step, 6, 1000, PLACE)) for step in ("lane", "sort"))
    assert lane_s != sort_s
    centre = Centre("X", "county", {}, 1, 6, 1, 6)
    assert left_at(centre, [(8 * H, 0)], Operations(service="exponential")) == [8 * H + lane_s + sort_s]


@pytest.mark.parametrize("mode", [PLAIN, Operations(recheck="lane"), Operations(service="exponential")])
def test_hours_without_a_closing_change_nothing(mode: Operations) -> None:
    items = [(second, second % 3) for second in range(0, 9000, 37)]
    ready = [
        left_at(Centre("X", "county", {}, 2, 300, 1, 700, shifts), items, mode, (0.2, 60))
        for shifts in ((), ((0, DAY_S),), ((0, 5000), (5000, DAY_S)))
    ]
    assert ready[0] == ready[1] == ready[2]
