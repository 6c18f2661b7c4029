"""From a report to a network that equals it: the builder, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import networkx as nx

from network.capacity.sizing import size_centres, size_routes
from network.demand.rates import daily_delivery, make_rates
from network.errors import FleetError
from network.fit.air import AirTotals, fit_air
from network.fit.road import RoadTotals, fit_road
from network.fleet.vehicles import place_fleet, vehicles_for_route
from network.geography.roads import road_graph
from network.geography.seats import seats
from network.geography.settlements import build_places
from network.inputs.assumptions import Assumptions
from network.inputs.figures import Figure, Report
from network.inputs.tables import Region, load_region
from network.lastmile.outlets import (
    place_counters,
    place_express_outlets,
    place_postal_outlets,
    place_stations,
)
from network.lastmile.rounds import draft_rounds
from network.linehaul.rail import rail_route
from network.linehaul.timetable import default_per_week, schedule
from network.model.network import CarriedBack, Network
from network.model.records import Centre, MailRoute, Outlet, Places
from network.model.settings import Settings
from network.model.vehicle_classes import vehicle_classes
from network.model.working_hours import shifts
from network.operator.planned import planned

__all__ = ["build_network", "make_centres", "round_bases"]

# Where figures of an early year come from when its report is silent.
LATER_YEAR = 2021


class _Figures:
    """Figures of a report; those it does not print are carried back from the later one."""

    def __init__(self, report: Report, region: Region) -> None:
        self.report = report
        self._later = None if report.year == LATER_YEAR else region.report(LATER_YEAR)
        self.carried: dict[str, str] = {}  # in words, by name of the figure

    def __call__(self, name: str) -> Figure:
        if name in self.report.figures or self._later is None:
            return self.report[name]
        figure = self._later[name]
        self.carried[name] = f"{name} = {figure.value:g} {figure.unit} ({figure.date})"
        return figure

    def count(self, name: str) -> int:
        return round(self(name).value)


def build_network(
    region: str | Region = "xizang",
    year: int = 2021,
    *,
    report: Report | None = None,
    assumptions: Assumptions | None = None,
    settings: Settings | None = None,
    progress: Callable[[str], None] | None = None,
) -> Network:
    """Build the network of a region and year whose totals equal its report.

    Parameters
    ----------
    region
        One of the package's, by name, or one of one's own.
    year
        Of the report; roads, lines and airports opened later are left out.
    report, assumptions
        By default those that come with the region.
    settings
        How to read and draw it (rule 6).
    progress
        Called with the name of each step.

    Raises
    ------
    InputErrors
        If the report is wrong, or no network fits the totals.
    """
    say = progress or (lambda step: None)
    chosen = settings or Settings()
    say("tables")
    tables = load_region(region) if isinstance(region, str) else region
    a = assumptions or tables.assumptions
    given = report or tables.report(year)
    figures = _Figures(given, tables)
    roads = road_graph(tables, year)

    say("places")
    places = build_places(tables, a, year, chosen.seed, figures.count("administrative_villages"))
    say("routes")
    routes = _fit(tables, roads, places, figures, a, year, chosen)
    routes = tuple(schedule(route, default_per_week(route, a), a) for route in routes)
    if chosen.own_lines:
        routes = _parallel(routes)
    no_road = _without_stop(tables, routes)
    outlets = _outlets(tables, places, figures, a, year)
    stations = place_stations(places, figures.count("village_stations"))

    say("rounds")
    rates = make_rates(places, given, a, roads)
    _, kg, m3 = daily_delivery(rates)
    bases = round_bases(tables, places, routes)

    drafts = draft_rounds(places, bases, kg, m3, a, foot_counties=frozenset(no_road))
    network = Network(
        region=tables,
        year=year,
        places=places,
        routes=routes,
        vehicle_classes=vehicle_classes(a),
        centres=make_centres(tables, places, routes, a),
        outlets=outlets,
        stations=stations,
        rounds=drafts.within(None),
        vehicles=(),
        report=given,
        assumptions=a,
        settings=chosen,
    )
    say("capacity")
    routes, _, loads = size_routes(network, rates)
    total = figures.count("vehicles")
    counted = [r for r in routes if not chosen.post_only or r.carrier != "express"]
    linehaul = sum(
        vehicles_for_route(route, a) for route in counted if network.vehicle_classes[route.vehicle].counted
    )
    try:
        rounds = drafts.within(total - linehaul)
    except FleetError as error:
        raise FleetError(
            f"{total:,} vehicles are too few: mail routes need {linehaul:,} and rounds at their lowest "
            f"frequencies {error.needed:,}, together {linehaul + error.needed:,} or more",
            linehaul + error.needed,
            total,
        ) from None
    say("fleet")
    by_kind = replace(
        network,
        routes=routes,
        rounds=rounds,
        centres=size_centres(network.centres, loads.handled, a),
        vehicles=place_fleet(counted, rounds, total, network.vehicle_classes, a),
        carried_back=_carried(figures, tables, no_road, year),
    )
    return planned(by_kind) if chosen.timetable == "planned" else by_kind


def _fit(
    tables: Region,
    roads: nx.Graph,
    places: Places,
    figures: _Figures,
    a: Assumptions,
    year: int,
    settings: Settings,
) -> tuple[MailRoute, ...]:
    """Return road, rail and air routes whose totals equal the report."""
    length = figures("road_route_km")
    road = RoadTotals(figures.count("road_routes"), length.value, length.precision)
    air_length = figures("air_route_km")
    air = AirTotals(figures.count("air_routes"), air_length.value, air_length.precision)
    # by air first: a refusal comes soon
    by_air = fit_air(tables, places, air, a, year, settings.draw, settings.seed)
    by_road = fit_road(tables, roads, places, road, a, year, settings.draw, settings.seed)
    return (*by_road, rail_route(tables, a, year), *by_air)


def _parallel(routes: tuple[MailRoute, ...]) -> tuple[MailRoute, ...]:
    """Give the express firms lines of their own beside the post's (the other reading of rule 6)."""
    post = tuple(replace(route, carrier="post") for route in routes)
    express = tuple(
        replace(
            route,
            id=f"express-{route.id}",
            name=f"{route.name} (express)",
            carrier="express",
            reason="the express firms' own line beside the post's: express_linehaul = own (assumed)",
        )
        for route in routes
    )
    return post + express


