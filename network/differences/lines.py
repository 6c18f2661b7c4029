"""Differences of mail routes and roads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from network.differences.rows import Difference, counted, more, number
from network.edit.basics import clock, place_name
from network.model.network import Network
from network.model.records import DAY_S, MODES, MailRoute

__all__ = ["road_differences", "route_differences"]


def route_differences(a: Network, b: Network) -> list[Difference]:
    """Return what differs of the mail routes: totals by mode, then route by route."""
    rows = []
    for mode in MODES:
        ours = [[r for r in network.routes if r.mode == mode] for network in (a, b)]
        if [(r.id, r.km) for r in ours[0]] != [(r.id, r.km) for r in ours[1]]:
            lengths = [sum(r.km for r in routes) for routes in ours]
            rows += counted("routes", f"{mode} routes", [len(routes) for routes in ours])
            if round(lengths[0]) != round(lengths[1]):
                rows += counted("routes", f"{mode} routes, km one way", map(round, lengths))
    before, after, both = _paired(a, b)
    rows += [_one(a, route, "only in the first", True) for route in before]
    rows += [_one(b, route, "only in the second", False) for route in after]
    rows += [row for one, two in both if (row := _changed(a, b, one, two))]
    return rows


def _paired(
    a: Network, b: Network
) -> tuple[list[MailRoute], list[MailRoute], list[tuple[MailRoute, MailRoute]]]:
    """Pair routes: by id if they go along the same stops or a scenario moved one, then by their stops."""
    by_id = {route.id: route for route in b.routes}
    moved = {note.subject for network in (a, b) for note in network.changed if note.done == "rerouted"}
    pairs, left = [], []
    for route in a.routes:
        other = by_id.get(route.id)
        same_way = other is not None and (other.stops == route.stops or route.id in moved)
        if other is not None and other.mode == route.mode and same_way:
            pairs.append((route, by_id.pop(route.id)))
        else:
            left.append(route)
    by_way = {(r.mode, r.stops, r.carrier): r for r in by_id.values()}
    only = []
    for route in left:
        other = by_way.pop((route.mode, route.stops, route.carrier), None)
        if other is None:
            only.append(route)
        else:
            pairs.append((route, other))
    return only, list(by_way.values()), pairs


def _name(route: MailRoute) -> str:
    return f"{route.name} ({route.id})"


def _way(network: Network, route: MailRoute) -> str:
    names = "–".join(place_name(network.places, stop) for stop in route.stops)
    return f"{names}, {route.km:,.0f} km"


def _runs(route: MailRoute) -> int:
    return len(route.services[0].starts_s) if route.services else 0


def _one(network: Network, route: MailRoute, note: str, first: bool) -> Difference:
    said = f"{_way(network, route)}, {_runs(route)} a week, {route.vehicles_per_trip} × {route.vehicle}"
    weight = route.km * _runs(route) * route.vehicles_per_trip
    return Difference(
        "routes", _name(route), said if first else "", "" if first else said, note, weight, True
    )


def _changed(a: Network, b: Network, one: MailRoute, two: MailRoute) -> Difference | None:
    was, now = [], []

    def differ(before: str, after: str) -> None:
        if before != after:
            was.append(before)
            now.append(after)

    if one.stops != two.stops or round(one.km, 3) != round(two.km, 3):
        differ(_way(a, one), _way(b, two))
    differ(f"{_runs(one)} a week", f"{_runs(two)} a week")
    differ(f"from {_leaves(one)}", f"from {_leaves(two)}")
    differ(f"{one.vehicles_per_trip} × {one.vehicle}", f"{two.vehicles_per_trip} × {two.vehicle}")
    differ(f"{_hours(one):.1f} h", f"{_hours(two):.1f} h")
    differ(f"for {one.carrier}", f"for {two.carrier}")
    if not was:
        return None
    km = [r.km * _runs(r) * r.vehicles_per_trip for r in (one, two)]
    what = _name(two) if one.id == two.id else f"{_name(one)}, in the second {two.id}"
    same = round(km[0]) == round(km[1]) or two.mode != "road"
    note = "" if same else more(2 * km[0], 2 * km[1], "vehicle-km a week")
    return Difference("routes", what, ", ".join(was), ", ".join(now), note, abs(km[1] - km[0]) + 1, True)


def _leaves(route: MailRoute) -> str:
    starts = route.services[0].starts_s if route.services else (0,)
    return clock(min(start % DAY_S for start in starts))


def _hours(route: MailRoute) -> float:
    return route.services[0].arrive_s[-1] / 3600 if route.services else 0.0


def road_differences(a: Network, b: Network) -> list[Difference]:
    """Return what differs of the roads: new ones, faster ones, closed ones."""
    rows = []
    ours, theirs = (
        {road.id: f"{place_name(n.places, road.a)}–{place_name(n.places, road.b)}, {road.km:,.0f} km"
         for road in n.roads.built}
        for n in (a, b)
    )  # fmt: skip
    for name in dict.fromkeys([*ours, *theirs]):
        if ours.get(name) != theirs.get(name):
            rows.append(
                Difference("roads", f"new road {name}", ours.get(name, ""), theirs.get(name, ""), "", 3)
            )
    quick = [n.roads.least_kmh for n in (a, b)]
    changed: Counter[tuple[str, str]] = Counter()
    for link in dict.fromkeys([*quick[0], *quick[1]]):
        speeds = [f"at least {q[link]:g} km/h" if link in q else "" for q in quick]
        if speeds[0] != speeds[1]:
            changed[speeds[0], speeds[1]] += 1
    for (one, two), links in changed.items():
        rows.append(
            Difference(
                "roads", f"{number(links)} link{'s' if links > 1 else ''} made faster", one, two, "", 2
            )
        )
    closed = [list(_closures(n)) for n in (a, b)]
    rows += [
        Difference("roads", said, "closed", "", "", 1, True) for said in closed[0] if said not in closed[1]
    ]
    rows += [
        Difference("roads", said, "", "closed", "", 1, True) for said in closed[1] if said not in closed[0]
    ]
    return rows


def _closures(network: Network) -> Iterator[str]:
    for closure in network.roads.closures:
        yield f"{', '.join(closure.links)} {closure.when}"
