"""The tables of a region: places, roads, air and rail, gateways, monasteries, calendar.

Every row says where it comes from and how far it can be trusted.  Loading is
strict: all problems of all tables are listed together, references between
tables included, so that a road to a county that is not there never "works".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from network.calendar import Calendar
from network.csvtable import Column, read_csv
from network.errors import InputErrors, Problem, UnknownNameError, nearest

__all__ = [
    "AirRoute",
    "Airport",
    "County",
    "Gateway",
    "Monastery",
    "Region",
    "Road",
    "Station",
    "Township",
    "load_folder",
    "load_region",
]

T = TypeVar("T")
_CONFIDENCE = ("high", "medium", "low")


@dataclass(frozen=True)
class County:
    """A county-level unit and its seat, with names and codes of 2021; degrees WGS-84, metres, people."""

    code: Annotated[str, Column(key=True)]
    name_zh: str
    name_en: str
    prefecture: str
    prefecture_zh: str
    lat: Annotated[float, Column(-90, 90)]
    lon: Annotated[float, Column(-180, 180)]
    elevation_m: Annotated[float, Column(-500, 9000)]
    population_2020: Annotated[int, Column(0)]
    population_2010: Annotated[int | None, Column(0)]  # None: counted in another county then
    border: bool
    border_touch_geom: bool
    name_2012: str
    code_2024: str
    name_2024: str
    elevation_source: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Township:
    """A township-level unit and the number of its villages and neighbourhood committees.

    `lat` and `lon` are None where no free source gives the point.
    """

    code: Annotated[str, Column(key=True)]
    name_zh: str
    kind: Annotated[str, Column(choices=("street", "town", "township", "other"))]
    county_code: str
    county_zh: str
    functional_zone: bool
    villages: Annotated[int, Column(0)]
    lat: Annotated[float | None, Column(-90, 90)]
    lon: Annotated[float | None, Column(-180, 180)]
    coord_source: Annotated[str, Column(optional=True)]
    geonames_id: Annotated[str, Column(optional=True)]
    coord_precision: Annotated[str, Column(choices=("fine", "coarse", ""), optional=True)]

    @property
    def source(self) -> str:
        """Where the row comes from."""
        point = f"; point: {self.coord_source} {self.geonames_id}" if self.coord_source else ""
        return f"china-division 2.7.0 (statistical codes of 2023){point}"

    @property
    def confidence(self) -> str:
        """Of the point: high, medium (coarse) or low (not known)."""
        return {"fine": "high", "coarse": "medium"}.get(self.coord_precision, "low")


@dataclass(frozen=True)
class Road:
    """A road link between two neighbouring seats or gateways; `opened_year` None: before 2012."""

    from_id: str
    to_id: str
    from_zh: str
    to_zh: str
    highway: str
    via: Annotated[str, Column(optional=True)]
    road_km: Annotated[float, Column(0.1, 5000)]
    great_circle_km: Annotated[float, Column(0.1, 5000)]
    circuity: Annotated[float, Column(1.0, 10)]
    terrain: Annotated[str, Column(choices=("central", "plateau", "gorge", "gateway"))]
    opened_year: Annotated[int | None, Column(1900, 2100)]
    confidence: Annotated[str, Column(choices=_CONFIDENCE)]
    source: str

    @property
    def id(self) -> str:
        """The link's id in the road graph, for example ``540102-540103``."""
        return f"{self.from_id}-{self.to_id}"


@dataclass(frozen=True)
class Airport:
    """An airport; `node` is the county it stands in, or the gateway it belongs to, or empty."""

    iata: Annotated[str, Column(key=True)]
    icao: str
    name_zh: str
    name_en: str
    lat: Annotated[float, Column(-90, 90)]
    lon: Annotated[float, Column(-180, 180)]
    elevation_m: Annotated[float, Column(-500, 9000)]
    role: str  # "other" and "foreign" have no node
    node: Annotated[str, Column(optional=True)]
    opened: Annotated[int | None, Column(1900, 2100)]
    in_2012: bool
    in_2021: bool
    source: str
    confidence: Annotated[str, Column(choices=_CONFIDENCE)]


@dataclass(frozen=True)
class AirRoute:
    """A pair of airports with a plausible non-stop service; a judgement, no schedule."""

    from_iata: str
    to_iata: str
    great_circle_km: Annotated[float, Column(1, 20_000)]
    in_openflights_2014: bool
    plausible_2012: bool
    plausible_2021: bool
    domestic: bool
    source: str
    confidence: Annotated[str, Column(choices=_CONFIDENCE)]


