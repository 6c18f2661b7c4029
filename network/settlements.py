"""Every place of the network: county seats, townships, villages, monasteries, gateways.

The tables give the county seats, the names of all townships, the number of
villages in each and the points of some townships.  The rest is synthesised
here, marked as synthetic, from keyed draws that know no published total
(rules 1 and 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from network.assumptions import Assumptions
from network.errors import InputErrors, Problem
from network.model import Places
from network.points import Nearest, Outline, scatter
from network.roads import great_circle_km

if TYPE_CHECKING:
    from network.tables import Region

__all__ = ["build_places", "circuity", "link_km"]

# A synthetic township lies within a share of the mean distance to this many neighbouring seats: the nearest
# one alone says little about a county that is narrow on one side.
_NEIGHBOUR_SEATS = 3


def build_places(
    region: Region,
    assumptions: Assumptions,
    year: int,
    seed: int = 0,
    administrative_villages: int | None = None,
) -> Places:
    """Return all places of a region, in the order of `network.model.PLACE_KINDS`.

    Villages and committees share one block, township by township; natural
    villages follow their village's order.

    Parameters
    ----------
    region
        The tables.
    assumptions
        Radii, weights and numbers that nobody published.
    year
        The census in force: 2010 before 2020.
    seed
        Of the synthetic points.
    administrative_villages
        Published number of villages; the other places under streets are
        neighbourhood committees, largest streets first.  By default the
        assumed number of committees stands.

    Raises
    ------
    InputErrors
        If there are not enough places under streets to make up the number.
    """
    counties = _Counties.of(region, year, assumptions)
    towns = _townships(region, counties, assumptions, seed)
    villages = _villages(region, counties, towns, assumptions, seed, administrative_villages)
    naturals = _natural_villages(counties, towns, villages, assumptions, seed)
    blocks = [
        _county_block(region, counties),
        towns.block,
        villages,
        naturals,
        _monastery_block(region, counties, towns),
        _gateway_block(region),
    ]
    names = [name for name in Places.__dataclass_fields__]
    return Places(**{name: np.concatenate([getattr(block, name) for block in blocks]) for name in names})


def circuity(places: Places, assumptions: Assumptions) -> np.ndarray:
    """Return the road km per great-circle km assumed around each place (nan outside the region)."""
    by_prefecture = {
        row["prefecture"]: assumptions[f"circuity_{row['terrain']}"] for row in assumptions.table("terrain")
    }
    names, inverse = np.unique(places.prefecture, return_inverse=True)
    return np.array([by_prefecture.get(str(name), np.nan) for name in names])[inverse]


def link_km(places: Places, a: ArrayLike, b: ArrayLike, assumptions: Assumptions) -> np.ndarray:
    """Return the assumed road length between places that the road table does not link.

    Great circle times the circuity of the terrain; of two terrains the more winding.

    Parameters
    ----------
    places
        The places.
    a, b
        Rows; arrays broadcast.
    assumptions
        Circuities and the terrain of each prefecture.

    Returns
    -------
    numpy.ndarray
        km; nan where both ends lie outside the region.
    """
    a, b = np.asarray(a), np.asarray(b)
    winding = circuity(places, assumptions)
    km = great_circle_km(places.lat[a], places.lon[a], places.lat[b], places.lon[b])
    return km * np.fmax(winding[a], winding[b])


@dataclass(frozen=True, eq=False)
class _Counties:
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
    def of(cls, region: Region, year: int, assumptions: Assumptions) -> _Counties:
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
    then = np.array([np.nan if c.population_2010 is None else c.population_2010 for c in region.counties], dtype=float)
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


def _block(kind: Sequence[str] | np.ndarray, **columns: ArrayLike) -> Places:
    """Return places with everything that is not said left blank."""
    n = len(kind)
    blank: dict[str, ArrayLike] = {
        name: "" for name in ("name_zh", "name_en", "county", "prefecture", "township", "source")
    }
    blank |= {"population": 0.0, "elevation_m": np.nan}
    blank |= {name: False for name in ("urban", "in_town", "border", "synthetic")}
    data = {name: np.broadcast_to(np.asarray(value), (n,)).copy() for name, value in (blank | columns).items()}
    return Places(kind=np.array(kind, dtype=str), **data)


def _county_block(region: Region, counties: _Counties) -> Places:
    return _block(
        ["county"] * len(counties.code),
        id=counties.code,
        name_zh=[c.name_zh for c in region.counties],
        name_en=counties.name_en,
        county=counties.code,
        prefecture=counties.prefecture,
        lat=counties.lat,
        lon=counties.lon,
        elevation_m=counties.elevation_m,
        urban=True,
        in_town=True,
        border=counties.border,
        source=[c.source for c in region.counties],
    )


@dataclass(frozen=True, eq=False)
class _Townships:
    block: Places
    county: np.ndarray  # row of the county
    street: np.ndarray
    villages: np.ndarray  # how many places under each
    anchors: Nearest  # seats and known townships, owned by county rows
    outline: Outline


def _townships(region: Region, counties: _Counties, assumptions: Assumptions, seed: int) -> _Townships:
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
        mine = np.flatnonzero(county == c)
        km = great_circle_km(lat[mine], lon[mine], counties.lat[c], counties.lon[c])
        if not (km <= town_km).any():
            free = mine[np.isnan(lat[mine])]
            named = free[np.isin(kind[free], ("town", "street"))]
            first = np.concatenate([named, free])[:1]
            lat[first], lon[first] = counties.lat[c], counties.lon[c]

    free = np.flatnonzero(np.isnan(lat))
    own = county[free]

    def judge(rows: np.ndarray, p_lat: np.ndarray, p_lon: np.ndarray) -> np.ndarray:
        mine = (seats.owner(p_lat, p_lon) == own[rows]) & (anchors.owner(p_lat, p_lon) == own[rows])
        return 2 * mine + (mine & outline.inside(p_lat, p_lon))

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
    block = _block(
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
    return _Townships(
        block, county, kind == "street", np.array([t.villages for t in rows]), anchors, outline
    )


def _committees(towns: _Townships, assumptions: Assumptions, administrative_villages: int | None) -> np.ndarray:
    """Return how many places of each township are neighbourhood committees, largest streets first."""
    under_streets = int(towns.villages[towns.street].sum())
    total = int(towns.villages.sum())
    if administrative_villages is None:
        left = round(assumptions["committees_under_streets"])
    else:
        left = total - administrative_villages
    if not 0 <= left <= under_streets:
        allowed = f"{total - under_streets} to {total}: of {total} places {under_streets} lie under streets"
        raise InputErrors([Problem("report", "", "administrative_villages", total - left, allowed)])
    out = np.zeros(len(towns.villages), dtype=int)
    streets = np.flatnonzero(towns.street)
    for row in streets[np.argsort(-towns.villages[streets], kind="stable")]:
        out[row] = min(left, towns.villages[row])
        left -= int(out[row])
    return out


def _villages(
    region: Region,
    counties: _Counties,
    towns: _Townships,
    assumptions: Assumptions,
    seed: int,
    administrative_villages: int | None,
) -> Places:
    block = towns.block
    town = np.repeat(np.arange(len(towns.villages)), towns.villages)
    number = np.arange(len(town)) - np.searchsorted(town, town)
    committees = _committees(towns, assumptions, administrative_villages)
    is_committee = number < committees[town]
    number = np.where(is_committee, number, number - committees[town]) + 1
    ids = np.array(
        [
            f"{block.id[t]}-{'c' if c else 'v'}{n:02d}"
            for t, c, n in zip(town, is_committee, number, strict=True)
        ]
    )
    county = towns.county[town]
    lat, lon = _around(block, town, county, ids, assumptions["village_radius_km"], towns, seed, "village point")
    weight = np.where(is_committee, assumptions["committee_weight"], 1.0)
    by_county = np.bincount(county, weights=weight, minlength=len(counties.code))
    label = np.where(is_committee, "居委会", "村")
    return _block(
        np.where(is_committee, "committee", "village"),
        id=ids,
        name_zh=[f"{block.name_zh[t]}{z}{n:02d}" for t, z, n in zip(town, label, number, strict=True)],
        name_en=[
            f"{block.name_en[t]} {'committee' if c else 'village'} {n:02d}"
            for t, c, n in zip(town, is_committee, number, strict=True)
        ],
        county=counties.code[county],
        prefecture=counties.prefecture[county],
        township=block.id[town],
        lat=lat,
        lon=lon,
        elevation_m=counties.elevation_m[county],
        population=counties.population[county] * weight / by_county[county],
        urban=is_committee | block.in_town[town],
        in_town=block.in_town[town],
        border=counties.border[county],
        synthetic=True,
        source="number: townships.csv; point: synthetic; people: census of the county, split by weight",
    )


def _natural_villages(
    counties: _Counties, towns: _Townships, villages: Places, assumptions: Assumptions, seed: int
) -> Places:
    each = round(assumptions["natural_villages_per_border_village"])
    parent = np.repeat(np.flatnonzero(villages.border & (villages.kind == "village")), each)
    number = np.tile(np.arange(1, each + 1), len(parent) // each)
    ids = np.array([f"{villages.id[p]}-n{n}" for p, n in zip(parent, number, strict=True)], dtype=str)
    row_of = {str(code): i for i, code in enumerate(counties.code)}
    county = np.array([row_of[str(code)] for code in villages.county[parent]], dtype=int)
    radius = assumptions["natural_village_radius_km"]
    lat, lon = _around(villages, parent, county, ids, radius, towns, seed, "natural village point")
    return _block(
        ["natural_village"] * len(parent),
        id=ids,
        name_zh=[f"{villages.name_zh[p]}自然村{n}" for p, n in zip(parent, number, strict=True)],
        name_en=[f"{villages.name_en[p]} hamlet {n}" for p, n in zip(parent, number, strict=True)],
        county=villages.county[parent],
        prefecture=villages.prefecture[parent],
        township=villages.township[parent],
        lat=lat,
        lon=lon,
        elevation_m=villages.elevation_m[parent],
        border=True,
        synthetic=True,
        source="number and point: synthetic; people: counted in the village",
    )


def _around(
    centres: Places,
    centre: np.ndarray,
    county: np.ndarray,
    ids: np.ndarray,
    radius_km: float,
    towns: _Townships,
    seed: int,
    purpose: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Scatter points around places: on their county's ground, and where possible on their township's."""
    if not len(ids):
        return np.empty(0), np.empty(0)
    block = towns.block
    nearest_town = Nearest(block.lat, block.lon, block.id)
    own_town = centres.township[centre]
    lat, lon = centres.lat[centre], centres.lon[centre]

    def judge(rows: np.ndarray, p_lat: np.ndarray, p_lon: np.ndarray) -> np.ndarray:
        mine = towns.anchors.owner(p_lat, p_lon) == county[rows]
        near = nearest_town.owner(p_lat, p_lon) == own_town[rows]
        return mine * (4 + 2 * towns.outline.inside(p_lat, p_lon) + near)

    return scatter(
        lat,
        lon,
        np.full(len(ids), radius_km),
        ids,
        judge,
        needed=4,
        best=7,
        safe_km=lambda row: towns.anchors.slack_km(float(lat[row]), float(lon[row]), county[row]),
        seed=seed,
        purpose=purpose,
    )