def _outlets(
    tables: Region, places: Places, figures: _Figures, a: Assumptions, year: int
) -> tuple[Outlet, ...]:
    postal = place_postal_outlets(places, figures.count("postal_outlets"), a)
    brands, firms = figures.count("express_brands"), figures.count("express_firms")
    count = figures.count("express_outlets")
    if count:
        return postal + place_express_outlets(places, count, brands, firms, a, year)
    where = tuple(seats(tables, a).prefecture.values())
    return postal + place_counters(places, where, brands, firms, a, year)


def _without_stop(tables: Region, routes: tuple[MailRoute, ...]) -> dict[str, str]:
    """Return the counties at which no route stops, with the nearest county at which one does."""
    served = {stop for route in routes for stop in route.stops}
    by_code = {county.code: county for county in tables.counties}
    reasons = {}
    for code, county in by_code.items():
        if code in served:
            continue
        near = min(
            (other for other in by_code.values() if other.code in served),
            key=lambda o: (o.lat - county.lat) ** 2 + (0.87 * (o.lon - county.lon)) ** 2,  # cos 29.5°
        )
        reasons[code] = near.code
    return reasons


def round_bases(tables: Region, places: Places, routes: tuple[MailRoute, ...]) -> dict[str, str]:
    """Return the stop at which rounds begin, for each county and each township that is a stop itself."""
    served = {stop for route in routes if route.carrier != "express" for stop in route.stops}
    away = _without_stop(tables, routes)
    bases = {county.code: away.get(county.code, county.code) for county in tables.counties}
    townships = places.id[places.kind == "township"]
    return bases | {str(place): str(place) for place in townships if str(place) in served}


def make_centres(
    tables: Region, places: Places, routes: tuple[MailRoute, ...], a: Assumptions
) -> tuple[Centre, ...]:
    """Return a centre for every stop of a route, without lanes yet, in order of the places table."""
    served = {places.row(stop) for route in routes for stop in route.stops}
    seat = seats(tables, a)
    hour = 3600
    usual = {mode: round(a[f"{mode}_handling_h"] * hour) for mode in ("road", "rail", "air")}
    usual["collect"] = round(a["collect_handling_h"] * hour)
    outside = dict.fromkeys(usual, round(a["gateway_handling_h"] * hour))
    centres = []
    for row in sorted(served):
        kind, place = str(places.kind[row]), str(places.id[row])
        if kind == "gateway":
            centres.append(Centre(place, "gateway", outside))
        elif kind == "county":
            tier = seat.tier(place)
            pause = a["shift_pause_min"]
            work = shifts(a[f"{tier}_opens_h"], a[f"{tier}_closes_h"], pause)
            centres.append(Centre(place, tier, usual, shifts_s=work))
        else:
            centres.append(Centre(place, "township", usual))
    return tuple(centres)


def _carried(
    figures: _Figures, tables: Region, no_road: Mapping[str, str], year: int
) -> tuple[CarriedBack, ...]:
    """Say what an early year takes over from the later report, and what it leaves out."""
    if not figures.carried:
        return ()
    notes = [CarriedBack(name, f"carried back: {text}") for name, text in figures.carried.items()]
    late = [
        f"{link.from_zh}–{link.to_zh} ({link.opened_year})"
        for link in tables.roads
        if link.opened_year is not None and link.opened_year > year
    ]
    if late:
        notes.append(CarriedBack("", "left out, opened later: roads " + ", ".join(late)))
    names = {county.code: county.name_en for county in tables.counties}
    notes += [
        CarriedBack("", f"{names[county]} has no road in {year}: its mail goes on foot from {names[stop]}")
        for county, stop in no_road.items()
    ]
    return tuple(notes)
