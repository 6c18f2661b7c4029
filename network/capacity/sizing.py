"""Capacity for the mean day (rule 7): vehicles of each route, lanes and sorters.

The mean day's demand is sent over the timetable as a fluid, every part taking
the earliest arrival exactly as an item would without queues.  Frequencies are
the assumed ones of each kind of route; the vehicles are the smallest that keep
the mean load at or under ``target_load`` and no weekly trip over-full.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from network.demand.rates import DAYS, ItemClass, Rates, received
from network.inputs.assumptions import Assumptions
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S, Centre, MailRoute, VehicleClass
from network.model.working_hours import ready_at_stops
from network.routing.gateways import gates
from network.routing.search import Plan, make_plan, ready_times

__all__ = [
    "Fluid",
    "Loads",
    "along",
    "group_of",
    "make_fluid",
    "mean_loads",
    "moves",
    "size_centres",
    "size_routes",
    "sized_for",
    "sources",
]

# Vehicles a route may use, from the smallest, by mode.
LADDER = {
    "road": ("van", "truck-4.2", "truck-6.8", "truck-9.6"),
    "rail": ("mail-car",),
    "air": ("belly",),
}


def group_of(plan: Plan, kind: ItemClass, flies: bool) -> int:
    """Return the mode group of an item of a class that may or may not fly."""
    own = kind.private_ok and len(plan.groups) == 4
    return 2 * own + int(flies)


@dataclass(frozen=True, eq=False)
class Loads:
    """Mean weekly loads of the fluid."""

    kg: np.ndarray  # (calls,) on the leg after each call of the timetable, one trip
    m3: np.ndarray  # (calls,)
    items: np.ndarray  # (calls,)
    handled: np.ndarray  # (stops,) items handled a day
    lost: float  # items a day with no way to go


class Fluid(NamedTuple):
    """The mean day's demand of a week as parcels of fluid, one row each."""

    start: np.ndarray  # stop where it is; `moves` writes to it
    dest: np.ndarray  # stop where it is delivered or handed over
    group: np.ndarray  # mode group
    when: np.ndarray  # second of the week when it is ready there; `moves` writes to it
    items: np.ndarray  # a week
    kg: np.ndarray
    m3: np.ndarray
    upstream_s: np.ndarray  # since it was accepted outside; 0 for what is accepted in the region


def make_fluid(network: Network, rates: Rates, plan: Plan) -> Fluid:
    """Return the fluid of a week's mean days where it is first handled, ready to go."""
    fluid = sources(network, rates, plan)
    return fluid._replace(when=ready_at_stops(network.centres, fluid.start, fluid.when) % WEEK_S)


def moves(
    network: Network, plan: Plan, fluid: Fluid, ready: np.ndarray | None = None
) -> Iterator[tuple[np.ndarray, ...]]:
    """Send a fluid over the timetable, and yield each ride: rows, call where they board, legs they ride.

    What has no way to go stays where it is.  `ready` are the seconds at which what alights at each call can
    go on, without queues by default.
    """
    start, dest, group, when = fluid[:4]
    table = plan.timetable
    ready = ready_times(network, table) if ready is None else ready
    kinds = len(plan.groups)
    live = np.flatnonzero(dest != start)
    for _ in range(40):
        if not len(live):
            break
        ahead = []
        reached = start[live]  # a copy: rows that move on wait for the next pass
        for u in np.unique(reached).tolist():
            rows = live[reached == u]
            stop = plan.stops[u]
            code = dest[rows] * kinds + group[rows]
            known = stop.first[code] < stop.first[code + 1]
            rows, code = rows[known], code[known]
            at = np.searchsorted(stop.key, code * WEEK_S + when[rows])
            wraps = at >= stop.first[code + 1]
            at = np.where(wraps, stop.first[code], at)
            call = stop.call[stop.departure[at]]
            ride = stop.alight[at].astype(np.int64)
            yield rows, call, ride
            end = call + ride
            start[rows] = table.stop[end]
            when[rows] = ready[end] % WEEK_S
            ahead.append(rows[start[rows] != dest[rows]])
        live = np.concatenate(ahead) if ahead else live[:0]