@dataclass(frozen=True)
class Station:
    """A railway station, with its km along the line from the line's first station."""

    line: str
    seq: Annotated[int, Column(1)]
    name_zh: str
    name_en: str
    lat: Annotated[float, Column(-90, 90)]
    lon: Annotated[float, Column(-180, 180)]
    cumulative_km: Annotated[float, Column(0)]
    km_kind: str
    opened_year: Annotated[int | None, Column(1850, 2100)]
    in_xizang: bool
    source: str
    confidence: Annotated[str, Column(choices=_CONFIDENCE)]


@dataclass(frozen=True)
class Gateway:
    """A city outside the region where mail comes in and goes out; `modes` of road, rail, air."""

    id: Annotated[str, Column(key=True)]
    name_zh: str
    name_en: str
    lat: Annotated[float, Column(-90, 90)]
    lon: Annotated[float, Column(-180, 180)]
    elevation_m: Annotated[float, Column(-500, 9000)]
    modes: tuple[str, ...]
    iata: Annotated[str, Column(optional=True)]
    source: str
    confidence: Annotated[str, Column(choices=_CONFIDENCE)]


@dataclass(frozen=True)
class Monastery:
    """A main monastery, where party newspapers are delivered."""

    id: Annotated[str, Column(key=True)]
    name_zh: str
    name_en: str
    county_code: str
    lat: Annotated[float, Column(-90, 90)]
    lon: Annotated[float, Column(-180, 180)]
    source: str
    confidence: Annotated[str, Column(choices=_CONFIDENCE)]


@dataclass(frozen=True)
class Region:
    """All tables of a region.

    `townships` leaves out the functional zones, which no census county holds;
    they are in `functional_zones`.
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
    """Read the tables that come with a region.

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
    data = files("network").joinpath("data")
    folder = data.joinpath(region)
    if not region or not folder.is_dir():
        raise UnknownNameError("region", region, sorted(p.name for p in data.iterdir() if p.is_dir()))
    return _load(region, folder)


def load_folder(folder: str | Path) -> Region:
    """Read a folder with the tables of a region of one's own; errors as for `load_region`."""
    return _load(Path(folder).name, Path(folder))


def _load(name: str, folder: Traversable) -> Region:
    problems: list[Problem] = []

    def table(file: str, cls: type[T]) -> tuple[T, ...]:
        path = folder.joinpath(file)
        if not path.is_file():
            problems.append(Problem(file, "", "", "missing", "a table of the region"))
            return ()
        rows, found = read_csv(path.read_text(encoding="utf-8"), file, cls)
        problems.extend(found)
        return rows

    counties = table("counties.csv", County)
    units = table("townships.csv", Township)
    roads = table("roads.csv", Road)
    airports = table("airports.csv", Airport)
    air_routes = table("air_routes.csv", AirRoute)
    stations = table("stations.csv", Station)
    gateways = table("gateways.csv", Gateway)
    monasteries = table("monasteries.csv", Monastery)
    calendar: Calendar | None = None
    try:
        calendar = Calendar.from_folder(folder)
    except InputErrors as error:
        problems.extend(error.problems)
    zones = tuple(unit for unit in units if unit.functional_zone)
    townships = tuple(unit for unit in units if not unit.functional_zone)
    codes = {county.code for county in counties}
    stops = codes | {gateway.id for gateway in gateways}
    if not problems:  # else every row of a broken table would count as missing
        problems += check_townships(townships, codes)
        problems += check_roads(roads, stops)
        problems += check_air(airports, air_routes, stops)
        problems += check_stations(stations)
        problems += check_gateways(gateways)
        problems += _unknown("monasteries.csv", "county_code", monasteries, "id", codes)
    if problems or calendar is None:
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
    )


def _unknown(file: str, key: str, rows: Iterable[Any], label: str, known: set[str]) -> list[Problem]:
    return [
        Problem(
            file,
            str(getattr(row, label)),
            key,
            getattr(row, key),
            "an id of another table",
            nearest(getattr(row, key), known),
        )
        for row in rows
        if getattr(row, key) not in known
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


def check_gateways(gateways: tuple[Gateway, ...]) -> list[Problem]:
    """Modes are road, rail or air, at least one."""
    return [
        Problem("gateways.csv", g.id, "modes", ";".join(g.modes), "road, rail or air, separated by ;")
        for g in gateways
        if not g.modes or not set(g.modes) <= {"road", "rail", "air"}
    ]
