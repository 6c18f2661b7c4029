"""Pure change operations on mail routes: a network in, a changed network out.

Its sisters: `network.edit.rounds` and `network.edit.outlets` for outlets,
stations and rounds, `network.edit.operations` for vehicles and centres,
`network.edit.roads`, `network.edit.demand`.

A scenario's changes apply after the fit.  The base keeps its fleet and its
frequencies unless a change says otherwise (rule 7): no route is fitted or
sized again, and the published vehicles stay as many as they were.  Duties
move: a route that a change adds or strengthens takes spare vehicles as far as
there are any, and what is missing shows when needs are counted.

Every operation notes in `Network.changed` which published figures it
touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from network.edit.basics import (
    EditError,
    check_km,
    clock,
    find_place,
    find_route,
    known_name,
    last_number,
    match_place,
    place_name,
    take_spares,
)
from network.edit.demand import scale_demand
from network.fleet.vehicles import vehicles_for_route
from network.geography.roadworks import roads_of
from network.linehaul.leg_speeds import timed
from network.linehaul.legs import Leg, find_leg
from network.model.network import Changed, Network
from network.model.records import DAY_S, MODES, Centre, MailRoute

__all__ = [
    "DEFAULT_VEHICLE",
    "EditError",
    "add_route",
    "equip_route",
    "find_place",
    "find_route",
    "hand_over_all",
    "known_name",
    "last_number",
    "match_place",
    "remove_route",
    "reroute_route",
    "retime_route",
    "scale_demand",
    "take_spares",
    "with_route",
]

#: What an added route runs with when the scenario does not say (assumed).
DEFAULT_VEHICLE: Mapping[str, str] = {"road": "truck-6.8", "rail": "mail-car", "air": "belly"}
#: How the reason of a route ends whose km the scenario says.
_GIVEN_KM = "; its km are given there"


def add_route(
    network: Network,
    *,
    mode: str,
    stops: Sequence[str],
    per_week: int,
    route_id: str | None = None,
    name: str | None = None,
    vehicle: str | None = None,
    vehicles_per_trip: int = 1,
    first_departure_s: int | None = None,
    leg_km: Sequence[float] | None = None,
    carrier: str = "shared",
) -> Network:
    """Add a mail route.

    Parameters
    ----------
    mode
        "road", "rail" or "air".
    stops
        Place ids or names in outward order; vehicles are based at the first.
    per_week
        Departures a week in each direction.
    leg_km
        km of each leg; by default from the road links, the rail table or the
        great circle.
    first_departure_s
        Seconds after midnight; by default the assumed hour of its kind.

    Raises
    ------
    UnknownNameError, EditError, NoWayError
        If a stop or vehicle class is unknown, an id is taken, a length given is none that a leg could
        have, or no way leads along the stops.
    """
    places = network.places
    ids, legs = _way(network, mode, stops, leg_km)
    route_id = route_id or _next_id((route.id for route in network.routes), mode, 2 if mode != "road" else 3)
    if any(route.id == route_id for route in network.routes):
        raise EditError(f"route id {route_id!r} is taken")
    kind = _kind(network, mode, ids)
    route = MailRoute(
        id=route_id,
        name=name or f"{place_name(places, ids[0])}–{place_name(places, ids[-1])} {mode}",
        mode=mode,
        kind=kind,
        stops=ids,
        leg_km=tuple(leg.km for leg in legs),
        leg_links=tuple(leg.links for leg in legs),
        serves=(),
        reason="added by the scenario" + (_GIVEN_KM if leg_km is not None else ""),
        carrier=carrier,
        vehicle=_vehicle_class(network, vehicle or DEFAULT_VEHICLE[mode]),
        vehicles_per_trip=vehicles_per_trip,
        base=False,
        km_given=leg_km is not None,
    )
    route = timed(network, route, per_week, first_departure_s)
    label = f"added {route.id} ({route.name}, {route.km:,.0f} km)"
    network = replace(
        network,
        routes=(*network.routes, route),
        centres=_centres_for(network, route),
        changed=(*network.changed, *_route_notes(route, label, "added")),
    )
    return _crew(network, route.id)


def remove_route(network: Network, route: str) -> Network:
    """Take a route out; its vehicles become spares where they stand."""
    gone = find_route(network, route)
    network = replace(
        network,
        routes=tuple(r for r in network.routes if r.id != gone.id),
        changed=(*network.changed, *_route_notes(gone, f"removed {gone.id} ({gone.name})", "removed")),
    )
    return _crew(network, gone.id)


def reroute_route(
    network: Network,
    route: str,
    stops: Sequence[str],
    leg_km: Sequence[float] | None = None,
    first_departure_s: int | None = None,
) -> Network:
    """Lead a route along other stops.

    It keeps id, mode, frequency and vehicles, and its hour of departure
    unless one is given; its kind, and with it its speed, follows from where it
    goes now.

    Parameters
    ----------
    stops, leg_km
        As for `add_route`.
    first_departure_s
        Seconds after midnight; as before by default.

    Raises
    ------
    UnknownNameError, EditError, NoWayError
        If the route or a stop is unknown, it goes there already, or no way leads along the stops.
    """
    old = find_route(network, route)
    ids, legs = _way(network, old.mode, stops, leg_km)
    if ids == old.stops and leg_km is None:
        raise EditError(f"{old.id} goes along these stops already")
    way = "–".join(place_name(network.places, stop) for stop in ids)
    new = replace(
        old,
        kind=_kind(network, old.mode, ids),
        stops=ids,
        leg_km=tuple(leg.km for leg in legs),
        leg_links=tuple(leg.links for leg in legs),
        serves=tuple(place for place in old.serves if place in ids),
        reason=f"rerouted by the scenario: {way}" + (_GIVEN_KM if leg_km is not None else ""),
        km_given=leg_km is not None,
    )
    starts = old.services[0].starts_s
    first = min(start % DAY_S for start in starts) if first_departure_s is None else first_departure_s
    new = timed(network, new, len(starts), first)
    label = f"rerouted {new.id} ({way}, {new.km:,.0f} km instead of {old.km:,.0f})"
    network = with_route(network, new, _route_notes(old, label, "rerouted"))
    return _crew(replace(network, centres=_centres_for(network, new)), new.id)


def retime_route(
    network: Network, route: str, per_week: int | None = None, first_departure_s: int | None = None
) -> Network:
    """Change how often a route runs, or when its outward trips leave; None leaves as it is."""
    old = find_route(network, route)
    starts = old.services[0].starts_s
    if first_departure_s is None:
        first_departure_s = min(start % DAY_S for start in starts)
    new = timed(network, old, per_week or len(starts), first_departure_s)
    label = f"{old.id} runs {len(new.services[0].starts_s)} times a week instead of {len(starts)}"
    if len(new.services[0].starts_s) == len(starts):
        label = f"{old.id} leaves at {clock(first_departure_s)}"
    elif first_departure_s != min(start % DAY_S for start in starts):
        label += f" and leaves at {clock(first_departure_s)}"
    return _crew(with_route(network, new, [Changed("timetable", label, "retimed", new.id)]), new.id)


def equip_route(
    network: Network, route: str, vehicle: str | None = None, vehicles_per_trip: int | None = None
) -> Network:
    """Give a route other vehicles; None leaves as it is."""
    old = find_route(network, route)
    new = replace(
        old,
        vehicle=_vehicle_class(network, vehicle or old.vehicle),
        vehicles_per_trip=vehicles_per_trip or old.vehicles_per_trip,
    )
    label = f"{new.id} runs {new.vehicles_per_trip} × {new.vehicle}"
    return _crew(with_route(network, new, [Changed("timetable", label, "equipped", new.id)]), new.id)


def hand_over_all(network: Network) -> Network:
    """Make every brand with an outlet in the county hand village items over to the post (rule 5)."""
    return replace(network, settings=replace(network.settings, handover_all=True))


def _vehicle_class(network: Network, name: str) -> str:
    return known_name("vehicle class", name, network.vehicle_classes)


def _next_id(ids: Iterable[str], mode: str, width: int) -> str:
    return f"{mode}-{last_number(ids, mode) + 1:0{width}d}"


def _route_notes(route: MailRoute, label: str, done: str) -> list[Changed]:
    # express routes beside those of the post are no part of the published mail routes (rule 6)
    if route.carrier == "express":
        return [Changed("express_lines", label, done, route.id)]
    return [Changed(f"{route.mode}_{what}", label, done, route.id) for what in ("routes", "route_km")]


def with_route(network: Network, new: MailRoute, notes: Iterable[Changed]) -> Network:
    """Return the network with a route in place of the one of its id, and what to note of it."""
    routes = tuple(new if route.id == new.id else route for route in network.routes)
    return replace(network, routes=routes, changed=(*network.changed, *notes))


def _way(
    network: Network, mode: str, stops: Sequence[str], leg_km: Sequence[float] | None
) -> tuple[tuple[str, ...], list[Leg]]:
    """Return the ids of stops and the legs between them."""
    ids = tuple(find_place(network.places, stop) for stop in stops)
    if len(set(ids)) < len(ids):
        raise EditError("a route passes no stop twice")
    if leg_km is not None:
        if len(leg_km) != len(ids) - 1:
            raise EditError(f"{len(ids)} stops have {len(ids) - 1} legs, not {len(leg_km)}")
        for (a, b), km in zip(pairwise(ids), leg_km, strict=True):
            check_km(network.places, a, b, km, mode)
        return ids, [Leg(float(km)) for km in leg_km]
    roads = roads_of(network)
    return ids, [
        find_leg(network.region, network.places, network.assumptions, network.year, mode, a, b, roads)
        for a, b in pairwise(ids)
    ]


def _kind(network: Network, mode: str, stops: Sequence[str]) -> str:
    """Return the kind of a route by where it goes; it sets speed and departure hour."""
    if mode == "rail":
        return "rail"
    if mode == "air":
        return "non-stop" if len(stops) == 2 else "through"
    places = network.places
    rows = [places.row(stop) for stop in stops]
    kinds = {str(places.kind[row]) for row in rows}
    tier = {centre.place: centre.tier for centre in network.centres}
    ends = {tier.get(stops[0], ""), tier.get(stops[-1], "")}
    if "gateway" in kinds:
        return "cross-border"
    if "township" in kinds:
        return "branch"
    if ends == {"region", "prefecture"}:
        return "trunk"
    if len({str(places.prefecture[row]) for row in rows}) > 1:
        return "inter-prefecture"
    return "feeder" if len(stops) == 2 else "chain"


def _centres_for(network: Network, route: MailRoute) -> tuple[Centre, ...]:
    """Return the centres with one for each stop of the route, each able to take its mode in.

    A new stop has no lanes: its items are screened at the centre before.
    """
    a = network.assumptions
    hours = {mode: round(a[f"{mode}_handling_h"] * 3600) for mode in MODES}
    stops = set(route.stops)
    centres = [
        replace(centre, handling_s={**centre.handling_s, route.mode: hours[route.mode]})
        if centre.place in stops and route.mode not in centre.handling_s
        else centre
        for centre in network.centres
    ]
    there = {centre.place for centre in centres}
    for stop in route.stops:
        if stop not in there:
            gateway = network.places.kind[network.places.row(stop)] == "gateway"
            outside = round(a["gateway_handling_h"] * 3600)
            times = dict.fromkeys(MODES, outside) if gateway else dict(hours)
            times["collect"] = outside if gateway else round(a["collect_handling_h"] * 3600)
            centres.append(Centre(stop, "gateway" if gateway else "township", times))
    return tuple(centres)


def _crew(network: Network, duty: str) -> Network:
    """Give the duty of a route the vehicles it needs, from the spares, and free the others.

    Spares at its first stop come first, then the nearest.
    """
    # lines of the express firms' own are outside a fleet that is the post's alone (rule 6)
    post_only = network.settings.post_only
    routes = [r for r in network.routes if r.id == duty and not (post_only and r.carrier == "express")]
    free = [replace(v, duty="spare") if v.duty == duty else v for v in network.vehicles]
    for route in routes:
        if network.vehicle_classes[route.vehicle].counted:
            number = vehicles_for_route(route, network.assumptions)
            free = take_spares(network.places, free, route.vehicle, number, route.stops[0], duty)
    return replace(network, vehicles=tuple(free))
