"""Trips against what is known of timetables and of service in bulk; the whole region where nothing queues."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from closed_forms import bulk_left, bulk_none_left
from dijkstra import NEVER, Forwards
from theory import FromOutside, agrees, without_queues
from tiny import (
    MONDAY,
    VEHICLES,
    make_centre,
    make_class,
    make_network,
    make_places,
    make_round,
    make_route,
    make_service,
)

from network.lastmile.handover import counters, handover_s
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S, VehicleClass
from network.routing.gateways import gates
from network.routing.search import make_plan
from sim.demand.items import INBOUND, OUTBOUND
from sim.run import RunPlan, make_demand, simulate
from sim.state.records import DELIVERED, HANDED_OVER

RIDE_S, HANDLING_S = 5400, 3600
LETTER = make_class("letter", 4)


def one_way(starts_s: list[int], holds: int = 10**6) -> Network:
    """Return a gateway and a seat without lanes, and trips from one to the other that hold so many items."""
    network = make_network(
        make_places({"A": ["a1"]}, ["GW_CHENGDU"]),
        [make_route("in", "road", [make_service(["GW_CHENGDU", "A"], [RIDE_S], starts_s)], "cart")],
        [make_centre("A", HANDLING_S, lanes=(0, 0)), make_centre("GW_CHENGDU")],
        [make_round("round", "A", ["a1"])],
        rechecks=False,
    )
    return replace(network, vehicle_classes={**VEHICLES, "cart": VehicleClass("cart", float(holds), 1e6)})


def from_outside(network: Network, accepted_s: np.ndarray, replication: int = 0) -> FromOutside:
    dest = np.full(len(accepted_s), network.places.row("a1"))
    return FromOutside(network.places, LETTER, "southwest", accepted_s, dest, replication)


# ------------------------------------------------------------------ uneven timetables


@pytest.mark.parametrize("per_week", [1, 2, 5, 13])
def test_the_mean_wait_for_an_uneven_timetable_is_that_of_its_gaps(per_week: int) -> None:
    """The sum of g² over twice the sum of g, over the gaps g of a week.

    One item is ready at every second of a week.  Those of a gap wait g - 1, g - 2 … 0 seconds, in all
    g (g - 1) / 2: half a second less on average than who is ready between seconds.  No tolerance.
    """
    starts = np.sort(np.random.default_rng(per_week).choice(WEEK_S, per_week, replace=False))
    gaps = np.diff(starts, append=starts[0] + WEEK_S)
    network = one_way(starts.tolist())

    mean_s = make_plan(network).mean_s[0, network.stops.index("GW_CHENGDU"), network.stops.index("A")]
    assert mean_s - RIDE_S - HANDLING_S == pytest.approx((gaps**2).sum() / (2 * gaps.sum()), rel=1e-12)

    demand = from_outside(network, np.arange(WEEK_S))
    items = simulate(network, RunPlan(MONDAY, 0, 7), demand=demand).items  # type: ignore[arg-type]
    assert (items["outcome"] == DELIVERED).all()
    assert len(items["key"]) == WEEK_S
    assert items["wait_s"].sum(dtype=np.int64) == (gaps * (gaps - 1) // 2).sum()
    assert set(items["ride_s"].tolist()) == {RIDE_S}


# ------------------------------------------------------------------ service in bulk


@pytest.mark.parametrize(("holds", "come"), [(1, 0.8), (5, 4.0), (20, 18.0)])
def test_trips_of_limited_capacity_leave_behind_as_bailey_says(holds: int, come: float) -> None:
    """Items come Poisson, `come` of them between two trips that hold so many.

    Against the roots of z^b = exp(-m (1 - z)): how many are left behind on average, how often none is,
    and, by Little's law, the mean wait.  Trips leave in whole seconds and who comes between seconds is
    ready at the later, so counts are exact; waits are half a second shorter.
    """
    every_s = 2 * 3600
    network = one_way(list(range(0, WEEK_S, every_s)), holds)
    weeks = range(1, 5)
    left, none, waits = [], [], []
    for replication in range(12):
        rng = np.random.default_rng([holds, replication])
        end = 9 * WEEK_S
        n = rng.poisson(come * end / every_s)
        demand = from_outside(network, np.ceil(np.sort(rng.uniform(0, end, n))).astype(np.int64), replication)
        plan = RunPlan(MONDAY, 7, 7 * (len(weeks)))
        result = simulate(network, plan, demand=demand)  # type: ignore[arg-type]
        trips, (first, last) = result.trips, plan.window_s
        mine = (trips["departs_s"] >= first) & (trips["departs_s"] < last)
        behind, departures = trips["missed_dispatches"][mine], (last - first) // every_s
        left.append(behind.sum() / departures)
        none.append(1 - np.count_nonzero(behind) / departures)
        waits.append(result.items["wait_s"][result.items["outcome"] == DELIVERED].mean() / every_s)
    more = 1.05 * come
    agrees(left, bulk_left(holds, come), bulk_left(holds, more))
    agrees(none, bulk_none_left(holds, come), bulk_none_left(holds, more))
    expected, otherwise = (bulk_left(holds, m) / m + 0.5 for m in (come, more))
    agrees(waits, expected, otherwise, 1 / every_s)


# ------------------------------------------------------------------ the region without queues


class Days:
    """On which days rounds run, asked one by one."""

    def __init__(self, network: Network, days: int) -> None:
        dates = [MONDAY + dt.timedelta(days=day) for day in range(days)]
        calendar = network.calendar
        self._runs = [
            [
                date.weekday() in round_.weekdays
                and (round_.runs_on_holidays or not calendar.rounds_rest(date))
                for date in dates
            ]
            for round_ in network.rounds
        ]

    def first(self, round_: int, clock_s: int, second: int) -> int:
        """Return the first running day on which it is `clock_s` at or after a second of the run."""
        day = max(0, -((clock_s - second) // DAY_S))
        while not self._runs[round_][day]:
            day += 1
        return day


def test_the_region_without_queues_runs_by_the_timetable(
    xizang_2021: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every item of three days ends at the second that a plain search and a plain calendar give it."""
    network = without_queues(xizang_2021, 0.05)
    assert counters(network) is None
    plan = RunPlan(MONDAY, 0, 3)
    demand = make_demand(network, plan.seed, plan.replication)
    monkeypatch.setattr("sim.engine.kernel.RESOLVED_SHARE", 1.0)  # go on until the last has ended
    items = simulate(network, plan, demand=demand).items
    flies = np.concatenate([demand.day(MONDAY + dt.timedelta(days=day)).flies for day in range(3)])
    assert len(flies) > 25_000

    routing = make_plan(network)
    way = gates(network, routing)
    row = {stop: number for number, stop in enumerate(network.stops)}
    on = {
        network.places.row(place): (number, round_, i)
        for number, round_ in enumerate(network.rounds)
        for i, place in enumerate(round_.places)
    }
    days = Days(network, 60)
    plain = [Forwards(network, set(group.modes), {"shared"}) for group in routing.groups]

    columns = (items[name].tolist() for name in ("origin", "dest", "direction", "accepted_s"))
    start, first, last = [], [], []
    for group, origin, dest, direction, accepted in zip(flies.astype(int).tolist(), *columns, strict=True):
        at = row[on[origin][1].base] if direction != INBOUND else -1
        to = row[on[dest][1].base] if direction != OUTBOUND else int(way.exit[group, -1 - dest, at])
        if direction == INBOUND:
            at = int(way.entry[group, -1 - origin, to])
            ready = accepted + int(way.entry_s[group, -1 - origin, to])
        else:
            number, round_, i = on[origin]
            taken_in = days.first(number, round_.cut_s[i], accepted) * DAY_S + round_.intake_s
            ready = plain[0].ready(network.stops[at], taken_in, "collect")
        start.append(at), first.append(ready), last.append(to)

    ended = np.zeros(len(flies), dtype=np.int64)
    for group, search in enumerate(plain):
        mine = np.flatnonzero(flies == group)
        found = search.earliest(np.array(start)[mine], np.array(first)[mine])
        ended[mine] = found[np.array(last)[mine], np.arange(len(mine))]
    assert ended.max() < NEVER
    delay = handover_s(network)
    for item in np.flatnonzero(items["direction"] != OUTBOUND).tolist():
        dest = int(items["dest"][item])
        number, round_, i = on[dest]
        ready = int(ended[item]) + int(delay[items["brand"][item] + 1, dest])
        ended[item] = days.first(number, round_.depart_s, ready) * DAY_S + round_.visit_s[i]
    outbound = items["direction"] == OUTBOUND
    assert (items["outcome"] == np.where(outbound, HANDED_OVER, DELIVERED)).all()
    assert np.flatnonzero(items["ended_s"] != ended).tolist() == []
