"""A region: its tables of places, roads, air and rail, its calendar, assumptions, reports and growth.

`load_region` is the one reader of a region's folder; everything downstream asks the region, or the network
that holds it.

Every row says where it comes from and how far it can be trusted.  Loading is
strict: all problems of all tables are listed together, references between
tables included, so that a road to a county that is not there never "works".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field

from network.errors import InputErrors, Problem, UnknownNameError, nearest
from network.inputs.assumptions import Assumptions
from network.inputs.calendar import Calendar
from network.inputs.csv_tables import read_csv
from network.inputs.figures import Report
from network.inputs.published_volumes import Growth, load_growth
from network.inputs.reports import load_reports
from network.inputs.rows import (
    Airport,
    AirRoute,
    County,
    Gateway,
    KnownFigure,
    KnownRoute,
    Monastery,
    PlannedRounds,
    PlannedRoute,
    Road,
    Station,
    Township,
)
from network.inputs.texts import read_text
from network.inputs.validation import Note, Number, Row, read_toml

__all__ = [
    "AirRoute",
    "Airport",
    "County",
    "Gateway",
    "KnownFigure",
    "KnownRoute",
    "Monastery",
    "Region",
    "Road",
    "Station",
    "Township",
    "load_folder",
    "load_region",
    "regions",
]

T = TypeVar("T")


def regions() -> list[str]:
    """Return the names of the regions of the package, ascending: folders of its data with assumptions."""
    folders = files("network").joinpath("data").iterdir()
    return sorted(folder.name for folder in folders if folder.joinpath("assumptions.toml").is_file())


@dataclass(frozen=True)
class _Area(Row):
    """The file ``area.toml``."""

    area_km2: Annotated[Number, Field(ge=1, le=510e6)]  # the Earth's
    source: Note = ""


@dataclass(frozen=True, eq=False)
class Region:
    """All that the folder of a region says, as it says it.

    `townships` leaves out the functional zones, which no census county holds;
    they are in `functional_zones`.  A network has assumptions of its own, and
    a calendar under them: see `network.model.network.Network`.
    """

    name: str
    counties: tuple[County, ...]
    townships: tuple[Township, ...]
    functional_zones: tuple[Township, ...]
    roads: tuple[Road, ...]
    airports: tuple[Airport, ...]
    air_routes: tuple[AirRoute, ...]
    stations: tuple[Station, ...]
    gateways: tuple[Gateway, ...]
    monasteries: tuple[Monastery, ...]
    calendar: Calendar
    assumptions: Assumptions
    reports: Mapping[int, Report]
    growth: Growth | None
    area_km2: float | None  # None where nobody wrote it down
    known_routes: tuple[KnownRoute, ...] = ()
    known_figures: tuple[KnownFigure, ...] = ()
    planned_routes: tuple[PlannedRoute, ...] = ()
    planned_rounds: tuple[PlannedRounds, ...] = ()

    def report(self, year: int) -> Report:
        """Return the report of a year.

        Raises
        ------
        UnknownNameError
            If the region has no report of that year.
        """
        try:
            return self.reports[year]
        except KeyError:
            raise UnknownNameError(
                f"report year of {self.name}", str(year), [str(known) for known in self.reports]
            ) from None

    def published_growth(self) -> Growth:
        """Return what the region's data say of growth.

        Raises
        ------
        InputErrors
            If they say nothing.
        """
        if self.growth is None:
            allowed = "a region whose data hold growth.toml: points of demand by year"
            raise InputErrors([Problem("growth.toml", "", "region", self.name, allowed)])
        return self.growth

    def county(self, code: str) -> County:
        """Return a county by its code of 2021.

        Raises
        ------
        UnknownNameError
            If the region has no such county.
        """
        for county in self.counties:
            if county.code == code:
                return county
        raise UnknownNameError("county", code, [c.code for c in self.counties])


def load_region(region: str = "xizang") -> Region:
    """Read a region that comes with the package.

    Raises
    ------
    UnknownNameError
        If the package has no such region.
    InputErrors
        If a table is wrong; all problems of all tables together.

    Examples
    --------
    >>> region = load_region("xizang")
    >>> len(region.counties), len(region.townships), sum(t.villages for t in region.townships)
    (74, 701, 5576)
    """
    if region not in regions():
        raise UnknownNameError("region", region, regions())
    return _bundled(region)


@cache
def _bundled(region: str) -> Region:
    """Read a region of the package once: its tables never change, and nothing can be written to them."""
    return _load(region, files("network").joinpath("data", region))


def load_folder(folder: str | Path) -> Region:
    """Read a folder with the tables of a region of one's own; errors as for `load_region`."""
    return _load(Path(folder).name, Path(folder))


