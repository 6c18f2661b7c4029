"""One row of each table of a region; the fields are the columns of the CSV file.

Degrees are WGS-84, distances km, elevations metres.  `source` says where the
row comes from and `confidence` how far to trust it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from network.inputs.csv_tables import Column

__all__ = ["AirRoute", "Airport", "County", "Gateway", "Monastery", "Road", "Station", "Township"]

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
