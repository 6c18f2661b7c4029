"""Pure change operations on routes and demand: a network in, a changed network out.

Those on outlets and rounds are in `network.edit_last_mile`.

A scenario's changes apply after the fit.  The base keeps its fleet and its
frequencies unless a change says otherwise (rule 7): no route is fitted or
sized again, and the published vehicles stay as many as they were.  Duties
move: a route that a change adds or strengthens takes spare vehicles as far as
there are any, and what is missing shows when needs are counted.

Every operation notes in `MailNetwork.changed` which published figures it
touches.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from network.errors import UnknownNameError, YizhanError
from network.fleet import vehicles_for_route
from network.graph import MailNetwork
from network.legs import Leg, find_leg
from network.model import DAY_S, MODES, Centre, MailRoute, Places, Vehicle
from network.roads import great_circle_km
from network.tables import load_region
from network.timetable import schedule

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
    "retime_route",
    "scale_demand",
    "take_spares",
]

#: What an added route runs with when the scenario does not say (assumed).
DEFAULT_VEHICLE: Mapping[str, str] = {"road": "truck-6.8", "rail": "mail-car", "air": "belly"}
DIRECTIONS = ("originating", "inbound")


class EditError(YizhanError, ValueError):
    """A change that cannot be made."""


def match_place(text: str, ids: Collection[str], names: Mapping[str, Collection[str]]) -> str:
    """Return the id that a text stands for: an id, or a name.

    Parameters
    ----------
    text
        What a scenario says.
    ids
        All ids.
    names
        Ids by name.

    Raises
    ------
    UnknownNameError
        If it is neither.
    EditError
        If several places have this name.
    """
    if text in ids:
        return text
    found = sorted(set(names.get(text, ())))
    if len(found) > 1:
        raise EditError(f"{text!r} may be any of {', '.join(found)}")
    if not found:
        # thousands of ids of villages and townships would hide the name that was meant
        raise UnknownNameError("place", text, sorted(ids) if text[:1].isdigit() else [*names, *ids])
    return found[0]


def find_place(places: Places, text: str) -> str:
    """Return the id of the place meant: an id, or the name of a county seat or gateway.

    Raises
    ------
    UnknownNameError, EditError
        If there is no such place, or several county seats or gateways have this name.
    """
    names: dict[str, list[str]] = {}
    for row in np.flatnonzero(np.isin(places.kind, ["county", "gateway"])).tolist():
        for name in (str(places.name_en[row]), str(places.name_zh[row])):
            names.setdefault(name, []).append(str(places.id[row]))
    return match_place(text, set(places.id.tolist()), names)


def find_route(network: MailNetwork, text: str) -> MailRoute:
    """Return the route meant, by id or name.

    Raises
    ------
    UnknownNameError
        If there is no such route.
    EditError
        If several routes have this name.
    """
    found = [route for route in network.routes if text in (route.id, route.name)]
    if len(found) > 1:
        raise EditError(f"{text!r} may be any of {', '.join(route.id for route in found)}")
    if not found:
        ids = [route.id for route in network.routes]
        # ids differ by a digit, so the closest id says little about which was meant
        near_id = difflib.get_close_matches(text, ids, n=1, cutoff=0.9)
        raise UnknownNameError("route", text, near_id or [*(route.name for route in network.routes), *ids])
    return found[0]


def add_route(
    network: MailNetwork,
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
) -> MailNetwork:
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
        If a stop or vehicle class is unknown, an id is taken, or no way leads along the stops.
    """
    places = network.places
    ids = tuple(find_place(places, stop) for stop in stops)
    if len(set(ids)) < len(ids):
        raise EditError("a route passes no stop twice")
    if leg_km is None:
        region = load_region(network.region)
        legs = [
            find_leg(region, places, network.assumptions, network.year, mode, a, b) for a, b in pairwise(ids)
        ]
    else:
        legs = [Leg(float(km)) for km in leg_km]
    route_id = route_id or _next_id((route.id for route in network.routes), mode, 2 if mode != "road" else 3)
    if any(route.id == route_id for route in network.routes):
        raise EditError(f"route id {route_id!r} is taken")
    kind = _kind(network, mode, ids)
    route = MailRoute(
        id=route_id,
        name=name or f"{_name(places, ids[0])}–{_name(places, ids[-1])} {mode}",
        mode=mode,
        kind=kind,
        stops=ids,
        leg_km=tuple(leg.km for leg in legs),
        leg_links=tuple(leg.links for leg in legs),
        serves=(),
        reason="added by the scenario" + ("; its km are given there" if leg_km is not None else ""),
        carrier=carrier,
        vehicle=_vehicle_class(network, vehicle or DEFAULT_VEHICLE[mode]),
        vehicles_per_trip=vehicles_per_trip,
        base=False,
    )
    route = schedule(route, per_week, network.assumptions, first_departure_s)
    label = f"added {route.id} ({route.name}, {route.km:,.0f} km)"
    network = replace(
        network,
        routes=(*network.routes, route),
        centres=_centres_for(network, route),
        changed=(*network.changed, *_route_labels(route, label)),
    )
    return _crew(network, route.id)


def remove_route(network: MailNetwork, route: str) -> MailNetwork:
    """Take a route out; its vehicles become spares where they stand."""
    gone = find_route(network, route)
    network = replace(
        network,
        routes=tuple(r for r in network.routes if r.id != gone.id),
        changed=(*network.changed, *_route_labels(gone, f"removed {gone.id} ({gone.name})")),
    )
    return _crew(network, gone.id)


