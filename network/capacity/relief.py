"""More of what is full first: units added one by one, and the units needed to hold until some demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from network.capacity.utilisation import Owner, Utilisation
from network.fleet.vehicles import vehicles_for_route
from network.lastmile.weekdays import days_out
from network.model.network import Network

__all__ = ["Added", "add_where_first_full", "enlarged", "spares", "vehicles_a_unit"]


@dataclass(frozen=True)
class Added:
    """Units added to owners, and the vehicles that they take, by class."""

    units: NDArray[np.int64]  # (owners,) of each owner afterwards
    vehicles: Mapping[str, int]


def spares(network: Network) -> dict[str, int]:
    """Return the vehicles without a duty, by class."""
    spare: dict[str, int] = {}
    for vehicle in network.vehicles:
        if vehicle.duty == "spare":
            spare[vehicle.vehicle] = spare.get(vehicle.vehicle, 0) + 1
    return dict(sorted(spare.items()))


def vehicles_a_unit(network: Network, owner: Owner) -> tuple[str, int]:
    """Return class and number of the counted vehicles that one more unit takes; "" and 0 for none.

    One more vehicle on each trip of a route takes one for each of the sets that its timetable needs; on each
    run of a round one for each day that the run is out, as if no other round of the base could lend it.
    """
    if owner.kind == "route":
        route = network.route(owner.id)
        kind = network.vehicle_classes[route.vehicle]
        sets = vehicles_for_route(route, network.assumptions) // route.vehicles_per_trip
        return (kind.name, sets) if kind.counted else ("", 0)
    if owner.kind == "round":
        round_ = next(round_ for round_ in network.rounds if round_.id == owner.id)
        kind = network.vehicle_classes[round_.vehicle]
        return (kind.name, days_out(round_.depart_s, round_.intake_s)) if kind.counted else ("", 0)
    return "", 0


def add_where_first_full(
    network: Network,
    use: Utilisation,
    grows: NDArray[np.bool_],
    total: int,
    by_class: Mapping[str, int] | None = None,
) -> Added:
    """Put vehicles on routes and rounds, each time where the demand that fills it is least.

    Parameters
    ----------
    network, use
        The network and its resources.
    grows
        (classes,) whose items grow; the others stay.
    total
        Vehicles to put.
    by_class
        How many there are of each class; of any class by default.

    Notes
    -----
    An owner that takes more vehicles than are left is passed over, and the next one looked at.
    """
    left = {} if by_class is None else dict(by_class)
    takes = [vehicles_a_unit(network, owner) for owner in use.owners]
    units = np.array([owner.units for owner in use.owners])
    can = np.array([number > 0 for _, number in takes])
    used: dict[str, int] = {}
    while total > 0 and can.any():
        breaks = np.full(len(units), np.inf)
        now = use.with_units(units)
        np.minimum.at(breaks, now.owner, now.breaks_at(grows))
        breaks[~can] = np.inf
        at = int(breaks.argmin())
        if not np.isfinite(breaks[at]):
            break
        kind, number = takes[at]
        if number > total or (by_class is not None and left.get(kind, 0) < number):
            can[at] = False
            continue
        units[at] += 1
        total -= number
        left[kind] = left.get(kind, 0) - number
        used[kind] = used.get(kind, 0) + number
    return Added(units, dict(sorted(used.items())))


def enlarged(network: Network, use: Utilisation, units: NDArray[np.int64]) -> Network:
    """Return the network with other numbers of units; (owners,)."""
    by_kind: dict[str, dict[str, int]] = {}
    for owner, number in zip(use.owners, units.tolist(), strict=True):
        by_kind.setdefault(owner.kind, {})[owner.id] = number
    routes, lanes = by_kind.get("route", {}), by_kind.get("lanes", {})
    sorters, rounds = by_kind.get("sorters", {}), by_kind.get("round", {})
    return replace(
        network,
        routes=tuple(
            replace(r, vehicles_per_trip=routes.get(r.id, r.vehicles_per_trip)) for r in network.routes
        ),
        centres=tuple(
            replace(c, lanes=lanes.get(c.place, c.lanes), sorters=sorters.get(c.place, c.sorters))
            for c in network.centres
        ),
        rounds=tuple(replace(t, vehicles=rounds.get(t.id, t.vehicles)) for t in network.rounds),
    )
