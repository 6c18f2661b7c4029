"""Mail followed through a week: against the same week worked through item by item, and queues by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.capacity.sizing import sources
from network.demand.rates import demand_of
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S
from network.model.working_hours import Hours
from network.operator.follow import PARTS, followed
from network.operator.queues import Arrivals, queues
from network.routing.search import make_plan

HOUR = 3600


def centre_of(network: Network, lanes: int, rate: int, shifts: tuple[tuple[int, int], ...]) -> Network:
    """Return the network with one kind of lanes at its first centre."""
    first = replace(
        network.centres[0],
        lanes=lanes,
        lane_rate_per_h=rate,
        sorters=1,
        sorter_rate_per_h=100_000,
        shifts_s=shifts,
    )
    return replace(network, centres=(first, *network.centres[1:]))


def test_a_batch_waits_for_the_one_before_it(small_network: Network) -> None:
    # one lane, 60 an hour, 8:00 to 20:00: 120 items at 9:00, 60 at 10:00, and 60 more when it is closed
    network = centre_of(small_network, 1, 60, ((8 * HOUR, 20 * HOUR),))
    times = np.array([9 * HOUR, 10 * HOUR, 21 * HOUR])
    events = Arrivals(np.zeros(3, dtype=np.int64), times, 3)
    queue = queues(network, events, np.array([120.0, 60.0, 60.0]))
    assert queue.before_s.tolist() == [0.0, HOUR, 0.0]
    half = queue.ready_s(0.5)  # each after its wait, half its batch, and 60 s of lane and 1 s of sorter
    assert half.tolist() == [10 * HOUR + 61, 11 * HOUR + HOUR // 2 + 61, DAY_S + 8 * HOUR + HOUR // 2 + 61]
    assert queue.use[0] == pytest.approx(4 / (7 * 12))
    assert (queue.use[1:] == 0).all()


@given(
    st.lists(
        st.tuples(st.integers(0, WEEK_S - 1), st.integers(1, 400)),
        min_size=1,
        max_size=12,
        unique_by=lambda x: x[0],
    ),
    st.sampled_from([(), ((6 * HOUR, 22 * HOUR),), ((8 * HOUR, 12 * HOUR), (14 * HOUR, 18 * HOUR))]),
)
@settings(max_examples=60, deadline=None)
def test_batches_wait_as_in_a_week_worked_through(
    small_network_once: Network, batches: list[tuple[int, int]], shifts: tuple[tuple[int, int], ...]
) -> None:
    network = centre_of(small_network_once, 2, 60, shifts)
    times = np.array([time for time, _ in batches], dtype=np.int64)
    items = np.array([number for _, number in batches], dtype=np.float64)
    queue = queues(network, Arrivals(np.zeros(len(times), dtype=np.int64), times, len(times)), items)
    hours, free, waits = Hours(shifts), 0.0, {}
    for week in range(2):  # one server, batch after batch, in its working time
        for time, number in sorted(batches):
            moment = hours.worked(time + week * WEEK_S)
            begins = max(free, moment)
            waits[time] = begins - moment
            free = begins + number * 30.0
    assert queue.before_s.tolist() == pytest.approx([waits[time] for time, _ in batches])


@pytest.fixture(scope="module")
def small_network_once(small_network: Network) -> Network:
    return small_network


def quickest(network: Network, start: int, dest: int, ready_s: int, modes: frozenset[str]) -> int:
    """Return when an item is ready at a stop, by trying every trip of four weeks; no queues."""
    legs = []
    for route in network.routes:
        for service in route.services if route.mode in modes else ():
            for departure in service.starts_s:
                for week in range(-1, 5):
                    begin = departure + week * WEEK_S
                    legs.append((begin, route.mode, service))
    at = {start: ready_s}
    for _ in range(6):  # trips of a way
        for begin, mode, service in legs:
            aboard = False
            for number, stop in enumerate(service.stops):
                row = network.stop_row[stop]
                if aboard:
                    centre = network.centres[row]
                    come = begin + service.arrive_s[number] + centre.handling_s[mode]
                    if centre.lanes:
                        own = -(-HOUR // centre.lane_rate_per_h) - (-HOUR // centre.sorter_rate_per_h)
                        come = Hours(centre.shifts_s).clock(Hours(centre.shifts_s).worked(come) + own)
                    at[row] = min(at.get(row, come), come)
                aboard |= row in at and at[row] <= begin + service.depart_s[number]
    return at[dest]


def test_mail_takes_the_quickest_way_and_is_as_long_under_way(small_network: Network) -> None:
    # so many lanes that nothing waits: the three parts of a batch are one
    centres = tuple(
        replace(c, lanes=c.lanes * 10_000, sorters=c.sorters * 10_000) for c in small_network.centres
    )
    network = replace(small_network, centres=centres)
    rates, plan = demand_of(network), make_plan(network)
    flows, _, lost = followed(network, rates, plan)
    assert lost == 0
    fluid = sources(network, rates, plan)
    assert sum(flow.items.sum() for flow in flows) == pytest.approx(len(PARTS) * fluid.items.sum())
    rng = np.random.default_rng(3)
    moved = np.flatnonzero(fluid.start != fluid.dest)
    for row in rng.choice(moved, 60, replace=False).tolist():
        centre = network.centres[fluid.start[row]]
        first = int(fluid.when[row])
        if centre.lanes:
            own = -(-HOUR // centre.lane_rate_per_h) - (-HOUR // centre.sorter_rate_per_h)
            first = Hours(centre.shifts_s).clock(Hours(centre.shifts_s).worked(first) + own)
        modes = plan.groups[fluid.group[row]].modes
        come = quickest(network, int(fluid.start[row]), int(fluid.dest[row]), first, modes)
        for flow in flows:
            spent = flow.spent_s[row] - fluid.upstream_s[row]
            assert spent == pytest.approx(come - fluid.when[row], abs=2)
            assert flow.second[row] == pytest.approx((come) % WEEK_S, abs=2)