def _load(name: str, folder: Traversable) -> Region:
    problems: list[Problem] = []

    def table(file: str, cls: type[T], unique: str = "", needed: bool = True) -> tuple[T, ...]:
        path = folder.joinpath(file)
        if not path.is_file():
            problems.extend([Problem(file, "", "", "missing", "a table of the region")] * needed)
            return ()
        rows, wrong = part(lambda: read_csv(read_text(path), file, cls, unique)) or ((), [])
        problems.extend(wrong)
        return rows

    def part(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except InputErrors as error:
            problems.extend(error.problems)
            return None

    counties = table("counties.csv", County, "code")
    units = table("townships.csv", Township, "code")
    roads = table("roads.csv", Road)
    airports = table("airports.csv", Airport, "iata")
    air_routes = table("air_routes.csv", AirRoute)
    stations = table("stations.csv", Station)
    gateways = table("gateways.csv", Gateway, "id")
    monasteries = table("monasteries.csv", Monastery, "id")
    known_routes = table("known_routes.csv", KnownRoute, "code", needed=False)
    known_figures = table("known_figures.csv", KnownFigure, needed=False)
    planned_routes = table("planned_routes.csv", PlannedRoute, needed=False)
    planned_rounds = table("planned_rounds.csv", PlannedRounds, needed=False)
    assumptions = part(lambda: Assumptions.load_folder(folder))
    calendar = part(lambda: Calendar.from_folder(folder, assumptions)) if assumptions else None
    reports = part(lambda: load_reports(folder)) or {}
    growth = part(lambda: load_growth(folder, reports))
    area_km2 = part(lambda: _area_km2(folder))
    zones = tuple(unit for unit in units if unit.functional_zone)
    townships = tuple(unit for unit in units if not unit.functional_zone)
    codes = {county.code for county in counties}
    stops = codes | {gateway.id for gateway in gateways}
    if not problems:  # else every row of a broken table would count as missing
        problems += check_townships(townships, codes)
        problems += check_roads(roads, stops)
        problems += check_air(airports, air_routes, stops)
        problems += check_stations(stations)
        problems += check_gateways(gateways, codes)
        problems += _unknown("monasteries.csv", "county_code", monasteries, "id", codes)
        problems += check_known_routes(known_routes, stops | {unit.code for unit in townships})
        problems += check_planned(planned_routes, planned_rounds, stops | {unit.code for unit in townships})
        problems += check_outside(assumptions, {gateway.id for gateway in gateways})
    if problems or calendar is None or assumptions is None:
        raise InputErrors(problems)
    return Region(
        name,
        counties,
        townships,
        zones,
        roads,
        airports,
        air_routes,
        stations,
        gateways,
        monasteries,
        calendar,
        assumptions,
        reports,
        growth,
        area_km2,
        known_routes,
        known_figures,
        planned_routes,
        planned_rounds,
    )


def _area_km2(folder: Traversable) -> float | None:
    path = folder.joinpath("area.toml")
    return read_toml(read_text(path), path.name, _Area).area_km2 if path.is_file() else None


def _unknown(file: str, key: str, rows: Iterable[Any], label: str, known: set[str]) -> list[Problem]:
    """Return a problem for each id of a column, or of its lists, that is unknown."""
    asked = [(str(getattr(row, label)), getattr(row, key)) for row in rows]
    ids = [(where, one) for where, cell in asked for one in ([cell] if isinstance(cell, str) else cell)]
    allowed = "an id of another table"
    return [
        Problem(file, where, key, one, allowed, nearest(one, known)) for where, one in ids if one not in known
    ]


def check_townships(townships: tuple[Township, ...], codes: set[str]) -> list[Problem]:
    """Every township lies in a county, every county has a township, points are whole."""
    problems = _unknown("townships.csv", "county_code", townships, "code", codes)
    have = {t.county_code for t in townships}
    problems += [
        Problem("townships.csv", "", "county_code", code, "at least one township")
        for code in sorted(codes - have)
    ]
    problems += [
        Problem("townships.csv", t.code, "lat, lon", (t.lat, t.lon), "both or neither")
        for t in townships
        if (t.lat is None) != (t.lon is None)
    ]
    return problems


def check_roads(roads: tuple[Road, ...], stops: set[str]) -> list[Problem]:
    """Links join known seats and gateways, once each, and are no shorter than the great circle."""
    problems = _unknown("roads.csv", "from_id", roads, "id", stops) + _unknown(
        "roads.csv", "to_id", roads, "id", stops
    )
    seen: set[frozenset[str]] = set()
    for road in roads:
        pair = frozenset((road.from_id, road.to_id))
        if len(pair) == 1 or pair in seen:
            problems.append(
                Problem("roads.csv", road.id, "from_id, to_id", road.id, "two ends, each pair once")
            )
        seen.add(pair)
        if road.road_km < road.great_circle_km:
            allowed = f"at least the great circle, {road.great_circle_km:g} km"
            problems.append(Problem("roads.csv", road.id, "road_km", road.road_km, allowed))
    return problems


def check_air(airports: tuple[Airport, ...], routes: tuple[AirRoute, ...], stops: set[str]) -> list[Problem]:
    """Airports stand at known nodes; air routes join two known airports."""
    problems = _unknown("airports.csv", "node", [a for a in airports if a.node], "iata", stops)
    known = {airport.iata for airport in airports}
    for key in ("from_iata", "to_iata"):
        problems += _unknown("air_routes.csv", key, routes, "great_circle_km", known)
    problems += [
        Problem("air_routes.csv", "", "from_iata, to_iata", r.from_iata, "two airports")
        for r in routes
        if r.from_iata == r.to_iata
    ]
    return problems


def check_stations(stations: tuple[Station, ...]) -> list[Problem]:
    """Along a line the numbers and the km increase."""
    problems = []
    last: dict[str, Station] = {}
    for station in stations:
        before = last.get(station.line)
        if before and not (before.seq < station.seq and before.cumulative_km < station.cumulative_km):
            allowed = f"beyond {before.name_en}, {before.cumulative_km:g} km"
            where = f"{station.line} {station.name_en}"
            problems.append(Problem("stations.csv", where, "cumulative_km", station.cumulative_km, allowed))
        last[station.line] = station
    return problems


def check_gateways(gateways: tuple[Gateway, ...], codes: set[str]) -> list[Problem]:
    """Modes are road, rail or air, at least one; no gateway has the code of a county."""
    problems = [
        Problem("gateways.csv", g.id, "id", g.id, "an id that no county has")
        for g in gateways
        if g.id in codes
    ]
    return problems + [
        Problem("gateways.csv", g.id, "modes", ";".join(g.modes), "road, rail or air, separated by ;")
        for g in gateways
        if not g.modes or not set(g.modes) <= {"road", "rail", "air"}
    ]


def check_planned(
    routes: tuple[PlannedRoute, ...], rounds: tuple[PlannedRounds, ...], stops: set[str]
) -> list[Problem]:
    """Planned routes stop and call at places that exist, planned rounds begin there."""
    file = "planned_routes.csv"
    problems = [
        problem for key in ("stops", "calls") for problem in _unknown(file, key, routes, "year", stops)
    ]
    return problems + _unknown("planned_rounds.csv", "base", rounds, "year", stops)


def check_known_routes(routes: tuple[KnownRoute, ...], stops: set[str]) -> list[Problem]:
    """Known routes name at least two stops that exist, each once, and end after they begin."""
    file = "known_routes.csv"
    problems = _unknown(file, "stops", routes, "code", stops)
    problems += [
        Problem(file, route.code, "stops", ";".join(route.stops), "at least two, each once, separated by ;")
        for route in routes
        if len(set(route.stops)) < max(2, len(route.stops))
    ]
    return problems + [
        Problem(file, route.code, "until", route.until, f"{route.since} or later")
        for route in routes
        if route.until is not None and route.since is not None and route.until < route.since
    ]


def check_outside(assumptions: Assumptions | None, gateways: set[str]) -> list[Problem]:
    """Outside origins come in through known gateways."""
    return [
        Problem(
            "assumptions.toml",
            f"outside {row['code']}",
            "gateway",
            entry["gateway"],
            "an id of gateways.csv",
            nearest(entry["gateway"], gateways),
        )
        for row in (assumptions.table("outside") if assumptions else ())
        for entry in row["entries"]
        if entry["gateway"] not in gateways
    ]
