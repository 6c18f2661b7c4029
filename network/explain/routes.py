"""Where the stops, lengths, times and vehicles of mail routes come from."""

from __future__ import annotations

from network.edit.basics import clock
from network.explain.ends import Ends, Said, Told
from network.explain.places import point
from network.explain.provenance import Provenance
from network.inputs.tables import Station
from network.model.records import DAY_S, MailRoute
from network.model.working_hours import ready_at
from network.operator.planned import planned_route

__all__ = [
    "demand",
    "route_choice",
    "route_choice_reason",
    "route_departs",
    "route_hours",
    "route_km",
    "route_per_week",
    "route_vehicle",
    "route_vehicles",
    "vehicle_class",
]

# What a mean day's load rests on, beside the published express items.
_DEMAND = (
    "urban_rural_ratio",
    "inbound_ratio",
    "intra_city_share",
    "intra_region_share",
    "gravity_exponent",
    "gravity_offset_km",
    "item_kg",
    "items_per_m3",
    "air_share",
)
_SPEED = {"trunk": "trunk_speed_kmh", "cross-border": "trunk_speed_kmh"}
_DRIVING = ("drive_block_h", "rest_min", "driver_day_h", "drivers_per_long_trip", "night_stop_h", "stop_min")
_RUNNING = {
    "rail": ("rail_speed_kmh", "rail_stop_min"),
    "air": ("air_speed_kmh", "air_block_min", "air_stop_min"),
}
_PER_WEEK = {"chain": "feeder_per_week", "non-stop": "air_per_week", "through": "air_per_week"}
_DEPARTS = {"chain": "feeder", "inter-prefecture": "feeder", "non-stop": "air", "through": "air"}
_FIGURE = {"road": "road_route", "rail": "rail_route", "air": "air_route"}
_CLASS = {
    "truck-4.2": "truck42",
    "truck-6.8": "truck68",
    "truck-9.6": "truck96",
    "mail-car": "mail_car",
    "foot": "porter",
}
CONNECTS_S = 6 * 3600  # what is ready so long before a departure counts as its connections
# What decides on a kind of route beside the published totals.
_CHOICE = {
    "trunk": ("trunk_detour", "trunk_alternative_detour", "relay_wait_h"),
    "chain": ("chain_detour", "max_chain_counties"),
    "inter-prefecture": ("max_lateral_km", "max_lateral_share", "lateral_mail_share"),
    "cross-border": ("max_cross_border_km", "min_cross_border_routes"),
    "non-stop": ("air_medium_confidence_worth", "air_low_confidence_worth"),
    "branch": ("max_branch_share", "max_branches_per_county", "branch_saves_h"),
}


def route_km(ends: Ends, route: MailRoute) -> Said:
    """Tell the length of a route, leg by leg."""
    names = [ends.name(stop) for stop in route.stops]
    parts = [f"{a}–{b} {km:,.1f}" for a, b, km in zip(names, names[1:], route.leg_km, strict=False)]
    steps = ["one-way km is the sum of its legs: " + " + ".join(parts)]
    origins: list[Provenance] = []
    if route.km_given:
        steps.append("the scenario gives them")
    elif route.mode == "road":
        for link in dict.fromkeys(link for leg in route.leg_links for link in leg):
            origins += _link(ends, link, steps)
    elif route.mode == "rail":
        steps.append("km along the line, stretched to the timetable distance where that is known")
        origins += _line(ends, route)
    else:
        steps.append("great circles between the airports that stand for its stops")
        for stop in route.stops:
            origins += _airport(ends, stop)
    if not origins or not route.base:
        origins += _added(ends, route)
    return route.km, steps, origins + _rerouted(ends, route)


def _link(ends: Ends, link: str, steps: list[str]) -> list[Provenance]:
    a, b = link.split("-", 1)
    for name in (link, f"{b}-{a}"):
        if ends.has("roads", name):
            return ends.row("roads", name)
    if built := ends.changed("roads", "added", link):
        return built
    town = ends.places.row(max(a, b, key=len))
    terrain = next(
        row["terrain"]
        for row in ends.network.assumptions.table("terrain")
        if row["prefecture"] == str(ends.places.prefecture[town])
    )
    steps.append(f"link {link} is synthetic: great circle × circuity_{terrain}")
    above, origins = point(ends, town)
    steps += above
    return [
        *ends.assumed(f"circuity_{terrain}"),
        *ends.listed("terrain", str(ends.places.prefecture[town])),
        *origins,
    ]