def _monastery_block(region: Region, counties: _Counties, towns: _Townships) -> Places:
    rows = region.monasteries
    row_of = {str(code): i for i, code in enumerate(counties.code)}
    county = np.array([row_of[m.county_code] for m in rows], dtype=int)
    lat = np.array([m.lat for m in rows], dtype=float)
    lon = np.array([m.lon for m in rows], dtype=float)
    block = towns.block
    town = []
    for c, a, b in zip(county, lat, lon, strict=True):
        mine = np.flatnonzero(towns.county == c)
        town.append(mine[np.argmin(great_circle_km(a, b, block.lat[mine], block.lon[mine]))])
    nearest = np.array(town, dtype=int)
    return _block(
        ["monastery"] * len(rows),
        id=[m.id for m in rows],
        name_zh=[m.name_zh for m in rows],
        name_en=[m.name_en for m in rows],
        county=counties.code[county],
        prefecture=counties.prefecture[county],
        township=block.id[nearest],
        lat=lat,
        lon=lon,
        elevation_m=counties.elevation_m[county],
        in_town=block.in_town[nearest],
        border=counties.border[county],
        source=[m.source for m in rows],
    )


def _gateway_block(region: Region) -> Places:
    rows = region.gateways
    return _block(
        ["gateway"] * len(rows),
        id=[g.id for g in rows],
        name_zh=[g.name_zh for g in rows],
        name_en=[g.name_en for g in rows],
        lat=[g.lat for g in rows],
        lon=[g.lon for g in rows],
        elevation_m=[float(g.elevation_m) for g in rows],
        source=[g.source for g in rows],
    )
