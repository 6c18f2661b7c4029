"""One row of each table of a region; the fields are the columns of the CSV file.

Degrees are WGS-84, distances km, elevations metres.  `source` says where the
row comes from and `confidence` how far to trust it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from network.inputs.csv_tables import Parts, Printed
from network.inputs.validation import Choice, Row, Text

__all__ = [
    "USES",
    "AirRoute",
    "Airport",
    "County",
    "Gateway",
    "KnownFigure",
    "KnownRoute",
    "Monastery",
    "PlannedRounds",
    "PlannedRoute",
    "Road",
    "Station",
    "Township",
]

#: What a known route is for: a network must have it, should have it, or is tested by it.
USES = ("required", "preferred", "held out")

Confidence = Annotated[str, Choice("high", "medium", "low")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Metres = Annotated[float, Field(ge=-500, le=9000)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Year = Annotated[int, Field(ge=1900, le=2100)]


@dataclass(frozen=True, kw_only=True)
class County(Row):
    """A county-level unit and its seat, with names and codes of 2021; degrees WGS-84, metres, people."""

    code: Text
    name_zh: Text
    name_en: Text
    prefecture: Text
    prefecture_zh: Text
    lat: Latitude
    lon: Longitude
    elevation_m: Metres
    population_2020: Count
    population_2010: Count | None = None  # None: counted in another county then
    border: Printed
    border_touch_geom: Printed
    name_2012: Text
    code_2024: Text
    name_2024: Text
    elevation_source: Text
    source: Text
    confidence: Text


@dataclass(frozen=True, kw_only=True)
class Township(Row):
    """A township-level unit and the number of its villages and neighbourhood committees.

    `lat` and `lon` are None where no free source gives the point.
    """

    code: Text
    name_zh: Text
    kind: Annotated[str, Choice("street", "town", "township", "other")]
    county_code: Text
    county_zh: Text
    functional_zone: Printed
    villages: Count
    lat: Latitude | None = None
    lon: Longitude | None = None
    coord_source: str = ""
    geonames_id: str = ""
    coord_precision: Annotated[str, Choice("fine", "coarse", "")] = ""

    @property
    def source(self) -> str:
        """Where the row comes from."""
        point = f"; point: {self.coord_source} {self.geonames_id}" if self.coord_source else ""
        return f"china-division 2.7.0 (statistical codes of 2023){point}"

    @property
    def confidence(self) -> str:
        """Of the point: high, medium (coarse) or low (not known)."""
        return {"fine": "high", "coarse": "medium"}.get(self.coord_precision, "low")


@dataclass(frozen=True, kw_only=True)
class Road(Row):
    """A road link between two neighbouring seats or gateways; `opened_year` None: before 2012."""

    from_id: Text
    to_id: Text
    from_zh: Text
    to_zh: Text
    highway: Text
    via: str = ""
    road_km: Annotated[float, Field(ge=0.1, le=5000)]
    great_circle_km: Annotated[float, Field(ge=0.1, le=5000)]
    circuity: Annotated[float, Field(ge=1.0, le=10)]
    terrain: Annotated[str, Choice("central", "plateau", "gorge", "gateway")]
    opened_year: Year | None = None
    confidence: Confidence
    source: Text

    @property
    def id(self) -> str:
        """The link's id in the road graph, for example ``540102-540103``."""
        return f"{self.from_id}-{self.to_id}"


@dataclass(frozen=True, kw_only=True)
class Airport(Row):
    """An airport; `node` is the county it stands in, or the gateway it belongs to, or empty."""

    iata: Text
    icao: Text
    name_zh: Text
    name_en: Text
    lat: Latitude
    lon: Longitude
    elevation_m: Metres
    role: Text  # "other" and "foreign" have no node
    node: str = ""
    opened: Year | None = None
    in_2012: Printed
    in_2021: Printed
    source: Text
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class AirRoute(Row):
    """A pair of airports with a plausible non-stop service; a judgement, no schedule."""

    from_iata: Text
    to_iata: Text
    great_circle_km: Annotated[float, Field(ge=1, le=20_000)]
    in_openflights_2014: Printed
    plausible_2012: Printed
    plausible_2021: Printed
    domestic: Printed
    source: Text
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class Station(Row):
    """A railway station, with its km along the line from the line's first station."""

    line: Text
    seq: Annotated[int, Field(ge=1, le=10_000)]
    name_zh: Text
    name_en: Text
    lat: Latitude
    lon: Longitude
    cumulative_km: Annotated[float, Field(ge=0, le=20_000)]
    km_kind: Text
    opened_year: Annotated[int, Field(ge=1850, le=2100)] | None = None
    in_xizang: Printed
    source: Text
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class Gateway(Row):
    """A city outside the region where mail comes in and goes out; `modes` of road, rail, air."""

    id: Text
    name_zh: Text
    name_en: Text
    lat: Latitude
    lon: Longitude
    elevation_m: Metres
    modes: Parts
    iata: str = ""
    source: Text
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class Monastery(Row):
    """A main monastery, where party newspapers are delivered."""

    id: Text
    name_zh: Text
    name_en: Text
    county_code: Text
    lat: Latitude
    lon: Longitude
    source: Text
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class KnownRoute(Row):
    """A road mail route that somebody wrote of, with the stops that are named, in order of travel.

    `run_by` names the region whose post runs it; "" is this one's.
    """

    code: Text
    name: Text
    stops: Parts
    since: Year | None = None  # None: not said
    until: Year | None = None  # None: still running
    per_week: Annotated[float, Field(gt=0, le=1000)] | None = None  # None: not said
    run_by: str = ""
    use: Annotated[str, Choice(*USES)]
    seen: Annotated[str, Choice("again", "once")]
    source: Text
    read: str = ""
    note: str = ""

    def in_year(self, year: int) -> bool:
        """Whether the route is known for a year."""
        return (self.since or year) <= year <= (self.until or year)


@dataclass(frozen=True, kw_only=True)
class PlannedRoute(Row):
    """When a road mail route of a year sets out, and where it calls besides, as the operator chose."""

    year: Year
    stops: Parts  # its own, outward order
    departs_h: Annotated[float, Field(ge=0, lt=24)]
    calls: Parts = ()  # seats that it drives through and calls at, in order of travel


@dataclass(frozen=True, kw_only=True)
class PlannedRounds(Row):
    """How much later than by kind the rounds of a base set out, as the operator chose."""

    year: Year
    base: Text
    kind: Annotated[str, Choice("town", "rural")]
    later_h: Annotated[float, Field(gt=-24, lt=24)]


@dataclass(frozen=True, kw_only=True)
class KnownFigure(Row):
    """A number of another year than the reports', or of what they do not speak of; an input, never tested."""

    name: Text
    value: Annotated[float, Field(ge=0, le=1e15)]
    unit: Text
    date: Year
    precision: Annotated[float, Field(ge=0, le=1e15)]  # half-width of the rounding
    kind: Annotated[str, Choice("known", "derived")]
    seen: Annotated[str, Choice("again", "once")]
    source: Text
    read: str = ""
    quote: str = ""
    meaning: Text
