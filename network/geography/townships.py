"""County seats and townships: the known points, and synthetic ones where none is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from network.errors import InputErrors, Problem
from network.geography.points import Nearest, Outline, scatter
from network.geography.roads import great_circle_km
from network.inputs.assumptions import Assumptions
from network.model.records import Places

if TYPE_CHECKING:
    from network.inputs.tables import Region

__all__ = ["Counties", "Townships", "build_townships", "make_places"]

# A synthetic township lies within a share of the mean distance to this many neighbouring seats: the nearest
# one alone says little about a county that is narrow on one side.
_NEIGHBOUR_SEATS = 3


@dataclass(frozen=True, eq=False)
class Counties:
    """The county seats, as parallel arrays."""

    code: np.ndarray
    name_en: np.ndarray
    prefecture: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    elevation_m: np.ndarray
    border: np.ndarray
    population: np.ndarray
    reach_km: np.ndarray  # mean distance to the nearest other seats

    @classmethod
    def of(cls, region: Region, year: int, assumptions: Assumptions) -> Counties:
        """Read the seats of a region, with the people of the census in force."""
        rows = region.counties
        lat = np.array([c.lat for c in rows], dtype=float)
        lon = np.array([c.lon for c in rows], dtype=float)
        km = great_circle_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
        others = np.sort(km, axis=1)[:, 1 : 1 + _NEIGHBOUR_SEATS]
        return cls(
            code=np.array([c.code for c in rows]),
            name_en=np.array([c.name_en for c in rows]),
            prefecture=np.array([c.prefecture for c in rows]),
            lat=lat,
            lon=lon,
            elevation_m=np.array([c.elevation_m for c in rows], dtype=float),
            border=np.array([bool(c.border) for c in rows]),
            population=_census(region, year, assumptions),
            # A region of one county has no neighbour to measure by.
            reach_km=others.mean(axis=1) if others.size else np.full(len(rows), 100.0),
        )


def _census(region: Region, year: int, assumptions: Assumptions) -> np.ndarray:
    """Return people by county in the census in force; a county counted in another gets its later share."""
    now = np.array([c.population_2020 for c in region.counties], dtype=float)
    if year >= 2020:
        return now
    row = {c.code: i for i, c in enumerate(region.counties)}
    then = np.array(
        [np.nan if c.population_2010 is None else c.population_2010 for c in region.counties], dtype=float
    )
    for line in assumptions.table("census_2010_inside"):
        part, whole = row.get(line["county"]), row.get(line["inside"])
        if part is not None and whole is not None and np.isnan(then[part]):
            share = now[part] / (now[part] + now[whole])
            then[part], then[whole] = share * then[whole], (1 - share) * then[whole]
    missing = [str(region.counties[i].code) for i in np.flatnonzero(np.isnan(then))]
    if missing:
        allowed = "a number of people, or a row in census_2010_inside"
        raise InputErrors([Problem("counties.csv", code, "population_2010", "", allowed) for code in missing])
    return then


def make_places(kind: Sequence[str] | np.ndarray, **columns: ArrayLike) -> Places:
    """Return places with everything that is not said left blank."""
    n = len(kind)
    blank: dict[str, ArrayLike] = {
        name: "" for name in ("name_zh", "name_en", "county", "prefecture", "township", "source")
    }
    blank |= {"population": 0.0, "elevation_m": np.nan}
    blank |= {name: False for name in ("urban", "in_town", "border", "synthetic")}
    data = {
        name: np.broadcast_to(np.asarray(value), (n,)).copy() for name, value in (blank | columns).items()
    }
    return Places(kind=np.array(kind, dtype=str), **data)


@dataclass(frozen=True, eq=False)
class Townships:
    """The townships, in order of county and code."""

    places: Places
    county: np.ndarray  # row of the county
    street: np.ndarray
    villages: np.ndarray  # how many places under each
    anchors: Nearest  # seats and known townships, owned by county rows
    outline: Outline


def build_townships(region: Region, counties: Counties, assumptions: Assumptions, seed: int) -> Townships:
    """Return the townships: known points, one town at every seat, the others scattered around it.

    The nearest county seat of a synthetic township is its own, and so is the
    owner of the nearest known point.
    """
    row_of = {str(code): i for i, code in enumerate(counties.code)}
    rows = [t for t in region.townships if not t.functional_zone]
    rows.sort(key=lambda t: (row_of[t.county_code], t.code))
    code = np.array([t.code for t in rows])
    county = np.array([row_of[t.county_code] for t in rows])
    lat = np.array([np.nan if t.lat is None else t.lat for t in rows], dtype=float)
    lon = np.array([np.nan if t.lon is None else t.lon for t in rows], dtype=float)
    kind = np.array([t.kind for t in rows])
    known = ~np.isnan(lat)
    town_km = assumptions["town_radius_km"]
    anchors = Nearest(
        np.concatenate([counties.lat, lat[known]]),
        np.concatenate([counties.lon, lon[known]]),
        np.concatenate([np.arange(len(counties.code)), county[known]]),
    )
    seats = Nearest(counties.lat, counties.lon, np.arange(len(counties.code)))
    outline = Outline(np.concatenate([counties.lat, lat[known]]), np.concatenate([counties.lon, lon[known]]))

    # Every county has a town at its seat: a known township close by, or the first town or street of its list.
    for c in range(len(counties.code)):
        in_county = np.flatnonzero(county == c)
        km = great_circle_km(lat[in_county], lon[in_county], counties.lat[c], counties.lon[c])
        if not (km <= town_km).any():
            free = in_county[np.isnan(lat[in_county])]
            named = free[np.isin(kind[free], ("town", "street"))]
            first = np.concatenate([named, free])[:1]
            lat[first], lon[first] = counties.lat[c], counties.lon[c]

    free = np.flatnonzero(np.isnan(lat))
    own = county[free]

    def judge(rows: np.ndarray, p_lat: np.ndarray, p_lon: np.ndarray) -> np.ndarray:
        inside = (seats.owner(p_lat, p_lon) == own[rows]) & (anchors.owner(p_lat, p_lon) == own[rows])
        return 2 * inside + (inside & outline.inside(p_lat, p_lon))

    radius = assumptions["township_radius_share"] * counties.reach_km[own]
    # A street is part of a town by its name.
    radius = np.where(kind[free] == "street", np.minimum(radius, town_km), radius)
    lat[free], lon[free] = scatter(
        counties.lat[own],
        counties.lon[own],
        radius,
        code[free],
        judge,
        needed=2,
        best=3,
        safe_km=lambda row: anchors.slack_km(
            float(counties.lat[own[row]]), float(counties.lon[own[row]]), own[row]
        ),
        seed=seed,
        purpose="township point",
    )
    in_town = great_circle_km(lat, lon, counties.lat[county], counties.lon[county]) <= town_km
    order = np.arange(len(rows)) - np.searchsorted(county, county) + 1
    places = make_places(
        ["township"] * len(rows),
        id=code,
        name_zh=[t.name_zh for t in rows],
        name_en=[f"{counties.name_en[c]} {k} {i:02d}" for c, k, i in zip(county, kind, order, strict=True)],
        county=counties.code[county],
        prefecture=counties.prefecture[county],
        township=code,
        lat=lat,
        lon=lon,
        elevation_m=counties.elevation_m[county],
        urban=in_town,
        in_town=in_town,
        border=counties.border[county],
        synthetic=~known,
        source=[
            f"name: townships.csv; point: {t.coord_source}" if k else "name: townships.csv; point: synthetic"
            for t, k in zip(rows, known, strict=True)
        ],
    )
    return Townships(places, county, kind == "street", np.array([t.villages for t in rows]), anchors, outline)
