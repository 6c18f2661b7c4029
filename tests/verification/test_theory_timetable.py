"""Known answers: the timetable where nothing queues, and the longest time by it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from dijkstra import Forwards, expected
from tiny import (
    Sizes,
    anyhow,
    at,
    drawn_network,
    make_centre,
    make_demand,
    make_network,
    make_places,
    make_round,
    make_route,
    make_service,
)

from network.lastmile.handover import handover_s
from network.model.network import Network
from network.model.records import WEEK_S
from network.routing.gateways import gates
from network.routing.search import make_plan
from sim.demand.items import INBOUND
from sim.measures.longest import longest_transit_s
from sim.run import RunPlan, simulate
from sim.state.records import DELIVERED, HANDED_OVER

MONDAY = dt.date(2021, 5, 10)


WIDE = 1000  # lanes and sorters: one for every item there is


def uncongested(seed: int) -> tuple[Network, dict[str, np.ndarray], np.ndarray]:
    """Return a drawn network where nothing waits for room, its items of a week, and which of them fly.

    Most centres have lanes that work for minutes on an item, and close for the night.
    """
    network, rates = drawn_network(
        seed, Sizes(seats=4, gateways=2, more_routes=2, items=6.0, tight=False, hours=True)
    )
    network = replace(
        network,
        centres=tuple(replace(c, lanes=WIDE, sorters=WIDE) if c.lanes else c for c in network.centres),
        outlets=(),
        assumptions=anyhow(network.assumptions, {"recheck_share": 0}),
    )
    demand = make_demand(rates, seed)
    result = simulate(network, RunPlan(MONDAY, 0, 7, seed), demand=demand)
    days = [demand.day(MONDAY + dt.timedelta(days=day)) for day in range(7)]
    keys, flies = (np.concatenate([getattr(day, name) for day in days]) for name in ("key", "flies"))
    assert (keys == result.items["key"]).all()
    return network, result.items, flies


@pytest.mark.parametrize("seed", range(3))
def test_without_queues_the_simulation_gives_the_answer_of_the_timetable(seed: int) -> None:
    """Every item is ready at its last stop at the very second, by as many trips."""
    network, items, flies = uncongested(seed)
    plan = make_plan(network)
    way = gates(network, plan)
    plain = [Forwards(network, set(group.modes), {"shared"}) for group in plan.groups]
    base = {}
    for round_ in network.rounds:
        base |= {network.places.row(place): network.stops.index(round_.base) for place in round_.places}
    ways: dict[tuple[int, int, int], list] = {}
    compared = 0
    for i in np.flatnonzero(np.isin(items["outcome"], [DELIVERED, HANDED_OVER])).tolist():
        group = int(flies[i])
        origin, dest = int(items["origin"][i]), int(items["dest"][i])
        a = base[origin] if origin >= 0 else int(way.entry[group, -1 - origin, base[dest]])
        b = base[dest] if dest >= 0 else int(way.exit[group, -1 - dest, a])
        first = int(items["accepted_s"][i] + items["upstream_s"][i] + items["collect_s"][i])
        if items["direction"][i] != INBOUND:
            first = plain[group].ready(network.stops[a], first, "collect")
        last = int(items["ended_s"][i] - items["deliver_s"][i])
        if a == b:
            assert (first, 0) == (last, items["hops"][i])
            continue
        if (group, a, b) not in ways:
            after = [plain[group].after(row) for row in plain[group].boardings(network.stops[a])]
            ways[group, a, b] = [found[network.stops[b]] for found in after if network.stops[b] in found]
        best = expected(ways[group, a, b], first % WEEK_S)
        assert best is not None
        assert (best.ready_s - first % WEEK_S, best.trips) == (last - first, items["hops"][i])
        compared += 1
    assert compared > 50


@pytest.mark.parametrize("seed", range(3))
def test_no_item_takes_longer_than_the_longest_time_without_queues(seed: int) -> None:
    """Over a stretch without holidays, all outcomes."""
    network, items, _ = uncongested(seed)
    ended = np.isin(items["outcome"], [DELIVERED, HANDED_OVER])
    assert (items["ended_s"] - items["accepted_s"])[ended].max() <= longest_transit_s(network)


def test_the_longest_time_waits_for_the_lanes_to_open() -> None:
    """One trip a week from A at Mon 08:00, two hours; rounds of B at 09:00, there at 12:00.

    Accepted just after 12:00, in at 18:00 the next day (30 h), on the lanes when they open at 07:00
    (13 h) and sorted two seconds later; a week of waiting; in at B at 10:00 and handled at 11:00, on the
    lanes at 20:00 (12 h from departure) and sorted two seconds later; at worst a day for the round, and
    three hours to the door.
    """
    daily = make_service("AB", [7200], [at("Mon 08:00")])
    centres = [make_centre("A"), make_centre("B")]
    hours = [((7 * 3600, 18 * 3600),), ((20 * 3600, 22 * 3600),)]
    network = make_network(
        make_places({"A": ["a1"], "B": ["b1"]}),
        [make_route("out", "road", [daily])],
        [replace(centre, shifts_s=work) for centre, work in zip(centres, hours, strict=True)],
        [make_round("round-A", "A", ["a1"]), make_round("round-B", "B", ["b1"])],
        outlets=[],
        values={"handover_h": 4},
    )
    delay = handover_s(network).max()
    assert longest_transit_s(network) == (30 + 13 + 12 + 24 + 3) * 3600 + 2 + 2 + WEEK_S + delay


def test_the_longest_time_counts_what_leaves_the_region() -> None:
    """One trip a week leads out, at Mon 08:00, and none in.

    Accepted just after 12:00, in at 18:00 the next day (30 h), handled half an hour later and sorted in
    two seconds; then a week of waiting and two hours of riding at the worst.
    """
    network = make_network(
        make_places({"A": ["a1"]}, ["GW_XINING"]),
        [make_route("out", "road", [make_service(["A", "GW_XINING"], [7200], [at("Mon 08:00")])])],
        [make_centre("A"), make_centre("GW_XINING")],
        [make_round("round", "A", ["a1"])],
    )
    assert longest_transit_s(network) == 30 * 3600 + 1800 + 2 + WEEK_S + 7200
