"""The elements of the transport chain and what each cost and emitted: routes, rounds, centres, outlets.

ISO 14083 cuts an item's way into transport-chain elements: each ride on a
vehicle, each passage of a hub, each round.  Money is cut the same way, so that
both are shared out alike.  An element is a whole operation over the measured
days, empty running included: all trips of a route both ways, all runs of a
round, all passages of a centre, all outlets of a township.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.fleet.positions import limited
from network.fleet.vehicles import vehicles_for_route, vehicles_needed
from network.lastmile.weekdays import days_out
from network.model.network import Network
from sim.cost.paid_hours import round_paid_h, trip_paid_h
from sim.cost.prices import Prices
from sim.engine.trips import CANCELLED, EXTRA
from sim.state.work import Work

__all__ = [
    "INPUTS",
    "Elements",
    "centre_elements",
    "loaded_km",
    "outlet_fixed_yuan",
    "ride_km",
    "road_and_round_elements",
    "sorting",
]

#: What money is spent on.
INPUTS = ("vehicles", "drivers", "fuel", "upkeep", "freight", "handling", "outlets", "couriers")
Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Elements:
    """Cost and emissions of elements of one kind, as equal arrays of length n.

    Parameters
    ----------
    yuan
        (n, `INPUTS`).
    co2e_kg
        Well-to-wheel.
    runs
        Trips that set out, or runs of a round.
    km
        Driven by their vehicles; of trains and aircraft, of each of them.
    """

    yuan: Float
    co2e_kg: Float
    runs: NDArray[np.int64]
    km: Float

    @classmethod
    def empty(cls, n: int) -> Elements:
        """Return n elements that cost nothing."""
        return cls(np.zeros((n, len(INPUTS))), np.zeros(n), np.zeros(n, dtype=np.int64), np.zeros(n))

    def spend(self, what: str, row: int, yuan: float) -> None:
        """Add to what an element costs."""
        self.yuan[row, INPUTS.index(what)] += yuan


def ride_km(network: Network, carried: Mapping[str, NDArray[Any]]) -> Float:
    """Return the km of each row of rides, along the legs of its route."""
    km = np.zeros(len(carried["route"]))
    for number, route in enumerate(network.routes):
        on_route = carried["route"] == number
        for way, legs in enumerate((route.leg_km, route.leg_km[::-1])):
            rows = np.flatnonzero(on_route & (carried["direction"] == way))
            at = np.concatenate([[0.0], np.cumsum(legs)])
            km[rows] = at[carried["to"][rows]] - at[carried["from"][rows]]
    return km


def road_and_round_elements(
    network: Network, work: Work, days: int, prices: Prices
) -> tuple[Elements, Elements, float]:
    """Return what routes and rounds cost and emit, and the yuan of vehicles that have no duty.

    Parameters
    ----------
    network
        The network that ran.
    work
        What was driven and carried.
    days
        Length of the window.
    prices
        The rates.

    Returns
    -------
    tuple
        Elements of the routes, of the rounds, and yuan of idle vehicles.
    """
    routes, rounds = Elements.empty(len(network.routes)), Elements.empty(len(network.rounds))
    _drive(network, work, prices, routes)
    _freight(network, work, prices, routes)
    _go_round(network, work, prices, rounds)
    idle = _keep_vehicles(network, work, days, prices, routes, rounds)
    return routes, rounds, idle


def _drive(network: Network, work: Work, prices: Prices, routes: Elements) -> None:
    """Add what trips take: km and hours of every vehicle that set out; extra trips come back empty."""
    a, trips = network.assumptions, work.trips
    for row in range(len(trips["route"])):
        number = int(trips["route"][row])
        route = network.routes[number]
        there_and_back = 2 if trips["fate"][row] == EXTRA else 1
        routes.runs[number] += trips["trips"][row]
        if route.mode != "road":
            routes.km[number] += trips["trips"][row] * route.km
            continue
        sent = int(trips["vehicles"][row])
        hours = trip_paid_h(route, a, there_and_back)
        _run(prices, routes, number, route.vehicle, sent * there_and_back * route.km, sent * hours)


def _run(prices: Prices, of: Elements, row: int, vehicle: str, km: float, hours: float) -> None:
    price = prices.vehicle(vehicle)
    of.km[row] += km
    of.co2e_kg[row] += km * price.co2e_kg_km
    of.spend("fuel", row, km * price.fuel_yuan_km)
    of.spend("upkeep", row, km * price.upkeep_yuan_km)
    of.spend("drivers", row, hours * prices.driver_yuan_h)


def _freight(network: Network, work: Work, prices: Prices, routes: Elements) -> None:
    """Add what rides by rail and air cost by weight and distance."""
    carried = work.carried
    tonnes = carried["grams"] / 1e6
    tkm = tonnes * ride_km(network, carried)
    n = len(network.routes)
    by_route = np.bincount(carried["route"], tonnes, n), np.bincount(carried["route"], tkm, n)
    for number, route in enumerate(network.routes):
        if route.mode == "road":
            continue
        per_t, per_tkm, co2e = prices.freight(route.mode)
        t, t_km = (float(values[number]) for values in by_route)
        routes.spend("freight", number, per_t * t + per_tkm * t_km)
        routes.co2e_kg[number] += co2e * t_km


def _go_round(network: Network, work: Work, prices: Prices, rounds: Elements) -> None:
    """Add what rounds take: whole rounds and whole days, loaded or not."""
    a = network.assumptions
    for number, round_ in enumerate(network.rounds):
        runs, sent = (int(value) for value in work.rounds[number])
        rounds.runs[number] = runs
        _run(prices, rounds, number, round_.vehicle, sent * round_.km, sent * round_paid_h(round_, a))


def _keep_vehicles(
    network: Network, work: Work, days: int, prices: Prices, routes: Elements, rounds: Elements
) -> float:
    """Share the vehicles of each base and class out over their duties; return the yuan of the others.

    There are as many as the fleet has; where the run did not play the fleet
    out, at least as many as the duties need.  Spares go by the vehicles that
    the duties of their base and class need.
    """
    a, classes = network.assumptions, network.vehicle_classes
    row_of = {route.id: row for row, route in enumerate(network.routes)}
    own = [route for route in network.routes if limited(network, route)]
    firms = [r for r in network.routes if classes[r.vehicle].counted and not limited(network, r)]
    for route in firms:
        day = prices.vehicle(route.vehicle).day_yuan
        routes.spend("vehicles", row_of[route.id], vehicles_for_route(route, a) * days * day)
    pools: dict[tuple[str, str], dict[str, int]] = {}
    for (base, vehicle, duty), number in vehicles_needed(own, network.rounds, classes, a).items():
        pools.setdefault((base, vehicle), {})[duty] = number
    there = Counter((vehicle.base, vehicle.vehicle) for vehicle in network.vehicles)
    finite = network.operations.fleet
    idle = 0.0
    for pool in sorted({*pools, *there}):
        duties = pools.get(pool, {})
        needed = sum(duties.values())
        number = there[pool] if finite else max(there[pool], needed)
        yuan = number * days * prices.vehicle(pool[1]).day_yuan
        if not needed:
            idle += yuan
        for duty, share in duties.items():
            part = yuan * share / needed
            if duty == "rounds":
                for row, use in _users(network, work, pool).items():
                    rounds.spend("vehicles", row, part * use)
            else:
                routes.spend("vehicles", row_of[duty], part)
    return idle


def _users(network: Network, work: Work, pool: tuple[str, str]) -> dict[int, float]:
    """Return the shares of the rounds of a base and class, by vehicle-days out; by the plan if none ran."""
    rows = [i for i, round_ in enumerate(network.rounds) if (round_.base, round_.vehicle) == pool]
    all_rounds = [network.rounds[row] for row in rows]
    out = np.array([days_out(round_.depart_s, round_.intake_s) for round_ in all_rounds], dtype=np.float64)
    use = out * work.rounds[rows, 1]
    if not use.any():
        use = out * [round_.vehicles * len(round_.weekdays) for round_ in all_rounds]
    return dict(zip(rows, (use / use.sum()).tolist(), strict=True))


def centre_elements(network: Network, prices: Prices, passed: NDArray[Any], moved_kg: Float) -> Elements:
    """Return what centres cost and emit.

    Parameters
    ----------
    network, prices
        The network and the rates.
    passed
        (stops, 2): items that arrived by trip or from a round, and their kg.
    moved_kg
        (stops,): kg loaded onto trips and unloaded from them.

    Notes
    -----
    Where nothing is screened or sorted (gateways, branch townships) an item is
    only loaded and unloaded.
    """
    centres = Elements.empty(len(network.centres))
    sorts = sorting(network)
    centres.yuan[:, INPUTS.index("handling")] = (
        sorts * passed[:, 0] * prices.handling_yuan_item + moved_kg / 1000 * prices.loading_yuan_t
    )
    centres.co2e_kg[:] = sorts * passed[:, 1] / 1000 * prices.centre_co2e_kg_t
    return centres


def sorting(network: Network) -> Float:
    """Return 1 for stops that screen and sort, 0 for the others."""
    return np.array([centre.lanes > 0 for centre in network.centres], dtype=np.float64)


def outlet_fixed_yuan(network: Network, towns: NDArray[np.intp], days: int, prices: Prices) -> Float:
    """Return what outlets and stations cost over the days, by the row of the place of their township.

    Parameters
    ----------
    network, days, prices
        The network, the length of the window, and the rates.
    towns
        Row of the township of each place.
    """
    places = network.places
    yuan = np.zeros(len(places))
    for outlet in network.outlets:
        yuan[towns[places.row(outlet.place)]] += prices.outlet_day_yuan(outlet.network) * days
    for station in network.stations:
        yuan[towns[places.row(station)]] += prices.station_yuan_day * days
    return yuan


def loaded_km(network: Network, trips: Mapping[str, NDArray[Any]], window_s: tuple[int, int]) -> Float:
    """Return the vehicle-km of each road route with mail on board, of departures in the window.

    Parameters
    ----------
    network
        The network that ran.
    trips
        The trip log.
    window_s
        First and last second (excluded).
    """
    rows = (trips["departs_s"] >= window_s[0]) & (trips["departs_s"] < window_s[1])
    rows &= (trips["fate"] < CANCELLED) & (trips["on_board"] > 0)
    route, way, stop = (trips[name][rows].astype(np.int64) for name in ("route", "direction", "stop"))
    holds = np.array([network.vehicle_classes[r.vehicle].payload_kg for r in network.routes])
    width = max((len(r.leg_km) for r in network.routes), default=1)
    km = np.zeros((len(network.routes), 2, width))
    for number, r in enumerate(network.routes):
        km[number, 0, : len(r.leg_km)], km[number, 1, : len(r.leg_km)] = r.leg_km, r.leg_km[::-1]
    vehicles = np.rint(trips["capacity_kg"][rows] / holds[route])
    return np.bincount(route, vehicles * km[route, way, stop], len(network.routes)).astype(np.float64)