def retime_route(
    network: MailNetwork, route: str, per_week: int | None = None, first_departure_s: int | None = None
) -> MailNetwork:
    """Change how often a route runs, or when its outward trips leave; None leaves as it is."""
    old = find_route(network, route)
    starts = old.services[0].starts_s
    if first_departure_s is None:
        first_departure_s = min(start % DAY_S for start in starts)
    new = schedule(old, per_week or len(starts), network.assumptions, first_departure_s)
    label = f"{old.id} runs {len(new.services[0].starts_s)} times a week instead of {len(starts)}"
    if len(new.services[0].starts_s) == len(starts):
        label = f"{old.id} leaves at {first_departure_s // 3600:02d}:{first_departure_s // 60 % 60:02d}"
    return _crew(_with_route(network, new, label), new.id)


def equip_route(
    network: MailNetwork, route: str, vehicle: str | None = None, vehicles_per_trip: int | None = None
) -> MailNetwork:
    """Give a route other vehicles; None leaves as it is."""
    old = find_route(network, route)
    new = replace(
        old,
        vehicle=_vehicle_class(network, vehicle or old.vehicle),
        vehicles_per_trip=vehicles_per_trip or old.vehicles_per_trip,
    )
    return _crew(_with_route(network, new, f"{new.id} runs {new.vehicles_per_trip} × {new.vehicle}"), new.id)


def scale_demand(
    network: MailNetwork,
    factor: float,
    classes: Collection[str] | None = None,
    direction: str | None = None,
) -> MailNetwork:
    """Multiply the items offered, of some classes or all, accepted in the region, outside it, or both.

    The simulation reads ``options["demand_scale"]``; several factors on the
    same items multiply.
    """
    known = [row["code"] for row in network.assumptions.table("classes")]
    chosen = None if classes is None else tuple(known_name("item class", code, known) for code in classes)
    if direction is not None:
        known_name("direction", direction, DIRECTIONS)
    entry = {"factor": float(factor), "classes": chosen, "direction": direction}
    scale = (*_scales(network), entry)
    who = " ".join(part for part in (", ".join(chosen or ("all",)), "items", direction) if part)
    what = f"{who} × {factor:g}"
    touches = direction != "inbound" and (chosen is None or "express" in chosen)
    return replace(
        network,
        options={**network.options, "demand_scale": scale},
        changed=(*network.changed, ("express_items", what)) if touches else network.changed,
    )


def hand_over_all(network: MailNetwork) -> MailNetwork:
    """Make every brand with an outlet in the county hand village items over to the post (rule 5)."""
    return replace(network, options={**network.options, "handover_all": True})


def _scales(network: MailNetwork) -> tuple[Any, ...]:
    before = network.options.get("demand_scale", ())
    return tuple(before) if isinstance(before, Sequence) else ()


def known_name(what: str, name: str, known: Iterable[str]) -> str:
    names = list(dict.fromkeys(str(k) for k in known))
    if name not in names:
        raise UnknownNameError(what, name, names)
    return name


def _name(places: Places, place: str) -> str:
    return str(places.name_en[places.row(place)]) or place


def _vehicle_class(network: MailNetwork, name: str) -> str:
    return known_name("vehicle class", name, network.vehicle_classes)


def last_number(ids: Iterable[str], prefix: str) -> int:
    ends = (name.removeprefix(f"{prefix}-") for name in ids if name.startswith(f"{prefix}-"))
    return max((int(end) for end in ends if end.isdigit()), default=0)


def _next_id(ids: Iterable[str], mode: str, width: int) -> str:
    return f"{mode}-{last_number(ids, mode) + 1:0{width}d}"


def _route_labels(route: MailRoute, label: str) -> list[tuple[str, str]]:
    # express routes beside those of the post are no part of the published mail routes (rule 6)
    names = (f"{route.mode}_routes", f"{route.mode}_route_km") if route.carrier != "express" else ()
    return [(name, label) for name in names]


def _with_route(network: MailNetwork, new: MailRoute, label: str) -> MailNetwork:
    routes = tuple(new if route.id == new.id else route for route in network.routes)
    return replace(network, routes=routes, changed=(*network.changed, ("timetable", label)))


def _kind(network: MailNetwork, mode: str, stops: Sequence[str]) -> str:
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


def _centres_for(network: MailNetwork, route: MailRoute) -> tuple[Centre, ...]:
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


def _crew(network: MailNetwork, duty: str) -> MailNetwork:
    """Give the duty of a route the vehicles it needs, from the spares, and free the others.

    Spares at its first stop come first, then the nearest.
    """
    # lines of the express firms' own are outside a fleet that is the post's alone (rule 6)
    post_only = network.options.get("fleet_scope") == "post"
    routes = [r for r in network.routes if r.id == duty and not (post_only and r.carrier == "express")]
    free = [replace(v, duty="spare") if v.duty == duty else v for v in network.vehicles]
    for route in routes:
        if network.vehicle_classes[route.vehicle].counted:
            number = vehicles_for_route(route, network.assumptions)
            free = take_spares(network.places, free, route.vehicle, number, route.stops[0], duty)
    return replace(network, vehicles=tuple(free))


def take_spares(
    places: Places, vehicles: Sequence[Vehicle], vehicle: str, number: int, base: str, duty: str
) -> list[Vehicle]:
    """Move up to `number` spare vehicles of a class to a base and duty, the nearest first."""
    spare = [i for i, v in enumerate(vehicles) if v.duty == "spare" and v.vehicle == vehicle]
    home = places.row(base)
    rows = np.array([places.row(vehicles[i].base) for i in spare], dtype=np.int64)
    away = great_circle_km(places.lat[home], places.lon[home], places.lat[rows], places.lon[rows])
    chosen = sorted(zip(away.tolist(), (vehicles[i].id for i in spare), spare, strict=True))[: max(number, 0)]
    moved = list(vehicles)
    for _, _, i in chosen:
        moved[i] = replace(moved[i], base=base, duty=duty)
    return moved