def _line(ends: Ends, route: MailRoute) -> list[Provenance]:
    """Return the stations nearest to the stops of a rail route, on the line that they share."""
    places = ends.places
    rows = [places.row(stop) for stop in route.stops]

    def away(station: Station, row: int) -> float:
        return float((station.lat - places.lat[row]) ** 2 + (station.lon - places.lon[row]) ** 2)

    lines: dict[str, list[Station]] = {}
    for station in ends.region.stations:
        lines.setdefault(station.line, []).append(station)
    near = {
        name: [min(stations, key=lambda s: away(s, row)) for row in rows] for name, stations in lines.items()
    }
    line = min(near, key=lambda name: sum(map(away, near[name], rows)))
    origins = [origin for station in near[line] for origin in ends.row("stations", f"{line} {station.seq}")]
    for row in ends.network.assumptions.table("rail_timetable"):
        if row["line"] == line:
            origins += ends.listed("rail_timetable", row["from"], "from")
    return origins


def _airport(ends: Ends, stop: str) -> list[Provenance]:
    """Return the airport that stands for a stop: the one of a seat, or the oldest of a gateway."""
    serving = {
        row["county"]: row["airport"] for row in ends.network.assumptions.table("seats") if "airport" in row
    }
    if stop in serving:
        return ends.listed("seats", stop) + ends.row("airports", serving[stop])
    airports = [airport for airport in ends.region.airports if airport.node == stop]
    return ends.row("airports", min(airports, key=lambda a: (a.opened or 0, a.iata)).iata) if airports else []


def _added(ends: Ends, route: MailRoute) -> list[Provenance]:
    return [Provenance("assumed", f"scenario {route.id}", f"a change of the scenario: {route.reason}")]


def _rerouted(ends: Ends, route: MailRoute) -> list[Provenance]:
    names = (f"{route.mode}_route_km", "express_lines")
    return [origin for name in names for origin in ends.changed(name, "rerouted", route.id)]


def _totals(ends: Ends, route: MailRoute) -> list[Provenance]:
    name = _FIGURE[route.mode]
    return ends.figure(f"{name}s", f"{name}_km")


def route_choice(ends: Ends, route: MailRoute) -> Said:
    """Tell why a route is there, with its stops."""
    return route.stops, *_choice(ends, route)


def route_choice_reason(ends: Ends, route: MailRoute) -> Said:
    """Tell why a route is there, with its reason."""
    steps, origins = _choice(ends, route)
    return route.reason, steps[-1:], origins


def _choice(ends: Ends, route: MailRoute) -> Told:
    if not route.base:
        return ["a scenario added it"], _added(ends, route) + _rerouted(ends, route)
    names = (f"{route.mode}_routes", "express_lines")  # a new road only changes its km
    if any(ends.changed(name, "rerouted", route.id) for name in names):
        steps = ["chosen with the base, and led along other stops by the scenario", route.reason]
        return steps, _totals(ends, route) + route_km(ends, route)[2]
    steps = [route.reason] if route.reason else []
    steps.append(
        "chosen from a pool of plausible routes so that their number and length are the published ones"
    )
    origins = _totals(ends, route) + ends.assumed(*_CHOICE.get(route.kind, ()))
    called = [origin for origin in _planned(ends, route) if "calls at" in origin.statement]
    return steps, origins + route_km(ends, route)[2] + called


def route_per_week(ends: Ends, route: MailRoute) -> Said:
    """Tell how often a route runs."""
    value = len(route.services[0].starts_s) if route.services else 0
    if not route.base:
        return value, ["a scenario set it"], _added(ends, route)
    far = route.kind == "trunk" and route.km > ends.network.assumptions["remote_trunk_km"]
    kind = "remote_trunk_per_week" if far else _PER_WEEK.get(route.kind, f"{route.kind}_per_week")
    names = [kind.replace("-", "_")] + (["remote_trunk_km"] if route.kind == "trunk" else [])
    steps = ["the assumed frequency of its kind of route; size is met by vehicles, not by more trips"]
    return value, steps, ends.assumed(*names) + ends.changed("timetable", subject=route.id)


