"""Vehicles: their classes, how many a route keeps on the move, and where all of them stand (rules 7, 16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from network.errors import FleetError
from network.inputs.assumptions import Assumptions
from network.lastmile.weekdays import round_vehicles
from network.model.records import WEEK_S, MailRoute, Round, Vehicle, VehicleClass
from network.numeric.apportion import largest_remainder

__all__ = ["place_fleet", "vehicles_for_route", "vehicles_needed"]


def vehicles_for_route(route: MailRoute, assumptions: Assumptions) -> int:
    """Return how many vehicles a route keeps in circulation.

    Vehicles a trip × sets.  A set is free for its next trip a turnround after
    it arrives; the number of sets is the least that can run the weekly
    timetable, first come, first out at either end.  With evenly spaced trips
    that is cycle time × trips a week / one week, rounded up.

    Parameters
    ----------
    route
        A route with its two services.
    assumptions
        ``turnround_h``, and ``air_stop_min`` for aircraft.

    Raises
    ------
    ValueError
        If the route has no services, or not as many trips back as out.

    Examples
    --------
    Out at 08:00 and back at 16:00 every day, 5 h each way: one set does it.

    >>> from network.model.records import Service
    >>> days = range(0, 7 * 86400, 86400)
    >>> def way(stops, hour):
    ...     return Service(stops, (200.0,), (0, 18000), (0, 18000), tuple(d + hour * 3600 for d in days))
    >>> route = MailRoute("road-1", "A–B", "road", "feeder", ("A", "B"), (200.0,), (("A-B",),), ("B",), "",
    ...                   services=(way(("A", "B"), 8), way(("B", "A"), 16)))
    >>> from network.inputs.tables import load_region
    >>> vehicles_for_route(route, load_region("xizang").assumptions)
    1
    """
    if len(route.services) != 2:
        raise ValueError(f"route {route.id} has no timetable")
    out, back = route.services
    if len(out.starts_s) != len(back.starts_s):
        raise ValueError(f"route {route.id} runs {len(out.starts_s)} trips out and {len(back.starts_s)} back")
    pause = assumptions["air_stop_min"] * 60 if route.mode == "air" else assumptions["turnround_h"] * 3600
    busy = 0
    for own, other in ((out, back), (back, out)):
        occupied = own.arrive_s[-1] + round(pause)
        ready = (np.array(own.starts_s, dtype=np.int64) + occupied) % WEEK_S
        leaves = np.array(other.starts_s, dtype=np.int64)
        busy += occupied * len(ready) + _waiting(ready, leaves)
    return route.vehicles_per_trip * max(1, busy // WEEK_S)


def _waiting(ready: np.ndarray, leaves: np.ndarray) -> int:
    """Return the total time (s) that vehicles wait at a terminal in a week, first come, first out."""
    ready, leaves = np.sort(ready), np.sort(leaves)
    gone = np.arange(1, len(leaves) + 1)
    come = np.searchsorted(ready, leaves, side="right")  # ready at the moment of departure is in time
    short = int((gone - come).max(initial=0))
    return int(leaves.sum() - ready.sum()) + max(0, short) * WEEK_S


def vehicles_needed(
    routes: Iterable[MailRoute],
    rounds: Iterable[Round],
    classes: Mapping[str, VehicleClass],
    assumptions: Assumptions,
) -> dict[tuple[str, str, str], int]:
    """Return the counted vehicles that duties need, by (base, class, duty).

    The duty is a route id or ``"rounds"``; a route's vehicles stand at its
    first stop.
    """
    needed: dict[tuple[str, str, str], int] = {}
    for route in routes:
        if classes[route.vehicle].counted:
            needed[route.stops[0], route.vehicle, route.id] = vehicles_for_route(route, assumptions)
    for base, by_class in round_vehicles(rounds).items():
        for vehicle, number in by_class.items():
            if classes[vehicle].counted:
                needed[base, vehicle, "rounds"] = number
    return needed


def place_fleet(
    routes: Iterable[MailRoute],
    rounds: Iterable[Round],
    total: int,
    classes: Mapping[str, VehicleClass],
    assumptions: Assumptions,
) -> tuple[Vehicle, ...]:
    """Place exactly `total` vehicles.

    Every duty gets what it needs.  The rest are spares: they stand where
    vehicles are in use, in proportion to that use by base and class (largest
    remainder).

    Parameters
    ----------
    routes, rounds
        What the vehicles are for; routes with their services.
    total
        The published number of vehicles.
    classes
        By name; only those counted among the published vehicles are placed.
    assumptions
        Turnround times.

    Returns
    -------
    tuple of Vehicle
        Numbered C-0001 and so on: routes in their order, rounds, spares.

    Raises
    ------
    FleetError
        If the duties need more than `total`; it says how many they need.
    """
    needed = vehicles_needed(routes, rounds, classes, assumptions)
    sum_needed = sum(needed.values())
    if sum_needed > total:
        on_rounds = sum(n for (_, _, duty), n in needed.items() if duty == "rounds")
        raise FleetError(
            f"the duties need {sum_needed:,} vehicles ({sum_needed - on_rounds:,} on mail routes, "
            f"{on_rounds:,} on rounds) and there are {total:,}",
            sum_needed,
            total,
        )
    rows = [(vehicle, base, duty) for (base, vehicle, duty), n in needed.items() for _ in range(n)]
    use: dict[tuple[str, str], int] = {}
    for (base, vehicle, _), n in needed.items():
        use[base, vehicle] = use.get((base, vehicle), 0) + n
    if total > sum_needed:
        if not use:
            raise FleetError(f"{total:,} vehicles and no duty for any of them", 0, total)
        for (base, vehicle), n in zip(
            use, largest_remainder(total - sum_needed, list(use.values())), strict=True
        ):
            rows += [(vehicle, base, "spare")] * int(n)
    return tuple(Vehicle(f"C-{i:04d}", *row) for i, row in enumerate(rows, 1))
