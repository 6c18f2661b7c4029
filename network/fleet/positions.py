"""Where every vehicle stands when a run begins, and from when it is free (rule 16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from network.inputs.assumptions import Assumptions
from network.model.network import Network
from network.model.records import WEEK_S, MailRoute

__all__ = ["Slot", "Stands", "limited", "slots", "stands"]

#: Second from which a set of vehicles is free, and the stop where it stands then.
Slot = tuple[int, str]


@dataclass(frozen=True)
class Stands:
    """Pools of vehicles by (place id, class); vehicles are rows of ``Network.vehicles``.

    Parameters
    ----------
    line
        For trips: (second from which it is free, row), in this order.
    rounds
        For rounds: rows in order, all free at the start.
    """

    line: Mapping[tuple[str, str], tuple[tuple[int, int], ...]]
    rounds: Mapping[tuple[str, str], tuple[int, ...]]


def limited(network: Network, route: MailRoute) -> bool:
    """Return whether trips of a route take vehicles that there are only so many of.

    Trains, aircraft and carriers on foot are not counted, nor are the express firms' own lines where the
    published fleet is the post's alone (rule 6).
    """
    firms = route.carrier == "express" and network.settings.post_only
    return network.vehicle_classes[route.vehicle].counted and not firms


def stands(network: Network) -> Stands:
    """Return where the vehicles of a network stand at second 0 of a run.

    The vehicles of a route stand as its timetable leaves them on a Monday at
    00:00, see `slots`; those beyond it at its first stop.  Spares serve the
    trips that begin or end with their class at their base, or else its rounds.
    """
    line: dict[tuple[str, str], list[tuple[int, int]]] = {}
    rounds: dict[tuple[str, str], list[int]] = {}
    routes = {route.id: route for route in network.routes}
    ends = {(stop, route.vehicle) for route in network.routes for stop in (route.stops[0], route.stops[-1])}
    of_route: dict[str, list[int]] = {}
    for row, vehicle in enumerate(network.vehicles):
        stand = (vehicle.base, vehicle.vehicle)
        if vehicle.duty in routes:
            of_route.setdefault(vehicle.duty, []).append(row)
        elif vehicle.duty == "spare" and stand in ends:
            line.setdefault(stand, []).append((0, row))
        else:
            rounds.setdefault(stand, []).append(row)
    for name, rows in of_route.items():
        route = routes[name]
        places = [slot for slot in slots(route, network.assumptions) for _ in range(route.vehicles_per_trip)]
        places += [(0, route.stops[0])] * (len(rows) - len(places))
        for row, (free_s, stop) in zip(rows, places, strict=False):
            line.setdefault((stop, route.vehicle), []).append((free_s, row))
    return Stands(
        {pool: tuple(sorted(free)) for pool, free in line.items()},
        {pool: tuple(rows) for pool, rows in rounds.items()},
    )


def slots(route: MailRoute, assumptions: Assumptions) -> list[Slot]:
    """Return where the sets of vehicles of a route are at second 0 of a week of its timetable.

    First those that must stand at the first stop, then at the last: the least
    number with which no departure of the undisturbed timetable lacks a set.
    Then the trips under way or in turn-round, by the second from which their
    set is free at their last stop, then by way.  Vehicles that become free in
    a second can leave in it.

    Parameters
    ----------
    route
        A route with its services, as many trips back as out; with more of one
        the number that stands is right for the first week.
    assumptions
        ``turnround_h``.
    """
    pause = round(assumptions["turnround_h"] * 3600)
    moving: list[tuple[int, int, str]] = []
    leaves: dict[str, list[int]] = {stop: [] for stop in (route.stops[0], route.stops[-1])}
    free: dict[str, list[int]] = {stop: [] for stop in leaves}
    for way, service in enumerate(route.services):
        busy = service.arrive_s[-1] + pause
        last = service.stops[-1]
        leaves[service.stops[0]] += service.starts_s
        for start in service.starts_s:
            weeks = -(-(start + busy) // WEEK_S) - 1  # the earliest trip whose set is free after second 0
            free[last].append(start + busy - weeks * WEEK_S)
            moving += [(start + busy - week * WEEK_S, way, last) for week in range(weeks, 0, -1)]
    standing = [(0, stop) for stop in leaves for _ in range(_short(leaves[stop], free[stop]))]
    return standing + [(second, stop) for second, _, stop in sorted(moving)]


def _short(leaves: list[int], free: list[int]) -> int:
    """Return how many sets must stand at a terminal at second 0; all times fall into one week."""
    departures = np.sort(np.array(leaves, dtype=np.int64))
    come = np.searchsorted(np.sort(np.array(free, dtype=np.int64)), departures, side="right")
    return int((np.arange(1, len(departures) + 1) - come).max(initial=0))
