"""Put imported mail routes onto a network, in place of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from network.errors import InputErrors, Problem, nearest
from network.model.network import Changed, Network
from network.model.records import MailRoute

__all__ = ["onto"]

FIGURES = ("road_routes", "road_route_km", "rail_routes", "rail_route_km", "air_routes", "air_route_km")


def onto(network: Network, routes: Sequence[MailRoute], file: str = "feed") -> Network:
    """Return the network with these mail routes instead of its own.

    Vehicles of routes that are gone become spares.  If any route differs, the
    published figures of routes are no longer judged.

    Parameters
    ----------
    network
        A built network; the routes' stops must have a centre in it.
    routes
        The routes.
    file
        What to call them in messages.

    Raises
    ------
    InputErrors
        If a stop is no place with a centre, a vehicle class is unknown or missing, or a route has no trips.
    """
    problems: dict[tuple[str, str], Problem] = {}
    for route in routes:
        for stop in {stop for service in route.services for stop in service.stops}:
            if stop not in network.stop_row:
                near = nearest(stop, network.stops)
                allowed = f"one of the {len(network.stops)} places with a centre"
                problems.setdefault(("stop", stop), Problem(file, route.id, "stop", stop, allowed, near))
        if route.vehicle not in network.vehicle_classes:
            allowed = "yizhan_vehicle in routes.txt: one of " + ", ".join(network.vehicle_classes)
            problem = Problem(file, route.id, "vehicle class", route.vehicle, allowed)
            problems.setdefault(("vehicle", route.id), problem)
    if problems:
        raise InputErrors(problems.values())
    if tuple(routes) == network.routes:
        return network
    ids = {route.id for route in routes}
    known = {route.id for route in network.routes}
    vehicles = tuple(
        replace(vehicle, duty="spare") if vehicle.duty in known - ids else vehicle
        for vehicle in network.vehicles
    )
    label = f"the mail routes are those of {file}"
    changed = (*network.changed, *(Changed(figure, label) for figure in (*FIGURES, "timetable")))
    return replace(network, routes=tuple(routes), vehicles=vehicles, changed=changed)
