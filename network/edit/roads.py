"""Pure change operations on roads: closed, built, made faster."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from typing import Any

from network.edit.basics import EditError, check_km, find_place, find_route, known_name, place_name
from network.edit.routes import with_route
from network.geography.roadworks import roads_of
from network.linehaul.leg_speeds import timed
from network.linehaul.legs import NoWayError, find_leg
from network.model.network import Changed, Network
from network.model.records import DAY_S, MailRoute
from network.model.roads import Closure, NewRoad, YearlyClosure

__all__ = ["add_road", "close_road", "close_road_yearly", "improve_road", "select_links"]

_NAMED = 6  # links told by name; of more their number


def select_links(
    network: Network, *, links: Iterable[str] = (), between: Sequence[str] = (), route: str = ""
) -> tuple[str, ...]:
    """Return the road links meant, each once.

    Parameters
    ----------
    links
        Ids of road links, such as "540102-540103".
    between
        Two places: all links of the shortest road between them.
    route
        Id or name of a road mail route: all its links.

    Raises
    ------
    UnknownNameError, EditError, NoWayError
        If a link, place or route is unknown, no road joins the two places or
        the route does not go by road.
    """
    roads = roads_of(network)
    selected = list(links)
    if between:
        a, b = (find_place(network.places, place) for place in between)
        selected += find_leg(
            network.region, network.places, network.assumptions, network.year, "road", a, b, roads
        ).links
    if route:
        named = find_route(network, route)
        if named.mode != "road":
            raise EditError(f"{named.id} goes by {named.mode}")
        selected += chain.from_iterable(named.leg_links)
    known = {data["id"] for *_, data in roads.edges(data=True)}
    known |= {link for r in network.routes for leg in r.leg_links for link in leg}
    chosen = tuple(known_name("road link", link, sorted(known)) for link in dict.fromkeys(selected))
    if not chosen:
        raise EditError("no road link is chosen")
    return chosen


def close_road(
    network: Network,
    first: dt.date,
    last: dt.date,
    *,
    links: Iterable[str] = (),
    between: Sequence[str] = (),
    route: str = "",
) -> Network:
    """Announce that road links are closed on whole days, both dates included; links as `select_links`."""
    closed = select_links(network, links=links, between=between, route=route)
    return _closed(network, Closure(closed, first, last))


def close_road_yearly(
    network: Network,
    first_day: str,
    last_day: str,
    *,
    links: Iterable[str] = (),
    between: Sequence[str] = (),
    route: str = "",
) -> Network:
    """Announce that road links are closed in one season of every year; links as `select_links`.

    Parameters
    ----------
    first_day, last_day
        First and last closed day, "MM-DD"; the last one is in the next year
        if it comes before the first.  29 February is the 28th in common years.
    """
    closed = select_links(network, links=links, between=between, route=route)
    return _closed(network, YearlyClosure(closed, first_day, last_day))


def _closed(network: Network, closure: Closure | YearlyClosure) -> Network:
    label = f"closed {closure.when}: {', '.join(closure.links)}"
    return replace(
        network,
        roads=replace(network.roads, closures=(*network.roads.closures, closure)),
        changed=(*network.changed, Changed("roads", label)),
    )


def improve_road(
    network: Network,
    speed_kmh: float,
    *,
    links: Iterable[str] = (),
    between: Sequence[str] = (),
    route: str = "",
) -> Network:
    """Make road links faster; links as `select_links`.

    Routes over them get a new timetable: they leave when they did and arrive
    earlier, and return as soon as they may.  A route that is faster there by
    its kind stays so.

    Parameters
    ----------
    speed_kmh
        Least speed on the links, km/h.

    Raises
    ------
    EditError
        If they are that fast already by an earlier change.
    """
    chosen = select_links(network, links=links, between=between, route=route)
    before = network.roads.least_kmh
    if all(before.get(link, 0.0) >= speed_kmh for link in chosen):
        raise EditError(f"these roads have {speed_kmh:g} km/h or more already")
    network = _faster(network, chosen, speed_kmh)
    many = f"{len(chosen)} links" if len(chosen) > _NAMED else ", ".join(chosen)
    label = f"at least {speed_kmh:g} km/h on {many}"
    network = replace(network, changed=(*network.changed, Changed("roads", label, "faster")))
    return _retimed(network, chosen, f"runs on roads of at least {speed_kmh:g} km/h")


def _faster(network: Network, links: Iterable[str], speed_kmh: float) -> Network:
    before = network.roads.least_kmh
    faster = {**before, **{link: max(before.get(link, 0.0), float(speed_kmh)) for link in links}}
    return replace(network, roads=replace(network.roads, least_kmh=faster))


def _retimed(network: Network, links: Iterable[str], what: str) -> Network:
    """Return the network with new timetables for the routes over some links that gain by them."""
    touched = set(links)
    for route in network.routes:
        if touched & set(chain.from_iterable(route.leg_links)):
            new = _as_often(network, route)
            if new.services != route.services or new.leg_kmh != route.leg_kmh:
                note = Changed("timetable", f"{route.id} {what}", "retimed", route.id)
                network = with_route(network, new, [note])
    return network


def _as_often(network: Network, route: MailRoute) -> MailRoute:
    """Return a route with its timetable made anew, as often and at the hour it had."""
    starts = route.services[0].starts_s
    return timed(network, route, len(starts), min(start % DAY_S for start in starts))


def add_road(
    network: Network,
    between: Sequence[str],
    km: float,
    terrain: str | None = None,
    speed_kmh: float | None = None,
    lead_routes: bool = True,
) -> Network:
    """Build a road between two county seats or gateways.

    Later changes find their way over it, and vehicles that meet a closed road
    may go round by it.

    Parameters
    ----------
    between
        Its two ends, by id or name.
    km
        Length, at least the great circle.
    terrain
        "central", "plateau", "gorge" or "gateway"; by default that of the
        prefecture of the first end.
    speed_kmh
        Least speed on it; by default that of the kind of route.
    lead_routes
        Lead the legs of mail routes over it that went by the shortest road so
        far and now have a shorter one.  Stops, frequency and vehicles stay.

    Raises
    ------
    UnknownNameError, EditError
        If an end is unknown or no seat or gateway, the two are joined
        already, or `km` is less than the great circle or far beyond it.
    """
    places = network.places
    a, b = (find_place(places, place) for place in between)
    rows = places.row(a), places.row(b)
    for place, row in zip((a, b), rows, strict=True):
        if places.kind[row] not in ("county", "gateway"):
            raise EditError(f"roads join county seats and gateways, and {place} is a {places.kind[row]}")
    if a == b:
        raise EditError("a road has two ends")
    before = roads_of(network)
    if before.has_edge(a, b):
        raise EditError(f"the road {before.edges[a, b]['id']} joins these two already")
    check_km(places, a, b, km)
    if terrain is None:
        ground = {r["prefecture"]: str(r["terrain"]) for r in network.assumptions.table("terrain")}
        terrain = ground.get(str(places.prefecture[rows[0]]), "gateway")
    road = NewRoad(f"{a}-{b}", a, b, float(km), terrain)
    name = f"{place_name(places, a)}–{place_name(places, b)}"
    label = f"new road {road.id} ({name}, {km:,.0f} km)"
    network = replace(
        network,
        roads=replace(network.roads, built=(*network.roads.built, road)),
        changed=(*network.changed, Changed("roads", label, "added", road.id)),
    )
    if speed_kmh is not None:
        network = _faster(network, [road.id], speed_kmh)
    return _led(network, before, road.id) if lead_routes else network


def _led(network: Network, before: Any, link: str) -> Network:
    """Lead the legs over a new road that went by the shortest way `before` and have a shorter one now."""
    roads = roads_of(network)
    for route in network.routes:
        if route.mode != "road" or not any(route.leg_links):
            continue
        km, links = list(route.leg_km), list(route.leg_links)
        for leg, (a, b) in enumerate(pairwise(route.stops)):
            known = network.region, network.places, network.assumptions, network.year, "road", a, b
            try:
                now = find_leg(*known, roads)
            except NoWayError:
                continue
            if link not in now.links or now.km >= km[leg]:
                continue
            if links[leg] != find_leg(*known, before).links:
                continue  # it went another way for a reason
            km[leg], links[leg] = now.km, now.links
        if links != list(route.leg_links):
            new = replace(route, leg_km=tuple(km), leg_links=tuple(links))
            length = f"{new.km:,.0f} km instead of {route.km:,.0f}"
            what = f"rerouted {route.id} (over the new road {link}, {length})"
            new = replace(new, reason=f"{route.reason}; led over a new road by the scenario")
            new = _as_often(network, new)
            network = with_route(network, new, [Changed("road_route_km", what, "rerouted", route.id)])
    return network