def route_departs(ends: Ends, route: MailRoute) -> Said:
    """Tell when a route's first outward trip of the week leaves."""
    value = route.services[0].starts_s[0] if route.services else None
    changed = ends.changed("timetable", subject=route.id)
    if origins := _planned(ends, route):
        return (
            value,
            ["seconds of the week; the operator chose the hour", *_serves(ends, route)],
            [
                *origins,
                *changed,
            ],
        )
    kind = _DEPARTS.get(route.kind, route.kind).replace("-", "_")
    origins = ends.assumed(f"{kind}_departs_h") + ([] if route.base else _added(ends, route))
    return value, ["seconds of the week; the assumed hour of its kind of route"], origins + changed


def _planned(ends: Ends, route: MailRoute) -> list[Provenance]:
    """Return what the operator chose of a route; nothing where its hour is that of its kind."""
    by_plan = ends.network.settings.timetable == "planned" and route.base
    row = planned_route(ends.network, route) if by_plan else None
    if row is None:
        return []
    halts = ", with calls at " + ", ".join(map(ends.name, row.calls)) if row.calls else ""
    text = f"departure at {clock(round(row.departs_h * 3600))}{halts}: found by the search of rule 7"
    key = f"planned_routes {row.year} {';'.join(row.stops)}"
    return [Provenance("planned", key, text), *ends.assumed("earliest_return_h", "latest_return_h")]


def _serves(ends: Ends, route: MailRoute) -> list[str]:
    """Return which trips bring mail to its first stop within a few hours before it leaves."""
    network, stop = ends.network, route.stops[0]
    leaves = route.services[0].starts_s[0]
    centre = network.centres[network.stop_row[stop]]
    brings = []
    for other in network.routes:
        for service in other.services if other.id != route.id else ():
            if stop in service.stops[1:]:
                comes = service.starts_s[0] + service.arrive_s[service.stops.index(stop)]
                ready = ready_at(centre, comes + centre.handling_s[other.mode])
                gap = (leaves - ready) % DAY_S
                if gap <= CONNECTS_S:
                    brings.append((gap, f"{other.name}, ready at {clock(ready % DAY_S)}"))
    comes_by = "; ".join(text for _, text in sorted(brings)[:4])
    return [f"takes on at {ends.name(stop)} what comes by {comes_by}"] if brings else []


def route_hours(ends: Ends, route: MailRoute) -> Said:
    """Tell how long the outward trip takes."""
    value = route.services[0].arrive_s[-1] / 3600 if route.services else None
    names = _RUNNING.get(route.mode, (_SPEED.get(route.kind, "county_speed_kmh"), *_DRIVING))
    _, steps, origins = route_km(ends, route)
    if route.leg_kmh:
        steps = [*steps, "speed: " + ", ".join(f"{kmh:.1f}" for kmh in route.leg_kmh) + " km/h by leg"]
        origins = origins + ends.changed("roads", "faster")
    return value, ["km over the speed, with rests and stops", *steps], ends.assumed(*names) + origins


def route_vehicle(ends: Ends, route: MailRoute) -> Said:
    """Tell which vehicle class runs on a route."""
    steps, origins = _sized(ends, route)
    return route.vehicle, steps, origins + vehicle_class(ends, route.vehicle, "payload_kg")[1]


def route_vehicles(ends: Ends, route: MailRoute) -> Said:
    """Tell how many vehicles a trip has."""
    steps, origins = _sized(ends, route)
    return route.vehicles_per_trip, steps, origins + vehicle_class(ends, route.vehicle, "payload_kg")[1]


def _sized(ends: Ends, route: MailRoute) -> Told:
    if not route.base:
        return ["a scenario set it"], _added(ends, route)
    steps = ["the smallest that keep the mean day's load at or under target_load in kg and m³"]
    return steps, ends.assumed("target_load") + demand(ends) + ends.changed("timetable", subject=route.id)


def demand(ends: Ends) -> list[Provenance]:
    return ends.figure("express_items") + ends.assumed(*_DEMAND) + ends.listed("classes")


def vehicle_class(ends: Ends, name: str, field: str) -> Told:
    """Tell the payload of a vehicle class."""
    stem = _CLASS.get(name, name)
    return [], ends.assumed(f"{stem}_{'kg' if field == 'payload_kg' else 'm3'}")