def mean_loads(network: Network, rates: Rates, plan: Plan) -> Loads:
    """Send the mean day's demand of a week over the timetable as a fluid."""
    fluid = make_fluid(network, rates, plan)
    table = plan.timetable
    out = np.zeros((3, len(table.stop)))
    handled = np.bincount(fluid.start, weights=fluid.items, minlength=len(plan.stops))
    amounts = np.stack([fluid.kg, fluid.m3, fluid.items])
    for rows, call, ride in moves(network, plan, fluid):
        for unit, amount in zip(out, amounts, strict=True):
            along(unit, call, ride, amount[rows])
        end = table.stop[call + ride]
        handled += np.bincount(end, weights=fluid.items[rows], minlength=len(handled))
    lost = float(fluid.items[fluid.start != fluid.dest].sum())
    return Loads(out[0], out[1], out[2], handled / 7, lost / 7)


def along(load: np.ndarray, call: np.ndarray, ride: np.ndarray, amount: np.ndarray) -> None:
    """Add amounts to the load after each call at which they are on board; (calls,)."""
    for k in range(int(ride.max(initial=0))):
        on = ride > k
        load += np.bincount(call[on] + k, amount[on], len(load))


def sources(network: Network, rates: Rates, plan: Plan) -> Fluid:
    """Return the fluid of a week's mean days as bases take it in, or as it is ready at a gateway.

    Rows of one way, group and moment hold all classes together.
    """
    row_of = network.stop_row
    base = np.full(len(network.places), -1)
    for round_ in network.rounds:
        base[[network.places.row(place) for place in round_.places]] = row_of[round_.base]
    intake = round(
        (network.assumptions["county_cutoff_h"] + network.assumptions["collect_handling_h"]) * 3600
    )
    stops, outside, known = len(network.stops), len(rates.outside), base >= 0
    # Items, kg and m3 a day by group: between stops, from them to an outside class, from one to them.
    between = np.zeros((len(plan.groups), 3, stops, stops))
    outward, inward = (np.zeros((len(plan.groups), outside, 3, stops)) for _ in range(2))
    for kind in rates.classes:
        each = np.array([1.0, kind.kg, kind.m3])
        gets = np.bincount(base[known], rates.spread(kind)[known], stops)
        od = _between(rates, kind, base, stops)
        leave = kind.originating * (1 - rates.stay_share - rates.region_share)
        for flies in (False, True):
            g = group_of(plan, kind, flies)
            share = each * (kind.any_share if flies else 1 - kind.any_share) / DAYS
            between[g] += share[:, None, None] * od
            if kind.flow != "place":
                both = share[:, None] * gets
                outward[g] += rates.outbound_share[:, None, None] * leave * both
                inward[g] += rates.inbound_share[:, None, None] * kind.inbound * both
    way, parts = gates(network, plan), []

    def add(
        start: np.ndarray,
        dest: np.ndarray,
        daily: np.ndarray,
        g: int,
        times: tuple[int, ...],
        since: np.ndarray,
    ) -> None:
        keep = (daily[0] > 0) & (start >= 0) & (dest >= 0)
        for day in range(7):
            for second in times:
                whole = (np.full(int(keep.sum()), x) for x in (g, day * DAY_S + second))
                parts.append((start[keep], dest[keep], *whole, *(daily[:, keep] / len(times)), since[keep]))

    quarters = (0, DAY_S // 4, DAY_S // 2, 3 * DAY_S // 4)
    every = np.arange(stops)
    a, b = (ends.reshape(-1) for ends in np.meshgrid(every, every, indexing="ij"))
    for g in range(len(plan.groups)):
        add(a, b, between[g].reshape(3, -1), g, (intake,), np.zeros(len(a)))
        for k in range(outside):
            add(every, way.exit[g, k], outward[g, k], g, (intake,), np.zeros(stops))
            add(way.entry[g, k], every, inward[g, k], g, quarters, way.entry_s[g, k])
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Fluid(*(column.astype(np.int64) for column in columns[:4]), *columns[4:])


def _between(rates: Rates, kind: ItemClass, base: np.ndarray, stops: int) -> np.ndarray:
    """Return items a year between stops inside the region; (stops, stops)."""
    known = np.flatnonzero(base >= 0)
    if kind.flow == "place":
        od = np.zeros((stops, stops))
        gets = received(rates, kind)
        np.add.at(od[base[rates.press]], base[known], gets[known])
        return od
    spread, counties = rates.spread(kind), len(rates.counties)
    by = np.zeros((counties, stops))
    np.add.at(by, (rates.county[known], base[known]), spread[known])
    inside = by / np.maximum(by.sum(axis=1, keepdims=True), 1e-300)
    total = by.sum(axis=1)
    kept = rates.stay_share * rates.near + rates.region_share * rates.far
    return inside.T @ (total[:, None] * kind.originating * kept) @ inside


def size_routes(network: Network, rates: Rates) -> tuple[tuple[MailRoute, ...], Plan, Loads]:
    """Choose the vehicles of every route for the frequency it has.

    Returns
    -------
    tuple
        The sized routes, the routing that goes with them, and their mean loads.
    """
    plan = make_plan(network)
    loads = mean_loads(network, rates, plan)
    return sized_for(network, plan, loads), plan, loads


def sized_for(network: Network, plan: Plan, loads: Loads) -> tuple[MailRoute, ...]:
    """Return the routes with the smallest vehicles that do for these loads; see `size_routes`."""
    need_kg, need_m3 = _need(network, plan, loads)
    routes = []
    for number, route in enumerate(network.routes):
        vehicle, count = _smallest(route.mode, need_kg[number], need_m3[number], network.vehicle_classes)
        routes.append(replace(route, vehicle=vehicle, vehicles_per_trip=count))
    return tuple(routes)


def _need(network: Network, plan: Plan, loads: Loads) -> tuple[np.ndarray, np.ndarray]:
    """Return the capacity that each route needs, kg and m3.

    So much that the mean load of its trips on their fullest leg is at most
    ``target_load``, and that the fullest weekly trip of a mean week is not over-full.
    """
    table = plan.timetable
    trips = len(table.route)
    trip_of_call = np.repeat(np.arange(trips), np.diff(table.first))
    service = table.route.astype(np.int64) * 2 + table.direction
    count = np.bincount(service, minlength=2 * len(network.routes))
    target = network.assumptions["target_load"]
    needs = []
    for load in (loads.kg, loads.m3):
        position = np.arange(len(load)) - table.first[trip_of_call]
        widest = int(position.max(initial=0)) + 1
        mean = (
            np.bincount(
                service[trip_of_call] * widest + position, weights=load, minlength=len(count) * widest
            ).reshape(-1, widest)
            / np.maximum(count, 1)[:, None]
        )
        fullest = np.zeros(len(network.routes))
        np.maximum.at(fullest, table.route[trip_of_call], load)
        needs.append(np.maximum(mean.max(axis=1).reshape(-1, 2).max(axis=1) / target, fullest))
    return needs[0], needs[1]


def _smallest(
    mode: str,
    kg: float,
    m3: float,
    classes: Mapping[str, VehicleClass],
) -> tuple[str, int]:
    """Return the smallest vehicle class with this capacity, else how many of the largest."""
    for name in LADDER[mode]:
        vehicle = classes[name]
        if kg <= vehicle.payload_kg and m3 <= vehicle.payload_m3:
            return name, 1
    return name, max(1, math.ceil(kg / vehicle.payload_kg), math.ceil(m3 / vehicle.payload_m3))


def size_centres(
    centres: tuple[Centre, ...], handled: np.ndarray, assumptions: Assumptions
) -> tuple[Centre, ...]:
    """Give every centre the fewest lanes and sorters that keep their mean load at or under the target.

    Parameters
    ----------
    handled
        (stops,) items handled on a mean day.

    Notes
    -----
    A lane works ``centre_hours_per_day``.  County centres sort by hand,
    prefectures on chutes, the region on an arm sorter.
    """
    rate = {
        "county": round(assumptions["manual_sort_per_h"]),
        "prefecture": round(assumptions["chute_sort_per_h"]),
        "region": round(assumptions["arm_sort_per_h"]),
    }
    lane = round(assumptions["xray_rate_per_h"])
    hours = assumptions["centre_hours_per_day"] * assumptions["target_load"]
    sized = []
    for centre, daily in zip(centres, handled.tolist(), strict=True):
        if centre.tier in rate:
            centre = replace(
                centre,
                lanes=max(1, math.ceil(daily / (lane * hours))),
                lane_rate_per_h=lane,
                sorters=max(1, math.ceil(daily / (rate[centre.tier] * hours))),
                sorter_rate_per_h=rate[centre.tier],
            )
        sized.append(centre)
    return tuple(sized)
